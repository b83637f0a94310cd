// SPDX-License-Identifier: GPL-2.0-only
/// A scatterlist with an entry for each page of a vmalloc area was made by a function of its
/// own, and was kept to be unmapped. A phyr table takes the area as a whole. What writes the
/// addresses into the device's page table takes lists of a framework, too, and gets a view of
/// the mapping for as long as that takes.
///
/// Memory of vmalloc_32() was checked not to be highmem, which it never is.
///
//# Whoever writes the page table may read DMA addresses and lengths, and offsets, which are 0.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: vmalloc_to_page, PageHighMem, dma_map_sg, vmalloc_32
// Comments: What else uses the members fails to compile.

virtual patch
virtual context
virtual org
virtual report

@lists@
identifier list_of, virt, n, list, pg, i, err;
type T;
@@

 static struct scatterlist *list_of(T *virt, int n)
 {
	struct scatterlist *list;
	struct page *pg;
	int i;

	list = kmalloc_array(n, sizeof(struct scatterlist), GFP_KERNEL);
	if (list == NULL)
		return NULL;
	sg_init_table(list, n);
	for (i = 0; i < n; i++, virt += PAGE_SIZE) {
		pg = vmalloc_to_page(virt);
		if (pg == NULL)
			goto err;
		if (WARN_ON(PageHighMem(pg)))
			goto err;
		sg_set_page(&list[i], pg, PAGE_SIZE, 0);
	}
	return list;
	... when any
 }

@made exists@
identifier lists.list_of;
identifier S, M, N, make, P, pages, mem, len, tell, alloc, nr, no_list, no_table, no_map;
expression d, dir;
identifier undo;
position p;
@@

 make(..., struct S *P)
 {
	... when any
	void *mem = vmalloc_32(len);
	int nr = 0;
	... when any
	if (!(P->M = list_of(mem, pages)))
		goto no_list;
	if (alloc(..., P))
		goto no_table;
	P->N = pages;
	nr = dma_map_sg@p(d, P->M, P->N, dir);
	if (nr == 0)
		goto no_map;
	if (tell(..., P, P->M, nr) != 0)
		goto undo;
	return mem;
 }

@unmade exists@
identifier made.M, made.N, made.P, made.undo;
expression made.d, made.dir;
@@

undo:
	dma_unmap_sg(d, P->M, P->N, dir);

@unlisted exists@
identifier made.M, made.P, made.no_table;
@@

no_table:
	kfree(P->M);
	P->M = NULL;

@freed@
identifier made.S, made.M, made.N, free, P, area;
expression d, dir;
@@

 free(..., void *area, struct S *P)
 {
	dma_unmap_sg(d, P->M, P->N, dir);
	...
	kfree(P->M);
	P->M = NULL;
	vfree(area);
 }

// Who writes the page table

@tells@
identifier made.tell, list, n, iter;
iterator name for_each_sg_dma_page;
parameter list ps;
@@

 tell(ps, struct scatterlist *list, int n)
 {
	... when any
	for_each_sg_dma_page(list, &iter, n, 0) { ... }
	... when any
 }

@looks@
identifier made.tell;
identifier other != {sg_page_iter_dma_address};
struct scatterlist *sg;
@@

 tell(...)
 {
	<+... \(other(..., sg, ...)\|sg->length\|sg->page_link\) ...+>
 }

@whole depends on unmade && unlisted && freed && tells && !looks@
identifier made.S, made.M, made.N;
position q;
@@

 struct S@q {
	...
	struct scatterlist *M;
	int N;
	...
 };

@script:python change depends on patch@
q << whole.q;
table;
@@

coccinelle.table = "table"

@depends on change@
identifier made.S, made.M;
@@

 struct S {
	...
-	struct scatterlist *M;
+	struct phyr_table table;
	...
 };

@depends on change@
identifier made.S, made.N;
@@

 struct S {
	...
-	int N;
	...
 };

@depends on change@
identifier lists.list_of;
@@

- static struct scatterlist *list_of(...) { ... }

@depends on change exists@
identifier lists.list_of;
identifier made.S, made.M, made.N, made.make, made.P, made.pages, made.mem, made.tell, made.alloc;
identifier made.nr, made.no_list, made.no_table, made.no_map, made.undo;
expression made.d, made.dir;
expression list es;
@@

 make(..., struct S *P)
 {
	... when any
-	int nr = 0;
+	struct sg_table view;
	... when any
-	if (!(P->M = list_of(mem, pages)))
+	if (phyr_table_from_kaddr(&P->table, mem, pages * PAGE_SIZE, GFP_KERNEL))
		goto no_list;
	if (alloc(..., P))
		goto no_table;
-	P->N = pages;
-	nr = dma_map_sg(d, P->M, P->N, dir);
-	if (nr == 0)
+	if (dma_map_phyr_table_view(d, &P->table, &view, dir, 0, GFP_KERNEL))
		goto no_map;
-	if (tell(es, P, P->M, nr) != 0)
+	if (tell(es, P, view.sgl, view.nents) != 0)
		goto undo;
+	sg_free_table(&view);
	return mem;
 }

@depends on change exists@
identifier made.M, made.N, made.P, made.undo;
expression made.d, made.dir;
@@

undo:
-	dma_unmap_sg(d, P->M, P->N, dir);
+	dma_unmap_phyr_table_view(d, &P->table, &view, dir, 0);

@depends on change exists@
identifier made.M, made.P, made.no_table;
@@

no_table:
-	kfree(P->M);
-	P->M = NULL;
+	phyr_table_free(&P->table);

@depends on change@
identifier made.S, made.M, made.N, freed.free, freed.P, freed.area;
expression d, dir;
@@

 free(..., void *area, struct S *P)
 {
-	dma_unmap_sg(d, P->M, P->N, dir);
+	dma_unmap_phyr_table(d, &P->table, dir, 0);
	...
-	kfree(P->M);
-	P->M = NULL;
+	phyr_table_free(&P->table);
	vfree(area);
 }

// Others may sync it, in the direction that it is mapped for

@depends on change@
identifier made.M, made.N;
expression made.dir, dev, P;
@@

(
- dma_sync_sg_for_cpu(dev, P->M, P->N, dir)
+ dma_sync_phyr_table_for_cpu(dev, &P->table, dir)
|
- dma_sync_sg_for_cpu(dev, P.M, P.N, dir)
+ dma_sync_phyr_table_for_cpu(dev, &P.table, dir)
|
- dma_sync_sg_for_device(dev, P->M, P->N, dir)
+ dma_sync_phyr_table_for_device(dev, &P->table, dir)
|
- dma_sync_sg_for_device(dev, P.M, P.N, dir)
+ dma_sync_phyr_table_for_device(dev, &P.table, dir)
)

@script:python depends on report@
p << made.p;
q << whole.q;
@@
coccilib.report.print_report(p[0], "phyr: the list of a vmalloc area can be a phyr_table")

@script:python depends on org@
p << made.p;
q << whole.q;
@@
coccilib.org.print_todo(p[0], "phyr: the list of a vmalloc area can be a phyr_table")
