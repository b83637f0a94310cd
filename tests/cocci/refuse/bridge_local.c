// SPDX-License-Identifier: GPL-2.0
/* => refused: bridge */
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <media/videobuf2-dma-sg.h>

struct brlocal_audio {
	struct scatterlist	*sglist;
	int			sglen;
	int			nr_pages;
};

static int brlocal_walk(u32 *out, struct scatterlist *sgl)
{
	*out++ = sg_dma_address(sgl);
	*out++ = sg_dma_len(sgl);
	return 0;
}

int brlocal_alloc(struct brlocal_audio *a, struct page **pages)
{
	int i;

	a->sglist = kcalloc(a->nr_pages, sizeof(*a->sglist), GFP_KERNEL);
	if (!a->sglist)
		return -ENOMEM;
	sg_init_table(a->sglist, a->nr_pages);
	for (i = 0; i < a->nr_pages; i++)  {
		sg_set_page(&a->sglist[i], pages[i], PAGE_SIZE, 0);
	}
	return 0;
}

int brlocal_audio(struct device *dev, struct brlocal_audio *a, u32 *out)
{
	a->sglen = dma_map_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	if (!a->sglen)
		return -ENOMEM;
	struct scatterlist *local = a->sglist;

	return brlocal_walk(out, local);
}

void brlocal_unmap(struct device *dev, struct brlocal_audio *a)
{
	dma_unmap_sg(dev, a->sglist, a->nr_pages, DMA_TO_DEVICE);
	kfree(a->sglist);
}

int brlocal_video(struct vb2_buffer *vb, u32 *out)
{
	struct sg_table *sgt = vb2_dma_sg_plane_desc(vb, 0);

	return brlocal_walk(out, sgt->sgl);
}
