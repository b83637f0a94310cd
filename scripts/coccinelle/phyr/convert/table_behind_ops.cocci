// SPDX-License-Identifier: GPL-2.0-only
/// The table was the first member of its structure, so that a function for another kind of
/// buffer, which takes private data for a table, found the addresses. A phyr table is asked
/// for the address at an offset, wherever it is.
///
//# The table is made and mapped once, from pages that are kept beside it.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: snd_malloc_ops, sg_alloc_table_from_pages, dma_map_sgtable, private_data
// Comments: What else uses the member fails to compile.

virtual patch
virtual context
virtual org
virtual report

// Buffers whose private data are tables are freed by this one, and asked by that

@tables@
identifier O, foreign;
@@

 static const struct snd_malloc_ops O = { ..., .get_addr = foreign, ... };

@asks@
identifier tables.foreign, buf, off, start;
identifier iter;
@@

 foreign(struct snd_dma_buffer *buf, size_t off)
 {
	struct sg_dma_page_iter iter;
	start(buf, &iter.base, off);
	__sg_page_iter_dma_next(&iter);
	return sg_page_iter_dma_address(&iter) + off % PAGE_SIZE;
 }

// The table comes first; the second member takes along the comment that says so

@table@
type T2;
identifier S, T, second;
@@

 struct S {
	struct sg_table T;
	T2 second;
	...
 };

@made@
identifier table.S, table.T;
struct S *B;
struct snd_dma_buffer *buf;
expression d, dir, n, bytes, pages;
identifier alloc;
position p;
statement s1, s2;
@@

 alloc(...)
 {
	... when any
	if (sg_alloc_table_from_pages(&B->T, pages, n, 0, bytes, GFP_KERNEL)) s1
	if (dma_map_sgtable@p(d, &B->T, dir, 0)) s2
	... when any
	buf->private_data = B;
	... when any
 }

@freed@
identifier table.S, table.T, release, buf, B;
@@

 release(struct snd_dma_buffer *buf)
 {
	struct S *B = buf->private_data;
	... when any
	sg_free_table(&B->T);
	... when any
 }

@mine depends on asks && made@
identifier O, freed.release, tables.foreign;
@@

 static const struct snd_malloc_ops O = {
	.free = release,
	.get_addr = foreign,
 };

@script:python names depends on patch && mine@
release << freed.release;
get;
@@

coccinelle.get = release.removesuffix("_free") + "_get_addr"

@depends on patch@
typedef dma_addr_t;
identifier mine.O, freed.release, tables.foreign, names.get, table.S;
identifier mapper;
@@

+static dma_addr_t get(struct snd_dma_buffer *dmab, size_t offset)
+{
+	struct S *buf = dmab->private_data;
+
+	return dma_phyr_address(&buf->table.map, offset);
+}
+
 static const struct snd_malloc_ops O = {
	.free = release,
-	.mmap = mapper,
-	.get_addr = foreign,
+	.mmap = mapper,
+	.get_addr = get,
 };

@depends on patch && names@
type table.T2;
identifier table.S, table.T, table.second;
@@

 struct S {
-	struct sg_table T;
-	T2 second;
+	struct phyr_table table;
+	T2 second;
	...
 };

@depends on patch && names@
identifier table.S, table.T;
struct S *B;
expression d, dir, n, bytes, pages;
@@

(
- sg_alloc_table_from_pages(&B->T, pages, n, 0, bytes, GFP_KERNEL)
+ phyr_table_from_pages(&B->table, pages, n, 0, bytes, GFP_KERNEL)
|
- sg_free_table(&B->T)
+ phyr_table_free(&B->table)
|
- dma_map_sgtable(d, &B->T, dir, 0)
+ dma_map_phyr_table(d, &B->table, dir, 0)
|
- dma_unmap_sgtable(d, &B->T, dir, 0)
+ dma_unmap_phyr_table(d, &B->table, dir, 0)
)

@script:python depends on report && mine@
p << made.p;
@@
coccilib.report.print_report(p[0], "phyr: a table that is found by way of operations can be a phyr_table")

@script:python depends on org && mine@
p << made.p;
@@
coccilib.org.print_todo(p[0], "phyr: a table that is found by way of operations can be a phyr_table")
