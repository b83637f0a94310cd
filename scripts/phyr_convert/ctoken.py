# SPDX-License-Identifier: GPL-2.0
"""The tokens of a C file, with their lines.

Comments are gone and preprocessor lines are kept apart.  What the tokens mean is
not known here; see csource.py.
"""

import re
from typing import NamedTuple

# A directive is all of its line, with what backslashes and comments add to it; blanks are in
# no group.
_TOKEN = re.compile(r"""
    ([A-Za-z_]\w*)
  | (\.\.\.|->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\#\#|[-+*%&|^]=
        |/=|[-+*%&|^~!<>=?:;,(){}\[\]@$`]|/(?![/*])|\.(?![0-9])|\\(?!\n))
  | (\.?[0-9](?:[eEpP][+-]|[\w.])*)
  | ("(?:\\.|[^"\\\n])*")
  | ('(?:\\.|[^'\\\n])*')
  | /\*.*?\*/
  | //[^\n]*
  | ^[ \t]*\#((?:/\*.*?\*/|\\\n|//[^\n]*|[^\n])*)
  | ([^\s\\])
""", re.X | re.S | re.M)
_KINDS = (None, "id", "op", "num", "str", "chr", "directive", "other")


class Token(NamedTuple):
    """One token: kind is id, num, str, chr or op."""
    text: str
    kind: str
    line: int
    pos: int


class Tokens:
    """All tokens of a file, and what its preprocessor lines say."""

    def __init__(self, text):
        self.text = text
        self.tokens = []
        self.includes = []      # (name, is it in quotes)
        self.macros = {}        # name -> (line, the text behind it)
        self._scan()

    def _scan(self):
        text, tokens = self.text, self.tokens
        # For each open #if: brace depth before it, and that at the first #else.
        nest = []
        depth = 0
        skip = 0                # depth in nest below which all is skipped
        line, ends = 1, [m.start() for m in re.finditer("\n", text)] + [len(text)]
        last = ends[0]          # of this line
        new = tuple.__new__     # what Token() does, without its arguments' names
        for m in _TOKEN.finditer(text):
            group = m.lastindex
            if not group:       # a comment
                continue
            start = m.start(group)
            while start > last:
                last = ends[line]
                line += 1
            word = m[group]
            kind = _KINDS[group]
            if kind == "directive":
                skip, depth = self._directive(word.replace("\\\n", " "), line, nest, depth, skip)
                continue
            if skip:
                continue
            if word == "{":
                depth += 1
            elif word == "}":
                depth -= 1
            tokens.append(new(Token, (word, kind, line, start)))

    def _directive(self, words, line, nest, depth, skip):
        """Follow #if; where branches open different braces the first one counts."""
        m = re.match(r"\s*(\w+)\s*(.*)", words, re.S)
        if not m:
            return skip, depth
        what, rest = m.groups()
        if what in ("if", "ifdef", "ifndef"):
            nest.append([depth, None])
            if not skip and what == "if" and re.match(r"0\s*(?:/[*/]|$)", rest):
                skip = len(nest)
        elif what in ("else", "elif") and nest:
            if skip == len(nest):
                skip = 0
            if not skip:
                if nest[-1][1] is None:
                    nest[-1][1] = depth
                if nest[-1][1] != nest[-1][0]:
                    skip = len(nest)
        elif what == "endif" and nest:
            if skip == len(nest):
                skip = 0
            nest.pop()
        elif not skip and what == "include":
            m = re.match(r'([<"])([^>"]+)[>"]', rest)
            if m:
                self.includes.append((m.group(2), m.group(1) == '"'))
        elif not skip and what == "define":
            m = re.match(r"(\w+)(.*)", rest, re.S)
            if m:
                self.macros[m.group(1)] = (line, m.group(2))
        return skip, depth
