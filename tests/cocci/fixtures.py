#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The fixtures of phyr-convert: what it must say and do of small drivers.

    fixtures.py KIT TREE [--quick] [--report | --rule NAME.cocci | --refused REASON]

KIT is a directory with scripts/, TREE a prepared kernel tree. A fixture of report/ tells
behind each mapping call what its class and reason are; one of convert/ has its result in
a file .after; one of refuse/ tells the reason, and is a difference from another one if its
name ends in .diff. One that names a semantic patch, convert/NAME.cocci, is about that. Prints
ok and not ok lines; the exit status is 1 if one is not ok. --quick leaves
out what needs spatch; --report, --rule and --refused all but the fixtures of report/, those
about one semantic patch, those refused for one reason.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
EXPECT = re.compile(r"/\* => (\S+) (\S+) \*/")
REFUSED = re.compile(r"/\* => refused: (\S+) \*/")
RULE = re.compile(r"convert/\w+\.cocci")
# A fixture with this is only compiled for a symbol that is not the Makefile's
PART = "#ifdef CONFIG_FIX_PART"


class Failed(Exception):
    """A fixture is not as it should be."""


def make_tree(base, words=""):
    """A tree that is the base, and has the fixtures with these words in it as drivers."""
    top = tempfile.mkdtemp(prefix="phyr-fixtures-")
    for name in os.listdir(base):
        if name not in ("drivers", ".git", ".pc"):
            os.symlink(os.path.join(os.path.abspath(base), name), os.path.join(top, name))
    for kind in ("report", "convert", "refuse"):
        for here, _, names in os.walk(os.path.join(HERE, kind)):
            for name in names:
                own = here if os.path.basename(here) != kind else os.path.join(here, name)
                if name.endswith(".after") or words not in read_all(own):
                    continue
                part = os.path.relpath(os.path.join(here, name), HERE)
                # Files of one directory are one driver; others each are one
                if os.path.dirname(part) == kind:
                    stem, end = os.path.splitext(name)
                    part = os.path.join(kind, stem, stem + end.replace(".diff", ".c"))
                full = os.path.join(top, "drivers", "fix", part)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                put(os.path.join(here, name), full)
                if "Makefile" in names:         # a driver that has its own
                    continue
                if name != "no_makefile.c":
                    with open(os.path.join(os.path.dirname(full), "Makefile"), "a",
                              encoding="utf-8") as f:
                        f.write(f"obj-$(CONFIG_FIX) += {os.path.splitext(name)[0]}.o\n")
                if name == "no_kconfig.c":
                    continue
                with open(os.path.join(os.path.dirname(full), "Kconfig"), "w",
                          encoding="utf-8") as f:
                    f.write('config FIX\n\ttristate "fixtures"\n\tdepends on MMU\n\thelp\n'
                            '\t  None.\n')
                    if PART in read_all(full):
                        f.write('\nconfig FIX_PART\n\tbool "a part of it"\n')
    return top


def put(path, full):
    """Make a file of a fixture, which may be a difference from another one beside it."""
    if not path.endswith(".diff"):
        shutil.copy(path, full)
        return
    base = re.search(r"^--- (\S+)", read_all(path), re.M).group(1)
    done = subprocess.run(["patch", "-s", "--fuzz=0", "-r", "-", "-o", full,
                           os.path.join(os.path.dirname(path), base), path],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed(f"{path} does not apply: {done.stdout.strip()}")


def read_all(path):
    """The text of a fixture: of a file, or of all files of a directory."""
    paths = [path]
    if os.path.isdir(path):
        paths = [os.path.join(path, name) for name in sorted(os.listdir(path))]
    texts = []
    for one in paths:
        with open(one, encoding="utf-8") as f:
            texts.append(f.read())
    return "".join(texts)


def run(kit, top, *args):
    """phyr-convert; its status and what it printed."""
    done = subprocess.run([os.path.join(kit, "scripts/phyr-convert"), *args], cwd=top,
                          capture_output=True, text=True, check=False)
    if "Traceback" in done.stderr:
        raise Failed(done.stderr.strip().splitlines()[-1])
    return done.returncode, done.stdout, done.stderr


def expected(top):
    """{(file, line): (class, reason)} as the fixtures say."""
    out = {}
    for here, _, names in os.walk(os.path.join(top, "drivers/fix/report")):
        for name in names:
            path = os.path.join(here, name)
            with open(path, encoding="utf-8") as f:
                for k, line in enumerate(f, 1):
                    m = EXPECT.search(line)
                    if m:
                        out[os.path.relpath(path, top), k] = m.groups()
    return out


def check_report(kit, top, quick):
    """Classes, reasons and anomalies."""
    result = os.path.join(top, "report.json")
    status, _, err = run(kit, top, "report", "-q", "--json", result,
                         *(["--no-spatch"] if quick else []), "drivers/fix/report")
    if status:
        raise Failed(f"report: {err.strip()}")
    with open(result, encoding="utf-8") as f:
        data = json.load(f)
    want = expected(top)
    sites = {(s["file"], s["line"]): (s["class"], s["reason"]) for s in data["sites"]}
    found = {(a["file"], a["line"]): ("L0", a["kind"]) for a in data["anomalies"]}
    for key, value in sorted(want.items()):
        if value[0] == "L0":
            if quick:
                continue
            got = found.pop(key, None)
        else:
            got = sites.pop(key, None)
        yield f"report {os.path.basename(key[0])}:{key[1]} is {' '.join(value)}", \
            got == value, f"it says {got}"
    anomalies = "drivers/fix/report/anomalies/"
    left = [k for k in sites if not k[0].startswith(anomalies)] + \
        [k for k in found if k[0].startswith(anomalies)]
    yield "report says nothing else", not left, str(left[:3])


def check_convert(kit, top, quick, words=""):
    """What is converted, and what is refused and why, of the fixtures with these words."""
    out = os.path.join(top, "patches")
    shutil.rmtree(out, ignore_errors=True)
    _, said, err = run(kit, top, "convert", "-q", "-o", out,
                       *(["--no-spatch"] if quick else []),
                       *(d for d in ("drivers/fix/convert", "drivers/fix/refuse")
                         if os.path.isdir(os.path.join(top, d))))
    lines = {}
    for line in said.splitlines():
        m = re.match(r"drivers/fix/\w+/(\w+)/\S+?:(?:\d+:)? (.*)", line)
        if m:
            lines[m.group(1)] = m.group(2)
    if not lines:
        raise Failed(f"convert: {err.strip()}")
    for name in sorted(os.listdir(os.path.join(HERE, "refuse"))):
        stem = name.removesuffix(".c").removesuffix(".diff")
        text = read_all(os.path.join(HERE, "refuse", name))
        if quick and (stem == "unparsed" or RULE.search(text)) or words not in text:
            continue
        reason = REFUSED.search(text).group(1)
        got = lines.get(stem, "nothing")
        yield f"convert refuses {stem}: {reason}", got.startswith(f"refused: {reason}:"), got
    for name in sorted(os.listdir(os.path.join(HERE, "convert"))):
        if name.endswith(".c") or os.path.isdir(os.path.join(HERE, "convert", name)):
            stem = name.removesuffix(".c")
            text = read_all(os.path.join(HERE, "convert", name))
            if quick and RULE.search(text) or words not in text:
                continue
            yield convert_one(top, out, stem, lines.get(stem, "nothing"))


def convert_one(top, out, stem, said):
    """Does the patch for a fixture make what its .after files say?"""
    what = f"convert {stem}"
    m = re.search(r"converted.*: (\S+\.patch)", said)
    if not m:
        return what, False, said
    part = os.path.join("drivers/fix/convert", stem)
    home = os.path.join(HERE, "convert")
    home = os.path.join(home, stem) if os.path.isdir(os.path.join(home, stem)) else home
    with tempfile.TemporaryDirectory(prefix="phyr-fixture-") as copy:
        shutil.copytree(os.path.join(top, part), os.path.join(copy, part))
        done = subprocess.run(["patch", "-p1", "--fuzz=0", "-s", "-i",
                               os.path.join(out, m.group(1))], cwd=copy, capture_output=True,
                              text=True, check=False)
        if done.returncode:
            return what, False, done.stdout
        tables = False
        selects = symbol = None
        for name in sorted(os.listdir(os.path.join(copy, part))):
            with open(os.path.join(copy, part, name), encoding="utf-8") as f:
                got = f.read()
            if name == "Kconfig" and "select PHYR" in got:
                entry = got.partition("select PHYR")[0].split("config ")[-1]
                selects = entry.split()[0] + ("" if "depends on MMU" in entry else " without MMU")
            if not name.endswith((".c", ".h")) and not (
                    name == "Kconfig" and os.path.exists(os.path.join(home, name))):
                continue
            tables |= "phyr_table" in got
            symbol = "FIX_PART" if PART in got else "FIX"
            after = os.path.join(home, name.replace(".", "_") + ".after" if home.endswith(stem)
                                 else stem + ".after")
            if os.environ.get("ACCEPT"):
                with open(after, "w", encoding="utf-8") as f:
                    f.write(got)
            with open(after, encoding="utf-8") as f:
                if f.read() != got:
                    return what, False, f"{name} becomes something else"
        if selects != (symbol if tables else None):
            return what, False, "Kconfig does not select PHYR where it has to"
    return what, True, ""


def check_words(kit):
    """Each class, reason and refusal is in the documentation."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, os.path.join(kit, "scripts"))
    from phyr_convert.classify import CLASSES, REASONS      # pylint: disable=C0415
    from phyr_convert.convert import REFUSALS               # pylint: disable=C0415
    path = os.path.join(HERE, "../../Documentation/driver-api/phyr-convert.rst")
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for what, words in (("class", CLASSES), ("reason", REASONS), ("refusal", REFUSALS)):
        left = [w for w in words if not re.search(rf"(?<![\w-]){re.escape(w)}(?![\w-])", text)]
        yield f"each {what} is documented", not left, " ".join(left)


def check_rules(kit):
    """The semantic patches in patch mode."""
    smpl = os.path.join(kit, "scripts/coccinelle/phyr")
    with tempfile.TemporaryDirectory(prefix="phyr-rules-") as where:
        out = os.path.join(where, "unmap.c")
        shutil.copy(os.path.join(HERE, "rules/unmap.c"), out)
        subprocess.run(["spatch", "--very-quiet", "-D", "patch", "--no-includes", "--in-place",
                        "--sp-file", os.path.join(smpl, "sg_unmap_nents.cocci"), out],
                       capture_output=True, check=False)
        with open(out, encoding="utf-8") as f:
            got = f.read()
    after = os.path.join(HERE, "rules/unmap.after")
    if os.environ.get("ACCEPT"):
        with open(after, "w", encoding="utf-8") as f:
            f.write(got)
    with open(after, encoding="utf-8") as f:
        yield "sg_unmap_nents.cocci as a patch", got == f.read(), "the result is another one"


def check_input(kit, top):
    """Bad input: one clear line, a status that is not 0, nothing left behind."""
    empty = os.path.join(top, "drivers/empty")
    os.makedirs(empty, exist_ok=True)
    with open(os.path.join(empty, "x.c"), "w", encoding="utf-8") as f:
        f.write("int x;\n")
    bare = tempfile.mkdtemp(prefix="phyr-bare-")
    fake = os.path.join(top, "fake-spatch")
    with open(fake, "w", encoding="utf-8") as f:
        f.write('#!/bin/sh\n[ "$1" = --version ] && echo "spatch version ${FAKE:-1.1.1}" && '
                'exit 0\n'
                '[ "$HANG" ] && exec sleep 60\necho "EXN: Failure in x.c"\n')
    os.chmod(fake, 0o755)
    fixture = "drivers/fix/convert/table/table.c"
    try:
        for name in ("MAINTAINERS", "Kbuild"):
            os.symlink(os.path.join(top, name), os.path.join(bare, name))
        os.makedirs(os.path.join(bare, "include/linux"))
        os.makedirs(os.path.join(bare, "drivers/x"))
        shutil.copy(os.path.join(top, fixture), os.path.join(bare, "drivers/x/x.c"))
        out = os.path.join(top, "none")
        used = os.path.join(top, "used")
        os.makedirs(used)
        with open(os.path.join(used, "0001-x.patch"), "w", encoding="utf-8") as f:
            f.write("x\n")
        other = os.path.join(top, "other.json")
        with open(other, "w", encoding="utf-8") as f:
            json.dump({"sites": [], "paths": ["drivers/other"]}, f)
        cases = [
            ("a tree without the project", bare, {}, ["convert", "-o", out, "drivers/x"],
             "does not have phyr"),
            ("no kernel tree", "/", {}, ["report", "."], "not in a kernel tree"),
            ("a directory without users", top, {}, ["report", empty], "no file below"),
            ("a directory that is not there", top, {}, ["report", "drivers/none"],
             "does not exist"),
            ("spatch missing", top, {}, ["convert", "--spatch", "/none", "-o", out, fixture],
             "is not there; install"),
            ("another spatch", top, {"FAKE": "0.9.0"},
             ["convert", "--spatch", fake, "-o", out, fixture], "is version 0.9"),
            ("EXN of spatch", top, {}, ["convert", "--spatch", fake, "-o", out, fixture],
             "EXN"),
            ("a timeout of spatch", top, {"HANG": "1"},
             ["convert", "--timeout", "1", "--spatch", fake, "-o", out, fixture],
             "took more than"),
            ("an old report that is none", top, {},
             ["report", "-q", "--no-spatch", "--baseline", fake, fixture], "is not a report"),
            ("an old report of other directories", top, {},
             ["report", "-q", "--no-spatch", "--baseline", other, fixture], "is a report of"),
            ("no directory for the report", top, {},
             ["report", "-q", "--no-spatch", "--json", "/none/x.json", fixture],
             "there is no directory"),
            ("a directory in the place of the report", top, {},
             ["report", "-q", "--no-spatch", "--html", empty, fixture], "it is a directory"),
            ("patches of another run", top, {},
             ["convert", "-q", "--no-spatch", "-o", used, fixture], "has patches of another run"),
            ("a file that spatch cannot parse", top, {},
             ["report", "-q", "drivers/fix/refuse/unparsed/unparsed.c"],
             "cannot parse scatterlist code of"),
            ("only such a file to convert", top, {},
             ["convert", "-q", "-o", out, "drivers/fix/refuse/unparsed"], "refused: unparsed"),
            ("patches for a tree without the project", bare, {},
             ["check", "--no-compile", "--work", os.path.join(top, "work"), fake],
             "does not have phyr"),
            ("a patch that is none", top, {},
             ["check", "--no-compile", "--work", os.path.join(top, "work"), fake],
             "is no patch"),
        ]
        subprocess.run(["git", "init", "-q", bare], check=True)
        shutil.copy(os.path.join(top, "include/linux/phyr-table.h"),
                    os.path.join(top, "phyr-table.h"))
        for what, cwd, env, args, says in cases:
            before = os.environ.copy()
            os.environ.update(env)
            status, said, err = run(kit, cwd, *args)
            os.environ.clear()
            os.environ.update(before)
            left = os.path.isdir(out) and os.listdir(out)
            yield f"bad input: {what}", bool(
                status and says in said + err and not left), (said + err).strip()[-200:]
        shutil.copy(os.path.join(top, "phyr-table.h"), os.path.join(bare, "include/linux"))
        git = ["git", "-C", bare, "-c", "user.name=x", "-c", "user.email=x@y"]
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", "x"], check=True)
        with open(os.path.join(bare, "drivers/x/x.c"), "a", encoding="utf-8") as f:
            f.write("int changed;\n")
        # The same in a subdirectory of a git tree, and where git refuses to look
        outer = os.path.join(bare, "outer")
        inner = os.path.join(outer, "linux")
        shutil.copytree(bare, inner, symlinks=True, ignore=shutil.ignore_patterns(".git"))
        git[2] = outer
        subprocess.run(["git", "init", "-q", outer], check=True)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", "x"], check=True)
        os.makedirs(os.path.join(bare, "bin"))
        os.symlink(sys.executable, os.path.join(bare, "bin/python3"))
        strange = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
                   "GIT_CONFIG_SYSTEM": "/dev/null"}
        for what, cwd, env, says in (
                ("a dirty git tree", bare, {}, "not committed"),
                ("a git tree of somebody else", inner, strange, "git does not tell"),
                ("a dirty subdirectory of a git tree", inner, {}, "not committed"),
                ("a git tree without git", inner, {"PATH": os.path.join(bare, "bin")},
                 "cannot run git")):
            if "subdirectory" in what:
                with open(os.path.join(inner, "drivers/x/x.c"), "a", encoding="utf-8") as f:
                    f.write("int changed;\n")
            before = os.environ.copy()
            os.environ.update(env)
            status, said, err = run(kit, cwd, "convert", "--no-spatch", "-o", out, "drivers/x")
            os.environ.clear()
            os.environ.update(before)
            yield f"bad input: {what}", bool(
                status and says in err and not os.path.isdir(out)), said + err
    finally:
        shutil.rmtree(bare)


def main():
    """All fixtures."""
    kit, base = (os.path.abspath(a) for a in sys.argv[1:3])
    quick = "--quick" in sys.argv
    words = ""
    for option, form in (("--rule", "convert/{}"), ("--refused", "/* => refused: {} */")):
        if option in sys.argv:
            words = form.format(sys.argv[sys.argv.index(option) + 1])
    bad = count = 0
    top = make_tree(base, words)
    try:
        parts = []
        if not words:
            parts.append(check_report(kit, top, quick))
        if "--report" not in sys.argv:
            parts.append(check_convert(kit, top, quick, words))
            if not quick and not words:
                parts += [check_words(kit), check_rules(kit), check_input(kit, top)]
        for part in parts:
            try:
                for what, good, why in part:
                    count += 1
                    print(f"{'ok' if good else 'not ok'} - {what}")
                    if not good:
                        bad += 1
                        print(f"    {why}")
            except Failed as e:
                bad += 1
                print(f"not ok - {e}")
    finally:
        shutil.rmtree(top)
    return 1 if bad or not count else 0


if __name__ == "__main__":
    sys.exit(main())
