# SPDX-License-Identifier: GPL-2.0
"""Which Kconfig entry builds a file, and selecting PHYR there."""

import os
import re

from .rewrite import Refusal


def _makefile(tree, where, name=""):
    """The text of a directory's Makefile or Kbuild, with what it includes from below."""
    text = tree.text(os.path.join(where, name)) if name else \
        tree.text(os.path.join(where, "Makefile")) or tree.text(os.path.join(where, "Kbuild"))
    return re.sub(r"^include \$\(src\)/(\S+)$", lambda m: _makefile(tree, where, m.group(1)),
                  text.replace("\\\n", " "), flags=re.M)


def _chains(text, name, deep=0):
    """For each line of a Makefile that has an object: the CONFIG_ symbols up to what it becomes
    a part of, the nearest one first, and whether that is built for itself."""
    for line in text.split("\n"):
        m = re.match(r"\s*([\w-]+?)-(?:\$\(CONFIG_(\w+)\)|y|objs)\s*[:+]?=\s*(.*)", line)
        # A list of objects may be part of another list
        if not m or not {name, f"$({name[:-2]}-y)"} & set(m.group(3).split()):
            continue
        own = [m.group(2)] if m.group(2) else []
        if m.group(1) == "obj":
            yield own, True
        elif deep < 4:
            above = list(_chains(text, m.group(1) + ".o", deep + 1))
            yield from ((own + symbols, built) for symbols, built in above or [([], False)])


def _symbols(tree, path):
    """The CONFIG_ symbols that the Makefile builds a .c file for, the nearest one first: a list
    for each module that has the file in it."""
    here = os.path.dirname(path)
    wanted = os.path.basename(path)[:-2] + ".o"
    done, parts = [], []
    where = here
    while where:
        name = wanted if where == here else os.path.relpath(os.path.join(here, wanted), where)
        for symbols, built in _chains(_makefile(tree, where), name):
            (done if built else parts).append(symbols)
        if done:
            break
        where = os.path.dirname(where)
    # What a part belongs to may be told further up
    return [part + symbols for part in parts or [[]] for symbols in done or [[]]]


def _only_for(text):
    """The CONFIG_ symbol that all code of phyr in a file is only compiled for, or None."""
    open_, found = [], set()
    for line in text.split("\n"):
        m = re.match(r"\s*#\s*(if\w*|el\w+|endif)\b\s*(.*)", line)
        if m and m.group(1).startswith("if"):
            symbol = re.match(r"CONFIG_(\w+)\s*$", m.group(2)) if m.group(1) == "ifdef" else None
            open_.append(symbol.group(1) if symbol else None)
        elif m and m.group(1) == "endif" and open_:
            open_.pop()
        elif m and open_:
            open_[-1] = None
        elif re.search(r"\b\w*phyr\w*\(", line):
            found.add(next((s for s in reversed(open_) if s), None))
    return found.pop() if len(found) == 1 else None


_ENTRIES = {}           # of each tree: {symbol: what all of its "depends on" lines name}


def _terms(text, entries):
    """Add what each symbol depends on whatever else is chosen: the terms of conjunctions."""
    here = set()
    for line in text.replace("\\\n", " ").split("\n"):
        m = re.match(r"\s*(?:menu)?config (\w+)", line)
        if m:
            here = entries.setdefault(m.group(1), set())
        m = re.match(r"\s*depends on (.*)", line)
        if m and "||" not in m.group(1):
            here |= set(re.findall(r"(?<![!\w])\w+", m.group(1)))


def _needs_mmu(tree, symbol, texts):
    """Is a symbol never chosen without MMU, which PHYR depends on?"""
    if tree.top not in _ENTRIES:
        _ENTRIES[tree.top] = {}
        for path in tree.kconfigs():
            _terms(tree.text(path), _ENTRIES[tree.top])
    fresh = {}
    for path, text in texts.items():
        if path.endswith("Kconfig"):
            _terms(text, fresh)
    todo, seen = [symbol], set()
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += fresh.get(one, _ENTRIES[tree.top].get(one, set()))
    return "MMU" in seen


def _with_mmu(lines, k, last):
    """An entry that begins at line k with one more dependency; how many lines that are."""
    at = k + 1
    for j in range(k + 1, last + 1):
        if re.match(r"\s+(depends on|bool|tristate|prompt|def_bool|def_tristate)\b", lines[j]):
            at = j + 1
            while lines[at - 1].endswith("\\"):
                at += 1
    lines.insert(at, "\tdepends on MMU")
    return 1


def select_phyr(tree, path, texts):
    """Make what builds a file select PHYR, in the Kconfig as texts or the tree has it.

    PHYR depends on MMU, and select does not ask: nor may it be built without.

    Returns the Kconfigs where PHYR was selected already.
    """
    before = []
    only = _only_for(texts.get(path, ""))
    for symbols in _symbols(tree, path):
        if not symbols:
            raise Refusal(path, 1, "kconfig", "no Makefile builds it for a CONFIG_ symbol")
        # A part of a driver may depend on a symbol of the core
        for symbol in ([only] if only else []) + symbols:
            found, already = _select(tree, path, texts, symbol)
            if found:
                before += [already] if already else []
                break
        else:
            raise Refusal(path, 1, "kconfig", f"no Kconfig has {symbols[0]}")
    return before


def _select(tree, path, texts, symbol):
    """The same for one symbol: is there a Kconfig near the file that has it, and which."""
    where = os.path.dirname(path)
    while where:
        kconfig = os.path.join(where, "Kconfig")
        lines = texts.get(kconfig, tree.text(kconfig)).split("\n")
        for k, line in enumerate(lines):
            if not re.fullmatch(rf"(?:menu)?config {symbol}\s*", line):
                continue
            last = k
            for j in range(k + 1, len(lines)):
                if re.match(r"\s+(help|---help---)\s*$", lines[j]) or \
                        re.match(r"\w", lines[j]):
                    break
                if lines[j].strip() == "select PHYR":
                    return True, kconfig
                if lines[j].strip() and not lines[j].lstrip().startswith("#"):
                    last = j
            while lines[last].endswith("\\"):
                last += 1
            if not any(re.match(r"\s+depends on .*\bMMU\b", line) for line in lines[k:last + 1]) \
                    and not _needs_mmu(tree, symbol, texts):
                last += _with_mmu(lines, k, last)
            texts[kconfig] = "\n".join(lines[:last + 1] + ["\tselect PHYR"] + lines[last + 1:])
            return True, None
        where = os.path.dirname(where)
    return False, None
