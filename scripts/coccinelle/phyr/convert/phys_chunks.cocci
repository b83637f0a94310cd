// SPDX-License-Identifier: GPL-2.0-only
/// Physical addresses that were made struct pages only to become entries of an sg_table, in
/// chunks of one size: a list of ranges takes the addresses as they are. Chunks that would be
/// bounced in pieces cannot be told to the device, and are refused as before.
///
//# The device's side has to be walked in steps of the same size, by a loop within the
//# loop: contiguous chunks are one stretch, as they were for who has an IOMMU.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: pfn_to_page, sg_set_page, dma_map_sg_attrs

virtual patch
virtual context
virtual org
virtual report

@table@
identifier S, M, N;
@@
struct S {
	...
	struct sg_table M;
	...
	int N;
	...
};

@fill exists@
identifier table.S, table.M, table.N;
identifier K;
identifier err, sg, pg, pa, end, len, warn, bad, done, n, dev;
struct S *x;
expression gfp, dir, e;
expression list es;
expression from, to, next;
position p, p0, p1, p2, q0, q1;
@@
  err = sg_alloc_table(&x->M@p0, n, gfp);
  if (err)
	return err;
  sg = x->M@p1.sgl;
  for (from; to; next) {
	... when != pg
	for (; pa < end; pa += len) {
		pg = pfn_to_page(__phys_to_pfn(pa));
		if (!sg) {
			warn(es);
			err = e;
			goto bad;
		}
		sg_set_page(sg, pg, len, 0);
		sg = sg_next(sg);
		if (!sg)
			goto done;
	}
  }
done:
  ... when != pg
  x->K = n;
  x->N@q0 = dma_map_sg_attrs@p(dev, x->M@p2.sgl, x->K, dir, 0);
  if (!x->N@q1) {
	err = e;
	goto bad;
  }
  return 0;

@walk depends on fill exists@
iterator name for_each_sg;
identifier table.S, table.M, table.N;
struct S *x;
struct scatterlist *sg;
identifier i, a, l, left;
expression step;
statement s;
position p, q;
@@
  for_each_sg(x->M@p.sgl, sg, x->N@q, i) {
	for (a = sg_dma_address(sg), l = sg_dma_len(sg); left && l;
	     left--, a += step, l -= step)
		s
  }

@finish exists@
identifier table.S, table.M;
struct S *x;
expression d, n, dir;
position p;
@@
(
  dma_unmap_sg_attrs(d, x->M@p.sgl, n, dir, 0)
|
  sg_free_table(&x->M@p)
)

@other@
identifier table.S, table.M, table.N;
struct S *x;
struct S v;
position p != { fill.p0, fill.p1, fill.p2, walk.p, finish.p };
position q != { fill.q0, fill.q1, walk.q };
@@
(
  x->M@p
|
  v.M@p
|
  x->N@q
|
  v.N@q
)

// As many as were allocated for are appended and mapped

@fewer exists@
identifier table.S, table.M, fill.n;
struct S *x;
expression gfp, e;
assignment operator op;
@@
  sg_alloc_table(&x->M, n, gfp)
  ... when any
  \(n op e\|n++\|++n\|n--\|--n\|&n\)

@depends on context && !other && !fewer@
expression x, d, list, n, dir;
position fill.p;
@@
* x = dma_map_sg_attrs@p(d, list, n, dir, 0);

@append depends on patch && !other && !fewer@
typedef u64;
identifier table.S, table.M, table.N;
identifier K;
identifier err, sg, pg, pa, end, len, warn, bad, done, n, dev;
struct S *x;
expression gfp, dir, e;
expression list es;
expression from, to, next;
@@
- err = sg_alloc_table(&x->M, n, gfp);
- if (err)
-	return err;
-
- sg = x->M.sgl;
+ phyr_table_init(&x->M);
  for (from; to; next) {
	...
	for (; pa < end; pa += len) {
-		pg = pfn_to_page(__phys_to_pfn(pa));
-		if (!sg) {
-			warn(es);
-			err = e;
-			goto bad;
-		}
-		sg_set_page(sg, pg, len, 0);
-		sg = sg_next(sg);
-		if (!sg)
+		err = phyr_list_append_unmerged(&x->M.list, pa, len, gfp);
+		if (err)
+			goto bad;
+		if (phyr_list_bytes(&x->M.list) >= (u64)n * len)
			goto done;
	}
  }
done:
  ...
  x->K = n;
+ if (len > dma_max_mapping_size(dev)) {
+	err = -ENOMEM;
+	goto bad;
+ }
- x->N = dma_map_sg_attrs(dev, x->M.sgl, x->K, dir, 0);
- if (!x->N) {
-	err = e;
+ err = dma_map_phyr_table(dev, &x->M, dir, 0);
+ if (err)
	goto bad;
- }
  return 0;

@depends on append@
identifier append.sg;
@@
- struct scatterlist *sg;
  ... when != sg

@depends on append@
identifier append.pg;
@@
- struct page *pg;
  ... when != pg

@walked depends on append@
iterator name for_each_sg, dma_phyr_for_each_stretch;
identifier table.S, table.M, table.N;
identifier f;
struct S *x;
identifier sg, i, a, l, left;
expression step;
statement s;
@@
  f(...) {
- struct scatterlist *sg;
+ struct dma_phyr_iter iter;
+ struct dma_phyr range;
  ...
- for_each_sg(x->M.sgl, sg, x->N, i)
+ dma_phyr_for_each_stretch(range, iter, &x->M.map)
  {
	for (a =
-	     sg_dma_address(sg)
+	     range.addr
	     , l =
-	     sg_dma_len(sg)
+	     range.len
	     ; left && l; left--, a += step, l -= step)
		s
  }
  ...
  }

@depends on walked@
identifier walked.i;
@@
- int i;
  ... when != i

@depends on append@
identifier table.S, table.M;
struct S *x;
expression d, n, dir;
@@
(
- dma_unmap_sg_attrs(d, x->M.sgl, n, dir, 0);
+ dma_unmap_phyr_table(d, &x->M, dir, 0);
|
- sg_free_table(&x->M);
+ phyr_table_free(&x->M);
)

@depends on append@
identifier table.S, table.M, table.N;
@@
struct S {
	...
-	struct sg_table M;
+	struct phyr_table M;
	...
-	int N;
	...
};

@script:python depends on report && !other && !fewer@
p << fill.p;
@@
coccilib.report.print_report(p[0], "chunks of physical memory can be a phyr list")

@script:python depends on org && !other && !fewer@
p << fill.p;
@@
coccilib.org.print_todo(p[0], "chunks of physical memory can be a phyr list")
