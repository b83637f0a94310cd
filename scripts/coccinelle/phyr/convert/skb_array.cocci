// SPDX-License-Identifier: GPL-2.0-only
/// Entries for a socket buffer, in an array that is allocated for each one that is sent: a
/// phyr table takes its place, and grows by itself.
///
//# What the device is told is not longer than it was: neighbours are merged, and cut no
//# sooner than at the size of a segment, which no entry exceeds. A buffer of more parts than
//# the array had room for is refused as before, though only if they are so many ranges.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: skb_to_sgvec, dma_map_sg

virtual patch
virtual context
virtual org
virtual report

@kept@
identifier S, I, M, N;
@@
struct S {
	...
	union {
		...
		struct {
			...
			struct scatterlist *M;
			int N;
			...
		} I;
		...
	};
	...
};

@build exists@
iterator name for_each_sg;
identifier kept.I, kept.M, kept.N;
identifier l, num, cnt, sg, i, err, bad, set_addr, set_len;
expression n, gfp, skb, off, bytes, e1, e2, e3, dev, dir, v, to;
position p, p1, p2;
@@
  l = kmalloc_array(n, sizeof(struct scatterlist), gfp);
  if (\(!l\|unlikely(!l)\))
	return ...;
  sg_init_table(l, n);
  num = skb_to_sgvec(skb, l, off, bytes);
  if (\(num < 0\|unlikely(num < 0)\)) {
	err = e1;
	goto bad;
  }
  cnt = dma_map_sg@p(dev, l, num, dir);
  if (\(!cnt\|unlikely(!cnt)\)) {
	err = e2;
	goto bad;
  }
  ... when != num
      when != cnt = e3
  for_each_sg(l, sg, cnt, i) {
	set_addr(&to[i], sg_dma_address(sg));
	set_len(&to[i], sg_dma_len(sg));
  }
  ... when != l
      when != num
  v->I.M@p1 = l;
  v->I.N@p2 = num;
  ... when != num
  dma_unmap_sg(dev, l, num, dir);
bad:
  kfree(l);
  return err;

@finish depends on build exists@
identifier kept.I, kept.M, kept.N;
expression v, dev, dir;
position p1, p2, p3;
@@
  dma_unmap_sg(dev, v->I.M@p1, v->I.N@p2, dir);
  kfree(v->I.M@p3);

@other@
identifier kept.S, kept.I, kept.M, kept.N;
struct S *v;
struct S w;
position p != { build.p1, finish.p1, finish.p3 };
position q != { build.p2, finish.p2 };
@@
(
  v->I.M@p
|
  w.I.M@p
|
  v->I.N@q
|
  w.I.N@q
)

@told depends on build exists@
identifier build.num, build.cnt, build.err, build.bad;
expression E;
@@
(
  if (\(num < 0\|unlikely(num < 0)\)) {
	err = \(<+... num ...+>\|<+... cnt ...+>\);
	goto bad;
  }
|
  cnt = E;
  if (\(!cnt\|unlikely(!cnt)\)) {
	err = \(<+... num ...+>\|<+... cnt ...+>\);
	goto bad;
  }
)

@depends on context && !other && !told@
expression x, d, list, n, dir;
position build.p;
@@
* x = dma_map_sg@p(d, list, n, dir);

@filled depends on patch && !other && !told exists@
iterator name for_each_sg, dma_phyr_for_each;
symbol range, iter;
identifier kept.I, kept.M, kept.N;
identifier l, num, cnt, sg, i, err, bad, set_addr, set_len;
expression n, gfp, skb, off, bytes, e1, e2, dev, dir, v, to;
@@
- l = kmalloc_array(n, sizeof(struct scatterlist), gfp);
+ l = kzalloc(sizeof(*l), gfp);
  if (\(!l\|unlikely(!l)\))
	return ...;
- sg_init_table(l, n);
- num = skb_to_sgvec(skb, l, off, bytes);
- if (\(num < 0\|unlikely(num < 0)\)) {
-	err = e1;
-	goto bad;
- }
- cnt = dma_map_sg(dev, l, num, dir);
- if (\(!cnt\|unlikely(!cnt)\)) {
-	err = e2;
-	goto bad;
- }
+ err = phyr_list_append_skb(&l->list, skb, off, bytes, gfp);
+ if (unlikely(err)) {
+	err = e1;
+	goto bad;
+ }
+ err = dma_map_phyr_table(dev, l, dir, 0);
+ if (unlikely(err)) {
+	err = e2;
+	goto bad;
+ }
+ cnt = dma_phyr_count(&l->map);
+ if (unlikely(cnt > n)) {
+	dma_unmap_phyr(&l->map);
+	err = e1;
+	goto bad;
+ }
  ...
- for_each_sg(l, sg, cnt, i)
+ dma_phyr_for_each(range, iter, &l->map)
  {
	set_addr(&to[i],
-	sg_dma_address(sg)
+	range.addr
	);
	set_len(&to[i],
-	sg_dma_len(sg)
+	range.len
	);
+	i++;
  }
  ...
  v->I.M = l;
- v->I.N = num;
  ...
- dma_unmap_sg(dev, l, num, dir);
+ dma_unmap_phyr(&l->map);
bad:
+ phyr_table_free(l);
  kfree(l);
  return err;

@depends on filled@
identifier kept.I, kept.M, kept.N;
expression v, dev, dir;
@@
- dma_unmap_sg(dev, v->I.M, v->I.N, dir);
+ dma_unmap_phyr(&v->I.M->map);
+ phyr_table_free(v->I.M);
  kfree(v->I.M);

@depends on filled@
iterator name dma_phyr_for_each;
identifier filled.l, filled.i;
statement s;
@@
+ i = 0;
  dma_phyr_for_each(range, iter, &l->map)
	s

@depends on filled@
identifier filled.sg;
@@
- struct scatterlist *sg;
  ... when != sg

@depends on filled@
identifier filled.l;
@@
- struct scatterlist *l;
+ struct dma_phyr_iter iter;
+ struct dma_phyr range;
+ struct phyr_table *l;

@depends on filled@
identifier filled.num;
@@
- int num;
  ... when != num

@depends on filled@
identifier kept.S, kept.I, kept.M, kept.N;
@@
struct S {
	...
	union {
		...
		struct {
			...
-			struct scatterlist *M;
+			struct phyr_table *M;
-			int N;
			...
		} I;
		...
	};
	...
};

@script:python depends on report && !other && !told@
p << build.p;
@@
coccilib.report.print_report(p[0], "entries for a socket buffer can be a phyr list")

@script:python depends on org && !other && !told@
p << build.p;
@@
coccilib.org.print_todo(p[0], "entries for a socket buffer can be a phyr list")
