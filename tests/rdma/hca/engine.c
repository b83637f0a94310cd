// SPDX-License-Identifier: GPL-2.0
/*
 * What the test adapter does with a work request: keys, bounds and rights are checked as
 * hardware checks them, then the device copies between the pages of two MRs.
 */
#include "edu_regs.h"
#include "hca.h"

/* Bytes that a key names.  Without an MR they are at a DMA address */
struct hca_span {
	struct hca_mr	*mr;
	u64		addr;
	u64		len;
};

static struct hca_mr *hca_find_mr(struct hca *hca, struct ib_pd *pd, u32 key)
{
	struct hca_mr *mr = xa_load(&hca->mrs, key >> 8);

	lockdep_assert_held(&hca->engine);
	return mr && mr->valid && mr->key == key && mr->ibmr.pd == pd ? mr : NULL;
}

static bool hca_find_span(struct hca *hca, struct ib_pd *pd, u32 key, u64 addr, u64 len,
			  int access, struct hca_span *span)
{
	struct hca_mr *mr = hca_find_mr(hca, pd, key);

	*span = (struct hca_span) { .mr = mr, .addr = addr, .len = len };
	return mr && (mr->access & access) == access && addr >= mr->iova &&
	       len <= mr->length && addr - mr->iova <= mr->length - len;
}

/* The next bytes of @span that are contiguous for the device */
static u64 hca_span_piece(const struct hca_span *span, dma_addr_t *addr)
{
	struct hca_mr *mr = span->mr;
	u64 pos;

	if (!mr) {
		*addr = span->addr;
		return span->len;
	}
	pos = (mr->iova & (mr->page_size - 1)) + (span->addr - mr->iova);
	*addr = mr->pages[div64_u64(pos, mr->page_size)] + (pos & (mr->page_size - 1));
	return min(span->len, mr->page_size - (pos & (mr->page_size - 1)));
}

/* An MR that somebody wants to deregister is not worked on to the end */
static bool hca_span_is_gone(const struct hca_span *span)
{
	return span->mr && !READ_ONCE(span->mr->valid);
}

static void hca_span_advance(struct hca_span *span, u64 len)
{
	span->addr += len;
	span->len -= len;
}

/* All of @local, and as much of @remote */
static enum ib_wc_status hca_copy(struct hca_qp *qp, struct hca_span *local,
				  struct hca_span *remote, bool read)
{
	struct hca *hca = to_hca(qp->ibqp.device);
	struct hca_span *src = read ? remote : local, *dst = read ? local : remote;

	while (local->len) {
		dma_addr_t from, to;
		u64 len;

		/* Taken away meanwhile: whoever waits has not to wait for all of it */
		if (READ_ONCE(qp->state) != IB_QPS_RTS)
			return IB_WC_WR_FLUSH_ERR;
		if (hca_span_is_gone(local))
			return IB_WC_LOC_PROT_ERR;
		if (hca_span_is_gone(remote))
			return IB_WC_REM_ACCESS_ERR;
		len = hca_span_piece(src, &from);
		len = min(len, hca_span_piece(dst, &to));
		len = min(len, EDU_MAX_SEGMENT);
		if (edu_dma_wait(hca->regs, from, len, false) ||
		    edu_dma_wait(hca->regs, to, len, true))
			return IB_WC_FATAL_ERR;
		hca_span_advance(src, len);
		hca_span_advance(dst, len);
	}
	return IB_WC_SUCCESS;
}

static enum ib_wc_status hca_rdma(struct hca_qp *qp, const struct hca_wqe *wqe)
{
	struct hca *hca = to_hca(qp->ibqp.device);
	bool read = wqe->opcode == IB_WR_RDMA_READ;
	int access = read ? IB_ACCESS_REMOTE_READ : IB_ACCESS_REMOTE_WRITE;
	struct hca_span local[HCA_MAX_SGE], remote;
	struct hca_qp *dest = xa_load(&hca->qps, qp->dest);
	enum ib_wc_status status = IB_WC_SUCCESS;
	u64 len = 0;
	u32 i;

	for (i = 0; i < wqe->num_sge; i++) {
		const struct ib_sge *sge = wqe->sge + i;

		local[i] = (struct hca_span) { .addr = sge->addr, .len = sge->length };
		len += sge->length;
		if (sge->lkey == HCA_LOCAL_DMA_LKEY && !qp->ibqp.uobject)
			continue;
		if (!hca_find_span(hca, qp->ibqp.pd, sge->lkey, sge->addr, sge->length,
				   read ? IB_ACCESS_LOCAL_WRITE : 0, local + i))
			return IB_WC_LOC_PROT_ERR;
	}
	if (!len)
		return IB_WC_SUCCESS;
	if (!dest || READ_ONCE(dest->state) < IB_QPS_RTR || READ_ONCE(dest->state) > IB_QPS_RTS)
		return IB_WC_RETRY_EXC_ERR;
	if ((dest->access & access) != access ||
	    !hca_find_span(hca, dest->ibqp.pd, wqe->rkey, wqe->remote_addr, len, access, &remote))
		return IB_WC_REM_ACCESS_ERR;
	for (i = 0; i < wqe->num_sge && !status; i++)
		status = hca_copy(qp, local + i, &remote, read);
	return status;
}

static enum ib_wc_status hca_reg(struct hca *hca, const struct hca_wqe *wqe)
{
	struct hca_mr *mr = wqe->mr;

	if (mr->valid || wqe->key >> 8 != mr->id || !mr->nr_pages)
		return IB_WC_MW_BIND_ERR;
	mr->key = wqe->key;
	mr->access = wqe->access;
	mr->iova = mr->ibmr.iova;
	mr->length = mr->ibmr.length;
	mr->page_size = mr->ibmr.page_size;
	mr->valid = true;
	return IB_WC_SUCCESS;
}

static enum ib_wc_status hca_invalidate(struct hca_qp *qp, const struct hca_wqe *wqe)
{
	struct hca_mr *mr = hca_find_mr(to_hca(qp->ibqp.device), qp->ibqp.pd, wqe->key);

	if (!mr || mr->umem)
		return IB_WC_MW_BIND_ERR;
	mr->valid = false;
	return IB_WC_SUCCESS;
}

/**
 * hca_engine_run() - Do what a work request wants
 * @qp: the QP in whose send queue it is
 * @wqe: the work request
 *
 * Context: Process context, sleeps until the device is done.
 * Return: what the completion is to say.
 */
enum ib_wc_status hca_engine_run(struct hca_qp *qp, const struct hca_wqe *wqe)
{
	struct hca *hca = to_hca(qp->ibqp.device);
	enum ib_wc_status status;

	mutex_lock(&hca->engine);
	switch (wqe->opcode) {
	case IB_WR_REG_MR:
		status = hca_reg(hca, wqe);
		break;
	case IB_WR_LOCAL_INV:
		status = hca_invalidate(qp, wqe);
		break;
	default:
		status = hca_rdma(qp, wqe);
		break;
	}
	mutex_unlock(&hca->engine);
	return status;
}
