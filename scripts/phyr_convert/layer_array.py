# SPDX-License-Identifier: GPL-2.0
"""L3 and L4: an array of scatterlist entries on the heap becomes a struct phyr_table.

The pointer to the array becomes one to a table, so that what tests, keeps and passes it
stays as it is; pages are appended instead of set by their number.  Memory for as many
ranges as there were entries is reserved where the array was allocated, so appending
cannot fail where sg_set_page() could not.
"""

import re

from .mapped import Life
from .rewrite import (BEGIN, Edits, Refusal, always, extent, heads, narrowed, occurrences,
                      statement, writes, written)
from .walked import Walk, other_use

CLASSES = ("A2", "A3p")

_ALLOC = re.compile(r"k[vmz]*alloc|kvzalloc|vzalloc|vmalloc|k[v]?calloc|kv?malloc_array|vcalloc")
_FREE = ("vfree", "kfree", "kvfree")
_LIFE = {"sg_init_table": "build", "dma_map_sg": "map", "dma_unmap_sg": "unmap",
         **dict.fromkeys(_FREE, "free")}
# What a size may be multiplied by; a shift of the product is one of the number.
_NUMBER = r"((?:\w|->|\.|\(.*\)|\[\w+\])+(?:>>\w+)?)"
_SIZE = r"sizeof(?:\(\*[\w>.-]+\)|\(structscatterlist\)|\*[\w>.-]+)"


def entries(args):
    """How many entries an allocation is for, from its arguments without blanks."""
    for pattern in (rf"array_size\({_SIZE},(.+?)\)(?:,.*)?",
                    rf"array_size\((.+?),{_SIZE}\)(?:,.*)?",
                    rf"{_SIZE}\*{_NUMBER}(?:,\w+)?", rf"{_NUMBER}\*{_SIZE}(?:,\w+)?",
                    rf"(.+?),{_SIZE}(?:,\w+)?"):
        m = re.fullmatch(pattern, args)
        if m:
            return m.group(1).replace(">>", " >> ")
    return None


def told(array, count):
    """An array and its count as members of what both are in, or None."""
    end = max((m.end() for m in re.finditer(r"->|\.", array)
               if count.startswith(array[:m.end()])), default=0)
    return (array[end:], count[end:]) if end else None


class Array:
    """The conversion of one object."""

    def __init__(self, group, places, edits):
        self.group = group
        self.places = places
        self.edits = edits
        self.done = []          # what the commit message tells
        self.cursors = {}       # function -> name
        self.set_by = {}        # function -> the variable that it counts entries with
        self.allocated = set()  # functions that allocate it
        # Of each (function, array): statements after which it has no entries, and calls that
        # set one
        self.fresh = {}
        self.sets = {}
        # (function, call, array, the tokens of what its entries are counted with, or of what
        # keeps how many the device sees)
        self.counts = []
        self.results = []
        self.walked = {}        # function -> the array that its cursor walks
        self.steps = {}         # function -> where its cursor goes to the next entry
        self.life = None

    def edit(self, source):
        """The edits of a file."""
        return self.edits.setdefault(source.path, Edits(source))

    @staticmethod
    def _refuse(x, reason, detail=""):
        raise Refusal(x.f.source.path, x.line, reason, detail)

    def run(self, paths):
        """Rewrite all mentions in the driver."""
        found = []
        for path in paths:
            source = self.group.tree.source(path)
            for f in source.functions.values():
                mentions = list(occurrences(self.group, f, self.places))
                if mentions:
                    self._find_cursor(f)
                    found.append((f, mentions))
        self.life = Life(self.group, [self.group.tree.source(path) for path in paths], _LIFE)
        for place in sorted(self.places, key=str):
            self._declare(place)
        for f, mentions in found:
            for x in mentions:
                self._collect(x)
        if not self.allocated:
            raise Refusal(found[0][0].source.path, found[0][0].line, "embedded",
                          "no allocation of the array was found")
        for f, mentions in found:
            until = 0
            for x in mentions:
                if x.start >= until:
                    until = self._occurrence(x) or until
            self._cursor(f)
            self._unused(f)
        x = self.life.unmapped()
        if x:
            self._refuse(x, "cursor", "the walk may begin when it is not mapped")
        self._results_used()

    def _results_used(self):
        """How many entries are mapped may be asked for, but there are fewer ranges."""
        for f, call, _, span in self.results:
            places = {v.place for v in self.group.chain(f, *span)[0]}
            x = other_use(self.group, places, (f, call), self.steps)
            if x:
                self._refuse(x, "one-to-one", "the number of entries is used")

    def _unused(self, f):
        """Take away variables that only counted entries."""
        toks = f.source.tokens
        e = self.edit(f.source)
        for name, d in sorted(f.names.items()):
            if name in [p.name for p in f.params]:
                continue
            uses = [j for j in range(f.start, f.end) if toks[j].text == name and
                    toks[j].kind == "id" and toks[j - 1].text not in ("->", ".")]
            gone = [j for j in uses if any(a <= toks[j].pos < b for a, b, _ in e.todo)]
            if not gone or len(gone) != len(uses) - 1 or toks[uses[0]].line != d.line or \
                    uses[0] in gone:
                continue
            j = uses[0]
            a, b = statement(f, j)
            if any(t.text == "," for t in toks[a:j]) or toks[j + 1].text not in ("=", ";"):
                raise Refusal(f.source.path, d.line, "layout", f"{name} is not used any more")
            if not any(t.text == "(" for t in toks[j:b]):
                e.remove_lines(a, b)
            elif f.source.declaration(b, f.end, {}, inside=True) > b:
                raise Refusal(f.source.path, d.line, "layout", f"{name} is not used any more")
            else:
                e.replace(a, j + 2, "")         # what it was set from is still called
                x, _, text = e.todo.pop()
                e.todo.append((x, toks[j + 2].pos, text))

    # Declarations

    def _find_cursor(self, f):
        """The variable that walks the list, if one does."""
        toks = f.source.tokens
        for j in range(f.start, f.end - 2):
            if toks[j].text in ("sg_next", "sg_dma_len", "sg_dma_address") and \
                    toks[j + 2].kind == "id" and toks[j + 3].text == ")" and \
                    ("v", f.source.path, f.name, toks[j + 2].text) in self.places:
                name = toks[j + 2].text
                if name in [p.name for p in f.params]:
                    raise Refusal(f.source.path, toks[j].line, "cursor", f"parameter {name}")
                if self.cursors.setdefault(f, name) != name:
                    raise Refusal(f.source.path, toks[j].line, "cursor", "two of them")

    def _is_cursor(self, f, name):
        return self.cursors.get(f) == name

    def _declare(self, place):
        tree = self.group.tree
        if place[0] == "v":
            f = tree.source(place[1]).functions[place[2]]
            if self._is_cursor(f, place[3]):
                return
            source, d = f.source, f.names.get(place[3])
            if place[3] in [p.name for p in f.params]:
                self._prototypes(f, [p.name for p in f.params].index(place[3]))
        else:
            source = tree.source(place[1])
            st = source.structs.get(place[2])
            d = st.members.get(place[3]) if st else None
        if not d or d.base != "struct scatterlist" or d.stars != 1 or d.array is not None:
            raise Refusal(source.path, d.line if d else 1, "embedded",
                          f"{place[-1]} is no pointer to an array")
        e, toks = self.edit(source), source.tokens
        for i, tok in enumerate(toks):
            if tok.line == d.line and tok.text == d.name and toks[i - 1].text == "*" and \
                    toks[i - 2].text == "scatterlist" and toks[i + 1].text in (";", ")", ",", "="):
                e.replace(i - 2, i - 1, "phyr_table")
                return
        raise Refusal(source.path, d.line, "layout", f"no declaration of {d.name}")

    def _prototypes(self, f, k):
        """Where a function is declared, its parameter gets the new type, too."""
        for path in sorted(set(self.group.files)):
            source = self.group.tree.source(path)
            toks = source.tokens
            for j, tok in enumerate(toks[:-1]):
                if tok.text != f.name or toks[j + 1].text != "(":
                    continue
                close = source.match.get(j + 1, j)
                if close + 1 >= len(toks) or toks[close + 1].text != ";" or any(
                        g.start <= j < g.end for g in source.functions.values()):
                    continue
                a, b = source.split(j + 2, close, ",")[k]
                for i in range(a, b):
                    if toks[i].text == "scatterlist":
                        self.edit(source).replace(i, i + 1, "phyr_table")

    # Mentions

    def _collect(self, x):
        toks = x.f.source.tokens
        array = self._flat(x.f, (x.i, x.end))
        if x.call is not None:
            self.life.event(x, toks[x.call].text)
        if x.call is not None and toks[x.call].text == "sg_init_table" and len(x.args) == 2:
            self.counts.append((x.f, x.call, array, x.args[1]))
            self.fresh.setdefault((x.f, array), []).append(x.call)
        if x.call is not None and toks[x.call].text == "sg_set_page":
            self.sets.setdefault((x.f, array), []).append(x.call)
            if [t.text for t in toks[x.end + 2:x.end + 4]] == ["++", "]"]:
                self.set_by[x.f] = toks[x.end + 1].text
        if toks[x.end].text == "=" and _ALLOC.fullmatch(toks[x.end + 1].text) and \
                toks[x.end + 2].text == "(":
            self.allocated.add(x.f)
            self.fresh.setdefault((x.f, array), []).append(x.start)
        if x.call is not None and toks[x.call].text == "dma_map_sg" and \
                toks[x.call - 1].text == "=":
            a, _ = statement(x.f, x.call)
            while toks[a + 1].kind == "id":     # it is declared here
                a += 1
            self.results.append((x.f, x.call, array, (a, x.call - 1)))
        if toks[x.start - 1].text == "=" and self._is_cursor(x.f, toks[x.start - 2].text):
            self.walked[x.f] = array
            self.life.use(x, x.start)

    @staticmethod
    def _flat(f, span):
        return "".join(t.text for t in f.source.tokens[slice(*span)])

    def _occurrence(self, x):
        """Rewrite a mention; the token up to which others are part of it."""
        toks, match = x.f.source.tokens, x.f.source.match
        e = self.edit(x.f.source)
        text = e.text(x.i, x.end)
        if x.i == x.start and self._is_cursor(x.f, text):
            return None
        after = toks[x.end].text
        if after == "=" and toks[x.end + 1].kind == "id" and \
                _ALLOC.fullmatch(toks[x.end + 1].text):
            return self._allocation(x, text)
        if x.call is None:
            return self._plain(x, text)
        name = toks[x.call].text
        a, b = statement(x.f, x.call)
        alone = toks[x.call - 1].text in (";", "{", "}", ":", ")", "else") and \
            toks[match[x.call + 1] + 1].text == ";"
        if name in _FREE and x.whole_argument() and alone:
            e.replace(x.call, b, self._lines(x, x.call, [
                f"if ({text})", f"\tphyr_table_free({text});", f"kfree({text});"]))
            return None
        if name == "sg_init_table" and x.arg == 0 and alone:
            if self._is_empty(x, x.call):
                e.remove_lines(x.call, b)
            else:
                e.replace(x.call, b, f"phyr_list_truncate(&{text}->list, 0);")
            return b
        if name == "sg_set_page" and x.arg == 0 and after == "[" and alone:
            return self._set_page(x, text, b)
        if name == "sizeof":
            return None
        if not x.whole_argument():
            self._refuse(x, "index-access" if after == "[" else "not-an-argument", name)
        args = [e.text(*s) for s in x.args]
        if name == "dma_map_sg":
            self._map(x, text, args, a, b)
        elif name == "dma_unmap_sg":
            close = match[x.call + 1]
            e.replace(x.call, close + 1,
                      f"dma_unmap_phyr_table({args[0]}, {text}, {args[3]}, 0)")
        elif name == "for_each_sg":
            self._refuse(x, "loop-body", "for_each_sg")
        elif not self.group.lookup(name, x.f.source):
            self._refuse(x, "unknown-callee", name)
        return None

    def _plain(self, x, text):
        """Tested, kept, taken over: nothing changes, but where a cursor starts."""
        toks = x.f.source.tokens
        e = self.edit(x.f.source)
        before, after = toks[x.start - 1].text, toks[x.end].text
        if after in ("->", ".", "["):
            self._refuse(x, "index-access", after)
        if before == "=" and self._is_cursor(x.f, toks[x.start - 2].text):
            a, b = statement(x.f, x.i)
            if a != x.start - 2 or b != x.end + 1:
                self._refuse(x, "cursor", "it does not start in a statement")
            e.replace(a, b, self._lines(x, a, [
                f"dma_phyr_iter_init(&iter, &{text}->map);",
                "dma_phyr_iter_next(&iter, &range);"]))
            return None
        if before == "*" and toks[x.start - 2].text == "scatterlist":
            return None                 # its declaration
        if before in ("==", "!=", "!", "(", "=", "&&", "||", ";", "{", "}", ":", "return") and \
                after in ("==", "!=", "=", ";", ")", "&&", "||", ",", "?"):
            return None
        self._refuse(x, "not-an-argument", f"{before} {after}")
        return None

    def _lines(self, x, i, lines):
        """Several statements where one was: in braces, if it was the body of an if."""
        toks, text = x.f.source.tokens, x.f.source.text
        start = text.rfind("\n", 0, toks[i].pos) + 1
        indent = text[start:toks[i].pos]
        if indent.strip():
            raise Refusal(x.f.source.path, toks[i].line, "layout", "not on a line of its own")
        if toks[i - 1].text not in (";", "{", "}", ":"):
            raise Refusal(x.f.source.path, toks[i].line, "layout", "the body of an if")
        return f"\n{indent}".join(lines)

    def _allocation(self, x, text):
        match = x.f.source.match
        e = self.edit(x.f.source)
        a, b = statement(x.f, x.i)
        close = match[x.end + 2]
        if a != x.start or close + 2 != b:
            self._refuse(x, "embedded", "the allocation is not a statement")
        n = entries(self._flat(x.f, (x.end + 3, close)))
        if not n:
            self._refuse(x, "embedded", "how many entries are allocated is not known")
        name = x.f.source.tokens[x.end + 1].text
        gfp = self._flat(x.f, (x.end + 3, close)).split(",")[-1] if name[0] == "k" else "GFP_KERNEL"
        reserve = f"phyr_list_reserve(&{text}->list, {n}, {gfp})) {{"
        test = [f"if ({text} && {reserve}"] if len(text + reserve) < 72 else \
            [f"if ({text} &&", f"    {reserve}"]
        e.replace(a, b, self._lines(x, a, [
            f"{text} = kzalloc(sizeof(*{text}), {gfp});", *test,
            f"\tkfree({text});", f"\t{text} = NULL;", "}"]))
        return b

    def _set_page(self, x, text, b):
        """The entries are set one behind the other, from the first to the last."""
        toks, match = x.f.source.tokens, x.f.source.match
        e = self.edit(x.f.source)
        index = [t.text for t in toks[x.end + 1:match[x.end]]]
        loop = self._counts_up(x, index[0]) if len(index) == 1 else None
        if not (len(index) == 2 and index[1] == "++") and not loop:
            self._refuse(x, "index-access", "".join(index))
        if not self._is_fresh(x, loop):
            self._refuse(x, "entries-by-hand", "there may be entries from before")
        page, length, offset = (e.text(*s) for s in x.args[1:])
        # Ranges are cut where segments end, which entries were not
        if length != "PAGE_SIZE" or offset != "0":
            self._refuse(x, "one-to-one", f"an entry of {length} at {offset}")
        source = x.f.source
        begin = source.text.rfind("\n", 0, toks[x.call].pos) + 1
        column = len(source.text[begin:toks[x.call].pos].expandtabs(8))
        indent = column + len("WARN_ON(phyr_list_append(")
        pad = "\n" + "\t" * (indent // 8) + " " * (indent % 8)
        head = f"WARN_ON(phyr_list_append(&{text}->list, page_to_phys({page}),"
        tail = f"{length}, GFP_NOWAIT));"
        e.replace(x.call, b, head + (" " if column + len(head + tail) < 100 else pad) + tail)
        return b

    def _is_fresh(self, x, loop):
        """Are there no entries yet?  Setting replaces what was there, appending does not."""
        if loop:
            return x.f.source.tokens[loop - 1].text in BEGIN and self._is_empty(x, loop)
        return any(always(x.f, k, x.call, True) and not self._begins_again(x, k) and
                   self._stays(x, k, x.call) for k in self._emptied(x))

    def _emptied(self, x):
        return self.fresh.get((x.f, self._flat(x.f, (x.i, x.end))), ())

    def _is_empty(self, x, j):
        """Has what empties it always run before token j, and nothing set an entry since?"""
        array = self._flat(x.f, (x.i, x.end))
        return any(always(x.f, k, j) and self._stays(x, k, j) and
                   not any(k < n < j for n in self.sets.get((x.f, array), ()))
                   for k in self._emptied(x))

    def _stays(self, x, k, j):
        """Does what the array is called by name the same one at tokens k and j?"""
        toks = x.f.source.tokens
        begin = k + 1 if toks[k].text == "sg_init_table" else statement(x.f, k)[1]
        return not any(True for word in re.findall(r"\w+", self._flat(x.f, (x.i, x.end)))
                       for _ in writes(x.f, word, begin, j))

    def _begins_again(self, x, k):
        """Is what counts the entries set in a loop behind token k that sets them, too?"""
        toks = x.f.source.tokens
        for word, bracket in heads(x.f, x.call):
            first, last = extent(x.f, word, bracket)
            if first > k and toks[word].text not in ("if", "switch") and any(
                    statement(x.f, j)[0] not in self.sets[x.f, self._flat(x.f, (x.i, x.end))]
                    for j in writes(x.f, toks[x.end + 1].text, first, last)):
                return True
        return False

    def _counts_up(self, x, name):
        """The for (name = 0; name < ...; name++) in whose body it is, whatever happens."""
        toks, match = x.f.source.tokens, x.f.source.match
        for j in range(x.f.start, x.call):
            if toks[j].text != "for":
                continue
            head = [t.text for t in toks[j + 2:match[j + 1]]]
            body = match[j + 1] + 1
            if head[:5] != [name, "=", "0", ";", name] or head[-2:] != [name, "++"] or \
                    toks[body].text != "{" or not body < x.call < match[body]:
                continue
            depth, skips = 0, False
            for k in range(body + 1, x.call):
                depth += (toks[k].text == "{") - (toks[k].text == "}")
                skips |= toks[k].text == "continue"
            skips |= bool(list(writes(x.f, name, body, match[body])))
            good = depth == 0 and not skips and toks[x.call - 1].text in (";", "}", "{")
            return j if good else None
        return None

    def _map(self, x, text, args, a, b):
        toks, match = x.f.source.tokens, x.f.source.match
        e = self.edit(x.f.source)
        close = match[x.call + 1]
        new = f"dma_map_phyr_table({args[0]}, {text}, {args[3]}, 0)"
        count = self._flat(x.f, x.args[2])
        if not self._is_all(x, count):
            self._refuse(x, "entries-by-hand", f"{args[2]} may not be all entries")
        if a == x.call and close + 2 == b:
            e.replace(x.call, close + 1, new)
            self.done.append("unchecked")
            return
        if toks[x.call - 1].text == "=" and close + 2 == b:
            e.replace(x.call, close + 1, f"{new} ?\n\t\t0 : dma_phyr_count(&{text}->map)")
            return
        self._refuse(x, "error-test", "the call is part of another expression")

    def _is_all(self, x, count):
        """Is it what the entries were counted with, or how many a function has set?"""
        toks = x.f.source.tokens
        array = self._flat(x.f, (x.i, x.end))
        for f, k, other, span in self.counts:
            c = self._flat(f, span)
            if f is x.f and k < x.call:
                words = re.findall(r"\w+", c)
                if c == count and not any(
                        toks[j].kind == "id" and toks[j].text in words and
                        written(f, j, j + 1) for j in range(k, x.call)) and (
                            not self._given(f, words[0], f.source.match[k + 1], x.call) or
                            told(array, count) and self._only_set(f, span, k)):
                    return True
            elif told(array, count) and told(array, count) == told(other, c):
                return self._only_set(f, span, k)
            elif c == count and not re.search("[a-z]", c):
                return True
        for j in range(x.f.start, x.call):
            if toks[j].text == count and toks[j + 1].text == "=" and toks[j + 3].text == "(":
                for g in self.group.lookup(toks[j + 2].text, x.f.source):
                    if self.set_by.get(g) and self.set_by[g] == self._returned(g):
                        return True
        return False

    @staticmethod
    def _returned(g):
        """The variable that all returns of a function return, or None."""
        toks = g.source.tokens
        what = {" ".join(t.text for t in toks[j + 1:j + 3])
                for j in range(g.start, g.end) if toks[j].text == "return"}
        only = what.pop() if len(what) == 1 else ""
        return only[:-2] if only.endswith(" ;") else None

    # Walking

    def _cursor(self, f):
        name = self.cursors.get(f)
        if not name:
            return
        toks = f.source.tokens
        e = self.edit(f.source)
        if {"range", "iter"} & (set(f.names) | set(f.source.globals)):
            raise Refusal(f.source.path, f.line, "layout", "range or iter is a name already")
        used, steps = set(), []
        j = f.start
        while j < f.end:
            tok = toks[j]
            call = [t.text for t in toks[j + 1:j + 4]] == ["(", name, ")"]
            if tok.text in ("sg_dma_len", "sg_dma_address") and call:
                if written(f, j, j + 4):
                    raise Refusal(f.source.path, tok.line, "loop-body", f"{tok.text} is set")
                field = "len" if tok.text == "sg_dma_len" else "addr"
                used.add(field)
                narrow = narrowed(self.group, f, j, j + 4) if field == "len" else ""
                e.replace(j, j + 4, f"{narrow}range.{field}")
                j += 4
                continue
            if tok.text == name and toks[j - 1].text not in ("->", "."):
                if [t.text for t in toks[j + 1:j + 7]] == ["=", "sg_next", "(", name, ")", ";"]:
                    if toks[j - 1].text not in (";", "{", "}", ")"):
                        raise Refusal(f.source.path, tok.line, "cursor", name)
                    steps.append(j)
                    e.replace(j, j + 7, "dma_phyr_iter_next(&iter, &range);")
                    j += 7
                    continue
                if tok.line != f.names[name].line and not (
                        toks[j + 1].text == "=" and toks[j - 1].text in (";", "{", "}") and
                        any(a <= tok.pos < b for a, b, _ in e.todo)):
                    raise Refusal(f.source.path, tok.line, "cursor", name)
            j += 1
        if used != {"len", "addr"}:
            raise Refusal(f.source.path, f.line, "one-to-one",
                          f"{f.name}() reads only {' '.join(used)} of the entries")
        self.steps[f] = steps
        walk = Walk(self.group, f, name, steps)
        for j in steps:
            if not walk.by_bytes(j) and not self._counted(f, j):
                raise Refusal(f.source.path, toks[j].line, "index-access",
                              "the walk does not end with the mapping, or by its bytes")
        bad = walk.wrong()
        if bad is not None:
            raise Refusal(f.source.path, toks[bad].line, "one-to-one", f"in {f.name}()")
        d = f.names[name]
        j = next(j for j in range(f.start, f.end) if toks[j].line == d.line and
                 toks[j].text == name)
        a, b = statement(f, j)
        if [t.text for t in toks[a:b]] != ["struct", "scatterlist", "*", name, ";"]:
            raise Refusal(f.source.path, d.line, "layout", f"{name} is declared with others")
        text = f.source.text
        indent = text[text.rfind("\n", 0, toks[a].pos) + 1:toks[a].pos]
        e.replace(a, b, f"struct dma_phyr_iter iter;\n{indent}struct dma_phyr range;")

    def _counted(self, f, step):
        """Is the innermost loop around a step as long as the mapping?"""
        loop = next((b for w, b in heads(f, step)
                     if f.source.tokens[w].text not in ("if", "switch")), None)
        return loop is not None and self._is_result(f, loop)

    def _is_result(self, f, bracket):
        """Does a loop go on as often as the mapping has ranges?"""
        end = f.source.match[bracket]
        head = self._flat(f, (bracket + 1, end))
        m = re.fullmatch(r"(\w+)=0;\1<([\w>.-]+);(?:\1\+\+|\+\+\1)|([\w>.-]+?)--", head)
        limit = m and (m.group(2) or m.group(3))
        array = self.walked.get(f, "")
        if not limit:
            return False
        own = range(bracket, end)
        for g, call, other, span in self.results:
            result = self._flat(g, span)
            if f is g and limit == result:
                return all(j in own for j in writes(f, limit, call, f.end))
            if told(array, limit) and told(array, limit) == told(other, result):
                return self._only_set(g, span, call, (f, own))
        return False

    @staticmethod
    def _given(f, name, i, end):
        """Is a variable given to a function or a macro, that may set it or its members?"""
        toks = f.source.tokens
        return any(toks[j].text == name and toks[j + 1].text in (")", ",") and
                   (toks[j - 1].text in ("(", ",") or toks[j - 2].text in ("(", ","))
                   for j in range(i, end))

    def _only_set(self, f, span, until, head=(None, ())):
        """Is a member, but for a 0, set only in one function, and there before a token?

        A loop may count it down in its own head: a function and its tokens.
        """
        places = {v.place for v in self.group.chain(f, *span)[0]}
        if not places or None in places:
            return False
        member = f.source.tokens[span[1] - 1].text
        tree = self.group.tree
        for path in {*self.group.files, *tree.directory(self.group.directory, (".c", ".h"))}:
            source = tree.source(path)
            toks = source.tokens
            for g in source.functions.values() if member in tree.text(path) else ():
                for x in occurrences(self.group, g, places):
                    if written(g, x.end - 1, x.end) and not (
                            g is f and x.i < until or g is head[0] and x.i in head[1] or
                            [t.text for t in toks[x.end:x.end + 3]] == ["=", "0", ";"]):
                        return False
        return True
