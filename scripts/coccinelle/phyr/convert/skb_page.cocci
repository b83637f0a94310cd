// SPDX-License-Identifier: GPL-2.0-only
/// Entries for a socket buffer, in a page for headers, and found again by the offset of
/// what they describe: a phyr table takes their place, of a size that is known. More than
/// five ranges take an allocation while sending, and it is not sent so if that fails.
///
//# A table is larger than the entries for a buffer without fragments; a page for headers
//# is taken to have room for it.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: skb_to_sgvec, PTR_ALIGN, dma_map_sgtable, for_each_sgtable_dma_sg
// Comments: What else uses the table fails to compile.

virtual patch
virtual context
virtual org
virtual report

@mapped exists@
identifier prep, t, n, cnt, hdr, get, off, skb, room;
expression ctx, dev, dir;
position p;
@@
 prep(...)
 {
	...
	*hdr = get(ctx, room + __alignof__(struct sg_table) + sizeof(struct sg_table) +
		   n * sizeof(struct scatterlist), skb);
	if (!*hdr)
		return NULL;
	t = (void *)PTR_ALIGN(*hdr + room, __alignof__(struct sg_table));
	t->sgl = (void *)(t + 1);
	sg_init_table(t->sgl, n);
	cnt = skb_to_sgvec(skb, t->sgl, off, skb->len - off);
	if (WARN_ON_ONCE(cnt <= 0))
		return NULL;
	t->orig_nents = cnt;
	if (dma_map_sgtable@p(dev, t, dir, 0) < 0)
		return NULL;
	... when != n
	    when != cnt
	return t;
 }

@looked depends on mapped@
iterator name for_each_sgtable_dma_sg;
identifier find, t, off, len, sg, at, i;
@@
 find(struct sg_table *t, unsigned int off, unsigned int len)
 {
	struct scatterlist *sg;
	unsigned int at = 0;
	int i;

	for_each_sgtable_dma_sg(t, sg, i) {
		if (off >= at && off + len <= at + sg_dma_len(sg))
			return sg_dma_address(sg) + off - at;
		at += sg_dma_len(sg);
	}
	...
 }

@finish depends on looked@
identifier t;
expression e, dev, dir;
@@
  struct sg_table *t;
  t = (void *)e;
  dma_unmap_sgtable(dev, t, dir, 0);

// All of it is there

@whole depends on finish@
expression d, t, dir;
position mapped.p, at;
@@
  dma_map_sgtable@p@at(d, t, dir, 0)

@depends on context@
expression d, t, dir;
position whole.at;
@@
* dma_map_sgtable@at(d, t, dir, 0)

@made depends on patch exists@
identifier mapped.prep;
identifier t, n, cnt, hdr, get, off, skb, room;
expression ctx, dev, dir;
position whole.at;
@@
 prep(...)
 {
	...
	*hdr = get(ctx,
		   room + __alignof__(
-		   struct sg_table
+		   struct phyr_table
		   ) + sizeof(
-		   struct sg_table
+		   struct phyr_table
		   )
-		   + n * sizeof(struct scatterlist)
		   , skb);
	if (!*hdr)
		return NULL;
-	t = (void *)PTR_ALIGN(*hdr + room, __alignof__(struct sg_table));
-	t->sgl = (void *)(t + 1);
-	sg_init_table(t->sgl, n);
+	t = (void *)PTR_ALIGN(*hdr + room, __alignof__(struct phyr_table));
+	phyr_table_init(t);
-	cnt = skb_to_sgvec(skb, t->sgl, off, skb->len - off);
-	if (WARN_ON_ONCE(cnt <= 0))
-		return NULL;
-	t->orig_nents = cnt;
-	if (dma_map_sgtable@at(dev, t, dir, 0) < 0)
-		return NULL;
+	ret = phyr_list_append_skb(&t->list, skb, off, skb->len - off, GFP_ATOMIC);
+	if (!ret)
+		ret = dma_map_phyr_table(dev, t, dir, 0);
+	if (ret) {
+		phyr_table_free(t);
+		return NULL;
+	}
	...
 }

@depends on made@
identifier made.n;
expression e;
@@
- unsigned int n = e;
  ... when != n

@depends on made@
identifier made.cnt;
@@
- int cnt;
+ int ret;
  ... when != cnt

@depends on made@
iterator name for_each_sgtable_dma_sg, dma_phyr_for_each_stretch;
symbol range, iter;
identifier looked.find, t, off, len, sg, at, i;
@@
 find(
-	struct sg_table
+	struct phyr_table
	*t, unsigned int off, unsigned int len)
 {
	...
-	for_each_sgtable_dma_sg(t, sg, i)
+	dma_phyr_for_each_stretch(range, iter, &t->map)
	{
		if (off >= at && off + len <= at +
-		    sg_dma_len(sg)
+		    range.len
		    )
			return
-				sg_dma_address(sg)
+				range.addr
				+ off - at;
		at +=
-			sg_dma_len(sg)
+			range.len
			;
	}
	...
 }

@depends on made@
identifier looked.find, looked.sg, looked.i, looked.at;
@@
 find(...)
 {
-	struct scatterlist *sg;
-	unsigned int at = 0;
-	int i;
+	struct dma_phyr_iter iter;
+	struct dma_phyr range;
+	unsigned int at = 0;
	...
 }

@depends on made@
identifier looked.find, t;
type R;
parameter list ps;
@@
- R find(struct sg_table *t, ps);
+ R find(struct phyr_table *t, ps);

@depends on made@
identifier mapped.prep;
@@
- struct sg_table
+ struct phyr_table
  *prep(...) { ... }

@depends on made@
identifier mapped.prep;
parameter list ps;
@@
- struct sg_table *prep(ps);
+ struct phyr_table *prep(ps);

@depends on made@
identifier t;
expression e, dev, dir;
@@
- struct sg_table
+ struct phyr_table
  *t;
  t = (void *)e;
- dma_unmap_sgtable(dev, t, dir, 0);
+ dma_unmap_phyr_table(dev, t, dir, 0);
+ phyr_table_free(t);

@depends on made@
identifier made.t;
@@
- struct sg_table
+ struct phyr_table
  *t;

@script:python depends on report@
p << whole.at;
@@
coccilib.report.print_report(p[0], "entries for a socket buffer can be a phyr list")

@script:python depends on org@
p << whole.at;
@@
coccilib.org.print_todo(p[0], "entries for a socket buffer can be a phyr list")
