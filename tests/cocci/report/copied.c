// SPDX-License-Identifier: GPL-2.0
/* An own list of a framework's bytes. */
#include <crypto/internal/hash.h>
#include <linux/scatterlist.h>

struct fix_hash {
	struct scatterlist sg[2];
};

int fix_hash_map(struct device *dev, struct fix_hash *h, struct ahash_request *req)
{
	sg_init_table(h->sg, 2);
	sg_set_page(h->sg, sg_page(req->src), 16, 0);
	return dma_map_sg(dev, h->sg, 1, 0); /* => B-crypto framework-list */
}
