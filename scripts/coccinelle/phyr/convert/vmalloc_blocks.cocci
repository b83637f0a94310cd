// SPDX-License-Identifier: GPL-2.0-only
/// The pages of a vmalloc area, each an entry of an array that is allocated for them, and
/// each an address in a table of the device: a list takes the area as it is, and is walked
/// in blocks of a page. Behind an IOMMU, where pages were merged, the table has an address
/// for each page again, as without one.
///
//# How many addresses there are is not what an IOMMU has merged, but how many pages there
//# are, with and without one.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: vzalloc, vmalloc_to_page, sg_set_page, dma_map_sg
// Comments: What else uses the array fails to compile.

virtual patch
virtual context
virtual org
virtual report

@kept@
identifier S, M, N;
type T;
@@
struct S {
	...
	union {
		...
		struct {
			struct scatterlist *M;
			T N;
			...
		};
	};
	...
};

@make exists@
identifier kept.S, kept.M, kept.N;
struct S *x;
identifier l, buf, n, i, pg, cnt, err;
expression dev, dir;
typedef uintptr_t;
position p;
@@
  if ((uintptr_t)buf & ~PAGE_MASK)
	return ...;
  ... when != buf
  l = vzalloc(n * sizeof(*l));
  if (!l)
	return -ENOMEM;
  sg_init_table(l, n);
  for (i = 0; i < n; i++) {
	pg = vmalloc_to_page(buf);
	if (!pg)
		goto err;
	sg_set_page(&l[i], pg, PAGE_SIZE, 0);
	buf += PAGE_SIZE;
  }
  cnt = dma_map_sg@p(dev, l, n, dir);
  if (!cnt)
	goto err;
  x->M = l;
  x->N = cnt;
  return 0;

@failed depends on make@
identifier make.l, make.err;
@@
err:
  vfree(l);
  return -ENOMEM;

@walk depends on failed@
iterator name for_each_sg;
identifier kept.S, kept.M, kept.N;
struct S *x;
expression to;
identifier sg, idx, i;
@@
  for_each_sg(x->M, sg, x->N, i)
	to[idx++] = sg_dma_address(sg);

@finish depends on walk@
identifier kept.S, kept.M;
struct S *x;
expression dev, n, dir;
@@
  dma_unmap_sg(dev, x->M, n, dir);
  vfree(x->M);

// All of it is there

@whole depends on finish@
expression d, l, n, dir;
position make.p, at;
@@
  dma_map_sg@p@at(d, l, n, dir)

@depends on context@
expression d, l, n, dir;
position whole.at;
@@
* dma_map_sg@at(d, l, n, dir)

@made depends on patch@
identifier kept.S, kept.M, kept.N;
struct S *x;
identifier l, buf, n, i, pg, cnt, err;
expression dev, dir;
position whole.at;
@@
- l = vzalloc(n * sizeof(*l));
- if (!l)
-	return -ENOMEM;
- sg_init_table(l, n);
- for (i = 0; i < n; i++) {
-	pg = vmalloc_to_page(buf);
-	if (!pg)
-		goto err;
-	sg_set_page(&l[i], pg, PAGE_SIZE, 0);
-	buf += PAGE_SIZE;
- }
- cnt = dma_map_sg@at(dev, l, n, dir);
- if (!cnt)
-	goto err;
- x->M = l;
- x->N = cnt;
+ phyr_table_init(&x->M);
+ ret = phyr_list_append_kaddr(&x->M.list, buf, (size_t)n * PAGE_SIZE, GFP_KERNEL);
+ if (ret)
+	return ret;
+ ret = dma_map_phyr_table(dev, &x->M, dir, 0);
+ if (ret) {
+	phyr_table_free(&x->M);
+	return ret;
+ }
+ x->N = dma_phyr_count_blocks(&x->M.map, PAGE_SIZE);
  return 0;

@depends on made@
identifier made.l, made.err;
@@
- err:
- vfree(l);
- return -ENOMEM;

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
  ... when != cnt

@depends on made@
identifier made.pg;
@@
- struct page *pg;
+ int ret;
  ... when != pg

@depends on made@
identifier made.l;
@@
- struct scatterlist *l;
  ... when != l

@walked depends on made@
iterator name for_each_sg, dma_phyr_for_each_block;
symbol iter;
identifier kept.S, kept.M, kept.N;
struct S *x;
expression to;
identifier sg, idx, i;
@@
- for_each_sg(x->M, sg, x->N, i)
+ dma_phyr_for_each_block(iter, &x->M.map, PAGE_SIZE)
	to[idx++] =
-		sg_dma_address(sg)
+		iter.addr
	;

@depends on walked@
identifier walked.sg;
@@
- struct scatterlist *sg;
+ struct dma_phyr_block_iter iter;
  ... when != sg

@depends on walked@
identifier walked.i;
type T;
@@
- T i;
  ... when != i

@depends on made@
identifier kept.M;
expression x, dev, n, dir;
@@
(
- dma_unmap_sg(dev, x->M, n, dir);
+ dma_unmap_phyr_table(dev, &x->M, dir, 0);
|
- vfree(x->M);
+ phyr_table_free(&x->M);
)

@depends on made@
identifier kept.M;
expression x;
@@
- sg_dma_address(x->M)
+ dma_phyr_start(&x->M.map)

@depends on made@
identifier kept.M;
expression x;
@@
- x->M[0].dma_address
+ dma_phyr_start(&x->M.map)

@depends on made@
identifier kept.S, kept.M, kept.N;
type T;
@@
struct S {
	...
	union {
		...
		struct {
-			struct scatterlist *M;
+			struct phyr_table M;
			T N;
			...
		};
	};
	...
};

@script:python depends on report@
p << whole.at;
@@
coccilib.report.print_report(p[0], "pages of a vmalloc area can be a phyr list")

@script:python depends on org@
p << whole.at;
@@
coccilib.org.print_todo(p[0], "pages of a vmalloc area can be a phyr list")
