// SPDX-License-Identifier: GPL-2.0
/* A list that is made in a callback of videobuf2. */
#include <linux/scatterlist.h>
#include <media/videobuf2-core.h>

struct vown_buf {
	struct sg_table t;
};

static void *vown_get_userptr(struct device *dev, struct vown_buf *buf)
{
	sg_alloc_table(&buf->t, 1, GFP_KERNEL);
	if (dma_map_sgtable(dev, &buf->t, 0, 0)) /* => B-vb2 framework-request */
		return NULL;
	return buf;
}

static const struct vb2_mem_ops vown_ops = {
	.get_userptr = vown_get_userptr,
};
