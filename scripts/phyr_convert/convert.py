# SPDX-License-Identifier: GPL-2.0
"""phyr-convert convert: a patch for each driver that can go now, and why others cannot.

What is rewritten, and what makes a layer give up, is in layer_*.py.  Here drivers are
chosen, objects are found, and patches are written: all of a driver's or none.  A semantic
patch of the driver's shape goes first, as it knows the whole of it.
"""

import os
import re
import subprocess

from . import headers, kconfig, layer_array, layer_single, layer_table, moves, patchfile
from .classify import Classifier
from .failure import Failure
from .layer_rules import CLASSES as RULED, Rules
from .rewrite import Refusal
from .report import _CALL, write

REFUSALS = {
    "not-one-entry": "the list may have more than one entry",
    "entries-by-hand": "the entry is not made by one sg_init_one() before the mapping",
    "cpu-field": "a field of an entry is used that has no counterpart for the device",
    "not-an-argument": "the list is used in an expression that is not known",
    "unknown-callee": "the list is given to a function that is not known",
    "shared-list": "the list is a global, returned by a function, or cast",
    "error-test": "what is done with the result of the mapping is not known",
    "layout": "the text of the code does not allow the edit",
    "not-a-table": "the list is not an sg_table made from pages",
    "loop-body": "a loop over the entries does what is not known",
    "cursor": "a pointer into the list is kept",
    "embedded": "the list's memory is part of something else, or its size is computed",
    "index-access": "entries are used by their number",
    "one-to-one": "a walk takes each entry for a page",
    "moved": "what is mapped would be copied or moved",
    "attributes": "attributes of mapping and unmapping differ, or it is mapped twice",
    "kconfig": "PHYR cannot be selected for it",
    "incomplete": "a semantic patch takes only a part of what the list is used for",
    "bridge": "its class needs a bridge, and no semantic patch builds it",
    "framework": "its class waits for a framework",
    "unparsed": "spatch cannot parse the file's scatterlist code",
}

# Memory for a table that is only pointed to.
_ALLOC = re.compile(r"(devm_)?k[vmzc]*alloc(_\w+)?|vzalloc|vmalloc")


def component(group, facts):
    """All places that are the same object as the list of a mapping call."""
    places = set(facts.places)
    while True:
        more = group.closure(group.closure(places, group.back), group.ahead)
        if more <= places:
            return places
        places |= more


def clean(tree):
    """Is what will be changed committed, if the tree is, or is in, a git tree?"""
    here = os.path.realpath(tree.top)
    while not os.path.exists(os.path.join(here, ".git")):
        if here == os.path.dirname(here):
            return
        here = os.path.dirname(here)
    try:
        got = subprocess.run(["git", "-C", tree.top, "status", "--porcelain",
                              "--untracked=no", "--", "."],
                             capture_output=True, text=True, check=False)
    except OSError as e:
        raise Failure(f"cannot run git to see whether {tree.top} has changes that are not "
                      f"committed: {e.strerror}") from e
    if got.returncode:
        first = (got.stderr.splitlines() or ["?"])[0].strip()
        raise Failure(f"git does not tell whether {tree.top} has changes that are not "
                      f"committed ({first})")
    if got.stdout.strip():
        raise Failure(f"{tree.top} has changes that are not committed "
                      f"({got.stdout.splitlines()[0].strip()}); commit or stash them: the "
                      "patches are made against what is committed")


def kept(source, name):
    """The line where a function is named other than to declare, export or call it, or None."""
    toks = source.tokens
    for j, tok in enumerate(toks[:-1]):
        if tok.text != name or tok.kind != "id" or toks[j + 1].text == "(" or \
                toks[j - 1].text in ("->", ".") or toks[j - 2].text.startswith("EXPORT_SYMBOL"):
            continue
        f = source.function_at(tok.line)
        if name in (f.names if f and f.start <= j < f.end else source.globals):
            continue            # a variable of that name
        if toks[j + 1].text == ":" and toks[j - 1].text in (";", "{", "}"):
            continue            # a label
        # A member, or a parameter, is behind its type
        if toks[j - 1].kind != "id" and toks[j - 1].text != "*" or toks[j - 1].text == "return":
            return tok.line
    body = re.compile(rf"\b{name}\b(?!\s*\()")
    return next((line for line, text in source.macros.values() if body.search(text)), None)


class Converter:
    """Converts drivers of a tree."""

    def __init__(self, tree, spatch):
        self.tree = tree
        self.spatch = spatch
        self.classifier = Classifier(tree)
        self.rules = Rules(tree, spatch) if spatch else None
        self.left = []          # sites of the last file that stay as they are
        self.needs = []         # the Kconfigs that selected PHYR for it already
        self.selects = {}       # Kconfig -> the patch that selects PHYR there
        self.done = {}          # path -> the file that it was converted with

    def file(self, path):
        """The new texts of what a file's sites are in: ({path: text}, layers, notes)."""
        self.needs = []
        sites = self.classifier.sites(path)
        facts = self.classifier.facts(path)
        if not sites:           # the words are in a comment, or in a macro
            return None, None, None
        by = {s["line"]: s for s in sites}
        wanted = [f for f in facts if by[f.line]["class"] in RULED]
        part = None
        if wanted and self.rules:
            try:
                got = self._ruled(path, sites, wanted, by)
            except Refusal as e:
                got, part = None, e
            if got:
                return got
        try:
            return self._layered(path, sites, facts, by)
        except Refusal as e:
            raise part or e

    def _layered(self, path, sites, facts, by):
        """What the layers that go through tokens make of it."""
        texts, layers, notes = {}, set(), []
        wanted = [f for f in facts if by[f.line]["class"] == "A4"]
        if wanted:
            texts, got = self._single(path, wanted)
            layers.add("L1")
            notes += got
        wanted = [f for f in facts if by[f.line]["class"] in layer_table.CLASSES]
        if wanted:
            if layers:
                raise Refusal(path, wanted[0].line, "layout", "two layers in one file")
            texts = self._table(path, wanted, layer_table.Table, notes)
            layers.add("L2")
        wanted = [f for f in facts if by[f.line]["class"] in layer_array.CLASSES]
        if wanted:
            if layers:
                raise Refusal(path, wanted[0].line, "layout", "two layers in one file")
            texts = self._table(path, wanted, layer_array.Array, notes)
            layers.add("L4" if sum(p.endswith(".c") for p in texts) > 1 else "L3")
        if not layers:
            s = sites[0]
            reason, detail = "framework", f"{s['class']} {s['reason']}"
            if s["class"][0] not in "BC":
                reason = "bridge"
            elif detail == "B-other framework-sink":
                reason, detail = "unknown-callee", s["detail"]
            raise Refusal(path, s["line"], reason, detail)
        done = {"L1": ("A4",), "L2": layer_table.CLASSES, "L3": layer_array.CLASSES,
                "L4": layer_array.CLASSES}
        self.left = [s for s in sites if s["class"] != "C" and
                     not any(s["class"] in done[layer] for layer in layers)]
        return texts, layers, notes

    def _ruled(self, path, sites, wanted, by):
        """What a semantic patch makes of it, or None."""
        group = self.classifier.group(path)
        texts, rule = self.rules.convert(
            group, path, [(f, component(group, f)) for f in wanted],
            {line: s["class"] for line, s in by.items()})
        if not texts:
            return None
        for changed in sorted(texts, key=lambda p: (p.endswith(".c"), p)):
            before, text = self.tree.text(changed), texts[changed]
            for header in headers.needed(before, text):
                if headers.by_way_of(text, header, texts):
                    continue
                text = headers.add(changed, text, header)
                if text is None:
                    raise Refusal(changed, 1, "layout", "it includes nothing")
            texts[changed] = headers.drop(text)
        for changed in [p for p in sorted(texts) if p.endswith(".c")]:
            if rule.needs_phyr(texts[changed]):
                self.needs += kconfig.select_phyr(self.tree, changed, texts)
            self.done[changed] = path
        self.left = [s for s in sites if s["class"] not in ("C", *RULED)]
        return texts, {"rule"}, [rule]

    def _objects(self, path, wanted):
        """The objects of these calls, each once, as the places that hold them."""
        group = self.classifier.group(path)
        seen = set()
        for facts in wanted:
            places = frozenset(component(group, facts))
            if places in seen:
                continue
            seen.add(places)
            self._holds(path, facts, places)
            yield group, {p for p in places if p[0] in "vm"}

    @staticmethod
    def _holds(path, facts, places):
        """Only variables and members may hold the object."""
        bad = sorted((p for p in places if p[0] not in "vm" and not (
            p[0] == "call" and _ALLOC.fullmatch(p[3]))), key=str)
        if bad:
            raise Refusal(path, facts.line, "shared-list",
                          ".".join(str(w) for w in bad[0][2:]))

    def _stored(self, group, places):
        """Nobody may keep a pointer to a function whose prototype is changed."""
        for place in sorted(places, key=str):
            got = group.parameter(place)
            if not got:
                continue
            f = got[0]
            paths = {f.source.path}
            if not f.static or f.source.path.endswith(".h"):
                paths |= {*group.files, *self.tree.under(os.path.dirname(group.directory))}
                if re.search(rf"\bEXPORT_SYMBOL\w*\({f.name}\b", f.source.text):
                    paths |= set(self.tree.all_users())
            for path in sorted(paths):
                line = f.name in self.tree.text(path) and kept(self.tree.source(path), f.name)
                if line:
                    raise Refusal(f.source.path, f.line, "unknown-callee",
                                  f"{f.name} is called by a pointer, see {path}:{line}")

    def _single(self, path, wanted):
        edits, notes = {}, []
        for group, places in self._objects(path, wanted):
            single = layer_single.Single(group, places, edits)
            single.run([path])
            self._stored(group, places)
            notes += single.done
        return self._texts(edits, "linux/dma-phyr.h"), notes

    def _table(self, path, wanted, layer, notes):
        edits = {}
        for group, places in self._objects(path, wanted):
            others = sorted({p for place in places for p, _ in group.uses[place]} - {path})
            one = layer(group, places, edits)
            one.run([path, *others])
            self._stored(group, places)
            notes += one.done
        return self._selected(edits)

    def _selected(self, edits):
        texts = self._texts(edits, "linux/phyr-table.h")
        for changed in sorted(texts):
            if changed.endswith(".c"):
                self.needs += kconfig.select_phyr(self.tree, changed, texts)
        return texts

    @staticmethod
    def _texts(edits, header):
        texts = {}
        for p, e in edits.items():
            if e.todo:
                text = headers.add(p, e.apply(), header)
                if text is None:
                    raise Refusal(p, 1, "layout", "it includes nothing")
                texts[p] = headers.drop(text)
        return texts


BODIES = {
    "L1": ("map one entry with dma_map_single()",
           "A scatterlist that never has more than one entry is only there to be mapped and\n"
           "to be given to dmaengine. dma_map_single() and dmaengine_prep_slave_single() take\n"
           "the address and the length themselves; a struct dma_phyr keeps the two.\n"),
    "L2": ("use a phyr table for pages",
           "A struct phyr_table describes pages by their addresses, takes 8 bytes for a\n"
           "scattered page instead of 32, and keeps what the CPU and what the device sees\n"
           "apart. The calls are those of sg_table, argument for argument.\n"),
    "L3": (
        "use a phyr table for a list of pages",
        "An array of scatterlist entries takes 32 bytes for each page, a list of ranges 8.\n"
        "Ranges are appended where entries were set by their number; memory for all of\n"
        "them is reserved where the array was allocated, so appending cannot fail.\n"),
}
BODIES["L4"] = BODIES["L3"]
NOTES = {
    "unchecked": "The result of the mapping is still not looked at, as before.\n",
    "error-test": "The driver looked for a negative result, which dma_map_sg() never returns:\n"
                  "a failure was not noticed. It is now.\n",
}


def compose(tree, path, texts, layers, notes, before):
    """The patch for one driver; before: those that select PHYR for it."""
    if "rule" in layers:
        subject, body = "describe memory by its addresses", notes[0].about
    else:
        subject = BODIES[sorted(layers)[0]][0]
        body = "\n".join(BODIES[layer][1] for layer in sorted(layers))
        for note in sorted(set(notes)):
            body += "\n" + NOTES[note]
    subject = f"{patchfile.prefix(path)}: {subject}"
    left = list(patchfile.stale({p: (tree.text(p), text) for p, text in texts.items()}))
    if left:
        body += "\nComments that still tell of scatterlists, and may want other words: " + \
            ", ".join(left) + "\n"
    if before:
        body += f"\nPHYR is selected for it by {', '.join(before)}.\n"
    body += "\nGenerated by scripts/phyr-convert; compiled only if phyr-convert check says so,\n" \
            "not tested with the hardware.\n"
    diffs = [patchfile.diff(p, tree.text(p), text) for p, text in sorted(texts.items())]
    return patchfile.message(tree.top, subject, body, diffs)


def main(tree, spatch, args, say):
    """Run the command."""
    if not tree.has_phyr():
        raise Failure(f"{tree.top} does not have phyr: do what «Use it in your own tree» of its "
                      "README tells")
    clean(tree)
    users = tree.users([tree.relative(p) for p in args.paths])
    paths = [p for p in users if _CALL.search(tree.text(p))]
    if not paths:
        raise Failure(f"no file below {' '.join(args.paths)} maps a scatterlist")
    if os.path.isdir(args.output) and any(n.endswith(".patch") for n in os.listdir(args.output)):
        raise Failure(f"{args.output} has patches of another run, and those of one run are a "
                      "series; remove them, or name another directory with -o")
    unparsed = spatch.unparsed(tree, paths) if spatch else {}
    converter = Converter(tree, spatch)
    number = converted = refused = 0
    for path in paths:
        if path in converter.done:
            print(f"{path}: converted with {converter.done[path]}")
            continue
        try:
            if path in unparsed:
                raise Refusal(path, 1, "unparsed", unparsed[path][0])
            texts, layers, notes = converter.file(path)
            if texts:
                moves.check(tree, texts)
        except Refusal as e:
            refused += 1
            print(f"{e.path}:{e.line}: refused: {e.reason}: {REFUSALS[e.reason]}" +
                  (f" ({e.detail})" if e.detail else ""))
            continue
        if not texts:
            continue
        number += 1
        name = patchfile.name(number, path)
        try:
            os.makedirs(args.output, exist_ok=True)
        except OSError as e:
            raise Failure(f"cannot make {args.output}: {e.strerror}") from e
        before = sorted({converter.selects[k] for k in converter.needs
                         if k in converter.selects} - {name})
        write(os.path.join(args.output, name),
              compose(tree, path, texts, layers, notes, before))
        # Patches of one run go one behind the other; what two would add, the first one does
        for changed in [p for p in texts if p.endswith("Kconfig")]:
            converter.selects[changed] = name
            tree.put(changed, texts[changed])
        converted += 1
        how = notes[0].name if "rule" in layers else ", ".join(sorted(layers))
        print(f"{path}: converted ({how}): {name}")
        for s in converter.left:
            print(f"  line {s['line']} stays: {s['class']} {s['reason']}")
    say(f"{converted} drivers converted, {refused} refused" +
        (f"; patches are in {args.output}" if converted else ""))
    return 0 if converted else 1
