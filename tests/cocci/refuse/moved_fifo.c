// SPDX-License-Identifier: GPL-2.0
/* Jobs with their mapped tables go through a fifo. */
/* => refused: moved */
#include <linux/dma-mapping.h>
#include <linux/kfifo.h>
#include <linux/scatterlist.h>

struct fix_job {
	int id;
	struct sg_table sgt;
};

struct fix_dev {
	struct device *dev;
	DECLARE_KFIFO(jobs, struct fix_job, 16);
};

int fix_submit(struct fix_dev *fd, int id, struct page **pages, int n)
{
	struct fix_job job = { .id = id };
	int ret;

	ret = sg_alloc_table_from_pages(&job.sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(fd->dev, &job.sgt, DMA_TO_DEVICE, 0);
	if (ret) {
		sg_free_table(&job.sgt);
		return ret;
	}
	kfifo_put(&fd->jobs, job);
	return 0;
}

void fix_done(struct fix_dev *fd)
{
	struct fix_job job;

	if (!kfifo_get(&fd->jobs, &job))
		return;
	dma_unmap_sgtable(fd->dev, &job.sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&job.sgt);
}
