# SPDX-License-Identifier: GPL-2.0
"""When a table may be used as the device sees it, and what the number of its ranges is for.

An sg_table has entries, and counts them, before it is mapped and after that.  A mapping
has ranges only while it is one, and there may be more of them than there were entries, as
none is longer than the device's segments.
"""

import re

from .csource import KEYWORDS
from .rewrite import extent, first, heads, statement

EVENTS = {"sg_alloc_table_from_pages": "build", "dma_map_sgtable": "map",
          "dma_unmap_sgtable": "unmap", "sg_free_table": "free"}
_COMPARE = ("==", "!=", "<", ">", "<=", ">=")
_ASSIGN = ("=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=")
_ASIDE = ("(", "[", "{", "}", ";", ",", "?", ":", "&&", "||", "return", "!", *_ASSIGN)
_ASKS = re.compile(r"if|\w*(?:WARN|BUG)_ON\w*")
# What a name that is followed by a bracket is of
_CALLED = "call"
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


def _ends_head(f, j):
    """Is token j the last one of an if's or a loop's brackets?"""
    toks, match = f.source.tokens, f.source.match
    return toks[match.get(j, j) - 1].text in ("if", "while", "for")


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


def _constant(f, k):
    """Is what is behind token k the same each time: numbers, sizes, macros?"""
    toks, match = f.source.tokens, f.source.match
    while toks[k].text not in (";", ",", ")"):
        if toks[k].kind == "id" and toks[k].text != "sizeof" and not toks[k].text.isupper():
            return False
        k = match[k + 1] + 1 if toks[k].text == "sizeof" and toks[k + 1].text == "(" else k + 1
    return True


class Life:
    """When one object is mapped, in the order of the text of a driver's functions."""

    def __init__(self, group, sources, kinds=None):
        self.group = group
        self.sources = sources
        self.kinds = kinds or EVENTS    # of what calls do
        self.events = {}        # function -> [(token, what happens to the object)]
        self.uses = {}          # function -> [(token, mention)]
        self.makers = set()     # calls of functions that make the table that they map

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
        kinds = self._kinds(calls)
        entries = self._entries(calls)
        between = self._between(kinds, entries)
        self.makers = {(f, j) for f, j, g in calls if "build" in kinds.get(g, ())}
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
                     if self._bad(f, j) or between and f in entries and self._given(f, j)),
                    None)

    def twice(self):
        """The function and token where it is mapped while it is mapped already, or None."""
        for f, events in self.events.items():
            for k, kind in events:
                if kind != "map" or (f, k) in self.makers:
                    continue
                before = self._around(f, k)[0]
                if before and before[-1] == "map" or self._again(f, k):
                    return f, k
        return None

    def _again(self, f, k):
        """Is there a loop that maps it at token k each time, and makes or unmaps none?"""
        for word, bracket in heads(f, k):
            begin, end = extent(f, word, bracket)
            if f.source.tokens[word].text not in ("if", "switch") and not any(
                    begin <= n <= end and kind != "map" for n, kind in self.events[f]):
                return True
        return False

    def _entries(self, calls):
        """The functions that do something with it, and that others than these may call."""
        called = {g for _, _, g in calls}
        return {f for f in (*self.events, *self.uses, *(f for f, _, _ in calls))
                if f not in called or not f.static and self._named_elsewhere(f) or
                any(self._told(source, f.name) for source in self.sources)}

    def _named_elsewhere(self, f):
        """Is a function named in a file of the driver that does nothing with the object?"""
        tree, own = self.group.tree, {source.path for source in self.sources}
        word = re.compile(rf"\b{f.name}\b")
        near = {*self.group.files, *tree.under(self.group.directory)} - own
        return any(word.search(tree.text(p)) for p in near if p.endswith(".c"))

    @staticmethod
    def _told(source, name):
        """Is a function named other than to declare or call it, as in a table of callbacks?"""
        toks = source.tokens
        return any(tok.text == name and toks[j + 1].text != "(" and
                   toks[j - 1].text not in ("->", ".") for j, tok in enumerate(toks[:-1]))

    def _kinds(self, calls):
        """All that a function does with it, by itself and by those that it calls."""
        kinds = {f: {kind for _, kind in events} for f, events in self.events.items()}
        for _ in range(4):
            for f, _, g in calls:
                kinds.setdefault(f, set()).update(kinds.get(g, ()))
        return kinds

    @staticmethod
    def _between(kinds, entries):
        """Does a function leave it made and not mapped, so that another may be called then?"""
        return any("map" not in done and ("build" in done or "unmap" in done and
                                          "free" not in done)
                   for f, done in kinds.items() if f in entries)

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
    """Where the number of ranges, or what it was kept in, is compared with something else.

    What a walk counts is the number of its ranges, too, however it does that.
    """

    def __init__(self, group, functions, users, walks):
        self.group = group
        self.functions = functions
        self.users = users      # those of them where nents is that of the object
        # (function, variable), (None, member) or (a call, function) -> is it no more and no less?
        self.names = {}
        for f, counter, k, end in walks:
            self._name((f, counter), True)
            self._steps(f, k, end)

    def _name(self, key, exact):
        self.names[key] = exact and self.names.get(key, True)

    def _key(self, f, j):
        """What the name at token j is of."""
        toks = f.source.tokens
        if toks[j + 1].text == "(":
            return _CALLED, toks[j].text
        return None if toks[j - 1].text in ("->", ".") else f, toks[j].text

    def _steps(self, f, k, end):
        """What a walk's body, tokens k to end, counts up or down.

        What is set in the body, too, is counted for something else, or there is room again.
        """
        toks = f.source.tokens
        for j in range(k, end):
            if toks[j].kind != "id" or toks[j].text in KEYWORDS:
                continue
            step = self._step(f, j)
            if step and not any(toks[n].text == toks[j].text and toks[n + 1].text == "=" and
                                not self._step(f, n) for n in range(k, end)):
                self._name(self._key(f, j), step == "+")

    @staticmethod
    def _step(f, j):
        """Is the name at token j counted up, + or +=, or down, -, there?  None if not."""
        toks = f.source.tokens
        before, after = toks[j - 1].text, toks[j + 1].text
        if before == "*" and toks[j - 2].text == "(" and after == ")":
            after = toks[j + 2].text        # (*count)++
        if "++" in (before, after):
            return "+"
        if "--" in (before, after):
            return "-"
        if after in ("+=", "-=") and before != "*" and _constant(f, j + 2):
            return after
        sum_ = after == "=" and toks[j + 2].text == toks[j].text and \
            toks[j + 3].text in ("+", "-") and _constant(f, j + 4)
        return "+=" if sum_ else None

    def _is_count(self, f, j):
        """Is token j a name of the number?"""
        toks = f.source.tokens
        return toks[j - 1].text in ("->", ".") and toks[j].text == "nents" and \
            f in self.users or self._key(f, j) in self.names and not self._other(f, j)

    @staticmethod
    def _other(f, j):
        """Does a for loop around token j count something else with that variable?"""
        toks = f.source.tokens
        word = _enclosing(f, j, "(")
        around = [head for head, _ in heads(f, j)]
        if word is not None:
            around.append(word - 1)
        return any(toks[head].text == "for" and toks[n].text == toks[j].text and
                   toks[n + 1].text == "="
                   for head in around for n in range(head, statement(f, head + 2)[1]))

    def compared(self):
        """The function and token where it is, or None."""
        before = None
        while before != self.names:
            before = dict(self.names)
            for f in self.functions:
                for j in range(f.start, f.end):
                    if f.source.tokens[j].kind == "id" and self._is_count(f, j) and \
                            self._compares(f, j):
                        return f, j
        return None

    @staticmethod
    def _chain(f, j):
        """The first token of the name, member or call at token j, and the one behind it."""
        toks, match = f.source.tokens, f.source.match
        return first(f, j), match[j + 1] + 1 if toks[j + 1].text == "(" else j + 1

    @staticmethod
    def _expression(f, a, end):
        """All of the expression that tokens a to end - 1 are an operand of."""
        toks, match = f.source.tokens, f.source.match
        while True:
            while toks[a - 1].text not in _ASIDE and not _ends_head(f, a - 1):
                a = match.get(a - 1, a - 1) if toks[a - 1].text in (")", "]") else a - 1
            while toks[end].text not in (*_ASIDE, ")", "]"):
                end += 1
            said = toks[a - 2].text in ("likely", "unlikely")
            if toks[a - 1].text != "(" or toks[end].text != ")" or \
                    toks[a - 2].kind == "id" and not said:
                return a, end
            a, end = a - 1 - said, end + 1

    def _compares(self, f, j):
        toks = f.source.tokens
        chain = self._chain(f, j)
        a, end = self._expression(f, *chain)
        exact = chain == (a, end) and self.names.get(self._key(f, j), True)
        self._kept(f, a, end, exact)
        k = _enclosing(f, a, "(")
        if k is not None and _LEAST.fullmatch(toks[k - 1].text):
            return True
        if k is not None:
            self._give(f, k, (a, end), exact)
        head = _head(f, j)
        if head and toks[head].text == "switch":
            return True
        op = next((n for n in range(a, end) if toks[n].text in _COMPARE), None)
        if op is None:
            return not exact and self._tested(f, a, end)
        if head and toks[head].text in ("for", "while"):
            return False
        side = (a, op) if j < op else (op + 1, end)
        other = (op + 1, end) if j < op else (a, op)
        exact = self.names.get(self._key(f, j), True) and chain == side
        zero = exact and toks[other[0]].text == "0"
        return not zero and not self._is_count(f, other[1] - 1)

    @staticmethod
    def _tested(f, a, end):
        """Is what tokens a to end - 1 say asked whether it is 0, in no words?"""
        toks = f.source.tokens
        return toks[a - 1].text in ("!", "&&", "||") or toks[end].text in ("&&", "||", "?") or \
            toks[end].text == ")" and toks[a - 1].text == "(" and \
            _ASKS.fullmatch(toks[a - 2].text) is not None

    def _kept(self, f, a, end, exact):
        """What the number is assigned to, or returned by, has it."""
        toks = f.source.tokens
        if toks[a - 1].text in _ASSIGN and toks[a - 2].kind == "id":
            self._name((None if toks[a - 3].text in ("->", ".") else f, toks[a - 2].text),
                       exact and toks[a - 1].text == "=")
        if toks[a - 1].text == "return" and toks[end].text == ";" and not any(
                t.text in _COMPARE for t in toks[a:end]):
            self._name((_CALLED, f.name), exact)

    def _give(self, f, k, what, exact):
        """What is in an argument, of the call with the bracket k, has the parameter's name."""
        args = f.source.split(k + 1, f.source.match[k], ",")
        n = next((n for n, arg in enumerate(args) if arg[0] <= what[0] < arg[1]), len(args))
        for g in self.group.lookup(f.source.tokens[k - 1].text, f.source):
            if n < len(g.params) and g.params[n].name:
                self._name((g, g.params[n].name), exact and args[n] == what)
                if g not in self.functions:
                    self.functions.append(g)
