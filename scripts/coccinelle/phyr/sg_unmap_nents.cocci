// SPDX-License-Identifier: GPL-2.0-only
/// dma_unmap_sg() takes the number of entries that dma_map_sg() was given, not the number
/// that it returned: where entries were merged the rest of them would stay mapped.
///
//# Only what is mapped and unmapped in one function is seen.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: dma_map_sg, dma_unmap_sg

virtual patch
virtual context
virtual org
virtual report

@found depends on !patch exists@
expression d, sg, n, x, d1, e;
position p;
@@

  x = \(dma_map_sg\|dma_map_sg_attrs\)(d, sg, n, ...)
  ... when != x = e
* \(dma_unmap_sg@p\|dma_unmap_sg_attrs@p\)(d1, sg, x, ...)

@mend depends on patch && !context && !org && !report exists@
expression d, sg, d1, e, e1;
constant n;
idexpression m;
identifier x;
position p;
@@

  x = \(dma_map_sg\|dma_map_sg_attrs\)(d, sg, \(n@e1\|m@e1\), ...)
  ... when != x = e
      when != m = e
      when != m++
      when != m--
      when != &m
  \(dma_unmap_sg@p\|dma_unmap_sg_attrs@p\)(d1, sg,
- x
+ e1
  , ...)

@script:python depends on report@
p << found.p;
x << found.x;
n << found.n;
@@
if x != n:
    coccilib.report.print_report(p[0], "unmap-with-result: unmaps %s, what dma_map_sg() returned; it was given %s" % (x, n))

@script:python depends on org@
p << found.p;
x << found.x;
n << found.n;
@@
if x != n:
    coccilib.org.print_todo(p[0], "unmap-with-result: unmaps %s, what dma_map_sg() returned; it was given %s" % (x, n))
