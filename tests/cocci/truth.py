#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compare a report with the classes that truth.tsv has by reading the sources.

    truth.py REPORT.json TREE

Files that the project's own patches change are left out, and so is a file whose calls are
not where truth.tsv has them: that is another kernel. Fails if less than 98 % agree, or if
a call is said to be convertible by itself (A1, A2, A3p, A4) that is not.
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
OWN = ("A1", "A2", "A3p", "A4")


def main():
    """The comparison."""
    with open(sys.argv[1], encoding="utf-8") as f:
        data = json.load(f)
    sites = {(s["file"], s["line"]): s["class"] for s in data["sites"]}
    changed = set()
    pc = os.path.join(sys.argv[2], ".pc")
    if os.path.isdir(pc):
        for here, _, names in os.walk(pc):
            parts = os.path.relpath(here, pc).split("/")
            changed |= {"/".join(parts[1:] + [n]) for n in names}
    truth = {}
    with open(os.path.join(HERE, "truth.tsv"), encoding="utf-8") as f:
        for line in f:
            if line[0] != "#":
                path, number, cls = line.split()
                if path not in changed:
                    truth[path, int(number)] = cls
    files = {p for p, _ in sites}
    known = {k: c for k, c in truth.items() if k in sites}
    missing = [k for k in truth if k not in sites and k[0] in files]
    wrong = [(k, c) for k, c in sorted(known.items()) if sites[k] != c]
    over = [(k, c) for k, c in wrong if sites[k] in OWN]
    for (path, line), cls in wrong:
        print(f"    {path}:{line}: is {cls}, said to be {sites[path, line]}")
    if not known:
        print("ok - this is another kernel than the one that was read; nothing to compare")
        return 0
    share = 100 * (len(known) - len(wrong)) / (len(known) + len(missing))
    good = share >= 98 and not missing
    print(f"{'ok' if good else 'not ok'} - {len(known) - len(wrong)} of {len(known)} classes "
          f"are those found by reading: {share:.1f} % ({len(missing)} calls not found)")
    print(f"{'not ok' if over else 'ok'} - {len(over)} calls are said to be convertible by "
          "themselves and are not")
    return 0 if good and not over else 1


if __name__ == "__main__":
    sys.exit(main())
