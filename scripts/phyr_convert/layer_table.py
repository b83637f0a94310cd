# SPDX-License-Identifier: GPL-2.0
"""L2: an sg_table made from pages becomes a struct phyr_table.

The calls are renamed; loops over the entries for the device become loops over ranges.
An object is converted with all its aliases, other tables of the file stay.
"""

import re

from .mapped import Counts, Life
from .rewrite import (Edits, Refusal, heads, narrowed, occurrences, statement, whole, writes,
                      written)

CLASSES = ("A1",)

CALLS = {
    "sg_alloc_table_from_pages": ("phyr_table_from_pages", 6),
    "dma_map_sgtable": ("dma_map_phyr_table", 4),
    "dma_unmap_sgtable": ("dma_unmap_phyr_table", 4),
    "dma_sync_sgtable_for_cpu": ("dma_sync_phyr_table_for_cpu", 3),
    "dma_sync_sgtable_for_device": ("dma_sync_phyr_table_for_device", 3),
    "sg_free_table": ("phyr_table_free", 1),
}
# They take the pointer, and what it points to does not matter to them.
PLAIN = {"kfree", "kvfree", "IS_ERR", "IS_ERR_OR_NULL", "PTR_ERR", "unlikely", "likely",
         "sizeof", "WARN_ON"}

# What a mapping may be made with and unmapped with something else: neither looks at it
_CONSTANT = re.compile(r"0|\(?DMA_ATTR_\w+(?:\|DMA_ATTR_\w+)*\)?")
# What may be around a table that is no argument: it is compared, tested, set, or kept
_BEFORE = ("==", "!=", "!", "(", "=", "&&", "||", ";", "{", "}", "?", ":", "return", "else")
_AFTER = ("==", "!=", "=", "&&", "||", ";", ")", "}", "?", ":", ",")
_ALLOC = re.compile(r"(?:devm_)?k?[vmz]*[mc]?alloc\w*\(")
_SIZE = re.compile(r"\bsizeof\s*\(\s*struct\s+sg_table\s*\)")


def _is_size(toks, j):
    """Is token j the first of sizeof(struct sg_table)?"""
    return toks[j].text == "sizeof" and \
        [t.text for t in toks[j + 1:j + 5]] == ["(", "struct", "sg_table", ")"]


def _set(f, j):
    """Where the statement begins in which token j, a variable, is set; None if it is read.

    An iterator sets its first argument, one of scatterlists its last.
    """
    toks, match = f.source.tokens, f.source.match
    if toks[j + 1].text == "=":
        end = j + 2
        while toks[end].text not in (";", ",", ")"):
            end = match.get(end, end) + 1
        if any(t.text == toks[j].text for t in toks[j + 2:end]):
            return None
        return j - 2 if toks[j - 2].text == "for" else j
    k = j - 1
    while toks[k].text not in ("(", ";", "{", "}"):
        k = match.get(k, k) - 1 if toks[k].text in (")", "]") else k - 1
    if toks[k].text == "(" and toks[k - 1].text.startswith("for_each_"):
        args = f.source.split(k + 1, match[k], ",")
        if args[-1 if "_sg" in toks[k - 1].text else 0] == (j, j + 1):
            return k - 1
    return None


def _reads(f, begin, i, end, name):
    """Is a variable read between tokens i and end (True), set before (False), or neither?

    It is set where that is done in the block that token i is in, and no jump behind token
    begin leads past it.
    """
    toks, match, depth, j = f.source.tokens, f.source.match, 0, i - 1
    while j + 1 < end:
        j += 1
        depth += (toks[j].text == "{") - (toks[j].text == "}")
        if toks[j].kind != "id" or toks[j].text != name or toks[j - 1].text in ("->", "."):
            continue
        k = _set(f, j)
        if k is None:
            return True
        if depth == 0 and toks[k - 1].text in (";", "{", "}") and not any(
                t.text == "goto" or t.text in ("break", "continue") and n >= i
                for n, t in enumerate(toks[begin:k], begin)):
            return False
        if k < j:               # all of a loop's body is behind its head
            body = match[k + 1] + 1
            j = match[body] if toks[body].text == "{" else statement(f, body)[1] - 1
    return None


def _read_behind(f, start, end, name):
    """Is the counter of the loop from token start to end read behind it before it is set?

    If the loop is in another one, or there is a jump back, what is before it comes behind it.
    """
    toks, match = f.source.tokens, f.source.match
    read = _reads(f, start, end + 1, f.end, name)
    if read is not None:
        return read
    for word, bracket in heads(f, start):
        if toks[word].text in ("if", "switch"):
            continue
        body = word + 1
        if toks[word].text != "do":
            body = match[bracket] + 1
            if any(toks[j].text == name and toks[j + 1].text != "="
                   for j in range(bracket, body)):
                return True
        if _reads(f, body, body + 1, start, name):
            return True
    jumps = {toks[j + 1].text for j in range(start, f.end) if toks[j].text == "goto"}
    return any(_reads(f, j, j, start, name) for j in range(f.start, start)
               if toks[j].text in jumps and toks[j + 1].text == ":")


class Table:
    """The conversion of one object."""

    def __init__(self, group, places, edits):
        self.group = group
        self.places = places
        self.edits = edits
        self.done = []          # what the commit message tells
        self.attrs = {}         # what it is mapped and unmapped with -> [(mention, argument)]
        self.ways = {}          # the directions of all calls, the same
        self.sized = set()      # (path, token) where what is allocated for it is told
        self.life = None
        self.walks = []         # (function, counter, first and last token of the body)

    def edit(self, source):
        """The edits of a file."""
        return self.edits.setdefault(source.path, Edits(source))

    def run(self, paths):
        """Rewrite all mentions in these files."""
        self.life = Life(self.group, [self.group.tree.source(path) for path in paths])
        for place in sorted(self.places, key=str):
            self._declare(place)
        for path in paths:
            source = self.group.tree.source(path)
            for f in source.functions.values():
                loops = []
                for x in occurrences(self.group, f, self.places):
                    if f.source.path == path:
                        self._occurrence(x, loops)
                self._cursors(f, loops)
            self._sizes(source)
        self._attributes()
        self._directions()
        x = self.life.unmapped()
        if x:
            self._refuse(x, "cpu-field", "it is used while it is not mapped")
        got = self.life.twice()
        if got:
            raise Refusal(got[0].source.path, got[0].source.tokens[got[1]].line, "attributes",
                          "it is mapped twice")
        self._counted(paths)

    def _counted(self, paths):
        """There may be more ranges than entries, unless the driver tells how long one may be."""
        near = {*paths, *self.group.files, *self.group.tree.directory(self.group.directory)}
        if any("dma_set_max_seg_size" in self.group.tree.text(p) for p in near):
            return
        got = Counts(self.group, [f for path in paths
                                  for f in self.group.tree.source(path).functions.values()],
                     self.life.uses, self.walks).compared()
        if got:
            f, j = got
            raise Refusal(f.source.path, f.source.tokens[j].line, "cpu-field",
                          "the number of entries is compared")

    def _attributes(self):
        """A table is unmapped as it was mapped, whatever the call says then."""
        for text, said in self.attrs.items():
            if len(self.attrs) > 1 and ("SKIP_CPU_SYNC" in text or
                                        not _CONSTANT.fullmatch(text)):
                self._refuse(said[0][0], "attributes", " and ".join(self.attrs))
            self._same(text, said)

    def _directions(self):
        """A mapping has one direction, which a sync cannot change."""
        if len(self.ways) > 1:
            self._refuse(list(self.ways.values())[1][0][0], "attributes",
                         " and ".join(self.ways))
        for text, said in self.ways.items():
            self._same(text, said)

    def _same(self, text, said):
        """What several calls say in the same words has to be the same: a constant of the kernel,
        or a variable that is set once in the function that has both it and the table."""
        x, f = said[0][0], said[0][0].f
        if len(said) == 1 or all(self._is_constant(x.f, *span) for x, span in said):
            return
        d, table = f.names.get(text), f.names.get(f.source.tokens[x.i].text)
        local = d and table and not table.stars and not self._is_static(f, table) and all(
            other.f is f and f.source.tokens[other.i].text == table.name for other, _ in said)
        if not local or not self._once(f, d):
            self._refuse(x, "attributes", f"{text} may be another one elsewhere")

    def _is_constant(self, f, i, end):
        """Are tokens i to end - 1 the kernel's names and numbers?"""
        near = [self.group.tree.source(p) for p in {f.source.path, *self.group.files}]
        return all(t.kind != "id" or t.text.startswith("DMA_") and
                   not any(t.text in source.macros for source in near)
                   for t in f.source.tokens[i:end])

    @staticmethod
    def _is_static(f, d):
        toks = f.source.tokens
        return any(toks[j].line == d.line and toks[j].text == d.name and
                   any(t.text == "static" for t in toks[slice(*statement(f, j))])
                   for j in range(f.start, f.end))

    @staticmethod
    def _once(f, d):
        """Is a variable set once, and not anew each time around a loop?"""
        toks = f.source.tokens
        said = list(writes(f, d.name, f.start, f.end))
        given = d.name in [p.name for p in f.params]
        return len(said) + given == 1 and all(
            toks[word].text in ("if", "switch") for j in said for word, _ in heads(f, j))

    def _sizes(self, source):
        """What has the size of an sg_table is too small for what took its place.

        It is another table's where it is allocated for something else.
        """
        toks = source.tokens
        for line, text in source.macros.values():
            if _SIZE.search(text):
                raise Refusal(source.path, line, "embedded", "a macro has the size of it")
        for j in range(len(toks)):
            if not _is_size(toks, j) or (source.path, j) in self.sized:
                continue
            f = source.function_at(toks[j].line)
            words = "".join(t.text for t in toks[statement(f, j)[0]:j]) if f else ""
            if not _ALLOC.match(words.partition("=")[2]):
                raise Refusal(source.path, toks[j].line, "embedded", "the size of an sg_table")

    @staticmethod
    def _flat(x, span):
        return "".join(t.text for t in x.f.source.tokens[slice(*span)])

    @staticmethod
    def _refuse(x, reason, detail=""):
        raise Refusal(x.f.source.path, x.line, reason, detail)

    def _declare(self, place):
        tree = self.group.tree
        if place[0] == "v":
            f = tree.source(place[1]).functions[place[2]]
            source, d = f.source, f.names.get(place[3])
            self._is_cursor(f, d)
        else:
            source = tree.source(place[1])
            st = source.structs.get(place[2])
            d = st.members.get(place[3]) if st else None
            if d and not d.stars and next(iter(st.members)) == d.name:
                raise Refusal(source.path, d.line, "embedded",
                              f"the table is the first member of {place[2]}")
        if not d or d.base != "struct sg_table" or d.array is not None:
            if d and d.base == "struct scatterlist" and place[0] == "v":
                return          # a cursor, see _cursors()
            raise Refusal(source.path, d.line if d else 1, "not-a-table", place[-1])
        e, toks = self.edit(source), source.tokens
        for i, tok in enumerate(toks):
            if tok.line != d.line or tok.text != d.name or toks[i - 1].text == "struct":
                continue
            k = i - 1
            while toks[k].text == "*":
                k -= 1
            if toks[k].text == "sg_table" and toks[k - 1].text == "struct":
                e.replace(k, k + 1, "phyr_table")
                return
        raise Refusal(source.path, d.line, "layout", f"no declaration of {d.name}")

    @staticmethod
    def _is_cursor(f, d):
        if d and d.base == "struct scatterlist" and d.name in [p.name for p in f.params]:
            raise Refusal(f.source.path, d.line, "cursor", d.name)

    def _occurrence(self, x, loops):
        toks = x.f.source.tokens
        e = self.edit(x.f.source)
        d = x.f.names.get(toks[x.i].text)
        if d and d.base == "struct scatterlist":
            return              # a cursor, see _cursors()
        after = toks[x.end].text
        pointer = x.value.stars > 0 and x.start == x.i
        text = e.text(x.i, x.end)
        table = text if pointer else f"&{text}"
        join = f"{text}->" if pointer else f"{text}."
        if after in ("->", "."):
            self._member(x, table, join, loops)
            return
        if x.call is None:
            self._plain(x)
            return
        name = toks[x.call].text
        if name in PLAIN:
            return
        if name == "for_each_sgtable_dma_sg" and x.arg == 0:
            self.life.use(x, x.call)
            loops.append((x, table, None))
            return
        if not x.whole_argument():
            self._refuse(x, "not-an-argument", name)
        if name in CALLS and len(x.args) == CALLS[name][1]:
            new = CALLS[name][0]
            self.life.event(x, name)
            if new in ("dma_map_phyr_table", "dma_unmap_phyr_table"):
                self.attrs.setdefault(self._flat(x, x.args[3]), []).append((x, x.args[3]))
            if name.startswith("dma_"):
                self.ways.setdefault(self._flat(x, x.args[2]), []).append((x, x.args[2]))
            e.replace(x.call, x.call + 1, new)
            self._align(x, len(new) - len(name))
        elif not self.group.lookup(name, x.f.source):
            self._refuse(x, "unknown-callee", name)

    def _plain(self, x):
        """A table that is no argument."""
        toks, match = x.f.source.tokens, x.f.source.match
        a, end, d = x.start, x.end, x.f.names.get(toks[x.i].text)
        if toks[end].text == "=":
            self._assigned(x)
        if end == x.i + 1 and d and toks[x.i].line == d.line and \
                toks[a - 1].text in ("struct", "sg_table", "*", ","):
            return              # its declaration, or a type of the same name there
        while toks[a - 1].text == "(" and toks[end].text == ")" and toks[a - 2].kind != "id":
            a, end = a - 1, end + 1
        before, after = toks[a - 1].text, toks[end].text
        if before == "*" and (x.value.stars > 1 or after in ("=", ";") or
                              toks[a - 2 - (toks[a - 2].text == "(")].text == "sizeof"):
            return              # what is copied is seen in moves.py
        head = toks[match.get(a - 1, a) - 1]
        if before == ")" and (head.kind != "id" or head.text == "return"):
            self._refuse(x, "shared-list", "a cast")
        if before not in (*_BEFORE, ")") or after not in _AFTER:
            self._refuse(x, "index-access" if after == "[" else "not-an-argument",
                         f"{before} {after}")

    def _assigned(self, x):
        """Where memory is allocated for a table, it gets its new size."""
        toks, match = x.f.source.tokens, x.f.source.match
        j = end = x.end + 1
        while toks[end].text not in (";", ",", ")", "}"):
            end = match.get(end, end) + 1
        for k in range(j, end):
            if _is_size(toks, k):
                self.edit(x.f.source).replace(k + 3, k + 4, "phyr_table")
                self.sized.add((x.f.source.path, k))

    def _align(self, x, n):
        """Move the continued lines of a call n columns, if they were aligned to its (."""
        toks, text = x.f.source.tokens, x.f.source.text
        e = self.edit(x.f.source)
        close = x.f.source.match[x.call + 1]
        begin = text.rfind("\n", 0, toks[x.call].pos) + 1
        column = len(text[begin:toks[x.call + 1].pos].expandtabs(8)) + 1
        line = toks[x.call].line
        for k in range(x.call + 2, close):
            if toks[k].line == line:
                continue
            line = toks[k].line
            a = text.rfind("\n", 0, toks[k].pos) + 1
            if text[a:toks[k].pos].strip() or \
                    len(text[a:toks[k].pos].expandtabs(8)) != column:
                continue
            width = column + n
            e.todo.append((a, toks[k].pos, "\t" * (width // 8) + " " * (width % 8)))

    def _member(self, x, table, join, loops):
        toks, match = x.f.source.tokens, x.f.source.match
        e = self.edit(x.f.source)
        field = toks[x.end + 1].text
        end = x.end + 2
        self.life.use(x, x.i)
        map_ = f"&{join}map"
        if x.start != x.i or written(x.f, x.i, end):
            self._refuse(x, "cpu-field", f"{field} is written, or its address is taken")
        if field == "nents":
            narrow = "" if whole(self.group, x.f, x.start, end) else "(unsigned int)"
            e.replace(x.start, end, f"{narrow}dma_phyr_count({map_})")
            return
        if field != "sgl":
            self._refuse(x, "cpu-field", field)
        if x.call is not None and toks[x.call].text == "for_each_sg" and x.arg == 0:
            loops.append((x, table, e.text(*x.args[2])))
            return
        if x.call is not None and toks[x.call].text == "sg_dma_address" and \
                x.args[0] == (x.start, end):
            e.replace(x.call, match[x.call + 1] + 1, f"dma_phyr_start({map_})")
            return
        if [t.text for t in toks[end:end + 5]] == ["[", "0", "]", ".", "dma_address"]:
            e.replace(x.start, end + 5, f"dma_phyr_start({map_})")
            return
        if [t.text for t in toks[end:end + 2]] == ["->", "dma_address"]:
            e.replace(x.start, end + 2, f"dma_phyr_start({map_})")
            return
        self._refuse(x, "cursor", "sgl")

    # Loops

    def _cursors(self, f, loops):
        """Rewrite the loops of a function, and what they declared."""
        if not loops:
            return
        toks = f.source.tokens
        taken = set(f.names) | set(f.source.globals)
        range_ = "range" if "range" not in taken else "dma_range"
        iter_ = "iter" if "iter" not in taken else "dma_iter"
        for name in (range_, iter_):
            if name in taken:
                raise Refusal(f.source.path, f.line, "layout", f"{name} is a name already")
        cursors, counters, done = set(), {}, set()
        for x, table, limit in loops:
            cursor = toks[x.args[1][0]].text
            counter = toks[x.args[2 if limit is None else 3][0]].text
            cursors.add(cursor)
            kept = self._loop(x, table, limit, cursor, counter, range_, iter_, done)
            counters[counter] = counters.get(counter, False) or kept
        e = self.edit(f.source)
        for cursor in cursors:
            for j in range(f.start, f.end):
                if toks[j].text == cursor and toks[j - 1].text not in ("->", ".") and \
                        j not in done and toks[j].line != f.names[cursor].line:
                    raise Refusal(f.source.path, toks[j].line, "cursor", cursor)
            self._redeclare(e, f, cursor, [f"struct dma_phyr_iter {iter_};",
                                           f"struct dma_phyr {range_};"])
        for counter, kept in counters.items():
            others = [j for j in range(f.start, f.end) if toks[j].text == counter and
                      toks[j].kind == "id" and j not in done and
                      toks[j - 1].text not in ("->", ".") and
                      not any(a <= toks[j].pos < b for a, b, _ in e.todo)]
            if not kept and len(others) == 1:
                self._redeclare(e, f, counter, [])

    @staticmethod
    def _redeclare(e, f, name, lines):
        """Declare something else in the place of a variable."""
        toks = f.source.tokens
        d = f.names[name]
        j = next((j for j in range(f.start, f.end)
                  if toks[j].line == d.line and toks[j].text == name), None)
        if j is None:
            raise Refusal(f.source.path, d.line, "layout", f"no declaration of {name}")
        a, b = statement(f, j)
        if toks[j + 1].text == ";" and toks[j - 1].text in ("*", toks[a].text, "scatterlist") \
                and j + 2 == b:
            if lines:
                text = f.source.text
                start = text.rfind("\n", 0, toks[a].pos) + 1
                indent = text[start:toks[a].pos]
                e.replace(a, b, f"\n{indent}".join(lines))
            else:
                e.remove_lines(a, b)
            return
        if not lines and toks[j - 1].text == "," and toks[j + 1].text in (",", ";"):
            e.replace(j - 1, j + 1, "")
            return
        raise Refusal(f.source.path, d.line, "layout", f"{name} is declared with others")

    def _loop(self, x, table, limit, cursor, counter, range_, iter_, done):
        """One loop; is its counter still needed?"""
        f, toks, match = x.f, x.f.source.tokens, x.f.source.match
        e = self.edit(f.source)
        close = match[x.call + 1]
        k = close + 1
        if toks[k].text == "{":
            end = match[k]
        else:
            end = statement(f, k)[1] - 1
        self.walks.append((f, counter, k, end))
        used = False
        after = limit is None and _read_behind(f, x.call, end, counter)
        j = k
        while j <= end:
            tok = toks[j]
            if tok.text in ("sg_dma_address", "sg_dma_len") and toks[j + 1].text == "(" and \
                    toks[j + 2].text == cursor and toks[j + 3].text == ")":
                if written(f, j, j + 4):
                    raise Refusal(f.source.path, tok.line, "loop-body", f"{tok.text} is set")
                field = "addr" if tok.text == "sg_dma_address" else "len"
                narrow = narrowed(self.group, f, j, j + 4) if field == "len" else ""
                e.replace(j, j + 4, f"{narrow}{range_}.{field}")
                done.add(j + 2)
                j += 4
                continue
            if tok.kind == "id" and tok.text == cursor and toks[j - 1].text not in ("->", "."):
                raise Refusal(f.source.path, tok.line, "loop-body", cursor)
            if tok.kind == "id" and tok.text == counter and toks[j - 1].text not in ("->", "."):
                if toks[j + 1].text in ("=", "++", "--", "+=") or toks[j - 1].text in ("++", "&"):
                    raise Refusal(f.source.path, tok.line, "loop-body", f"{counter} is changed")
                used = True
            if tok.text == "continue" and (
                    limit or after or self._is_read(f, k, end, counter)):
                raise Refusal(f.source.path, tok.line, "loop-body", "continue")
            j += 1
        for j in range(x.call + 2, close):
            done.add(j)
        head = f"for_each_phyr_table_dma({table}, {range_}, {iter_})"
        e.replace(x.call, close + 1, head)
        if limit is not None:
            # It is one more behind a break, and behind all ranges
            if _read_behind(f, x.call, end, counter):
                raise Refusal(f.source.path, toks[k].line, "loop-body",
                              f"{counter} is read behind the loop")
            self._limited(x, limit, counter, used, k, end)
            return True
        if not used and not after:
            return False
        if toks[k].text != "{":
            raise Refusal(f.source.path, toks[k].line, "loop-body", "no braces")
        e.insert_line(x.call, f"{counter} = 0;")
        self._append(e, f, end, f"{counter}++;")
        return True

    @staticmethod
    def _is_read(f, k, end, name):
        toks = f.source.tokens
        return any(toks[j].text == name and toks[j].kind == "id" for j in range(k, end))

    def _limited(self, x, limit, counter, used, k, end):
        """for_each_sg() over the first entries only."""
        f, toks = x.f, x.f.source.tokens
        e = self.edit(f.source)
        if used or not limit.isidentifier() or toks[k].text != "{":
            raise Refusal(f.source.path, toks[k].line, "loop-body",
                          f"{counter} or {limit}")
        if any(toks[j].text == limit and toks[j + 1].text in ("=", "++", "--", "+=", "-=")
               for j in range(k, end)):
            raise Refusal(f.source.path, toks[k].line, "loop-body", f"{limit} is changed")
        e.insert_line(x.call, f"{counter} = 0;")
        first = toks[k + 1]
        text = f.source.text
        start = text.rfind("\n", 0, first.pos) + 1
        indent = text[start:first.pos]
        if indent.strip():
            raise Refusal(f.source.path, first.line, "layout", "the body is on one line")
        e.todo.append((start, start, f"{indent}if ({counter}++ == {limit})\n"
                                     f"{indent}\tbreak;\n"))

    @staticmethod
    def _append(e, f, end, line):
        """A last line in the braces that end at token end."""
        toks, text = f.source.tokens, f.source.text
        start = text.rfind("\n", 0, toks[end].pos) + 1
        indent = text[start:toks[end].pos]
        if indent.strip():
            raise Refusal(f.source.path, toks[end].line, "layout", "the body is on one line")
        e.todo.append((start, start, f"{indent}\t{line}\n"))


