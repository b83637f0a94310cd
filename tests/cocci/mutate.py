#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Break each guard of phyr-convert, and see that a fixture fails.

    mutate.py KIT TREE [--every N] [--file NAME]

A guard is a statement that refuses (in the layers), a condition that decides on a class or
on whether a table is used while it is mapped, or a «when !=», «position !=», «depends on !»
or a condition of Python in a .cocci. Of what survives, only what unproven.txt names with a
reason is allowed. --every N takes only each N-th one, for a quick look; --file those of one
file.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
LAYERS = ("layer_single.py", "layer_table.py", "layer_array.py",
          "layer_rules.py", "convert.py", "kconfig.py", "moves.py")
SOUND = []      # what passes with nothing broken: a reason may have no fixture
DECIDE = ("classify.py", "mapped.py", "walked.py")
# What is refused by the conditions of a file, that a report does not show
REFUSES = {"mapped.py": "cpu-field", "walked.py": "one-to-one"}


def refusals(path, text):
    """Each «raise Refusal» and «self._refuse()», made to do nothing."""
    lines = text.split("\n")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Raise) and "Refusal" in ast.unparse(node) or \
                isinstance(node, ast.Expr) and "_refuse(" in ast.unparse(node.value)[:14]:
            new = lines[:]
            indent = lines[node.lineno - 1][:node.col_offset]
            new[node.lineno - 1:node.end_lineno] = [indent + "pass"]
            yield f"{path}: {' '.join(ast.unparse(node).split())}", "\n".join(new)


def conditions(path, text):
    """Each if of a function that decides, never true; each part of what it returns, left out."""
    lines = text.split("\n")
    for function in ast.walk(ast.parse(text)):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.If):
                parts = [("if", node.test, "False")]
            elif isinstance(node, ast.Return) and isinstance(node.value, ast.BoolOp):
                neutral = str(isinstance(node.value.op, ast.And))
                parts = [("return", part, neutral) for part in node.value.values]
            else:
                continue
            for word, part, instead in parts:
                new = lines[:]
                head = lines[part.lineno - 1][:part.col_offset]
                tail = lines[part.end_lineno - 1][part.end_col_offset:]
                new[part.lineno - 1:part.end_lineno] = [f"{head}{instead}{tail}"]
                yield f"{path}: {function.name}: {word} " \
                    f"{' '.join(ast.unparse(part).split())}", "\n".join(new)


def rules(path, text):
    """Each guard of a semantic patch, taken away."""
    for pattern, new in ((r"position p != \w+\.p;", "position p;"),
                         (r"\n?[ \t]+when != [^\n]+", ""),
                         (r"position \w+\.q;", "position q;"),
                         (r"(?<=\n)if [^\n]+:(?=\n    cocci\.include_match\(False\))",
                          "if False:"),
                         (r" && !(?!context|org|report)\w+(?=[^\n]*@\n)", "")):
        for m in re.finditer(pattern, text):
            # What a rule only tells of is not seen in what it makes
            line = text[text.rfind("\n", 0, m.start()) + 1:m.start()]
            if re.match(r"@(script:python )?\w* ?depends on (context|org|report)", line):
                continue
            yield f"{path}: {m.group().strip()} at {text.count(chr(10), 0, m.start()) + 1}", \
                text[:m.start()] + new + text[m.end():]


def mutants(kit):
    """(what, file, text, does it need spatch)"""
    code = os.path.join(kit, "scripts/phyr_convert")
    smpl = os.path.join(kit, "scripts/coccinelle/phyr")
    for names, how in ((LAYERS, refusals), (DECIDE, conditions)):
        for name in names:
            with open(os.path.join(code, name), encoding="utf-8") as f:
                for what, text in how(name, f.read()):
                    yield what, os.path.join("scripts/phyr_convert", name), text, \
                        "'unparsed'" in what
    for where in (smpl, os.path.join(smpl, "convert")):
        for name in sorted(os.listdir(where)):
            if name.endswith(".cocci"):
                path = os.path.join(where, name)
                with open(path, encoding="utf-8") as f:
                    for what, text in rules(name, f.read()):
                        yield what, os.path.relpath(path, kit), text, True


def runs(mutant):
    """What to run, as options of fixtures.py: what is likely to fail is soon through."""
    what, path, _, spatch = mutant
    if "/convert/" in path:
        return [["--rule", os.path.basename(path)]]
    if spatch:
        return [[]]
    reason = re.search(r"(?:Refusal|_refuse)\([^']*'([a-z-]+)'", what)
    if reason:
        return [["--quick", "--refused", reason.group(1)], ["--quick"]]
    reason = REFUSES.get(os.path.basename(path))
    return [["--quick", *(["--refused", reason] if reason else ["--report"])], ["--quick"]]


def passes(kit, tree, some):
    """Do these fixtures pass?"""
    return subprocess.run([os.path.join(HERE, "fixtures.py"), kit, tree, *some],
                          capture_output=True, check=False).returncode == 0


def survives(kit, tree, mutant):
    """Do all fixtures pass all the same?"""
    _, path, text, _ = mutant
    copy = tempfile.mkdtemp(prefix="phyr-mutant-")
    try:
        for part in ("scripts/phyr_convert", "scripts/coccinelle/phyr"):
            shutil.copytree(os.path.join(kit, part), os.path.join(copy, part))
        shutil.copy(os.path.join(kit, "scripts/phyr-convert"), os.path.join(copy, "scripts"))
        with open(os.path.join(copy, path), "w", encoding="utf-8") as f:
            f.write(text)
        return all(passes(copy, tree, some) for some in runs(mutant) if some in SOUND)
    finally:
        shutil.rmtree(copy)


def main():
    """All mutants."""
    kit, tree = (os.path.abspath(a) for a in sys.argv[1:3])
    every = int(sys.argv[sys.argv.index("--every") + 1]) if "--every" in sys.argv else 1
    with open(os.path.join(HERE, "unproven.txt"), encoding="utf-8") as f:
        unproven = [line.split("\t")[0] for line in f if line[0] not in "#\n"]
    todo = list(mutants(kit))[::every]
    if "--file" in sys.argv:
        name = sys.argv[sys.argv.index("--file") + 1]
        todo = [m for m in todo if os.path.basename(m[1]) == name]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        every_run = [list(t) for t in {tuple(some) for m in todo for some in runs(m)}]
        good = list(pool.map(lambda some: passes(kit, tree, some), every_run))
        SOUND.extend(some for some, is_good in zip(every_run, good) if is_good)
        for m in todo:
            if runs(m)[-1] not in SOUND:
                print(f"not ok - fixtures fail with nothing broken: {' '.join(runs(m)[-1])}")
                return 1
        results = list(pool.map(lambda m: survives(kit, tree, m), todo))
    bad = allowed = 0
    for mutant, alive in zip(todo, results):
        if not alive:
            continue
        if mutant[0] in unproven:
            allowed += 1
            continue
        bad += 1
        print(f"not ok - nothing fails without: {mutant[0]}")
    print(f"{'not ok' if bad else 'ok'} - {len(todo)} guards broken one by one, "
          f"{len(todo) - bad - allowed} noticed, {allowed} known not to be")
    return 1 if bad or not todo else 0


if __name__ == "__main__":
    sys.exit(main())
