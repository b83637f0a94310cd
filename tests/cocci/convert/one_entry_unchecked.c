// SPDX-License-Identifier: GPL-2.0
/* A label and a comment before sg_init_one(), and nobody looks at the result. */
#include <linux/dmaengine.h>
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>

struct fix_nand {
	struct scatterlist sgl;
	void *own;
};

bool fix_prepare(struct device *dev, struct fix_nand *nand, void *buf, int len, int dir)
{
	int ret;

	if (virt_addr_valid(buf)) {
		sg_init_one(&nand->sgl, buf, len);
		ret = dma_map_sg(dev, &nand->sgl, 1, dir);
		if (!ret)
			goto bounce;
		return true;
	}

bounce:
	/* the buffer of our own */
	sg_init_one(&nand->sgl, nand->own, len);
	dma_map_sg(dev, &nand->sgl, 1, dir);
	return false;
}

int fix_go(struct fix_nand *nand, struct dma_chan *chan)
{
	return !dmaengine_prep_slave_sg(chan, &nand->sgl, 1, DMA_MEM_TO_DEV, 0);
}
