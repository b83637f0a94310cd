// SPDX-License-Identifier: GPL-2.0
/* What skb_to_sgvec() returned is what the function returns: convert/skb_array.cocci. */
/* => refused: not-an-argument */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

struct element {
	__le64 addr;
	__le32 len;
};

struct note {
	int kind;
	union {
		struct {
			struct sk_buff *skb;
			struct scatterlist *list;
			int entries;
			int size;
		} many;
		struct {
			struct sk_buff *skb;
		} one;
	};
};

static void element_addr(struct element *e, dma_addr_t addr)
{
	e->addr = cpu_to_le64(addr);
}

static void element_len(struct element *e, u32 len)
{
	e->len = cpu_to_le32(len);
}

int note_send(struct device *dev, struct note *note, struct sk_buff *skb,
	      struct element *to, dma_addr_t *at)
{
	unsigned int room = skb_shinfo(skb)->nr_frags + 1;
	struct scatterlist *list, *sg;
	int i, err, entries, mapped;

	list = kmalloc_array(room, sizeof(struct scatterlist), GFP_ATOMIC);
	if (unlikely(!list))
		return -ENOMEM;

	sg_init_table(list, room);
	entries = skb_to_sgvec(skb, list, 0, skb->len);
	if (unlikely(entries < 0)) {
		err = entries;
		goto free;
	}
	mapped = dma_map_sg(dev, list, entries, DMA_TO_DEVICE);
	if (unlikely(!mapped)) {
		err = -EBUSY;
		goto free;
	}

	for_each_sg(list, sg, mapped, i) {
		element_addr(&to[i], sg_dma_address(sg));
		element_len(&to[i], sg_dma_len(sg));
	}

	note->kind = 1;
	note->many.skb = skb;
	note->many.list = list;
	note->many.entries = entries;
	note->many.size = mapped * sizeof(*to);
	*at = dma_map_single(dev, to, note->many.size, DMA_TO_DEVICE);
	if (dma_mapping_error(dev, *at)) {
		err = -ENOMEM;
		goto unmap;
	}
	return 0;

unmap:
	dma_unmap_sg(dev, list, entries, DMA_TO_DEVICE);
free:
	kfree(list);
	return err;
}

void note_sent(struct device *dev, struct note *note)
{
	int entries;

	entries = note->kind;
	if (entries == 1) {
		dma_unmap_sg(dev, note->many.list, note->many.entries, DMA_TO_DEVICE);
		kfree(note->many.list);
	}
}

unsigned int other_bytes(struct sg_table *other)
{
	struct scatterlist *ents, *sg;
	unsigned int n = 0;
	int i;

	ents = other->sgl;
	for_each_sg(ents, sg, other->orig_nents, i)
		n += sg->length;
	return n;
}
