// SPDX-License-Identifier: GPL-2.0-only
/// An array of entries for pages, behind the array of pages and before the structure that
/// describes both, in one piece of coherent memory whose size is computed: a phyr table in
/// that structure takes its place, and the device's pages are the blocks of its mapping.
///
//# dma_alloc_coherent() clears what it allocates, so the table is empty on each error path.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: dma_alloc_coherent, sg_set_page, dma_map_sg, for_each_sg
// Comments: What else uses the array fails to compile.

virtual patch
virtual context
virtual org
virtual report

@info@
identifier S, M, F;
@@
struct S {
	...
	struct scatterlist *M;
	unsigned int F;
	...
};

@make exists@
iterator name for_each_sg;
identifier info.S, info.M, info.F;
identifier sg, l, v, mem, pages, n, i, off, count, cnt, clean, adj, k, len, addr, size, dma;
expression a, inst, dev, dir, gfp;
position p;
@@
  mem = dma_alloc_coherent(dev, size, &dma, gfp);
  ...
  l = (struct scatterlist *)(pages + n);
  v = (struct S *)(l + n);
  ...
  v->M = l;
  v->F = 0;
  ...
  sg_init_table(l, n);
  for (i = 0; i < n; i++) {
	unsigned int len = PAGE_SIZE - off;
	if (len > count)
		len = count;
	sg_set_page(l + i, pages[i], len, off);
	off = 0;
	count -= len;
  }
  cnt = dma_map_sg@p(dev, l, n, dir);
  if (cnt == 0) {
	clean(inst, v);
	return NULL;
  }
  v->F = 1;
  k = 0;
  for_each_sg(l, sg, cnt, i) {
	unsigned int len = sg_dma_len(sg);
	dma_addr_t addr = sg_dma_address(sg);
	WARN_ON(len == 0);
	WARN_ON(i && (i != (cnt - 1)) && (len & ~PAGE_MASK));
	WARN_ON(i && (addr & ~PAGE_MASK));
	if (adj(a, addr, k))
		a[k - 1] += ((len + PAGE_SIZE - 1) >> PAGE_SHIFT);
	else
		a[k++] = (addr & PAGE_MASK) | (((len + PAGE_SIZE - 1) >> PAGE_SHIFT) - 1);
  }
  ... when != off
      when != count
      when != cnt
      when != i
  return v;

@cleanup@
identifier info.S, info.M, info.F, make.clean, v;
expression dev, n, dir;
@@
 clean(..., struct S *v)
 {
	if (v->F) {
		dma_unmap_sg(dev, v->M, n, dir);
	}
	...
 }

// All of it is there

@whole depends on cleanup@
expression d, l, n, dir;
position make.p, at;
@@
  dma_map_sg@p@at(d, l, n, dir)

@depends on context@
expression d, l, n, dir;
position whole.at;
@@
* dma_map_sg@at(d, l, n, dir)

@made depends on patch exists@
iterator name for_each_sg, dma_phyr_for_each_block;
symbol iter;
identifier info.S, info.M, info.F;
identifier sg, l, v, pages, n, i, off, count, cnt, clean, adj, k, len, addr;
expression a, inst, dev, dir, make.gfp;
position whole.at;
@@
- l = (struct scatterlist *)(pages + n);
- v = (struct S *)(l + n);
+ v = (struct S *)(pages + n);
  ...
- v->M = l;
+ phyr_table_init(&v->M);
  v->F = 0;
  ...
- sg_init_table(l, n);
- for (i = 0; i < n; i++) {
-	unsigned int len = PAGE_SIZE - off;
-	if (len > count)
-		len = count;
-	sg_set_page(l + i, pages[i], len, off);
-	off = 0;
-	count -= len;
- }
- cnt = dma_map_sg@at(dev, l, n, dir);
- if (cnt == 0) {
+ err = phyr_list_append_pages(&v->M.list, pages, n, off, count, gfp);
+ if (!err)
+	err = dma_map_phyr_table(dev, &v->M, dir, 0);
+ if (err) {
	clean(inst, v);
	return NULL;
  }
  v->F = 1;
  k = 0;
- for_each_sg(l, sg, cnt, i)
+ dma_phyr_for_each_block(iter, &v->M.map, PAGE_SIZE)
  {
-	unsigned int len = sg_dma_len(sg);
-	dma_addr_t addr = sg_dma_address(sg);
-	WARN_ON(len == 0);
-	WARN_ON(i && (i != (cnt - 1)) && (len & ~PAGE_MASK));
-	WARN_ON(i && (addr & ~PAGE_MASK));
	if (adj(a,
-		addr
+		iter.addr
		, k))
-		a[k - 1] += ((len + PAGE_SIZE - 1) >> PAGE_SHIFT);
+		a[k - 1]++;
	else
-		a[k++] = (addr & PAGE_MASK) | (((len + PAGE_SIZE - 1) >> PAGE_SHIFT) - 1);
+		a[k++] = iter.addr;
  }

@depends on made@
identifier made.n, made.pages;
type T;
@@
(
- sizeof(T) + sizeof(pages[0]) + sizeof(struct scatterlist)
+ sizeof(T) + sizeof(pages[0])
|
- n * sizeof(pages[0]) + (n * sizeof(struct scatterlist))
+ n * sizeof(pages[0])
)

@depends on made@
identifier made.sg;
@@
- struct scatterlist *sg;
  ... when != sg

@depends on made@
identifier made.l;
@@
- struct scatterlist *l;
+ struct dma_phyr_block_iter iter;
  ... when != l

@depends on made@
identifier made.i;
type T;
@@
- T i;
  ... when != i

@depends on made@
identifier made.cnt;
type T;
@@
- T cnt;
+ int err;
  ... when != cnt

@depends on made@
identifier info.S, info.M, info.F, made.clean, v;
expression dev, n, dir;
@@
 clean(..., struct S *v)
 {
	if (v->F) {
-		dma_unmap_sg(dev, v->M, n, dir);
+		dma_unmap_phyr_table(dev, &v->M, dir, 0);
	}
+	phyr_table_free(&v->M);
	...
 }

@depends on made@
identifier info.M;
expression v, dev, n, dir;
@@
- dma_unmap_sg(dev, v->M, n, dir);
+ dma_unmap_phyr_table(dev, &v->M, dir, 0);

@depends on made@
identifier info.S, info.M, info.F;
@@
struct S {
	...
-	struct scatterlist *M;
+	struct phyr_table M;
	unsigned int F;
	...
};

@script:python depends on report@
p << whole.at;
@@
coccilib.report.print_report(p[0], "entries in coherent memory can be a phyr table")

@script:python depends on org@
p << whole.at;
@@
coccilib.org.print_todo(p[0], "entries in coherent memory can be a phyr table")
