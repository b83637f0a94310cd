# SPDX-License-Identifier: GPL-2.0
"""Running Coccinelle, and what it must not keep quiet about.

spatch goes on after an exception in a file, after a timeout, and past functions that it
cannot parse, and ends with status 0.  Here each of these is told.
"""

import os
import re
import shutil
import subprocess

from .failure import Failure

# Its parser overflows the stack when it is given hundreds of files at once.
BATCH = 40
TIMEOUT = 200

_SG = re.compile(r"\bstruct (?:scatterlist|sg_table|sg_append_table)\b|\bfor_each_sg\w*|"
                 r"\bscsi_(?:sglist|for_each_sg|dma_map)\b|\bdma_(?:un)?map_sg\w*\b|"
                 r"\bsg_(?:next|page|init|alloc|free|set|dma|miter|copy|pcopy|virt|phys|nents|"
                 r"mark|chain)\w*\s*\(|\bvb2_dma_sg_plane_desc\b")
_PARSING = re.compile(r"^PARSING: (\S+)")
_ERROR = re.compile(r'^ = File "([^"]+)", line (\d+)')
_BAD = re.compile(r"^(?:bad:|BAD:!!!!!) ?(.*)")
_VERSION = re.compile(r"spatch version (\d+)\.(\d+)")
# What was tested; older ones lack the options, newer ones may print something else.
VERSIONS = ((1, 1), (1, 3))


class Spatch:
    """One spatch program and the headers that it is given."""

    def __init__(self, program, folder, timeout=TIMEOUT):
        self.program = program or os.environ.get("SPATCH") or "spatch"
        self.folder = folder
        self.timeout = timeout
        self.version = self._version()

    def _version(self):
        if not shutil.which(self.program):
            raise Failure(f"{self.program} is not there; install Coccinelle (Debian's package "
                          "is coccinelle), or name it with --spatch or SPATCH=")
        try:
            out = subprocess.run([self.program, "--version"], capture_output=True, text=True,
                                 timeout=60, check=False).stdout
        except (OSError, subprocess.TimeoutExpired) as e:
            raise Failure(f"{self.program} --version does not work: {e}") from e
        m = _VERSION.search(out)
        if not m:
            raise Failure(f"{self.program} --version says no version; is it Coccinelle's "
                          "spatch?")
        version = tuple(int(n) for n in m.groups())
        if not VERSIONS[0] <= version <= VERSIONS[1]:
            raise Failure(f"{self.program} is version {m.group(1)}.{m.group(2)}, tested are "
                          f"{VERSIONS[0][0]}.{VERSIONS[0][1]} to "
                          f"{VERSIONS[1][0]}.{VERSIONS[1][1]}; name another with --spatch")
        return version

    def macros(self):
        """The options that let it parse kernel code."""
        return ["--macro-file", os.path.join(self.folder, "phyr_macros.h")]

    def run(self, arguments, cwd, files):
        """Run it; its output, or a Failure for whatever it would pass over."""
        try:
            done = subprocess.run([self.program, *arguments, *files], cwd=cwd, text=True,
                                  capture_output=True, errors="replace", check=False,
                                  timeout=self.timeout * max(1, len(files)))
        except subprocess.TimeoutExpired as e:
            raise Failure(f"{self.program} took more than {e.timeout:.0f} s for {files[0]}"
                          f"{' and others' if files[1:] else ''}; give it more with "
                          "--timeout") from e
        except OSError as e:
            raise Failure(f"{self.program} cannot be run: {e.strerror}") from e
        both = done.stdout + done.stderr
        for line in both.splitlines():
            if re.match(r"(EXN|Fatal error|exn while in timeout|timeout \(we abort\)|"
                        r"Uncaught exception)\b", line):
                raise Failure(f"{self.program} failed near {files[0]}: {line.strip()}")
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
            raise Failure(f"{self.program} ended with status {done.returncode}: {last}")
        return done.stdout, done.stderr

    def unparsed(self, tree, paths):
        """The scatterlist lines of these files that it cannot parse: {file: [text]}."""
        out = {}
        for i in range(0, len(paths), BATCH):
            stdout, stderr = self.run([*self.macros(), "--parse-c"], tree.top,
                                      paths[i:i + BATCH])
            seen = where = None
            parsed = 0
            for line in (stdout + "\n" + stderr).splitlines():
                m = _PARSING.match(line)
                if m:
                    seen = where = m.group(1)
                    parsed += 1
                    continue
                m = _ERROR.match(line)
                if m:
                    where = m.group(1)
                    continue
                m = _BAD.match(line)
                if not m or where != seen:      # else it is about a header
                    continue
                code = re.sub(r"/\*.*?(\*/|$)|^\s*\*.*|//.*", "", m.group(1))
                if _SG.search(code):
                    out.setdefault(seen, []).append(code.strip())
            if parsed < len(set(paths[i:i + BATCH])):
                raise Failure(f"{self.program} has parsed {parsed} of "
                              f"{len(paths[i:i + BATCH])} files, from {paths[i]} on")
        return out

    def rules(self, name):
        """The path of one of the kit's semantic patches."""
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            raise Failure(f"{path} is not there; the kit is not complete")
        return path
