// SPDX-License-Identifier: GPL-2.0
/* The walker that is shared hands an entry on, to who knows whom. */
/* => refused: unknown-callee */
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <media/videobuf2-dma-sg.h>

struct brstep_audio {
	struct scatterlist	*sglist;
	int			sglen;
	int			nr_pages;
};

void brstep_entry(u32 *out, struct scatterlist *sg);

static int brstep_walk(u32 *out, struct scatterlist *sgl)
{
	*out++ = sg_dma_address(sgl);
	brstep_entry(out, sgl);
	return 0;
}

int brstep_alloc(struct brstep_audio *a, struct page **pages)
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

int brstep_audio(struct device *dev, struct brstep_audio *a, u32 *out)
{
	a->sglen = dma_map_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	if (!a->sglen)
		return -ENOMEM;
	return brstep_walk(out, a->sglist);
}

void brstep_unmap(struct device *dev, struct brstep_audio *a)
{
	dma_unmap_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	kfree(a->sglist);
}

int brstep_video(struct vb2_buffer *vb, u32 *out)
{
	struct sg_table *sgt = vb2_dma_sg_plane_desc(vb, 0);

	return brstep_walk(out, sgt->sgl);
}
