// SPDX-License-Identifier: GPL-2.0
/* The walker is told how many pages there are, not how many entries the view has. */
/* => refused: one-to-one */
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <media/videobuf2-dma-sg.h>

struct brcount_audio {
	struct scatterlist	*sglist;
	int			sglen;
	int			nr_pages;
};

static int brcount_walk(u32 *out, struct scatterlist *sgl, int n)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, n, i) {
		*out++ = sg_dma_address(sg);
		*out++ = sg_dma_len(sg);
	}
	return 0;
}

int brcount_alloc(struct brcount_audio *a, struct page **pages)
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

int brcount_audio(struct device *dev, struct brcount_audio *a, u32 *out)
{
	a->sglen = dma_map_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	if (!a->sglen)
		return -ENOMEM;
	return brcount_walk(out, a->sglist, a->nr_pages);
}

void brcount_unmap(struct device *dev, struct brcount_audio *a)
{
	dma_unmap_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	kfree(a->sglist);
}

int brcount_video(struct vb2_buffer *vb, u32 *out)
{
	struct sg_table *sgt = vb2_dma_sg_plane_desc(vb, 0);

	return brcount_walk(out, sgt->sgl, sgt->nents);
}
