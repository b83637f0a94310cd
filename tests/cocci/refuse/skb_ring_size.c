// SPDX-License-Identifier: GPL-2.0
/* The size is not that of a table and its entries: convert/skb_ring.cocci. */
/* => refused: shared-list */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>

#define MOST 20

#define LIST_SIZE(n)	(sizeof(struct scatterlist) * (n) + 2 * sizeof(struct sg_table))
#define LIST_ROOM	ALIGN(LIST_SIZE(MOST), 8)

struct spare {
	struct device *dev;
	void *buf;
	unsigned int used;
	unsigned int first;
	unsigned int failed[2];
	__le64 *desc;
};

static void *spare_get(struct spare *s, unsigned int size, dma_addr_t *dma, u32 *len)
{
	*dma = 0;
	*len = size;
	s->used += size;
	return s->buf + s->used - size;
}

static void spare_undo(struct spare *s, u32 len)
{
	s->used -= len;
}

static void spare_count(struct spare *s, int which)
{
	s->failed[which]++;
}

static int spare_desc(struct spare *s, dma_addr_t addr, unsigned int len)
{
	*s->desc++ = cpu_to_le64(addr);
	*s->desc++ = cpu_to_le64(len);
	return 1;
}

bool spare_room(struct spare *s, u32 i)
{
	return i - s->used >= LIST_ROOM;
}

int spare_send(struct spare *s, struct sk_buff *skb)
{
	u32 entries = skb_shinfo(skb)->nr_frags + 1;
	struct sg_table *tab;
	int total = 0;
	dma_addr_t dma;
	u32 len, i;
	int n;

	if (skb_has_frag_list(skb))
		entries = MOST;

	tab = spare_get(s, LIST_SIZE(entries), &dma, &len);
	tab->sgl = (struct scatterlist *)(tab + 1);
	sg_init_table(tab->sgl, entries);
	n = skb_to_sgvec(skb, tab->sgl, 0, skb->len);
	if (unlikely(n < 0)) {
		spare_undo(s, len);
		spare_count(s, 0);
		return -ENOMEM;
	}

	tab->orig_nents = n;
	tab->nents = dma_map_sg(s->dev, tab->sgl, tab->orig_nents, DMA_TO_DEVICE);
	if (unlikely(!tab->nents)) {
		spare_undo(s, len);
		spare_count(s, 1);
		return -ENOMEM;
	}

	for (i = 0; i < tab->nents; i++)
		total += spare_desc(s, sg_dma_address(tab->sgl + i),
				    sg_dma_len(tab->sgl + i));
	return total;
}

void spare_sent(struct spare *s)
{
	struct sg_table *tab = s->buf + s->first;

	dma_unmap_sg(s->dev, tab->sgl, tab->orig_nents, DMA_TO_DEVICE);
}

int spare_sum(struct spare *s)
{
	u32 entries = s->used;
	u32 i;
	int n;

	if (!entries)
		entries = s->first;
	n = s->failed[0];
	i = s->failed[1];
	return n + i + entries;
}

u32 spare_first(struct spare *s)
{
	u32 entries = s->used;

	s->first = entries;
	if (!s->buf)
		entries = 0;
	return s->first;
}
