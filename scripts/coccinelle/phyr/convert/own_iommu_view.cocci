// SPDX-License-Identifier: GPL-2.0-only
/// A table of pages was mapped for the bus, and then once more by the driver's own IOMMU,
/// which writes the addresses behind it into the table. The memory and its mapping for the
/// bus become a phyr table; the sg_table stays as a view of that mapping, which the driver's
/// IOMMU changes as it does with tables of a framework. Caches are flushed by the pages that
/// the table was made of, as the view has none.
///
//# The driver's IOMMU may read DMA addresses and lengths, and offsets, which are 0.
//
// Confidence: High
// Options: --no-includes --include-headers --smpl-spacing
// Keywords: sg_alloc_table_from_pages, dma_map_sgtable, clflush_cache_range, page_to_virt
// Comments: All callers give a member of their first argument; the table is put beside it.

virtual patch
virtual context
virtual org
virtual report

@made exists@
identifier map, sys, table, pages, n, i, ret, out, own_map, flush;
type T1;
parameter list[k] ps;
expression bytes, d, dir;
position p;
@@

 int map(T1 sys, ps, struct sg_table *table)
 {
	... when any
	unsigned long n;
	unsigned int i;
	... when any
	ret = sg_alloc_table_from_pages(table, pages, n, 0, bytes, GFP_KERNEL);
	if (ret) {
		ret = -ENOMEM;
		goto out;
	}
	ret = dma_map_sgtable@p(d, table, dir, 0);
	if (ret) {
		sg_free_table(table);
		goto out;
	}
	ret = own_map(sys, table, dir, 0);
	if (ret) {
		dma_unmap_sgtable(d, table, dir, 0);
		sg_free_table(table);
		goto out;
	}
	flush(sys, table);
out:
	kfree(pages);
	return ret;
 }

@unmade@
identifier unmap, sys, table, own_unmap;
type T1;
expression d, dir;
@@

 void unmap(T1 sys, struct sg_table *table)
 {
	...
	own_unmap(sys, table, dir, 0);
	dma_unmap_sgtable(d, table, dir, 0);
	sg_free_table(table);
 }

// What the driver's own calls look at

@flushes@
identifier made.flush, flush_list, sys, table;
type T1;
@@

 void flush(T1 sys, struct sg_table *table)
 {
	flush_list(sys, table->sgl, table->orig_nents);
 }

@flushed@
identifier flushes.flush_list, sys, list, n, sg, i;
type T1;
iterator name for_each_sg;
@@

 void flush_list(T1 sys, struct scatterlist *list, int n)
 {
	struct scatterlist *sg;
	int i;

	for_each_sg(list, sg, n, i)
		clflush_cache_range(page_to_virt(sg_page(sg)), sg->length);
 }

@maps@
identifier made.own_map, sys, table, dir, attrs, list_map, count;
type T1;
@@

 int own_map(T1 sys, struct sg_table *table, enum dma_data_direction dir, unsigned long attrs)
 {
	int count;

	count = list_map(sys, table->sgl, table->nents, dir, attrs);
	if (count < 0)
		return count;
	table->nents = count;
	return 0;
 }

@unmaps@
identifier unmade.own_unmap, sys, table, dir, attrs, list_unmap;
type T1;
@@

 void own_unmap(T1 sys, struct sg_table *table, enum dma_data_direction dir, unsigned long attrs)
 {
	list_unmap(sys, table->sgl, table->nents, dir, attrs);
 }

@map_body@
identifier maps.list_map, sys, list, n, dir, attrs;
type T1;
@@

 int list_map(T1 sys, struct scatterlist *list, int n, enum dma_data_direction dir,
	      unsigned long attrs)
 { ... }

@unmap_body@
identifier unmaps.list_unmap, sys, list, n, dir, attrs;
type T1;
@@

 void list_unmap(T1 sys, struct scatterlist *list, int n, enum dma_data_direction dir,
		 unsigned long attrs)
 { ... }

@undoes@
identifier maps.list_map;
identifier unmaps.list_unmap;
position p;
@@

 list_map(...)
 {
	<+... list_unmap@p(...) ...+>
 }

@looks@
identifier maps.list_map;
identifier other != {sg_next, sg_dma_address, sg_dma_len};
struct scatterlist *sg;
position p != undoes.p;
@@

 list_map(...)
 {
	<+... \(other@p(..., sg, ...)\|sg->length\|sg->page_link\) ...+>
 }

@looks_too@
identifier unmaps.list_unmap;
identifier other != {sg_next, sg_dma_address, sg_dma_len};
struct scatterlist *sg;
@@

 list_unmap(...)
 {
	<+... \(other(..., sg, ...)\|sg->length\|sg->page_link\) ...+>
 }

// Each caller gives a member

@given@
identifier made.map, M;
expression list[made.k] es;
expression E;
position p;
@@

 map@p(E, es, &E->M)

@given_else@
identifier made.map;
position p != given.p;
@@

 map@p(...)

@taken@
identifier unmade.unmap, given.M;
expression E;
position p;
@@

 unmap@p(E, &E->M)

@taken_else@
identifier unmade.unmap;
position p != taken.p;
@@

 unmap@p(...)

// What else looks at the member may not look for pages

@seeks@
identifier given.M;
expression E, x, y;
@@

(
 E->M.orig_nents
|
 sg_page(E->M.sgl)
|
 sg_virt(E->M.sgl)
|
 sg_phys(E->M.sgl)
|
 dma_sync_sgtable_for_cpu(x, &E->M, y)
|
 dma_sync_sgtable_for_device(x, &E->M, y)
)

@held@
identifier S, given.M;
@@

 struct S {
	...
	struct sg_table M;
	...
 };

@whole depends on flushed && map_body && unmap_body && !looks && !looks_too && !given_else && !taken_else && !seeks@
identifier held.S, given.M;
position q;
@@

 struct S@q {
	...
	struct sg_table M;
	...
 };

@script:python names depends on patch@
q << whole.q;
M << given.M;
memory;
@@

coccinelle.memory = M.removesuffix("_sgt") + "_table"

@depends on names@
identifier held.S, given.M, names.memory;
@@

 struct S {
	...
+	struct phyr_table memory;
	struct sg_table M;
	...
 };

@depends on names exists@
identifier made.map, made.sys, made.table, made.pages, made.n, made.i, made.ret, made.out;
identifier made.own_map, made.flush;
type made.T1;
parameter list[made.k] ps;
expression bytes, d, dir;
identifier names.memory;
@@

 int map(T1 sys, ps, struct sg_table *table)
 {
	... when any
-	ret = sg_alloc_table_from_pages(table, pages, n, 0, bytes, GFP_KERNEL);
+	ret = phyr_table_from_pages(&sys->memory, pages, n, 0, bytes, GFP_KERNEL);
	if (ret) {
		ret = -ENOMEM;
		goto out;
	}
-	ret = dma_map_sgtable(d, table, dir, 0);
+	ret = dma_map_phyr_table_view(d, &sys->memory, table, dir, 0, GFP_KERNEL);
	if (ret) {
-		sg_free_table(table);
+		phyr_table_free(&sys->memory);
		goto out;
	}
	ret = own_map(sys, table, dir, 0);
	if (ret) {
-		dma_unmap_sgtable(d, table, dir, 0);
-		sg_free_table(table);
+		dma_unmap_phyr_table_view(d, &sys->memory, table, dir, 0);
+		phyr_table_free(&sys->memory);
		goto out;
	}
-	flush(sys, table);
+	for (i = 0; i < n; i++)
+		clflush_cache_range(page_to_virt(pages[i]), PAGE_SIZE);
out:
	kfree(pages);
	return ret;
 }

@depends on names@
identifier unmade.unmap, unmade.sys, unmade.table, unmade.own_unmap;
type unmade.T1;
expression d, dir;
identifier names.memory;
@@

 void unmap(T1 sys, struct sg_table *table)
 {
	...
	own_unmap(sys, table, dir, 0);
-	dma_unmap_sgtable(d, table, dir, 0);
-	sg_free_table(table);
+	dma_unmap_phyr_table_view(d, &sys->memory, table, dir, 0);
+	phyr_table_free(&sys->memory);
 }

@script:python depends on report@
p << made.p;
q << whole.q;
@@
coccilib.report.print_report(p[0], "phyr: a table that the driver's own IOMMU changes can be a view of a phyr table")

@script:python depends on org@
p << made.p;
q << whole.q;
@@
coccilib.org.print_todo(p[0], "phyr: a table that the driver's own IOMMU changes can be a view of a phyr table")
