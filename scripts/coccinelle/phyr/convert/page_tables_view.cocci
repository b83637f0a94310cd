// SPDX-License-Identifier: GPL-2.0-only
/// Tables of single pages were made and freed by a function each, with an entry for each
/// page. They become phyr tables, whose pages are found by a walk of the list. The sg_table
/// stays, as a view of the mapping with DMA addresses only, for the code that walks lists of
/// a framework as well. What was never made or mapped is not unmapped any more.
///
//# There must be no other walk of the pages of any table in these files.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
// Keywords: for_each_sgtable_sg, dma_map_sgtable, sg_alloc_table, __free_page, alloc_page
// Comments: A table has to be a member, of a structure or of one within it.

virtual patch
virtual context
virtual org
virtual report

@gives@
identifier give, DEV, dev, f, T, sgl, i, page;
iterator name for_each_sgtable_sg;
position p;
@@

 give(struct DEV *dev, struct sg_table *T)
 {
	struct scatterlist *sgl;
	int i;

	dma_unmap_sgtable(dev->f, T, DMA_BIDIRECTIONAL, 0);
	for_each_sgtable_sg@p(T, sgl, i) {
		struct page *page = sg_page(sgl);

		__free_page(page);
	}
	sg_free_table(T);
 }

@takes@
identifier gives.give, gives.DEV, gives.f;
identifier take, dev, size, T, sgl, i, page, pages, ret;
iterator name for_each_sgtable_sg;
position p, map;
@@

 take(struct DEV *dev, u64 size, struct sg_table *T)
 {
	const u64 pages = DIV_ROUND_UP(size, PAGE_SIZE);
	struct scatterlist *sgl;
	... when != T
	    when != pages
	ret = sg_alloc_table(T, pages, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sgtable_sg@p(T, sgl, i) {
		struct page *page = alloc_page(GFP_KERNEL);

		if (!page) {
			give(dev, T);
			return -ENOMEM;
		}
		sg_set_page(sgl, page, PAGE_SIZE, 0);
	}
	ret = dma_map_sgtable@map(dev->f, T, DMA_BIDIRECTIONAL, 0);
	if (ret)
		give(dev, T);
	return ret;
 }

// A walk of the pages of such a table, each of which is written to

@walk@
identifier sg, i, at, end, M, W;
struct W *P;
iterator name for_each_sgtable_sg;
position p;
@@

	for_each_sgtable_sg@p(&P->M, sg, i) {
		void *end;

		at = sg_virt(sg);
		end = (void *)at + sg->length;
		... when != sg
		    when != i
	}

// What else looks at the pages of a table; the view has none

@other@
iterator name for_each_sgtable_sg, for_each_sgtable_page;
expression T, a, b;
statement s;
position p != { gives.p, takes.p, walk.p };
position q;
@@

(
 for_each_sgtable_sg@p(T, a, b) s
|
 for_each_sgtable_page@q(T, a, b) s
)

@cpu@
identifier touch = {sg_phys, sg_copy_to_buffer, sg_copy_from_buffer, sg_miter_start,
		    iommu_map_sgtable, sg_zero_buffer, dma_sync_sgtable_for_cpu,
		    dma_sync_sgtable_for_device};
position q;
@@

 touch@q(...)

@member depends on takes && !other && !cpu@
identifier takes.take, S, M;
struct S *P;
expression d, n;
@@

 take(d, n, &P->M)

@inner depends on takes && !other && !cpu@
identifier takes.take, S, N, M;
struct S *P;
expression d, n;
@@

 take(d, n, &P->N.M)

@script:python its@
M << member.M;
table;
@@

coccinelle.table = M + "_table"

@script:python within@
M << inner.M;
table;
@@

coccinelle.table = M + "_table"

@depends on patch@
identifier member.S, member.M, its.table;
@@

 struct S {
	...
+	struct phyr_table table;
	struct sg_table M;
	...
 };

@depends on patch@
identifier inner.S, inner.N, inner.M, within.table;
@@

 struct S {
	...
	struct {
		...
+		struct phyr_table table;
		struct sg_table M;
		...
	} N;
	...
 };

@depends on patch@
identifier takes.take, gives.give, member.S, member.M, its.table;
struct S *P;
expression d, n;
@@

(
 take(d, n,
-	&P->M
+	&P->table, &P->M
 )
|
 give(d,
-	&P->M
+	&P->table, &P->M
 )
)

@depends on patch@
identifier takes.take, gives.give, inner.S, inner.N, inner.M, within.table;
struct S *P;
expression d, n;
@@

(
 take(d, n,
-	&P->N.M
+	&P->N.table, &P->N.M
 )
|
 give(d,
-	&P->N.M
+	&P->N.table, &P->N.M
 )
)

@depends on patch@
identifier member.S, member.M, its.table, fn, sg, i, at, end;
struct S *P;
iterator name for_each_sgtable_sg, phyr_list_for_each_page;
@@

 fn(...)
 {
	... when any
-	struct scatterlist *sg;
+	struct phyr_page_iter iter;
+	struct page *page;
	... when any
-	int i;
	... when any
-	for_each_sgtable_sg(&P->M, sg, i) {
+	phyr_list_for_each_page(page, iter, &P->table.list) {
		void *end;

-		at = sg_virt(sg);
-		end = (void *)at + sg->length;
+		at = page_address(page);
+		end = (void *)at + PAGE_SIZE;
		...
	}
	... when any
 }

@depends on patch && (its || within)@
identifier gives.give, gives.DEV, gives.dev, gives.f, gives.T, gives.sgl, gives.i, gives.page;
iterator name for_each_sgtable_sg, phyr_list_for_each_page;
@@

- give(struct DEV *dev, struct sg_table *T)
+ give(struct DEV *dev, struct phyr_table *table, struct sg_table *view)
 {
-	struct scatterlist *sgl;
-	int i;
+	struct phyr_page_iter iter;
+	struct page *page;
+
+	if (!phyr_list_bytes(&table->list))
+		return;
-	dma_unmap_sgtable(dev->f, T, DMA_BIDIRECTIONAL, 0);
-	for_each_sgtable_sg(T, sgl, i) {
-		struct page *page = sg_page(sgl);
-		__free_page(page);
-	}
-	sg_free_table(T);
+	dma_unmap_phyr_table_view(dev->f, table, view, DMA_BIDIRECTIONAL, 0);
+	phyr_list_for_each_page(page, iter, &table->list)
+		__free_page(page);
+	phyr_table_free(table);
 }

@depends on patch && (its || within)@
identifier gives.give, takes.take, gives.DEV, gives.f, takes.dev, takes.size, takes.T;
identifier takes.sgl, takes.i, takes.page, takes.pages, takes.ret;
iterator name for_each_sgtable_sg, phyr_list_for_each_page;
@@

 take(struct DEV *dev, u64 size,
-	struct sg_table *T
+	struct phyr_table *table, struct sg_table *view
 )
 {
	const u64 pages = DIV_ROUND_UP(size, PAGE_SIZE);
-	struct scatterlist *sgl;
+	struct phyr_page_iter iter;
+	struct page *page;
	... when any
-	int i;
	... when any
-	ret = sg_alloc_table(T, pages, GFP_KERNEL);
-	if (ret)
-		return ret;
-	for_each_sgtable_sg(T, sgl, i) {
-		struct page *page = alloc_page(GFP_KERNEL);
-		if (!page) {
-			give(dev, T);
-			return -ENOMEM;
-		}
-		sg_set_page(sgl, page, PAGE_SIZE, 0);
-	}
-	ret = dma_map_sgtable(dev->f, T, DMA_BIDIRECTIONAL, 0);
-	if (ret)
-		give(dev, T);
+	phyr_table_init(table);
+	do {
+		page = alloc_page(GFP_KERNEL);
+		ret = page ? phyr_list_append_pages(&table->list, &page, 1, 0, PAGE_SIZE, GFP_KERNEL) : -ENOMEM;
+		if (ret && page)
+			__free_page(page);
+	} while (!ret && phyr_list_bytes(&table->list) < pages * PAGE_SIZE);
+	if (!ret)
+		ret = dma_map_phyr_table_view(dev->f, table, view, DMA_BIDIRECTIONAL, 0, GFP_KERNEL);
+	if (ret) {
+		phyr_list_for_each_page(page, iter, &table->list)
+			__free_page(page);
+		phyr_table_free(table);
+	}
	return ret;
 }

@depends on patch && (its || within)@
identifier takes.take, gives.DEV, size;
@@

 int take(struct DEV *, u64 size,
-	struct sg_table *
+	struct phyr_table *, struct sg_table *
 );

@depends on patch && (its || within)@
identifier gives.give, gives.DEV;
@@

 void give(struct DEV *,
-	struct sg_table *
+	struct phyr_table *, struct sg_table *
 );

@script:python depends on report && takes && !other && !cpu@
p << takes.map;
@@
coccilib.report.print_report(p[0], "phyr: a table of single pages can be a phyr_table with a view")

@script:python depends on org && takes && !other && !cpu@
p << takes.map;
@@
coccilib.org.print_todo(p[0], "phyr: a table of single pages can be a phyr_table with a view")
