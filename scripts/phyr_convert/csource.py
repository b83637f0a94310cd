# SPDX-License-Identifier: GPL-2.0
"""What a C file declares: functions, structures, variables, tables of callbacks.

This is not a compiler: it knows just so much of C that kernel code can be followed
by the names of its variables and members, and it never fails on what it does not
understand.  How values go from one to the other is in flow.py.
"""

import os
import re

from .ctoken import Tokens

OPEN = {"(": ")", "[": "]", "{": "}"}
CLOSE = {v: k for k, v in OPEN.items()}
KEYWORDS = {
    "if", "else", "while", "for", "do", "switch", "case", "default", "return", "break",
    "continue", "goto", "sizeof", "typeof", "__typeof__", "struct", "union", "enum",
    "const", "volatile", "static", "extern", "inline", "register", "typedef", "signed",
    "unsigned", "asm", "_Alignof",
}
SCALARS = {"void", "char", "short", "int", "long", "unsigned", "signed", "float", "double",
           "bool", "_Bool"}
QUALIFIERS = {"const", "volatile", "static", "extern", "inline", "register", "__iomem",
              "__user", "__force", "__percpu", "__rcu", "noinline", "__always_inline",
              "__maybe_unused", "__must_check", "__init", "__exit", "restrict"}


class Declaration:
    """A variable, parameter or member: its base type, and how often it points."""

    __slots__ = ("name", "base", "stars", "array", "line", "func")

    def __init__(self, name, base, stars, array, line, func=False):
        self.name = name
        self.base = base        # "struct x", "union x", a typedef's name or a scalar
        self.stars = stars
        self.array = array      # the tokens of its first index, or None
        self.line = line
        self.func = func        # a pointer to a function


class Struct:
    """A structure and its members; those of unnamed ones inside are its own."""

    def __init__(self, name, path, line):
        self.name = name
        self.path = path
        self.line = line
        self.members = {}


class Function:
    """A function with its body, as a range of its file's tokens."""

    def __init__(self, source, name, params, start, end, line):
        self.source = source
        self.name = name
        self.params = params
        self.start = start      # token behind the {
        self.end = end          # token of the }
        self.line = line
        self.static = False
        self.returns = ("", 0)
        self.names = {p.name: p for p in params if p.name}
        self._locals()

    @property
    def tokens(self):
        """The tokens of the body."""
        return self.source.tokens[self.start:self.end]

    def _locals(self):
        i = self.start
        while i < self.end:
            nxt = self.source.declaration(i, self.end, self.names, inside=True)
            i = nxt if nxt > i else i + 1

    def last_line(self):
        """The line of the closing brace."""
        return self.source.tokens[self.end].line


class Source:
    """One file."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        scanned = Tokens(text)
        self.tokens = scanned.tokens
        self.includes = scanned.includes
        self._include_paths = None
        self.macros = scanned.macros
        self.functions = {}
        self.structs = {}
        self.typedefs = {}
        self.globals = {}
        self.callbacks = []     # (type of the table, member, function)
        self.match = self._pairs()
        self._top()

    def _pairs(self):
        stack, match = [], {}
        for i, tok in enumerate(self.tokens):
            if tok.kind != "op":
                continue
            if tok.text in OPEN:
                stack.append(i)
            elif tok.text in CLOSE:
                while stack and self.tokens[stack[-1]].text != CLOSE[tok.text]:
                    # Brackets that macros leave open end with the block around them
                    if tok.text != "}":
                        break
                    stack.pop()
                if stack and self.tokens[stack[-1]].text == CLOSE[tok.text]:
                    j = stack.pop()
                    match[i] = j
                    match[j] = i
        return match

    def _top(self):
        toks, i = self.tokens, 0
        begin = 0               # of the declaration
        while i < len(toks):
            text = toks[i].text
            if text == ";":
                i += 1
                begin = i
            elif text == "{":
                end = self.match.get(i, len(toks) - 1)
                i = self._braces(begin, i, end)
                begin = i if i > end else begin
            elif text == "(":
                i = self.match.get(i, i) + 1
            elif text in ("}", ")"):
                i += 1
                begin = i
            else:
                i += 1
        self._globals()

    def _braces(self, begin, i, end):
        """A brace at the top: a structure, a function, or what a variable begins with."""
        toks = self.tokens
        head = [t.text for t in toks[begin:i]]
        if "=" in head:
            self._table(begin, i, end)
            return end + 1
        if ")" in head and not (head[-1] not in (")",) and "struct" in head[-2:]):
            k = self._function_name(begin, i)
            if k is not None:
                close = self.match.get(k + 1, i)
                params = self._params(k + 2, close)
                f = Function(self, toks[k].text, params, i + 1, end, toks[k].line)
                f.static = "static" in head[:k - begin]
                f.returns = self._returns(begin, k)
                # Which of two that an #ifdef chooses from: the longer one
                old = self.functions.get(f.name)
                if not old or old.end - old.start < end - i:
                    self.functions[f.name] = f
                return end + 1
        m = [j for j in range(begin, i) if toks[j].text in ("struct", "union")]
        if m:
            name = toks[m[-1] + 1].text if toks[m[-1] + 1].kind == "id" else ""
            if m[-1] + 1 >= i:
                name = ""
            self._struct(name, i, end, toks[m[-1]].text)
            if head and head[0] == "typedef":
                j = end + 1
                while j < len(toks) and toks[j].text != ";":
                    if toks[j].kind == "id":
                        self.typedefs[toks[j].text] = (
                            f"{toks[m[-1]].text} {name}" if name else toks[j].text)
                        if not name:
                            self._struct(toks[j].text, i, end, "typedef")
                    j += 1
            return end + 1
        return end + 1

    def _returns(self, begin, name):
        base = ""
        for j in range(begin, name):
            text = self.tokens[j].text
            if text in ("struct", "union"):
                base = f"{text} {self.tokens[j + 1].text}"
                break
            if self.tokens[j].kind == "id" and text not in QUALIFIERS and \
                    not text.startswith("__"):
                base = text
        return base, sum(1 for t in self.tokens[begin:name] if t.text == "*")

    def _function_name(self, begin, i):
        """The token that names a function whose body begins at token i."""
        j = begin
        toks = self.tokens
        while j < i:
            if toks[j].text == "(" and j > begin and toks[j - 1].kind == "id":
                if toks[j - 1].text not in ("__attribute__", "__aligned", "__section",
                                            "__printf", "__acquires", "__releases",
                                            "__must_hold"):
                    return j - 1
            if toks[j].text == "(":
                j = self.match.get(j, j)
            j += 1
        return None

    def _params(self, i, end):
        out = []
        for part in self.split(i, end, ","):
            names = {}
            if self.declaration(part[0], part[1], names, inside=False) and names:
                out.append(next(iter(names.values())))
            else:
                out.append(Declaration("", "", 0, None, 0))
        return out

    def split(self, i, end, sep):
        """The pieces between separators at this level, as token ranges."""
        out, start = [], i
        while i < end:
            text = self.tokens[i].text
            if text in OPEN:
                i = self.match.get(i, i)
            elif text == sep:
                out.append((start, i))
                start = i + 1
            i += 1
        if start < end:
            out.append((start, end))
        return out

    def _struct(self, name, i, end, kind):
        key = f"{kind} {name}" if kind != "typedef" else name
        st = Struct(key, self.path, self.tokens[i].line)
        self._members(st, i + 1, end)
        if name:
            self.structs[key] = st
        return st

    def _members(self, st, i, end):
        toks = self.tokens
        while i < end:
            # struct_group(name, members), struct_group_tagged(tag, name, members)
            if toks[i].text.startswith("struct_group") and toks[i + 1].text == "(":
                self._members(st, i + 2, self.match.get(i + 1, end))
                i = self.match.get(i + 1, i) + 1
                continue
            j = i
            brace = None
            while j < end and toks[j].text not in (";",):
                if toks[j].text == "{" and brace is None:
                    brace = j
                if toks[j].text in OPEN:
                    j = self.match.get(j, j)
                j += 1
            if brace is not None and brace < j:
                close = self.match.get(brace, end)
                words = [t.text for t in toks[i:brace]]
                kind = "union" if "union" in words else "struct"
                tag = words[-1] if words and words[-1] not in ("struct", "union") else ""
                rest = [t for t in toks[close + 1:j] if t.kind == "id" and
                        t.text not in QUALIFIERS and not t.text.startswith("__")]
                if not rest:
                    self._members(st, brace + 1, close)
                    if tag:
                        self._struct(tag, brace, close, kind)
                elif kind in words:
                    inner = tag or f"{st.name.split(' ')[-1]}.{rest[0].text}"
                    self._struct(inner, brace, close, kind)
                    stars = sum(1 for t in toks[close + 1:j] if t.text == "*")
                    for t in rest[:1]:
                        st.members[t.text] = Declaration(t.text, f"{kind} {inner}",
                                                         stars, None, t.line)
            else:
                self.declaration(i, min(j + 1, end), st.members, inside=False)
            i = j + 1

    def declaration(self, i, end, names, inside):
        """Add what is declared at token i; the token behind it, or i if nothing is.

        Inside of a function it has to look like a statement of its own or the start
        of a for loop.
        """
        toks = self.tokens
        start = i
        if inside:
            before = toks[i - 1].text if i else ";"
            if before not in (";", "{", "}", ":", ")") and not (
                    before == "(" and i > 1 and toks[i - 2].text == "for"):
                return start
        base = None
        while i < end and toks[i].text in QUALIFIERS:
            i += 1
        if i >= end or toks[i].kind != "id":
            return start
        if toks[i].text in ("struct", "union", "enum"):
            if i + 1 >= end or toks[i + 1].kind != "id":
                return start
            base = f"{toks[i].text} {toks[i + 1].text}"
            i += 2
        elif toks[i].text in SCALARS:
            while i < end and toks[i].text in SCALARS:
                base = toks[i].text
                i += 1
        elif toks[i].text in KEYWORDS:
            return start
        elif toks[i].text in ("DECLARE_CRYPTO_WAIT", "LIST_HEAD"):
            return start
        else:
            base = toks[i].text
            i += 1
        found = 0
        while i < end:
            stars, array, func = 0, None, False
            while i < end and (toks[i].text == "*" or toks[i].text in QUALIFIERS):
                stars += toks[i].text == "*"
                i += 1
            if i < end and toks[i].text == "(" and i + 1 < end and toks[i + 1].text == "*":
                # (*name)(...) or (*name)[n]
                j = i + 2
                while j < end and toks[j].text == "*":
                    j += 1
                if j >= end or toks[j].kind != "id":
                    return start
                name = toks[j]
                i = self.match.get(i, i) + 1
                func = i < end and toks[i].text == "("
                if i < end and toks[i].text in "([":
                    i = self.match.get(i, i) + 1
                stars = 1
            else:
                if i >= end or toks[i].kind != "id" or toks[i].text in KEYWORDS:
                    break
                name = toks[i]
                i += 1
                while i < end and toks[i].text == "[":
                    if array is None:
                        array = (i + 1, self.match.get(i, i))
                    i = self.match.get(i, i) + 1
            after = toks[i].text if i < len(toks) else ";"
            while i < end and toks[i].kind == "id" and (
                    toks[i].text.startswith("__") or toks[i].text in ("cacheline_aligned",)):
                i += 1
                if i < end and toks[i].text == "(":
                    i = self.match.get(i, i) + 1
                after = toks[i].text if i < len(toks) else ";"
            if after not in ("=", ";", ",", ":", ")") and i < end:
                break
            if inside and after in (")", ":") and not found:
                return start
            names[name.text] = Declaration(name.text, base, stars, array, name.line, func)
            found += 1
            if after == ":" and i < end:    # a bit field
                while i < end and toks[i].text not in (";", ","):
                    i += 1
                after = toks[i].text if i < len(toks) else ";"
            if after == "=" and i < end:
                if inside:
                    # What it begins with may hold declarations, in a ({ })
                    depth_end = i
                    while depth_end < end and toks[depth_end].text not in (";", ","):
                        if toks[depth_end].text in OPEN:
                            depth_end = self.match.get(depth_end, depth_end)
                        depth_end += 1
                    i = depth_end
                else:
                    while i < end and toks[i].text not in (";", ","):
                        if toks[i].text in OPEN:
                            i = self.match.get(i, i)
                        i += 1
            if i < end and toks[i].text == ",":
                i += 1
                continue
            break
        if not found:
            return start
        return i

    def _table(self, begin, i, end):
        """struct X_ops name = { .member = function, ... }: remember the callbacks."""
        toks = self.tokens
        names = {}
        self.declaration(begin, i, names, inside=False)
        base = next(iter(names.values())).base if names else ""
        self.globals.update(names)
        j = i
        while j < end - 2:
            if (toks[j].text == "." and toks[j + 1].kind == "id" and
                    toks[j + 2].text == "="):
                k = j + 3
                if toks[k].text == "&":
                    k += 1
                if toks[k].kind == "id" and toks[k + 1].text in (",", "}"):
                    self.callbacks.append((base, toks[j + 1].text, toks[k].text))
                j = k
            else:
                j += 1

    def _globals(self):
        toks, i, depth = self.tokens, 0, 0
        while i < len(toks):
            text = toks[i].text
            if text == "{":
                i = self.match.get(i, i)
            elif depth == 0 and (i == 0 or toks[i - 1].text in (";", "}")):
                j = self.declaration(i, len(toks), self.globals, inside=False)
                if j > i:
                    i = j
                    continue
            i += 1

    def include_paths(self):
        """Where the headers that the file includes may be, in this order."""
        if self._include_paths is None:
            self._include_paths = list(self._included())
        return self._include_paths

    def _included(self):
        here = os.path.dirname(self.path)
        for name, quoted in self.includes:
            if quoted:
                yield os.path.normpath(os.path.join(here, name))
            yield os.path.join("include", name)
            if quoted:
                # ccflags -I: a header of that name in a directory above
                up = here
                while "/" in up:
                    up = os.path.dirname(up)
                    yield os.path.normpath(os.path.join(up, name))
                    yield os.path.normpath(os.path.join(up, "include", name))

    def function_at(self, line):
        """The function whose body has this line."""
        for f in self.functions.values():
            if f.line <= line <= f.last_line():
                return f
        return None


IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
