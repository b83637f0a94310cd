// SPDX-License-Identifier: GPL-2.0-only
/// An sg_table that is allocated for one entry, one stretch of memory: an address and a
/// length are enough, and dma_map_single() maps it.
///
//# Where the result was tested to be negative, which it never is, a failure was not noticed.
//# As it is now, pages are split only behind it, so that they can be freed as they came.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: sg_alloc_table, sg_set_buf, dma_map_sg, split_page

virtual patch
virtual context
virtual org
virtual report

@table@
identifier S, M;
@@
struct S {
	...
	struct sg_table M;
	...
};

@make exists@
identifier table.S, table.M;
struct S *x;
identifier ret, page, order, none, undo, out;
expression gfp, gfp1, size, dev, dir, a;
position p, p1, p2, p3, p4;
@@
  ret = sg_alloc_table(&x->M@p1, 1, gfp);
  if (ret)
	goto out;
  ret = -ENOMEM;
  page = alloc_pages(gfp1, order);
  if (!page)
	goto none;
  split_page(page, order);
  sg_set_buf(x->M@p2.sgl, page_address(page), size);
  ret = dma_map_sg@p(dev, x->M@p3.sgl, 1, dir);
  if (ret < 0)
	goto undo;
  ... when != ret
  a = sg_dma_address(x->M@p4.sgl);
  return 0;

@failed depends on make exists@
identifier table.S, table.M;
struct S *x;
identifier make.ret, make.page, make.order, make.none, make.undo, make.out;
position p;
@@
undo:
  __free_pages(page, order);
none:
  sg_free_table(&x->M@p);
out:
  return ret;

@finish depends on failed exists@
identifier table.S, table.M;
struct S *x;
expression dev, dir;
position p1, p2;
@@
  dma_unmap_sg(dev, x->M@p1.sgl, 1, dir);
  sg_free_table(&x->M@p2);

@other@
identifier table.S, table.M;
struct S *x;
struct S v;
position p != { make.p1, make.p2, make.p3, make.p4, failed.p, finish.p1, finish.p2 };
@@
(
  x->M@p
|
  v.M@p
)

@depends on context && !other@
expression x, d, l, n, dir;
position make.p;
@@
* x = dma_map_sg@p(d, l, n, dir);

@single depends on patch && !other exists@
identifier table.S, table.M;
struct S *x;
identifier ret, page, order, none, undo, out;
expression gfp, gfp1, size, dev, dir, a;
@@
- ret = sg_alloc_table(&x->M, 1, gfp);
- if (ret)
-	goto out;
-
  ret = -ENOMEM;
  page = alloc_pages(gfp1, order);
- if (!page)
-	goto none;
- split_page(page, order);
- sg_set_buf(x->M.sgl, page_address(page), size);
- ret = dma_map_sg(dev, x->M.sgl, 1, dir);
- if (ret < 0)
-	goto undo;
+ if (!page)
+	goto out;
+ x->M.len = size;
+ x->M.addr = dma_map_single(dev, page_address(page), x->M.len, dir);
+ if (dma_mapping_error(dev, x->M.addr))
+	goto undo;
+ split_page(page, order);
  ...
  a =
- sg_dma_address(x->M.sgl)
+ x->M.addr
  ;
  return 0;

@depends on single@
identifier table.S, table.M;
struct S *x;
identifier single.ret, single.page, single.order, single.none, single.undo, single.out;
@@
undo:
  __free_pages(page, order);
- none:
- sg_free_table(&x->M);
out:
  return ret;

@depends on single@
identifier table.S, table.M;
struct S *x;
expression dev, dir;
@@
- dma_unmap_sg(dev, x->M.sgl, 1, dir);
- sg_free_table(&x->M);
+ dma_unmap_single(dev, x->M.addr, x->M.len, dir);

@depends on single@
identifier table.S, table.M;
@@
struct S {
	...
-	struct sg_table
+	struct dma_phyr
	M;
	...
};

@script:python depends on report && !other@
p << make.p;
@@
coccilib.report.print_report(p[0], "a table of one entry can be an address and a length")

@script:python depends on org && !other@
p << make.p;
@@
coccilib.org.print_todo(p[0], "a table of one entry can be an address and a length")
