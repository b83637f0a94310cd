// SPDX-License-Identifier: GPL-2.0
/*
 * The same pages built into a list and a scatterlist, mapped, walked in blocks
 * of a page and unmapped, and what each step takes.
 *
 * Ticks of the time stamp counter are instructions if QEMU runs with
 * "-icount shift=0": its clock then advances 1 ns with each of them.  All is done
 * twice and the second time counts, when caches of memory and IOVA are filled.
 *
 * Also what it takes to make the memory of a BAR known to other devices.
 */
#include <linux/dma-mapping.h>
#include <linux/dma-phyr.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/pci-p2pdma.h>
#include <linux/phyr.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/timex.h>

#include "edu.h"
#include "phyr_edu.h"

/* Keep the compiler from leaving out a walk whose result nobody needs */
static u64 edu_sink;

static int edu_measure_phyr(struct device *dev, struct page **pages, unsigned long nr,
			    u64 offset, u64 len, u64 *ticks)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct dma_phyr_block_iter iter;
	struct dma_phyr_map map = {};
	u64 start, sum = 0;
	int ret;

	start = get_cycles();
	ret = phyr_list_append_pages(&list, pages, nr, offset, len, GFP_KERNEL);
	ticks[PHYR_EDU_BUILD] = get_cycles() - start;
	if (ret)
		return ret;

	start = get_cycles();
	ret = dma_map_phyr(dev, &list, &map, DMA_TO_DEVICE, 0);
	ticks[PHYR_EDU_MAP] = get_cycles() - start;
	if (ret)
		goto out_release;

	start = get_cycles();
	dma_phyr_for_each_block(iter, &map, PAGE_SIZE)
		sum += iter.addr;
	ticks[PHYR_EDU_WALK] = get_cycles() - start;
	WRITE_ONCE(edu_sink, sum);

	start = get_cycles();
	dma_unmap_phyr(&map);
	ticks[PHYR_EDU_UNMAP] = get_cycles() - start;
out_release:
	start = get_cycles();
	phyr_list_release(&list);
	ticks[PHYR_EDU_FREE] = get_cycles() - start;
	return ret;
}

static int edu_measure_sg(struct device *dev, struct page **pages, unsigned long nr,
			  u64 offset, u64 len, u64 *ticks)
{
	struct sg_append_table table = {};
	struct sg_dma_page_iter iter;
	u64 start, sum = 0;
	int ret;

	start = get_cycles();
	ret = sg_alloc_append_table_from_pages(&table, pages, nr, offset, len, UINT_MAX, 0,
					       GFP_KERNEL);
	ticks[PHYR_EDU_BUILD] = get_cycles() - start;
	if (ret)
		goto out_free;

	start = get_cycles();
	ret = dma_map_sgtable(dev, &table.sgt, DMA_TO_DEVICE, 0);
	ticks[PHYR_EDU_MAP] = get_cycles() - start;
	if (ret)
		goto out_free;

	start = get_cycles();
	for_each_sgtable_dma_page(&table.sgt, &iter, 0)
		sum += sg_page_iter_dma_address(&iter);
	ticks[PHYR_EDU_WALK] = get_cycles() - start;
	WRITE_ONCE(edu_sink, sum);

	start = get_cycles();
	dma_unmap_sgtable(dev, &table.sgt, DMA_TO_DEVICE, 0);
	ticks[PHYR_EDU_UNMAP] = get_cycles() - start;
out_free:
	start = get_cycles();
	sg_free_append_table(&table);
	ticks[PHYR_EDU_FREE] = get_cycles() - start;
	return ret;
}

int edu_measure(struct device *dev, struct phyr_edu_measure *measure)
{
	u64 offset = offset_in_page(measure->addr);
	unsigned long nr = PFN_UP(offset + measure->len);
	struct page **pages;
	unsigned int round;
	int ret, pinned;

	if (!measure->len || nr > INT_MAX)
		return -EINVAL;
	pages = kvmalloc_array(nr, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	pinned = pin_user_pages_fast(measure->addr - offset, nr, 0, pages);
	if (pinned != nr) {
		ret = pinned < 0 ? pinned : -EFAULT;
		if (pinned > 0)
			unpin_user_pages(pages, pinned);
		goto out_free;
	}
	for (round = 0; round < 2; round++) {
		ret = edu_measure_phyr(dev, pages, nr, offset, measure->len, measure->phyr);
		if (!ret)
			ret = edu_measure_sg(dev, pages, nr, offset, measure->len, measure->sg);
		if (ret)
			break;
	}
	measure->pages = nr;
	unpin_user_pages(pages, nr);
out_free:
	kvfree(pages);
	return ret;
}

/* So many that what one takes can be seen in the count of free pages */
#define EDU_REGISTRATIONS	8192

static u64 edu_free_bytes(void)
{
	struct sysinfo info;

	si_meminfo(&info);
	return (u64)info.freeram * info.mem_unit;
}

/* The first time: what is given back waits where it is not counted as free */
static void edu_measure_gone(u64 *bytes, u64 before)
{
	u64 after = edu_free_bytes();

	if (before > after)
		*bytes = max(*bytes, before - after);
}

static int edu_measure_provider(struct pci_dev *pdev, int bar, u64 size,
				struct phyr_edu_register *measure)
{
	u64 ticks = 0, bytes = 0, before;
	int ret = 0;
	u32 nr;

	before = edu_free_bytes();
	for (nr = 0; nr < EDU_REGISTRATIONS; nr++) {
		struct p2pdma_provider *provider;
		u64 start = get_cycles();

		/* What pcim_p2pdma_provider() would not do more than once for a BAR */
		provider = pcim_p2pdma_provider_range(pdev, bar, 0, size);
		ticks += get_cycles() - start;
		if (IS_ERR(provider)) {
			ret = PTR_ERR(provider);
			break;
		}
	}
	edu_measure_gone(&bytes, before);
	measure->provider_ticks = ticks / EDU_REGISTRATIONS;
	measure->provider_bytes = max(measure->provider_bytes, bytes / EDU_REGISTRATIONS);
	return ret;
}

static int edu_measure_pages(struct pci_dev *pdev, int bar, u64 size,
			     struct phyr_edu_register *measure)
{
	u64 start, before;
	int ret;

	before = edu_free_bytes();
	start = get_cycles();
	ret = pci_p2pdma_add_resource(pdev, bar, size, 0);
	measure->pages_ticks = get_cycles() - start;
	edu_measure_gone(&measure->pages_bytes, before);
	return ret;
}

/* With the device locked and its driver bound; all is undone */
int edu_measure_register(struct pci_dev *pdev, int bar, struct phyr_edu_register *measure)
{
	int (*const ways[])(struct pci_dev *pdev, int bar, u64 size,
			    struct phyr_edu_register *measure) = {
		edu_measure_provider, edu_measure_pages,
	};
	struct device *dev = &pdev->dev;
	unsigned int round, way;
	int ret = 0;

	measure->size = pci_resource_len(pdev, bar);
	measure->provider_bytes = 0;
	measure->pages_bytes = 0;
	for (round = 0; round < 2; round++) {
		for (way = 0; way < ARRAY_SIZE(ways) && !ret; way++) {
			void *group = devres_open_group(dev, NULL, GFP_KERNEL);

			if (!group)
				return -ENOMEM;
			ret = ways[way](pdev, bar, measure->size, measure);
			devres_close_group(dev, group);
			devres_release_group(dev, group);
		}
	}
	return ret;
}
