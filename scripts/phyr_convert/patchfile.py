# SPDX-License-Identifier: GPL-2.0
"""Patches as git am takes them: the diff, the message, the file's name."""

import difflib
import os
import re
import subprocess
import textwrap


def diff(path, old, new):
    """What git diff would print, without its index line."""
    lines = []
    for line in difflib.unified_diff(old.splitlines(True), new.splitlines(True),
                                     f"a/{path}", f"b/{path}", n=3):
        lines.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    # difflib ends the names with a tab only if there are dates
    return f"diff --git a/{path} b/{path}\n" + "".join(lines)


# How subsystems begin a subject line: what a path begins with, and what is written for
# it; {0} is the next directory, {dir} the last one, {stem} the file without its end.
_PREFIXES = (
    ("drivers/gpu/drm/", "drm/{0}"), ("drivers/accel/", "accel/{0}"),
    ("drivers/infiniband/hw/", "RDMA/{0}"), ("drivers/vfio/pci/", "vfio/{0}"),
    ("drivers/vdpa/", "vdpa/{0}"), ("drivers/staging/", "staging: {0}"),
    ("drivers/media/", "media: {dir}"), ("drivers/mtd/nand/raw/", "mtd: rawnand: {stem}"),
    ("drivers/tty/serial/", "serial: {stem}"), ("drivers/video/fbdev/", "fbdev: {stem}"),
    ("drivers/net/wireless/", "wifi: {1}"), ("drivers/net/ethernet/", "net: {dir}"),
    ("drivers/hwtracing/", "{0}: {stem}"), ("drivers/char/", "{0}: {stem}"),
    ("drivers/", "{0}: {stem}"), ("sound/", "ALSA: {stem}"),
)


def prefix(path):
    """The subsystem and driver that a subject line begins with."""
    for start, how in _PREFIXES:
        if path.startswith(start):
            rest = path[len(start):].split("/")
            return how.format(*rest, dir=os.path.basename(os.path.dirname(path)),
                              stem=rest[-1].rsplit(".", 1)[0])
    return f"{path.split('/', maxsplit=1)[0]}: {os.path.basename(path).rsplit('.', 1)[0]}"


_OLD_WORDS = re.compile(r"\b(sg_\w+|(dma|for)_\w*_?sg\w*|scatter-?\s?(gather|lists?)|sg (list|table)s?)"
                        r"\b", re.I)
_NEAR = 8


def stale(texts):
    """Comments next to what was changed that still tell of scatterlists: file:line of each.

    texts: {path: (before, after)}.
    """
    for path, (before, after) in sorted(texts.items()):
        old, new = before.splitlines(), after.splitlines()
        changed = set()
        matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
        for tag, _, _, a, b in matcher.get_opcodes():
            if tag != "equal":
                changed.update(range(a - _NEAR, b + _NEAR))
        for m in re.finditer(r"/\*.*?\*/", after, re.S):
            first = after.count("\n", 0, m.start())
            last = first + m.group().count("\n")
            if _OLD_WORDS.search(m.group()) and changed & set(range(first, last + 1)):
                yield f"{path}:{first + 1}"


def author(top):
    """Who git says is working here."""
    def ask(key):
        got = subprocess.run(["git", "-C", top, "config", key], capture_output=True, text=True,
                             check=False)
        return got.stdout.strip()

    try:
        name, mail = ask("user.name"), ask("user.email")
    except OSError:
        name = mail = ""
    return f"{name or 'phyr-convert'} <{mail or 'phyr-convert@localhost'}>"


def message(top, subject, body, diffs):
    """A whole patch."""
    adds = sum(1 for d in diffs for line in d.splitlines()
               if line.startswith("+") and not line.startswith("+++"))
    removes = sum(1 for d in diffs for line in d.splitlines()
                  if line.startswith("-") and not line.startswith("---"))
    files = len(diffs)
    body = "\n\n".join(textwrap.fill(" ".join(part.split()), 75, break_on_hyphens=False)
                       for part in re.split(r"\n\n+", body.strip()))
    return (f"From: {author(top)}\nSubject: [PATCH] {subject}\n\n{body}\n\n---\n"
            f" {files} file{'s' if files > 1 else ''} changed, {adds} insertions(+), "
            f"{removes} deletions(-)\n\n" + "".join(diffs) + "-- \nphyr-convert\n")


def name(number, path):
    """The file that a patch goes to."""
    stem = re.sub(r"[^\w]+", "-", os.path.splitext(path)[0]).strip("-")
    return f"{number:04}-{stem}.patch"
