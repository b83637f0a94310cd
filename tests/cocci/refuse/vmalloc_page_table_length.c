// SPDX-License-Identifier: GPL-2.0
/* As convert/vmalloc_page_table.cocci wants it, but lengths are looked at. */
/* => refused: bridge */
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <media/videobuf2-dma-sg.h>

struct tuner_pt {
	__le32			*cpu;
	dma_addr_t		dma;
	struct scatterlist	*entries;
	int			count;
};

int tuner_pt_alloc(struct device *dev, struct tuner_pt *pt);
void tuner_pt_free(struct device *dev, struct tuner_pt *pt);

static struct scatterlist *tuner_list(u8 *from, int count)
{
	struct scatterlist *list;
	struct page *pg;
	int k;

	list = kmalloc_array(count, sizeof(struct scatterlist), GFP_KERNEL);
	if (!list)
		return NULL;
	sg_init_table(list, count);
	for (k = 0; k < count; k++, from += PAGE_SIZE) {
		pg = vmalloc_to_page(from);
		if (!pg)
			goto free;
		if (WARN_ON(PageHighMem(pg)))
			goto free;
		sg_set_page(&list[k], pg, PAGE_SIZE, 0);
	}
	return list;

free:
	kfree(list);
	return NULL;
}

static int tuner_pt_write(struct device *dev, struct tuner_pt *pt, struct scatterlist *list,
			  int count)
{
	struct sg_dma_page_iter iter;
	__le32 *to = pt->cpu;

	if (list->length < PAGE_SIZE)
		return -EIO;
	for_each_sg_dma_page(list, &iter, count, 0) {
		*to++ = cpu_to_le32(sg_page_iter_dma_address(&iter));
	}
	return 0;
}

void *tuner_make(struct device *dev, long bytes, struct tuner_pt *pt)
{
	int pages = DIV_ROUND_UP(bytes, PAGE_SIZE);
	void *area = vmalloc_32(bytes);
	int count = 0;

	if (!area)
		goto none;

	if (!(pt->entries = tuner_list(area, pages)))
		goto free_area;

	if (tuner_pt_alloc(dev, pt))
		goto free_list;

	pt->count = pages;
	count = dma_map_sg(dev, pt->entries, pt->count, DMA_FROM_DEVICE);
	if (!count)
		goto free_pt;

	if (tuner_pt_write(dev, pt, pt->entries, count) != 0)
		goto unmap;

	return area;

unmap:
	dma_unmap_sg(dev, pt->entries, pt->count, DMA_FROM_DEVICE);
free_pt:
	tuner_pt_free(dev, pt);
free_list:
	kfree(pt->entries);
	pt->entries = NULL;
free_area:
	vfree(area);
none:
	return NULL;
}

void tuner_free(struct device *dev, void *area, struct tuner_pt *pt)
{
	dma_unmap_sg(dev, pt->entries, pt->count, DMA_FROM_DEVICE);
	tuner_pt_free(dev, pt);
	kfree(pt->entries);
	pt->entries = NULL;
	vfree(area);
}

int tuner_video(struct device *dev, struct tuner_pt *pt, struct vb2_buffer *vb)
{
	struct sg_table *sgt = vb2_dma_sg_plane_desc(vb, 0);

	return tuner_pt_write(dev, pt, sgt->sgl, sgt->nents);
}
