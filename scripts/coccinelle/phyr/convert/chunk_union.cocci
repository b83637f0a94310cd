// SPDX-License-Identifier: GPL-2.0-only
/// Chunks of pages of several orders, in a union with coherent buffers, and an iterator that
/// counts entries: a phyr table in the union keeps the allocations apart, so that they are
/// given back as they came, and the iterator has the walk of the mapping.
///
//# What the device is told of has to be used in order, and not by the number of an entry.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: alloc_pages_node, get_order, dma_map_sg, sg_init_table
// Comments: What else uses the entries fails to compile.

virtual patch
virtual context
virtual org
virtual report

@chunk@
identifier S, NP, NS, CO, M, L, B, BUF;
@@
struct S {
	struct list_head L;
	int NP;
	int NS;
	bool CO;
	union {
		struct scatterlist M[...];
		struct B BUF[...];
	};
};

@allocated depends on chunk@
identifier alloc, mem, order, mask, node, page;
@@
 alloc(struct scatterlist *mem, int order, gfp_t mask, int node)
 {
	struct page *page;

	page = alloc_pages_node(node, mask, order);
	if (!page) {
		page = alloc_pages(mask, order);
		if (!page)
			return -ENOMEM;
	}
	sg_set_page(mem, page, PAGE_SIZE << order, 0);
	return 0;
 }

@released depends on allocated@
identifier chunk.S, chunk.NP, chunk.NS, chunk.M, release, c, i;
expression dev, dir;
@@
 release(..., struct S *c)
 {
	int i;

	if (c->NS > 0)
		dma_unmap_sg(dev, c->M, c->NP, dir);
	for (i = 0; i < c->NP; ++i)
		__free_pages(sg_page(&c->M[i]), get_order(c->M[i].length));
 }

@looked depends on released@
identifier chunk.NP, chunk.M, chunk.BUF, chunk.L, c, i, len, dma, addr, page, to, doff, off, out;
identifier SZ, AD, DM, H;
expression co, w;
iterator name list_for_each_entry;
@@
  list_for_each_entry(c, &w->H, L) {
	for (i = 0; i < c->NP; ++i) {
		dma_addr_t dma;
		size_t len;

		if (co) {
			len = c->BUF[i].SZ;
			dma = c->BUF[i].DM;
			addr = c->BUF[i].AD;
		} else {
			struct page *page;

			len = sg_dma_len(&c->M[i]);
			dma = sg_dma_address(&c->M[i]);
			page = sg_page(&c->M[i]);
			addr = lowmem_page_address(page);
		}
		if (to && doff >= 0) {
			if (len > doff)
				*to = dma + doff;
			doff -= len;
		}
		if (len > off)
			goto out;
		off -= len;
	}
  }

@stepped depends on looked@
identifier chunk.S, chunk.NS, chunk.L, I, nx, it, C, W, H, IX;
@@
 nx(struct I *it)
 {
	if (++it->IX >= it->C->NS) {
		if (it->C->L.next == &it->W->H) {
			it->C = NULL;
			return;
		}
		it->C = list_entry(it->C->L.next, struct S, L);
		it->IX = 0;
	}
 }

@asked depends on stepped@
identifier stepped.I, stepped.C, stepped.IX, chunk.CO, chunk.M, chunk.BUF, ad, it, DM;
@@
 ad(struct I *it)
 {
	if (it->C->CO)
		return it->C->BUF[it->IX].DM;
	else
		return sg_dma_address(&it->C->M[it->IX]);
 }

@whole depends on asked@
identifier chunk.S, chunk.M;
struct S *c;
expression d, n, dir;
position at;
@@
  dma_map_sg@at(d, c->M, n, dir)

@depends on context@
expression d, l, n, dir;
position whole.at;
@@
* dma_map_sg@at(d, l, n, dir)

@made depends on patch@
identifier chunk.S, chunk.M, chunk.NS, bad;
struct S *c;
expression d, n, dir;
position whole.at;
@@
- c->NS = dma_map_sg@at(d, c->M, n, dir);
- if (!c->NS)
-	goto bad;
+ if (dma_map_phyr_table(d, &c->M, dir, 0))
+	goto bad;
+ c->NS = dma_phyr_count(&c->M.map);

@depends on made@
identifier chunk.S, chunk.M;
struct S *c;
expression n;
@@
- sg_init_table(c->M, n);
+ phyr_table_init(&c->M);

@depends on made@
identifier chunk.S, chunk.M, chunk.NP, allocated.alloc;
struct S *c;
expression order, mask, node;
@@
  alloc(
- &c->M[c->NP]
+ &c->M.list
  , order, mask, node)

@depends on made@
identifier allocated.alloc, mem, order, mask, node, page;
@@
 alloc(
-	struct scatterlist
+	struct phyr_list
	*mem, int order, gfp_t mask, int node)
 {
	struct page *page;
+	int ret;

	...
-	sg_set_page(mem, page, PAGE_SIZE << order, 0);
-	return 0;
+	ret = phyr_list_append_unmerged(mem, page_to_phys(page), PAGE_SIZE << order,
+					mask & ~__GFP_HIGHMEM);
+	if (ret)
+		__free_pages(page, order);
+	return ret;
 }

@depends on made@
iterator name phyr_list_for_each;
identifier chunk.S, chunk.NP, chunk.M, released.release, c, i;
symbol range, iter;
@@
 release(..., struct S *c)
 {
	...
-	for (i = 0; i < c->NP; ++i)
+	phyr_list_for_each(range, iter, &c->M.list)
		__free_pages(
-			sg_page(&c->M[i])
+			pfn_to_page(PHYS_PFN(range.addr))
			, get_order(
-				    c->M[i].length
+				    range.len
			));
+	phyr_table_free(&c->M);
 }

@depends on made@
identifier chunk.S, chunk.NP, chunk.M, released.release, released.i, c;
expression dev, dir;
@@
 release(..., struct S *c)
 {
-	int i;
+	struct phyr_iter iter;
+	struct phyr range;
	<...
-	dma_unmap_sg(dev, c->M, c->NP, dir);
+	dma_unmap_phyr_table(dev, &c->M, dir, 0);
	...>
 }

@depends on made@
identifier chunk.NP, chunk.M, chunk.BUF, chunk.L, c, i, len, dma, addr, page, to, doff, off, out;
identifier SZ, AD, DM, H;
expression co, w;
iterator name list_for_each_entry;
@@
  list_for_each_entry(c, &w->H, L) {
+	if (!co) {
+		struct phyr_iter iter;
+
+		if (phyr_iter_init_window(&iter, &c->M.list, off, 1)) {
+			off -= phyr_list_bytes(&c->M.list);
+			continue;
+		}
+		if (to)
+			*to = dma_phyr_address(&c->M.map, off);
+		addr = phys_to_virt(phyr_iter_addr(&iter));
+		off = 0;
+		goto out;
+	}
	for (i = 0; i < c->NP; ++i) {
-		dma_addr_t dma;
-		size_t len;
-
-		if (co) {
-			len = c->BUF[i].SZ;
-			dma = c->BUF[i].DM;
-			addr = c->BUF[i].AD;
-		} else {
-			struct page *page;
-
-			len = sg_dma_len(&c->M[i]);
-			dma = sg_dma_address(&c->M[i]);
-			page = sg_page(&c->M[i]);
-			addr = lowmem_page_address(page);
-		}
+		dma_addr_t dma = c->BUF[i].DM;
+		size_t len = c->BUF[i].SZ;
+
+		addr = c->BUF[i].AD;
		if (to && doff >= 0) {
			if (len > doff)
				*to = dma + doff;
			doff -= len;
		}
		if (len > off)
			goto out;
		off -= len;
	}
  }

// The iterator enters a chunk where it becomes its own

@depends on made@
identifier chunk.S, chunk.L, chunk.CO, chunk.M, stepped.I, stepped.C, stepped.W, stepped.IX, first, it, x;
identifier stepped.H;
@@
 first(..., struct I *it)
 {
	it->W = x;
	it->C = list_empty(&x->H) ? NULL : list_entry(x->H.next, struct S, L);
	it->IX = 0;
+	if (it->C && !it->C->CO) {
+		dma_phyr_iter_init(&it->dma, &it->C->M.map);
+		dma_phyr_iter_next(&it->dma, &it->range);
+	}
 }

@depends on made@
identifier chunk.S, chunk.NS, chunk.L, chunk.CO, chunk.M, stepped.nx, it, stepped.C, stepped.IX;
@@
 nx(...)
 {
	if (++it->IX >= it->C->NS) {
		...
		it->C = list_entry(it->C->L.next, struct S, L);
		it->IX = 0;
+		if (!it->C->CO)
+			dma_phyr_iter_init(&it->dma, &it->C->M.map);
	}
+	if (!it->C->CO)
+		dma_phyr_iter_next(&it->dma, &it->range);
 }

@depends on made@
identifier chunk.M, stepped.C, stepped.IX;
expression it;
@@
- sg_dma_address(&it->C->M[it->IX])
+ it->range.addr

@depends on made@
identifier chunk.M, stepped.C, stepped.IX;
expression it;
@@
- sg_dma_len(&it->C->M[it->IX])
+ it->range.len

@depends on made@
identifier stepped.I, stepped.C, stepped.IX, chunk.S;
@@
struct I {
	...
	struct S *C;
	int IX;
+	struct dma_phyr_iter dma;
+	struct dma_phyr range;
	...
};

@depends on made@
identifier chunk.S, chunk.NP, chunk.NS, chunk.CO, chunk.M, chunk.L, chunk.B, chunk.BUF;
expression n;
@@
struct S {
	struct list_head L;
	int NP;
	int NS;
	bool CO;
	union {
-		struct scatterlist
+		struct phyr_table
		M
-		[n]
		;
		struct B BUF[...];
	};
};

@script:python depends on report@
p << whole.at;
@@
coccilib.report.print_report(p[0], "chunks of pages can be a phyr table")

@script:python depends on org@
p << whole.at;
@@
coccilib.org.print_todo(p[0], "chunks of pages can be a phyr table")
