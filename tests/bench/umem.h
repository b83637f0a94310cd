/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rest of a file that implements a struct bench_umem: ib_umem and its users' steps under
 * names that begin with what UMEM(x) puts in front of them, for a UMEM_TYPE.  The includer
 * has the renamed files of the kernel, see tests/rdma/umem/sources.sh.
 */
static void *UMEM(get)(struct ib_device *device, unsigned long addr, size_t len)
{
	return UMEM(umem_get)(device, addr, len, IB_ACCESS_LOCAL_WRITE);
}

/* What a driver does next: find the page size of the region and fill its page list */
static u64 UMEM(fill)(void *data, unsigned long sizes, u64 *list)
{
	UMEM_TYPE *umem = data;
	struct UMEM(block_iter) iter;
	unsigned long size;
	u64 nr = 0;

	size = UMEM(umem_find_best_pgsz)(umem, sizes, umem->address);
	if (!size)
		return 0;
	UMEM(umem_for_each_dma_block)(umem, &iter, size)
		list[nr++] = UMEM(block_iter_dma_address)(&iter);
	return nr;
}

static void UMEM(put)(void *umem)
{
	UMEM(umem_release)(umem);
}
