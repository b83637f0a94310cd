# SPDX-License-Identifier: GPL-2.0
"""phyr-convert report: one line for each mapping call, and what it adds up to.

What a line says is decided in classify.py; the page for people is in html.py.
"""

import json
import os
import re
import sys
from collections import Counter

from . import frameworks as fw
from .anomalies import find as find_anomalies
from .classify import CLASSES, Classifier
from .failure import Failure
from .flow import MAPS
from .html import page

_CALL = re.compile(r"\b(?:" + "|".join(MAPS) + r")\s*\(")
_PHYR = re.compile(r"\b(?:dma_map_phyr(?:_table|_window)?|dma_map_phyr)\s*\(")

# Which layer of phyr-convert converts a class, if one does.
LAYERS = {"A4": "L1", "A1": "L2", "A2": "L3", "A3p": "L4", "A3s": "L5", "A3d": "L5"}


def layer_of(cls):
    """What can be done with a class: now, through a bridge, after a framework, nothing."""
    if cls in ("A1", "A2", "A4", "A3p"):
        return "now"
    if cls in ("A3s", "A3d"):
        return "bridge"
    return "never" if cls == "C" else "framework"


def subsystem(path):
    """The directory that totals are told for."""
    parts = path.split("/")
    if parts[0] == "drivers" and len(parts) > 2:
        if parts[1] in ("gpu", "net", "media", "infiniband") and len(parts) > 3:
            return "/".join(parts[:3])
        return "/".join(parts[:2])
    return "/".join(parts[:2]) if parts[0] in ("net", "fs") and len(parts) > 2 else parts[0]


class Report:
    """All mapping calls of some files."""

    def __init__(self, tree, spatch, paths, say):
        self.tree = tree
        self.paths = sorted(paths)
        users = tree.users(paths)
        if not users:
            raise Failure(f"no file below {' '.join(paths)} uses the scatterlist API")
        self.users = users
        mapping = [p for p in users if _CALL.search(tree.text(p))]
        say(f"{len(users)} files use scatterlists, {len(mapping)} of them map some")
        classifier = Classifier(tree)
        self.sites = []
        for k, path in enumerate(mapping):
            self.sites += classifier.sites(path)
            if k % 25 == 24:
                say(f"classified {k + 1} of {len(mapping)} files")
        self.phyr = self._phyr(paths)
        if spatch:
            say("asking spatch what it can parse, and for anomalies")
        self.unparsed = spatch.unparsed(tree, users) if spatch else {}
        for site in self.sites:
            site["parsed"] = site["file"] not in self.unparsed
        self.anomalies = find_anomalies(tree, spatch, sorted(
            {s["file"] for s in self.sites if s["class"] != "C"})) if spatch else []

    def _phyr(self, paths):
        """Mapping calls of users that are on phyr already: {file: how many}."""
        out = {}
        core = ("kernel/dma/", "lib/", "include/")
        wanted = [p for p in paths if p != "."] or ["drivers", "sound", "net", "fs", "block"]
        for path in self.tree.files([w for w in wanted if os.path.exists(
                os.path.join(self.tree.top, w))], (".c",)):
            if path.startswith(core) or "kunit" in path or path.startswith("drivers/iommu/"):
                continue
            count = len(_PHYR.findall(self.tree.raw(path, b"dma_map_phyr")))
            if count:
                out[path] = count
        return out

    def data(self):
        """What --json writes."""
        return {"sites": self.sites, "paths": self.paths, "files": len(self.users),
                "mapping_files": len({s["file"] for s in self.sites}),
                "phyr": self.phyr, "anomalies": self.anomalies,
                "unparsed": {p: lines[:3] for p, lines in sorted(self.unparsed.items())}}

    def lines(self):
        """The report on the terminal."""
        for s in self.sites:
            detail = f" ({s['detail']})" if s["detail"] else ""
            yield f"{s['file']}:{s['line']}: {s['class']} {s['reason']}{detail}"
        for a in self.anomalies:
            yield f"{a['file']}:{a['line']}: L0 {a['kind']}: {a['text']}"
        for path, lines in sorted(self.unparsed.items()):
            yield f"{path}: unparsed: spatch skips code with scatterlists: {lines[0]}"

    def summary(self):
        """The result in words."""
        by = Counter(s["class"] for s in self.sites)
        kinds = Counter(layer_of(s["class"]) for s in self.sites)
        yield f"{len(self.sites)} mapping calls in {len({s['file'] for s in self.sites})} of " \
              f"{len(self.users)} files that use scatterlists"
        for cls in CLASSES:
            if by[cls]:
                files = len({s["file"] for s in self.sites if s["class"] == cls})
                yield f"  {cls:12} {by[cls]:4} in {files:3} files: {CLASSES[cls]}"
        yield f"{kinds['now']} have a list of their own, {kinds['bridge']} share it and need a " \
              f"bridge, {kinds['framework']} wait for a framework, {kinds['never']} are no users"
        if self.unlock():
            yield "convert a framework, and so many calls follow: " + ", ".join(
                f"{name} {n}" for name, n in self.unlock())
        if self.phyr:
            yield f"{sum(self.phyr.values())} calls in {len(self.phyr)} files map phyr lists " \
                  "already"
        kinds = Counter(a["kind"] for a in self.anomalies)
        if kinds:
            yield "anomalies: " + ", ".join(f"{k} {n}" for k, n in sorted(kinds.items()))
        if self.unparsed:
            yield f"{len(self.unparsed)} files have scatterlist code that spatch cannot parse: " \
                  + " ".join(sorted(self.unparsed))

    def unlock(self):
        """Frameworks, and how many sites each of them holds back, most first."""
        held = Counter(s["class"][2:] for s in self.sites if s["class"].startswith("B-"))
        return sorted(held.items(), key=lambda x: (-x[1], x[0]))

    def write_html(self, path, baseline):
        """The page for people."""
        write(path, page(self, baseline, layer_of, subsystem, fw.FRAMEWORKS))


def write(path, text):
    """Write a file whole or not at all."""
    new = f"{path}.new"
    try:
        with open(new, "w", encoding="utf-8") as f:
            f.write(text)
        os.replace(new, path)
    except OSError as e:
        if os.path.exists(new):
            os.unlink(new)
        raise Failure(f"cannot write {path}: {e.strerror}") from e


def load(path, paths):
    """An older report, which has to be of the same directories and files."""
    try:
        with open(path, encoding="utf-8") as f:
            data = json.load(f)
        old = {"sites": list(data["sites"]), "phyr": data.get("phyr", {})}
        of = list(data.get("paths", paths))
    except OSError as e:
        raise Failure(f"cannot read {path}: {e.strerror}") from e
    except (ValueError, KeyError, TypeError) as e:
        raise Failure(f"{path} is not a report of phyr-convert report --json") from e
    if sorted(of) != sorted(paths):
        raise Failure(f"{path} is a report of {' '.join(of)}; report on the same to compare")
    return old


def writable(path):
    """Fail now, not when all is done, if a file cannot be written."""
    where = os.path.dirname(path) or "."
    if not os.path.isdir(where):
        raise Failure(f"cannot write {path}: there is no directory {where}")
    if not os.access(where, os.W_OK) or os.path.isdir(path):
        raise Failure(f"cannot write {path}: it is "
                      + ("a directory" if os.path.isdir(path) else f"not allowed in {where}"))


def progress(old, new):
    """What has changed between two reports, call by call, whatever their lines."""
    def key(s):
        return (s["file"], s["function"], s["api"])

    before, after = Counter(map(key, old["sites"])), Counter(map(key, new.sites))
    yield f"before: {len(old['sites'])} mapping calls, now {len(new.sites)}"
    for k, n in sorted((before - after).items()):
        yield f"  gone: {k[0]}: {k[2]} in {k[1]}()" + (f", {n} times" if n > 1 else "")
    for k, n in sorted((after - before).items()):
        yield f"  new:  {k[0]}: {k[2]} in {k[1]}()" + (f", {n} times" if n > 1 else "")
    classes = {key(s): s["class"] for s in old["sites"]}
    for s in new.sites:
        was = classes.get(key(s))
        if was and was != s["class"]:
            yield f"  {s['file']}: {s['function']}(): {was} is {s['class']} now"
    yield f"on phyr: {sum(old['phyr'].values())} before, {sum(new.phyr.values())} now"


def main(tree, spatch, args, say):
    """Run the command."""
    paths = [tree.relative(p) for p in args.paths]
    for path in (args.json, args.html):
        if path:
            writable(path)
    baseline = load(args.baseline, paths) if args.baseline else None
    report = Report(tree, spatch, paths, say)
    for line in report.lines():
        print(line)
    unparsed = sorted(set(paths) & set(report.unparsed))
    if args.json:
        write(args.json, json.dumps(report.data(), indent=1) + "\n")
    if args.html:
        report.write_html(args.html, baseline)
    sys.stdout.flush()
    print()
    for line in report.summary():
        print(line)
    if baseline:
        for line in progress(baseline, report):
            print(line)
    if unparsed:
        raise Failure(f"spatch cannot parse scatterlist code of {' '.join(unparsed)}: "
                      "mend it, or teach phyr_macros.h its macros")
    return 0
