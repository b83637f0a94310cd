# SPDX-License-Identifier: GPL-2.0
"""What is mapped must stay where it is: a mapping knows its list by address.

An sg_table can be copied, or be part of what is copied, moved or allocated anew, for all
that it has is a pointer.  A struct phyr_table cannot, nor can what has one inside.  Here
the result of a conversion is looked through for whatever does that.
"""

import os
import re

from .csource import QUALIFIERS
from .rewrite import Refusal

# What has a mapping inside, to begin with
_MAPPED = ("struct phyr_table", "struct dma_phyr_map")
# What copies or moves, and how often the argument points to what it does that to
_POINTS = dict.fromkeys(("memcpy", "memmove", "kmemdup", "devm_kmemdup", "kmemdup_array",
                         "krealloc", "krealloc_array", "devm_krealloc", "devm_krealloc_array",
                         "kvrealloc", "sort", "sort_r"), 1)
_POINTS["swap"] = 0


def _holders(sources):
    """All structures that have a mapping inside, and how often members of that name point
    to one."""
    held, members = set(_MAPPED), {}
    while True:
        before = len(held), len(members)
        for source in sources:
            for st in source.structs.values():
                for name, d in st.members.items():
                    if d.base not in held or d.func:
                        continue
                    stars = d.stars + bool(d.array)
                    members[name] = min(stars, members.get(name, stars))
                    if not d.stars:
                        held.add("struct " + st.name.split(" ")[-1])
        if before == (len(held), len(members)):
            return held, members


class _Function:
    """One function, and what in it has a mapping inside."""

    def __init__(self, f, held, members, structs):
        self.f = f
        self.toks = f.source.tokens
        self.held = held
        self.members = members
        self.structs = structs

    def _stars(self, a, b):
        """How often the name or member that tokens a to b - 1 say points to what has a mapping
        inside, or None if it does not."""
        toks = self.toks
        d = self.f.names.get(toks[a].text)
        known = d is not None
        k = a + 1
        while k < b:
            if toks[k].text in "[(":
                k = self.f.source.match.get(k, k) + 1
                continue
            st = self.structs.get(d.base) if known and d else None
            d = st.members.get(toks[k + 1].text) if st else None
            known = st is not None
            k += 2
        if known:
            return d.stars + bool(d.array) if d and d.base in self.held else None
        # Of which structure it is was not found, so any that has one of the name will do
        return self.members.get(toks[b - 1].text) if toks[b - 2].text in ("->", ".") else None

    def _points(self, a, b):
        """How often tokens a to b - 1 point to such an object: 0 is the object itself; None
        if they are no plain name, member or element."""
        toks, match, stars = self.toks, self.f.source.match, 0
        while a < b and toks[a].text in ("*", "&"):
            stars += 1 if toks[a].text == "*" else -1
            a += 1
        if a < b and toks[a].text == "(" and match.get(a) == b - 1:
            inner = self._points(a + 1, b - 1)
            return None if inner is None else inner - stars
        while b > a and toks[b - 1].text == "]":
            b = match.get(b - 1, a)
            stars += 1
        k = a
        while k < b:
            if toks[k].kind != "id" and toks[k].text not in ("->", ".", "[", "("):
                return None
            k = match.get(k, k) + 1 if toks[k].text in "[(" else k + 1
        points = self._stars(a, b) if b > a and toks[a].kind == "id" else None
        return None if points is None else points - stars

    def moved(self):
        """The line where such an object is copied or moved, or None."""
        toks = self.toks
        for j in range(self.f.start, self.f.end):
            text = toks[j].text
            if text == "=" and self._assigned(j):
                return toks[j].line
            if text not in _POINTS or toks[j + 1].text != "(":
                continue
            for a, b in self.f.source.split(j + 2, self.f.source.match.get(j + 1, j), ","):
                if self._points(a, b) == _POINTS[text] or self._sized(a, b):
                    return toks[j].line
        return None

    def _assigned(self, j):
        """Is an object copied by the assignment at token j?"""
        toks, start = self.toks, j
        if toks[j + 1].text == "{" or toks[j + 1].text == "(" and toks[j + 2].text == "struct":
            return False
        while toks[start - 1].text not in (";", "{", "}", ",", ":", "("):
            text = toks[start - 1].text
            start = self.f.source.match.get(start - 1, start - 1) if text in (")", "]") \
                else start - 1
        while toks[start].text in QUALIFIERS:
            start += 1
        if toks[start].text == "struct":        # a declaration
            start += 2
            if toks[start].text == "*":
                return False
        if self._points(start, j) != 0:
            return False
        end = j + 1
        while toks[end].text not in (";", ",", ")"):
            end = self.f.source.match.get(end, end) + 1
        # What is assigned to such an object is one, or else it was none
        given = self._points(j + 1, end)
        return given == 0 or given is None and toks[end - 1].kind == "id" and \
            toks[end - 1].text != "NULL"

    def _sized(self, a, b):
        """Is there the size of such an object between two tokens?"""
        toks = self.toks
        for k in range(a, b - 1):
            if toks[k].text != "sizeof" or toks[k + 1].text != "(":
                continue
            end = self.f.source.match.get(k + 1, k)
            if toks[k + 2].text == "struct":
                if f"struct {toks[k + 3].text}" in self.held and toks[k + 4].text != "*":
                    return True
            elif self._points(k + 2, end) == 0:
                return True
        return False


def check(tree, texts):
    """A Refusal where what the texts of a conversion have mapped is moved."""
    after = tree.with_texts(texts)
    near = {os.path.dirname(p) for p in texts}
    paths = {p for where in near for p in after.directory(where, (".c", ".h"))} | set(texts)
    paths = sorted(p for p in paths if p.endswith((".c", ".h")))
    if not any(re.search(r"\bstruct (?:phyr_table|dma_phyr_map)\s+\w+\s*[;,\[]", t)
               for t in texts.values()):
        return
    sources = [after.source(p) for p in paths]
    held, members = _holders(sources)
    structs = {"struct " + st.name.split(" ")[-1]: st
               for source in sources for st in source.structs.values()}
    tags = "|".join(re.escape(h.split(" ")[1]) for h in held)
    mentions = re.compile(rf"\bstruct (?:{tags})\b")
    for path in paths:
        if path not in texts and not mentions.search(after.text(path)):
            continue
        for f in after.source(path).functions.values():
            line = _Function(f, held, members, structs).moved()
            if line:
                raise Refusal(path, line, "moved", "")
