// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of what becomes of drivers that are converted from scatterlists.
 *
 * For each pattern that scripts/phyr-convert knows there is the function as drivers have it
 * and the function that it becomes.  Both run over the same random memory for the same
 * device, with random limits.  What the device is told has to lead to the same memory, in the
 * same order, nothing longer than the device takes, and nothing may stay mapped.
 */
#include <kunit/test.h>
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/phyr-table.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "kunit.h"
#include "kunit_port.h"

static struct rnd_state rnd;

static unsigned int below(unsigned int n)
{
	return prandom_u32_state(&rnd) % n;
}

int port_tell_phys(struct port_told *told, phys_addr_t phys, unsigned int len)
{
	if (told->nr && told->at[told->nr - 1].phys + told->at[told->nr - 1].len == phys) {
		told->at[told->nr - 1].len += len;
		return 0;
	}
	if (told->nr == ARRAY_SIZE(told->at))
		return -ENOSPC;
	told->at[told->nr].phys = phys;
	told->at[told->nr++].len = len;
	return 0;
}

int port_tell(struct port_told *told, dma_addr_t addr, unsigned int len)
{
	int ret;

	if (!len)
		return -EINVAL;
	told->longest = max(told->longest, len);
	told->len += len;
	while (len) {
		unsigned int bytes = min_t(unsigned int, len, SZ_4K - (addr & (SZ_4K - 1)));

		ret = port_tell_phys(told, phyr_kunit_translate(told->dev, addr), bytes);
		if (ret)
			return ret;
		addr += bytes;
		len -= bytes;
	}
	return 0;
}

/* A table of pages (layer 2) */
static int table_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct scatterlist *sg;
	struct sg_table sgt;
	int i, ret;

	ret = sg_alloc_table_from_pages(&sgt, (struct page **)mem->pages, mem->nr, mem->offset,
					mem->size, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	if (ret)
		goto out_free;
	for_each_sgtable_dma_sg(&sgt, sg, i)
		ret = ret ?: port_tell(told, sg_dma_address(sg), sg_dma_len(sg));
	dma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
out_free:
	sg_free_table(&sgt);
	return ret;
}

static int table_of_phyr(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct dma_phyr_iter iter;
	struct phyr_table table;
	struct dma_phyr range;
	int ret;

	ret = phyr_table_from_pages(&table, (struct page **)mem->pages, mem->nr, mem->offset,
				    mem->size, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
	if (ret)
		goto out_free;
	for_each_phyr_table_dma(&table, range, iter)
		ret = ret ?: port_tell(told, range.addr, range.len);
	dma_unmap_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
out_free:
	phyr_table_free(&table);
	return ret;
}

/* An array of the pages of a vmalloc area (layers 3 and 4) */
static struct scatterlist *array_of_area(const struct port_memory *mem)
{
	struct scatterlist *sgl = kcalloc(mem->nr, sizeof(*sgl), GFP_KERNEL);
	unsigned int i;

	if (!sgl)
		return NULL;
	sg_init_table(sgl, mem->nr);
	for (i = 0; i < mem->nr; i++)
		sg_set_page(&sgl[i], vmalloc_to_page(mem->area + i * PAGE_SIZE), PAGE_SIZE, 0);
	return sgl;
}

static int walk_sg(struct scatterlist *sgl, int nr, struct port_told *told)
{
	struct scatterlist *sg;
	int i, ret = 0;

	for_each_sg(sgl, sg, nr, i)
		ret = ret ?: port_tell(told, sg_dma_address(sg), sg_dma_len(sg));
	return ret;
}

static int array_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct scatterlist *sgl = array_of_area(mem);
	int nr, ret;

	if (!sgl)
		return -ENOMEM;
	nr = dma_map_sg(dev, sgl, mem->nr, DMA_FROM_DEVICE);
	ret = nr ? walk_sg(sgl, nr, told) : -ENOMEM;
	if (nr)
		dma_unmap_sg(dev, sgl, mem->nr, DMA_FROM_DEVICE);
	kfree(sgl);
	return ret;
}

static int array_of_phyr(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct dma_phyr_map map = {};
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	int ret;

	ret = phyr_list_append_kaddr(&list, mem->area, mem->nr * PAGE_SIZE, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_phyr(dev, &list, &map, DMA_FROM_DEVICE, 0);
	if (!ret) {
		dma_phyr_for_each(range, iter, &map)
			ret = ret ?: port_tell(told, range.addr, range.len);
		dma_unmap_phyr(&map);
	}
	phyr_list_release(&list);
	return ret;
}

/* The same with a walker that is not converted (layer 5) */
static int view_of_phyr(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct dma_phyr_map map = {};
	struct sg_table view;
	int ret;

	ret = phyr_list_append_kaddr(&list, mem->area, mem->nr * PAGE_SIZE, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_phyr(dev, &list, &map, DMA_FROM_DEVICE, 0);
	if (ret)
		goto out_release;
	ret = dma_phyr_to_sgtable(&map, &view, GFP_KERNEL);
	if (!ret) {
		ret = walk_sg(view.sgl, view.nents, told);
		sg_free_table(&view);
	}
	dma_unmap_phyr(&map);
out_release:
	phyr_list_release(&list);
	return ret;
}

/* One entry (layer 1) */
static int entry_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	unsigned int len = min_t(unsigned int, mem->size, PAGE_SIZE - mem->offset);
	struct scatterlist sg;
	int ret;

	sg_init_one(&sg, page_address(mem->pages[0]) + mem->offset, len);
	ret = dma_map_sg(dev, &sg, 1, DMA_BIDIRECTIONAL);
	if (!ret)
		return -ENOMEM;
	ret = port_tell(told, sg_dma_address(&sg), sg_dma_len(&sg));
	dma_unmap_sg(dev, &sg, 1, DMA_BIDIRECTIONAL);
	return ret;
}

static int entry_of_single(struct device *dev, const struct port_memory *mem,
			   struct port_told *told)
{
	struct dma_phyr entry;
	int ret;

	entry.len = min_t(unsigned int, mem->size, PAGE_SIZE - mem->offset);
	entry.addr = dma_map_single(dev, page_address(mem->pages[0]) + mem->offset, entry.len,
				    DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, entry.addr))
		return -ENOMEM;
	ret = port_tell(told, entry.addr, entry.len);
	dma_unmap_single(dev, entry.addr, entry.len, DMA_BIDIRECTIONAL);
	return ret;
}

/* Two buffers that are found by their numbers */
static int pair_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct scatterlist sg[2];
	int i, ret = 0;

	sg_init_table(sg, 2);
	sg_set_buf(&sg[0], page_address(mem->pages[0]), PAGE_SIZE);
	sg_set_buf(&sg[1], page_address(mem->pages[mem->nr - 1]), mem->offset + 1);
	if (!dma_map_sg(dev, sg, 2, DMA_BIDIRECTIONAL))
		return -ENOMEM;
	/* An IOMMU may have put them into one entry, which such drivers do not expect */
	for (i = 0; i < 2 && sg_dma_len(&sg[i]); i++)
		ret = ret ?: port_tell(told, sg_dma_address(&sg[i]), sg_dma_len(&sg[i]));
	dma_unmap_sg(dev, sg, 2, DMA_BIDIRECTIONAL);
	return ret;
}

static int pair_of_single(struct device *dev, const struct port_memory *mem,
			  struct port_told *told)
{
	struct dma_phyr pair[2];
	int ret;

	pair[0].len = PAGE_SIZE;
	pair[0].addr = dma_map_single(dev, page_address(mem->pages[0]), pair[0].len,
				      DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, pair[0].addr))
		return -ENOMEM;
	pair[1].len = mem->offset + 1;
	pair[1].addr = dma_map_single(dev, page_address(mem->pages[mem->nr - 1]), pair[1].len,
				      DMA_BIDIRECTIONAL);
	if (dma_mapping_error(dev, pair[1].addr)) {
		ret = -ENOMEM;
		goto out_first;
	}
	ret = port_tell(told, pair[0].addr, pair[0].len);
	ret = ret ?: port_tell(told, pair[1].addr, pair[1].len);
	dma_unmap_single(dev, pair[1].addr, pair[1].len, DMA_BIDIRECTIONAL);
out_first:
	dma_unmap_single(dev, pair[0].addr, pair[0].len, DMA_BIDIRECTIONAL);
	return ret;
}

static const struct port_pattern patterns[] = {
	{ "one entry", entry_of_sg, entry_of_single, true },
	{ "two entries", pair_of_sg, pair_of_single, true },
	{ "table of pages", table_of_sg, table_of_phyr },
	{ "array of pages", array_of_sg, array_of_phyr },
	{ "shared walker", array_of_sg, view_of_phyr },
	{}
};

static const struct port_pattern *const sets[] = {
	patterns, port_views, port_shapes, port_tables,
#ifdef CONFIG_NET
	port_skbs,
#endif
};

/* Pages in disorder and in rows, of which odd parts are used */
static int make_memory(struct port_memory *mem, struct page *block)
{
	unsigned int next = below(PORT_PAGES);

	mem->nr = 1 + below(PORT_PAGES);
	for (unsigned int i = 0; i < mem->nr; i++) {
		mem->pages[i] = block + next;
		next = below(3) ? (next + 1) % PORT_PAGES : below(PORT_PAGES);
	}
	mem->offset = below(2) ? below(PAGE_SIZE) : 0;
	mem->size = mem->nr * PAGE_SIZE - mem->offset;
	if (below(2))
		mem->size -= below(min_t(unsigned int, mem->size, PAGE_SIZE - mem->offset));
	mem->area = vmalloc(mem->nr * PAGE_SIZE);
	return mem->area ? 0 : -ENOMEM;
}

static void compare(struct kunit *test, struct device *dev, const struct port_memory *mem,
		    const struct port_pattern *pattern, struct port_told *told)
{
	unsigned long mapped = phyr_kunit_mapped(dev), slots = phyr_kunit_slots(dev);
	const char *name = pattern->name;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		port_function run = i ? pattern->new : pattern->old;

		told[i] = (struct port_told) { .dev = dev };
		KUNIT_ASSERT_EQ_MSG(test, run(dev, mem, &told[i]), 0, "%s", name);
		KUNIT_ASSERT_EQ_MSG(test, phyr_kunit_mapped(dev), mapped, "%s", name);
		KUNIT_ASSERT_EQ_MSG(test, phyr_kunit_slots(dev), slots, "%s", name);
	}
	KUNIT_ASSERT_EQ_MSG(test, told[0].len, told[1].len, "%s", name);
	if (!pattern->uncut)
		KUNIT_ASSERT_LE_MSG(test, told[1].longest, dma_get_max_seg_size(dev), "%s", name);
	KUNIT_ASSERT_EQ_MSG(test, told[0].nr, told[1].nr, "%s", name);
	for (i = 0; i < told[0].nr; i++) {
		KUNIT_ASSERT_EQ_MSG(test, (u64)told[0].at[i].phys, (u64)told[1].at[i].phys, "%s",
				    name);
		KUNIT_ASSERT_EQ_MSG(test, told[0].at[i].len, told[1].at[i].len, "%s", name);
	}
}

static void free_block(void *block)
{
	__free_pages(block, get_order(PORT_PAGES * PAGE_SIZE));
}

static struct page *new_block(struct kunit *test)
{
	struct page *block = alloc_pages(GFP_KERNEL, get_order(PORT_PAGES * PAGE_SIZE));

	KUNIT_ASSERT_NOT_NULL(test, block);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_block, block), 0);
	return block;
}

static struct device *new_device(struct kunit *test)
{
	const struct phyr_kunit_device *param = test->param_value;

	/* What is bounced is somewhere else each time */
	if (param->kind == PHYR_KUNIT_BOUNCE)
		kunit_skip(test, "memory is not where it was");
	if (param->kind == PHYR_KUNIT_OPS)
		kunit_skip(test, "these dma_map_ops know no scatterlists");
	return phyr_kunit_device_add(test, param->kind);
}

static void dma_phyr_test_port(struct kunit *test)
{
	struct device *dev = new_device(test);
	struct page *block = new_block(test);
	const struct port_pattern *pattern;
	struct port_told *told;
	unsigned int i, j;

	told = kunit_kmalloc_array(test, 2, sizeof(*told), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, told);
	prandom_seed_state(&rnd, 42);
	for (i = 0; i < 60; i++) {
		struct port_memory mem;

		KUNIT_ASSERT_EQ(test, make_memory(&mem, block), 0);
		/* An entry of a scatterlist is never cut, so none may be too long */
		dma_set_max_seg_size(dev, below(2) ? SZ_64K : PORT_PAGES * PAGE_SIZE);
		for (j = 0; j < ARRAY_SIZE(sets); j++)
			for (pattern = sets[j]; pattern->name; pattern++)
				compare(test, dev, &mem, pattern, told);
		vfree(mem.area);
	}
}

#if defined(CONFIG_FAILSLAB) && defined(CONFIG_FAULT_INJECTION_DEBUG_FS)
static void *failslab_option(const char *name)
{
	struct dentry *dir = debugfs_lookup("failslab", NULL), *file;
	void *value = NULL;

	if (IS_ERR_OR_NULL(dir))
		return NULL;
	file = debugfs_lookup(name, dir);
	if (!IS_ERR_OR_NULL(file)) {
		value = d_inode(file)->i_private;
		dput(file);
	}
	dput(dir);
	return value;
}

/* Drivers allocate with GFP_KERNEL: let that fail, too, and quietly, or not any more */
static bool fail_waiting(bool on)
{
	bool *spare = failslab_option("ignore-gfp-wait");
	unsigned long *verbose = failslab_option("verbose");
	static unsigned long before;

	if (!spare || !verbose)
		return false;
	if (on == !*spare)
		return true;
	if (on)
		before = *verbose;
	*verbose = on ? 0 : before;
	*spare = !on;
	return true;
}

static void end_failing(void *unused)
{
	fail_waiting(false);
}

/*
 * The k-th allocation fails, for every k: both say so alike, and keep nothing.  The IOVA
 * allocator can do without some of them.
 */
static void fail_each(struct kunit *test, struct device *dev, const struct port_memory *mem,
		      const struct port_pattern *pattern, struct port_told *told)
{
	unsigned long mapped = phyr_kunit_mapped(dev), slots = phyr_kunit_slots(dev);
	unsigned int i, k, failed;
	bool reached;
	int ret;

	for (i = 0; i < 2; i++) {
		port_function run = i ? pattern->new : pattern->old;

		failed = 0;
		for (k = 1, reached = true; reached && k < 1000; k++) {
			*told = (struct port_told) { .dev = dev };
			current->fail_nth = k;
			ret = run(dev, mem, told);
			reached = !current->fail_nth;
			current->fail_nth = 0;
			failed += ret == -ENOMEM;
			KUNIT_ASSERT_TRUE_MSG(test, !ret || (reached && ret == -ENOMEM),
					      "%s, %s: %d in step %u", pattern->name,
					      i ? "new" : "old", ret, k);
			KUNIT_ASSERT_EQ_MSG(test, phyr_kunit_mapped(dev), mapped, "%s",
					    pattern->name);
			KUNIT_ASSERT_EQ_MSG(test, phyr_kunit_slots(dev), slots, "%s",
					    pattern->name);
		}
		KUNIT_ASSERT_FALSE_MSG(test, reached, "%s", pattern->name);
		/* One entry needs no memory, and a list gets along with smaller chunks */
		KUNIT_EXPECT_TRUE_MSG(test, failed || i || pattern->uncut, "%s: nothing failed",
				      pattern->name);
	}
}

static void dma_phyr_test_port_fail(struct kunit *test)
{
	struct device *dev = new_device(test);
	struct page *block = new_block(test);
	const struct port_pattern *pattern;
	struct port_memory mem;
	struct port_told *told;
	unsigned int j;

	told = kunit_kmalloc(test, sizeof(*told), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, told);
	prandom_seed_state(&rnd, 7);
	do {
		KUNIT_ASSERT_EQ(test, make_memory(&mem, block), 0);
		if (mem.nr > 16)
			break;
		vfree(mem.area);
	} while (true);
	dma_set_max_seg_size(dev, SZ_64K);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_failing, NULL), 0);
	if (!fail_waiting(true))
		kunit_skip(test, "needs debugfs");
	for (j = 0; j < ARRAY_SIZE(sets); j++)
		for (pattern = sets[j]; pattern->name; pattern++)
			fail_each(test, dev, &mem, pattern, told);
	vfree(mem.area);
}
#else
static void dma_phyr_test_port_fail(struct kunit *test)
{
	kunit_skip(test, "needs CONFIG_FAILSLAB");
}
#endif

static struct kunit_case dma_phyr_port_cases[] = {
	KUNIT_CASE_PARAM(dma_phyr_test_port, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(dma_phyr_test_port_fail, phyr_kunit_gen_devices),
	{}
};

static struct kunit_suite dma_phyr_port_suite = {
	.name = "dma_phyr_port",
	.test_cases = dma_phyr_port_cases,
};

kunit_test_suite(dma_phyr_port_suite);
