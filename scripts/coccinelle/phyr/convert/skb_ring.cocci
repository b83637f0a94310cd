// SPDX-License-Identifier: GPL-2.0-only
/// Entries for a socket buffer, in the ring that small ones are copied to: a phyr table
/// takes their place, whose size does not depend on how many there are. More than five ranges
/// take an allocation while sending, and the buffer is dropped if that fails.
///
//# The device is given stretches as they are, as the driver cuts them itself: so there are
//# no more descriptors than there were for the entries.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: skb_to_sgvec, dma_map_sg

virtual patch
virtual context
virtual org
virtual report

@build@
identifier t, alloc, num, undo, count, fill, i, SIZE, DMA, LEN;
expression total, ring, n, skb, off, bytes, dev, dir, c1, c2;
position p;
@@
  t = alloc(ring, SIZE(n), &DMA, &LEN);
  t->sgl = (struct scatterlist *)(t + 1);
  sg_init_table(t->sgl, n);
  num = skb_to_sgvec(skb, t->sgl, off, bytes);
  if (unlikely(num < 0)) {
	undo(ring, LEN);
	count(ring, c1);
	return -ENOMEM;
  }
  t->orig_nents = num;
  t->nents = dma_map_sg@p(dev, t->sgl, t->orig_nents, dir);
  if (unlikely(!t->nents)) {
	undo(ring, LEN);
	count(ring, c2);
	return -ENOMEM;
  }
  ... when != t
      when != num
  for (i = 0; i < t->nents; i++)
	total += \(fill(ring, sg_dma_address(t->sgl + i), sg_dma_len(t->sgl + i))\);
  ... when != num
      when != i

@finish depends on build@
identifier t;
expression e, dev, dir;
@@
  struct sg_table *t = e;
  dma_unmap_sg(dev, t->sgl, t->orig_nents, dir);

@size depends on finish@
identifier build.SIZE, x;
@@
#define SIZE(x) (sizeof(struct scatterlist) * (x) + sizeof(struct sg_table))

@room depends on size@
identifier build.SIZE, MAX;
expression n, a;
@@
#define MAX ALIGN(SIZE(n), a)

// All of it is there

@whole depends on room@
expression d, l, n, dir;
position build.p, at;
@@
  dma_map_sg@p@at(d, l, n, dir)

@depends on context@
expression d, l, n, dir;
position whole.at;
@@
* dma_map_sg@at(d, l, n, dir)

@filled depends on patch@
iterator name dma_phyr_for_each_stretch;
symbol range, iter;
identifier t, alloc, num, undo, count, fill, i, n, SIZE, DMA, LEN;
expression total, ring, skb, off, bytes, dev, dir, c1, c2;
position whole.at;
@@
- t = alloc(ring, SIZE(n), &DMA, &LEN);
- t->sgl = (struct scatterlist *)(t + 1);
- sg_init_table(t->sgl, n);
- num = skb_to_sgvec(skb, t->sgl, off, bytes);
- if (unlikely(num < 0)) {
+ t = alloc(ring, sizeof(*t), &DMA, &LEN);
+ phyr_table_init(t);
+ ret = phyr_list_append_skb(&t->list, skb, off, bytes, GFP_ATOMIC);
+ if (unlikely(ret)) {
+	phyr_table_free(t);
	undo(ring, LEN);
	count(ring, c1);
	return -ENOMEM;
  }
- t->orig_nents = num;
- t->nents = dma_map_sg@at(dev, t->sgl, t->orig_nents, dir);
- if (unlikely(!t->nents)) {
+ ret = dma_map_phyr_table(dev, t, dir, 0);
+ if (unlikely(ret)) {
+	phyr_table_free(t);
	undo(ring, LEN);
	count(ring, c2);
	return -ENOMEM;
  }
  ...
- for (i = 0; i < t->nents; i++)
+ dma_phyr_for_each_stretch(range, iter, &t->map)
	total += \(fill(ring,
-		sg_dma_address(t->sgl + i)
+		range.addr
		,
-		sg_dma_len(t->sgl + i)
+		range.len
		)\);

// How many entries there may be is not needed any more
@depends on filled@
identifier filled.n;
expression e, e1, c;
type T;
@@
- T n = e;
  ... when != n
- if (c)
-	n = e1;
  ... when != n

@depends on filled@
identifier filled.i;
type T;
@@
- T i;
  ... when != i

@depends on filled@
identifier filled.num;
@@
- int num;
+ int ret;
  ... when != num

@depends on filled@
identifier filled.t;
@@
- struct sg_table *t;
+ struct dma_phyr_iter iter;
+ struct dma_phyr range;
+ struct phyr_table *t;

@depends on filled@
identifier t;
expression e, dev, dir;
@@
- struct sg_table *t = e;
+ struct phyr_table *t = e;
  dma_unmap_sg(dev, t->sgl, t->orig_nents, dir);

@depends on filled@
expression t, dev, dir;
@@
- dma_unmap_sg(dev, t->sgl, t->orig_nents, dir);
+ dma_unmap_phyr(&t->map);
+ phyr_table_free(t);

@depends on filled@
identifier build.SIZE, room.MAX;
expression n, a;
@@
- #define MAX ALIGN(SIZE(n), a)

@depends on filled@
identifier build.SIZE, x, room.MAX;
expression room.a;
@@
- #define SIZE(x) (sizeof(struct scatterlist) * (x) + sizeof(struct sg_table))
+ #define MAX	ALIGN(sizeof(struct phyr_table), a)

@script:python depends on report@
p << whole.at;
@@
coccilib.report.print_report(p[0], "entries for a socket buffer can be a phyr list")

@script:python depends on org@
p << whole.at;
@@
coccilib.org.print_todo(p[0], "entries for a socket buffer can be a phyr list")
