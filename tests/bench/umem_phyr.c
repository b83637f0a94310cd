// SPDX-License-Identifier: GPL-2.0
/* The umem of the kernel with physical range lists */
#include "umem_includes.h"
#include "phyr_umem.h"
#include "phyr_iter.h"

struct phyr_umem_odp {
	struct phyr_umem umem;
	unsigned int	page_shift;
};

static struct phyr_umem_odp *to_phyr_umem_odp(struct phyr_umem *umem)
{
	return container_of(umem, struct phyr_umem_odp, umem);
}

static void phyr_umem_odp_release(struct phyr_umem_odp *umem)
{
}

void phyr_umem_dmabuf_release(struct phyr_umem_dmabuf *umem)
{
}

/* There is no such device here, and the core that has this is not built */
int ib_dma_virt_map_phyr(const struct phyr_list *list, struct dma_phyr_map *map)
{
	return -EIO;
}

#include "phyr_iter.c"
#include "phyr_umem.c"

#define UMEM(name)	phyr_##name
#define UMEM_TYPE	struct phyr_umem
#include "umem.h"

static u64 phyr_bytes(void *data)
{
	struct phyr_umem *umem = data;

	return phyr_list_memory(&umem->list);
}

const struct bench_umem bench_umem_phyr = { "phyr", phyr_get, phyr_fill, phyr_put, phyr_bytes };
