# SPDX-License-Identifier: GPL-2.0
"""L5: an array as in L3 whose walker also takes lists of a framework.

The list becomes a struct phyr_table, and the walker is given a view of the mapping: an
sg_table that has DMA addresses only, made when the table is mapped.  The walker stays as
it is, so it must look at the device's side of the entries alone.
"""

import re

from .layer_array import Array, told
from .rewrite import Refusal, heads, occurrences, writes

CLASSES = ("A3s",)

_CPU = ("sg_page", "sg_virt", "sg_phys", "sg_copy_to_buffer", "sg_copy_from_buffer",
        "sg_miter_start", "for_each_sg_page", "for_each_sgtable_page")
# What else an entry may be given to without a look at what it does
_DEVICE = ("sg_next", "sg_dma_address", "sg_dma_len", "for_each_sg", "for_each_sg_dma_page",
           "for_each_sgtable_dma_sg", "for_each_sgtable_dma_page", "__sg_page_iter_start",
           "WARN_ON", "likely", "unlikely")
# What tells how long an entry is, or goes through its pages
_LENGTH = ("sg_dma_len", "dma_length", "for_each_sg_dma_page", "for_each_sgtable_dma_page",
           "__sg_page_iter_start")


def split(group, facts):
    """The places of the driver's own list, and those that a framework's are in, too."""
    own, shared, todo = set(), set(), list(facts.places)
    while todo:
        place = todo.pop()
        if place in own or place in shared:
            continue
        if place[0] in ("fw", "u") or place not in facts.places and any(
                p[0] in ("fw", "u") for p in group.closure([place], group.back)):
            shared.add(place)
            continue
        own.add(place)
        todo += list(group.back[place]) + list(group.ahead[place])
    return own, shared


class Bridge(Array):
    """The conversion of one object."""

    def __init__(self, group, places, edits, shared):
        super().__init__(group, places, edits)
        self.shared = shared
        self.handed = False
        self.unmaps = set()     # functions that unmap it

    def _collect(self, x):
        super()._collect(x)
        if x.call is not None and x.f.source.tokens[x.call].text == "dma_unmap_sg":
            self.unmaps.add(x.f.name)

    def run(self, paths):
        self._device_side()
        super().run(paths)
        if not self.handed:
            raise Refusal(paths[0], 1, "bridge", "the walker that is shared was not found")
        self._known_callees()
        self._lengths_asked()

    def _device_side(self):
        """Nobody who is given the view may look for pages."""
        group = self.group
        for place in sorted(group.closure(self.shared, group.ahead), key=str):
            for member, path, line in sorted(group.fields[place]):
                if member not in ("dma_address", "dma_length"):
                    raise Refusal(path, line, "cpu-field", member)
            if place[0] != "v":
                continue
            f = group.tree.source(place[1]).functions[place[2]]
            toks = f.source.tokens
            for j in range(f.start, f.end):
                if toks[j].text in _CPU and any(
                        t.text == place[3] for t in toks[j:f.source.match.get(j + 1, j)]):
                    raise Refusal(place[1], toks[j].line, "cpu-field", toks[j].text)
            self._numbers(f, place)

    def _numbers(self, f, place):
        """The view has fewer entries than there were pages: none may be found by its number."""
        for path, line in sorted(self.group.indexed[place]):
            raise Refusal(path, line, "index-access", place[3])
        toks = f.source.tokens
        for x in occurrences(self.group, f, {place}):
            if toks[x.end].text in ("+", "-", "++", "--", "+=", "-=") or \
                    toks[x.start - 1].text in ("++", "--"):
                raise Refusal(place[1], x.line, "index-access", place[3])

    def _known_callees(self):
        """Nor may it be given to a function that nobody has seen."""
        group = self.group
        places = group.closure(self.shared, group.ahead)
        for place in sorted((p for p in places if p[0] == "v"), key=str):
            f = group.tree.source(place[1]).functions[place[2]]
            toks = f.source.tokens
            for x in occurrences(group, f, places):
                if not x.whole_argument() or toks[x.call].text in _DEVICE:
                    continue
                if not group.lookup(toks[x.call].text, f.source):
                    raise Refusal(place[1], x.line, "unknown-callee", toks[x.call].text)

    def _lengths_asked(self):
        """Nor may who is given all of it take each entry for a page."""
        group = self.group
        for place in sorted(self.shared, key=str):
            if not group.parameter(place):
                continue
            walkers = [group.tree.source(p[1]).functions[p[2]]
                       for p in group.closure([place], group.ahead) if p[0] == "v"]
            if not any(t.text in _LENGTH for f in walkers for t in f.source.tokens[f.start:f.end]):
                raise Refusal(place[1], walkers[0].line, "one-to-one",
                              f"{place[2]} asks for no length")

    def _view(self, x, text):
        m = re.fullmatch(r"(.+)(->|\.)(\w+)", text)
        if not m:
            self._refuse(x, "bridge", f"{text} is no member: there is no place for the view")
        return f"{text}_view"

    def _declare(self, place):
        super()._declare(place)
        if place[0] != "m":
            return
        source = self.group.tree.source(place[1])
        d = source.structs[place[2]].members[place[3]]
        j = next(j for j, t in enumerate(source.tokens)
                 if t.line == d.line and t.text == d.name)
        start = source.text.rfind("\n", 0, source.tokens[j].pos) + 1
        end = source.text.find("\n", source.tokens[j].pos) + 1
        line = source.text[start:end]
        indent = line[:len(line) - len(line.lstrip())]
        self.edit(source).todo.append(
            (end, end, f"{indent}struct sg_table\t\t{d.name}_view;\n"))

    def _occurrence(self, x):
        toks = x.f.source.tokens
        if x.call is not None and x.whole_argument():
            name = toks[x.call].text
            for g in self.group.lookup(name, x.f.source):
                if x.arg < len(g.params) and (
                        "v", g.source.path, g.name, g.params[x.arg].name) in self.shared:
                    if not self._is_mapped(x):
                        self._refuse(x, "bridge", "it may not be mapped when it is walked")
                    self._counted(x, g)
                    e = self.edit(x.f.source)
                    e.replace(x.start, x.end,
                              f"{self._view(x, e.text(x.i, x.end))}.sgl")
                    self.handed = True
                    return None
            if name == "dma_unmap_sg":
                text = self.edit(x.f.source).text(x.i, x.end)
                self.edit(x.f.source).insert_line(
                    x.call, f"sg_free_table(&{self._view(x, text)});")
        return super()._occurrence(x)

    def _is_mapped(self, x):
        """Is it mapped in this function, or by one that is called, and unmapped behind that?"""
        toks = x.f.source.tokens
        mapping = {"dma_map_sg", *(f.name for f, _, _, _ in self.results)}
        unmapping = {"dma_unmap_sg", *self.unmaps}
        last = next((toks[j].text for j in range(x.call - 1, x.f.start, -1)
                     if toks[j].text in mapping | unmapping and toks[j + 1].text == "("), None)
        return last in mapping

    def _counted(self, x, g):
        """If the walker is told how many entries there are, it must be what was mapped."""
        counts = {f.source.tokens[span[1] - 1].text for f, _, _, span in self.counts}
        for k, (i, end) in enumerate(x.args):
            if k != x.arg and not self._mapped(x, self._flat(x.f, (i, end))) and (
                    x.f.source.tokens[end - 1].text in counts or
                    k < len(g.params) and self._limits(g, g.params[k].name)):
                self._refuse(x, "one-to-one", "the walker is told of another number")

    def _mapped(self, x, said):
        """Is that what keeps the result of the mapping, and nothing else?"""
        array = self._flat(x.f, (x.i, x.end))
        for f, call, other, span in self.results:
            result = self._flat(f, span)
            if f is x.f and said == result and array == other:
                name = f.source.tokens[span[1] - 1].text
                return next(writes(f, name, call, x.call), None) is None
            if told(array, said) and told(array, said) == told(other, result):
                return self._only_set(f, span, call)
        return False

    def _limits(self, g, name):
        """Does a parameter limit a loop that goes to the next entry, here or in who gets it?"""
        toks, match = g.source.tokens, g.source.match
        for j in range(g.start, g.end):
            loops = heads(g, j) if toks[j].text == "sg_next" else \
                [(j, j + 1)] if toks[j].text == "for_each_sg" else ()
            for word, bracket in loops:
                said = {t.text for t in toks[bracket + 1:match[bracket]]}
                if "sg_dma_len" in said:        # the length decides
                    break
                if name in said and toks[word].text not in ("if", "switch"):
                    return True
            if toks[j].kind != "id" or toks[j + 1].text != "(":
                continue
            args = g.source.split(j + 2, match[j + 1], ",")
            for h in self.group.lookup(toks[j].text, g.source):
                if h is not g and any(
                        end == i + 1 and toks[i].text == name and k < len(h.params) and
                        self._limits(h, h.params[k].name) for k, (i, end) in enumerate(args)):
                    return True
        return False

    def _map(self, x, text, args, a, b):
        toks, match = x.f.source.tokens, x.f.source.match
        close = match[x.call + 1]
        count = self._flat(x.f, x.args[2])
        if not self._is_all(x, count):
            self._refuse(x, "entries-by-hand", f"{args[2]} may not be all entries")
        if toks[x.call - 1].text != "=" or close + 2 != b:
            self._refuse(x, "error-test", "the result is not kept")
        e, view = self.edit(x.f.source), self._view(x, text)
        result = e.text(a, x.call - 1)
        given = f"{args[0]}, {text}, {args[3]}, 0"
        e.replace(a, b, self._lines(x, a, [
            f"{result} = 0;",
            f"if (!dma_map_phyr_table({given})) {{",
            f"\tif (dma_phyr_to_sgtable(&{text}->map, &{view}, GFP_ATOMIC))",
            f"\t\tdma_unmap_phyr_table({given});",
            "\telse",
            f"\t\t{result} = {view}.nents;",
            "}"]))
