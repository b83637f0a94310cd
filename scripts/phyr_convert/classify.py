# SPDX-License-Identifier: GPL-2.0
"""One class and one reason for each mapping call.

The closed lists of classes and reasons are here; what they mean is in
Documentation/driver-api/phyr-convert.rst.  The facts come from flow.py, the names of
frameworks from frameworks.py.
"""

import os
import re

from . import frameworks as fw
from .flow import MAPS, Group

CLASSES = {
    "A1": "sg_table made from pages, used in one file",
    "A2": "scatterlist array of its own, used in one file",
    "A3p": "private list, used in several files of one driver",
    "A3s": "private list, but what walks it also takes lists of a framework",
    "A3d": "private list, but its variable may hold an imported or exported dma-buf's",
    "A4": "one or two entries, made only for dmaengine_prep_slave_sg()",
    **{f"B-{name}": f"waits for {what}" for name, what in fw.FRAMEWORKS.items()},
    "C": "core, wrapper, test or sample: not a user",
}

REASONS = {
    "pages-one-file": "sg_alloc_table_from_pages() and all uses are in one file",
    "private-one-file": "the driver makes the list, and all uses are in one file",
    "private-driver": "the driver makes the list, other files of it use it, nobody else",
    "shared-walker": "a function that walks the list is also given a framework's",
    "dma-buf-mixed": "the variable also holds a dma-buf's list, or is exported as one",
    "dmaengine-short": "one or two entries that only dmaengine_prep_slave_sg() takes",
    "dmaengine-long": "as many entries as come, for dmaengine_prep_slave_sg()",
    "framework-list": "the list is a member of a framework's structure",
    "framework-argument": "the list is an argument of a framework's callback",
    "framework-filled": "a framework's function fills the list from its request",
    "framework-request": "the list is made while a framework's request is handled",
    "framework-sink": "the driver makes the list and a framework's function takes it",
    "dma-buf-exporter": "map_dma_buf() gives the list to who imports",
    "unknown-origin": "where the list comes from was not found",
    "wrapper": "maps for its callers, whoever they are",
    "test": "a test or sample",
}

_TEST = re.compile(r"^(samples|tools)/|/(self)?tests?/|[-_](self)?test\.c$|[-_]kunit\.c$")
_MAPS = re.compile(rf"\b({'|'.join(MAPS)})\s*\(")
# Classes that say that nobody else sees the list.
_PRIVATE = ("A1", "A2", "A3p")
_CORE = ("kernel/dma/", "lib/", "include/linux/dma-map", "drivers/iommu/", "arch/")
# Which one is it if a list may come from several: the most special one first.
_ORDER = ["libsas", "bsg", "target", "memstick", "mmc", "ata", "crypto", "scsi",
          "block", "usb", "spi", "fpga", "host1x", "ttm", "vb2", "drm", "dmabuf", "rdma",
          "dmaengine", "other"]


class Facts:
    """What is known about the list of one mapping call."""

    def __init__(self, group, site):
        self.group = group
        self.site = site
        path, self.line, self.api, self.function, values, self.args, self.nents = site
        self.path = path
        self.places = [v.place for v in values if v.place and v.base != "?"]
        self.back = group.closure(self.places, group.back)
        self.ahead = group.closure(self.places, group.ahead)
        own = {p for p in self.back if p[0] in "vmg"}
        self.around = group.closure(own | set(self.places), group.ahead)
        self.met = set()        # places that share a function with it
        self.sources = {}
        for place in sorted((p for p in self.back if p[0] == "fw"), key=str):
            if place[0] == "fw":
                self.sources.setdefault(place[1], place[2])

    def builders(self):
        """The ways that the driver makes the list."""
        return {b[0] for p in self.back | self.around for b in self.group.builders[p]}

    def own_builders(self):
        """Those of them that are on the way to the mapping."""
        return {b[0] for p in self.back for b in self.group.builders[p]}

    def filled(self):
        """The frameworks that fill it."""
        return {x for p in self.back | self.ahead for x in self.group.filled[p]}

    def sinks(self):
        """The frameworks that take it."""
        return {x for p in self.back | self.around for x in self.group.sinks[p]}

    def takers(self):
        """The functions that are given it, and that nobody has looked at."""
        group, own = self.group, self.back | self.around
        known = {*group.functions, *fw.BUILDERS, *fw.FILLS, *fw.SINKS}
        out = {name for p in own for name in group.unknown[p] if name not in known}
        # Members that point to functions: of tables that no driver has, or a framework's
        known |= {member for entries in group.callbacks.values() for table, member in entries
                  if not fw.of_callback(table, member)}
        for name in group.method_calls.keys() - known:
            if any(v.is_sg() and v.place in own for f, args in group.method_calls[name]
                   for arg in args for v in group.values(f, *arg)):
                out.add(name)
        return sorted(out)

    def becomes(self):
        """The members of frameworks' structures that it is stored in."""
        return {p[1]: p[2] for p in sorted(self.around, key=str) if p[0] == "fw"}

    def tables(self):
        """The callbacks whose argument it is: (framework, function)."""
        out = []
        for f, _, _ in self.group.open_parameters(self.back):
            for table, member in self.group.callbacks.get(f.name, ()):
                framework = fw.of_callback(table, member)
                if framework:
                    out.append((framework, f.name))
        return out

    def up(self):
        """The function of the call and all that lead to it."""
        seen, todo = set(), [self.function]
        out = []
        while todo:
            f = todo.pop(0)
            key = (f.source.path, f.name)
            if key in seen:
                continue
            seen.add(key)
            out.append(f)
            for path, name in self.group.callers(f):
                g = self.group.tree.source(path).functions.get(name)
                if g:
                    todo.append(g)
        return out

    def files(self):
        """The .c files that use what holds the list for longer than a call."""
        out = {self.path}
        for place in self.back | self.around:
            for path, name in self.group.uses[place]:
                if path.endswith(".c"):
                    out.add(path)
                else:           # by way of an inline function
                    f = self.group.tree.source(path).functions.get(name)
                    out |= {p for p, _ in self.group.callers(f) if p.endswith(".c")}
        return out


class Classifier:
    """Classifies the mapping calls of a tree, file by file."""

    def __init__(self, tree):
        self.tree = tree
        self._groups = {}

    def group(self, path):
        """The group that a file belongs to."""
        directory = os.path.dirname(path)
        if directory not in self._groups:
            self._groups[directory] = Group(self.tree, directory)
        return self._groups[directory]

    def facts(self, path):
        """Facts on each mapping call of a file, in its order."""
        group = self.group(path)
        group.add([path])
        group.narrow = True
        found = [Facts(group, m) for m in sorted(
            (m for m in group.maps if m[0] == path), key=lambda m: m[1])]
        group.narrow = False
        return found

    def sites(self, path):
        """The mapping calls of a file: dicts as --json has them."""
        out = []
        for facts in self.facts(path):
            cls, reason, detail = self.classify(facts)
            out.append({"file": path, "line": facts.line, "api": facts.api,
                        "function": facts.function.name, "class": cls, "reason": reason,
                        "detail": detail})
        return sorted(out + list(self._macros(path)), key=lambda s: s["line"])

    def _macros(self, path):
        """Mapping calls that macros of a file make, of lists that nobody can tell."""
        aliases = self.group(path).aliases
        for name, (line, body) in self.tree.source(path).macros.items():
            m = _MAPS.search(body)
            if m and name not in aliases:
                cls, reason = self._outside(path) or ("B-other", "unknown-origin")
                yield {"file": path, "line": line, "api": m.group(1), "function": name,
                       "class": cls, "reason": reason, "detail": "in a macro"}

    @staticmethod
    def _outside(path):
        """The class and the reason of what is in no driver, or None."""
        if _TEST.search(path):
            return "C", "test"
        return ("C", "wrapper") if path.startswith(_CORE) else None

    def classify(self, x):
        """The class, the reason and what shows it."""
        outside = self._outside(x.path)
        if outside:
            return *outside, x.path
        # What the directory itself tells is most often enough, and quick
        x.group.narrow = True
        x = Facts(x.group, x.site)
        up = x.up()
        got = self._exporter(x, up) or self._interface(x, up) or self._handed(x)
        x.group.narrow = False
        if got and not got[0].startswith("A"):
            return got
        x = Facts(x.group, x.site)
        up = x.up()
        got = self._interface(x, up) or self._handed(x) or self._private(x, up)
        rounds = 0
        while got[0].startswith("A") and rounds < 4 and \
                x.group.widen(x.back | x.around | x.met):
            # Nothing may be called private before all who meet it have been looked at
            x = Facts(x.group, x.site)
            up = x.up()
            got = self._handed(x) or self._private(x, up)
            rounds += 1
        takers = x.takers() if got[0] in _PRIVATE else None
        return ("B-other", "framework-sink", f"{takers[0]}()") if takers else got

    def _exporter(self, x, up):
        for k, f in enumerate(up):
            for table, member in x.group.callbacks.get(f.name, ()):
                if table == "struct dma_buf_ops" and member == "map_dma_buf":
                    if k == 0 or len(up) <= 3:      # nobody else leads here
                        return "B-dmabuf", "dma-buf-exporter", f.name
        return None

    def _interface(self, x, up):
        """Is it done for a framework that declares this function in its header?"""
        given = {p[2] for p in x.back if x.group.parameter(p)}
        for f in up:
            if f.static or f.name not in given:
                continue
            for path, quoted in f.source.includes:
                framework = None if quoted else fw.of_header("include/" + path)
                if framework and framework != "other" and re.search(
                        rf"\b{f.name}\s*\(", self.tree.text("include/" + path)):
                    return f"B-{framework}", "framework-argument", f.name
        return None

    def _handed(self, x):
        found = {}
        for framework, what in x.sources.items():
            found.setdefault(framework, ("framework-list", what))
        for framework in x.filled():
            found.setdefault(framework, ("framework-filled", ""))
        for framework, name in x.tables():
            found.setdefault(framework, ("framework-argument", name))
        if "core" in found:
            return "C", "wrapper", found["core"][1]
        if found and set(found) <= {"dmabuf", "drm"}:
            stored = any("." in what for _, what in found.values())
            imported = any(r == "framework-argument" for r, _ in found.values())
            ttm = self._of_function(x, ("ttm",))
            if ttm:
                return "B-ttm", "framework-request", ttm[1]
            if imported or (x.own_builders() and not stored):
                return "A3d", "dma-buf-mixed", next(iter(found.values()))[1]
        for framework in _ORDER:
            if framework in found:
                return (f"B-{framework}", *found[framework])
        return None

    def _of_function(self, x, frameworks):
        for d in x.function.params:
            framework = fw.of_type(d.base or "")
            if framework in frameworks:
                return framework, f"{d.base} in {x.function.name}()"
        return None

    def _private(self, x, up):
        context = self._context(x, up)
        if context:
            return f"B-{context[0]}", "framework-request", context[1]
        stored = x.becomes()
        for framework in _ORDER:
            if framework in stored:
                if framework == "other" or framework == "dmabuf" and x.own_builders():
                    break
                return f"B-{framework}", "framework-sink", stored[framework]
        sinks = x.sinks()
        if "dmaengine" in sinks:
            if self._short(x):
                return "A4", "dmaengine-short", ""
            return "B-dmaengine", "dmaengine-long", ""
        if "rdma" in sinks or x.api.startswith("ib_"):
            return "B-rdma", "framework-sink", x.api
        if "crypto" in sinks:
            return "B-crypto", "framework-sink", ""
        if not x.builders():
            return "B-other", "unknown-origin", ""
        mixed = self._mixed(x)
        if mixed:
            return mixed
        files = x.files()
        for path in sorted(files):
            if any(t == "struct dma_buf_ops" for t, _, _ in self.tree.source(path).callbacks):
                return "A3d", "dma-buf-mixed", path
        if len(files) > 1:
            return "A3p", "private-driver", " ".join(sorted(files - {x.path}))
        if x.builders() & {"pages"}:
            return "A1", "pages-one-file", ""
        return "A2", "private-one-file", ""

    def _mixed(self, x):
        """Does what this list meets also meet one of a framework?"""
        group = x.group
        walker = None
        around = x.back | x.around
        for _ in range(3):      # and what that meets
            for place in sorted(around, key=str):
                for p in sorted(group.closure([place], group.back), key=str):
                    if p[0] != "fw":
                        if self._stranger(group, p):
                            walker = walker or ("A3s", "shared-walker", ".".join(p[2:4]))
                        continue
                    if p[1] in ("dmabuf", "drm", "ttm") and self._holds_table(place):
                        return "A3d", "dma-buf-mixed", p[2]
                    walker = walker or ("A3s", "shared-walker", p[2])
            if walker:
                return walker
            x.met = around
            more = group.closure(group.closure(around, group.back), group.ahead)
            if more <= around:
                return None
            around |= more
        return None

    def _member(self, place):
        st = self.tree.source(place[1]).structs.get(place[2])
        return st.members.get(place[3]) if st else None

    def _holds_table(self, place):
        """Is it a member for a table, and not a cursor in a list?"""
        if place[0] == "g":
            return True
        d = self._member(place) if place[0] == "m" else None
        return bool(d and d.base != "struct scatterlist")

    def _stranger(self, group, place):
        """Does a member point to lists that nobody who was looked at has made?"""
        if place[0] == "u":
            return not group.back[place] and not group.builders[place]
        if place[0] != "m" or group.back[place] or group.builders[place] or \
                place in group.sinks:
            return False
        d = self._member(place)
        return bool(d and d.base in fw.SG_TYPES and d.stars and d.array is None)

    def _context(self, x, up):
        """Is a request of a framework being handled?"""
        for f in up:
            for d in f.names.values():
                framework = fw.of_type(d.base or "")
                if framework in ("crypto", "bsg", "libsas", "target", "memstick", "mmc",
                                 "scsi", "ata"):
                    return framework, f"{d.base} in {f.name}()"
            for table, member in x.group.callbacks.get(f.name, ()):
                if fw.of_callback(table, member) == "vb2":
                    return "vb2", f"{f.name}()"
        got = self._of_function(x, ("ttm",))
        if got:
            return got
        for table, member, name in x.function.source.callbacks:
            if fw.of_callback(table, member) == "crypto":
                return "crypto", f"{name}()"
        return None

    def _short(self, x):
        """Are there never more than two entries, and one such list at a time?"""
        if x.nents is None or x.nents >= len(x.args):
            return False
        toks = x.function.source.tokens
        if "".join(t.text for t in toks[slice(*x.args[x.nents])]) not in ("1", "2"):
            return False
        for place in x.back:
            for path, line in x.group.indexed[place]:
                if self._variable_index(path, line):
                    return False
        i, end = x.args[1]
        return not any(toks[k].text == "[" and toks[k + 1].kind == "id" for k in range(i, end))

    def _variable_index(self, path, line):
        toks = self.tree.source(path).tokens
        for k, tok in enumerate(toks):
            if tok.line == line and tok.text == "[" and toks[k + 1].kind == "id":
                return True
        return False
