# SPDX-License-Identifier: GPL-2.0
"""A view of a kernel tree in which some files are other ones, and compiling there.

It is made of symbolic links, so that the tree itself is never touched.
"""

import os
import re
import shutil
import subprocess

from .failure import Failure
from .tree import Tree

# Where a file is compiled: what it was asked on, or else on the other one.
ARCHES = {"x86_64": ("x86_64", "x86_64-linux-gnu-"), "aarch64": ("arm64", "aarch64-linux-gnu-")}
ARCH = os.uname().machine


class Overlay:
    """A tree below a work directory: work/src is the view, work/obj where it is built, and
    work/obj-MACHINE where it is for another machine than this one."""

    def __init__(self, tree, work, say):
        self.base = tree
        self.src = os.path.join(os.path.abspath(work), "src")
        self.work = os.path.abspath(work)
        self.say = say
        self.machine = {}       # file -> the machine that it is compiled for
        self.show({})

    def show(self, texts):
        """Make the view that has these texts, {path: text}, and is the tree otherwise."""
        if os.path.isdir(self.src):
            shutil.rmtree(self.src)
        os.makedirs(self.src)
        self._fill("", sorted(texts))
        for path, text in texts.items():
            full = os.path.join(self.src, path)
            if os.path.islink(full):
                os.unlink(full)
            with open(full, "w", encoding="utf-8") as f:
                f.write(text)

    def _fill(self, here, paths):
        """Link what is in a directory; descend only where something differs."""
        below = {}
        prefix = here + "/" if here else ""
        for path in paths:
            rest = path[len(prefix):]
            if "/" in rest:
                below.setdefault(rest.split("/")[0], []).append(path)
        for name in os.listdir(os.path.join(self.base.top, here)):
            if name in (".git", ".pc"):
                continue
            if name in below:
                os.mkdir(os.path.join(self.src, here, name))
                self._fill(prefix + name, below[name])
            else:
                os.symlink(os.path.join(self.base.top, here, name),
                           os.path.join(self.src, here, name))

    def tree(self):
        """The view, as a tree."""
        return Tree(self.src)

    def _obj(self, machine):
        return os.path.join(self.work, "obj" if machine == ARCH else f"obj-{machine}")

    def _make(self, machine, *what, check=True):
        arch, cross = ARCHES.get(machine, (machine, ""))
        cross = "" if machine == ARCH else cross
        cc = [f"CC=ccache {cross}gcc"] if shutil.which("ccache") else []
        cc += [f"ARCH={arch}"] if machine in ARCHES else []
        cc += [f"CROSS_COMPILE={cross}"] if cross else []
        obj = self._obj(machine)
        env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
        env["LC_ALL"] = "C"
        env["KCFLAGS"] = "-fdiagnostics-color=never"
        done = subprocess.run(
            ["make", "-C", self.src, f"O={obj}", f"-j{os.cpu_count() or 1}", *cc, *what],
            capture_output=True, text=True, errors="replace", env=env, check=False)
        if check and done.returncode:
            last = [line for line in (done.stdout + done.stderr).splitlines()
                    if re.search(r"error|\*\*\*", line)] or ["no output"]
            raise Failure(f"make {' '.join(what)} in {obj} failed: {last[0]}")
        return done

    def prepare(self, machine=ARCH):
        """Configure for as many drivers as there are, once."""
        for tool in ("make", "gcc", "flex", "bison", "bc"):
            if not shutil.which(tool):
                raise Failure(f"{tool} is not there, and check compiles; install it")
        obj = self._obj(machine)
        if os.path.exists(os.path.join(obj, ".prepared")):
            return
        os.makedirs(obj, exist_ok=True)
        self.say(f"configuring a kernel with all drivers (allmodconfig) for {machine}")
        self._make(machine, "allmodconfig")
        # Neither changes what a single object is compiled to say
        for off in ("WERROR", "DEBUG_INFO_BTF", "MODULE_SIG", "GCC_PLUGINS", "RUST"):
            subprocess.run([os.path.join(self.src, "scripts/config"), "--file",
                            os.path.join(obj, ".config"), "-d", off], check=False)
        self._make(machine, "olddefconfig")
        self.say("building what the compiler needs (modules_prepare)")
        self._make(machine, "modules_prepare")
        with open(os.path.join(obj, ".prepared"), "w", encoding="utf-8"):
            pass

    def other(self):
        """Another machine that this one has a compiler for, or None."""
        for machine, (_, cross) in ARCHES.items():
            if machine != ARCH and shutil.which(cross + "gcc"):
                return machine
        return None

    def compile(self, path):
        """Compile one file with W=1: (its warnings without line numbers, errors).

        What this machine cannot build is compiled for another one, then and later.
        """
        if path in self.machine:
            return self._compile(self.machine[path], path)
        warnings, errors = self._compile(ARCH, path)
        other = self.other() if errors else None
        if other:
            self.prepare(other)
            got = self._compile(other, path)
            if not got[1]:
                self.machine[path] = other
                return got
        if not errors:
            self.machine[path] = ARCH
        return warnings, errors

    def build(self, paths, machine=ARCH):
        """Compile many files at once: {file that does not compile: why}."""
        self.prepare(machine)
        obj = self._obj(machine)
        for path in paths:
            built = os.path.join(obj, path[:-2] + ".o")
            if os.path.exists(built):
                os.unlink(built)
        done = self._make(machine, "-k", *[p[:-2] + ".o" for p in paths], check=False)
        said = (done.stdout + done.stderr).splitlines()
        out = {}
        for path in paths:
            if not os.path.exists(os.path.join(obj, path[:-2] + ".o")):
                why = [line for line in said if path[:-2] in line and re.search(
                    r"error:|\*\*\*", line)] + ["not built"]
                out[path] = why[0].strip()
        return out

    def _compile(self, machine, path):
        target = path[:-2] + ".o"
        built = os.path.join(self._obj(machine), target)
        if os.path.exists(built):
            os.unlink(built)
        done = self._make(machine, "W=1", target, check=False)
        warnings, errors = [], []
        for line in (done.stdout + done.stderr).splitlines():
            m = re.match(r"(?:\S*/)?\S+:\d+(?::\d+)?: (warning|error|fatal error): (.*)", line)
            if m:
                (warnings if m.group(1) == "warning" else errors).append(m.group(2))
        if not os.path.exists(built) and not errors:
            stop = re.search(r"\*\*\* (.*)", done.stdout + done.stderr)
            errors.append(stop.group(1) if stop else "not built")
        return sorted(warnings), errors
