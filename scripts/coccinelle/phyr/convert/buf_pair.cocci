// SPDX-License-Identifier: GPL-2.0-only
/// Two buffers that are entries of an array with a place each, to be mapped by one call and
/// found by their numbers: each is one range for the device, and dma_map_single() maps it.
///
//# The array has to be a member of a structure, and the entries to be set right before
//# they are mapped.  dma_map_sg() undoes the first entry if the second one fails, and so
//# does what is written here.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: sg_set_buf, dma_map_sg

virtual patch
virtual context
virtual org
virtual report

@pair@
identifier S, M;
@@
struct S {
	...
	struct scatterlist M[2];
	...
};

@map exists@
identifier pair.S, pair.M;
struct S *x;
expression d, dir, e, b0, l0, b1, l1;
identifier n;
position p, p0, p1, p2;
@@
  sg_set_buf(&x->M@p0[0], b0, l0);
  sg_set_buf(&x->M@p1[1], b1, l1);
  n = dma_map_sg@p(d, x->M@p2, 2, dir);
  if (!n)
	return e;
  ... when != n

// What may be done with the array besides
@known@
identifier pair.S, pair.M;
struct S *x;
expression d, dir;
constant i;
position p;
@@
(
  sg_init_table(x->M@p, 2);
|
  dma_unmap_sg(d, x->M@p, 2, dir);
|
  sg_dma_address(&x->M@p[i])
|
  sg_dma_len(&x->M@p[i])
)

@other@
identifier pair.S, pair.M;
struct S *x;
struct S v;
position p != { known.p, map.p0, map.p1, map.p2 };
@@
(
  x->M@p
|
  v.M@p
)

@depends on context && !other@
identifier pair.S, pair.M;
struct S *x;
expression d, dir;
identifier n;
position map.p;
@@
* n = dma_map_sg@p(d, x->M, 2, dir);

@single depends on patch && !other@
identifier pair.S, pair.M;
struct S *x;
expression d, dir, e, b0, l0, b1, l1;
identifier n;
position map.p;
@@
- sg_set_buf(&x->M[0], b0, l0);
- sg_set_buf(&x->M[1], b1, l1);
- n = dma_map_sg@p(d, x->M, 2, dir);
- if (!n)
-	return e;
+ x->M[0].len = l0;
+ x->M[0].addr = dma_map_single(d, (void *)b0, x->M[0].len, dir);
+ if (dma_mapping_error(d, x->M[0].addr))
+	return e;
+ x->M[1].len = l1;
+ x->M[1].addr = dma_map_single(d, (void *)b1, x->M[1].len, dir);
+ if (dma_mapping_error(d, x->M[1].addr)) {
+	dma_unmap_single(d, x->M[0].addr, x->M[0].len, dir);
+	return e;
+ }

@depends on single@
identifier single.n;
type T;
@@
- T n;
  ... when != n

@depends on single@
identifier pair.S, pair.M;
struct S *x;
expression d, dir;
@@
- dma_unmap_sg(d, x->M, 2, dir);
+ dma_unmap_single(d, x->M[0].addr, x->M[0].len, dir);
+ dma_unmap_single(d, x->M[1].addr, x->M[1].len, dir);

@depends on single@
identifier pair.S, pair.M;
struct S *x;
constant i;
@@
- sg_dma_address(&x->M[i])
+ x->M[i].addr

@depends on single@
identifier pair.S, pair.M;
struct S *x;
constant i;
@@
- sg_dma_len(&x->M[i])
+ x->M[i].len

@depends on single@
identifier pair.S, pair.M;
struct S *x;
@@
- sg_init_table(x->M, 2);

@depends on single@
identifier pair.S, pair.M;
@@
struct S {
	...
-	struct scatterlist M[2];
+	struct dma_phyr M[2];
	...
};

@script:python depends on report && !other@
p << map.p;
@@
coccilib.report.print_report(p[0], "two buffers can be mapped by dma_map_single() each")

@script:python depends on org && !other@
p << map.p;
@@
coccilib.org.print_todo(p[0], "two buffers can be mapped by dma_map_single() each")
