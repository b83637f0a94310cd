# SPDX-License-Identifier: GPL-2.0
"""What a walk over entries of a page each may do, that is to be one over ranges.

An array has an entry for each page, and as many are mapped where nothing joins them.
Ranges of neighbours are joined, up to the device's segments: there are fewer of them, and
they are longer.  So nobody may look at how many there are but to see whether there are any,
or to walk them, and who walks them goes by their lengths.
"""

import re

from .mapped import _enclosing as enclosing
from .rewrite import extent, heads, occurrences, statement

_ORDER = ("<", ">", "<=", ">=")
_EQUAL = ("==", "!=")
_PAGE = re.compile(r"PAGE_(?:SIZE|SHIFT|MASK)|4096|0x1000|4095|0xfff|offset_in_page|PFN_\w+")
# With 0, before or behind
_NONE = re.compile(r"[();&|]+ 0 (?:[=!]=|[<>]=?) [();&|]+ ")
# Functions and types that 64 KiB, the length of a segment, are too much for
_NARROW = re.compile(r"(?:\w*[a-z_])?(?:16|8)(?:be|le|_t)?|\w*(?:write|out)[bw]\w*|"
                     r"(?:unsigned |signed )?(?:short|char)|FIELD_PREP|bool")


class Walk:
    """The walk by a cursor in a function."""

    def __init__(self, group, f, name, steps):
        self.group = group
        self.f = f
        self.name = name
        self.steps = steps
        self.toks = f.source.tokens

    def _is_length(self, j):
        return self.toks[j].text == "sg_dma_len" and self.toks[j + 2].text == self.name

    def _lengths(self, i, end):
        """Is the length of an entry read between tokens i and end?"""
        return any(self._is_length(j) for j in range(i, end))

    def _orders(self, i, end):
        """Is a length between tokens i and end less, or more, than something that varies?"""
        begin = i
        for j in range(i, end + 1):
            if j < end and self.toks[j].text not in ("&&", "||"):
                continue
            part = self.toks[begin:j]
            if self._lengths(begin, j) and any(t.text in _ORDER for t in part) and \
                    not any(t.kind == "num" for t in part):
                return True
            begin = j + 1
        return False

    def by_bytes(self, step):
        """Does a length decide on a step to the next entry?"""
        match = self.f.source.match
        for word, bracket in heads(self.f, step):
            if self._orders(bracket + 1, match[bracket]):
                return True
            if self.toks[word].text in ("if", "switch"):
                continue
            names = {t.text for t in self.toks[bracket + 1:match[bracket]] if t.kind == "id"}
            return bool(names & self._from_lengths(*extent(self.f, word, bracket)))
        return False

    def _from_lengths(self, i, end):
        """What is set, or counted, with a length between tokens i and end."""
        toks, out = self.toks, set()
        for _ in range(2):      # len = sg_dma_len(sg); bytes -= len;
            for j in range(i, end):
                if toks[j].text not in ("=", "+=", "-=") or toks[j - 1].kind != "id":
                    continue
                _, b = statement(self.f, j)
                if self._lengths(j, b) or any(t.text in out for t in toks[j:b]):
                    out.add(toks[j - 1].text)
        return out

    def wrong(self):
        """A token where an entry is taken for a page, or None."""
        for step in self.steps:
            loops = [extent(self.f, w, b) for w, b in heads(self.f, step)
                     if self.toks[w].text not in ("if", "switch")]
            for i, end in loops:
                for j in range(i, end):
                    if _PAGE.fullmatch(self.toks[j].text) or self._reads_by_number(j):
                        return j
        told = False
        for j in range(self.f.start, self.f.end):
            if not self._is_length(j):
                continue
            if self._is_compared(j) or self._is_narrow(j):
                return j
            told |= self._is_told(j)
        return None if told else self.f.start

    def _reads_by_number(self, j):
        """Is an element read whose number a variable tells?  There are as many as pages."""
        toks, match = self.toks, self.f.source.match
        if toks[j].text != "[" or all(t.kind == "num" for t in toks[j + 1:match[j]]):
            return False
        a, _ = statement(self.f, j)
        return any(toks[k].text in ("=", "(") for k in range(a, j))

    def _is_compared(self, j):
        """Is a length equal to something, or not?"""
        around = [j - 1, j + 4]
        while self.toks[around[0]].text == "(" and self.toks[around[1]].text == ")":
            around = [around[0] - 1, around[1] + 1]
        return any(self.toks[k].text in (*_EQUAL, "!") for k in around)

    def _is_narrow(self, j):
        """Is a length put where 64 KiB do not fit?"""
        toks = self.toks
        a, _ = statement(self.f, j)
        # In brackets, or before them
        if any(_NARROW.fullmatch(t.text) for t in toks[a:j]):
            return True
        k = enclosing(self.f, j, "(")
        while k is not None and k >= a:
            if self._takes_less(k, j):
                return True
            k = enclosing(self.f, k, "(")
        k = next((k for k in range(a, j) if toks[k].text in ("=", "+=", "|=")), None)
        return k is not None and self._keeps_less(a, k)

    def _keeps_less(self, a, k):
        """Is the variable, element or member that tokens a to k - 1 are narrow, or unknown?"""
        toks, source = self.toks, self.f.source
        j = next(j for j in range(a, k) if toks[j].kind == "id")
        d = self.f.names.get(toks[j].text) or source.globals.get(toks[j].text)
        while d and j < k:
            j += 1
            if toks[j].text == "[":
                j = source.match[j]
            elif toks[j].text in ("->", "."):
                st = self.group.tree.struct(d.base, source)
                d = st.members.get(toks[j + 1].text) if st else None
        return not d or bool(_NARROW.fullmatch(d.base))

    def _takes_less(self, k, j):
        """Is the parameter that token j is given for narrow?"""
        for n, (a, b) in enumerate(self.f.source.split(k + 1, self.f.source.match[k], ",")):
            if a <= j < b:
                return any(n < len(g.params) and _NARROW.fullmatch(g.params[n].base)
                           for g in self.group.lookup(self.toks[k - 1].text, self.f.source))
        return False

    def _is_told(self, j):
        """Does a length go anywhere but into a condition or a sum of them?"""
        toks = self.toks
        a, _ = statement(self.f, j)
        if any(i < j < self.f.source.match[i] for i in range(a, j)
               if toks[i].text == "(" and toks[i - 1].text in ("if", "while", "for")):
            return False
        return not any(t.text in ("-=", "+=") for t in toks[a:j])


def other_use(group, places, mapping, steps):
    """A mention of the number of entries that neither walks them nor asks for any, or None.

    mapping: the function and token of the call that tells it; steps: what walks go by.
    """
    tree = group.tree
    for path in sorted({*group.files, *tree.directory(group.directory, (".c", ".h"))}):
        for g in tree.source(path).functions.values():
            for x in occurrences(group, g, places):
                before = x.value.place[0] == "v" and g is mapping[0] and x.start < mapping[1]
                if not before and not _asks(x) and not _walks(x, steps.get(g, ())):
                    return x
    return None


def _asks(x):
    """Is it set, tested for none, printed, or given back when it is unmapped?"""
    toks = x.f.source.tokens
    before, after = toks[x.start - 1].text, toks[x.end].text
    if after == "=":
        return True
    if x.call is not None:
        return toks[x.call].text == "dma_unmap_sg" or \
            any(t.kind == "str" for t in toks[x.call:x.start])
    if before in ("(", "&&", "||", "!") and after in (")", "&&", "||"):
        return True
    around = " ".join(t.text for t in toks[x.start - 3:x.start] + toks[x.end:x.end + 3])
    return bool(_NONE.match(around) or _NONE.match(" ".join(around.split(" ")[::-1])))


def _walks(x, steps):
    """Is it how often a loop goes on in which there is a step?"""
    toks, match = x.f.source.tokens, x.f.source.match
    for step in steps:
        for word, bracket in heads(x.f, step):
            if toks[word].text in ("for", "while") and bracket < x.i < match[bracket]:
                return True
    return False
