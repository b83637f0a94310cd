// SPDX-License-Identifier: GPL-2.0
/* As convert/vmalloc_view.cocci wants it, but an entry is found by its number. */
/* => refused: bridge */
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <media/videobuf2-dma-sg.h>
#include <sound/pcm.h>

struct ring {
	unsigned int		period;
	void			*area;
	struct scatterlist	*entries;
	int			count;
	unsigned long		pages;
};

struct ring_card {
	struct device		*dev;
	struct ring		*ring;
	u32			*program;
};

static u32 *ring_line(u32 *at, struct scatterlist *list, unsigned int bytes)
{
	struct scatterlist *sg = list;

	while (bytes) {
		*at++ = sg_dma_address(sg);
		bytes -= min(bytes, sg_dma_len(sg));
		sg = sg + 1;
	}
	return at;
}

static int ring_program(u32 *at, struct scatterlist *list, unsigned int count, unsigned int bytes)
{
	at = ring_line(at, list, bytes);
	*at = count;
	return 0;
}

static int ring_alloc(struct ring_card *card, unsigned long pages)
{
	struct ring *ring = card->ring;
	struct page *page;
	int k;

	ring->area = vmalloc_32(pages << PAGE_SHIFT);
	if (!ring->area)
		return -ENOMEM;
	memset(ring->area, 0, pages << PAGE_SHIFT);
	ring->pages = pages;

	ring->entries = vzalloc(array_size(sizeof(*ring->entries), ring->pages));
	if (!ring->entries)
		goto free_area;

	sg_init_table(ring->entries, ring->pages);
	for (k = 0; k < ring->pages; k++) {
		page = vmalloc_to_page(ring->area + k * PAGE_SIZE);
		if (!page)
			goto free_entries;
		sg_set_page(&ring->entries[k], page, PAGE_SIZE, 0);
	}
	return 0;

free_entries:
	vfree(ring->entries);
	ring->entries = NULL;
free_area:
	vfree(ring->area);
	ring->area = NULL;
	return -ENOMEM;
}

static int ring_map(struct ring_card *card)
{
	struct ring *ring = card->ring;

	ring->count = dma_map_sg(card->dev, ring->entries, ring->pages, DMA_FROM_DEVICE);
	if (!ring->count) {
		dev_warn(card->dev, "the ring cannot be mapped\n");
		return -ENOMEM;
	}
	return 0;
}

static int ring_unmap(struct ring_card *card)
{
	struct ring *ring = card->ring;

	if (!ring->count)
		return 0;

	dma_unmap_sg(card->dev, ring->entries, ring->pages, DMA_FROM_DEVICE);
	ring->count = 0;
	return 0;
}

static int ring_free(struct ring *ring)
{
	vfree(ring->entries);
	ring->entries = NULL;
	vfree(ring->area);
	ring->area = NULL;
	return 0;
}

static int ring_hw_params(struct snd_pcm_substream *substream, struct snd_pcm_hw_params *params)
{
	struct ring_card *card = snd_pcm_substream_chip(substream);
	int err;

	err = ring_alloc(card, params_buffer_bytes(params) >> PAGE_SHIFT);
	if (err)
		return err;
	err = ring_map(card);
	if (err)
		goto free;
	err = ring_program(card->program, card->ring->entries, card->ring->count,
			   card->ring->period);
	if (err)
		goto unmap;
	return 0;

unmap:
	ring_unmap(card);
free:
	ring_free(card->ring);
	return err;
}

static const struct snd_pcm_ops ring_ops = {
	.hw_params = ring_hw_params,
};

int ring_video(struct ring_card *card, struct vb2_buffer *vb)
{
	struct sg_table *sgt = vb2_dma_sg_plane_desc(vb, 0);

	return ring_program(card->program, sgt->sgl, sgt->nents, vb2_plane_size(vb, 0));
}
