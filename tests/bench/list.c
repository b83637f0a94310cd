// SPDX-License-Identifier: GPL-2.0
/*
 * Lists alone, of more ranges than this machine has pages of memory: it is taken again
 * and again, so nothing of this can be mapped. No two ranges follow on each other.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/phyr.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#include "bench.h"

static const unsigned long sizes[] = { BIT(20), BIT(24) };

struct list_result {
	u64	build;
	u64	seek;
	u64	release;
	u64	bytes;
};

static u64 place(unsigned long nr, int i)
{
	return ((u64)nr << PAGE_SHIFT) * (2 * i + 1) / (2 * BENCH_SEEKS);
}

static int list_phyr(struct page **pages, unsigned long nr, struct list_result *r)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct phyr_iter iter;
	struct phyr range;
	unsigned long n;
	u64 start;
	int ret = 0, i;

	start = bench_start();
	for (n = 0; n < nr && !ret; n += BENCH_PAGES)
		ret = phyr_list_append_pages(&list, pages, BENCH_PAGES, 0,
					     BENCH_PAGES << PAGE_SHIFT, GFP_KERNEL);
	r->build = bench_end(start);

	for (i = 0; i < BENCH_SEEKS && !ret; i++) {
		u64 off = place(nr, i);

		start = bench_start();
		ret = phyr_iter_init_window(&iter, &list, off, phyr_list_bytes(&list) - off);
		if (!ret && !phyr_iter_next(&iter, &range))
			ret = -EIO;
		r->seek += bench_end(start);
		if (!ret && range.addr != page_to_phys(pages[(off >> PAGE_SHIFT) % BENCH_PAGES]))
			ret = -EIO;
	}
	r->bytes = phyr_list_memory(&list);

	start = bench_start();
	phyr_list_release(&list);
	r->release = bench_end(start);
	return ret;
}

static int list_sg(struct page **pages, unsigned long nr, struct list_result *r)
{
	struct sg_append_table table = {};
	struct scatterlist *sg;
	unsigned long done;
	u64 start;
	int ret = 0, i, n;

	start = bench_start();
	for (done = 0; done < nr && !ret; done += BENCH_PAGES)
		ret = sg_alloc_append_table_from_pages(&table, pages, BENCH_PAGES, 0,
						       BENCH_PAGES << PAGE_SHIFT, UINT_MAX,
						       nr - done - BENCH_PAGES, GFP_KERNEL);
	r->build = bench_end(start);
	if (ret)
		goto out;

	for (i = 0; i < BENCH_SEEKS; i++) {
		u64 off = place(nr, i);

		start = bench_start();
		for_each_sgtable_sg(&table.sgt, sg, n) {
			if (off < sg->length)
				break;
			off -= sg->length;
		}
		bench_use(sg_phys(sg));
		r->seek += bench_end(start);
	}
	r->bytes = (nr + (nr - 2) / (SG_MAX_SINGLE_ALLOC - 1)) * sizeof(*sg);
out:
	start = bench_start();
	sg_free_append_table(&table);
	r->release = bench_end(start);
	return ret;
}

/* @pages: BENCH_PAGES of them, scattered */
int bench_lists(struct page **pages)
{
	static const struct {
		const char *name;
		int (*run)(struct page **pages, unsigned long nr, struct list_result *r);
	} impls[] = { { "phyr", list_phyr }, { "sg", list_sg } };
	int ret, i, n;

	for (n = 0; n < ARRAY_SIZE(sizes); n++) {
		for (i = 0; i < ARRAY_SIZE(impls); i++) {
			struct list_result r = {};
			unsigned long nr = sizes[n];

			ret = impls[i].run(pages, nr, &r);
			if (ret)
				return ret;
			bench_print(impls[i].name, "build", "scattered", nr, BENCH_UNIT,
				    r.build, 1);
			bench_print(impls[i].name, "build", "scattered", nr, BENCH_UNIT "_per_page",
				    r.build, nr);
			bench_print(impls[i].name, "seek", "scattered", nr, BENCH_UNIT, r.seek,
				    BENCH_SEEKS);
			bench_print(impls[i].name, "release", "scattered", nr, BENCH_UNIT,
				    r.release, 1);
			bench_print(impls[i].name, "release", "scattered", nr,
				    BENCH_UNIT "_per_page", r.release, nr);
			bench_print(impls[i].name, "memory", "scattered", nr, "bytes_per_range",
				    r.bytes, nr);
		}
	}
	return 0;
}
