// SPDX-License-Identifier: GPL-2.0
/* Pointers to what has a table inside are kept, cast, and go through a fifo. */
#include <linux/dma-mapping.h>
#include <linux/kfifo.h>
#include <linux/scatterlist.h>

struct held_dev {
	struct device *dev;
	void *priv;
	void *slots[4];
	DECLARE_KFIFO(jobs, struct held_job *, 16);
};

struct held_job {
	u32 id;
	struct sg_table sgt;
};

#define to_job(h) ((struct held_job *)(h)->priv)

int held_map(struct held_dev *h, struct held_job *job, struct page **pages, int n)
{
	int ret;

	ret = sg_alloc_table_from_pages(&job->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(h->dev, &job->sgt, DMA_TO_DEVICE, 0);
	if (ret) {
		sg_free_table(&job->sgt);
		return ret;
	}
	h->priv = job;
	kfifo_put(&h->jobs, job);
	return 0;
}

int held_unmap(struct held_dev *h, unsigned long data)
{
	struct held_job *job = (struct held_job *)data, *none = NULL;

	if (job == none)
		job = (struct held_job *)h->priv;
	if (!job)
		job = (struct held_job *)h->slots[0];
	if (!job && !kfifo_get(&h->jobs, &job))
		return -ENOENT;
	dma_unmap_sgtable(h->dev, &job->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&job->sgt);
	return 0;
}
