// SPDX-License-Identifier: GPL-2.0-only
/// Entries that are found by their numbers, each an allocation of pages of its own, or a
/// coherent buffer whose address is written into it: a page, an address and a length take
/// their place, and dma_map_page() maps each allocation where it is made.
///
//# A structure is declared for them, before the one that has them.  Single entries of
//# another structure for pinned pages, which are mapped one by one, become the same.
//# Chunks are as large as before: a head and entries in 256 bytes.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: sg_set_page, sg_set_buf, sg_init_table, get_order, dma_map_sg, dma_alloc_coherent
// Comments: What else uses the entries fails to compile.

virtual patch
virtual context
virtual org
virtual report

@chunk@
identifier S, NP, NS, M, L;
@@
struct S {
	struct list_head L;
	int NP;
	int NS;
	struct scatterlist M[...];
};

@allocated depends on chunk@
identifier alloc, mem, order, mask, pg;
expression m;
@@
 alloc(struct scatterlist *mem, int order, gfp_t mask)
 {
	struct page *pg;

	pg = alloc_pages(m, order);
	if (!pg)
		return -ENOMEM;
	sg_set_page(mem, pg, PAGE_SIZE << order, 0);
	return 0;
 }

@coherent depends on allocated@
identifier buffer, dev, mem, order, mask, buf;
expression m;
@@
 buffer(struct device *dev, struct scatterlist *mem, int order, gfp_t mask)
 {
	void *buf = dma_alloc_coherent(dev, PAGE_SIZE << order, &sg_dma_address(mem), m);
	if (!buf)
		return -ENOMEM;
	sg_set_buf(mem, buf, PAGE_SIZE << order);
	BUG_ON(mem->offset);
	sg_dma_len(mem) = PAGE_SIZE << order;
	return 0;
 }

@released depends on coherent@
identifier chunk.S, chunk.NP, chunk.NS, chunk.M, release, c, i;
expression d, dir;
@@
 release(..., struct S *c)
 {
	int i;

	if (c->NS > 0)
		dma_unmap_sg(d, c->M, c->NP, dir);
	for (i = 0; i < c->NP; ++i)
		__free_pages(sg_page(&c->M[i]), get_order(c->M[i].length));
 }

// Mapped when there are enough of them, and what is left in the end

@filled depends on released@
identifier chunk.NP, chunk.NS, chunk.M, allocated.alloc, coherent.buffer;
identifier c, co, ret, LEN, bad;
expression d, mask, order, dir;
position p1;
@@
	if (co)
		ret = buffer(d, &c->M[c->NP], order, mask);
	else
		ret = alloc(&c->M[c->NP], order, mask);
	if (!ret) {
		++c->NP;
		if (co)
			++c->NS;
		else if (c->NP == LEN) {
			c->NS = dma_map_sg@p1(d, c->M, c->NP, dir);
			if (c->NS <= 0)
				goto bad;
		}
		...
	} else {
		...
	}

@rest depends on filled@
identifier chunk.NP, chunk.NS, chunk.M;
identifier filled.c, filled.co, filled.bad;
expression filled.d, filled.dir;
position p;
@@
  if (!co && c) {
	c->NS = dma_map_sg@p(d, c->M, c->NP, dir);
	if (c->NS <= 0)
		goto bad;
  }

@single@
identifier U, P, M;
@@
struct U {
	...
	struct {
		...
		struct scatterlist M;
		...
	} P[];
};

@depends on context@
expression x, d, l, n, dir;
position rest.p;
@@
* x = dma_map_sg@p(d, l, n, dir);

@ended depends on patch@
identifier chunk.NP, chunk.NS, chunk.M;
identifier filled.c, filled.co, filled.bad;
expression filled.d, filled.dir;
position rest.p;
@@
- if (!co && c) {
-	c->NS = dma_map_sg@p(d, c->M, c->NP, dir);
-	if (c->NS <= 0)
-		goto bad;
- }

@made depends on ended@
identifier chunk.S, chunk.NP, chunk.NS, chunk.M, chunk.L;
fresh identifier E = S ## "_entry";
expression n;
@@
+struct E {
+	struct page *page;
+	dma_addr_t addr;
+	size_t len;
+};
+
struct S {
	struct list_head L;
	int NP;
	int NS;
-	struct scatterlist
+	struct E
	M[n];
};

// The head of a chunk takes as much as an entry, or less

@depends on made@
identifier filled.LEN, made.E;
@@
- #define LEN ((256 - sizeof(struct list_head) - 2 * sizeof(int)) / (sizeof(struct scatterlist)))
+ #define LEN	(256 / sizeof(struct E) - 1)

@depends on made@
identifier allocated.alloc, mem, order, mask, pg, made.E;
expression filled.dir;
@@
 alloc(
+	struct device *dev,
-	struct scatterlist
+	struct E
	*mem, int order, gfp_t mask)
 {
	struct page *pg;
	...
-	sg_set_page(mem, pg, PAGE_SIZE << order, 0);
+	mem->page = pg;
+	mem->len = PAGE_SIZE << order;
+	mem->addr = dma_map_page(dev, pg, 0, mem->len, dir);
+	if (dma_mapping_error(dev, mem->addr)) {
+		__free_pages(pg, order);
+		return -ENOMEM;
+	}
	return 0;
 }

@depends on made@
identifier coherent.buffer, dev, mem, order, mask, buf, made.E;
expression m;
@@
 buffer(struct device *dev,
-	struct scatterlist
+	struct E
	*mem, int order, gfp_t mask)
 {
	void *buf = dma_alloc_coherent(dev, PAGE_SIZE << order, &
-		sg_dma_address(mem)
+		mem->addr
		, m);
	...
-	sg_set_buf(mem, buf, PAGE_SIZE << order);
-	BUG_ON(mem->offset);
-	sg_dma_len(mem) = PAGE_SIZE << order;
+	mem->page = virt_to_page(buf);
+	mem->len = PAGE_SIZE << order;
	return 0;
 }

@depends on made@
identifier chunk.S, chunk.NP, chunk.NS, chunk.M, released.release, c, i;
expression d, dir;
@@
 release(..., struct S *c)
 {
	int i;

-	if (c->NS > 0)
-		dma_unmap_sg(d, c->M, c->NP, dir);
-	for (i = 0; i < c->NP; ++i)
+	for (i = 0; i < c->NP; ++i) {
+		dma_unmap_page(d, c->M[i].addr, c->M[i].len, dir);
		__free_pages(sg_page(&c->M[i]), get_order(c->M[i].length));
+	}
 }

@depends on made@
identifier chunk.NP, chunk.NS, chunk.M, allocated.alloc, coherent.buffer;
identifier filled.c, filled.co, filled.LEN, filled.bad, ret;
expression filled.d, filled.dir, mask, order;
@@
	if (co)
		ret = buffer(d, &c->M[c->NP], order, mask);
	else
		ret = alloc(
+			    d,
			    &c->M[c->NP], order, mask);
	if (!ret) {
		++c->NP;
-		if (co)
-			++c->NS;
-		else if (c->NP == LEN) {
-			c->NS = dma_map_sg(d, c->M, c->NP, dir);
-			if (c->NS <= 0)
-				goto bad;
-		}
+		++c->NS;
		...
	} else {
		...
	}

@depends on made@
identifier chunk.M;
expression c, n;
@@
- sg_init_table(c->M, n);

@depends on made@
identifier chunk.M;
expression c, i;
@@
- sg_dma_address(&c->M[i])
+ c->M[i].addr

@depends on made@
identifier chunk.M;
expression c, i;
@@
- sg_dma_len(&c->M[i])
+ c->M[i].len

@depends on made@
identifier chunk.M;
expression c, i;
@@
- sg_page(&c->M[i])
+ c->M[i].page

@depends on made@
identifier chunk.M;
expression c, i;
@@
- c->M[i].length
+ c->M[i].len

@depends on made@
identifier single.U, single.P, single.M, ret, out;
struct U *u;
expression d, dir, pg, size, off, i;
@@
- sg_set_page(&u->P[i].M, pg, size, off);
- ret = dma_map_sg(d, &u->P[i].M, 1, dir);
- if (ret < 0) {
+ u->P[i].M.page = pg;
+ u->P[i].M.len = size;
+ u->P[i].M.addr = dma_map_page(d, pg, off, u->P[i].M.len, dir);
+ if (dma_mapping_error(d, u->P[i].M.addr)) {
+	ret = -ENOMEM;
	unpin_user_page(pg);
	goto out;
  }

@depends on made@
identifier single.U, single.P, single.M;
struct U *u;
expression d, dir, i;
@@
- dma_unmap_sg(d, &u->P[i].M, 1, dir);
+ dma_unmap_page(d, u->P[i].M.addr, u->P[i].M.len, dir);

@depends on made@
identifier single.U, single.P, single.M;
struct U *u;
expression i;
@@
- sg_init_table(&u->P[i].M, 1);

@depends on made@
identifier single.U, single.P, single.M;
struct U *u;
expression i;
@@
- sg_dma_address(&u->P[i].M)
+ u->P[i].M.addr

@depends on made@
identifier single.U, single.P, single.M;
struct U *u;
expression i;
@@
- sg_page(&u->P[i].M)
+ u->P[i].M.page

@depends on made@
identifier single.U, single.P, single.M, made.E;
@@
struct U {
	...
	struct {
		...
-		struct scatterlist
+		struct E
		M;
		...
	} P[];
};

@script:python depends on report@
p << rest.p;
@@
coccilib.report.print_report(p[0], "entries of pages can be mapped by dma_map_page() each")

@script:python depends on org@
p << rest.p;
@@
coccilib.org.print_todo(p[0], "entries of pages can be mapped by dma_map_page() each")
