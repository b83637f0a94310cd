// SPDX-License-Identifier: GPL-2.0
/* The same by a cast to a pointer without a type. */
/* => refused: embedded */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/skbuff.h>

struct fix_cb {
	dma_addr_t first;
	struct sg_table sgt;
};

int fix_xmit(struct device *dev, struct sk_buff *skb, struct page **pages, int n)
{
	struct fix_cb *cb = (void *)skb->cb;
	int ret;

	ret = sg_alloc_table_from_pages(&cb->sgt, pages, n, 0, n << PAGE_SHIFT, GFP_ATOMIC);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, &cb->sgt, DMA_TO_DEVICE, 0);
	if (ret) {
		sg_free_table(&cb->sgt);
		return ret;
	}
	cb->first = sg_dma_address(cb->sgt.sgl);
	return 0;
}

void fix_done(struct device *dev, struct sk_buff *skb)
{
	struct fix_cb *cb = (void *)skb->cb;

	dma_unmap_sgtable(dev, &cb->sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&cb->sgt);
	dev_kfree_skb_any(skb);
}
