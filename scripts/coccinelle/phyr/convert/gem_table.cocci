// SPDX-License-Identifier: GPL-2.0-only
/// The table of a GEM object was made of its pages, or came with an imported dma-buf. Both
/// become a phyr table, of the pages or of the DMA addresses that the exporter gave, and what
/// programs the GPU's page table takes that. The table that was imported is kept to be given
/// back. Pages that cannot be mapped are an error now; that was not looked at before. Syncing
/// goes by the direction that the pages are mapped for, whatever an access asked for.
///
//# What programs the page table went back to the start of a page by the CPU's offset; the
//# address of the device has the same one. Syncing what was imported is its exporter's affair,
//# and does nothing here.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: drm_prime_pages_to_sg, drm_prime_gem_destroy, dma_map_sgtable, drm_gem_object
// Comments: Syncing goes by the direction of the mapping.

virtual patch
virtual context
virtual org
virtual report

@mapped@
identifier S, M, D, O, T, map, flags;
expression mask;
position p;
@@

 static void map(struct S *O)
 {
	struct drm_device *D = O->base.dev;
	struct sg_table *T = O->M;

	if (O->flags & mask)
		dma_map_sgtable@p(D->dev, T, DMA_BIDIRECTIONAL, 0);
 }

@unmapped@
identifier mapped.S, mapped.M, mapped.flags, D, O, T, unmap;
expression mapped.mask;
@@

 static void unmap(struct S *O)
 {
	struct drm_device *D = O->base.dev;
	struct sg_table *T = O->M;

	if (O->flags & mask)
		dma_unmap_sgtable(D->dev, T, DMA_BIDIRECTIONAL, 0);
 }

@made exists@
identifier mapped.S, mapped.M, mapped.map, make, D, O, T, P, n, ret;
expression e;
@@

 make(struct S *O)
 {
	... when any
	int ret;
	... when any
	if (!O->M) {
		struct drm_device *D = O->base.dev;
		unsigned int n = O->base.size >> PAGE_SHIFT;
		struct sg_table *T;

		T = drm_prime_pages_to_sg(D, O->P, n);
		if (IS_ERR(T)) {
			dev_err(D->dev, e, PTR_ERR(T));
			return ERR_CAST(T);
		}
		O->M = T;
		map(O);
	}
	... when any
 }

// The whole object is zero at first

@zeroed@
identifier mapped.S, B;
expression bytes, gfp;
@@

 struct S *B;
 ... when any
 B = kzalloc(bytes, gfp);

@imported exists@
identifier mapped.S, mapped.M, import, B, T, ret, fail;
parameter list ps;
@@

 import(ps, struct sg_table *T)
 {
	struct S *B;
	... when any
	B->M = T;
	... when any
fail:
	drm_gem_object_put(&B->base);
	return ERR_PTR(ret);
 }

@released@
identifier mapped.S, mapped.M, release, O;
@@

 static void release(struct S *O)
 {
	... when != O->M
	drm_prime_gem_destroy(&O->base, O->M);
 }

// The two functions that know of entries

@walks@
typedef u32, phys_addr_t;
identifier walk, sg, da, i, pa, bytes, T, ret, ctx, start;
type T1;
parameter list ps;
iterator name for_each_sgtable_dma_sg;
@@

 static int walk(T1 ctx, u32 start, struct sg_table *T, ps)
 {
	struct scatterlist *sg;
	unsigned int da = start;
	unsigned int i;
	int ret;

	if (!ctx || !T)
		return -EINVAL;
	for_each_sgtable_dma_sg(T, sg, i) {
		phys_addr_t pa = sg_dma_address(sg) - sg->offset;
		size_t bytes = sg_dma_len(sg) + sg->offset;
		...
		da += bytes;
	}
	...
 }

@unwalks@
identifier unwalk, sg, da, i, bytes, T, ctx, start;
type T1;
parameter list ps;
iterator name for_each_sgtable_dma_sg;
@@

 static void unwalk(T1 ctx, u32 start, struct sg_table *T, ps)
 {
	struct scatterlist *sg;
	unsigned int da = start;
	int i;

	for_each_sgtable_dma_sg(T, sg, i) {
		size_t bytes = sg_dma_len(sg) + sg->offset;
		...
		da += bytes;
	}
	...
 }

@whole depends on made && unmapped && zeroed && imported && released && walks && unwalks@
identifier mapped.S, mapped.M;
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
identifier mapped.S, mapped.M;
@@

 struct S {
	...
-	struct sg_table *M;
+	struct phyr_table *table;
	...
 };

@depends on change@
identifier mapped.S;
@@

 struct S {
	...
	struct phyr_table *table;
+	struct sg_table *imported;
	...
 };

@depends on change@
identifier mapped.S, mapped.M, mapped.map, mapped.flags, D, O, T;
expression mapped.mask, dir;
@@

- static void map(struct S *O)
+ static int map(struct S *O, struct phyr_table *table)
 {
	struct drm_device *D = O->base.dev;
-	struct sg_table *T = O->M;

	if (O->flags & mask)
-		dma_map_sgtable(D->dev, T, dir, 0);
+		return dma_map_phyr_table(D->dev, table, dir, 0);
+	return 0;
 }

@depends on change@
identifier mapped.S, mapped.M, mapped.flags, unmapped.unmap, D, O, T;
expression mapped.mask, dir;
@@

 static void unmap(struct S *O)
 {
	struct drm_device *D = O->base.dev;
-	struct sg_table *T = O->M;

	if (O->flags & mask)
-		dma_unmap_sgtable(D->dev, T, dir, 0);
+		dma_unmap_phyr_table(D->dev, O->table, dir, 0);
 }

@depends on change@
identifier mapped.M, mapped.map, made.O, made.D, made.T, made.P, made.n, made.ret;
expression e;
@@

-	if (!O->M) {
+	if (!O->table) {
		struct drm_device *D = O->base.dev;
		unsigned int n = O->base.size >> PAGE_SHIFT;
-		struct sg_table *T;
+		struct phyr_table *table;

-		T = drm_prime_pages_to_sg(D, O->P, n);
-		if (IS_ERR(T)) {
-			dev_err(D->dev, e, PTR_ERR(T));
-			return ERR_CAST(T);
-		}
-		O->M = T;
-		map(O);
+		table = kzalloc(sizeof(*table), GFP_KERNEL);
+		if (!table)
+			return ERR_PTR(-ENOMEM);
+		ret = phyr_table_from_pages(table, O->P, n, 0, O->base.size, GFP_KERNEL);
+		if (!ret)
+			ret = map(O, table);
+		if (ret) {
+			dev_err(D->dev, "failed to map pages: %d\n", ret);
+			phyr_table_free(table);
+			kfree(table);
+			return ERR_PTR(ret);
+		}
+		O->table = table;
	}

@depends on change@
identifier mapped.S, mapped.M, unmapped.unmap;
struct S *O;
@@

	if (O->M) {
		unmap(O);
		sg_free_table(O->M);
		kfree(O->M);
-		O->M = NULL;
+		O->table = NULL;
	}

@depends on change@
identifier mapped.S, mapped.M, unmapped.unmap;
struct S *O;
@@

-	if (O->M) {
+	if (O->table) {
		unmap(O);
-		sg_free_table(O->M);
-		kfree(O->M);
+		phyr_table_free(O->table);
+		kfree(O->table);
		...
	}

@depends on change@
identifier mapped.S, mapped.M;
struct S *O;
statement s;
@@

	if (
-	    !O->M
+	    !O->table
	   ) s

@depends on change@
identifier mapped.S, mapped.M;
struct S *O;
expression d, dir;
@@

(
- dma_sync_sgtable_for_cpu(d, O->M, dir)
+ dma_sync_phyr_table_for_cpu(d, O->table, dir)
|
- dma_sync_sgtable_for_device
+ dma_sync_phyr_table_for_device
  (d,
- O->M
+ O->table
  , dir)
)

// Imported

@depends on change exists@
identifier mapped.S, mapped.M, imported.import, imported.B, imported.T, imported.fail;
identifier imported.ret;
identifier make;
expression list es;
parameter list ps;
@@

 import(ps, struct sg_table *T)
 {
+	struct phyr_table *table;
	struct S *B;
	...
+	table = kzalloc(sizeof(*table), GFP_KERNEL);
+	ret = table ? phyr_table_view_sgtable(table, T, GFP_KERNEL) : -ENOMEM;
+	if (ret) {
+		kfree(table);
+		return ERR_PTR(ret);
+	}
	ret = make(es, &B);
	if (ret < 0)
+	{
+		dma_unmap_phyr(&table->map);
+		phyr_table_free(table);
+		kfree(table);
		return ERR_PTR(ret);
+	}
	... when any
-	B->M = T;
+	B->imported = T;
+	B->table = table;
	... when any
 }

@depends on change@
identifier mapped.M, released.release, O;
@@

 release(...)
 {
	...
+	if (O->table) {
+		dma_unmap_phyr(&O->table->map);
+		phyr_table_free(O->table);
+		kfree(O->table);
+	}
-	drm_prime_gem_destroy(&O->base, O->M);
+	drm_prime_gem_destroy(&O->base, O->imported);
 }

// What programs the page table: the loops first, then what is declared

@depends on change@
identifier walks.walk, walks.sg, walks.da, walks.i, walks.pa, walks.bytes, walks.T;
iterator name for_each_sgtable_dma_sg;
@@

 walk(...)
 {
	...
	for_each_sgtable_dma_sg(T, sg, i) {
-		phys_addr_t pa = sg_dma_address(sg) - sg->offset;
+		phys_addr_t pa = round_down(range.addr, PAGE_SIZE);
-		size_t bytes = sg_dma_len(sg) + sg->offset;
+		size_t bytes = range.len + (range.addr - pa);
		...
		da += bytes;
+		i++;
	}
	...
 }

@depends on change@
identifier unwalks.unwalk, unwalks.sg, unwalks.da, unwalks.i, unwalks.bytes, unwalks.T;
iterator name for_each_sgtable_dma_sg;
@@

 unwalk(...)
 {
	...
	for_each_sgtable_dma_sg(T, sg, i) {
-		size_t bytes = sg_dma_len(sg) + sg->offset;
+		size_t bytes = range.len + offset_in_page(range.addr);
		...
		da += bytes;
+		i++;
	}
	...
 }

@depends on change@
identifier walks.sg, walks.i, walks.T;
iterator name for_each_sgtable_dma_sg;
iterator name for_each_phyr_table_dma;
statement s;
@@

-	for_each_sgtable_dma_sg(T, sg, i)
+	for_each_phyr_table_dma(table, range, iter)
	s

@depends on change@
identifier walks.walk, walks.sg, walks.T, walks.ctx, walks.start;
type walks.T1;
parameter list walks.ps;
@@

 static int walk(T1 ctx, u32 start,
-		 struct sg_table *T,
+		 struct phyr_table *table,
		 ps)
 {
-	struct scatterlist *sg;
+	struct dma_phyr_iter iter;
+	struct dma_phyr range;
	...
-	if (!ctx || !T)
+	if (!ctx || !table)
		return -EINVAL;
	...
 }

@depends on change@
identifier walks.walk, walks.i;
@@

 walk(...)
 {
	...
-	unsigned int i;
+	unsigned int i = 0;
	...
 }

@depends on change@
identifier unwalks.unwalk, unwalks.sg, unwalks.T, unwalks.ctx, unwalks.start;
type unwalks.T1;
parameter list unwalks.ps;
@@

 static void unwalk(T1 ctx, u32 start,
-		 struct sg_table *T,
+		 struct phyr_table *table,
		 ps)
 {
-	struct scatterlist *sg;
+	struct dma_phyr_iter iter;
+	struct dma_phyr range;
	...
 }

@depends on change@
identifier unwalks.unwalk, unwalks.i;
@@

 unwalk(...)
 {
	...
-	int i;
+	int i = 0;
	...
 }

@depends on change@
identifier unwalks.unwalk, mapped.S, mapped.M;
struct S *O;
expression ctx, start;
@@

 unwalk(ctx, start,
-	O->M
+	O->table
	, ...)

@gem@
identifier walks.walk, mapped.S, mapped.M, whole_map, O, T;
@@

 whole_map(..., struct S *O, ...)
 {
	struct sg_table *T = O->M;
	<+...
	walk(..., T, ...)
	...+>
 }

@depends on change@
identifier walks.walk, mapped.S, mapped.M, gem.whole_map, gem.O, gem.T;
@@

 whole_map(..., struct S *O, ...)
 {
-	struct sg_table *T = O->M;
+	struct phyr_table *table = O->table;
	<...
(
-	T->nents
+	dma_phyr_count(&table->map)
|
-	sg_dma_address(T->sgl)
+	dma_phyr_start(&table->map)
|
-	sg_dma_len(T->sgl)
+	(u32)phyr_list_bytes(&table->list)
|
	walk(...,
-	     T,
+	     table,
	     ...)
)
	...>
 }

@script:python depends on report@
p << mapped.p;
q << whole.q;
@@
coccilib.report.print_report(p[0], "phyr: a GEM object's table, of pages or imported, can be a phyr_table")

@script:python depends on org@
p << mapped.p;
q << whole.q;
@@
coccilib.org.print_todo(p[0], "phyr: a GEM object's table, of pages or imported, can be a phyr_table")
