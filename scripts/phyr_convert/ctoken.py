# SPDX-License-Identifier: GPL-2.0
"""The tokens of a C file, with their lines.

Comments are gone and preprocessor lines are kept apart.  What the tokens mean is
not known here; see csource.py.
"""

import re
from typing import NamedTuple

_TOKEN = re.compile(r"""
    (?P<ws>[ \t\r\f\v]+|\\\n)
  | (?P<nl>\n)
  | (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<id>[A-Za-z_]\w*)
  | (?P<num>\.?[0-9](?:[eEpP][+-]|[\w.])*)
  | (?P<str>"(?:\\.|[^"\\\n])*")
  | (?P<chr>'(?:\\.|[^'\\\n])*')
  | (?P<hash>\#)
  | (?P<op>\.\.\.|->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||\#\#
        |[-+*/%&|^]=|[-+*/%&|^~!<>=?:;,.(){}\[\]@$`\\])
  | (?P<other>.)
""", re.X | re.S)

# A directive is all of its line, with what backslashes and comments add to it.
_DIRECTIVE = re.compile(r"(?:/\*.*?\*/|\\\n|//[^\n]*|[^\n])*", re.S)


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
        pos, line, fresh = 0, 1, True
        # For each open #if: brace depth before it, and that at the first #else.
        nest = []
        depth = 0
        skip = 0                # depth in nest below which all is skipped
        match = _TOKEN.match
        end = len(text)
        while pos < end:
            m = match(text, pos)
            kind = m.lastgroup
            start = pos
            pos = m.end()
            if kind == "ws":
                line += text.count("\n", start, pos)
                continue
            if kind == "nl":
                line += 1
                fresh = True
                continue
            if kind == "comment":
                line += text.count("\n", start, pos)
                continue
            if kind == "hash" and fresh:
                m = _DIRECTIVE.match(text, pos)
                words = m.group().replace("\\\n", " ")
                skip, depth = self._directive(words, line, nest, depth, skip)
                line += text.count("\n", pos, m.end())
                pos = m.end()
                continue
            fresh = False
            if skip:
                continue
            word = m.group()
            if kind == "op":
                if word == "{":
                    depth += 1
                elif word == "}":
                    depth -= 1
            tokens.append(Token(word, kind, line, start))
            if kind == "str" and "\n" in word:
                line += word.count("\n")

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
