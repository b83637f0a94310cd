// SPDX-License-Identifier: GPL-2.0
/*
 * The umem of the unmodified kernel, beside the new one in one kernel.
 *
 * The files sg_umem.h, sg_iter.h, sg_umem.c, sg_umem_dmabuf.c and
 * sg_iter.c are those of the kernel as they were before any patch, but for names that
 * begin with ib_umem or rdma: sources.sh writes them when the module is
 * built.  Here they become one object, with a face that needs none of their types.
 */
#include <linux/bitops.h>
#include <linux/count_zeros.h>
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/scatterlist.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <rdma/ib_verbs.h>

#include "sg.h"

#include "sg_umem.h"
#include "sg_iter.h"

/* ODP is not part of this, but there is a case for it */
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
	WARN_ON(1);
}

#include "sg_iter.c"
#include "sg_umem_dmabuf.c"
#include "sg_umem.c"

struct sg_umem *sg_register(struct ib_device *device, u64 addr, size_t len, int access)
{
	return sg_umem_get(device, addr, len, access);
}

struct sg_umem *sg_register_dmabuf(struct ib_device *device, u64 offset, size_t len, int fd,
				   int access)
{
	struct sg_umem_dmabuf *umem = sg_umem_dmabuf_get_pinned(device, offset, len, fd, access);

	return IS_ERR(umem) ? ERR_CAST(umem) : &umem->umem;
}

void sg_deregister(struct sg_umem *umem)
{
	sg_umem_release(umem);
}

int sg_walk_blocks(struct sg_umem *umem, unsigned long size, sg_block_fn fn, void *data)
{
	struct sg_block_iter iter;
	int ret;

	sg_umem_for_each_dma_block(umem, &iter, size) {
		ret = fn(data, sg_block_iter_dma_address(&iter));
		if (ret)
			return ret;
	}
	return 0;
}

int sg_walk_ranges(struct sg_umem *umem, sg_range_fn fn, void *data)
{
	dma_addr_t addr = 0;
	struct scatterlist *sg;
	u64 len = 0;
	int i, ret;

	for_each_sgtable_dma_sg(&umem->sgt_append.sgt, sg, i) {
		if (len && addr + len == sg_dma_address(sg)) {
			len += sg_dma_len(sg);
			continue;
		}
		if (len) {
			ret = fn(data, addr, len);
			if (ret)
				return ret;
		}
		addr = sg_dma_address(sg);
		len = sg_dma_len(sg);
	}
	return len ? fn(data, addr, len) : 0;
}

int sg_walk_pages(struct sg_umem *umem, sg_page_fn fn, void *data)
{
	struct sg_page_iter iter;
	int ret;

	for_each_sgtable_page(&umem->sgt_append.sgt, &iter, 0) {
		ret = fn(data, sg_page_iter_page(&iter));
		if (ret)
			return ret;
	}
	return 0;
}

unsigned long sg_best_pgsz(struct sg_umem *umem, unsigned long sizes, u64 iova)
{
	return sg_umem_find_best_pgsz(umem, sizes, iova);
}

unsigned long sg_best_pgoff(struct sg_umem *umem, unsigned long sizes, u64 mask)
{
	return sg_umem_find_best_pgoff(umem, sizes, mask);
}

unsigned long sg_dma_offset(struct sg_umem *umem, unsigned long size)
{
	return sg_umem_dma_offset(umem, size);
}

size_t sg_num_blocks(struct sg_umem *umem, unsigned long size)
{
	return sg_umem_num_dma_blocks(umem, size);
}

dma_addr_t sg_first_page(struct sg_umem *umem)
{
	return sg_dma_address(umem->sgt_append.sgt.sgl);
}

int sg_copy_from(void *dst, struct sg_umem *umem, size_t off, size_t len)
{
	return sg_umem_copy_from(dst, umem, off, len);
}

u64 sg_list_bytes(struct sg_umem *umem)
{
	u64 nents = umem->sgt_append.sgt.orig_nents;

	return nents * sizeof(struct scatterlist);
}
