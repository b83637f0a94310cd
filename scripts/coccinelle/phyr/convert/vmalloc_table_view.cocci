// SPDX-License-Identifier: GPL-2.0-only
/// An image in a vmalloc area was described by an sg_table with an entry for each page. A
/// phyr table takes the area as a whole. The sg_table stays, as a view of the mapping with
/// DMA addresses only, for the code that walks lists of a framework as well.
///
//# What walks the table must read DMA addresses and lengths only.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
// Keywords: vmalloc_to_page, for_each_sgtable_sg, dma_map_sgtable, sg_alloc_table
// Comments: Walkers are looked at in the files that are given.

virtual patch
virtual context
virtual org
virtual report

@made exists@
identifier make, F, N, M, image, pages, ret, sg, data, i, pg;
expression len, dev, dir;
iterator name for_each_sgtable_sg;
position p;
@@

 make(...)
 {
	... when any
	F->image = vmalloc(len);
	if (F->image) {
		int pages = len >> PAGE_SHIFT;
		int ret = 0;
		... when != F->image = ...
		    when != ret = ...
		ret = sg_alloc_table(&F->N.M, pages, GFP_KERNEL);
		if (ret == 0) {
			struct scatterlist *sg;
			u8 *data = F->image;
			int i;

			for_each_sgtable_sg(&F->N.M, sg, i) {
				struct page *pg = vmalloc_to_page(data);

				if (!pg) {
					ret = -EFAULT;
					break;
				}
				sg_set_page(sg, pg, PAGE_SIZE, 0);
				data += PAGE_SIZE;
			}
			if (ret == 0) {
				ret = dma_map_sgtable@p(dev, &F->N.M, dir, 0);
			}
			if (ret)
				sg_free_table(&F->N.M);
		}
		if (ret) {
			vfree(F->image);
			F->image = NULL;
		}
	}
	... when any
 }

@freed exists@
identifier made.N, made.M, made.image, F, f;
expression dev, dir;
@@

 f(...)
 {
	... when any
	dma_unmap_sgtable(dev, &F->N.M, dir, 0);
	sg_free_table(&F->N.M);
	vfree(F->image);
	... when any
 }

// Nobody may look for the pages of an entry that may be one of the view. Loops over other
// tables may: over other members, and in functions that are never given this one.

@initialize:python@
@@

given = set()

@gives@
identifier made.N, made.M, f;
expression F;
@@

 f(..., \(&F->N.M\|&F.N.M\), ...)

@script:python@
f << gives.f;
@@

given.add(f)

@members@
identifier made.M, O != made.M;
iterator name for_each_sgtable_sg;
struct scatterlist *sg;
expression T, i;
position q;
@@

 for_each_sgtable_sg(&T->O, sg, i) {
	<+... \(sg->length@q\|sg_page@q(sg)\|sg_virt@q(sg)\) ...+>
 }

@loops@
identifier f, T;
iterator name for_each_sgtable_sg;
struct scatterlist *sg;
expression i;
position q;
@@

 f(...)
 {
	<+...
	for_each_sgtable_sg(T, sg, i) {
		<+... \(sg->length@q\|sg_page@q(sg)\|sg_virt@q(sg)\) ...+>
	}
	...+>
 }

@script:python others@
f << loops.f;
q << loops.q;
@@

if f in given:
    cocci.include_match(False)

@looks@
struct scatterlist *sg;
position p != {members.q, loops.q};
@@

(
 sg->length@p
|
 sg->page_link@p
|
 sg_page@p(sg)
|
 sg_virt@p(sg)
|
 sg_phys@p(sg)
)

@counts@
identifier made.N, made.M;
expression F, x, y;
@@

(
 F->N.M.orig_nents
|
 dma_sync_sgtable_for_cpu(x, &F->N.M, y)
|
 dma_sync_sgtable_for_device(x, &F->N.M, y)
)

@held depends on freed && !looks && !counts@
identifier O, S, L, made.N, made.M;
position q;
@@

 struct O@q {
	...
	struct S {
		...
		union {
			struct scatterlist L;
			struct sg_table M;
		};
	} N;
	...
 };

@script:python change depends on patch@
q << held.q;
table;
@@

coccinelle.table = "table"

@depends on change@
identifier held.O, held.S, held.L, made.N, made.M;
@@

 struct O {
	...
	struct S {
		...
+		struct phyr_table table;
		union {
			struct scatterlist L;
			struct sg_table M;
		};
	} N;
	...
 };

// First the way out of the loop: spatch would leave the brace behind it

@depends on change@
identifier made.F, made.N, made.M, made.ret, made.sg, made.data, made.pg;
iterator name for_each_sgtable_sg;
expression i;
@@

	for_each_sgtable_sg(&F->N.M, sg, i) {
		struct page *pg = vmalloc_to_page(data);
		if (!pg) {
			ret = -EFAULT;
-			break;
		}
		...
	}

@depends on change@
identifier made.F, made.N, made.M, made.image, made.pages, made.ret, made.sg, made.data;
identifier made.i, made.pg;
expression made.len, dev, dir;
iterator name for_each_sgtable_sg;
@@

-	ret = sg_alloc_table(&F->N.M, pages, GFP_KERNEL);
+	ret = phyr_table_from_kaddr(&F->N.table, F->image, len, GFP_KERNEL);
	if (ret == 0) {
-		struct scatterlist *sg;
-		u8 *data = F->image;
-		int i;
-		for_each_sgtable_sg(&F->N.M, sg, i) {
-			struct page *pg = vmalloc_to_page(data);
-			if (!pg) {
-				ret = -EFAULT;
-			}
-			sg_set_page(sg, pg, PAGE_SIZE, 0);
-			data += PAGE_SIZE;
-		}
-		if (ret == 0) {
-			ret = dma_map_sgtable(dev, &F->N.M, dir, 0);
-		}
+		ret = dma_map_phyr_table_view(dev, &F->N.table, &F->N.M, dir, 0, GFP_KERNEL);
		if (ret)
-			sg_free_table(&F->N.M);
+			phyr_table_free(&F->N.table);
	}

@depends on change@
identifier made.F, made.image, made.pages, made.ret;
expression made.len;
@@

	if (F->image) {
-		int pages = len >> PAGE_SHIFT;
-		int ret = 0;
+		int ret;
		...
	}

@depends on change exists@
identifier made.N, made.M, made.image, freed.F, freed.f;
expression dev, dir;
@@

 f(...)
 {
	... when any
-	dma_unmap_sgtable(dev, &F->N.M, dir, 0);
-	sg_free_table(&F->N.M);
+	dma_unmap_phyr_table_view(dev, &F->N.table, &F->N.M, dir, 0);
+	phyr_table_free(&F->N.table);
	vfree(F->image);
	... when any
 }

@script:python depends on report@
p << made.p;
q << held.q;
@@
coccilib.report.print_report(p[0], "phyr: the table of a vmalloc area can be a view of a phyr table")

@script:python depends on org@
p << made.p;
q << held.q;
@@
coccilib.org.print_todo(p[0], "phyr: the table of a vmalloc area can be a view of a phyr table")
