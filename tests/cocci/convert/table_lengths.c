// SPDX-License-Identifier: GPL-2.0
/* Lengths in expressions that may wrap are 32 bits wide. */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

#define fix_twice(x) ((x) * 2)

void fix_note(u64 bytes);
int fix_say(const char *what, ...);

static u32 fix_half(u32 bytes)
{
	return bytes >> 1;
}

int table_lengths(struct device *dev, struct page **pages, int n, u64 *out, u32 head, u32 room)
{
	struct sg_table table;
	struct scatterlist *sg;
	u64 bytes = 0, one;
	int ret, i;

	ret = sg_alloc_table_from_pages(&table, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &table, DMA_FROM_DEVICE, DMA_ATTR_NO_WARN);
	if (ret)
		goto out;
	for_each_sgtable_dma_sg(&table, sg, i) {
		if (head - sg_dma_len(sg) > room)
			break;
		head -= sg_dma_len(sg);
		one = sg_dma_len(sg);
		bytes += one + fix_half(sg_dma_len(sg));
		fix_note(sg_dma_len(sg));
		fix_note(fix_twice(sg_dma_len(sg)));
		fix_note(min(sg_dma_len(sg), head));
		fix_say("%u bytes\n", sg_dma_len(sg));
		*out++ = -sg_dma_len(sg);
		*out++ = ~sg_dma_len(sg);
		*out++ = sg_dma_address(sg) + sg_dma_len(sg);
	}
	fix_say("%u entries\n", table.nents);
	dma_unmap_sgtable(dev, &table, DMA_FROM_DEVICE, 0);
out:
	sg_free_table(&table);
	return ret;
}
