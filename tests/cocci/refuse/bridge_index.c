// SPDX-License-Identifier: GPL-2.0
/* The walker looks for an entry by its number. */
/* => refused: index-access */
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <media/videobuf2-dma-sg.h>

struct brindex_audio {
	struct scatterlist	*sglist;
	int			sglen;
	int			nr_pages;
};

static int brindex_walk(u32 *out, struct scatterlist *sgl, int n)
{
	int i;

	for (i = 0; i < n; i++)
		*out++ = sg_dma_address(&sgl[i]) + sg_dma_len(&sgl[i]);
	return 0;
}

int brindex_alloc(struct brindex_audio *a, struct page **pages)
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

int brindex_audio(struct device *dev, struct brindex_audio *a, u32 *out)
{
	a->sglen = dma_map_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	if (!a->sglen)
		return -ENOMEM;
	return brindex_walk(out, a->sglist, a->sglen);
}

void brindex_unmap(struct device *dev, struct brindex_audio *a)
{
	dma_unmap_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	kfree(a->sglist);
}

int brindex_video(struct vb2_buffer *vb, u32 *out)
{
	struct sg_table *sgt = vb2_dma_sg_plane_desc(vb, 0);

	return brindex_walk(out, sgt->sgl, sgt->nents);
}
