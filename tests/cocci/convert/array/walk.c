// SPDX-License-Identifier: GPL-2.0
/* Another file that walks the list. */
#include <linux/scatterlist.h>
#include "ring.h"

int ring_write(u32 *out, struct scatterlist *sglist, unsigned int bytes)
{
	struct scatterlist *sg;

	sg = sglist;
	while (bytes > sg_dma_len(sg)) {
		*out++ = sg_dma_address(sg);
		*out++ = sg_dma_len(sg);
		bytes -= sg_dma_len(sg);
		sg = sg_next(sg);
	}
	*out++ = sg_dma_address(sg);
	*out++ = DIV_ROUND_UP(sg_dma_len(sg), 4);
	return 0;
}
