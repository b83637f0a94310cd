// SPDX-License-Identifier: GPL-2.0
/* The walker takes the entry behind this one for the next. */
/* => refused: index-access */
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <media/videobuf2-dma-sg.h>

struct brnext_audio {
	struct scatterlist	*sglist;
	int			sglen;
	int			nr_pages;
};

static int brnext_walk(u32 *out, struct scatterlist *sgl, u32 bytes)
{
	while (bytes) {
		*out++ = sg_dma_address(sgl);
		bytes -= min(bytes, sg_dma_len(sgl));
		sgl++;
	}
	return 0;
}

int brnext_alloc(struct brnext_audio *a, struct page **pages)
{
	int i;

	a->sglist = kcalloc(a->nr_pages, sizeof(*a->sglist), GFP_ATOMIC);
	if (!a->sglist)
		return -ENOMEM;
	sg_init_table(a->sglist, a->nr_pages);
	for (i = 0; i < a->nr_pages; i++)  {
		sg_set_page(&a->sglist[i], pages[i], PAGE_SIZE, 0);
	}
	return 0;
}

int brnext_audio(struct device *dev, struct brnext_audio *a, u32 *out)
{
	a->sglen = dma_map_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	if (!a->sglen)
		return -ENOMEM;
	return brnext_walk(out, a->sglist, PAGE_SIZE);
}

void brnext_unmap(struct device *dev, struct brnext_audio *a)
{
	dma_unmap_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	kfree(a->sglist);
}

int brnext_video(struct vb2_buffer *vb, u32 *out)
{
	struct sg_table *sgt = vb2_dma_sg_plane_desc(vb, 0);

	return brnext_walk(out, sgt->sgl, PAGE_SIZE);
}
