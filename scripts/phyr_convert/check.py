# SPDX-License-Identifier: GPL-2.0
"""phyr-convert check: what a patch must stand before anybody is asked to read it.

That the result is right is for tests and reviewers; see the porting guide.
"""

import os
import re
import shutil
import subprocess
import tempfile

from .convert import Converter
from .failure import Failure
from .overlay import ARCH, Overlay
from .report import _CALL
from .rewrite import Refusal

_FILE = re.compile(r"^\+\+\+ b/(\S+)", re.M)
_NEW = re.compile(r"^\+[^+].*\bstruct (?:phyr_table|dma_phyr)\s*\**\s*(\w+)\s*[;=,)\[]", re.M)
_SG = r"(?:sg_\w+|dma_(?!phyr_)\w*sg\w*|for_each_sg\w*|\w*_slave_sg|scsi_\w*sg\w*)"


def patched(tree, patch):
    """The texts after a patch, {path: text}; a Failure if it does not apply."""
    with open(patch, encoding="utf-8") as f:
        text = f.read()
    paths = _FILE.findall(text)
    if not paths:
        raise Failure(f"{patch} is no patch: it names no file")
    for path in paths:
        if not tree.exists(path):
            raise Failure(f"{patch} is for {path}, which {tree.top} does not have")
    scratch = tempfile.mkdtemp(prefix="phyr-convert-")
    try:
        for path in paths:
            os.makedirs(os.path.dirname(os.path.join(scratch, path)), exist_ok=True)
            with open(os.path.join(scratch, path), "w", encoding="utf-8") as f:
                f.write(tree.text(path))
        _patch(patch, scratch)
        new = {p: _read(os.path.join(scratch, p)) for p in paths}
        _patch(patch, scratch, "-R")
        for path in paths:
            if _read(os.path.join(scratch, path)) != tree.text(path):
                raise Failure(f"{patch} does not reverse to what {path} was")
    finally:
        shutil.rmtree(scratch)
    return text, new


def _read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def _patch(patch, where, *options):
    if not shutil.which("patch"):
        raise Failure("patch is not there; install it")
    done = subprocess.run(["patch", "-p1", "--fuzz=0", "-s", "-f", *options, "-i",
                           os.path.abspath(patch)], cwd=where, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise Failure(f"{patch} does not {'reverse' if options else 'apply'}: "
                      f"{said[0] if said else 'patch failed'}")


class Check:
    """Checks of patches against one tree."""

    def __init__(self, tree, spatch, work, say):
        self.tree = tree
        self.spatch = spatch
        self.overlay = Overlay(tree, work, say)
        self.before = {}

    def faults(self, patch, compile_=True):
        """What is wrong with a patch, one line each."""
        try:
            text, new = patched(self.tree, patch)
        except Failure as e:
            return [str(e)]
        sources = [p for p in new if p.endswith(".c")]
        out = []
        self.overlay.show({})
        if compile_:
            for path in sources:
                if path not in self.before:
                    self.before[path] = self.overlay.compile(path)
        self.overlay.show(new)
        view = self.overlay.tree()
        for path, lines in self.spatch.unparsed(view, sources).items():
            out.append(f"{path}: spatch cannot parse: {lines[0]}")
        out += list(self._residue(text, new))
        out += list(self._again(view, sources))
        if compile_:
            for path in sources:
                out += list(self._compiled(path))
        return out

    @staticmethod
    def _residue(text, new):
        """A scatterlist call that still names what is no scatterlist any more."""
        for name in sorted(set(_NEW.findall(text))):
            for path, content in new.items():
                if not re.search(rf"(?:->|\.){name}\b", content):
                    continue            # a local one: the compiler tells
                for m in re.finditer(rf"\b{_SG}\s*\([^;{{}}]*?(?:->|\.){name}\b", content):
                    line = content.count("\n", 0, m.start()) + 1
                    yield f"{path}:{line}: {m.group().split('(')[0]}() of {name} is left"

    def _again(self, view, sources):
        """Would a second run change anything?"""
        for path in sources:
            if not _CALL.search(view.text(path)):
                continue
            try:
                texts, _, _ = Converter(view, self.spatch).file(path)
            except Refusal:
                continue
            if any(t != view.text(p) for p, t in (texts or {}).items()):
                yield f"{path}: a second run changes it again"

    def _compiled(self, path):
        warned, failed = self.before[path]
        if failed:
            yield f"{path}: not compiled: the unchanged file does not compile here: {failed[0]}"
            return
        warnings, errors = self.overlay.compile(path)
        for e in errors[:3]:
            yield f"{path}: does not compile: {e}"
        for w in warnings:
            if warnings.count(w) > warned.count(w):
                yield f"{path}: a new warning: {w}"
                return


class Together:
    """All patches at once, and each file compiled that they change or that maps a scatterlist."""

    def __init__(self, tree, overlay, say):
        self.tree = tree
        self.overlay = overlay
        self.say = say
        self.texts = {}

    def apply(self, patches):
        """Apply them one behind the other; what does not go is told."""
        for patch in patches:
            try:
                self.texts.update(patched(self.tree.with_texts(self.texts), patch)[1])
            except Failure as e:
                yield str(e)

    def compile(self):
        """What compiles without the patches and not with them; what never does is told."""
        paths = {p for p in self.tree.all_users() if _CALL.search(self.tree.text(p))}
        paths = sorted(paths | {p for p in self.texts if p.endswith(".c")})
        self.say(f"compiling {len(paths)} files with all patches")
        self.overlay.show(self.texts)
        failed = self._build(paths)
        self.overlay.show({})
        never = self._build(sorted(failed), quiet=True)
        for path, why in failed.items():
            if path in never:
                print(f"{path}: not compiled: neither with nor without the patches: {why}")
            else:
                yield f"{path}: does not compile with all patches: {why}"

    def _build(self, paths, quiet=False):
        """What compiles neither here nor for the other machine."""
        failed = self.overlay.build(paths)
        if not quiet:
            print(f"{len(paths) - len(failed)} files compile for {ARCH}")
        other = self.overlay.other()
        if not failed or not other:
            return failed
        left = self.overlay.build(sorted(failed), other)
        if not quiet:
            print(f"{len(failed) - len(left)} more compile for {other}")
        return {path: failed[path] for path in left}


def main(tree, spatch, args, say):
    """Run the command."""
    if not tree.has_phyr():
        raise Failure(f"{tree.top} does not have phyr, which what is converted calls; give a "
                      "tree that has, with --tree")
    patches = []
    for path in args.paths:
        if os.path.isdir(path):
            found = sorted(os.path.join(path, n) for n in os.listdir(path)
                           if n.endswith(".patch"))
            if not found:
                raise Failure(f"there is no patch in {path}")
            patches += found
        elif os.path.isfile(path):
            patches.append(path)
        else:
            raise Failure(f"{path} does not exist; name a patch or a directory of patches")
    check = Check(tree, spatch, args.work, say)
    if not args.no_compile:
        check.overlay.prepare()
    if args.together:
        together = Together(tree, check.overlay, say)
        faults = list(together.apply(patches))
        faults += [] if args.no_compile else list(together.compile())
        print(f"{len(patches)} patches together: {'good' if not faults else 'bad'}")
        for fault in faults:
            print(f"  {fault}", flush=True)
        return 1 if faults else 0
    bad = 0
    for patch in patches:
        faults = check.faults(patch, not args.no_compile)
        print(f"{patch}: {'good' if not faults else 'bad'}", flush=True)
        for fault in faults:
            print(f"  {fault}", flush=True)
        bad += bool(faults)
    say(f"{len(patches) - bad} of {len(patches)} patches are good")
    return 1 if bad else 0
