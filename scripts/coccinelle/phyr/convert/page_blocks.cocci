// SPDX-License-Identifier: GPL-2.0-only
/// Blocks of pages of one order that a device is told of by an array of DMA addresses, one
/// for each block: a list whose ranges stay apart gives the pages back, and the address of
/// a block is found by its offset, whatever an IOMMU has merged.
///
//# The table has to be allocated by itself, and pointed to by one member.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: sg_alloc_table, alloc_pages_node, dma_map_sg

virtual patch
virtual context
virtual org
virtual report

@table@
identifier S, M;
@@
struct S {
	...
	struct sg_table *M;
	...
};

@fill exists@
iterator name for_each_sg;
identifier table.M;
expression v, count, dev, dir, node, gfp, gfp1, size, order, addrs;
identifier t, head, sg, page, i, bad, ret, tell;
expression list es;
expression item;
position p;
@@
  v.M = kzalloc(sizeof(*v.M), GFP_KERNEL);
  ...
  t = v.M;
  t->orig_nents = count;
  if (sg_alloc_table(t, t->orig_nents, gfp)) {
	...
	return ...;
  }
  head = v.M->sgl;
  ... when != t
  for_each_sg(head, sg, t->orig_nents, i) {
	page = alloc_pages_node(node, gfp1, order);
	if (!page) {
		...
		goto bad;
	}
	sg_set_page(sg, page, size << order, 0);
  }
  t->nents = dma_map_sg@p(dev, head, t->orig_nents, dir);
  if (!t->nents) {
	tell(es);
	ret = -ENOMEM;
	goto bad;
  }
  ...
  addrs = kcalloc(t->nents, item, gfp);
  ...
  for_each_sg(head, sg, t->nents, i) {
	page = sg_page(sg);
	addrs[i] = sg_dma_address(sg);
  }

@release depends on fill exists@
iterator name for_each_sg;
identifier table.M;
expression v, dev, dir, order;
identifier sg, page, i;
position p1, p2, p3, p4, p5;
@@
  dma_unmap_sg(dev, v.M@p1->sgl, v.M@p2->nents, dir);
  ...
  for_each_sg(v.M@p3->sgl, sg, v.M@p4->orig_nents, i) {
	page = sg_page(sg);
	if (page)
		__free_pages(page, order);
  }
  ...
  sg_free_table(v.M@p5);

// All of it is there

@whole depends on release@
expression d, l, n, dir;
position fill.p, at;
@@
  dma_map_sg@p@at(d, l, n, dir)

@depends on context@
expression d, l, n, dir;
position whole.at;
@@
* dma_map_sg@at(d, l, n, dir)

@set depends on patch@
typedef u64;
iterator name for_each_sg;
identifier table.M;
expression v, count, dev, dir, node, gfp, gfp1, size, order, addrs;
identifier t, head, sg, page, i, bad, ret, tell;
expression list es;
expression item;
position whole.at;
@@
  t = v.M;
- t->orig_nents = count;
- if (sg_alloc_table(t, t->orig_nents, gfp)) {
+ nents = count;
+ if (phyr_list_reserve(&t->list, nents, gfp)) {
	...
	return ...;
  }
- head = v.M->sgl;
  ...
- for_each_sg(head, sg, t->orig_nents, i)
+ for (i = 0; i < nents; i++)
  {
	page = alloc_pages_node(node, gfp1, order);
	if (!page) {
		...
		ret = -ENOMEM;
		goto bad;
	}
-	sg_set_page(sg, page, size << order, 0);
+	ret = phyr_list_append_unmerged(&t->list, page_to_phys(page), size << order, gfp);
+	if (ret) {
+		__free_pages(page, order);
+		goto bad;
+	}
  }
- t->nents = dma_map_sg@at(dev, head, t->orig_nents, dir);
- if (!t->nents) {
+ ret = dma_map_phyr_table(dev, t, dir, 0);
+ if (ret) {
	tell(es);
-	ret = -ENOMEM;
	goto bad;
  }
  ...
- addrs = kcalloc(t->nents, item, gfp);
+ addrs = kcalloc(nents, item, gfp);
  ...
- for_each_sg(head, sg, t->nents, i) {
-	page = sg_page(sg);
+ for (i = 0; i < nents; i++)
	addrs[i] =
-		sg_dma_address(sg)
+		dma_phyr_address(&t->map, (u64)i * (size << order))
	;
- }

@depends on set@
identifier set.t;
@@
- t->nents
+ nents

@depends on set@
identifier set.t;
@@
- struct sg_table *t;
+ struct phyr_table *t;
+ unsigned int nents;

@depends on set@
identifier set.head;
@@
- struct scatterlist *head;
  ... when != head

@depends on set@
identifier set.sg;
@@
- struct scatterlist *sg;
  ... when != sg

@freed depends on set@
iterator name for_each_sg, phyr_list_for_each;
identifier table.M;
expression v, order;
identifier sg, page, i;
@@
- for_each_sg(v.M->sgl, sg, v.M->orig_nents, i) {
-	page = sg_page(sg);
-	if (page)
+ phyr_list_for_each(range, iter, &v.M->list)
		__free_pages(
-		page
+		pfn_to_page(PHYS_PFN(range.addr))
		, order);
- }

@depends on set@
identifier table.M;
expression v, dev, dir, n;
@@
(
- dma_unmap_sg(dev, v.M->sgl, n, dir);
+ dma_unmap_phyr_table(dev, v.M, dir, 0);
|
- sg_free_table(v.M);
+ phyr_table_free(v.M);
)

@depends on freed exists@
iterator name phyr_list_for_each;
identifier table.M, freed.sg;
expression v;
statement s;
@@
- struct scatterlist *sg;
+ struct phyr_iter iter;
+ struct phyr range;
  ...
  phyr_list_for_each(range, iter, &v.M->list)
	s

@depends on freed@
identifier freed.page;
@@
- struct page *page;
  ... when != page

@depends on freed@
identifier freed.i;
@@
- int i;
  ... when != i

@depends on set@
identifier table.S, table.M;
@@
struct S {
	...
-	struct sg_table *M;
+	struct phyr_table *M;
	...
};

@script:python depends on report@
p << whole.at;
@@
coccilib.report.print_report(p[0], "blocks of pages can be a phyr list")

@script:python depends on org@
p << whole.at;
@@
coccilib.org.print_todo(p[0], "blocks of pages can be a phyr list")
