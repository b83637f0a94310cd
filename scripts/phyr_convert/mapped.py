# SPDX-License-Identifier: GPL-2.0
"""When a table may be used as the device sees it, and what the number of its ranges is for.

An sg_table has entries, and counts them, before it is mapped and after that.  A mapping
has ranges only while it is one, and there may be more of them than there were entries, as
none is longer than the device's segments.
"""

import re

from .rewrite import statement

EVENTS = {"sg_alloc_table_from_pages": "build", "dma_map_sgtable": "map",
          "dma_unmap_sgtable": "unmap", "sg_free_table": "free"}
_COMPARE = ("==", "!=", "<", ">", "<=", ">=")
_ASIDE = ("(", "[", "{", "}", ";", ",", "?", ":", "&&", "||", "return", "=", "+=", "!")
_LEAST = re.compile(r"(?:min|max|clamp)\w*")
_JUMPS = ("return", "goto", "break", "continue")


def _enclosing(f, j, open_):
    """The innermost bracket of that kind that token j is in, or None."""
    toks, match = f.source.tokens, f.source.match
    k = j - 1
    while k >= f.start - 1:
        if toks[k].text == open_:
            return k
        if toks[k].text in (")", "]", "}"):
            k = match.get(k, k)
        k -= 1
    return None


def _head(f, j):
    """The word before the brackets around token j that begin a statement, or None."""
    toks = f.source.tokens
    while True:
        j = _enclosing(f, j, "(")
        if j is None or toks[j - 1].text in ("if", "while", "for", "switch"):
            return j and j - 1


def _left(f, k, j):
    """Does what comes to token k never come to token j behind it?"""
    toks, match = f.source.tokens, f.source.match
    if any(t.text == "return" for t in toks[statement(f, k)[0]:k]):
        return True
    while True:
        k = _enclosing(f, k, "{")
        if k is None or k < f.start or match[k] > j:
            return False
        end = match[k]
        if toks[end - 1].text == ";" and toks[statement(f, end - 1)[0]].text in _JUMPS:
            return True


class Life:
    """When one object is mapped, in the order of the text of a driver's functions."""

    def __init__(self, group, sources, kinds=None):
        self.group = group
        self.sources = sources
        self.kinds = kinds or EVENTS    # of what calls do
        self.events = {}        # function -> [(token, what happens to the object)]
        self.uses = {}          # function -> [(token, mention)]

    def event(self, x, name):
        """The object is given to a call."""
        if name in self.kinds:
            self.events.setdefault(x.f, []).append((x.call, self.kinds[name]))

    def use(self, x, j):
        """What the device sees of it is used at token j."""
        self.uses.setdefault(x.f, []).append((j, x))

    def _calls(self):
        """All calls of functions that do something with it: (caller, token, callee)."""
        names = {f.name for f in (*self.events, *self.uses)}
        before = None
        out = set()
        while before != len(names):
            before = len(names)
            for source in self.sources:
                for f in source.functions.values():
                    for j in range(f.start, f.end - 1):
                        tok = source.tokens[j]
                        if tok.text in names and source.tokens[j + 1].text == "(" and \
                                source.tokens[j - 1].text not in ("->", "."):
                            out |= {(f, j, g) for g in self.group.lookup(tok.text, source)
                                    if g is not f}
                            names.add(f.name)
        return sorted(out, key=lambda c: (c[0].source.path, c[1], c[2].name))

    def _does(self, f):
        """What a function does with it in the end, or None."""
        kinds = {kind for _, kind in self.events.get(f, [])}
        return next((kind for kind in ("map", "unmap", "build", "free") if kind in kinds), None)

    def unmapped(self):
        """The first mention that is used while it is not mapped, or None."""
        calls = self._calls()
        for _ in range(4):      # what callees do
            for f, j, g in calls:
                kind = self._does(g)
                if kind and (j, kind) not in self.events.setdefault(f, []):
                    self.events[f].append((j, kind))
                    self.events[f].sort()
        for _ in range(4):      # and what they use of the caller's
            for f, j, g in calls:
                x = next((x for k, x in self.uses.get(g, []) if self._given(g, k)), None)
                if x and all(k != j for k, _ in self.uses.setdefault(f, [])):
                    self.uses[f].append((j, x))
        return next((x for f, uses in self.uses.items() for j, x in uses
                     if self._bad(f, j)), None)

    def _around(self, f, j):
        """What happens to it before token j, and behind it."""
        events = [(k, kind) for k, kind in self.events.get(f, []) if k != j]
        return ([kind for k, kind in events if k < j and not _left(f, k, j)],
                [kind for k, kind in events if k > j])

    def _given(self, f, j):
        """Is it as the function got it?"""
        return not self._around(f, j)[0]

    def _bad(self, f, j):
        before, behind = self._around(f, j)
        if before:
            return before[-1] != "map"
        head = _head(f, j)
        decides = head and f.source.tokens[head].text == "if" and "free" in behind
        return decides or bool(behind) and behind[0] != "unmap"


class Counts:
    """Where the number of ranges, or what it was kept in, is compared with something else."""

    def __init__(self, group, functions, users):
        self.group = group
        self.functions = functions
        self.users = users      # those of them where nents is that of the object
        self.names = set()      # (function, variable), or (None, member)

    def _is_count(self, f, j):
        """Is token j a name of the number?"""
        toks = f.source.tokens
        member = toks[j - 1].text in ("->", ".")
        return member and toks[j].text == "nents" and f in self.users or \
            (None if member else f, toks[j].text) in self.names

    def compared(self):
        """The function and token where it is, or None."""
        before = None
        while before != len(self.names):
            before = len(self.names)
            for f in self.functions:
                for j in range(f.start, f.end):
                    if f.source.tokens[j].kind == "id" and self._is_count(f, j) and \
                            self._compares(f, j):
                        return f, j
        return None

    def _compares(self, f, j):
        toks, match = f.source.tokens, f.source.match
        a, end = j, j + 1
        while True:
            while toks[a - 1].text not in _ASIDE:
                a = match.get(a - 1, a - 1) if toks[a - 1].text in (")", "]") else a - 1
            while toks[end].text not in (*_ASIDE, ")", "]"):
                end += 1
            if toks[a - 1].text != "(" or toks[end].text != ")" or toks[a - 2].kind == "id":
                break
            a, end = a - 1, end + 1
        if toks[a - 1].text in ("=", "+=") and toks[a - 2].kind == "id" and j > a - 2:
            member = toks[a - 3].text in ("->", ".")
            self.names.add((None if member else f, toks[a - 2].text))
        k = _enclosing(f, a, "(")
        if k is not None and _LEAST.fullmatch(toks[k - 1].text):
            return True
        if k is not None:
            self._give(f, k, (a, end))
        op = next((n for n in range(a, end) if toks[n].text in _COMPARE), None)
        head = _head(f, j)
        if op is None or head and toks[head].text in ("for", "while"):
            return False
        other = (op + 1, end) if j < op else (a, op)
        return toks[other[0]].text != "0" and not self._is_count(f, other[1] - 1)

    def _give(self, f, k, what):
        """What is all of an argument, of the call with the bracket k, has the parameter's name."""
        args = f.source.split(k + 1, f.source.match[k], ",")
        if what not in args:
            return
        n = args.index(what)
        for g in self.group.lookup(f.source.tokens[k - 1].text, f.source):
            if n < len(g.params) and g.params[n].name:
                self.names.add((g, g.params[n].name))
                if g not in self.functions:
                    self.functions.append(g)
