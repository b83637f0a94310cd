# SPDX-License-Identifier: GPL-2.0
"""What is mapped must stay where it is: a mapping knows its list by address.

An sg_table can be copied, or be part of what is copied, moved or allocated anew, for all
that it has is a pointer.  A struct phyr_table cannot, nor can what has one inside.  Here
the result of a conversion is looked through for whatever does that.
"""

import os
import re

from .csource import QUALIFIERS
from .rewrite import Refusal, statement

# What has a mapping inside, to begin with
_MAPPED = ("struct phyr_table", "struct dma_phyr_map")
# What copies or moves what an argument points to, but for swap() and kfifo_put(), which are
# given the object
_COPIES = re.compile(r"(?:__)?mem(?:cpy|move)\w*|(?:devm_)?k?v?memdup\w*|\w*realloc\w*|"
                     r"sort(?:_r)?|swap|kfifo_(?:put|in|out|get|peek)\w*|"
                     r"kfifo_(?:from|to)_user|(?!\w*phyr)\w*copy_(?:from|to)_\w+")
_GIVEN = ("swap", "kfifo_put")
_TYPEDEF = re.compile(r"\btypedef\s+((?:struct|union)\s+\w+)\s+(\w+)\s*;")
# Pointers of no type of their own
_BYTES = ("void", "char", "u8")


def _named(sources):
    """All structures and unions, by each name of their type."""
    out = {}
    for source in sources:
        for key, st in source.structs.items():
            tag = st.name.split(" ")[-1]
            out.update({key: st, f"struct {tag}": st, f"union {tag}": st})
    for source in sources:
        of = {m[2]: " ".join(m[1].split()) for m in _TYPEDEF.finditer(source.text)}
        of.update(source.typedefs)
        out.update({name: out[base] for name, base in of.items() if base in out})
    return out


def _holders(sources, structs):
    """The types of all that has a mapping inside, and how often members of that name point
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
                        held |= {name for name, one in structs.items() if one.name == st.name}
        if before == (len(held), len(members)):
            return held, members


def _words(held):
    """What a type of these is named with, as a part of a regular expression."""
    return "|".join(r"\s+".join(map(re.escape, name.split(" "))) for name in sorted(held))


class _Function:
    """One function, and what in it has a mapping inside."""

    def __init__(self, f, held, members, structs):
        self.f = f
        self.toks = f.source.tokens
        self.held = held
        self.members = members
        self.structs = structs
        self.bytes = {}         # a pointer to bytes -> how often it points to such an object
        self._bytes()

    def _bytes(self):
        """Find what pointers to bytes were set to, or were put in the place of."""
        toks = self.toks
        for j in range(self.f.start, self.f.end):
            if toks[j].text != "=":
                continue
            start, end = self._left(j), self._right(j)
            for a, b, c, d in ((start, j, j + 1, end), (j + 1, end, start, j)):
                name = self.f.names.get(toks[b - 1].text)
                if name and name.base in _BYTES and name.stars == 1 and \
                        toks[b - 2].text not in ("->", "."):
                    points = self._points(c, d)
                    if points and a <= b - 1:
                        self.bytes[name.name] = points

    def _left(self, j):
        """The first token of what is assigned to at token j, without its type."""
        toks, match, start = self.toks, self.f.source.match, j
        while toks[start - 1].text not in (";", "{", "}", ",", ":", "("):
            text = toks[start - 1].text
            start = match.get(start - 1, start - 1) if text in (")", "]") else start - 1
        return start

    def _right(self, j):
        """The token behind what is assigned."""
        end = j + 1
        while self.toks[end].text not in (";", ",", ")", "}"):
            end = self.f.source.match.get(end, end) + 1
        return end

    def _stars(self, a, b, sure=False):
        """How often the name or member that tokens a to b - 1 say points to what has a mapping
        inside, or None if it does not."""
        toks = self.toks
        if b == a + 1 and toks[a].text in self.bytes:
            return self.bytes[toks[a].text]
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
        if known or sure:
            return d.stars + bool(d.array) if d and d.base in self.held else None
        # Of which structure it is was not found, so any that has one of the name will do
        return self.members.get(toks[b - 1].text) if toks[b - 2].text in ("->", ".") else None

    def _points(self, a, b, sure=False):
        """How often tokens a to b - 1 point to such an object: 0 is the object itself; None
        if they are no plain name, member or element.  Sure, the type of all of it is known."""
        toks, match, stars = self.toks, self.f.source.match, 0
        while toks[a].text == "(" and match.get(a, b) < b - 1 and \
                toks[match[a] - 1].text == "*":
            a = match[a] + 1    # a cast
        while a < b and toks[a].text in ("*", "&"):
            stars += 1 if toks[a].text == "*" else -1
            a += 1
        if a < b and toks[a].text == "(" and match.get(a) == b - 1:
            inner = self._points(a + 1, b - 1, sure)
            return None if inner is None else inner - stars
        while b > a and toks[b - 1].text == "]":
            b = match.get(b - 1, a)
            stars += 1
        k = a
        while k < b:
            if toks[k].kind != "id" and toks[k].text not in ("->", ".", "[", "("):
                return None
            k = match.get(k, k) + 1 if toks[k].text in "[(" else k + 1
        points = self._stars(a, b, sure) if b > a and toks[a].kind == "id" else None
        return None if points is None else points - stars

    def moved(self):
        """The line where such an object is copied or moved, or None."""
        toks = self.toks
        if self.f.returns[0] in self.held and not self.f.returns[1] or any(
                p.base in self.held and not p.stars and p.array is None for p in self.f.params):
            return self.f.line
        for j in range(self.f.start, self.f.end):
            text = toks[j].text
            if text == "=" and self._assigned(j) or text == "{" and self._begins(j):
                return toks[j].line
            if toks[j + 1].text != "(" or toks[j].kind != "id" or not _COPIES.fullmatch(text):
                continue
            for a, b in self.f.source.split(j + 2, self.f.source.match.get(j + 1, j), ","):
                if self._points(a, b) == (text not in _GIVEN) or self._sized(a, b):
                    return toks[j].line
        return None

    def _assigned(self, j):
        """Is an object copied by the assignment at token j?"""
        toks, start = self.toks, self._left(j)
        if toks[j + 1].text == "{" or toks[j + 1].text == "(" and toks[j + 2].text == "struct":
            return False
        while toks[start].text in QUALIFIERS:
            start += 1
        if toks[start].text == "*" and toks[start - 1].text == "," and self._declares(start):
            return False
        kind = 2 if toks[start].text in ("struct", "union") else 1
        if kind == 2 or toks[start].text in self.held and toks[start + 1].kind == "id":
            start += kind       # a declaration
            if toks[start].text == "*":
                return False
        end = self._right(j)
        # Put where a call or a macro says, or in what another structure begins with
        if self._points(j + 1, end, sure=True) == 0 or self._points(start, j, sure=True) == 0:
            return True
        if self._points(start, j) != 0:
            return False
        # What is assigned to such an object is one, or else it was none
        given = self._points(j + 1, end)
        return given == 0 or given is None and toks[end - 1].kind == "id" and \
            toks[end - 1].text != "NULL"

    def _declares(self, j):
        """Does the statement that token j is in begin with such a type?"""
        toks, a = self.toks, statement(self.f, j)[0]
        while toks[a].text in QUALIFIERS:
            a += 1
        return f"{toks[a].text} {toks[a + 1].text}" in self.held or toks[a].text in self.held

    def _begins(self, j):
        """Is such an object a part of what something begins with, in the braces at token j?"""
        return any(self._points(a, b, sure=True) == 0 for a, b in
                   self.f.source.split(j + 1, self.f.source.match.get(j, j), ","))

    def _sized(self, a, b):
        """Is there the size of such an object between two tokens?"""
        toks = self.toks
        for k in range(a, b - 1):
            if toks[k].text != "sizeof" or toks[k + 1].text != "(":
                continue
            end = self.f.source.match.get(k + 1, k)
            said = " ".join(t.text for t in toks[k + 2:end])
            if said in self.held or self._points(k + 2, end) == 0:
                return True
        return False


class _Room:
    """Where what has a mapping inside is put in memory whose size something else decides."""

    def __init__(self, tree, source, held, structs):
        self.tree = tree        # for what is declared elsewhere
        self.source = source
        self.toks = source.tokens
        self.held = held
        self.structs = structs

    def fixed(self):
        """The line where that is, or None."""
        return self._union() or self._macro() or next(
            (self.toks[j].line for f in self.source.functions.values()
             for j in range(f.start, f.end) if self._cast(f, j)), None)

    def _union(self):
        """Is such an object in a union with an array, which is room for so many bytes?"""
        toks, open_ = self.toks, []
        for j, tok in enumerate(toks[:-2]):
            if tok.text == "{":
                head = [t.text for t in toks[max(j - 2, 0):j]]
                open_.append((next((w for w in head if w in ("union", "struct")), ""), j))
            elif tok.text == "}" and open_:
                open_.pop()
            elif f"{tok.text} {toks[j + 1].text}" in self.held and toks[j + 2].kind == "id" or \
                    tok.text in self.held and toks[j + 1].kind == "id":
                for kind, k in reversed(open_):
                    if kind == "union" and any(t.text == "[" for t in
                                               toks[k:self.source.match.get(k, k)]):
                        return tok.line
                    if not kind:
                        break
        return None

    def _macro(self):
        """Does a macro take a member of something for such an object?"""
        cast = re.compile(rf"\(\s*(?:{_words(self.held)})\s*\*\s*\)"
                          r"[\s&(]*\w+[\s)]*(?:->|\.)\s*(\w+)")
        for line, text in self.source.macros.values():
            m = cast.search(text)
            found = [st.members[m.group(1)] for st in self.structs.values()
                     if m.group(1) in st.members] if m else []
            if m and not (found and all(d.stars and d.array is None for d in found)):
                return line
        return None

    def _cast(self, f, j):
        """Is token j a cast of memory that is a part of something to such an object?"""
        toks, match = self.toks, self.source.match
        close = match.get(j, j)
        if toks[j].text != "(" or toks[close - 1].text != "*" or close > j + 4:
            return False
        to = " ".join(t.text for t in toks[j + 1:close - 1])
        if to not in self.held and not (to == "void" and self._kept(f, j)):
            return False
        j, inside, address = close + 1, 0, False
        while toks[j].text in ("(", "&"):
            cast = toks[j].text == "(" and toks[match.get(j, j) - 1].text == "*"
            inside += toks[j].text == "(" and not cast
            address |= toks[j].text == "&"
            j = match[j] + 1 if cast else j + 1
        d = f.names.get(toks[j].text) or self.source.globals.get(toks[j].text)
        known, indexed, j = d is not None, False, j + 1
        while toks[j].text in ("->", ".", "[", "(") or toks[j].text == ")" and inside:
            text = toks[j].text
            if text in ("->", "."):
                st = d and (self.structs.get(d.base) or self.tree.struct(d.base, self.source))
                d, known = st.members.get(toks[j + 1].text) if st else None, True
            inside -= text == ")"
            indexed = text == "["
            if text == "(":     # what a call returns is a pointer to all of something
                d, known = None, False
            j = match[j] + 1 if text in "[(" else j + 1 + (text in ("->", "."))
        if not known or d and d.base in self.held:
            return False
        return not d or address or d.array is not None and not indexed

    def _kept(self, f, j):
        """Is what follows token j assigned to a pointer to such an object?"""
        toks = self.toks
        d = f.names.get(toks[j - 2].text) if toks[j - 1].text == "=" else None
        return bool(d) and d.base in self.held and d.stars == 1 and \
            toks[j - 3].text not in ("->", ".")


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
    structs = _named(sources)
    held, members = _holders(sources, structs)
    mentions = re.compile(rf"\b(?:{_words(held)})\b")
    for path in paths:
        if path not in texts and not mentions.search(after.text(path)):
            continue
        for f in after.source(path).functions.values():
            line = _Function(f, held, members, structs).moved()
            if line:
                raise Refusal(path, line, "moved", "")
        line = _Room(tree, after.source(path), held, structs).fixed()
        if line:
            raise Refusal(path, line, "embedded", "its memory is a part of something else")
