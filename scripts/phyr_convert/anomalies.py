# SPDX-License-Identifier: GPL-2.0
"""Layer 0: what today's users of scatterlists get wrong.

The rules are the sg_*.cocci beside phyr_macros.h, in report mode; here they are run
and their lines are read.
"""

import re

from .spatch import BATCH

RULES = ("sg_map_error.cocci", "sg_unmap_nents.cocci", "sg_cpu_field.cocci")
_LINE = re.compile(r"^(?P<file>[^:\s]+):(?P<line>\d+):[\d-]+: (?P<kind>[\w-]+): (?P<text>.*)$")


def find(tree, spatch, paths):
    """All anomalies in these files, each a dict."""
    out = []
    for rules in RULES:
        for i in range(0, len(paths), BATCH):
            stdout, _ = spatch.run(
                ["-D", "report", "--very-quiet", "--no-show-diff", *spatch.macros(),
                 "--no-includes",
                 "--timeout", str(spatch.timeout),
                 "--sp-file", spatch.rules(rules)], tree.top, paths[i:i + BATCH])
            for line in stdout.splitlines():
                m = _LINE.match(line)
                if m:
                    out.append({"file": m["file"], "line": int(m["line"]), "kind": m["kind"],
                                "text": m["text"], "rules": rules})
    unique = {(a["file"], a["line"], a["kind"]): a for a in out}
    return [unique[k] for k in sorted(unique)]
