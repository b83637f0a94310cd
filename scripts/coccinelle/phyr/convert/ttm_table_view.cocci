// SPDX-License-Identifier: GPL-2.0-only
/// The pages of a TTM buffer were mapped by an sg_table, in the place of which the table of an
/// imported buffer may be. The pages and their mapping become a phyr table, and the sg_table a
/// view of it that has the DMA addresses only, for what walks either.
///
/// What is imported is neither mapped again nor freed any more: it belongs to the exporter.
/// And who imports from this driver is always given a table of its own, as it frees that.
///
//# Walkers read the device's side of entries, page by page.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: TTM_TT_FLAG_EXTERNAL, sg_alloc_table_from_pages_segment, dma_map_sgtable, orig_nents
// Comments: What else uses the member fails to compile.

virtual patch
virtual context
virtual org
virtual report

@mapped@
identifier S, M, O, D, map;
expression e, dir;
position p;
@@

 static int map(struct S *O)
 {
	struct device *D = e;

	return dma_map_sgtable@p(D, &O->M, dir, 0);
 }

@unmapped@
identifier mapped.S, mapped.M, O, D, unmap;
expression e, dir;
@@

 static void unmap(struct S *O)
 {
	struct device *D = e;

	dma_unmap_sgtable(D, &O->M, dir, 0);
	O->M.nents = O->M.orig_nents;
 }

@made@
identifier mapped.M, mapped.map, O, V, K, tt, no_list, no_map, ret;
expression e, pages, n, bytes, segment;
@@

	if (e & TTM_TT_FLAG_EXTERNAL) {
		V->K = O->tt.sg;
	} else {
		V->K = &O->M;
		ret = sg_alloc_table_from_pages_segment(&O->M, pages, n, 0, bytes, segment, GFP_KERNEL);
		if (ret)
			goto no_list;
	}
	ret = map(O);
	if (unlikely(ret != 0))
		goto no_map;

@given_up exists@
identifier made.V, made.K, made.no_list, made.no_map, made.ret;
@@

no_map:
	drm_warn(...);
	sg_free_table(V->K);
	V->K = NULL;
no_list:
	return ret;

@freed@
identifier mapped.S, made.K, unmapped.unmap, W;
struct S *O;
@@

	unmap(O);
	sg_free_table(O->W.K);
	O->W.K = NULL;

@exported@
identifier mapped.S, made.K, freed.W;
struct S *O;
@@

	if (O->W.K)
		return O->W.K;
	return drm_prime_pages_to_sg(...);

@walked@
identifier made.K;
expression V, iter, off;
@@

	__sg_page_iter_start(iter, V->K->sgl, V->K->orig_nents, off)

@looks@
@@

	\(sg_page_iter_page(...)\|__sg_page_iter_next(...)\|sg_page(...)\|sg_virt(...)\|sg_phys(...)\)

@whole depends on unmapped && given_up && exported && walked && !looks@
identifier mapped.S, mapped.M;
position q;
@@

 struct S@q {
	...
	struct sg_table M;
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
-	struct sg_table M;
+	struct phyr_table table;
	...
 };

@depends on change@
identifier mapped.S;
@@

 struct S {
	...
	struct phyr_table table;
+	struct sg_table view;
	...
 };

@depends on change@
identifier mapped.S, mapped.M, mapped.map, O, D;
expression dir;
@@

 static int map(struct S *O)
 {
	...
-	return dma_map_sgtable(D, &O->M, dir, 0);
+	return dma_map_phyr_table_view(D, &O->table, &O->view, dir, 0, GFP_KERNEL);
 }

@depends on change@
identifier mapped.S, mapped.M, unmapped.unmap, O, D;
expression dir;
@@

 static void unmap(struct S *O)
 {
	...
-	dma_unmap_sgtable(D, &O->M, dir, 0);
-	O->M.nents = O->M.orig_nents;
+	dma_unmap_phyr_table_view(D, &O->table, &O->view, dir, 0);
+	phyr_table_free(&O->table);
 }

@depends on change@
identifier mapped.M, mapped.map, made.O, made.V, made.K, made.tt, made.no_list, made.no_map;
identifier made.ret;
expression e, pages, n, bytes, segment;
@@

	if (e & TTM_TT_FLAG_EXTERNAL) {
		V->K = O->tt.sg;
	} else {
-		V->K = &O->M;
-		ret = sg_alloc_table_from_pages_segment(&O->M, pages, n, 0, bytes, segment, GFP_KERNEL);
+		ret = phyr_table_from_pages(&O->table, pages, n, 0, bytes, GFP_KERNEL);
		if (ret)
			goto no_list;
+		ret = map(O);
+		if (unlikely(ret != 0))
+			goto no_map;
+		V->K = &O->view;
	}
-	ret = map(O);
-	if (unlikely(ret != 0))
-		goto no_map;

@depends on change exists@
identifier made.O, made.V, made.K, made.no_list, made.no_map, made.ret;
@@

no_map:
	drm_warn(...);
-	sg_free_table(V->K);
-	V->K = NULL;
+	phyr_table_free(&O->table);
no_list:
	return ret;

@depends on change@
identifier mapped.S, mapped.M, made.K, unmapped.unmap, freed.W;
struct S *O;
@@

-	unmap(O);
-	sg_free_table(O->W.K);
+	if (O->W.K == &O->view)
+		unmap(O);
	O->W.K = NULL;

@depends on change@
identifier mapped.S, mapped.M, made.K, freed.W;
struct S *O;
@@

-	if (O->W.K)
+	if (O->W.K && O->W.K != &O->view)
		return O->W.K;
	return drm_prime_pages_to_sg(...);

@script:python depends on report@
p << mapped.p;
q << whole.q;
@@
coccilib.report.print_report(p[0], "phyr: the table of a TTM buffer's pages can be a view of a phyr table")

@script:python depends on org@
p << mapped.p;
q << whole.q;
@@
coccilib.org.print_todo(p[0], "phyr: the table of a TTM buffer's pages can be a view of a phyr table")
