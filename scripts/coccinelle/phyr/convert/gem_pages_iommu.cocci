// SPDX-License-Identifier: GPL-2.0-only
/// The table of a GEM object was made of its pages, or came with an imported dma-buf. For
/// pages there is a phyr table now. The driver's IOMMU domain is told of the memory of either:
/// it gets an sg_table of the pages for as long as that takes.
///
/// As the CPU writes what the device reads, and the other way round, pages are mapped for both
/// directions. The sg_table was mapped for one of them and synced for the other.
///
//# A buffer has pages if it is the driver's own and was mapped, and only then.
//
// Confidence: High
// Options: --no-includes --include-headers --smpl-spacing
// Keywords: drm_prime_pages_to_sg, iommu_map_sgtable, drm_gem_get_pages, dma_map_sgtable
// Comments: What else uses the member fails to compile.

virtual patch
virtual context
virtual org
virtual report

@made exists@
identifier S, M, B, get, pages, base, n, err, put, free;
expression d;
position p, a;
@@

 get(..., struct S *B)
 {
	... when any
	B->pages =@a drm_gem_get_pages(&B->base);
	if (IS_ERR(B->pages))
		return PTR_ERR(B->pages);
	B->n = B->base.size >> PAGE_SHIFT;
	B->M = drm_prime_pages_to_sg(B->base.dev, B->pages, B->n);
	if (IS_ERR(B->M)) {
		err = PTR_ERR(B->M);
		goto put;
	}
	err = dma_map_sgtable@p(d, B->M, DMA_FROM_DEVICE, 0);
	if (err)
		goto free;
	return 0;
 }

@given_up exists@
identifier made.B, made.M, made.free;
@@

free:
	sg_free_table(B->M);
	kfree(B->M);

@other_pages@
identifier made.S, made.pages;
struct S *B;
expression e;
position a != made.a;
@@

	B->pages =@a e

@freed@
identifier made.S, made.M, made.pages;
struct S *B;
expression d;
statement s;
@@

	if (B->pages) {
		dma_unmap_sgtable(d, B->M, DMA_FROM_DEVICE, 0);
		drm_gem_put_pages(...);
		sg_free_table(B->M);
		kfree(B->M);
	} else s

@synced@
identifier made.S, made.M, made.pages;
struct S *B;
expression d;
@@

	if (B->pages)
		dma_sync_sgtable_for_cpu(d, B->M, DMA_FROM_DEVICE);

@given@
identifier made.S, made.M, made.pages;
struct S *B;
expression d;
@@

	if (B->pages)
		dma_sync_sgtable_for_device(d, B->M, DMA_TO_DEVICE);

@told exists@
identifier made.S, made.M, B, tell, size, err, undo;
expression domain, iova, prot;
position q;
@@

 tell(..., struct S *B)
 {
	... when any
	ssize_t size;
	int err;
	... when any
	size = iommu_map_sgtable@q(domain, iova, B->M, prot);
	if (size < 0) {
		dev_err(...);
		err = size;
		goto undo;
	}
	... when any
 }

@whole depends on given_up && freed && synced && given && told && !other_pages@
identifier made.S, made.M;
position q;
@@

 struct S@q {
	...
	struct sg_table *M;
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
-	struct sg_table *M;
+	struct phyr_table table;
	...
 };

@depends on change@
identifier made.S;
@@

 struct S {
	...
	struct phyr_table table;
+	struct sg_table *imported;
	...
 };

@depends on change exists@
identifier made.S, made.M, made.B, made.get, made.pages, made.base, made.n, made.err, made.put;
identifier made.free;
expression d;
@@

 get(..., struct S *B)
 {
	... when any
-	B->M = drm_prime_pages_to_sg(B->base.dev, B->pages, B->n);
-	if (IS_ERR(B->M)) {
-		err = PTR_ERR(B->M);
-		goto put;
-	}
+	err = phyr_table_from_pages(&B->table, B->pages, B->n, 0, B->base.size, GFP_KERNEL);
+	if (err)
+		goto put;
-	err = dma_map_sgtable(d, B->M, DMA_FROM_DEVICE, 0);
+	err = dma_map_phyr_table(d, &B->table, DMA_BIDIRECTIONAL, 0);
	if (err)
		goto free;
	return 0;
 }

@depends on change exists@
identifier made.B, made.M, made.free;
@@

free:
-	sg_free_table(B->M);
-	kfree(B->M);
+	phyr_table_free(&B->table);

@depends on change@
identifier made.S, made.M, made.pages;
struct S *B;
expression d;
statement s;
@@

	if (B->pages) {
-		dma_unmap_sgtable(d, B->M, DMA_FROM_DEVICE, 0);
+		dma_unmap_phyr_table(d, &B->table, DMA_BIDIRECTIONAL, 0);
		drm_gem_put_pages(...);
-		sg_free_table(B->M);
-		kfree(B->M);
+		phyr_table_free(&B->table);
	} else s

@depends on change@
identifier made.S, made.M, made.pages;
struct S *B;
expression d;
@@

	if (B->pages)
-		dma_sync_sgtable_for_cpu(d, B->M, DMA_FROM_DEVICE);
+		dma_sync_phyr_table_for_cpu(d, &B->table, DMA_BIDIRECTIONAL);

@depends on change@
identifier made.S, made.M, made.pages;
struct S *B;
expression d;
@@

	if (B->pages)
-		dma_sync_sgtable_for_device(d, B->M, DMA_TO_DEVICE);
+		dma_sync_phyr_table_for_device(d, &B->table, DMA_BIDIRECTIONAL);

@depends on change exists@
identifier made.S, made.M, made.pages, told.B, told.tell, told.size, told.err, told.undo;
expression domain, iova, prot;
@@

 tell(..., struct S *B)
 {
	... when any
	ssize_t size;
+	struct sg_table view = {};
	int err;
	... when any
-	size = iommu_map_sgtable(domain, iova, B->M, prot);
+	if (B->pages) {
+		err = phyr_list_to_sgtable(&B->table.list, &view, UINT_MAX, GFP_KERNEL);
+		if (err)
+			goto undo;
+	}
+	size = iommu_map_sgtable(domain, iova, B->pages ? &view : B->imported, prot);
+	sg_free_table(&view);
	if (size < 0) {
		dev_err(...);
		err = size;
		goto undo;
	}
	... when any
 }

// What is left is of imported tables

@depends on change@
identifier made.S, made.M;
struct S *B;
expression attach, dir;
@@

(
- B->M = dma_buf_map_attachment_unlocked(attach, dir)
+ B->imported = dma_buf_map_attachment_unlocked(attach, dir)
|
- IS_ERR(B->M)
+ IS_ERR(B->imported)
|
- IS_ERR_OR_NULL(B->M)
+ IS_ERR_OR_NULL(B->imported)
|
- PTR_ERR(B->M)
+ PTR_ERR(B->imported)
|
- dma_buf_unmap_attachment_unlocked(attach, B->M, dir)
+ dma_buf_unmap_attachment_unlocked(attach, B->imported, dir)
)

@script:python depends on report@
p << made.p;
q << whole.q;
@@
coccilib.report.print_report(p[0], "phyr: the table of a GEM object's pages can be a phyr_table")

@script:python depends on org@
p << made.p;
q << whole.q;
@@
coccilib.org.print_todo(p[0], "phyr: the table of a GEM object's pages can be a phyr_table")
