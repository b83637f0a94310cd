// SPDX-License-Identifier: GPL-2.0-only
/// A buffer that grows by chunks had an array of sg_tables, one for each chunk, of which the
/// empty ones had no entry. Now they are phyr tables, the empty ones of which have no byte.
/// What programs the device's page table takes tables of a framework, too: it is given a view
/// that has the DMA addresses, for as long as it takes.
///
//# The walker may read DMA addresses and lengths only, and must not keep the table.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: sg_alloc_table_from_pages, dma_map_sgtable, dma_unmap_sgtable, __GFP_ZERO
// Comments: What else uses the member fails to compile.

virtual patch
virtual context
virtual org
virtual report

@held@
identifier S, M;
@@

 struct S {
	...
	struct sg_table *M;
	...
 };

// Zeroed: a phyr table of zeroes is an empty one

@zeroed exists@
identifier held.M, grow, B;
expression n, gfp;
@@

 grow(...)
 {
	... when any
	B->M = kvmalloc_array(n, sizeof(struct sg_table), gfp | __GFP_ZERO);
	... when any
 }

@made exists@
identifier held.M, zeroed.grow, zeroed.B;
identifier T, ret, no_map, walk;
expression chunk, pages, n, bytes, gfp, d, dir, attrs;
expression list[k] before;
statement s;
position p;
@@

 grow(...)
 {
	... when any
	T = &B->M[chunk];
	ret = sg_alloc_table_from_pages(T, pages, n, 0, bytes, gfp);
	if (ret) s
	ret = dma_map_sgtable@p(d, T, dir, attrs);
	if (ret)
		goto no_map;
	walk(before, T);
	... when any
 }

@given_up exists@
identifier made.no_map, made.T;
@@

no_map:
	sg_free_table(T);

@freed@
identifier held.M;
expression i, d, dir, attrs;
expression B;
@@

	if (B->M[i].sgl) {
		dma_unmap_sgtable(d, &B->M[i], dir, attrs);
		sg_free_table(&B->M[i]);
	}

// The walker has one parameter for the table, and reads the device's side of entries

@walker@
identifier made.walk;
parameter list[made.k] ps;
identifier table, sg;
iterator name for_each_sgtable_dma_sg;
expression i;
type T;
@@

 T walk(ps, struct sg_table *table)
 {
	... when != table
	for_each_sgtable_dma_sg(table, sg, i) { ... }
	... when != table
 }

@looks@
identifier made.walk;
identifier other != {sg_dma_address, sg_dma_len};
struct scatterlist *sg;
type T;
@@

 T walk(...)
 {
	<+... \(other(..., sg, ...)\|sg->length\|sg->offset\|sg->page_link\) ...+>
 }

@whole depends on given_up && freed && walker && !looks@
identifier held.S;
position q;
@@

 struct S@q { ... };

@script:python change depends on patch@
q << whole.q;
table;
@@

coccinelle.table = "table"

@depends on change@
identifier held.S, held.M;
@@

 struct S {
	...
-	struct sg_table *M;
+	struct phyr_table *M;
	...
 };

@depends on change@
identifier held.M, zeroed.grow, zeroed.B;
expression n, gfp;
@@

 grow(...)
 {
	<...
	B->M = kvmalloc_array(n,
-			      sizeof(struct sg_table),
+			      sizeof(struct phyr_table),
			      gfp | __GFP_ZERO);
	...>
 }

@depends on change@
identifier zeroed.grow, made.T;
@@

 grow(...)
 {
	... when any
-	struct sg_table *T;
+	struct phyr_table *T;
+	struct sg_table view;
	... when any
 }

@depends on change exists@
identifier zeroed.grow, made.T, made.walk, made.ret, made.no_map;
expression pages, n, bytes, gfp, d, dir, attrs;
expression list[made.k] before;
statement s;
@@

 grow(...)
 {
	... when any
-	ret = sg_alloc_table_from_pages(T, pages, n, 0, bytes, gfp);
+	ret = phyr_table_from_pages(T, pages, n, 0, bytes, gfp);
	if (ret) s
-	ret = dma_map_sgtable(d, T, dir, attrs);
+	ret = dma_map_phyr_table_view(d, T, &view, dir, attrs, gfp);
	if (ret)
		goto no_map;
-	walk(before, T);
+	walk(before, &view);
+	sg_free_table(&view);
	... when any
 }

@depends on change exists@
identifier made.no_map, made.T;
@@

no_map:
-	sg_free_table(T);
+	phyr_table_free(T);

@depends on change@
identifier held.M;
expression i, d, dir, attrs;
expression B;
@@

-	if (B->M[i].sgl) {
-		dma_unmap_sgtable(d, &B->M[i], dir, attrs);
-		sg_free_table(&B->M[i]);
+	if (phyr_list_bytes(&B->M[i].list)) {
+		dma_unmap_phyr_table(d, &B->M[i], dir, attrs);
+		phyr_table_free(&B->M[i]);
	}

@script:python depends on report@
p << made.p;
q << whole.q;
@@
coccilib.report.print_report(p[0], "phyr: tables of chunks, whose walker also takes tables of a framework, can be phyr tables")

@script:python depends on org@
p << made.p;
q << whole.q;
@@
coccilib.org.print_todo(p[0], "phyr: tables of chunks, whose walker also takes tables of a framework, can be phyr tables")
