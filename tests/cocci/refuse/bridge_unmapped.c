// SPDX-License-Identifier: GPL-2.0
/* Who walks it again does so when it is not mapped any more. */
/* => refused: bridge */
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <media/videobuf2-dma-sg.h>

struct bridge_audio {
	struct scatterlist	*sglist;
	int			sglen;
	int			nr_pages;
};

static int bridge_walk(u32 *out, struct scatterlist *sgl)
{
	*out++ = sg_dma_address(sgl);
	*out++ = sg_dma_len(sgl);
	return 0;
}

int bridge_alloc(struct bridge_audio *a, struct page **pages)
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

int bridge_audio(struct device *dev, struct bridge_audio *a, u32 *out)
{
	a->sglen = dma_map_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	if (!a->sglen)
		return -ENOMEM;
	return bridge_walk(out, a->sglist);
}

void bridge_unmap(struct device *dev, struct bridge_audio *a)
{
	dma_unmap_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
}

void bridge_dump(struct bridge_audio *a, u32 *out)
{
	bridge_walk(out, a->sglist);
}

void bridge_free(struct bridge_audio *a)
{
	kfree(a->sglist);
}

int bridge_video(struct vb2_buffer *vb, u32 *out)
{
	struct sg_table *sgt = vb2_dma_sg_plane_desc(vb, 0);

	return bridge_walk(out, sgt->sgl);
}
