# SPDX-License-Identifier: GPL-2.0
"""Where scatterlists come from and go to, by the names of what holds them.

A place is what can hold a list: a variable, a member of a structure (the same for all
objects of that type), what a function returns.  A Group has the places of a driver,
the edges along which lists flow between them, and what is done with them.  It errs by
seeing more flow than there is.  What follows from it is decided in classify.py.
"""

import os
import re
from collections import defaultdict

from . import frameworks as fw
from .csource import KEYWORDS, OPEN
from .tree import MANY

MAPS = {
    "dma_map_sg": (1, 2), "dma_map_sg_attrs": (1, 2), "dma_map_sgtable": (1, None),
    "ib_dma_map_sg": (1, 2), "ib_dma_map_sg_attrs": (1, 2),
    "ib_dma_map_sgtable_attrs": (1, None), "ib_dma_map_sgtable": (1, None),
}
SG_MEMBERS = {"sgl", "sgt", "prv"}
# A macro that is a call of a function.
_ALIAS = re.compile(r"\(([\w, ]*)\)[\s\\]*(\w+)\(([^()]*)\)\s*;?\s*$")

# Not worth looking for: they do nothing to a list.
_PLAIN = {"kfree", "kvfree", "vfree", "IS_ERR", "IS_ERR_OR_NULL", "PTR_ERR", "memset", "memcpy",
          "min", "max", "WARN_ON", "BUG_ON", "likely", "unlikely", "list_add", "kmalloc",
          "devm_kfree", "dev_err", "dev_dbg", "pr_err", "ARRAY_SIZE", "kmemleak_not_leak"}
ENTRY_FIELDS = {"page_link", "offset", "length", "dma_address", "dma_length", "dma_flags"}


class Value:
    """What an expression may be: a place, and its type as far as it is known."""

    __slots__ = ("place", "base", "stars", "addr")

    def __init__(self, place, base, stars, addr=False):
        self.place = place
        self.base = base
        self.stars = stars
        self.addr = addr

    def is_sg(self):
        """Is it, or may it be, a list?"""
        return self.base in fw.SG_TYPES

    def may_be(self):
        """Is nothing known against it?"""
        return self.base is None or self.is_sg() or (self.base == "void" and self.stars)


class Group:
    """The files of a driver, and those that turn out to call it."""

    def __init__(self, tree, directory):
        self.tree = tree
        self.directory = directory
        self.files = []
        self.functions = {}                     # name -> [Function], not static
        self.back = defaultdict(set)
        self.ahead = defaultdict(set)
        self.builders = defaultdict(set)        # place -> {(way, path, line)}
        self.filled = defaultdict(set)          # place -> {framework}
        self.sinks = defaultdict(set)           # place -> {framework}
        self.uses = defaultdict(set)            # place -> {(path, function)}
        self.fields = defaultdict(set)          # place -> {(member, path, line)}
        self.indexed = defaultdict(set)         # place -> {(path, line)}
        self.missing = defaultdict(set)         # (structure, member it has not) -> the same
        self.called = defaultdict(set)          # (path or "", function) -> callers
        self.callbacks = defaultdict(set)       # function -> {(table, member)}
        self.method_calls = defaultdict(list)   # member -> [(function, arguments)]
        self.methods = defaultdict(set)         # member -> {functions linked to it}
        self.unknown = defaultdict(set)         # place -> {functions not in the group}
        self.aliases = {}       # macro -> (function, for each argument which of the macro's)
        self.narrow = False     # do not look for callers elsewhere
        self.maps = []                          # (path, line, api, function, values, args)
        self._types = {}
        self._inlines = {}
        self._asked = set()
        self._scanned = set()
        near = [p for p in tree.directory(directory, (".c", ".h")) if self._relevant(p)]
        self.add(near)

    def _relevant(self, path):
        text = self.tree.text(path)
        return "scatter" in text or "sg_" in text or "_sg" in text or "sgl" in text or \
            "sgt" in text

    def add(self, paths):
        """Look at these files, too."""
        new = [p for p in paths if p not in self._scanned]
        self._scanned.update(new)
        self.files += new
        sources = [self.tree.source(p) for p in new]
        for s in sources:
            for name, (_, body) in s.macros.items():
                m = _ALIAS.match(body)
                if m:
                    params = [w.strip() for w in m.group(1).split(",")]
                    self.aliases[name] = (m.group(2), [
                        params.index(w) if w in params else None
                        for w in (a.strip(" ()") for a in m.group(3).split(","))])
        for s in sources:
            for f in s.functions.values():
                if not f.static:
                    self.functions.setdefault(f.name, []).append(f)
            for table, member, name in s.callbacks:
                self.callbacks[name].add((table, member))
        for s in sources:
            for f in s.functions.values():
                self._scan(f)
        self._link_methods()

    def _link_methods(self):
        """A call through a driver's own table of functions may mean each of them."""
        for name, entries in list(self.callbacks.items()):
            for table, member in entries:
                if member not in self.method_calls or fw.of_callback(table, member):
                    continue
                for g in [g for s in self.files for g in [self.tree.source(s).functions.get(name)]
                          if g]:
                    for f, args in self.method_calls[member]:
                        self._arguments(f, args, g)
                        self.called[(g.source.path, g.name)].add((f.source.path, f.name))

    def lookup(self, name, source):
        """The functions of the group that a call may mean."""
        f = source.functions.get(name)
        if f:
            return [f]
        return self.functions.get(name, []) or self._inline(name, source)

    def _inline(self, name, source):
        key = (name, source.path)
        if key not in self._inlines:
            self._inlines[key] = self._in_headers(name, source)
        return self._inlines[key]

    def _in_headers(self, name, source):
        for path, quoted in source.includes:
            if not quoted:
                continue
            near = os.path.normpath(os.path.join(os.path.dirname(source.path), path))
            if not self.tree.exists(near):
                continue
            f = self.tree.source(near).functions.get(name)
            if f:
                return [f]
        return []

    # Types and places

    def _struct(self, base, source):
        key = (base, source.path)
        if key not in self._types:
            self._types[key] = self.tree.struct(base, source)
        return self._types[key]

    def _variable(self, f, name):
        d = f.names.get(name)
        if d:
            return Value(("v", f.source.path, f.name, name), d.base,
                         d.stars + (d.array is not None))
        d = f.source.globals.get(name)
        if d:
            return Value(("g", f.source.path, name), d.base, d.stars)
        return Value(("g", "", name), "?" if name.isupper() else None, 0)

    def _member(self, f, value, name, line):
        if value.base in fw.SG_TYPES:
            if name in SG_MEMBERS:
                return Value(value.place, "struct scatterlist", 1)
            self.fields[value.place].add((name, f.source.path, line))
            return Value(None, "?", 0)
        if value.base is None or value.base in ("void", "?"):
            return Value(("u", self.directory, name), None, 0)
        st = self._struct(value.base, f.source)
        if st and name not in st.members:
            self.missing[st.name, name].add((f.source.path, line))
        if not st or name not in st.members:
            framework = fw.of_type(value.base)
            if framework and st is None:
                return Value(("fw", framework, f"{value.base}.{name}"), None, 1)
            return Value(("u", self.directory, name), None, 0)
        d = st.members[name]
        if d.base in fw.SG_TYPES:
            framework = fw.of_type(st.name) or fw.of_header(st.path)
            if framework:
                return Value(("fw", framework, f"{st.name}.{name}"), d.base, d.stars)
        return Value(("m", st.path, st.name, name), d.base, d.stars + (d.array is not None))

    def _call(self, f, name, args, line):
        if name in fw.PASS:
            out = []
            for k in fw.PASS[name]:
                if k < len(args):
                    out += self.values(f, *args[k])
            return out
        if name in fw.RETURNS:
            return [Value(("fw", fw.RETURNS[name], name + "()"), "struct scatterlist", 1)]
        if name in fw.BUILD_RETURNS:
            place = ("call", f.source.path, f.name, name, line)
            self.builders[place].add((fw.BUILD_RETURNS[name], f.source.path, line))
            return [Value(place, "struct scatterlist", 1)]
        out = []
        for g in self.lookup(name, f.source):
            base, stars = g.returns
            out.append(Value(("r", g.source.path, g.name), base, stars))
        if not out:
            out.append(Value(("call", f.source.path, f.name, name, line), None, 0))
        return out

    def chain(self, f, i, end):
        """The values of the expression at token i up to where its suffixes end."""
        toks, match = f.source.tokens, f.source.match
        addr = False
        cast = None
        while i < end and toks[i].text in ("&", "*", "!", "~", "-", "+", "++", "--"):
            addr |= toks[i].text == "&"
            i += 1
        if i >= end:
            return [], i
        text = toks[i].text
        if text == "(":
            close = match.get(i, end)
            inner = toks[i + 1:close]
            words = [t for t in inner if t.text != "*" and t.text not in
                     ("const", "struct", "volatile", "unsigned", "__iomem", "__force")]
            is_cast = len(words) == 1 and words[0].kind == "id" and (
                inner[-1].text == "*" or inner[0].text in ("struct", "const")) and \
                close + 1 < end and (toks[close + 1].kind == "id" or
                                     toks[close + 1].text in ("&", "(", "*"))
            if is_cast:
                stars = sum(1 for t in inner if t.text == "*")
                base = words[0].text
                if any(t.text == "struct" for t in inner):
                    base = "struct " + base
                cast = (base, stars)
                got, i = self.chain(f, close + 1, end)
                return [Value(v.place, *cast) for v in got], i
            if inner and inner[0].text == "{":      # ({ })
                return [], close + 1
            got = self.values(f, i + 1, close)
            i = close + 1
        elif toks[i].kind == "id":
            if text in KEYWORDS:
                if text == "sizeof" and i + 1 < end and toks[i + 1].text == "(":
                    return [], match.get(i + 1, i) + 1
                return [], i + 1
            if i + 1 < end and toks[i + 1].text == "(":
                close = match.get(i + 1, end)
                args = f.source.split(i + 2, close, ",")
                if text == "container_of" and len(args) == 3:
                    base = " ".join(t.text for t in toks[args[1][0]:args[1][1]])
                    got = [Value(("call", f.source.path, f.name, text, toks[i].line), base, 1)]
                else:
                    got = self._call(f, text, args, toks[i].line)
                i = close + 1
            else:
                got = [self._variable(f, text)]
                i += 1
        else:
            return [], i + 1
        while i < end:
            text = toks[i].text
            if text == "[":
                for v in got:
                    if v.is_sg() and v.place:
                        self.indexed[v.place].add((f.source.path, toks[i].line))
                i = match.get(i, end) + 1
            elif text in ("->", ".") and i + 1 < end:
                name = toks[i + 1]
                if i + 2 < end and toks[i + 2].text == "(":
                    close = match.get(i + 2, end)
                    got = self._call(f, name.text, f.source.split(i + 3, close, ","), name.line)
                    i = close + 1
                    continue
                got = [self._member(f, v, name.text, name.line) for v in got]
                i += 2
            elif text in ("++", "--"):
                i += 1
            else:
                break
        if addr:
            for v in got:
                v.addr = True
        return got, i

    def values(self, f, i, end):
        """All that an expression may be: both sides of a ?:, all summands."""
        out = []
        toks = f.source.tokens
        while i < end:
            tok = toks[i]
            if tok.text == "?":         # what is before decides, and is not a value
                out = []
                i += 1
                continue
            if tok.kind == "id" or tok.text in ("(", "&", "*"):
                got, nxt = self.chain(f, i, end)
                out += [v for v in got if v.place]
                i = max(nxt, i + 1)
            elif tok.text in OPEN:
                i = f.source.match.get(i, i) + 1
            elif tok.text in ("==", "!=", "<", ">", "<=", ">=", "&&", "||"):
                # Compared: the result is a number
                rest = [t.text for t in toks[i:end]]
                if "?" not in rest:
                    return []
                i += 1
            else:
                i += 1
        return out

    # Edges

    def _flow(self, src, dst, both=False):
        if not src.place or not dst.place or src.place == dst.place:
            return
        if not (src.is_sg() or dst.is_sg()) or not (src.may_be() and dst.may_be()):
            return
        self.back[dst.place].add(src.place)
        self.ahead[src.place].add(dst.place)
        if both:
            self._flow(dst, src)

    def _scan(self, f):
        source = f.source
        toks, match = source.tokens, source.match
        where = (source.path, f.name)
        i = f.start
        while i < f.end:
            tok = toks[i]
            if tok.text == "=":
                self._assign(f, i)
            elif tok.text == "return":
                j = i
                while j < f.end and toks[j].text != ";":
                    j = match.get(j, j) + 1 if toks[j].text in OPEN else j + 1
                if f.returns[0] in fw.SG_TYPES or f.returns[0] in ("void",):
                    me = Value(("r", source.path, f.name), *f.returns)
                    for v in self.values(f, i + 1, j):
                        self._flow(v, me)
            elif tok.kind == "id" and toks[i + 1].text == "(" and tok.text not in KEYWORDS:
                self._called(f, i, where)
            elif tok.kind == "id":
                pass
            if tok.kind == "id" and toks[i - 1].text not in ("->", ".") and \
                    toks[i + 1].text not in ("(",):
                got, _ = self.chain(f, i, f.end)
                for v in got:
                    if v.place and (v.is_sg() or v.place[0] == "u"):
                        self.uses[v.place].add(where)
            i += 1

    def _left(self, f, i):
        """The values of what is left of the = at token i."""
        toks, match = f.source.tokens, f.source.match
        j = i - 1
        while j > f.start:
            if toks[j].text in ("]", ")"):
                j = match.get(j, j) - 1
                if toks[j].kind == "id" or toks[j].text in ("]", ")"):
                    continue
                j += 1
                break
            if toks[j].kind == "id":
                if toks[j - 1].text in ("->", "."):
                    if toks[j - 2].text in ("{", ","):
                        return self._designated(f, j - 1, i)
                    j -= 2
                    continue
                break
            return []
        got, _ = self.chain(f, j, i)
        return got

    def _designated(self, f, j, i):
        """.member = inside of the braces that a structure begins with."""
        toks, match = f.source.tokens, f.source.match
        k = j - 1
        while k > f.start and toks[k].text != "{":
            k = match.get(k, k) - 1 if toks[k].text in ("}", ")", "]") else k - 1
        base = place = None
        if toks[k - 1].text == "=":
            got = self._left(f, k - 1)
            if got:
                base, place = got[0].base, got[0].place
        elif toks[k - 1].text == ")":
            words = [t.text for t in toks[match.get(k - 1, k - 1) + 1:k - 1]]
            base = " ".join(words)
        got = [Value(place, base, 0)]
        while j < i - 1:
            if toks[j].text == "." and toks[j + 1].kind == "id":
                got = [self._member(f, v, toks[j + 1].text, toks[j].line) for v in got]
            j += 1
        return got

    def _assign(self, f, i):
        toks, match = f.source.tokens, f.source.match
        j = i + 1
        while j < f.end and toks[j].text not in (";", ",", ")", "}", "]"):
            j = match.get(j, j) + 1 if toks[j].text in OPEN else j + 1
        left = self._left(f, i)
        if not left:
            return
        for src in self.values(f, i + 1, j):
            for dst in left:
                if src.place and src.place[0] == "call" and not dst.is_sg():
                    continue
                self._flow(src, dst)

    def _called(self, f, i, where):
        source = f.source
        toks = source.tokens
        name, line = toks[i].text, toks[i].line
        close = source.match.get(i + 1, f.end)
        args = source.split(i + 2, close, ",")
        if name in self.aliases and not self.lookup(name, source):
            name, order = self.aliases[name]
            nothing = (source.match.get(i + 1, i), source.match.get(i + 1, i))
            args = [args[k] if k is not None and k < len(args) else nothing for k in order]
        if name in MAPS:
            sg, nents = MAPS[name]
            if len(args) > sg:
                self.maps.append((source.path, line, name, f, self.values(f, *args[sg]),
                                  args, nents))
        for table, out in ((fw.BUILDERS, self.builders), (fw.FILLS, self.filled),
                           (fw.SINKS, self.sinks)):
            if name not in table:
                continue
            k, what = table[name]
            ks = range(len(args)) if k < 0 else [k]
            for k in ks:
                if k >= len(args):
                    continue
                for v in self.values(f, *args[k]):
                    if not v.place or (len(ks) > 1 and not v.is_sg()):
                        continue
                    if table is fw.BUILDERS:
                        out[v.place].add((what, source.path, line))
                    else:
                        out[v.place].add(what)
        if name == "sg_chain" and len(args) == 3:
            for dst in self.values(f, *args[0]):
                for src in self.values(f, *args[2]):
                    self._flow(src, dst)
        if name in ("sg_set_page", "sg_set_folio") and len(args) > 1:
            self._pages(f, args)
        if name == "memcpy" and len(args) == 3:
            for dst in self.values(f, *args[0]):
                for src in self.values(f, *args[1]):
                    self._flow(src, dst)
        if name.startswith(("dmaengine_prep_", "device_prep_")):
            # sg_dma_address() of a list of one entry
            for v in self._addresses(f, args):
                self.sinks[v.place].add("dmaengine")
        if toks[i - 1].text in ("->", "."):
            if any(v.is_sg() for arg in args for v in self.values(f, *arg)):
                self.method_calls[name].append((f, args))
            return
        known = self.lookup(name, source)
        for g in known:
            self.called[(g.source.path, g.name)].add(where)
            self._arguments(f, args, g)
        if not known and not name.isupper() and name not in _PLAIN and \
                not name.startswith(("sg_", "dma_", "for_each_sg", "ib_dma_", "sgl_")):
            for arg in args:
                for v in self.values(f, *arg):
                    if v.place and v.is_sg():
                        self.unknown[v.place].add(name)

    def _addresses(self, f, args):
        toks = f.source.tokens
        for i, end in args:
            while i < end:
                if toks[i].text == "sg_dma_address" and toks[i + 1].text == "(":
                    yield from (v for v in self.values(
                        f, i + 2, f.source.match.get(i + 1, end)) if v.place and v.is_sg())
                i += 1

    def _arguments(self, f, args, g):
        for k, arg in enumerate(args):
            if k >= len(g.params) or not g.params[k].name:
                continue
            p = g.params[k]
            dst = Value(("v", g.source.path, g.name, p.name), p.base, p.stars)
            if not dst.is_sg() and p.base != "void":
                continue
            for src in self.values(f, *arg):
                self._flow(src, dst, both=p.stars > 1)

    def _pages(self, f, args):
        """sg_set_page(sg, sg_page(of another list)): the bytes are that one's."""
        toks = f.source.tokens
        i, end = args[1]
        while i < end:
            if toks[i].text in ("sg_page", "sg_virt", "sg_phys") and toks[i + 1].text == "(":
                close = f.source.match.get(i + 1, end)
                for src in self.values(f, i + 2, close):
                    for dst in self.values(f, *args[0]):
                        self._flow(src, dst)
                        # dst walks a list whose bytes they are, too
                        for p in list(self.back[dst.place]):
                            self._flow(src, Value(p, "struct scatterlist", 1))
            i += 1

    # Questions

    def parameter(self, place):
        """The function and index that a place is a parameter of, or None."""
        if place[0] != "v":
            return None
        f = self.tree.source(place[1]).functions.get(place[2])
        if not f:
            return None
        for k, p in enumerate(f.params):
            if p.name == place[3]:
                return f, k
        return None

    def callers(self, f):
        """Where a function is called, in the group or in directories around it."""
        key = (f.source.path, f.name)
        here = f.static and f.source.path.endswith(".c")
        if self.narrow:
            return self.called[key]
        if not self.called[key] and not here and key not in self._asked:
            self._asked.add(key)
            self._widen(f.name, re.search(rf"\bEXPORT_SYMBOL\w*\({f.name}\b", f.source.text))
        return self.called[key]

    def _widen(self, name, exported):
        word = re.compile(rf"\b{re.escape(name)}\b")
        for paths in self._around():
            found = [p for p in paths if p not in self._scanned and
                     name in self.tree.text(p) and word.search(self.tree.text(p))]
            if found:
                self.add(found)
                return
        if exported:
            self.add([p for p in self.tree.all_users() if p not in self._scanned and
                      name in self.tree.text(p) and word.search(self.tree.text(p))])

    def _around(self):
        """The .c files below this directory, then those of the driver around it."""
        where = self.directory
        while "/" in where:
            paths = self.tree.under(where)
            if len(paths) > MANY:
                return
            yield paths
            where = os.path.dirname(where)

    def widen(self, places):
        """Look for who else may meet these lists: functions that they are given to, and
        other files that use the members that hold them.  True if something was new."""
        before = len(self._scanned)
        names = set()
        for place in places:
            for name in self.unknown[place]:
                names.add((name, rf"^[\w \t*]*\b{re.escape(name)}\([^;{{]*\{{"))
            if place[0] == "m" and os.path.dirname(place[1]) != self.directory and \
                    not place[1].startswith("include/"):
                names.add((place[3], rf"(->|\.){re.escape(place[3])}\b"))
            elif place[0] == "m" and place[1].endswith(".h"):
                names.add((place[3], rf"(->|\.){re.escape(place[3])}\b"))
        for name, pattern in names - self._asked:
            self._asked.add((name, pattern))
            regex = re.compile(pattern, re.M)
            best = None
            for paths in self._around():
                best = [p for p in paths if p not in self._scanned and
                        name in self.tree.text(p) and self._relevant(p) and
                        regex.search(self.tree.text(p))]
                if best and not pattern.startswith("(->"):
                    break
            self.add(best or [])
        return len(self._scanned) > before

    def closure(self, places, edges):
        """All places that these come from (edges=back), or go to (ahead)."""
        seen, todo = set(), list(places)
        while todo:
            place = todo.pop()
            if place in seen:
                continue
            seen.add(place)
            got = self.parameter(place)
            if got and edges is self.back:
                self.callers(got[0])
            if place[0] == "fw":        # it is known whose it is
                continue
            todo += [p for p in edges[place] if p not in seen]
        return seen

    def open_parameters(self, places):
        """Those of them that are parameters of functions nobody here calls."""
        out = []
        for place in places:
            got = self.parameter(place)
            if got and not self.back[place]:
                out.append((got[0], got[1], place))
        return out
