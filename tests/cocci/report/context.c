// SPDX-License-Identifier: GPL-2.0
/* An own list that is made while a framework's request is handled. */
#include <crypto/internal/aead.h>
#include <linux/scatterlist.h>

int fix_aead(struct device *dev, struct aead_request *req, void *iv)
{
	struct scatterlist sg;

	sg_init_one(&sg, iv, 16);
	return dma_map_sg(dev, &sg, 1, 0); /* => B-crypto framework-request */
}
