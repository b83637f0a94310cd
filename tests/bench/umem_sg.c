// SPDX-License-Identifier: GPL-2.0
/* The umem of the kernel before any patch */
#include "umem_includes.h"
#include "sg_umem.h"
#include "sg_iter.h"

struct sg_umem_odp {
	struct sg_umem	umem;
	unsigned int	page_shift;
};

static struct sg_umem_odp *to_sg_umem_odp(struct sg_umem *umem)
{
	return container_of(umem, struct sg_umem_odp, umem);
}

static void sg_umem_odp_release(struct sg_umem_odp *umem)
{
}

void sg_umem_dmabuf_release(struct sg_umem_dmabuf *umem)
{
}

#include "sg_iter.c"
#include "sg_umem.c"

#define UMEM(name)	sg_##name
#define UMEM_TYPE	struct sg_umem
#include "umem.h"

static u64 sg_bytes(void *data)
{
	struct sg_umem *umem = data;

	return (u64)umem->sgt_append.sgt.orig_nents * sizeof(struct scatterlist);
}

const struct bench_umem bench_umem_sg = { "sg", sg_get, sg_fill, sg_put, sg_bytes };
