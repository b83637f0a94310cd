# SPDX-License-Identifier: GPL-2.0
"""Lines as the kernel's coding style wants them, where spatch has changed a call.

It leaves continued lines where they were when a name before them gets shorter, and does
not break what a longer name pushes to the right.  Only lines that have changed, and those
that continue them, are touched.
"""

import difflib
import re

WIDTH = 80
# What has no parentheses that count: strings, characters and comments.
_OPAQUE = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'|/\*.*?\*/|//.*')


def _blank(line):
    """The same line with nothing in its strings and comments."""
    return _OPAQUE.sub(lambda m: "x" * len(m.group()), line)


def _indent(column):
    return "\t" * (column // 8) + " " * (column % 8)


def _column(line, k):
    """The column that character k of a line is printed in."""
    return len(line[:k].expandtabs(8))


def _open(line, stack):
    """The columns behind the parentheses that are open at the end of a line."""
    stack = list(stack)
    text = _blank(line)
    for k, c in enumerate(text):
        if c == "(":
            # Behind one that ends its line nothing is aligned
            stack.append(None if not text[k + 1:].strip() else _column(line, k) + 1)
        elif c == ")" and stack:
            stack.pop()
        elif c in ";{}" and (c != ";" or not stack):
            stack.clear()
    return stack


def _broken(line, stack):
    """A line that is too long, as two: broken behind the last comma that fits."""
    text = _blank(line)
    best, here = None, list(stack)
    for k, c in enumerate(text):
        if c == "(":
            here.append(_column(line, k) + 1)
        elif c == ")" and here:
            here.pop()
        elif c == "," and here and here[-1] and _column(line, k) < WIDTH and \
                text[k + 1:].strip():
            best = k + 1, here[-1]
    if not best:
        return [line]
    k, column = best
    return [line[:k], _indent(column) + line[k:].strip()]


def _changed(old, new):
    """The lines of new that are not in old."""
    out = [False] * len(new)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, _, _, a, b in matcher.get_opcodes():
        if tag in ("replace", "insert"):
            out[a:b] = [True] * (b - a)
    return out


def relayout(before, after):
    """The new text of a file with what has changed laid out."""
    todo = after.split("\n")
    fresh = _changed(before.split("\n"), todo)
    out, stack, above = [], [], False
    inside = False                      # a comment of several lines
    k = 0
    while k < len(todo):
        line, new = todo[k], fresh[k]
        k += 1
        if inside or line.startswith("#") or line.lstrip().startswith(("/*", "*")):
            inside = "*/" not in line and (inside or "/*" in line)
            out.append(line)
            continue
        if new:                         # spatch takes iterators for statements
            line = re.sub(r"\b(\w*for_each\w*) \(", r"\1(", line)
            line = re.sub(r"\}while\b", "} while", line)
        if stack and stack[-1] and (new or above) and line.strip():
            had = _column(line, len(line) - len(line.lstrip()))
            # Two tabs more than above is another style, and stays
            if new or had % 8 or had > 32:
                moved = _indent(stack[-1]) + line.lstrip()
                new = new or moved != line
                line = moved
        if new and len(line.expandtabs(8)) > WIDTH:
            parts = _broken(line, stack)
            if len(parts) > 1:
                line = parts[0]
                todo.insert(k, parts[1])
                fresh.insert(k, True)
        out.append(line)
        stack, above = _open(line, stack), new
    return "\n".join(out)
