// SPDX-License-Identifier: GPL-2.0-only
/// The memory of a coherent allocation was described by an sg_table, which was mapped and was
/// kept as long as the memory. It becomes a phyr table. The sg_table is there while that is
/// made, and while an IOMMU is told of the memory by a function that takes tables of a
/// framework, too.
///
//# The function for the IOMMU may hand the table to iommu_map_sgtable() and no one else.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: dma_get_sgtable_attrs, dma_map_sgtable, iommu_map_sgtable
// Comments: What else uses the member fails to compile.

virtual patch
virtual context
virtual org
virtual report

@made exists@
identifier S, M, B, make, ret, walk, out, unmap, no_map, a;
expression dev, cookie, handle, size, attrs, dir, domain;
expression list[k] before;
expression list[m] behind;
statement s1;
position p;
@@

 make(..., struct S **out, ...)
 {
	... when any
	struct S *B;
	int ret;

	B = kzalloc(sizeof(*B), GFP_KERNEL);
	... when any
	ret = dma_get_sgtable_attrs(dev, &B->M, cookie, handle, size, attrs);
	if (ret) s1
	ret = dma_map_sgtable@p(dev, &B->M, dir, attrs);
	if (ret) {
		dev_err(...);
		goto no_map;
	}
	if (domain) {
		ret = walk(before, &B->M, behind);
		if (ret) {
			dev_err(...);
			goto unmap;
		}
		...
	} else {
		B->a = sg_dma_address(B->M.sgl);
	}
	*out = B;
	return 0;
 }

@given_up exists@
identifier made.B, made.M, made.unmap, made.no_map;
expression made.dev, made.dir, made.attrs;
@@

unmap:
	dma_unmap_sgtable(dev, &B->M, dir, attrs);
no_map:
	sg_free_table(&B->M);

@walker@
identifier made.walk, table;
parameter list[made.k] before;
parameter list[made.m] behind;
expression x;
@@

 walk(before, struct sg_table *table, behind)
 {
	... when != table
	x = iommu_map_sgtable(..., table, ...);
	... when != table
 }

@freed@
identifier made.S, made.M, B, f;
expression dev, dir, attrs;
@@

 f(struct S *B)
 {
	... when any
	dma_unmap_sgtable(dev, &B->M, dir, attrs);
	sg_free_table(&B->M);
	... when any
 }

@held depends on given_up && walker && freed@
identifier made.S, made.M;
position q;
@@

 struct S@q {
	...
	struct sg_table M;
	...
 };

@script:python names depends on patch@
q << held.q;
M << made.M;
table;
@@

coccinelle.table = M.removesuffix("sgt") + "table"

@depends on names@
identifier made.S, made.M, names.table;
@@

 struct S {
	...
-	struct sg_table M;
+	struct phyr_table table;
	...
 };

@depends on names exists@
identifier made.S, made.M, made.B, made.make, made.ret, made.walk, made.out, made.no_map, made.a;
identifier names.table;
expression made.dev, made.dir, made.attrs, made.domain;
expression cookie, handle, size;
expression list[made.k] before;
expression list[made.m] behind;
statement s1, s2;
@@

 make(..., struct S **out, ...)
 {
	... when any
	struct S *B;
+	struct sg_table M;
	int ret;

	... when any
	ret = dma_get_sgtable_attrs(dev,
-				    &B->M,
+				    &M,
				    cookie, handle, size, attrs);
	if (ret) s1
+	ret = phyr_table_from_sgtable(&B->table, &M, GFP_KERNEL);
+	if (ret)
+		goto no_map;
-	ret = dma_map_sgtable(dev, &B->M, dir, attrs);
+	ret = dma_map_phyr_table(dev, &B->table, dir, attrs);
	if (ret) s2
	if (domain) {
		ret = walk(before,
-			   &B->M,
+			   &M,
			   behind);
		...
	} else {
-		B->a = sg_dma_address(B->M.sgl);
+		B->a = dma_phyr_start(&B->table.map);
	}
+	sg_free_table(&M);
	*out = B;
	return 0;
 }

@depends on names exists@
identifier made.B, made.M, made.unmap, names.table;
expression made.dev, made.dir, made.attrs;
@@

unmap:
-	dma_unmap_sgtable(dev, &B->M, dir, attrs);
+	dma_unmap_phyr_table(dev, &B->table, dir, attrs);

@depends on names exists@
identifier made.B, made.M, made.no_map, names.table;
@@

no_map:
-	sg_free_table(&B->M);
+	phyr_table_free(&B->table);
+	sg_free_table(&M);

@depends on names@
identifier made.S, made.M, freed.B, freed.f, names.table;
expression dev, dir, attrs;
@@

 f(struct S *B)
 {
	... when any
-	dma_unmap_sgtable(dev, &B->M, dir, attrs);
+	dma_unmap_phyr_table(dev, &B->table, dir, attrs);
-	sg_free_table(&B->M);
+	phyr_table_free(&B->table);
	... when any
 }

@script:python depends on report@
p << made.p;
q << held.q;
@@
coccilib.report.print_report(p[0], "phyr: the table of a coherent allocation can be a phyr_table")

@script:python depends on org@
p << made.p;
q << held.q;
@@
coccilib.org.print_todo(p[0], "phyr: the table of a coherent allocation can be a phyr_table")
