// SPDX-License-Identifier: GPL-2.0
/* As convert/gem_table.cocci wants it, but mapped for one direction. */
/* => refused: bridge */
#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_gem.h>
#include <drm/drm_prime.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

#define BLIT_CACHED	1

struct blit_obj {
	struct drm_gem_object base;
	u32 how;
	struct page **pages;
	struct sg_table *sgt;
};

struct blit_mmu;

int blit_set(struct blit_mmu *mmu, unsigned int at, phys_addr_t phys, size_t bytes, int prot);
void blit_clear(struct blit_mmu *mmu, unsigned int at, size_t bytes);

static void blit_obj_map(struct blit_obj *obj)
{
	struct drm_device *drm = obj->base.dev;
	struct sg_table *sgt = obj->sgt;

	/* caches are cleaned */
	if (obj->how & BLIT_CACHED)
		dma_map_sgtable(drm->dev, sgt, DMA_TO_DEVICE, 0);
}

static void blit_obj_unmap(struct blit_obj *obj)
{
	struct drm_device *drm = obj->base.dev;
	struct sg_table *sgt = obj->sgt;

	if (obj->how & BLIT_CACHED)
		dma_unmap_sgtable(drm->dev, sgt, DMA_TO_DEVICE, 0);
}

struct page **blit_obj_pages(struct blit_obj *obj)
{
	int err;

	if (!obj->pages) {
		struct page **pages = drm_gem_get_pages(&obj->base);

		if (IS_ERR(pages))
			return pages;
		obj->pages = pages;
	}

	if (!obj->sgt) {
		struct drm_device *drm = obj->base.dev;
		unsigned int count = obj->base.size >> PAGE_SHIFT;
		struct sg_table *sgt;

		sgt = drm_prime_pages_to_sg(drm, obj->pages, count);
		if (IS_ERR(sgt)) {
			dev_err(drm->dev, "no table: %ld\n", PTR_ERR(sgt));
			return ERR_CAST(sgt);
		}

		obj->sgt = sgt;

		blit_obj_map(obj);
	}

	err = drm_gem_create_mmap_offset(&obj->base);
	return err ? ERR_PTR(err) : obj->pages;
}

void blit_obj_put_pages(struct blit_obj *obj)
{
	if (obj->sgt) {
		blit_obj_unmap(obj);
		sg_free_table(obj->sgt);
		kfree(obj->sgt);
		obj->sgt = NULL;
	}
	if (obj->pages)
		drm_gem_put_pages(&obj->base, obj->pages, true, false);
	obj->pages = NULL;
}

int blit_obj_cpu(struct blit_obj *obj)
{
	if (!obj->sgt)
		return -EINVAL;
	dma_sync_sgtable_for_cpu(obj->base.dev->dev, obj->sgt, DMA_FROM_DEVICE);
	return 0;
}

void blit_obj_gpu(struct blit_obj *obj)
{
	dma_sync_sgtable_for_device(obj->base.dev->dev, obj->sgt, DMA_TO_DEVICE);
}

static struct blit_obj *blit_obj_new(struct drm_device *drm, size_t bytes)
{
	struct blit_obj *obj;

	obj = kzalloc(sizeof(*obj), GFP_KERNEL);
	if (obj)
		drm_gem_private_object_init(drm, &obj->base, bytes);
	return obj;
}

static void blit_obj_release_imported(struct blit_obj *obj)
{
	kvfree(obj->pages);

	drm_prime_gem_destroy(&obj->base, obj->sgt);
}

void blit_obj_free(struct drm_gem_object *gem)
{
	struct blit_obj *obj = container_of(gem, struct blit_obj, base);

	if (gem->import_attach)
		blit_obj_release_imported(obj);
	else
		blit_obj_put_pages(obj);
	kfree(obj);
}

struct drm_gem_object *blit_gem_prime_import_sg_table(struct drm_device *drm,
						      struct dma_buf_attachment *attach,
						      struct sg_table *sgt)
{
	struct blit_obj *obj;
	size_t bytes = PAGE_ALIGN(attach->dmabuf->size);
	int err;

	err = blit_obj_make(drm, bytes, &obj);
	if (err < 0)
		return ERR_PTR(err);

	obj->sgt = sgt;
	obj->pages = kvmalloc_array(bytes >> PAGE_SHIFT, sizeof(*obj->pages), GFP_KERNEL);
	if (!obj->pages) {
		err = -ENOMEM;
		goto put;
	}
	err = drm_prime_sg_to_page_array(sgt, obj->pages, bytes >> PAGE_SHIFT);
	if (err)
		goto put;
	return &obj->base;

put:
	drm_gem_object_put(&obj->base);

	return ERR_PTR(err);
}

const struct drm_driver blit_driver = {
	.gem_prime_import_sg_table = blit_gem_prime_import_sg_table,
};

static int blit_set_table(struct blit_mmu *mmu, u32 gpu, struct sg_table *sgt, int prot)
{
	struct scatterlist *sg;
	unsigned int at = gpu;
	unsigned int k;
	int err;

	if (!mmu || !sgt)
		return -EINVAL;

	for_each_sgtable_dma_sg(sgt, sg, k) {
		phys_addr_t phys = sg_dma_address(sg) - sg->offset;
		size_t bytes = sg_dma_len(sg) + sg->offset;

		err = blit_set(mmu, at, phys, bytes, prot);
		if (err)
			goto undo;

		at += bytes;
	}

	return 0;

undo:
	blit_clear(mmu, gpu, at - gpu);
	return err;
}

static void blit_clear_table(struct blit_mmu *mmu, u32 gpu, struct sg_table *sgt, unsigned int len)
{
	struct scatterlist *sg;
	unsigned int at = gpu;
	int k;

	for_each_sgtable_dma_sg(sgt, sg, k) {
		size_t bytes = sg_dma_len(sg) + sg->offset;

		blit_clear(mmu, at, bytes);

		at += bytes;
	}
	WARN_ON(at - gpu != len);
}

int blit_map_obj(struct blit_mmu *mmu, struct blit_obj *obj, u32 *gpu)
{
	struct sg_table *sgt = obj->sgt;

	if (sgt->nents == 1 && sg_dma_len(sgt->sgl) < SZ_1G) {
		*gpu = sg_dma_address(sgt->sgl);
		return 0;
	}
	return blit_set_table(mmu, *gpu, sgt, 3);
}

void blit_unmap_obj(struct blit_mmu *mmu, struct blit_obj *obj, u32 gpu)
{
	blit_clear_table(mmu, gpu, obj->sgt, obj->base.size);
}
