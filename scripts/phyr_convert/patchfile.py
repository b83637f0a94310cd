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


def prefix(path):
    """The subsystem and driver that a subject line begins with."""
    parts = path.split("/")
    stem = parts[-1].rsplit(".", 1)[0]
    if parts[0] in ("drivers", "sound", "net", "fs") and len(parts) > 2:
        area = parts[1] if parts[1] not in ("gpu", "net", "media") else parts[2]
        return f"{area}: {stem}"
    return f"{parts[0]}: {stem}"


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
    body = "\n\n".join(textwrap.fill(" ".join(part.split()), 75)
                       for part in re.split(r"\n\n+", body.strip()))
    return (f"From: {author(top)}\nSubject: [PATCH] {subject}\n\n{body}\n\n---\n"
            f" {files} file{'s' if files > 1 else ''} changed, {adds} insertions(+), "
            f"{removes} deletions(-)\n\n" + "".join(diffs) + "-- \nphyr-convert\n")


def name(number, path):
    """The file that a patch goes to."""
    stem = re.sub(r"[^\w]+", "-", os.path.splitext(path)[0]).strip("-")
    return f"{number:04}-{stem}.patch"
