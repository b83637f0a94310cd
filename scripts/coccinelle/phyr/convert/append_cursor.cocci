// SPDX-License-Identifier: GPL-2.0-only
/// A table that pages are appended to, batch by batch, with a cursor to find them again: a
/// list grows by itself, and finds what is at an offset without a cursor.
///
//# The structure has to be allocated cleared, which is what makes an empty table of it.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: sg_alloc_append_table_from_pages, nth_page, dma_map_sgtable
// Comments: What else uses the table or the cursor fails to compile.

virtual patch
virtual context
virtual org
virtual report

@table@
identifier S, T;
@@
struct S {
	...
	struct sg_append_table T;
	...
};

@cleared@
identifier table.S;
struct S *x;
expression gfp;
@@
  x = kzalloc(sizeof(*x), gfp);

@append depends on cleared@
identifier table.S, table.T;
struct S *x;
expression pages, n, size, max, chunk, gfp;
identifier ret;
@@
  ret = sg_alloc_append_table_from_pages(&x->T, pages, n, 0, size, max, chunk, gfp);

@cursor depends on append@
iterator name for_each_sg;
identifier table.S, table.T, find, x, off, at, sg, i, CUR, OFF, IDX;
type R;
@@
 R find(struct S *x, unsigned long off)
 {
	unsigned long at = 0;
	struct scatterlist *sg;
	unsigned int i;

	if (off < x->OFF || !x->CUR) {
		x->OFF = 0;
		x->CUR = x->T.sgt.sgl;
		x->IDX = 0;
	}
	at = x->OFF;
	for_each_sg(x->CUR, sg, x->T.sgt.orig_nents - x->IDX, i) {
		if (off < sg->length + at) {
			x->CUR = sg;
			x->IDX += i;
			x->OFF = at;
			return nth_page(sg_page(sg), (off - at) / PAGE_SIZE);
		}
		at += sg->length;
	}
	return NULL;
 }

@map depends on cursor@
identifier table.S, table.T;
struct S *x;
expression dev, dir;
position p;
@@
  dma_map_sgtable@p(dev, &x->T.sgt, dir, 0)

@depends on context@
expression d, t, dir;
position map.p;
@@
* dma_map_sgtable@p(d, t, dir, 0)

@found depends on patch@
iterator name for_each_sg;
identifier table.S, table.T, cursor.CUR, cursor.OFF, cursor.IDX;
identifier find, x, off, at, sg, i;
type R;
@@
 R find(struct S *x, unsigned long off)
 {
	unsigned long at = 0;
	struct scatterlist *sg;
	unsigned int i;
-	if (off < x->OFF || !x->CUR) {
-		x->OFF = 0;
-		x->CUR = x->T.sgt.sgl;
-		x->IDX = 0;
-	}
-
-	at = x->OFF;
-
-	for_each_sg(x->CUR, sg, x->T.sgt.orig_nents - x->IDX, i) {
-		if (off < sg->length + at) {
-			x->CUR = sg;
-			x->IDX += i;
-			x->OFF = at;
-			return nth_page(sg_page(sg), (off - at) / PAGE_SIZE);
-		}
-		at += sg->length;
-	}
-	return NULL;
+	if (phyr_iter_init_window(&iter, &x->T.list, off, 1))
+		return NULL;
+	return pfn_to_page(PHYS_PFN(phyr_iter_addr(&iter)));
 }

@depends on found@
identifier found.find, found.at, found.sg, found.i;
@@
 find(...)
 {
-	unsigned long at = 0;
-	struct scatterlist *sg;
-	unsigned int i;
+	struct phyr_iter iter;
	...
 }

@depends on found@
identifier table.S, table.T;
struct S *x;
expression pages, n, size, max, chunk, gfp, dev, dir;
@@
(
- sg_alloc_append_table_from_pages(&x->T, pages, n, 0, size, max, chunk, gfp)
+ phyr_list_append_pages(&x->T.list, pages, n, 0, size, gfp)
|
- sg_free_append_table(&x->T)
+ phyr_table_free(&x->T)
|
- dma_map_sgtable(dev, &x->T.sgt, dir, 0)
+ dma_map_phyr_table(dev, &x->T, dir, 0)
|
- dma_unmap_sgtable(dev, &x->T.sgt, dir, 0)
+ dma_unmap_phyr_table(dev, &x->T, dir, 0)
)

@freed depends on found@
iterator name for_each_sgtable_page, phyr_list_for_each_page;
symbol iter, page;
identifier table.S, table.T;
struct S *x;
identifier walk;
@@
- for_each_sgtable_page(&x->T.sgt, &walk, 0)
+ phyr_list_for_each_page(page, iter, &x->T.list)
	__free_page(
-		sg_page_iter_page(&walk)
+		page
	);

@depends on freed@
identifier freed.walk;
@@
- struct sg_page_iter walk;
+ struct phyr_page_iter iter;
+ struct page *page;
  ... when != walk

@blocks depends on found@
iterator name for_each_sgtable_dma_page, dma_phyr_for_each_block;
identifier table.S, table.T;
struct S *x;
identifier walk, to;
@@
- for_each_sgtable_dma_page(&x->T.sgt, &walk, 0)
+ dma_phyr_for_each_block(iter, &x->T.map, PAGE_SIZE)
	*to++ = cpu_to_be64(
-		sg_page_iter_dma_address(&walk)
+		iter.addr
	);

@depends on blocks@
identifier blocks.walk;
@@
- struct sg_dma_page_iter walk;
+ struct dma_phyr_block_iter iter;
  ... when != walk

// With the member before it, as the comment between the two is about the cursor

@depends on found@
identifier table.S, table.T, cursor.CUR, cursor.OFF, cursor.IDX, P;
type Q;
@@
struct S {
	...
-	struct sg_append_table
+	struct phyr_table
	T;
	...
-	Q P;
-	struct scatterlist *CUR;
-	unsigned int IDX;
-	unsigned long OFF;
+	Q P;
};

@script:python depends on report@
p << map.p;
@@
coccilib.report.print_report(p[0], "a table that grows can be a phyr table")

@script:python depends on org@
p << map.p;
@@
coccilib.org.print_todo(p[0], "a table that grows can be a phyr table")
