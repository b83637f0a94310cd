# SPDX-License-Identifier: GPL-2.0
"""Edits of C files by token, and where the object that is converted occurs in them.

The layers (layer_*.py) decide what becomes of an occurrence.  An occurrence that no
layer knows what to do with is a Refusal: what is not proven closed is not converted.
"""

import re

from .csource import KEYWORDS, OPEN


# What a statement may begin behind: not a ) or an else, whose only body it would be
BEGIN = (";", "{", "}", ":")
_ASSIGN = {"=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<=", ">>=", "++", "--"}
_COMPARE = {"==", "!=", "<", ">", "<=", ">="}
_ENDS = (")", ";", "&&", "||")
# Macros whose type, or way to print, is that of what they are given
_TYPED = re.compile(r"u?(?:min|max)3?|clamp|swap|abs|abs_diff|check_(?:add|sub|mul)_overflow|"
                    r"size_(?:add|sub|mul)|\w*print\w*")


class Refusal(Exception):
    """The driver cannot be converted: where, and why (one of convert.REFUSALS)."""

    def __init__(self, path, line, reason, detail=""):
        super().__init__(f"{path}:{line}: {reason}" + (f" ({detail})" if detail else ""))
        self.path, self.line, self.reason, self.detail = path, line, reason, detail


class Edits:
    """Replacements in one file."""

    def __init__(self, source):
        self.source = source
        self.todo = []          # (first character, behind the last, text)

    def span(self, i, j):
        """The characters of tokens i to j - 1."""
        last = self.source.tokens[j - 1]
        return self.source.tokens[i].pos, last.pos + len(last.text)

    def text(self, i, j):
        """What they say."""
        a, b = self.span(i, j)
        return self.source.text[a:b]

    def replace(self, i, j, text):
        """Put text in the place of tokens i to j - 1."""
        a, b = self.span(i, j)
        self.todo.append((a, b, text))

    def remove_lines(self, i, j):
        """Take tokens i to j - 1 away, and the line with them if nothing else is on it."""
        self._statement(i)
        a, b = self.span(i, j)
        text = self.source.text
        start = text.rfind("\n", 0, a) + 1
        end = text.find("\n", b)
        if not text[start:a].strip() and not text[b:end].strip():
            a, b = start, end + 1
            # The only declaration of a block takes the empty line behind it along
            if text[:a].rstrip(" \t").endswith("{\n") and text[b:b + 1] == "\n" and \
                    all(t[0] != a for t in self.todo):
                b += 1
        self.todo.append((a, b, ""))

    def insert_line(self, i, text):
        """A line of its own before the statement that begins at token i."""
        self._statement(i)
        a = self.source.tokens[i].pos
        start = self.source.text.rfind("\n", 0, a) + 1
        indent = self.source.text[start:a]
        if indent.strip():
            raise Refusal(self.source.path, self.source.tokens[i].line, "layout",
                          "no line of its own")
        self.todo.append((start, start, f"{indent}{text}\n"))

    def _statement(self, i):
        """One more or less where there are no braces is another body of an if or a loop."""
        if self.source.tokens[i - 1].text not in BEGIN:
            raise Refusal(self.source.path, self.source.tokens[i].line, "layout",
                          "the body of an if or a loop")

    def apply(self):
        """The new text of the file."""
        out, at = [], 0
        for a, b, text in sorted(self.todo, key=lambda e: (e[0], e[1])):
            if a < at:
                line = self.source.text.count("\n", 0, a) + 1
                raise Refusal(self.source.path, line, "layout", "two edits of one place")
            out += [self.source.text[at:a], text]
            at = b
        out.append(self.source.text[at:])
        return "".join(out)


class Occurrence:
    """One mention of the object: tokens i to end - 1, with what is around it."""

    def __init__(self, f, i, start, end, value):
        self.f = f
        self.start = start      # at the &, if there is one
        self.i = i
        self.end = end
        self.value = value
        self.call = None        # token of the function whose argument it is
        self.arg = None         # which argument
        self.args = []
        self._enclosing()

    @property
    def line(self):
        """Where it is."""
        return self.f.source.tokens[self.i].line

    def _enclosing(self):
        toks, match = self.f.source.tokens, self.f.source.match
        k = self.start - 1
        while k > self.f.start:
            text = toks[k].text
            if text in (")", "]", "}"):
                k = match.get(k, k) - 1
                continue
            if text in (";", "{", "="):
                return
            if text == "(":
                if toks[k - 1].kind == "id" and toks[k - 1].text not in KEYWORDS:
                    self.call = k - 1
                    self.args = self.f.source.split(k + 1, match.get(k, k), ",")
                    for n, (a, b) in enumerate(self.args):
                        if a <= self.start < b:
                            self.arg = n
                    return
                return
            k -= 1

    def whole_argument(self):
        """Is it all of the argument?"""
        return self.arg is not None and self.args[self.arg] == (self.start, self.end)


def occurrences(group, f, places):
    """All mentions of these places in a function, in their order."""
    toks = f.source.tokens
    i = f.start
    while i < f.end:
        tok = toks[i]
        if tok.kind == "id" and tok.text not in KEYWORDS and \
                toks[i - 1].text not in ("->", ".") and toks[i + 1].text != "(":
            end = _prefix(group, f, i, places)
            if end:
                start = i - 1 if toks[i - 1].text == "&" else i
                got, _ = group.chain(f, i, end)
                yield Occurrence(f, i, start, end, got[0])
                i = end
                continue
        i += 1


def _prefix(group, f, i, places):
    """Behind the shortest expression from token i on that is one of the places."""
    toks, match = f.source.tokens, f.source.match
    end = i + 1
    while True:
        got, _ = group.chain(f, i, end)
        if any(v.place in places for v in got):
            return end
        if toks[end].text in ("->", ".") and toks[end + 1].kind == "id":
            end += 2
        elif toks[end].text == "[":
            end = match.get(end, end) + 1
        else:
            return None
        if end >= f.end or toks[end - 1].text in OPEN:
            return None


def statement(f, i):
    """The tokens of the statement that token i is in, from its first to behind its ;"""
    toks, match = f.source.tokens, f.source.match
    a = i
    while a > f.start and toks[a - 1].text not in (";", "{", "}"):
        a = match.get(a - 1, a - 1) if toks[a - 1].text in (")", "]") else a - 1
    b = i
    while b < f.end and toks[b].text != ";":
        b = match.get(b, b) + 1 if toks[b].text in OPEN else b + 1
    return a, b + 1


def first(f, i):
    """The first token of the expression whose last member is token i."""
    toks, match = f.source.tokens, f.source.match
    while toks[i - 1].text in ("->", "."):
        i -= 2
        while toks[i].text in (")", "]"):
            i = match.get(i, i - 1) - (toks[i].text == "]")
    return i


def written(f, i, end):
    """Is what tokens i to end - 1 end with set, counted, or is its address taken?"""
    toks, i = f.source.tokens, first(f, i)
    while toks[i - 1].text == "(" and toks[end].text == ")" and (
            toks[i - 2].kind != "id" or toks[i - 2].text in KEYWORDS):
        i, end = i - 1, end + 1
    before = toks[i - 2]
    operand = before.kind in ("id", "num") and before.text not in KEYWORDS or \
        before.text in (")", "]")
    return toks[end].text in _ASSIGN or toks[end].text not in ("->", ".", "[") and (
        toks[i - 1].text in ("++", "--") or toks[i - 1].text == "&" and not operand)


def heads(f, k):
    """The ifs and loops that the statement at token k is in: (word, its brackets)."""
    toks, match = f.source.tokens, f.source.match
    while k > f.start:
        before = toks[k - 1].text
        if before == ")":
            k = match[k - 1] - 1
            yield k, k + 1
        elif before == "else":
            body = match[k - 2] if toks[k - 2].text == "}" else None
            k = match[body - 1] - 1 if body else statement(f, k - 2)[0]
            while toks[k].text != "if":     # behind an else, or a label
                k += 1
            yield k, k + 1
        elif before == "do":
            end = match[k] if toks[k].text == "{" else statement(f, k)[1] - 1
            k -= 1
            yield k, end + 2
        else:
            k -= 1
            while k >= f.start and toks[k].text != "{":
                k = match.get(k, k) - 1 if toks[k].text in (")", "]", "}") else k - 1


def extent(f, word, bracket):
    """The first and the last token of an if or a loop, as heads() tells them."""
    toks, match = f.source.tokens, f.source.match
    if toks[word].text == "do":
        return word, match[bracket]
    body = match[bracket] + 1
    return word, match[body] if toks[body].text == "{" else statement(f, body)[1]


def writes(f, name, i, end):
    """Where the variable or member of that name is set between two tokens."""
    toks = f.source.tokens
    return (j for j in range(i, end)
            if toks[j].kind == "id" and toks[j].text == name and written(f, j, j + 1))


def always(f, i, j, nested=False):
    """Does what runs token j run the statement at token i before, once for each time?

    It does in the same block, if nothing between them can be jumped to.  Nested, it may
    run j several times.
    """
    toks, depth = f.source.tokens, 0
    if toks[i - 1].text not in BEGIN or not i < j:
        return False
    for k in range(i, j):
        depth += (toks[k].text == "{") - (toks[k].text == "}")
        label = toks[k].kind == "id" and toks[k + 1].text == ":" and toks[k - 1].text in BEGIN
        if depth < 0 or label or toks[k].text in ("case", "default"):
            return False
    return depth == 0 or nested


def copies(group, sources, f, i, end):
    """Where the value of tokens i to end - 1 is read: there, and of what it is kept in, given
    to, or returned by, as (function, first token, token behind).

    All objects of a type are taken for one, and all members of one name.
    """
    seen, todo = set(), [(f, i, end)]
    while todo:
        f, i, end = todo.pop()
        if (f.source.path, i) in seen:
            continue
        seen.add((f.source.path, i))
        yield f, i, end
        functions = [g for source in sources for g in source.functions.values()]
        todo += _goes(group, functions, f, i, end)


def _goes(group, functions, f, i, end):
    """What has the value of tokens i to end - 1 next, if it is not a part of a sum or a test."""
    toks, match, k = f.source.tokens, f.source.match, i - 1
    if toks[end].text not in (";", ",", ")", "}", ":") or \
            toks[k].text not in ("=", "return", "(", ",", ")", "?", ":"):
        return []
    while toks[k].text not in (";", "{", "}"):
        text, before = toks[k].text, toks[k - 1]
        if text == "=":
            j = k - 1
            while toks[j].text == "]":
                j = match[j] - 1
            return _mentions(functions if toks[j - 1].text in ("->", ".") else [f], f, j)
        if text == "return":
            return [(g, j, g.source.match[j + 1] + 1) for g in functions
                    for j in range(g.start, g.end)
                    if g.source.tokens[j].text == f.name and g.source.tokens[j + 1].text == "("]
        if text == "(" and before.kind == "id" and before.text not in KEYWORDS:
            args = f.source.split(k + 1, match[k], ",")
            n = next(n for n, (a, b) in enumerate(args) if a <= i < b)
            return [m for g in group.lookup(before.text, f.source)
                    if n < len(g.params) and g.params[n].name
                    for m in _named(g, g.params[n].name, False)]
        k = match.get(k, k) - 1 if text in (")", "]") else k - 1
    return []


def _mentions(functions, f, j):
    """All mentions of the variable or member that token j names."""
    toks = f.source.tokens
    return [m for g in functions for m in
            _named(g, toks[j].text, toks[j - 1].text in ("->", "."))]


def _named(f, name, member):
    """All mentions of a variable, or of members of that name, in a function."""
    toks, match = f.source.tokens, f.source.match
    for j in range(f.start, f.end):
        if toks[j].text == name and (toks[j - 1].text in ("->", ".")) == member:
            end = j + 1
            while toks[end].text == "[":
                end = match[end] + 1
            yield f, first(f, j), end


def divided(f, i, end):
    """May tokens i to end - 1 be divided?  32-bit CPUs cannot divide 64 bits."""
    toks, match = f.source.tokens, f.source.match
    if toks[i - 1].text in ("/", "%") or toks[end].text in ("/", "%", "/=", "%="):
        return True
    k = i - 1
    while k > f.start and toks[k].text not in (";", "{"):
        if toks[k].text in (")", "]", "}"):
            k = match.get(k, k)
        elif toks[k].text == "(" and toks[k - 1].kind == "id":
            name = toks[k - 1].text
            if name.isupper() or name.startswith(("round", "do_div", "div")):
                return True
        k -= 1
    return False


def _is_unsigned(f, i):
    """Is token i a variable that is declared of an unsigned type?"""
    toks = f.source.tokens
    d = f.names.get(toks[i].text)
    if not d or d.stars or d.array is not None:
        return False
    j = next((j for j, tok in enumerate(toks) if tok.line == d.line and tok.text == d.name), 0)
    said = set()
    while j > 0 and toks[j].text not in ("(", ",", ";", "{", "}"):
        j -= 1
        said.add(toks[j].text)
    return bool(said & {"unsigned", "u32", "u64", "size_t", "dma_addr_t"})


def whole(group, f, i, end):
    """Are tokens i to end - 1 all of what is assigned, tested, or given to a function?

    A length was 32 bits wide: in anything else it may wrap, or the result has that type.
    """
    toks, match = f.source.tokens, f.source.match
    before, after = toks[i - 1].text, toks[end].text
    if before == "!" or before == "return" and after == ";":
        return True
    if before in ("=", "+=", "-="):
        return after in (";", ",", ")", "}")
    # Compared with a signed one, it would be as another number
    if before in _COMPARE and after in _ENDS:
        return toks[i - 3].text in ("(", *_ENDS) and _is_unsigned(f, i - 2)
    if after in _COMPARE and before in ("(", *_ENDS):
        return toks[end + 2].text in _ENDS and _is_unsigned(f, end + 1)
    if before not in ("(", ",") or after not in (",", ")"):
        return False
    k = i - 1
    while k > f.start and toks[k].text not in ("(", ";", "{"):
        k = match.get(k, k) - 1 if toks[k].text in (")", "]", "}") else k - 1
    name = toks[k - 1]
    if toks[k].text == "(" and name.text in ("if", "while"):
        return True
    if toks[k].text != "(" or name.kind != "id" or name.text in KEYWORDS or \
            _TYPED.fullmatch(name.text):
        return False
    # Where there is a format, the type is in it
    if any(t.kind == "str" for t in toks[k:match[k]]):
        return False
    if toks[k - 2].text in ("->", "."):
        return True
    if any(name.text in group.tree.source(p).macros for p in {f.source.path, *group.files}):
        return False
    n = [a for a, _ in f.source.split(k + 1, match[k], ",")].index(i)
    return all(n < len(g.params) and g.params[n].name for g in group.lookup(name.text, f.source))


def narrowed(group, f, i, end):
    """What to put before a length that tokens i to end - 1 read, which was 32 bits wide."""
    return "(unsigned int)" if divided(f, i, end) or not whole(group, f, i, end) else ""
