// SPDX-License-Identifier: GPL-2.0
/* The walker takes each entry for a page. */
/* => refused: one-to-one */
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <media/videobuf2-dma-sg.h>

struct brlength_audio {
	struct scatterlist	*sglist;
	int			sglen;
	int			nr_pages;
};

static int brlength_walk(u32 *out, struct scatterlist *sgl)
{
	*out++ = sg_dma_address(sgl);
	*out++ = sg_dma_address(sg_next(sgl));
	return 0;
}

int brlength_alloc(struct brlength_audio *a, struct page **pages)
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

int brlength_audio(struct device *dev, struct brlength_audio *a, u32 *out)
{
	a->sglen = dma_map_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	if (!a->sglen)
		return -ENOMEM;
	return brlength_walk(out, a->sglist);
}

void brlength_unmap(struct device *dev, struct brlength_audio *a)
{
	dma_unmap_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	kfree(a->sglist);
}

int brlength_video(struct vb2_buffer *vb, u32 *out)
{
	struct sg_table *sgt = vb2_dma_sg_plane_desc(vb, 0);

	return brlength_walk(out, sgt->sgl);
}
