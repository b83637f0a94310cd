// SPDX-License-Identifier: GPL-2.0-only
/// Pinned pages, or bounce pages in place of those in high memory, that become the entries
/// of an array in a structure, one behind the other, and then elements for a device: a phyr
/// table takes the place of the array.
///
//# An element is still not longer than the rest of a page, nor does it go beyond the byte
//# where the second plane begins: what the list has merged is cut there.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: pin_user_pages_unlocked, sg_set_page, dma_map_sg, for_each_sg
// Comments: What else uses the array fails to compile.

virtual patch
virtual context
virtual org
virtual report

@array@
identifier S, M;
expression n;
@@
struct S {
	...
	struct scatterlist M[n];
	...
};

// Entries are set in order, from what the caller says on

@set@
identifier array.S, array.M;
identifier fill, x, pos, info, T, i, C, P, B;
expression off, len, e1, e2;
@@
 fill(struct S *x, struct T *info, int pos)
 {
	...
	for (i = 0; i < info->C; i++) {
		... when != pos = e1
		if (PageHighMem(x->P[pos])) {
			... when != pos = e2
			sg_set_page(&x->M[pos], x->B[pos], len, off);
		} else {
			sg_set_page(&x->M[pos], x->P[pos], len, off);
		}
		off = 0;
		pos++;
	}
	return pos;
 }

@walk@
iterator name for_each_sg;
identifier array.S, array.M;
identifier arr, x, A, N, sg, i, a, b, split, size, src, dst;
typedef u32;
@@
 arr(struct S *x, u32 a, u32 b, u32 split)
 {
	int i;
	struct scatterlist *sg;

	for_each_sg(x->M, sg, x->N, i) {
		x->A[i].size = cpu_to_le32(sg_dma_len(sg));
		x->A[i].src = cpu_to_le32(sg_dma_address(sg));
		x->A[i].dst = cpu_to_le32(a);
		a += sg_dma_len(sg);
		split -= sg_dma_len(sg);
		if (split == 0)
			a = b;
	}
 }

// ... which is from the first one on. Appending is done to an empty list only if all the
// ways that end before the entries are unmapped are known

@first@
identifier array.S, array.M, set.fill, walk.N, walk.arr, C, warn, warn2;
struct S *x;
expression a, dev, dir, e, e2, pages, pages2;
expression list es, es2;
position p;
@@
  if (fill@p(x, a, 0) < 0) {
	warn(es);
	unpin_user_pages(pages, x->C);
	x->C = 0;
	return e;
  }
  x->N = dma_map_sg(dev, x->M, x->C, dir);
  if (!x->N) {
	warn2(es2);
	unpin_user_pages(pages2, x->C);
	x->C = 0;
	return e2;
  }
  arr(x, ...);

@second@
identifier array.S, array.M, set.fill, walk.N, walk.arr, C, warn, warn2;
struct S *x;
expression a, b, dev, dir, e, e2, pages, pages2;
expression list es, es2;
position p, q;
@@
  if (fill@p(x, a, fill@q(x, b, 0)) < 0) {
	warn(es);
	unpin_user_pages(pages, x->C);
	x->C = 0;
	return e;
  }
  x->N = dma_map_sg(dev, x->M, x->C, dir);
  if (!x->N) {
	warn2(es2);
	unpin_user_pages(pages2, x->C);
	x->C = 0;
	return e2;
  }
  arr(x, ...);

@later@
identifier set.fill;
expression x, a, b;
position p != { first.p, second.p, second.q };
@@
  fill@p(x, a, b)

// How many elements there are is known when they are filled in

@map depends on set exists@
identifier array.S, array.M, walk.N, walk.arr;
identifier C, warn;
struct S *x;
expression dev, dir, e, a, b, c;
expression list es;
position p;
@@
  x->N = dma_map_sg@p(dev, x->M, x->C, dir);
  if (!x->N) {
	warn(es);
	unpin_user_pages(..., x->C);
	x->C = 0;
	return e;
  }
  arr(x, a, b, c);

@depends on context && !later@
expression x, d, l, n, dir;
position map.p;
@@
* x = dma_map_sg@p(d, l, n, dir);

@appended depends on patch && map && !later@
identifier array.S, array.M;
identifier pos, P;
expression off, len;
struct S *x;
@@
- sg_set_page(&x->M[pos], x->P[pos], len, off);
+ if (phyr_list_append_pages(&x->M.list, &x->P[pos], 1, off, len,
+			      GFP_KERNEL))
+	return -1;

@depends on appended@
identifier array.S, array.M, set.fill;
identifier warn, C;
expression a, b, pages, e;
expression list es;
struct S *x;
@@
  if (fill(x, a, b) < 0) {
	warn(es);
+	phyr_table_free(&x->M);
	unpin_user_pages(pages, x->C);
	x->C = 0;
	return e;
  }

@depends on appended@
identifier array.S, array.M, walk.N;
identifier C, warn;
struct S *x;
expression dev, dir, e, pages;
expression list es;
@@
- x->N = dma_map_sg(dev, x->M, x->C, dir);
- if (!x->N) {
+ if (dma_map_phyr_table(dev, &x->M, dir, 0)) {
+	x->N = 0;
	warn(es);
+	phyr_table_free(&x->M);
	unpin_user_pages(pages, x->C);
	x->C = 0;
	return e;
  }

@depends on appended@
identifier array.S, array.M, walk.arr, walk.N;
identifier A, sg, i, a, b, split, size, src, dst, x;
iterator name for_each_sg, dma_phyr_for_each;
symbol range, iter;
typedef u64, u32;
@@
 arr(struct S *x, u32 a, u32 b, u32 split)
 {
	...
-	for_each_sg(x->M, sg, x->N, i)
+	dma_phyr_for_each(range, iter, &x->M.map)
	{
-		x->A[i].size = cpu_to_le32(sg_dma_len(sg));
-		x->A[i].src = cpu_to_le32(sg_dma_address(sg));
-		x->A[i].dst = cpu_to_le32(a);
-		a += sg_dma_len(sg);
-		split -= sg_dma_len(sg);
-		if (split == 0)
-			a = b;
+		while (range.len) {
+			len = min_t(u64, range.len, PAGE_SIZE - offset_in_page(range.addr));
+			if (split)
+				len = min(len, split);
+			x->A[i].size = cpu_to_le32(len);
+			x->A[i].src = cpu_to_le32(range.addr);
+			x->A[i].dst = cpu_to_le32(a);
+			i++;
+			a += len;
+			split -= len;
+			if (split == 0)
+				a = b;
+			range.addr += len;
+			range.len -= len;
+		}
	}
+	x->N = i;
 }

@depends on appended@
identifier walk.arr, walk.i, walk.sg;
@@
 arr(...)
 {
-	int i;
-	struct scatterlist *sg;
+	struct dma_phyr_iter iter;
+	struct dma_phyr range;
+	int i = 0;
+	u32 len;
	...
 }

@depends on appended@
identifier array.S, array.M;
struct S *x;
expression v, dev, n, dir;
@@
(
- dma_unmap_sg(dev, x->M, n, dir);
+ dma_unmap_phyr_table(dev, &x->M, dir, 0);
+ phyr_table_free(&x->M);
|
- dma_unmap_sg(dev, v.M, n, dir);
+ dma_unmap_phyr_table(dev, &v.M, dir, 0);
+ phyr_table_free(&v.M);
|
- sg_init_table(x->M, n);
+ phyr_table_init(&x->M);
|
- sg_init_table(v.M, n);
+ phyr_table_init(&v.M);
)

@depends on appended@
identifier array.S, array.M;
expression n;
@@
struct S {
	...
-	struct scatterlist M[n];
+	struct phyr_table M;
	...
};

@script:python depends on report && !later@
p << map.p;
@@
coccilib.report.print_report(p[0], "pinned pages can be a phyr list")

@script:python depends on org && !later@
p << map.p;
@@
coccilib.org.print_todo(p[0], "pinned pages can be a phyr list")
