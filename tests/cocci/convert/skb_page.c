// SPDX-License-Identifier: GPL-2.0
/* Entries for a socket buffer in a page for headers: convert/skb_page.cocci. */
#include <linux/align.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>

struct heads {
	struct device *dev;
	struct page *page;
	unsigned int used;
	unsigned int at;
};

static u8 *heads_get(struct heads *h, size_t len, struct sk_buff *skb)
{
	u8 *pos = page_address(h->page) + h->used;

	if (h->used + len > PAGE_SIZE || !skb->len)
		return NULL;
	h->used += len;
	return pos;
}

dma_addr_t heads_find(struct sg_table *tab, unsigned int off, unsigned int len)
{
	struct scatterlist *sg;
	unsigned int at = 0;
	int i;

	for_each_sgtable_dma_sg(tab, sg, i) {
		if (off >= at && off + len <= at + sg_dma_len(sg))
			return sg_dma_address(sg) + off - at;
		at += sg_dma_len(sg);
	}
	return DMA_MAPPING_ERROR;
}

struct sg_table *heads_prepare(struct heads *h, struct sk_buff *skb, u8 **pos,
			       unsigned int room, unsigned int off)
{
	struct sg_table *tab;
	unsigned int n = skb_shinfo(skb)->nr_frags + 1;
	int ents;

	*pos = heads_get(h, room + __alignof__(struct sg_table) +
			 sizeof(struct sg_table) +
			 n * sizeof(struct scatterlist), skb);
	if (!*pos)
		return NULL;

	tab = (void *)PTR_ALIGN(*pos + room, __alignof__(struct sg_table));
	tab->sgl = (void *)(tab + 1);
	sg_init_table(tab->sgl, n);
	ents = skb_to_sgvec(skb, tab->sgl, off, skb->len - off);
	if (WARN_ON_ONCE(ents <= 0))
		return NULL;

	tab->orig_nents = ents;
	if (dma_map_sgtable(h->dev, tab, DMA_TO_DEVICE, 0) < 0)
		return NULL;
	h->at = (unsigned long)tab & ~PAGE_MASK;
	return tab;
}

dma_addr_t heads_send(struct heads *h, struct sk_buff *skb)
{
	struct sg_table *tab;
	unsigned int n = 64;
	int ents;
	u8 *pos;

	ents = 0;
	tab = heads_prepare(h, skb, &pos, n, 20);
	if (!tab)
		return DMA_MAPPING_ERROR;
	return heads_find(tab, ents, n);
}

void heads_put(struct heads *h)
{
	struct sg_table *tab;

	tab = (void *)((u8 *)page_address(h->page) + h->at);
	dma_unmap_sgtable(h->dev, tab, DMA_TO_DEVICE, 0);
}
