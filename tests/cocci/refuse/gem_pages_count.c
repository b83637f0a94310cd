// SPDX-License-Identifier: GPL-2.0
/* As convert/gem_pages_iommu.cocci wants it, but entries are counted. */
/* => refused: incomplete */
#include <drm/drm_device.h>
#include <drm/drm_gem.h>
#include <drm/drm_prime.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct disp {
	struct iommu_domain *domain;
};

struct disp_bo {
	struct drm_gem_object gem;
	struct sg_table *sgt;
	struct page **pages;
	unsigned long count;
	unsigned long iova;
	size_t bytes;
};

static int disp_tell(struct disp *disp, struct disp_bo *bo)
{
	ssize_t size;
	int err;

	if (bo->bytes)
		return -EBUSY;

	size = iommu_map_sgtable(disp->domain, bo->iova, bo->sgt, IOMMU_READ | IOMMU_WRITE);
	if (size < 0) {
		dev_err(bo->gem.dev->dev, "the IOMMU does not take it\n");
		err = size;
		goto undo;
	}
	bo->bytes = size;

	return 0;

undo:
	bo->iova = 0;
	return err;
}

static void disp_bo_put(struct drm_device *drm, struct disp_bo *bo)
{
	if (bo->pages) {
		dma_unmap_sgtable(drm->dev, bo->sgt, DMA_FROM_DEVICE, 0);
		drm_gem_put_pages(&bo->gem, bo->pages, true, true);
		sg_free_table(bo->sgt);
		kfree(bo->sgt);
	} else {
		bo->count = 0;
	}
}

static int disp_bo_get(struct drm_device *drm, struct disp_bo *bo)
{
	int err;

	bo->pages = drm_gem_get_pages(&bo->gem);
	if (IS_ERR(bo->pages))
		return PTR_ERR(bo->pages);

	bo->count = bo->gem.size >> PAGE_SHIFT;

	bo->sgt = drm_prime_pages_to_sg(bo->gem.dev, bo->pages, bo->count);
	if (IS_ERR(bo->sgt)) {
		err = PTR_ERR(bo->sgt);
		goto put;
	}

	err = dma_map_sgtable(drm->dev, bo->sgt, DMA_FROM_DEVICE, 0);
	if (err)
		goto free;

	return 0;

free:
	sg_free_table(bo->sgt);
	kfree(bo->sgt);
put:
	drm_gem_put_pages(&bo->gem, bo->pages, false, false);
	return err;
}

int disp_bo_make(struct drm_device *drm, struct disp *disp, struct disp_bo *bo)
{
	int err = disp_bo_get(drm, bo);

	if (err)
		return err;
	err = disp_tell(disp, bo);
	if (err)
		disp_bo_put(drm, bo);
	return err;
}

int disp_bo_import(struct disp *disp, struct disp_bo *bo, struct dma_buf_attachment *attach)
{
	int err;

	bo->sgt = dma_buf_map_attachment_unlocked(attach, DMA_TO_DEVICE);
	if (IS_ERR(bo->sgt))
		return PTR_ERR(bo->sgt);
	err = disp_tell(disp, bo);
	if (err)
		dma_buf_unmap_attachment_unlocked(attach, bo->sgt, DMA_TO_DEVICE);
	return err;
}

int disp_bo_entries(struct disp_bo *bo)
{
	return bo->sgt->nents;
}

void disp_bo_cpu(struct drm_device *drm, struct disp_bo *bo)
{
	if (bo->pages)
		dma_sync_sgtable_for_cpu(drm->dev, bo->sgt, DMA_FROM_DEVICE);
}

void disp_bo_device(struct drm_device *drm, struct disp_bo *bo)
{
	if (bo->pages)
		dma_sync_sgtable_for_device(drm->dev, bo->sgt, DMA_TO_DEVICE);
}
