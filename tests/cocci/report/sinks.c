// SPDX-License-Identifier: GPL-2.0
/* Lists of the driver's making that a framework keeps or takes. */
#include <drm/drm_gem_shmem_helper.h>
#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>

int fix_gem(struct device *dev, struct drm_gem_shmem_object *shmem, struct page **pages)
{
	struct sg_table *sgt = kzalloc(sizeof(*sgt), GFP_KERNEL);

	sg_alloc_table_from_pages(sgt, pages, 1, 0, PAGE_SIZE, GFP_KERNEL);
	shmem->sgt = sgt;
	return dma_map_sgtable(dev, sgt, 0, 0); /* => B-drm framework-sink */
}

int fix_mr(struct ib_device *dev, struct ib_mr *mr, struct scatterlist *sg, struct page *page)
{
	int n;

	sg_init_table(sg, 1);
	sg_set_page(sg, page, PAGE_SIZE, 0);
	n = ib_dma_map_sg(dev, sg, 1, DMA_TO_DEVICE); /* => B-rdma framework-sink */
	return ib_map_mr_sg(mr, sg, n, NULL, PAGE_SIZE);
}
