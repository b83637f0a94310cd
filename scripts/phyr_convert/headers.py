# SPDX-License-Identifier: GPL-2.0
"""Which headers a converted file includes, and no longer includes."""

import re

_MENTION = re.compile(r"\bsg_\w+\s*\(|\bstruct (?:scatterlist|sg_\w+)\b|\bfor_each_sg\w*|"
                      r"\bdma_(?:un)?map_sg|\bscsi_\w*sg\w*|\bdma_sync_sg|_slave_sg\b")
_PHYR = (
    (re.compile(r"\b\w*phyr_table\w*"), "linux/phyr-table.h"),
    (re.compile(r"\bphyr_list_append_skb\b"), "linux/phyr-skb.h"),
    (re.compile(r"\biommu_(?:un)?map_phyr\b"), "linux/iommu-phyr.h"),
    (re.compile(r"\b(?:dma|ib_dma)_\w*phyr\w*"), "linux/dma-phyr.h"),
    (re.compile(r"\b(?:struct phyr\b|\w*phyr_list\w*)"), "linux/phyr.h"),
    (re.compile(r"\bclflush_cache_range\b"), "linux/cacheflush.h"),
)
_WITHIN = {         # what brings another along
    "linux/phyr-table.h": ("linux/dma-phyr.h", "linux/phyr.h"),
    "linux/iommu-phyr.h": ("linux/phyr.h",),
    "linux/dma-phyr.h": ("linux/phyr.h",),
}


def drop(text):
    """Without <linux/scatterlist.h>, if nothing needs it any more."""
    line = "#include <linux/scatterlist.h>\n"
    if line in text and not _MENTION.search(text.replace(line, "")):
        return text.replace(line, "")
    return text


def needed(before, after):
    """The headers of phyr that what was written into a file needs."""
    out = []
    for pattern, header in _PHYR:
        if set(pattern.findall(after)) - set(pattern.findall(before)) and \
                not any(header in _WITHIN.get(h, ()) for h in out):
            out.append(header)
    return out


def by_way_of(text, header, texts):
    """Does a file that includes nothing of <linux/> have it from a header that is changed?"""
    return "#include <linux/" not in text and any(
        f"<{header}>" in other for path, other in texts.items()
        if path.endswith(".h") and f'#include "{path.rsplit("/", 1)[-1]}"' in text)


def add(path, text, header):
    """With a header, in its alphabetical place among those of <linux/>; None if there is none."""
    if f"<{header}>" in text:
        return text
    wanted = f"#include <{header}>"
    best, at = None, 0
    for line in text.split("\n"):
        if line.startswith("#include <linux/") and (best is None or line < wanted):
            best = at + len(line) + 1
        at += len(line) + 1
    if best is None:                    # by way of another header, as the scatterlist was
        m = re.search(r"^#include .*\n", text, re.M)
        if not m and path.endswith(".h"):
            # A header that relies on others
            at = re.match(r"(?:/\*.*?\*/|#(?:ifndef|define|pragma)[^\n]*|\s)*", text, re.S).end()
            by_value = re.search(r"\bstruct (?:dma_)?phyr\w* +\w", text)
            what = wanted if by_value or header != "linux/phyr-table.h" else "struct phyr_table;"
            return f"{text[:at]}{what}\n\n{text[at:]}"
        if not m:
            return None
        best = m.start()
    return f"{text[:best]}{wanted}\n{text[best:]}"
