# SPDX-License-Identifier: GPL-2.0
"""The report as a page: totals by subsystem, bars, and what each framework unlocks.

One file without scripts and without anything from elsewhere.
"""

from collections import Counter, defaultdict
from html import escape

_STYLE = """
body { font: 15px sans-serif; margin: 2em; max-width: 75em; color: #222 }
table { border-collapse: collapse; margin: 1em 0 }
td, th { padding: 2px 10px; text-align: right; border-bottom: 1px solid #ddd }
td:first-child, th:first-child { text-align: left }
.bar { display: flex; width: 32em; height: 1.1em; background: #eee }
.bar span { display: block; height: 100% }
.phyr { background: #2a7 } .now { background: #7c4 } .bridge { background: #dc3 }
.framework { background: #d76 } .never { background: #bbb }
.key span { padding: 1px 8px; margin-right: 1em }
td.left, th.left { text-align: left }
"""
KINDS = ("phyr", "now", "bridge", "framework", "never")
_NAMES = {"phyr": "on phyr", "now": "a list of its own: can go now", "bridge": "through a bridge",
          "framework": "after a framework", "never": "core, tests"}


def _bar(counts, widest):
    parts = "".join(
        f'<span class="{k}" style="width:{100 * counts[k] / widest:.2f}%" '
        f'title="{_NAMES[k]}: {counts[k]}"></span>' for k in KINDS if counts[k])
    return f'<div class="bar">{parts}</div>'


def page(report, baseline, layer_of, subsystem, frameworks):
    """The text of the page."""
    rows = defaultdict(Counter)
    for s in report.sites:
        rows[subsystem(s["file"])][layer_of(s["class"])] += 1
    for path, n in report.phyr.items():
        rows[subsystem(path)]["phyr"] += n
    total = sum(rows.values(), Counter())
    widest = max((sum(c.values()) for c in rows.values()), default=1)
    out = ["<!DOCTYPE html><html lang=en><meta charset=utf-8><title>scatterlists and phyr"
           f"</title><style>{_STYLE}</style><h1>Mapping calls</h1>",
           "<p>" + "<br>".join(escape(line) for line in report.summary()),
           '<p class=key>' + "".join(f'<span class="{k}">{_NAMES[k]}</span>' for k in KINDS),
           _bar(total, max(1, sum(total.values()))),
           "<h2>By subsystem</h2><table><tr><th>directory<th class=left>calls" +
           "".join(f"<th>{_NAMES[k]}" for k in KINDS)]
    for name, counts in sorted(rows.items(), key=lambda r: (-sum(r[1].values()), r[0])):
        out.append(f"<tr><td>{escape(name)}<td class=left>{_bar(counts, widest)}" +
                   "".join(f"<td>{counts[k] or ''}" for k in KINDS))
    out.append("</table><h2>What each framework unlocks</h2><table>"
               "<tr><th>convert<th>calls that follow<th>files<th class=left>what it is")
    for name, n in report.unlock():
        files = len({s["file"] for s in report.sites if s["class"] == f"B-{name}"})
        out.append(f"<tr><td>{name}<td>{n}<td>{files}<td class=left>{escape(frameworks[name])}")
    out.append("</table>")
    if baseline:
        out.append(f"<h2>Since the baseline</h2><p>{len(baseline['sites'])} mapping calls "
                   f"before, {len(report.sites)} now; on phyr "
                   f"{sum(baseline['phyr'].values())} before, {sum(report.phyr.values())} now.")
    out.append("<h2>All calls</h2><table><tr><th>where<th class=left>function<th class=left>"
               "class<th class=left>reason")
    for s in report.sites:
        out.append(f"<tr><td>{escape(s['file'])}:{s['line']}<td class=left>"
                   f"{escape(s['function'])}()<td class=left>{s['class']}<td class=left>"
                   f"{s['reason']} {escape(s['detail'])}")
    out.append("</table>")
    return "\n".join(out) + "\n"
