// SPDX-License-Identifier: GPL-2.0
/* Completion queues of the test adapter: rings of what the kernel calls a completion. */
#include <linux/slab.h>

#include "hca.h"

#define HCA_MAX_CQE	4096

int hca_create_cq(struct ib_cq *ibcq, const struct ib_cq_init_attr *attr,
		  struct uverbs_attr_bundle *attrs)
{
	struct hca_cq *cq = to_hca_cq(ibcq);

	if (attr->flags)
		return -EOPNOTSUPP;
	if (!attr->cqe || attr->cqe > HCA_MAX_CQE)
		return -EINVAL;
	cq->ring = kvcalloc(attr->cqe, sizeof(*cq->ring), GFP_KERNEL);
	if (!cq->ring)
		return -ENOMEM;
	spin_lock_init(&cq->lock);
	cq->size = attr->cqe;
	ibcq->cqe = attr->cqe;
	return 0;
}

int hca_destroy_cq(struct ib_cq *ibcq, struct ib_udata *udata)
{
	kvfree(to_hca_cq(ibcq)->ring);
	return 0;
}

void hca_cq_push(struct ib_cq *ibcq, const struct ib_wc *wc)
{
	struct hca_cq *cq = to_hca_cq(ibcq);
	unsigned long flags;
	bool armed, full;

	spin_lock_irqsave(&cq->lock, flags);
	full = cq->count == cq->size;
	if (!full)
		cq->ring[(cq->head + cq->count++) % cq->size] = *wc;
	armed = cq->armed;
	cq->armed = false;
	spin_unlock_irqrestore(&cq->lock, flags);
	if (full)
		ibdev_err_ratelimited(ibcq->device, "a completion queue has no room\n");
	if (armed && ibcq->comp_handler)
		ibcq->comp_handler(ibcq, ibcq->cq_context);
}

int hca_poll_cq(struct ib_cq *ibcq, int nr, struct ib_wc *wc)
{
	struct hca_cq *cq = to_hca_cq(ibcq);
	unsigned long flags;
	int i;

	spin_lock_irqsave(&cq->lock, flags);
	for (i = 0; i < nr && cq->count; i++, cq->count--) {
		wc[i] = cq->ring[cq->head];
		cq->head = (cq->head + 1) % cq->size;
	}
	spin_unlock_irqrestore(&cq->lock, flags);
	return i;
}

int hca_req_notify_cq(struct ib_cq *ibcq, enum ib_cq_notify_flags notify)
{
	struct hca_cq *cq = to_hca_cq(ibcq);
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&cq->lock, flags);
	cq->armed = true;
	ret = (notify & IB_CQ_REPORT_MISSED_EVENTS) && cq->count;
	spin_unlock_irqrestore(&cq->lock, flags);
	return ret;
}
