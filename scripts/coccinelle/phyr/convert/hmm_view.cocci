// SPDX-License-Identifier: GPL-2.0-only
/// Pages that HMM has found were described by an sg_table, with an entry for each of its
/// pages of higher order. A phyr list describes them; the table that is walked together with
/// those of frameworks becomes a view of the mapping. Both get their memory before the lock
/// of the notifier is taken, as the table did.
///
/// The mapping was made without syncing caches and ended with it. It has one set of
/// attributes now, and syncs.
///
//# Walkers read DMA addresses and lengths, as far as the range of pages goes.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: hmm_pfn_to_map_order, sg_alloc_table, sg_set_page, dma_map_sgtable, hmm_range
// Comments: What else looks for the pages of the table is looked for in the files given.

virtual patch
virtual context
virtual org
virtual report

@counted exists@
identifier alloc, x, st, range, sem, chunks;
type T1;
@@

 static int alloc(T1 *x, struct sg_table *st, struct hmm_range *range, struct rw_semaphore *sem)
 {
	... when != st
	chunks++;
	... when any
	    when != st
	up_read(sem);
	return sg_alloc_table(st, chunks, GFP_KERNEL);
 }

@built@
identifier build, x, range, st, sem, write, check;
type T1;
local idexpression struct scatterlist *sg;
local idexpression struct page *pg;
local idexpression struct device *dev;
local idexpression unsigned long n, i, j, pfn, size;
expression assert, d1, d2;
iterator name for_each_sg;
position p;
@@

 static int build(T1 *x, struct hmm_range *range, struct sg_table *st, struct rw_semaphore *sem,
		  bool write)
 {
	...
	lockdep_assert_held(sem);
	i = 0;
	for_each_sg(st->sgl, sg, st->nents, j) {
		...
		pfn = range->hmm_pfns[i];
		pg = hmm_pfn_to_page(pfn);
		check(x, assert);
		size = 1UL << hmm_pfn_to_map_order(pfn);
		size -= page_to_pfn(pg) & (size - 1);
		i += size;
		if (unlikely(j == st->nents - 1)) {
			check(x, i >= n);
			if (i > n)
				size -= (i - n);
			sg_mark_end(sg);
		} else {
			check(x, i < n);
		}
		sg_set_page(sg, pg, size << PAGE_SHIFT, 0);
	}
	return dma_map_sgtable@p(dev, st, write ? d1 : d2,
				 DMA_ATTR_SKIP_CPU_SYNC | DMA_ATTR_NO_KERNEL_MAPPING);
 }

// Who makes it: storage, a pointer to it once it is mapped

@filled exists@
identifier counted.alloc, built.build;
identifier populate, U, SGT, SG, ret, out, done, S;
expression x1, r, l1;
expression list es;
@@

 populate(...)
 {
	... when any
	struct S *U;
	... when any
	ret = alloc(x1, &U->SGT, &r, &l1);
	if (ret)
		goto out;
	... when any
	ret = build(x1, &r, &U->SGT, &l1, es);
	if (ret)
		goto done;
	U->SG = &U->SGT;
	... when any
 }

@undone exists@
identifier filled.U, filled.SGT, free_st;
@@

free_st:
	sg_free_table(&U->SGT);

@unmapped@
identifier filled.SG, mapped, unmap, U;
expression d, dir;
@@

 unmap(...)
 {
	... when any
	if (U->SG && U->mapped)
		dma_unmap_sgtable(d, U->SG, dir, 0);
	U->mapped = false;
	... when any
 }

@freed exists@
identifier filled.SG, unmapped.unmap, free, U;
@@

 free(...)
 {
	... when any
	unmap(...);
	sg_free_table(U->SG);
	U->SG = NULL;
 }

// Nobody else looks for pages of entries

@looks@
struct scatterlist *sg;
@@

(
 sg->length
|
 sg->offset
|
 sg_page(sg)
|
 sg_virt(sg)
|
 sg_phys(sg)
)

@held depends on undone && freed && !looks@
identifier filled.S, filled.SGT, filled.SG;
position q;
@@

 struct S@q {
	...
	struct sg_table SGT;
	struct sg_table *SG;
	...
 };

@script:python names depends on patch@
q << held.q;
table;
@@

coccinelle.table = "table"

@depends on names@
identifier filled.S, filled.SG, names.table;
@@

 struct S {
	...
	struct sg_table *SG;
+	/** @table: The pages and their mapping */
+	struct phyr_table table;
	...
 };

@depends on names exists@
identifier counted.alloc, counted.x, counted.st, counted.range, counted.sem, counted.chunks, ret;
identifier names.table;
type counted.T1;
@@

-static int alloc(T1 *x, struct sg_table *st, struct hmm_range *range, struct rw_semaphore *sem)
+static int alloc(T1 *x, struct phyr_table *table, struct sg_table *st, struct hmm_range *range, struct rw_semaphore *sem)
 {
	... when any
	int ret;
	... when any
	up_read(sem);
-	return sg_alloc_table(st, chunks, GFP_KERNEL);
+	phyr_list_init(&table->list);
+	dma_phyr_map_init(&table->map);
+	ret = phyr_list_reserve(&table->list, chunks, GFP_KERNEL);
+	if (ret)
+		return ret;
+	ret = sg_alloc_table(st, chunks, GFP_KERNEL);
+	if (ret)
+		phyr_table_free(table);
+	return ret;
 }

// A mapping of HMM may be larger than the folios in it, as that of a file in DAX memory is, so
// they are not asked; whether the memory is a peer's is found out of its first page

@depends on names@
typedef u64;
identifier built.build, built.st, built.check, built.x;
local idexpression struct scatterlist *sg;
local idexpression struct page *pg;
local idexpression unsigned long n, i, j, pfn, size;
iterator name for_each_sg;
@@

 build(...)
 {
	...
	for_each_sg(st->sgl, sg, st->nents, j) {
		...
		size -= page_to_pfn(pg) & (size - 1);
+		size = min(size, n - i);
		i += size;
-		if (unlikely(j == st->nents - 1)) {
-			check(x, i >= n);
-			if (i > n)
-				size -= (i - n);
-			sg_mark_end(sg);
-		} else {
-			check(x, i < n);
-		}
-		sg_set_page(sg, pg, size << PAGE_SHIFT, 0);
+		bvec_set_page(&bvec, pg, size << PAGE_SHIFT, 0);
+		ret = phyr_list_append_bvecs(&st->list, &bvec, 1, GFP_NOWAIT);
+		if (ret)
+			return ret;
	}
	...
 }

@depends on names@
identifier built.build, built.st, i, n;
expression sg, j, e;
statement s;
iterator name for_each_sg;
@@

 build(...)
 {
	unsigned long n = e;
	...
	i = 0;
-	for_each_sg(st->sgl, sg, st->nents, j)
+	while (i < n)
	s
	...
 }

@depends on names@
identifier built.build, sg;
@@

 build(...)
 {
	...
-	struct scatterlist *sg;
+	struct bio_vec bvec;
+	int ret;
	...
 }

@depends on names@
identifier built.build, j;
@@

 build(...)
 {
	...
-	unsigned long j;
	... when != j
 }

@depends on names@
identifier built.build, built.x, built.range, built.st, built.sem, built.write;
type built.T1;
expression d1, d2, dev;
@@

-static int build(T1 *x, struct hmm_range *range, struct sg_table *st, struct rw_semaphore *sem, bool write)
+static int build(T1 *x, struct hmm_range *range, struct phyr_table *st, struct rw_semaphore *sem, bool write)
 {
	... when any
-	return dma_map_sgtable(dev, st, write ? d1 : d2,
-			       DMA_ATTR_SKIP_CPU_SYNC | DMA_ATTR_NO_KERNEL_MAPPING);
+	return dma_map_phyr_table(dev, st, write ? d1 : d2, DMA_ATTR_NO_KERNEL_MAPPING);
 }

@depends on names exists@
identifier counted.alloc, built.build, filled.U, filled.SGT, filled.SG, names.table, ret;
expression x1, r, l1;
expression list es;
@@

(
 ret = alloc(x1,
-	     &U->SGT,
+	     &U->table, &U->SGT,
	     es);
|
 ret = build(x1, r,
-	     &U->SGT,
+	     &U->table,
	     es);
)

@depends on names exists@
identifier built.build, filled.U, filled.SGT, filled.SG, filled.done, names.table, ret;
@@

 ret = build(...);
 if (ret)
	goto done;
+ ret = dma_phyr_fill_sgtable(&U->table.map, &U->SGT);
+ if (ret) {
+	dma_unmap_phyr(&U->table.map);
+	goto done;
+ }
 U->SG = &U->SGT;

@depends on names exists@
identifier filled.U, filled.SGT, undone.free_st, names.table;
@@

free_st:
	sg_free_table(&U->SGT);
+	phyr_table_free(&U->table);

@depends on names@
identifier filled.SG, unmapped.mapped, unmapped.unmap, unmapped.U, names.table;
expression d, dir;
@@

 unmap(...)
 {
	... when any
	if (U->SG && U->mapped)
-		dma_unmap_sgtable(d, U->SG, dir, 0);
+		dma_unmap_phyr_table(d, &U->table, dir, 0);
	U->mapped = false;
	... when any
 }

@depends on names exists@
identifier filled.SG, unmapped.unmap, freed.free, freed.U, names.table;
@@

 free(...)
 {
	... when any
	unmap(...);
	sg_free_table(U->SG);
+	phyr_table_free(&U->table);
	U->SG = NULL;
 }

@depends on names@
@@

+#include <linux/bvec.h>
 #include <linux/dma-mapping.h>

@script:python depends on report@
p << built.p;
q << held.q;
@@
coccilib.report.print_report(p[0], "phyr: pages that HMM has found can be a phyr list")

@script:python depends on org@
p << built.p;
q << held.q;
@@
coccilib.org.print_todo(p[0], "phyr: pages that HMM has found can be a phyr list")
