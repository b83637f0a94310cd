// SPDX-License-Identifier: GPL-2.0
/* As convert/ttm_table_view.cocci wants it, but entries are counted. */
/* => refused: incomplete */
#include <drm/drm_device.h>
#include <drm/drm_gem.h>
#include <drm/drm_prime.h>
#include <drm/drm_print.h>
#include <drm/ttm/ttm_tt.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct vgpu {
	struct drm_device drm;
	bool paged;
};

struct vgpu_told {
	struct page **pages;
	unsigned long count;
	struct sg_table *sgt;
};

struct vgpu_tt {
	struct ttm_tt tt;
	struct vgpu *vgpu;
	struct sg_table own;
	struct vgpu_told told;
	bool mapped;
};

void vgpu_write_pte(struct vgpu *vgpu, u64 at, dma_addr_t addr);

static void vgpu_write(struct vgpu *vgpu, const struct vgpu_told *told, u64 at)
{
	struct sg_dma_page_iter iter;

	__sg_page_iter_start(&iter.base, told->sgt->sgl, told->sgt->orig_nents, 0);
	while (__sg_page_iter_dma_next(&iter)) {
		vgpu_write_pte(vgpu, at, sg_page_iter_dma_address(&iter));
		at += PAGE_SIZE;
	}
}

static void vgpu_unmap_pages(struct vgpu_tt *vt)
{
	struct device *dev = vt->vgpu->drm.dev;

	dma_unmap_sgtable(dev, &vt->own, DMA_BIDIRECTIONAL, 0);
	vt->own.nents = vt->own.orig_nents;
}

static int vgpu_map_pages(struct vgpu_tt *vt)
{
	struct device *dev = vt->vgpu->drm.dev;

	return dma_map_sgtable(dev, &vt->own, DMA_BIDIRECTIONAL, 0);
}

static int vgpu_map(struct vgpu_tt *vt)
{
	struct vgpu *vgpu = vt->vgpu;
	struct vgpu_told *told = &vt->told;
	int err = 0;

	if (vt->mapped)
		return 0;

	told->pages = vt->tt.pages;
	told->count = vt->tt.num_pages;
	told->sgt = NULL;

	if (!vgpu->paged) {
		if (vt->tt.page_flags & TTM_TT_FLAG_EXTERNAL) {
			told->sgt = vt->tt.sg;
		} else {
			told->sgt = &vt->own;
			err = sg_alloc_table_from_pages_segment(&vt->own, told->pages, told->count,
				0, told->count << PAGE_SHIFT,
				dma_get_max_seg_size(vgpu->drm.dev), GFP_KERNEL);
			if (err)
				goto none;
		}

		err = vgpu_map_pages(vt);
		if (unlikely(err != 0))
			goto unmapped;
	}

	vt->mapped = true;
	return 0;

unmapped:
	drm_warn(&vgpu->drm, "a buffer cannot be mapped\n");
	sg_free_table(told->sgt);
	told->sgt = NULL;
none:
	return err;
}

static int vgpu_entries(struct vgpu_tt *vt)
{
	return vt->own.nents;
}

static void vgpu_unmap(struct vgpu_tt *vt)
{
	if (!vt->told.sgt)
		return;

	vgpu_unmap_pages(vt);
	sg_free_table(vt->told.sgt);
	vt->told.sgt = NULL;
	vt->mapped = false;
}

static struct sg_table *vgpu_get_sg_table(struct drm_gem_object *obj, struct vgpu_tt *vt)
{
	if (vt->told.sgt)
		return vt->told.sgt;

	return drm_prime_pages_to_sg(obj->dev, vt->tt.pages, vt->tt.num_pages);
}
