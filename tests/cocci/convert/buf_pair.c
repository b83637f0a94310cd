// SPDX-License-Identifier: GPL-2.0
/* Two buffers with a number each: convert/buf_pair.cocci. */
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/scatterlist.h>

struct unit {
	struct device *dev;
	void __iomem *regs;
	u8 *tags;
	struct scatterlist ent[2];
	unsigned int size;
};

void unit_init(struct unit *u)
{
	sg_init_table(u->ent, 2);
	u->size = 0;
}

int unit_start(struct unit *u, const void *data, unsigned int len)
{
	int n, ret = 0;

	if (!len)
		return -EINVAL;

	sg_set_buf(&u->ent[0], data, len);
	sg_set_buf(&u->ent[1], u->tags, u->size);
	n = dma_map_sg(u->dev, u->ent, 2, DMA_BIDIRECTIONAL);
	if (!n)
		return -EIO;

	writel(sg_dma_address(&u->ent[0]), u->regs);
	writel(sg_dma_len(&u->ent[0]), u->regs + 4);
	writel(sg_dma_address(&u->ent[1]) + 64, u->regs + 8);
	return ret;
}

void unit_done(struct unit *u)
{
	int n;

	n = u->size;
	dma_unmap_sg(u->dev, u->ent, 2, DMA_BIDIRECTIONAL);
	while (n--)
		u->tags[n] = 0;
}
