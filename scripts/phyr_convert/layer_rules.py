# SPDX-License-Identifier: GPL-2.0
"""The semantic patches of coccinelle/phyr/convert/: one for each shape that lists have.

A semantic patch skips what it does not match and says nothing.  So it is run over all the
files of a driver that hold the list or use it, and what comes of that is only taken if the
mapping calls have gone, nothing that held the list has a scatterlist's type any more, and
spatch can parse the result.
"""

import os
import re
import shutil
import tempfile

from . import frameworks as fw
from .classify import Classifier
from .relayout import relayout
from .rewrite import Refusal
from .tree import MANY, TOPS

CLASSES = ("A1", "A2", "A3p", "A3s", "A3d")
# Those whose list nobody else's is mixed with: no scatterlist may be left of it.
_PRIVATE = ("A1", "A2", "A3p")
# More files than that are no driver.
_FILES = 80

_TABLE = re.compile(r"\bstruct sg_table\s+\*?(\w+);")
_PROTOTYPE = re.compile(r"\b(\w+) ?(\([^(){};]*\)) ?;")
# What is code of CONFIG_PHYR; the rest is types.
_BUILT = re.compile(r"\b\w*phyr\w*\(")


class Rule:
    """One semantic patch: its options, what it is for, the words that it needs."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)
        with open(path, encoding="utf-8") as f:
            text = f.read()
        self.options = self._line(text, "Options").split()
        self.words = [w for w in re.split(r"[,\s]+", self._line(text, "Keywords")) if w]
        self.about = "\n".join(re.findall(r"^/// ?(.*)", text, re.M)).strip() + "\n"

    @staticmethod
    def _line(text, what):
        m = re.search(rf"^// {what}: *(.*)", text, re.M)
        return m.group(1) if m else ""

    @staticmethod
    def needs_phyr(text):
        """Does a text call what CONFIG_PHYR builds?"""
        return bool(_BUILT.search(text))

    def may_match(self, texts):
        """Are the words that it cannot do without in these files?"""
        return all(any(w in text for text in texts.values()) for w in self.words)


class _Folder:
    """Where files are copied to, as spatch.unparsed() wants a tree."""

    def __init__(self, top):
        self.top = top


class Rules:
    """All of them, for the drivers of one tree."""

    def __init__(self, tree, spatch):
        self.tree = tree
        self.spatch = spatch
        self.rules = []
        folder = os.path.join(spatch.folder, "convert")
        if os.path.isdir(folder):
            self.rules = [Rule(os.path.join(folder, n)) for n in sorted(os.listdir(folder))
                          if n.endswith(".cocci")]

    def files(self, group, places, path):
        """What has to be given to spatch at once: {path: text}."""
        paths = {path}
        for place in places:
            paths |= {p for p, _ in group.uses[place]}
            if place[0] in "mvgr" and place[1]:
                paths.add(place[1])
        # Members whose structure was not found, and prototypes of what is given or returns it
        words = {place[2] for place in places if place[0] == "u"}
        words |= {place[2] for place in places if place[0] in "vr" and len(place) > 2}
        for p in group.files:
            if p not in paths and p.endswith(".h") and any(
                    re.search(rf"\b{re.escape(w)}\b", self.tree.text(p)) for w in words):
                paths.add(p)
        paths |= self._callers(places)
        # A header of all drivers is one of this driver's if it declares what holds the list
        held = {place[1] for place in places if place[0] == "m"}
        for place in places:
            if place[0] == "m" and place[1].startswith("include/"):
                paths |= self._sharers(place[1], place[3])
        mine = sorted(p for p in paths if not p.startswith("include/") or p in held)
        return {p: self.tree.text(p) for p in mine} if len(mine) <= _FILES else {}

    def near(self, path):
        """The files of the driver that a file is of: up to where its Kconfig is."""
        where, best = os.path.dirname(path), []
        while where.count("/") > 1:
            paths = self.tree.under(where)
            if len(paths) > MANY:
                break
            best = paths
            if self.tree.exists(where + "/Kconfig"):
                break
            where = os.path.dirname(where)
        return best

    def _callers(self, places):
        """The driver's files that call what takes or returns the list, and is not static; and
        the headers that declare what such files hold lists in."""
        out = set()
        for path, name in {(p[1], p[2]) for p in places if p[0] in "vr" and p[1]}:
            f = self.tree.source(path).functions.get(name)
            if f and not f.static and path.endswith(".c"):
                near = self.near(path)
                # Who has a function of that name of his own is of another driver
                out |= {p for p in near if p not in out and
                        re.search(rf"\b{name}\b", self.tree.text(p)) and
                        (p == path or name not in self.tree.source(p).functions)}
                said = " ".join(self.tree.text(p) for p in out if p.endswith(".c"))
                out |= {p for p in near if p.endswith(".h") and any(
                    re.search(rf"(->|\.){m}\b", said) for m in
                    _TABLE.findall(self.tree.text(p)))}
        return out

    def _strangers(self, changed):
        """Who calls a function whose prototype in a header was changed, and was not looked at."""
        for path in sorted(p for p in changed if p.endswith(".h")):
            old, new = (set(_PROTOTYPE.findall(_outside(text)))
                        for text in (self.tree.text(path), changed[path]))
            for name, _ in sorted(old - new):
                for p in set(self.near(path)) | set(self.tree.all_users()):
                    if p not in changed and p.endswith(".c") and \
                            re.search(rf"\b{name}\(", self.tree.text(p)):
                        return Refusal(p, 1, "incomplete", f"{name}() is called here, too")
        return None

    def _sharers(self, header, member):
        """Files of all directories that may use a member of a structure of a header."""
        lines = {f"<{header.removeprefix('include/')}>"}
        for path in self.tree.files([os.path.dirname(header)]):
            if any(line in self.tree.text(path) for line in lines):
                lines.add(f"<{path.removeprefix('include/')}>")
        use = re.compile(rf"(?:->|\.)\s*{re.escape(member)}\b")
        out = set()
        for path in self.tree.files(TOPS):
            if not use.search(self.tree.raw(path, member.encode())):
                continue
            near = [path, *self.tree.directory(os.path.dirname(path), (".h",))]
            if any(line in self.tree.text(p) for p in near for line in lines):
                out.add(path)
        return out

    def convert(self, group, path, wanted, classes):
        """What the first rule that takes all of a file's lists makes of it.

        wanted: [(facts of a call, places that hold its list)]; classes: theirs, by line.
        Returns ({path: text}, Rule), or (None, None) if no rule matches anything; a
        Refusal if one takes a part of it only.
        """
        texts = self.files(group, set().union(*(places for _, places in wanted)), path)
        part = None
        for rule in self.rules:
            if not rule.may_match(texts):
                continue
            changed, bad = self._run(rule, texts)
            if not changed:
                continue
            part = bad or self._left(wanted, classes, changed) or self._strangers(changed)
            if not part:
                return changed, rule
        if part:
            raise part
        return None, None

    def _run(self, rule, texts):
        """The files that a rule changes, and why the result is not to be had."""
        scratch = tempfile.mkdtemp(prefix="phyr-convert-")
        try:
            if not any(path.startswith("include/") for path in texts):
                os.symlink(os.path.join(os.path.abspath(self.tree.top), "include"),
                           os.path.join(scratch, "include"))
            for path, text in texts.items():
                full = os.path.join(scratch, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as f:
                    f.write(text)
            self.spatch.run(["--very-quiet", "-D", "patch", *rule.options,
                             *self.spatch.macros(), "--sp-file", rule.path, "--in-place"],
                            scratch, sorted(texts))
            changed = {}
            for path, text in texts.items():
                with open(os.path.join(scratch, path), encoding="utf-8") as f:
                    got = f.read()
                if got != text:
                    changed[path] = relayout(text, got)
            bad = self.spatch.unparsed(_Folder(scratch), [
                p for p in sorted(changed) if p.endswith(".c")])
            for path, lines in bad.items():
                return changed, Refusal(path, 1, "unparsed", lines[0])
            return changed, None
        finally:
            shutil.rmtree(scratch)

    def _left(self, wanted, classes, changed):
        """What a rule has not taken of the lists, as a Refusal, or None."""
        after = Classifier(self.tree.with_texts(changed))
        for path in sorted({f.path for f, _ in wanted}):
            for s in after.sites(path):
                # One that a function takes which nobody knows may be what is left, too
                if s["class"] in CLASSES or s["class"] == "B-other" and \
                        s["reason"] == "framework-sink":
                    return Refusal(path, s["line"], "incomplete", f"{s['api']}() is left")
            group = after.group(path)
            group.add(sorted(changed))
            for facts, places in wanted:
                if facts.path != path:
                    continue
                private = classes[facts.line] in _PRIVATE
                for place in sorted(places, key=str):
                    left = _holder_left(after.tree, group, place, private)
                    if left:
                        return Refusal(*left, "incomplete", place[-1])
        return None


def _outside(text):
    """What is in no braces, on one line: the bodies of a header's functions call, too."""
    text, n = re.sub(r"\s+", " ", text), 1
    while n:
        text, n = re.subn(r"\{[^{}]*\}", " ", text)
    return text


def _holder_left(tree, group, place, private):
    """Where a variable or member that held the list still is one, or is used."""
    if place[0] not in "vmg" or not place[1]:
        return None
    d = _declaration(tree, place)
    if d:
        return (place[1], d.line) if private and d.base in fw.SG_TYPES else None
    if place[0] == "m":
        return next(iter(sorted(group.missing[place[2], place[3]])), None)
    f = tree.source(place[1]).functions.get(place[2]) if place[0] == "v" else None
    for j in range(f.start, f.end) if f else ():
        tok, before = f.source.tokens[j], f.source.tokens[j - 1].text
        if tok.kind == "id" and tok.text == place[3] and before not in ("->", "."):
            return f.source.path, tok.line
    return None


def _declaration(tree, place):
    """The declaration of a variable or member, or None if it has gone."""
    source = tree.source(place[1])
    if place[0] == "v":
        f = source.functions.get(place[2])
        return f.names.get(place[3]) if f else None
    if place[0] == "m":
        st = source.structs.get(place[2])
        return st.members.get(place[3]) if st else None
    return source.globals.get(place[2])
