// SPDX-License-Identifier: GPL-2.0-only
/// The scatterlist was an array with an entry for each page of a vmalloc area. A physical
/// range list takes the area as a whole. What walks the list for the device takes lists of
/// a framework, too: it is given a view that has the DMA addresses, made when the list is
/// mapped and freed when it is unmapped.
///
//# The walker may read DMA addresses and lengths, and offsets, which were 0 and still are.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: vmalloc_to_page, dma_map_sg, dma_unmap_sg, sg_init_table, hw_params
// Comments: The area is mapped in hw_params(), which may sleep.

virtual patch
virtual context
virtual org
virtual report

// What holds the list: entries, and how many there are for the device

@held@
identifier S, M, N;
@@

 struct S {
	...
	struct scatterlist *M;
	int N;
	...
 };

@made@
identifier held.M;
identifier init, B, A, nr, pages, no_page, no_list;
local idexpression struct page *pg;
local idexpression int i;
position p;
@@

 init@p(..., unsigned long nr)
 {
	... when any
	B->A = vmalloc_32(nr << PAGE_SHIFT);
	... when != B = ...
	    when any
	B->pages = nr;
	B->M = vzalloc(array_size(sizeof(*B->M), B->pages));
	if (B->M == NULL)
		goto no_list;
	sg_init_table(B->M, B->pages);
	for (i = 0; i < B->pages; i++) {
		pg = vmalloc_to_page(B->A + i * PAGE_SIZE);
		if (pg == NULL)
			goto no_page;
		sg_set_page(&B->M[i], pg, PAGE_SIZE, 0);
	}
	return 0;
 ... when any
 }

@given_up exists@
identifier held.M, made.B, made.A, made.no_page, made.no_list;
@@

no_page:
	vfree(B->M);
	B->M = NULL;
no_list:
	vfree(B->A);
	B->A = NULL;
	return -ENOMEM;

@mapped@
identifier held.M, held.N, made.pages;
identifier map, B;
expression d, dir;
statement s;
position p;
@@

 map(...)
 {
	...
	B->N = dma_map_sg@p(d, B->M, B->pages, dir);
	if (B->N == 0) s
	return 0;
 }

// The view is allocated where this may sleep

@sleeps@
identifier mapped.map;
identifier params;
@@

 params(...)
 {
	<+... map(...) ...+>
 }

@ops@
identifier sleeps.params, o;
@@

 struct snd_pcm_ops o = { .hw_params = params, };

@elsewhere@
identifier mapped.map, f != sleeps.params;
@@

 f(...)
 {
	<+... map(...) ...+>
 }

@unmapped@
identifier held.M, held.N, made.pages;
identifier unmap, B;
expression d, dir;
@@

 unmap(...)
 {
	...
	if (!B->N)
		return 0;
	dma_unmap_sg(d, B->M, B->pages, dir);
	B->N = 0;
	return 0;
 }

@freed@
identifier held.M, made.A;
identifier B, f;
@@

 f(...)
 {
	...
	vfree(B->M);
	B->M = NULL;
	vfree(B->A);
	...
 }

// Who walks it, in two steps at most; nothing else may get hold of an entry

@walked@
identifier held.M;
identifier walk != {dma_map_sg, dma_unmap_sg, sg_init_table, vfree};
expression list[n] before;
expression B;
@@

 walk(before, \(B->M\|B.M\), ...)

@walker@
identifier walked.walk;
parameter list[walked.n] ps;
identifier list;
type T;
@@

 T walk(ps, struct scatterlist *list, ...)
 { ... }

@hands@
identifier walked.walk;
identifier step != {sg_next, sg_dma_address, sg_dma_len};
expression list[n] before;
struct scatterlist *sg;
type T;
@@

 T walk(...)
 {
	<+... step(before, sg, ...) ...+>
 }

@stepper@
identifier hands.step;
parameter list[hands.n] ps;
identifier list;
type T;
@@

 T step(ps, struct scatterlist *list, ...)
 { ... }

@looks@
identifier hands.step != {sg_next, sg_dma_address, sg_dma_len};
identifier other != {sg_next, sg_dma_address, sg_dma_len};
struct scatterlist *sg;
expression e;
type T;
@@

 T step(...)
 {
	<+... \(other(..., sg, ...)\|sg->length\|sg->page_link\|sg[e]\|sg + e\|sg++\) ...+>
 }

// The view has fewer entries than the area has pages: who walks it has to ask how long one
// is, and be told how many there are for the device

@asks exists@
iterator name for_each_sg_dma_page;
identifier walked.walk;
struct scatterlist *sg;
statement s;
@@

 walk(...)
 {
	... when any
(
	for_each_sg_dma_page(sg, ...) s
|
	sg_dma_len(sg)
)
	... when any
 }

@asks_too exists@
iterator name for_each_sg_dma_page;
identifier hands.step;
struct scatterlist *sg;
statement s;
@@

 step(...)
 {
	... when any
(
	for_each_sg_dma_page(sg, ...) s
|
	sg_dma_len(sg)
)
	... when any
 }

@counts exists@
iterator name for_each_sg;
identifier walked.walk;
statement s;
@@

 walk(...)
 {
	... when any
	for_each_sg(...) s
	... when any
 }

@counts_too exists@
iterator name for_each_sg;
identifier hands.step;
statement s;
@@

 step(...)
 {
	... when any
	for_each_sg(...) s
	... when any
 }

@told exists@
identifier held.N, walked.walk;
expression B;
@@

 walk(..., \(B->N\|B.N\), ...)

@pages_told exists@
identifier made.pages, walked.walk;
expression B;
@@

 walk(..., \(B->pages\|B.pages\), ...)

@looks_too@
identifier walked.walk;
struct scatterlist *sg;
expression e;
type T;
@@

 T walk(...)
 {
	<+... \(sg->length\|sg->page_link\|sg[e]\|sg + e\|sg++\) ...+>
 }

@unknown depends on hands && !stepper@
identifier held.S;
@@

 struct S { ... };

@whole depends on made && given_up && ops && !elsewhere && unmapped && freed && walker && !looks && !looks_too && !unknown && (asks || asks_too) && (told || !counts && !counts_too) && !pages_told@
identifier held.S;
position q;
@@

 struct S@q { ... };

@script:python names depends on patch@
q << whole.q;
M << held.M;
view;
@@

coccinelle.view = M + "_view"

@depends on names@
identifier held.S, held.M;
@@

 struct S {
	...
-	struct scatterlist *M;
+	struct phyr_table M;
	...
 };

@depends on names@
identifier held.S, held.N, names.view;
@@

 struct S {
	...
-	int N;
+	struct sg_table view;
	...
 };

@depends on names@
identifier held.M, made.init, made.B, made.A, made.nr, made.pages, made.no_page, made.no_list;
identifier pg, i;
@@

 init(..., unsigned long nr)
 {
	... when any
-	struct page *pg;
-	int i;
	... when any
	B->pages = nr;
-	B->M = vzalloc(array_size(sizeof(*B->M), B->pages));
-	if (B->M == NULL)
-		goto no_list;
-	sg_init_table(B->M, B->pages);
-	for (i = 0; i < B->pages; i++) {
-		pg = vmalloc_to_page(B->A + i * PAGE_SIZE);
-		if (pg == NULL)
-			goto no_page;
-		sg_set_page(&B->M[i], pg, PAGE_SIZE, 0);
-	}
+	if (phyr_table_from_kaddr(&B->M, B->A, nr << PAGE_SHIFT, GFP_KERNEL)) {
+		vfree(B->A);
+		B->A = NULL;
+		return -ENOMEM;
+	}
	return 0;
	... when any
 }

@depends on names exists@
identifier held.M, made.B, made.A, made.no_page, made.no_list;
@@

-no_page:
-	vfree(B->M);
-	B->M = NULL;
-no_list:
-	vfree(B->A);
-	B->A = NULL;
-	return -ENOMEM;

@depends on names@
identifier held.M, held.N, mapped.map, made.pages, names.view;
identifier B;
expression d, dir;
statement s;
@@

 map(...)
 {
	...
-	B->N = dma_map_sg(d, B->M, B->pages, dir);
-	if (B->N == 0)
+	if (dma_map_phyr_table_view(d, &B->M, &B->view, dir, 0, GFP_KERNEL))
	s
	return 0;
 }

@depends on names@
identifier held.M, held.N, unmapped.unmap, made.pages, names.view;
identifier B;
expression d, dir;
@@

 unmap(...)
 {
	...
-	if (!B->N)
+	if (!B->view.sgl)
		return 0;
-	dma_unmap_sg(d, B->M, B->pages, dir);
-	B->N = 0;
+	dma_unmap_phyr_table_view(d, &B->M, &B->view, dir, 0);
	return 0;
 }

@depends on names@
identifier held.M, freed.f;
expression B;
@@

 f(...)
 {
	...
-	vfree(B->M);
-	B->M = NULL;
+	phyr_table_free(&B->M);
	...
 }

@depends on names@
identifier held.M, walked.walk, names.view;
expression list[walked.n] before;
expression B;
@@

(
 walk(before,
- B->M
+ B->view.sgl
  , ...)
|
 walk(before,
- B.M
+ B.view.sgl
  , ...)
)

@depends on names@
identifier held.N, walked.walk, names.view;
expression B;
@@

 walk(...,
(
- B->N
+ B->view.nents
|
- B.N
+ B.view.nents
)
  , ...)

@script:python depends on report@
p << mapped.p;
q << whole.q;
@@
coccilib.report.print_report(p[0], "phyr: the list of a vmalloc area, whose walker also takes lists of a framework, can be a phyr_table")

@script:python depends on org@
p << mapped.p;
q << whole.q;
@@
coccilib.org.print_todo(p[0], "phyr: the list of a vmalloc area, whose walker also takes lists of a framework, can be a phyr_table")
