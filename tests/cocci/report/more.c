// SPDX-License-Identifier: GPL-2.0
/* Rules that few drivers need. */
#include <drm/ttm/ttm_tt.h>
#include <linux/dma-buf.h>
#include <linux/dma-map-ops.h>
#include <linux/dmaengine.h>
#include <linux/scatterlist.h>
#include <rdma/rw.h>

struct more_tt {
	struct ttm_tt ttm;
	struct sg_table own, *current_table;
	struct sg_table *imported;
};

struct more_cursor {
	struct scatterlist *sgl;
};

struct more_mem {
	struct scatterlist *sgl;
};

struct more_fw {
	struct sg_table table;
};

struct more_ring {
	struct scatterlist many[4];
	struct sg_table table;
};

int rdma_rw_ctx_init(struct rdma_rw_ctx *ctx, struct ib_qp *qp, u32 port,
		     struct scatterlist *sg, u32 n, u32 off, u64 addr, u32 key,
		     enum dma_data_direction dir)
{
	return dma_map_sg(NULL, sg, n, dir); /* => B-rdma framework-argument */
}

unsigned int rdma_rw_mr_factor(struct ib_device *dev, u32 port, unsigned int pages)
{
	struct scatterlist sg[2];

	sg_init_table(sg, 2);
	return dma_map_sg(NULL, sg, 2, 0); /* => A2 private-one-file */
}

static int more_map_op(struct device *dev, struct scatterlist *sg, int n,
		       enum dma_data_direction dir, unsigned long attrs)
{
	return dma_map_sg(dev->parent, sg, n, dir); /* => C wrapper */
}

static const struct dma_map_ops more_dma_ops = {
	.map_sg = more_map_op,
};

int more_ttm_imported(struct ttm_tt *ttm, struct more_tt *tt, struct dma_buf_attachment *at)
{
	tt->imported = dma_buf_map_attachment(at, 0);
	return dma_map_sgtable(NULL, tt->imported, 0, 0); /* => B-ttm framework-request */
}

int more_ttm_own(struct ttm_tt *ttm, struct device *dev)
{
	struct scatterlist sg[3];

	sg_init_table(sg, 3);
	return dma_map_sg(dev, sg, 3, 0); /* => B-ttm framework-request */
}

int more_choose(struct more_tt *tt, bool import)
{
	tt->current_table = import ? tt->ttm.sg : &tt->own;
	return 0;
}

int more_own(struct device *dev, struct more_tt *tt)
{
	sg_alloc_table(&tt->own, 1, GFP_KERNEL);
	return dma_map_sgtable(dev, &tt->own, 0, 0); /* => A3d dma-buf-mixed */
}

int more_set(struct more_cursor *c, struct more_mem *mem, struct more_fw *fw, bool own)
{
	if (own)
		c->sgl = fw->table.sgl;
	else
		c->sgl = mem->sgl;
	return 0;
}

int more_firmware(struct device *dev, struct more_fw *fw)
{
	sg_alloc_table(&fw->table, 1, GFP_KERNEL);
	return dma_map_sgtable(dev, &fw->table, 0, 0); /* => A3s shared-walker */
}

int more_alias(struct device *dev, struct dma_chan *chan, struct more_ring *r, int i, void *buf)
{
	struct scatterlist *sg = &r->many[i];

	sg_init_one(sg, buf, 16);
	dma_map_sg(dev, sg, 1, 0); /* => B-dmaengine dmaengine-long */
	return !dmaengine_prep_slave_sg(chan, sg, 1, 0, 0);
}

int more_table(struct device *dev, struct dma_chan *chan, struct more_ring *r)
{
	sg_alloc_table(&r->table, 1, GFP_KERNEL);
	dma_map_sgtable(dev, &r->table, 0, 0); /* => B-dmaengine dmaengine-long */
	return !dmaengine_prep_slave_sg(chan, r->table.sgl, 1, 0, 0);
}
