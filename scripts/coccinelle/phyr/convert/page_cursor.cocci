// SPDX-License-Identifier: GPL-2.0-only
/// A table of pages, and a cursor that remembers which entry a page was found in: as the
/// array of pages that the table was made of is kept, too, it tells the page of an offset,
/// and the cursor can go.
///
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: sg_alloc_table_from_pages, nth_page, dma_map_sgtable
// Comments: What else uses the table or the cursor fails to compile.

virtual patch
virtual context
virtual org
virtual report

@made@
identifier S, T, P, pages, size;
struct S *x;
expression n, gfp;
statement s;
position p;
@@
  if (sg_alloc_table_from_pages(&x->T, pages, n, 0, size, gfp))
	s
  ... when != pages
  x->P@p = pages;

// The array lives as long as the table: it only goes behind that, and nobody sets it anew

@ended exists@
identifier made.S, made.T, made.P;
struct S *x;
expression e;
position p;
@@
  sg_free_table(&x->T);
  ... when any
(
  kfree(x->P@p);
|
  kvfree(x->P@p);
|
  vfree(x->P@p);
|
  x->P@p = e;
)

@lost@
identifier made.S, made.P, m;
struct S *x;
struct S y;
expression e, f;
assignment operator op;
position p != {made.p, ended.p};
@@
(
  x->P@p op e
|
  y.P@p op e
|
  f->m->P@p op e
|
  f->m.P@p op e
|
  x->P@p[...] op e
|
  \(&x->P@p\|&y.P@p\|&f->m->P@p\|&f->m.P@p\)
|
  \(kfree\|kvfree\|vfree\)(\(x->P@p\|y.P@p\|f->m->P@p\|f->m.P@p\))
|
  \(swap\|no_free_ptr\|xchg\)(..., \(x->P@p\|y.P@p\|x->P@p[...]\|y.P@p[...]\), ...)
)

@cursor depends on !lost@
iterator name for_each_sg;
identifier made.S, made.T, find, x, off, at, sg, i, CUR, OFF, IDX;
type R;
@@
 R find(struct S *x, unsigned long off)
 {
	unsigned long at = 0;
	struct scatterlist *sg;
	unsigned int i;

	if (off < x->OFF || !x->CUR) {
		x->OFF = 0;
		x->CUR = x->T.sgl;
		x->IDX = 0;
	}
	at = x->OFF;
	for_each_sg(x->CUR, sg, x->T.orig_nents - x->IDX, i) {
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

@map depends on cursor exists@
iterator name for_each_sgtable_dma_sg;
identifier made.S, made.T;
struct S *x;
expression dev, dir;
identifier err, sg, i;
statement s;
position p;
@@
  err = dma_map_sgtable@p(dev, &x->T, dir, 0);
  if (err)
	return err;
  ...
  for_each_sgtable_dma_sg(&x->T, sg, i) s

@depends on context@
expression x, d, t, dir;
position map.p;
@@
* x = dma_map_sgtable@p(d, t, dir, 0);

@found depends on patch@
iterator name for_each_sg;
identifier made.S, made.T, made.P, cursor.CUR, cursor.OFF, cursor.IDX;
identifier find, x, off, at, sg, i;
type R;
@@
 R find(struct S *x, unsigned long off)
 {
-	unsigned long at = 0;
-	struct scatterlist *sg;
-	unsigned int i;
-
-	if (off < x->OFF || !x->CUR) {
-		x->OFF = 0;
-		x->CUR = x->T.sgl;
-		x->IDX = 0;
-	}
-
-	at = x->OFF;
-
-	for_each_sg(x->CUR, sg, x->T.orig_nents - x->IDX, i) {
-		if (off < sg->length + at) {
-			x->CUR = sg;
-			x->IDX += i;
-			x->OFF = at;
-			return nth_page(sg_page(sg), (off - at) / PAGE_SIZE);
-		}
-		at += sg->length;
-	}
+	if (off < phyr_list_bytes(&x->T.list))
+		return x->P[off / PAGE_SIZE];
	return NULL;
 }

@depends on found@
identifier made.S, made.T;
struct S *x;
expression pages, n, size, gfp, dev, dir;
@@
(
- sg_alloc_table_from_pages(&x->T, pages, n, 0, size, gfp)
+ phyr_table_from_pages(&x->T, pages, n, 0, size, gfp)
|
- sg_free_table(&x->T)
+ phyr_table_free(&x->T)
|
- dma_map_sgtable(dev, &x->T, dir, 0)
+ dma_map_phyr_table(dev, &x->T, dir, 0)
|
- dma_unmap_sgtable(dev, &x->T, dir, 0)
+ dma_unmap_phyr_table(dev, &x->T, dir, 0)
|
- x->T.nents
+ dma_phyr_count(&x->T.map)
)

@walked depends on found@
symbol range, iter;
iterator name for_each_sgtable_dma_sg, for_each_phyr_table_dma;
identifier made.S, made.T;
struct S *x;
identifier sg, i;
@@
- for_each_sgtable_dma_sg(&x->T, sg, i)
+ for_each_phyr_table_dma(&x->T, range, iter)
  {
	<...
-	sg_dma_address(sg)
+	range.addr
	...>
  }

@depends on walked@
iterator name for_each_phyr_table_dma;
identifier made.S, made.T, walked.sg;
struct S *x;
@@
  for_each_phyr_table_dma(&x->T, range, iter) {
	<...
-	sg_dma_len(sg)
+	range.len
	...>
  }

@depends on walked@
identifier walked.sg;
@@
- struct scatterlist *sg;
+ struct dma_phyr_iter iter;
+ struct dma_phyr range;
  ... when != sg

@depends on walked@
identifier walked.i;
@@
- int i;
  ... when != i

@depends on found@
identifier made.S, made.T, cursor.CUR, cursor.OFF, cursor.IDX;
@@
struct S {
	...
-	struct sg_table
+	struct phyr_table
	T;
	...
-	struct scatterlist *CUR;
-	unsigned int IDX;
-	unsigned long OFF;
	...
};

@script:python depends on report@
p << map.p;
@@
coccilib.report.print_report(p[0], "a table of pages with a cursor can be a phyr table")

@script:python depends on org@
p << map.p;
@@
coccilib.org.print_todo(p[0], "a table of pages with a cursor can be a phyr table")
