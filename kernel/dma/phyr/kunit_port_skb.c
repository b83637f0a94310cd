// SPDX-License-Identifier: GPL-2.0
/*
 * Drivers that convert/skb_*.cocci of scripts/coccinelle/phyr is for: what they do with the
 * memory of a socket buffer that they send, and what it becomes.
 *
 * kunit_port.c compares them.  Which bytes a list of a socket buffer has is compared in
 * net/core/phyr_kunit.c.
 */
#include <linux/dma-mapping.h>
#include <linux/phyr-skb.h>
#include <linux/phyr-table.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>
#include <linux/slab.h>

#include "kunit_port.h"

/* Pages that are the test's, not the buffer's, so nobody may put them */
static struct sk_buff *skb_of(const struct port_memory *mem)
{
	unsigned int left = mem->size, at = mem->offset;
	struct sk_buff *skb = alloc_skb(0, GFP_KERNEL);
	int i;

	if (!skb)
		return NULL;
	for (i = 0; left && i < MAX_SKB_FRAGS; i++) {
		unsigned int len = min_t(unsigned int, left, PAGE_SIZE - at % PAGE_SIZE);

		skb_fill_page_desc(skb, i, mem->pages[at / PAGE_SIZE], at % PAGE_SIZE, len);
		skb->len += len;
		skb->data_len += len;
		at += len;
		left -= len;
	}
	return skb;
}

static void free_skb(struct sk_buff *skb)
{
	skb_shinfo(skb)->nr_frags = 0;
	kfree_skb(skb);
}

static int skb_of_sg(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct sk_buff *skb = skb_of(mem);
	struct scatterlist *sgl, *sg;
	int i, n, nents, ret = -ENOMEM;

	if (!skb)
		return -ENOMEM;
	sgl = kmalloc_array(MAX_SKB_FRAGS + 1, sizeof(*sgl), GFP_ATOMIC);
	if (!sgl)
		goto out_free;
	sg_init_table(sgl, MAX_SKB_FRAGS + 1);
	n = skb_to_sgvec(skb, sgl, 0, skb->len);
	nents = n > 0 ? dma_map_sg(dev, sgl, n, DMA_TO_DEVICE) : 0;
	if (nents) {
		ret = 0;
		for_each_sg(sgl, sg, nents, i)
			ret = ret ?: port_tell(told, sg_dma_address(sg), sg_dma_len(sg));
		dma_unmap_sg(dev, sgl, n, DMA_TO_DEVICE);
	}
	kfree(sgl);
out_free:
	free_skb(skb);
	return ret;
}

static int skb_of_phyr(struct device *dev, const struct port_memory *mem, struct port_told *told)
{
	struct sk_buff *skb = skb_of(mem);
	struct dma_phyr_iter iter;
	struct phyr_table *table;
	struct dma_phyr range;
	int ret = -ENOMEM;

	if (!skb)
		return -ENOMEM;
	table = kzalloc(sizeof(*table), GFP_ATOMIC);
	if (!table)
		goto out_free;
	ret = phyr_list_append_skb(&table->list, skb, 0, skb->len, GFP_ATOMIC);
	if (!ret)
		ret = dma_map_phyr_table(dev, table, DMA_TO_DEVICE, 0);
	if (!ret) {
		/* There is no room for more than a scatterlist had */
		if (dma_phyr_count(&table->map) > MAX_SKB_FRAGS + 1)
			ret = -EMSGSIZE;
		dma_phyr_for_each(range, iter, &table->map)
			ret = ret ?: port_tell(told, range.addr, range.len);
		dma_unmap_phyr(&table->map);
	}
	phyr_table_free(table);
	kfree(table);
out_free:
	free_skb(skb);
	return ret;
}

/* In memory that the driver has already, and as long as it is contiguous (skb_ring) */
static int skb_of_stretches(struct device *dev, const struct port_memory *mem,
			    struct port_told *told)
{
	struct sk_buff *skb = skb_of(mem);
	struct dma_phyr_iter iter;
	struct phyr_table table;
	struct dma_phyr range;
	int ret;

	if (!skb)
		return -ENOMEM;
	phyr_table_init(&table);
	ret = phyr_list_append_skb(&table.list, skb, 0, skb->len, GFP_ATOMIC);
	if (!ret)
		ret = dma_map_phyr_table(dev, &table, DMA_TO_DEVICE, 0);
	if (!ret) {
		dma_phyr_for_each_stretch(range, iter, &table.map)
			ret = ret ?: port_tell(told, range.addr, range.len);
		dma_unmap_phyr(&table.map);
	}
	phyr_table_free(&table);
	free_skb(skb);
	return ret;
}

const struct port_pattern port_skbs[] = {
	{ "array for a socket buffer", skb_of_sg, skb_of_phyr },
	{ "socket buffer in a ring", skb_of_sg, skb_of_stretches, true },
	{}
};
