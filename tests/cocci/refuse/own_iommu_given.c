// SPDX-License-Identifier: GPL-2.0
/* As convert/own_iommu_view.cocci wants it, but the table is somebody else's. */
/* => refused: bridge */
#include <linux/cacheflush.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <media/videobuf2-dma-sg.h>

struct cam {
	struct device	*bus;
	u64		next;
	struct sg_table	code_sgt;
};

u64 cam_space(struct cam *cam, size_t bytes);
int cam_write_pte(struct cam *cam, u64 at, dma_addr_t addr, size_t bytes);
dma_addr_t cam_read_pte(struct cam *cam, u64 at);

static void cam_unmap_list(struct cam *cam, struct scatterlist *list, int count,
			   enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int k;

	for_each_sg(list, sg, count, k)
		sg_dma_address(sg) = cam_read_pte(cam, sg_dma_address(sg));
}

static int cam_map_list(struct cam *cam, struct scatterlist *list, int count,
			enum dma_data_direction dir, unsigned long attrs)
{
	struct scatterlist *sg;
	int k;

	for_each_sg(list, sg, count, k) {
		u64 at = cam_space(cam, sg_dma_len(sg));

		if (sg->offset || cam_write_pte(cam, at, sg_dma_address(sg), sg_dma_len(sg)))
			goto undo;
		sg_dma_address(sg) = at;
	}
	return count;

undo:
	cam_unmap_list(cam, list, k, dir, attrs);
	return -ENOSPC;
}

int cam_map(struct cam *cam, struct sg_table *sgt, enum dma_data_direction dir,
	    unsigned long attrs)
{
	int count;

	count = cam_map_list(cam, sgt->sgl, sgt->nents, dir, attrs);
	if (count < 0)
		return count;
	sgt->nents = count;
	return 0;
}

void cam_unmap(struct cam *cam, struct sg_table *sgt, enum dma_data_direction dir,
	       unsigned long attrs)
{
	cam_unmap_list(cam, sgt->sgl, sgt->nents, dir, attrs);
}

static void cam_flush_list(struct cam *cam, struct scatterlist *list, int count)
{
	struct scatterlist *sg;
	int k;

	for_each_sg(list, sg, count, k)
		clflush_cache_range(page_to_virt(sg_page(sg)), sg->length);
}

void cam_flush(struct cam *cam, struct sg_table *sgt)
{
	cam_flush_list(cam, sgt->sgl, sgt->orig_nents);
}

static int cam_map_code(struct cam *cam, const void *code, size_t bytes, struct sg_table *sgt)
{
	struct page **pages;
	unsigned long count;
	unsigned int k;
	int err;

	count = PHYS_PFN(PAGE_ALIGN(bytes));
	pages = kmalloc_array(count, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	for (k = 0; k < count; k++)
		pages[k] = virt_to_page(code + k * PAGE_SIZE);

	err = sg_alloc_table_from_pages(sgt, pages, count, 0, bytes, GFP_KERNEL);
	if (err) {
		err = -ENOMEM;
		goto free;
	}

	err = dma_map_sgtable(cam->bus, sgt, DMA_TO_DEVICE, 0);
	if (err) {
		sg_free_table(sgt);
		goto free;
	}

	err = cam_map(cam, sgt, DMA_TO_DEVICE, 0);
	if (err) {
		dma_unmap_sgtable(cam->bus, sgt, DMA_TO_DEVICE, 0);
		sg_free_table(sgt);
		goto free;
	}

	cam_flush(cam, sgt);

free:
	kfree(pages);

	return err;
}

static void cam_unmap_code(struct cam *cam, struct sg_table *sgt)
{
	cam_unmap(cam, sgt, DMA_TO_DEVICE, 0);
	dma_unmap_sgtable(cam->bus, sgt, DMA_TO_DEVICE, 0);
	sg_free_table(sgt);
}

int cam_start_both(struct cam *cam, struct cam *other, const void *code, size_t bytes)
{
	return cam_map_code(cam, code, bytes, &other->code_sgt);
}

int cam_start(struct cam *cam, const void *code, size_t bytes)
{
	return cam_map_code(cam, code, bytes, &cam->code_sgt);
}

void cam_stop(struct cam *cam)
{
	cam_unmap_code(cam, &cam->code_sgt);
}

int cam_video(struct cam *cam, struct vb2_buffer *vb)
{
	return cam_map(cam, vb2_dma_sg_plane_desc(vb, 0), DMA_FROM_DEVICE, 0);
}
