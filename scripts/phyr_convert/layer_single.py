# SPDX-License-Identifier: GPL-2.0
"""L1: a list of one entry becomes an address and a length: dma_map_single().

The scatterlist, in whatever structure or function it is, becomes a struct dma_phyr of
<linux/dma-phyr.h>, and who used its fields uses addr and len.  No phyr list is needed.
"""

import re

from .rewrite import (BEGIN, Edits, Refusal, always, copies, extent, heads, narrowed, occurrences,
                      statement, written)

COMPARE = ("==", "!=", "<", ">", "<=", ">=")
DEVICE_LENGTH = "sg_dma_len"
SYNC = {"dma_sync_sg_for_cpu": "dma_sync_single_for_cpu",
        "dma_sync_sg_for_device": "dma_sync_single_for_device"}
FIELDS = {"length": "len", "dma_address": "addr", "dma_length": "len"}

# Calls that set nothing that a buffer is told with
_HARMLESS = re.compile(r"sg_\w+|dma_\w+|dev_\w+|pr_\w+|netdev_\w+|WARN\w*|(un)?likely|sizeof|if|"
                       r"while|for|switch|return")


class Single:
    """The conversion of one object: places that are the same one-entry list."""

    def __init__(self, group, places, edits):
        self.group = group
        self.places = places
        self.edits = edits      # path -> Edits
        self.results = {}       # function -> variables that hold dma_map_sg()'s result
        self.buffers = {}       # (function, object's text) -> (buffer, length)
        self.done = []          # what the commit message tells
        self.sources = []
        self.asked = []         # where the length is taken for a sign of a mapping
        self.kept = []          # where it is kept although the mapping failed

    def edit(self, source):
        """The edits of a file."""
        return self.edits.setdefault(source.path, Edits(source))

    def run(self, paths):
        """Rewrite all mentions in these files."""
        self._declarations()
        self.sources = [self.group.tree.source(path) for path in paths]
        for source in self.sources:
            for f in source.functions.values():
                found = list(occurrences(self.group, f, self.places))
                for x in found:
                    self._collect(x)
                for x in found:
                    self._occurrence(x)
        if self.asked and self.kept:
            self._refuse(self.asked[0], "error-test", "the length tells whether it is mapped")

    def _refuse(self, x, reason, detail=""):
        raise Refusal(x.f.source.path, x.line, reason, detail)

    def object(self, x):
        """The text of the object without its &, and how its members are named."""
        e = self.edit(x.f.source)
        text = e.text(x.i, x.end)
        pointer = x.value.stars > 0 and x.start == x.i
        return f"{text}{'->' if pointer else '.'}"

    def _collect(self, x):
        """Which bytes an sg_init_one() gives the entry."""
        toks = x.f.source.tokens
        if x.call is not None and toks[x.call].text in ("sg_init_one", "sg_set_buf") and \
                x.arg == 0:
            if toks[x.call].text == "sg_set_buf" or len(x.args) != 3:
                self._refuse(x, "entries-by-hand", toks[x.call].text)
            self.buffers.setdefault((x.f.name, self.object(x)), []).append(
                (x.call, *(self.edit(x.f.source).text(*a) for a in x.args[1:])))
        if x.call is not None and toks[x.call].text == "kfifo_dma_out_prepare" and x.arg == 1:
            args = [self.edit(x.f.source).text(*a) for a in x.args]
            # A tty's: of other FIFOs an element may be more than a byte
            if len(args) != 4 or args[2] != "1" or not args[0].endswith("xmit_fifo"):
                self._refuse(x, "entries-by-hand", toks[x.call].text)
            self.buffers.setdefault((x.f.name, self.object(x)), []).append(
                (x.call, "tail", f"kfifo_out_linear_ptr({args[0]}, &tail, {args[3]})"))

    def _declarations(self):
        for place in sorted(self.places, key=str):
            if place[0] == "v":
                f = self.group.tree.source(place[1]).functions[place[2]]
                d, source = f.names.get(place[3]), f.source
            else:
                source = self.group.tree.source(place[1])
                st = source.structs.get(place[2])
                d = st.members.get(place[3]) if st else None
            if not d or d.base != "struct scatterlist" or d.array is not None:
                raise Refusal(source.path, d.line if d else 1, "not-one-entry", place[-1])
            self._declare(source, place, d)

    def _declare(self, source, place, d):
        toks = source.tokens
        e = self.edit(source)
        for i, tok in enumerate(toks):
            if tok.line != d.line or tok.text != d.name:
                continue
            k = i
            while toks[k].text not in (";", "{", "}", "("):
                if toks[k].text == "scatterlist" and toks[k - 1].text == "struct":
                    break
                k -= 1
            if toks[k].text != "scatterlist":
                continue
            if place[0] == "v" and toks[i + 1].text in (")", ",") and toks[k + 1].text == "*":
                pass
            elif toks[i + 1].text == "," or toks[i - 1].text == ",":
                # struct scatterlist a, b[2]: the others keep their type
                first = k + 1
                if i != first or toks[i + 1].text != ",":
                    raise Refusal(source.path, d.line, "layout", "one of several declared")
                e.replace(k, i + 2, f"dma_phyr\t\t{d.name};\n\tstruct scatterlist\t")
                self._tight(e, i + 2)
                return
            e.replace(k, k + 1, "dma_phyr")
            return
        raise Refusal(source.path, d.line, "layout", f"no declaration of {d.name}")

    def _tight(self, e, i):
        """No blank before token i, which the text put in already ends with one."""
        a, _, text = e.todo.pop()
        e.todo.append((a, e.source.tokens[i].pos, text))

    def _occurrence(self, x):
        toks = x.f.source.tokens
        e = self.edit(x.f.source)
        after = toks[x.end].text
        if after in ("->", "."):
            field = toks[x.end + 1].text
            if field not in FIELDS:
                self._refuse(x, "cpu-field", field)
            self._read(x, x.i, x.end + 2, field)
            self._field(x, x.i, x.end + 2, FIELDS[field])
            return
        if x.call is None:
            self._alias(x)
            return
        name = toks[x.call].text
        call_end = x.f.source.match[x.call + 1] + 1
        if not x.whole_argument():
            self._refuse(x, "not-an-argument", name)
        m = self.object(x)
        args = [e.text(*a) for a in x.args]
        if name in ("sg_dma_address", "sg_dma_len"):
            field = "addr" if name == "sg_dma_address" else "len"
            self._read(x, x.call, call_end, name)
            self._field(x, x.call, call_end, field)
        elif name == "sg_init_one":
            pass                # done where it is mapped
        elif name == "kfifo_dma_out_prepare" and x.arg == 1:
            pass                # the same
        elif name == "sg_init_table" and args[1] == "1" and \
                toks[x.call - 1].text in (";", "{", "}", ":") and toks[call_end].text == ";":
            lvalue = m[:-1] if m.endswith(".") else f"*{m[:-2]}"
            e.replace(x.call, call_end, f"{lvalue} = (struct dma_phyr) {{}}")
        elif name == "dma_map_sg" and len(args) == 4:
            self._map(x, m, args)
        elif name == "dma_unmap_sg" and args[2] == "1":
            e.replace(x.call, call_end, self._join(
                x, "dma_unmap_single", [args[0], f"{m}addr", f"{m}len", args[3]]))
        elif name in SYNC and args[2] == "1":
            e.replace(x.call, call_end, self._join(
                x, SYNC[name], [args[0], f"{m}addr", f"{m}len", args[3]]))
        elif name == "dmaengine_prep_slave_sg":
            if args[2] != "1" and not self._is_result(x, args[2]):
                self._refuse(x, "not-one-entry", f"{args[2]} entries")
            e.replace(x.call, call_end, self._join(
                x, "dmaengine_prep_slave_single",
                [args[0], f"{m}addr", f"{m}len", *args[3:]]))
        elif self.group.lookup(name, x.f.source):
            pass                # the parameter is converted, too
        else:
            self._refuse(x, "unknown-callee", name)

    def _column(self, x, i):
        toks, text = x.f.source.tokens, x.f.source.text
        begin = text.rfind("\n", 0, toks[i].pos) + 1
        return len(text[begin:toks[i].pos].expandtabs(8))

    def _join(self, x, name, args, column=None):
        """A call, broken where a line would become longer than 80 columns."""
        if column is None:
            column = self._column(x, x.call)
        lines = [f"{name}("]
        indent = column + len(name) + 1
        for k, arg in enumerate(args):
            piece = " ".join(arg.split()) + (", " if k < len(args) - 1 else ")")
            if indent + len(piece) > 100 and " ? " in piece:
                first, piece = piece.split(" ? ", 1)
                lines.append(f"{first} ?")
                lines.append("")
            width = len(lines[-1]) + (column if len(lines) == 1 else indent)
            if width + len(piece) > 80 and lines[-1].strip() != f"{name}(":
                lines.append("")
            lines[-1] += piece
        pad = "\t" * (indent // 8) + " " * (indent % 8)
        return ("\n" + pad).join(line.rstrip() for line in lines)

    def _read(self, x, i, end, field):
        """The CPU's length and the device's were two, and could be set apart."""
        if written(x.f, i, end):
            self._refuse(x, "cpu-field", "it is written")
        # It was 0 as long as nothing was mapped; now that is an address as any other, and a
        # length that is set before the mapping, as the CPU's always was
        if field == "length" or not any(self._tested(*copy) for copy in copies(
                self.group, self.sources, x.f, i, end)):
            return
        if field.endswith("address"):
            self._refuse(x, "error-test", "the address tells whether it is mapped")
        self.asked.append(x)

    @staticmethod
    def _tested(f, i, end):
        """Is what tokens i to end - 1 say compared with 0, in words or without?"""
        toks = f.source.tokens
        while toks[i - 1].text == "(" and toks[end].text == ")" and (
                toks[i - 2].text in ("likely", "unlikely") or
                toks[i - 2].kind != "id" or toks[i - 2].text in ("return", "case")):
            i, end = i - 1 - (toks[i - 2].kind == "id"), end + 1
        before, after = toks[i - 1].text, toks[end].text
        if before == "!" or before in ("&&", "||") and after not in COMPARE or \
                after in ("&&", "||", "?") and before not in COMPARE:
            return True
        if before == "(" and after == ")" and toks[i - 2].text in ("if", "while", "WARN_ON"):
            return True
        other = toks[end + 1] if after in COMPARE else \
            toks[i - 2] if before in COMPARE else None
        return bool(other) and re.fullmatch(r"0x0+|0[UuLl]*|NULL", other.text) is not None

    def _field(self, x, i, end, field):
        """addr or len, which is 64 bits wide now and never held more than 32."""
        text = self.object(x) + field
        if field == "len":
            text = narrowed(self.group, x.f, i, end) + text
        self.edit(x.f.source).replace(i, end, text)

    def _alias(self, x):
        """sgl = &object, both of which are converted."""
        toks = x.f.source.tokens
        before, after = toks[x.start - 1].text, toks[x.end].text
        if before == "=" and after in (";", ",") or after == "=" and before in (";", "{", "}", "*"):
            return
        if before in ("*", ",") or toks[x.start - 1].text in ("scatterlist",):
            return              # its declaration
        self._refuse(x, "not-an-argument", before + " " + after)

    def _is_result(self, x, name):
        """Is that variable what dma_map_sg() has returned, one?"""
        return any(y == name for y in self.results.get(x.f.name, ()))

    def _map(self, x, m, args):
        if args[2] != "1":
            self._refuse(x, "not-one-entry", f"{args[2]} entries")
        toks = x.f.source.tokens
        e = self.edit(x.f.source)
        bytes_of = self._bytes(x, m)
        if not bytes_of:
            self._refuse(x, "entries-by-hand", "no sg_init_one() before")
        init, buf, length = bytes_of
        _, b = statement(x.f, init)
        if x.f.source.match[init + 1] + 2 != b or not always(x.f, init, x.call) or \
                self._changed(x, init, b):
            self._refuse(x, "entries-by-hand", "the mapping may see another buffer")
        e.replace(init, b, f"{m}len = {length};")
        if toks[init].text == "kfifo_dma_out_prepare":
            self._tail(x)
        elif self._is_const(x.f, buf):
            buf = f"(void *){buf}"      # sg_init_one() took it, too
        test = f"dma_mapping_error({args[0]}, {m}addr)"
        call_end = x.f.source.match[x.call + 1] + 1
        before = toks[x.call - 1].text
        start = x.call if before != "=" else x.call - 2
        new = f"{m}addr = " + self._join(x, "dma_map_single", [args[0], buf, f"{m}len", args[3]],
                                         self._column(x, start) + len(f"{m}addr = "))
        if before in (";", "{", "}"):           # nobody looked at the result
            e.replace(x.call, call_end, new)
            self.done.append("unchecked")
            self.kept.append(x)
            return
        if before == "=" and toks[x.call - 2].kind == "id" and \
                toks[x.call - 3].text in (";", "{", "}"):
            result = toks[x.call - 2].text
            e.replace(start, call_end, new)
            self._tests(x, result, call_end + 1, test)
            self.results.setdefault(x.f.name, []).append(result)
            return
        self._refuse(x, "error-test", "the call is part of another expression")

    def _changed(self, x, init, b):
        """May what the buffer and its length are told with change before the mapping?"""
        toks, match = x.f.source.tokens, x.f.source.match
        said = toks[init + 1:b]
        names = {t.text for t in said if t.kind == "id"}
        # Who is given a structure may set its members
        roots = {t.text for t, after in zip(said, said[1:]) if after.text in ("->", ".")}
        # The first argument is the list, whose own memory does not matter
        told = x.f.source.split(init + 2, match[init + 1], ",")[1:]
        in_memory = any(Single._in_memory(x.f, i, end) for i, end in told)
        for j in range(b, x.call):
            if in_memory and toks[j].text == "*" and written(x.f, j + 1, j + 2) or \
                    toks[j].kind == "id" and toks[j + 1].text == "(" and \
                    self._sets(x, j, told[0], in_memory, names):
                return True
            if toks[j].kind != "id" or toks[j].text not in names:
                continue
            end = j + 1
            while toks[end].text == "[" and any(t.text == "[" for t in said):
                end = match[end] + 1
            given = toks[j - 1].text in ("(", ",") and toks[end].text in (")", ",")
            if written(x.f, j, end) or given and toks[j].text in roots:
                return True
        return False

    def _sets(self, x, j, buf, in_memory, names):
        """May the call at token j set what is in memory, or variables of these names?"""
        f, name = x.f, x.f.source.tokens[j].text
        if _HARMLESS.fullmatch(name):
            return False
        close = f.source.match[j + 1]
        if name in ("memcpy", "memset"):
            # Filling the buffer does not set what says where it is
            e = self.edit(f.source)
            return in_memory and e.text(*f.source.split(j + 2, close, ",")[0]) != e.text(*buf)
        # A function of the driver gets the values of its arguments; a macro gets the variables,
        # and one of the driver's own may also set others
        if any(name in self.group.tree.source(p).macros
               for p in {f.source.path, *self.group.files}):
            return True
        return in_memory or not self.group.lookup(name, f.source) and any(
            t.text in names for t in f.source.tokens[j + 2:close])

    @staticmethod
    def _in_memory(f, i, end):
        """Do tokens i to end - 1 say what others may set: not only variables of the function?"""
        toks = f.source.tokens
        for j in range(i, end):
            text = toks[j].text
            if text in ("->", ".", "[", "*"):
                return True
            if toks[j].kind != "id" or text == "sizeof" or text.isupper():
                continue
            if text not in f.names or any(
                    toks[k].text == text and toks[k - 1].text == "&" and
                    toks[k + 1].text not in ("->", ".", "[") for k in range(f.start, f.end)):
                return True
        return False

    def _tail(self, x):
        """Declare where the bytes in a FIFO begin, beside what kept the result."""
        f, toks = x.f, x.f.source.tokens
        result = f.names.get(toks[x.call - 2].text)
        if toks[x.call - 1].text != "=" or not result or "tail" in f.names:
            self._refuse(x, "layout", "no place to declare tail")
        j = next(j for j in range(f.start, f.end) if toks[j].line == result.line)
        self.edit(f.source).insert_line(j, "unsigned char *tail;")

    @staticmethod
    def _is_const(f, name):
        """Is it a variable that points to what must not be written?"""
        d = f.names.get(name)
        if not d:
            return False
        toks = f.source.tokens
        for j, tok in enumerate(toks):
            if tok.line == d.line and tok.text == name:
                k = j - 1
                while toks[k].text not in ("(", ",", ";", "{", "}"):
                    if toks[k].text == "const":
                        return True
                    k -= 1
        return False

    def _bytes(self, x, m):
        """The last sg_init_one() of the object before the mapping."""
        before = [b for b in self.buffers.get((x.f.name, m), ()) if b[0] < x.call]
        return before[-1] if before else None

    def _tests(self, x, result, i, test):
        """Rewrite what is asked of the result; it must be asked once, and right behind."""
        toks, match = x.f.source.tokens, x.f.source.match
        e = self.edit(x.f.source)
        if toks[i].text != "if":
            self._refuse(x, "error-test", "no if behind the mapping")
        if result not in x.f.names:
            self._refuse(x, "error-test", f"others may look at {result}, too")
        close = match[i + 1]
        said = "".join(t.text for t in toks[i + 2:close])
        wrong = {f"{result}!=1", f"!{result}", f"{result}==0", f"1!={result}", f"{result}<=0",
                 f"{result}<1"}
        if said not in wrong and said != f"{result}<0":
            self._refuse(x, "error-test", said)
        if said == f"{result}<0":
            self.done.append("error-test")
        e.replace(i + 2, close, test)
        if not self._cleared(x, close + 1):
            self.kept.append(x)
        # The result must not be read before it is set anew, in the branch or after it, but
        # as the number of entries of this list
        k = close + 1
        branch_end = match.get(k, k) if toks[k].text == "{" else statement(x.f, k)[1]
        again = [extent(x.f, *head) for head in heads(x.f, x.call)
                 if toks[head[0]].text != "if"]
        read = self._read_later(x, result, k + (toks[k].text == "{"), branch_end, set())
        if again and read is None:      # the next time around, or in the next case
            own = range(x.call - 2, close + 1)
            read = next((j for j in range(again[-1][0], again[-1][1])
                         if j not in own and self._reads(x, result, j)), None)
            branch_end = again[-1][1]
        if read is None:
            read = self._read_later(x, result, branch_end, x.f.end, set())
        if read is not None:
            self._refuse(x, "error-test", f"{result} is used in line {toks[read].line}")
        self._unused(x, result)

    def _reads(self, x, result, j):
        """Is that variable read at token j, but for the number of entries of this list?"""
        toks = x.f.source.tokens
        return toks[j].text == result and toks[j].kind == "id" and toks[j + 1].text != "=" and \
            toks[j - 1].text not in ("->", ".") and toks[j].line != x.f.names[result].line and \
            not self._entries_argument(x, j)

    def _read_later(self, x, result, i, end, seen):
        """Where that variable is read behind token i, before it is set whatever happens."""
        toks, match = x.f.source.tokens, x.f.source.match
        outer = []              # for each block: unset before it, and behind the other of if, else
        unset, other, ends = True, False, False
        for j in range(i, end):
            text, alone = toks[j].text, toks[j - 1].text in BEGIN
            if text == "{":
                outer.append((unset, other or toks[j - 1].text != "else"))
            elif text == "}" and outer:
                before, skipped = outer.pop()
                first = match.get(match[j] - 1, j)
                other = unset or toks[first - 2].text == "else"
                unset = before and (skipped or toks[j + 1].text == "else") or unset
            elif text in ("case", "default") and outer:
                unset = outer[-1][0]
            elif text == "goto" and unset and toks[j + 1].text not in seen:
                seen.add(toks[j + 1].text)
                read = self._read_later(x, result, self._label(x.f, toks[j + 1].text),
                                        x.f.end, seen)
                if read is not None:
                    return read
            if unset and self._reads(x, result, j):
                return j
            ends |= alone and (text in ("return", "goto", "break", "continue") or
                               text == result and toks[j + 1].text == "=")
            if ends and text == ";":
                unset = ends = False
            if not unset and not outer and toks[j + 1].text != "else":
                return None
        return None

    def _cleared(self, x, j):
        """Is the entry cleared behind token j, whatever happens?"""
        toks, match, seen = x.f.source.tokens, x.f.source.match, set()
        e, m = self.edit(x.f.source), self.object(x)
        lists = (f"&{m[:-1]}", m[:-2])
        while j < x.f.end and toks[j].text not in ("return", "if", "for", "while", "switch", "do"):
            if toks[j].text == "sg_init_table" and e.text(*x.f.source.split(
                    j + 2, match[j + 1], ",")[0]) in lists:
                return True
            if toks[j].text == "goto":
                if toks[j + 1].text in seen:
                    return False
                seen.add(toks[j + 1].text)
                j = self._label(x.f, toks[j + 1].text)
            j += 1
        return False

    @staticmethod
    def _label(f, name):
        """Where a goto leads to."""
        toks = f.source.tokens
        return next((k for k in range(f.start, f.end) if toks[k].text == name and
                     toks[k + 1].text == ":" and toks[k - 1].text in BEGIN), f.start)

    def _entries_argument(self, x, j):
        """Is the result given as the number of entries of this list?"""
        toks = x.f.source.tokens
        k = j - 1
        while toks[k].text != "(":
            if toks[k].text in (";", "{"):
                return False
            k = x.f.source.match.get(k, k) - 1 if toks[k].text in (")", "]") else k - 1
        return toks[k - 1].text in ("dmaengine_prep_slave_sg",)

    def _unused(self, x, result):
        """Take the declaration of a variable away that nobody uses any more."""
        toks = x.f.source.tokens
        uses = [j for j in range(x.f.start, x.f.end)
                if toks[j].text == result and toks[j].kind == "id" and
                toks[j - 1].text not in ("->", ".")]
        d = x.f.names.get(result)
        if not d or result in [p.name for p in x.f.params]:
            return
        gone = [j for j in uses if self._edited(x, j)]
        kept = [j for j in uses if j not in gone and not (
            toks[j].line == d.line)]
        if kept:
            return
        j = next(j for j in uses if toks[j].line == d.line)
        a, b = statement(x.f, j)
        e = self.edit(x.f.source)
        if toks[j - 1].text == "," and toks[j + 1].text in (",", ";"):
            e.replace(j - 1, j + 1, "")
        elif toks[j + 1].text == ",":
            e.replace(j, j + 2, "")
            self._tight(e, j + 2)
        elif toks[j + 1].text == ";" and j - a <= 2:
            e.remove_lines(a, b)

    def _edited(self, x, j):
        """Is token j in what an edit replaces, or will be replaced with its call?"""
        e = self.edit(x.f.source)
        pos = x.f.source.tokens[j].pos
        return any(a <= pos < b for a, b, _ in e.todo) or self._entries_argument(x, j)

