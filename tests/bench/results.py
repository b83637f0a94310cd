#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What becomes of the lines that tests/bench/bench.c prints.

results.py collect RESULTS BACKEND=LOG...	write them as JSON
results.py table RESULTS			print the gist
results.py report RESULTS REPORT		plots for people
results.py repeats BACKEND=LOG... BACKEND=LOG...	two boots of each: the same?
results.py accept BASELINE BACKEND=LOG...	write what is compared with from now on
results.py gate BASELINE BACKEND=LOG...		compare
"""
import html
import json
import re
import subprocess
import sys

LINE = re.compile(r"phyr_bench: result (\w+) (\w+) (\w+) (\d+) (\w+) ([\d.]+)\s*$")
IMPLS = ["phyr", "sg", "two_step", "bare"]
LIFE = ["build", "map", "walk", "unmap", "release"]
LAYOUTS = ["scattered", "odd", "runs16", "contiguous", "huge2m"]
MACHINES = {
    "uml": "User Mode Linux, mock IOMMU with tables of io-pgtable-arm",
    "vtd": "Intel IOMMU (VT-d)",
    "amd": "AMD IOMMU",
    "virtio": "virtio IOMMU",
    "smmuv3": "Arm's SMMUv3, arm64",
    "direct": "no IOMMU",
    "swiotlb": "no IOMMU, everything bounced (swiotlb=force)",
}
# A boot differs from the next by what the kernel happens to do meanwhile
REPEATS = (0.03, 4)
WORSE = (0.05, 4)


def read(logs):
    results = []
    for word in logs:
        backend, path = word.split("=", 1)
        with open(path, errors="replace") as log:
            for line in log:
                match = LINE.search(line)
                if not match:
                    continue
                impl, op, layout, pages, unit, value = match.groups()
                value = float(value)
                results.append({
                    "backend": backend, "impl": impl, "op": op, "layout": layout,
                    "pages": int(pages), "unit": unit,
                    "value": int(value) if value.is_integer() else value,
                })
    if not results:
        sys.exit("phyr: no results in " + " ".join(logs))
    return results


def write(path, results):
    with open(path, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(r) for r in results) + "\n]\n")


def index(results, *unit):
    return {(r["backend"], r["impl"], r["op"], r["layout"], r["pages"]): r["value"]
            for r in results if r["unit"] in unit}


def key_name(key):
    backend, impl, op, layout, pages = key
    return f"{backend}: {impl} {op}, {pages} {'page' if pages == 1 else 'pages'} {layout}"


def exceeds(new, old, limit):
    share, least = limit
    return new - old > max(share * old, least)


def repeats(logs):
    half = len(logs) // 2
    first, second = (index(read(part), "insn") for part in (logs[:half], logs[half:]))
    worst, bad = 0, []
    for key in sorted(first.keys() | second.keys()):
        if key not in first or key not in second:
            bad.append(f"{key_name(key)}: measured only once")
            continue
        low, high = sorted((first[key], second[key]))
        if high - low > REPEATS[1]:
            worst = max(worst, (high - low) / low if low else 1)
        if exceeds(high, low, REPEATS):
            bad.append(f"{key_name(key)}: {first[key]} and then {second[key]}")
    print(f"phyr: {len(first)} figures measured twice; they differ by {worst:.2%} at most")
    for line in bad:
        print("phyr: does not repeat: " + line)
    return bool(bad)


def gated(results):
    return [r for r in results if r["impl"] == "phyr" and r["unit"] == "insn"]


# Instructions a page, of 4096 scattered ones, that are promised, and where; there are more
# of arm64 for the same.  To walk a list that is mapped directly takes 10 for each page, and
# what it takes to go on with its next page of memory.
PROMISED = {
    "build": (20, ("vtd", "amd", "virtio", "direct")),
    "walk": (10, ("vtd", "amd", "virtio")),
    "map": (50, ("vtd", "amd", "smmuv3")),
}
# Instructions in all, that are promised of scattered pages, but for what boots differ by
PROMISED_ALL = {
    ("direct", "map", 4096): 300, ("direct", "unmap", 4096): 200,
    ("direct", "walk", 4096): 43000,
    ("vtd", "life", 1): 1900,
}


# Of what a scatterlist takes: registering and deregistering user memory for RDMA
PROMISED_SHARE = {
    ("reg", "scattered", 1): 1, ("dereg", "scattered", 1): 1,
    ("reg", "scattered", 4096): 0.35, ("dereg", "scattered", 4096): 0.8,
    ("reg", "huge2m", 4096): 0.1, ("dereg", "huge2m", 4096): 1,
}
# And of the list's memory, a page of which may be used in part only: of 1 GiB it is 0.253
PROMISED_MEMORY_SHARE = 0.29


def promised(results):
    """What has to be so whatever the baseline says: as told in words, what is not"""
    now = index(results, "insn")
    a_page = index(results, "insn_per_page")
    memory = index(results, "bytes_per_range")
    allocs = index(results, "allocs")
    # What there is nothing to compare with is not promised, but would seem to be
    for key in sorted(now):
        if key[1] == "phyr" and key[:1] + ("sg",) + key[2:] not in now and key[2] != "seek":
            yield f"{key_name(key)}: not measured with a scatterlist"
    for backend in sorted({key[0] for key in now}):
        # One page, and what large pages are for, for no more than a scatterlist takes
        for layout, pages, ops in (("scattered", 1, ("map", "unmap", "life")),
                                   ("odd", 1, ("map", "unmap", "life")),
                                   ("contiguous", 64, ("build", "map", "unmap", "life")),
                                   ("contiguous", 4096, ("build", "map", "unmap", "life")),
                                   ("huge2m", 4096, ("build", "map", "walk2m", "unmap",
                                                     "life"))):
            for op in ops:
                # To copy 16 MiB is what takes long there; what finds the bounce buffers
                # again is a hundredth of it, and a scatterlist has had its memory before
                if backend == "swiotlb" and op == "map" and pages > 1:
                    continue
                own, peer = (now.get((backend, impl, op, layout, pages))
                             for impl in ("phyr", "sg"))
                if own is not None and peer is not None and own > peer:
                    yield f"{key_name((backend, 'phyr', op, layout, pages))}: {own} " \
                          f"instructions, with a scatterlist {peer}"
        for (where, op, pages), most in PROMISED_ALL.items():
            own = now.get((backend, "phyr", op, "scattered", pages))
            if where == backend and own is not None and own > most + REPEATS[1]:
                yield f"{key_name((backend, 'phyr', op, 'scattered', pages))}: {own} " \
                      f"instructions, {most} are promised"
        for op, (most, where) in PROMISED.items():
            own = a_page.get((backend, "phyr", op, "scattered", 4096))
            if own is not None and backend in where and own > most:
                yield f"{backend}: phyr {op}: {own:.1f} instructions a page, " \
                      f"{most} are promised"
        for (op, layout, pages), share in PROMISED_SHARE.items():
            # Nearly all of that is pinning
            if (backend, op, layout, pages) == ("direct", "reg", "scattered", 4096):
                continue
            own, peer = (now.get((backend, impl, op, layout, pages)) for impl in ("phyr", "sg"))
            if own is not None and peer is not None and own > share * peer:
                yield f"{key_name((backend, 'phyr', op, layout, pages))}: {own} instructions," \
                      f" {share} of the {peer} with a scatterlist are promised"
        own, peer = (memory.get((backend, impl, "reg", "scattered", 4096))
                     for impl in ("phyr", "sg"))
        if own is not None and own > PROMISED_MEMORY_SHARE * peer:
            yield f"{backend}: a region has {own:.2f} bytes a page, {PROMISED_MEMORY_SHARE} of " \
                  f"the {peer:.2f} with a scatterlist are promised"
        for op in ("map", "unmap"):
            own = allocs.get((backend, "phyr", op, "scattered", 4096))
            if backend == "direct" and own:
                yield f"{backend}: phyr {op}: {own} allocations, none are promised"
        own = memory.get((backend, "phyr", "memory", "scattered", 4096))
        if own is not None and own > 8.25:
            yield f"{backend}: {own:.2f} bytes a page, 8.25 are promised"


def gate(path, logs):
    with open(path) as file:
        baseline = index(json.load(file), "insn")
    results = read(logs)
    now = index(gated(results), "insn")
    backends = {key[0] for key in now}
    bad, better = False, 0
    for key, old in baseline.items():
        if key[0] not in backends:
            continue
        new = now.get(key)
        if new is None:
            print(f"phyr: {key_name(key)}: not measured")
            bad = True
        elif exceeds(new, old, WORSE):
            print(f"phyr: {key_name(key)}: {new} instructions, the baseline has {old}")
            bad = True
        elif exceeds(old, new, WORSE):
            better += 1
    for key in sorted(now.keys() - baseline.keys()):
        print(f"phyr: {key_name(key)}: not in the baseline")
        bad = True
    for line in promised(results):
        print("phyr: " + line)
        bad = True
    if better:
        print(f"phyr: {better} figures are better than the baseline; «make bench-accept»"
              " keeps them so")
    if bad:
        print("phyr: if it has to be so, «make bench-accept» renews the baseline")
    return bad


def number(value):
    if value is None:
        return "-"
    if isinstance(value, int):
        return str(value)
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def unit(backend):
    return "nanoseconds" if backend == "uml" else "instructions"


def of_backend(results):
    found = {r["backend"] for r in results}
    return [b for b in MACHINES if b in found]


def table(results):
    cost = index(results, "insn_per_page", "ns_per_page")
    memory = index(results, "bytes_per_range")
    allocs = index(results, "allocs")
    sizes = (1, 4096)
    widths = [max(7, len(impl)) + 1 for impl in IMPLS]

    def columns(words):
        return "".join(f"{word:>{width}}" for word, width in zip(words, widths))

    def line(name, values, op):
        print(f"{name:7}" + "   ".join(columns(
            number(values.get((backend, impl, op, 'scattered', size))) for impl in IMPLS)
            for size in sizes))

    for backend in of_backend(results):
        print(f"\n{backend}: {MACHINES[backend]}; {unit(backend)} a page, scattered pages")
        print(" " * 7 + "   ".join(f"{'1 page' if size == 1 else f'{size} pages':>{sum(widths)}}"
                                   for size in sizes))
        print(" " * 7 + "   ".join(columns(IMPLS) for _ in sizes))
        for op in LIFE + ["life"]:
            line(op, cost, op)
        line("bytes", memory, "memory")
        line("allocs", allocs, "life")
    print("\nlife: all of the above; bytes: of the list, for each range; allocs: in all of life")


def regions(results):
    """What RDMA memory regions take, if that was measured."""
    cost = index(results, "insn_per_page")
    keys = sorted({key[3:] for key in cost if key[2] == "reg"})
    for backend in of_backend(results):
        if not any(key[0] == backend and key[2] == "reg" for key in cost):
            continue
        print(f"\n{backend}: instructions a page to register memory with an RDMA adapter, and"
              " to deregister it")
        print(f"{'':24}" + "".join(f"{word:>9}" for word in ("phyr", "sg", "bare") * 2))
        for layout, pages in keys:
            print(f"{layout:10}{pages:8} pages" + "".join(
                f"{number(cost.get((backend, impl, op, layout, pages))):>9}"
                for op in ("reg", "dereg") for impl in ("phyr", "sg", "bare")))


def region_bars(cost, backend):
    """What registering and deregistering takes, with the part that is pinning."""
    figures = []
    for op, what in (("reg", "Registering"), ("dereg", "Deregistering")):
        rows = []
        for layout, pages in sorted({key[3:] for key in cost
                                     if key[0] == backend and key[2] == op and key[4] > 1}):
            values = [cost.get((backend, impl, op, layout, pages))
                      for impl in ("phyr", "sg", "bare")]
            rows.append((f"{layout} {pages}", values))
        figures.append(bars(rows, ("phyr", "sg", "bare"),
                            f"{what} user memory with an RDMA adapter: lower is better",
                            f"{unit(backend)} a page (log.)", log=0.05,
                            names_are=REGION_NAMES))
    return figures


COLOURS = {"phyr": "#c0392b", "sg": "#2c5f8a", "two_step": "#d68910", "bare": "#7f8c8d"}
REGION_NAMES = {"phyr": "umem with a phyr list", "sg": "unmodified umem",
                "bare": "pinning and unpinning alone"}
NAMES = {"phyr": "phyr list", "sg": "scatterlist", "two_step": "array, two-step IOVA API",
         "bare": "bare stores (floor)"}
XTICS = "1,8,64,512,4096,65536,'2^{20}' 1048576,'2^{24}' 16777216"


def gnuplot(commands):
    head = ("set terminal svg size 760,420 font 'sans-serif,13' background '#ffffff'\n"
            "set grid ytics lc rgb '#dddddd'\nset key outside bottom center horizontal\n"
            "set border 3\nset tics nomirror\n")
    done = subprocess.run(["gnuplot"], input=head + commands, text=True,
                          capture_output=True, check=True)
    return done.stdout[done.stdout.index("<svg"):]


def block(name, rows):
    return f"${name} << EOD\n" + "".join(
        " ".join("NaN" if v is None else str(v) for v in row) + "\n" for row in rows) + "EOD\n"


def sizes_of(cost, backend, impl, op, layout="scattered"):
    return sorted(k[4] for k in cost if k[:4] == (backend, impl, op, layout))


def against_size(cost, backend, op, title, ylabel=None, linear=False):
    data, plots = "", []
    ylabel = ylabel or f"{unit(backend)} a page"
    # Nothing at all has no place on a logarithmic axis
    least = 0 if linear else 0.001
    for impl in IMPLS:
        rows = [(n, max(cost[backend, impl, op, "scattered", n], least))
                for n in sizes_of(cost, backend, impl, op)]
        if not rows or all(v == least for _, v in rows):
            continue
        data += block(impl, rows)
        plots.append(f"${impl} using 1:2 with linespoints lw 2 pt 7 ps 0.7 "
                     f"lc rgb '{COLOURS[impl]}' title '{NAMES[impl]}'")
    scale = "set logscale x\nset yrange [0:]" if linear else "set logscale xy"
    return gnuplot(f"{data}set title '{title}'\n{scale}\n"
                   f"set xlabel 'pages in the buffer'\nset ylabel '{ylabel}'\n"
                   f"set xtics ({XTICS})\nplot " + ", ".join(plots) + "\n")


def bars(rows, names, title, ylabel, log=None, names_are=None):
    """rows: (label, value for each of names); log: where a logarithmic axis begins"""
    names_are = names_are or NAMES
    data = block("d", [(f'"{label}"', *values) for label, values in rows])
    plots = ", ".join(
        f"$d using {i + 2}:xtic(1) lc rgb '{COLOURS[name]}' title '{names_are[name]}'"
        for i, name in enumerate(names))
    return gnuplot(f"{data}set title '{title}'\nset style data histograms\n"
                   "set style histogram clustered gap 1\nset style fill solid\n"
                   f"set ylabel '{ylabel}'\n"
                   + (f"set logscale y\nset yrange [{log}:]\n" if log else "set yrange [0:]\n")
                   + ("set xtics rotate by -30\n" if len(rows) > 6 else "")
                   + f"plot {plots}\n")


def ratios(cost, backend, title):
    data, plots = "", []
    for impl in ("sg", "two_step"):
        for op, dash in (("map", 2), ("life", 1)):
            rows = []
            for n in sizes_of(cost, backend, "phyr", op):
                peer = cost.get((backend, impl, op, "scattered", n))
                own = cost[backend, "phyr", op, "scattered", n]
                if peer is not None and own:
                    rows.append((n, peer / own))
            if not rows:
                continue
            data += block(f"{impl}{op}", rows)
            what = "mapping" if op == "map" else "all steps"
            plots.append(f"${impl}{op} using 1:2 with linespoints lw 2 pt 7 ps 0.7 dt {dash} "
                         f"lc rgb '{COLOURS[impl]}' title '{NAMES[impl]}: {what}'")
    plots.append("1 with lines lw 2 lc rgb '#c0392b' title 'phyr list'")
    return gnuplot(f"{data}set title '{title}'\nset logscale xy\n"
                   "set xlabel 'pages in the buffer'\n"
                   f"set ylabel 'times the {unit(backend)} of a phyr list'\n"
                   f"set xtics ({XTICS})\nplot " + ", ".join(plots) + "\n")


def sentence(cost, backend, size):
    def get(impl, op):
        return cost.get((backend, impl, op, "scattered", size))
    out = []
    for op, what in (("map", "To map"), ("life", "To build, map, walk, unmap and release")):
        own, sg, two = get("phyr", op), get("sg", op), get("two_step", op)
        if own is None or not sg or not two:
            continue
        out.append(f"{what} a buffer of {size} scattered pages takes "
                   f"<b>{number(own)}</b> {unit(backend)} a page with a phyr list, "
                   f"{number(sg)} with a scatterlist, {number(two)} with an array and the "
                   "two-step IOVA API.")
    return " ".join(out)


def report(results, path):
    cost = index(results, "insn_per_page", "ns_per_page")
    body = []
    for backend in of_backend(results):
        body.append(f"<h2 id='{backend}'>{html.escape(MACHINES[backend])}</h2>"
                    f"<p>{sentence(cost, backend, 4096)}</p>")
        figures = [
            against_size(cost, backend, "life",
                         "All steps together, scattered pages: lower is better"),
            against_size(cost, backend, "map", "Mapping alone, scattered pages: lower is better"),
            bars([(op, [cost.get((backend, impl, op, "scattered", 4096)) for impl in IMPLS])
                  for op in LIFE], IMPLS,
                 "Each step, 4096 scattered pages", f"{unit(backend)} a page"),
            ratios(cost, backend, "How many times as much the others take: above 1 is worse"),
            bars([(layout, [cost.get((backend, impl, "life", layout, 4096))
                            for impl in IMPLS]) for layout in LAYOUTS], IMPLS,
                 "All steps together by how 4096 pages lie in memory",
                 f"{unit(backend)} a page (log.)", log=0.5),
        ]
        if any(key[0] == backend and key[2] == "reg" for key in cost):
            figures += region_bars(cost, backend)
        body += [f"<figure>{figure}</figure>" for figure in figures]
    # What concerns lists alone does not depend on how memory is reached
    backend = of_backend(results)[-1]
    if "direct" in of_backend(results):
        backend = "direct"
    seek, memory = index(results, "insn", "ns"), index(results, "bytes_per_range")
    body.append("<h2 id='lists'>The lists themselves</h2>"
                "<p>Of 2<sup>20</sup> and 2<sup>24</sup> pages there are lists only; nothing "
                "is mapped.</p>")
    body += [f"<figure>{figure}</figure>" for figure in (
        against_size(memory, backend, "memory",
                     "Memory of the list, scattered pages: lower is better", "bytes a page",
                     linear=True),
        against_size(seek, backend, "seek",
                     "To find a byte in the midst of the list: lower is better",
                     f"{unit(backend)} in all"))]
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(r[k]))}</td>" for k in
                         ("backend", "impl", "op", "layout", "pages", "unit", "value")) + "</tr>"
        for r in results if r["unit"] not in ("insn", "ns"))
    with open(path, "w") as file:
        file.write(f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>phyr: what DMA mapping takes</title>
<style>
body {{ font-family: sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em;
  color: #222; line-height: 1.45 }}
figure {{ margin: 1.5em 0 }} svg {{ max-width: 100%; height: auto }}
table {{ border-collapse: collapse; font-size: 85% }} td, th {{ padding: 0 .6em; text-align: left }}
td:last-child {{ text-align: right }}
</style></head><body>
<h1>What it takes to map memory for a device</h1>
<p>The same pages, in the same kernel, are described, mapped for a device, walked in blocks of
4 KiB, unmapped and let go, in four ways. Every figure is a number of instructions that
the kernel executed, counted by QEMU; not a time. On another machine the same kernel gives
the same figures within 3&nbsp;%. Those of User Mode Linux alone are nanoseconds of the machine
that it ran on, the least of many runs, and differ from run to run.</p>
<ul>
<li><b>phyr list</b>: a physical range list and dma_map_phyr(), what this project is about.</li>
<li><b>scatterlist</b>: sg_alloc_append_table_from_pages() and dma_map_sgtable(), as it is done
today.</li>
<li><b>array, two-step IOVA API</b>: an array of addresses and lengths; addresses for the device
are allocated once, each range is mapped, one sync. Without an IOMMU dma_map_page() for each
range.</li>
<li><b>bare stores</b>: a plain loop that stores 8 bytes for each page, nothing else. Nobody can
do with less; nobody could use it either.</li>
</ul>
{"".join(body)}
<h2 id="all">All figures</h2>
<p>Those in instructions a page and in bytes; results.json has the totals, too.
In «walk» blocks are of 4 KiB, in «walk2m» of 2 MiB; «seek» is to find a byte in the list;
«memory» is that of the list.</p>
<details><summary>Show them</summary>
<table><tr><th>backend<th>impl<th>op<th>layout<th>pages<th>unit<th>value</tr>{rows}</table>
</details></body></html>
""")


def main(verb, *args):
    if verb == "repeats":
        return repeats(args)
    if verb == "gate":
        return gate(args[0], args[1:])
    if verb == "accept":
        write(args[0], gated(read(args[1:])))
    elif verb == "collect":
        write(args[0], read(args[1:]))
    else:
        with open(args[0]) as file:
            results = json.load(file)
        if verb == "table":
            table(results)
            regions(results)
        else:
            report(results, args[1])
    return 0


if len(sys.argv) < 3:
    sys.exit(__doc__)
sys.exit(main(*sys.argv[1:]))
