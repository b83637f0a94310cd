// SPDX-License-Identifier: GPL-2.0
/* Lists that frameworks hand out, the ways that they come. */
#include <linux/blk-mq.h>
#include <linux/mmc/core.h>
#include <linux/mmc/host.h>
#include <linux/scatterlist.h>
#include <scsi/scsi_cmnd.h>
#include <crypto/internal/skcipher.h>

#define fix_map(dev, sg) fix_map_from(dev, sg, __func__)

struct fix_iod {
	struct sg_table table;
	struct scatterlist *sg;
};

struct fix_ops {
	int (*map)(struct device *dev, struct scatterlist *sg);
};

int fix_mmc(struct device *dev, struct mmc_request *mrq)
{
	struct mmc_data *data = mrq->data;

	return dma_map_sg(dev, data->sg, data->sg_len, 0); /* => B-mmc framework-list */
}

int fix_scsi(struct device *dev, struct scsi_cmnd *cmd)
{
	struct scatterlist *sg = scsi_sglist(cmd);

	return dma_map_sg(dev, sg, scsi_sg_count(cmd), 0); /* => B-scsi framework-list */
}

static int fix_helper(struct device *dev, struct scatterlist *sgl, int n)
{
	return dma_map_sg(dev, sgl, n, 0); /* => B-crypto framework-list */
}

int fix_crypto(struct device *dev, struct skcipher_request *req)
{
	return fix_helper(dev, req->src, 1);
}

int fix_block(struct device *dev, struct request *rq, struct fix_iod *iod)
{
	int n;

	sg_init_table(iod->table.sgl, 4);
	n = blk_rq_map_sg(rq->q, rq, iod->table.sgl);
	return dma_map_sg(dev, iod->table.sgl, n, 0); /* => B-block framework-filled */
}

static int fix_map_from(struct device *dev, struct scatterlist *sg, const char *who)
{
	return dma_map_sg(dev, sg, 1, 0); /* => B-mmc framework-list */
}

int fix_by_macro(struct device *dev, struct mmc_data *data)
{
	return fix_map(dev, data->sg);
}

static int fix_method(struct device *dev, struct scatterlist *sg)
{
	return dma_map_sg(dev, sg, 1, 0); /* => B-scsi framework-list */
}

static const struct fix_ops fix_table = {
	.map = fix_method,
};

int fix_by_method(struct device *dev, struct fix_ops *ops, struct scsi_cmnd *cmd)
{
	return ops->map(dev, scsi_sglist(cmd));
}

int fix_choice(struct device *dev, struct mmc_data *data, struct fix_iod *iod, int own)
{
	struct scatterlist *sg = own ? iod->sg : data->sg;

	return dma_map_sg(dev, sg, 1, 0); /* => B-mmc framework-list */
}

int fix_initialiser(struct device *dev, struct mmc_data *data)
{
	struct fix_iod iod = { .sg = data->sg };
	struct sg_table t = {
		.sgl = iod.sg,
		.orig_nents = 1,
	};

	return dma_map_sgtable(dev, &t, 0, 0); /* => B-mmc framework-list */
}
