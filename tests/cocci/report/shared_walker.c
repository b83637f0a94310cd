// SPDX-License-Identifier: GPL-2.0
/* Its list is private, but the walker is given a list of videobuf2, too. */
#include <linux/scatterlist.h>
#include <media/videobuf2-dma-sg.h>

struct fix_audio {
	struct scatterlist *sglist;
	int n;
};

static int fix_walk(struct scatterlist *sgl)
{
	return sg_dma_len(sgl);
}

int fix_audio_map(struct device *dev, struct fix_audio *a, struct page *page)
{
	sg_init_table(a->sglist, a->n);
	sg_set_page(a->sglist, page, PAGE_SIZE, 0);
	if (!dma_map_sg(dev, a->sglist, a->n, DMA_TO_DEVICE)) /* => A3s shared-walker */
		return -ENOMEM;
	return fix_walk(a->sglist);
}

int fix_video(struct vb2_buffer *vb)
{
	struct sg_table *sgt = vb2_dma_sg_plane_desc(vb, 0);

	return fix_walk(sgt->sgl);
}
