// SPDX-License-Identifier: GPL-2.0
/* The other file. */
#include <linux/scatterlist.h>
#include "ring.h"

int drv_program(struct drv_ring *ring)
{
	return sg_dma_len(&ring->sglist[0]);
}
