// SPDX-License-Identifier: GPL-2.0
/* A structure that has a table inside is a part of what another one begins with. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_buf {
	u32 id;
	struct sg_table sgt;
};

struct fix_job {
	u32 cmd;
	struct fix_buf buf;
};

int fix_map(struct device *dev, struct fix_job *job, struct page **pages, int n)
{
	struct fix_buf b = { .id = 1 };
	int ret;

	ret = sg_alloc_table_from_pages(&b.sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &b.sgt, DMA_TO_DEVICE, 0);
	if (ret) {
		sg_free_table(&b.sgt);
		return ret;
	}
	*job = (struct fix_job) { .cmd = 4, .buf = b };
	return 0;
}

void fix_unmap(struct device *dev, struct fix_job *job)
{
	dma_unmap_sgtable(dev, &job->buf.sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&job->buf.sgt);
}
