// SPDX-License-Identifier: GPL-2.0-only
/// dma_map_sg() and dma_map_sg_attrs() return how many entries there are for the device,
/// 0 if it failed and nothing below; dma_map_sgtable() returns 0 or an errno. Who ignores
/// the result, or looks for the other kind of failure, programs a device with addresses
/// that are none.
///
//# What to do about it depends on what the function returns: there is no patch.
//
// Confidence: High
// Comments: a result that is tested later than in the next test of it is not seen
// Options: --no-includes --include-headers
// Keywords: dma_map_sg, dma_map_sgtable

virtual context
virtual org
virtual report

@ignored@
identifier F = {dma_map_sg, dma_map_sg_attrs, dma_map_sgtable};
position p;
@@

* F@p(...);

@negative@
identifier F = {dma_map_sg, dma_map_sg_attrs};
expression x;
statement S1, S2;
position p;
@@

  x = F@p(...);
  ... when != x = ...
      when any
* if (\(x < 0\|x <= -1\)) S1 else S2

@negative_test@
identifier F = {dma_map_sg, dma_map_sg_attrs};
expression x;
position p;
@@

* \(F@p(...) < 0\|(x = F@p(...)) < 0\)

@table@
identifier F = {dma_map_sgtable};
position p;
@@

* F@p(...) <= 0

@table_not@
expression x;
position p;
@@

  x = dma_map_sgtable@p(...);
* if (!x) { ... return \(-ENOMEM\|-EIO\|-EFAULT\|-EINVAL\); }

@script:python depends on report@
p << ignored.p;
F << ignored.F;
@@
coccilib.report.print_report(p[0], "result-ignored: nobody looks at what %s() returns" % F)

@script:python depends on org@
p << ignored.p;
F << ignored.F;
@@
coccilib.org.print_todo(p[0], "result-ignored: nobody looks at what %s() returns" % F)

@script:python depends on report@
p << negative.p;
F << negative.F;
@@
coccilib.report.print_report(p[0], "wrong-error-test: %s() never returns less than 0" % F)

@script:python depends on org@
p << negative.p;
F << negative.F;
@@
coccilib.org.print_todo(p[0], "wrong-error-test: %s() never returns less than 0" % F)

@script:python depends on report@
p << negative_test.p;
F << negative_test.F;
@@
coccilib.report.print_report(p[0], "wrong-error-test: %s() never returns less than 0" % F)

@script:python depends on org@
p << negative_test.p;
F << negative_test.F;
@@
coccilib.org.print_todo(p[0], "wrong-error-test: %s() never returns less than 0" % F)

@script:python depends on report@
p << table.p;
@@
coccilib.report.print_report(p[0], "wrong-error-test: 0 of dma_map_sgtable() is success")

@script:python depends on org@
p << table.p;
@@
coccilib.org.print_todo(p[0], "wrong-error-test: 0 of dma_map_sgtable() is success")

@script:python depends on report@
p << table_not.p;
@@
coccilib.report.print_report(p[0], "wrong-error-test: 0 of dma_map_sgtable() is success")

@script:python depends on org@
p << table_not.p;
@@
coccilib.org.print_todo(p[0], "wrong-error-test: 0 of dma_map_sgtable() is success")
