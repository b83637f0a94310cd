// SPDX-License-Identifier: GPL-2.0-only
/// A walk of the device's side of a scatterlist that reads the CPU's side of an entry:
/// these two have nothing to do with each other once entries are merged.
///
//# A loop that copies both sides of an unmerged list to somewhere else is found, too.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
// Keywords: for_each_sgtable_dma_sg, sg_dma_address, sg_dma_len

virtual context
virtual org
virtual report

@table exists@
iterator name for_each_sgtable_dma_sg;
expression t, i;
identifier sg;
position p;
@@

  for_each_sgtable_dma_sg(t, sg, i) {
    <+...
*   \(sg@p->length\|sg@p->offset\|sg_page@p(sg)\|sg_virt@p(sg)\|sg_phys@p(sg)\)
    ...+>
  }

@walk exists@
iterator name for_each_sg;
expression l, n, i;
identifier sg;
position q;
@@

  for_each_sg@q(l, sg, n, i) {
    <+...
    sg_dma_address(sg)
    ...+>
  }

@loop exists@
iterator name for_each_sg;
expression l, n, i;
identifier sg;
position walk.q;
position p;
@@

  for_each_sg@q(l, sg, n, i) {
    <+...
*   \(sg@p->length\|sg@p->offset\|sg_page@p(sg)\|sg_virt@p(sg)\|sg_phys@p(sg)\)
    ...+>
  }

@script:python depends on report@
p << table.p;
@@
coccilib.report.print_report(p[0], "cpu-field: the CPU's side of an entry in a walk of the device's side")

@script:python depends on org@
p << table.p;
@@
coccilib.org.print_todo(p[0], "cpu-field: the CPU's side of an entry in a walk of the device's side")

@script:python depends on report@
p << loop.p;
@@
coccilib.report.print_report(p[0], "cpu-field: the CPU's side of an entry in a walk of the device's side")

@script:python depends on org@
p << loop.p;
@@
coccilib.org.print_todo(p[0], "cpu-field: the CPU's side of an entry in a walk of the device's side")
