// SPDX-License-Identifier: GPL-2.0
/*
 * Queue pairs of the test adapter: a send queue, which a work item empties.  There is nothing
 * to receive by.
 */
#include <linux/slab.h>

#include "hca.h"

static enum ib_wc_opcode hca_wc_opcode(enum ib_wr_opcode opcode)
{
	switch (opcode) {
	case IB_WR_RDMA_READ:
		return IB_WC_RDMA_READ;
	case IB_WR_REG_MR:
		return IB_WC_REG_MR;
	case IB_WR_LOCAL_INV:
		return IB_WC_LOCAL_INV;
	default:
		return IB_WC_RDMA_WRITE;
	}
}

static void hca_complete(struct hca_qp *qp, const struct hca_wqe *wqe, enum ib_wc_status status)
{
	struct ib_wc wc = {
		.wr_id = wqe->wr_id, .status = status, .opcode = hca_wc_opcode(wqe->opcode),
		.qp = &qp->ibqp, .port_num = 1,
	};

	if (status || qp->signal_all || (wqe->send_flags & IB_SEND_SIGNALED))
		hca_cq_push(qp->ibqp.send_cq, &wc);
}

static struct hca_wqe *hca_next_wqe(struct hca_qp *qp, enum ib_qp_state *state)
{
	struct hca_wqe *wqe;

	spin_lock_irq(&qp->lock);
	*state = qp->state;
	wqe = list_first_entry_or_null(&qp->sq, struct hca_wqe, link);
	if (wqe && (*state == IB_QPS_RTS || *state == IB_QPS_ERR)) {
		list_del(&wqe->link);
		qp->sq_len--;
	} else {
		wqe = NULL;
	}
	spin_unlock_irq(&qp->lock);
	return wqe;
}

static void hca_send_work(struct work_struct *work)
{
	struct hca_qp *qp = container_of(work, struct hca_qp, work);
	enum ib_wc_status status;
	enum ib_qp_state state;
	struct hca_wqe *wqe;

	while ((wqe = hca_next_wqe(qp, &state))) {
		status = state == IB_QPS_RTS ? hca_engine_run(qp, wqe) : IB_WC_WR_FLUSH_ERR;
		if (status) {
			spin_lock_irq(&qp->lock);
			if (qp->state == IB_QPS_RTS)
				qp->state = IB_QPS_ERR;
			spin_unlock_irq(&qp->lock);
		}
		hca_complete(qp, wqe, status);
		kfree(wqe);
	}
}

int hca_create_qp(struct ib_qp *ibqp, struct ib_qp_init_attr *attr, struct ib_udata *udata)
{
	struct hca *hca = to_hca(ibqp->device);
	struct hca_qp *qp = to_hca_qp(ibqp);

	if (attr->qp_type != IB_QPT_RC || attr->srq || attr->create_flags)
		return -EOPNOTSUPP;
	if (attr->cap.max_send_wr > HCA_MAX_WR || attr->cap.max_send_sge > HCA_MAX_SGE)
		return -EINVAL;
	INIT_WORK(&qp->work, hca_send_work);
	spin_lock_init(&qp->lock);
	INIT_LIST_HEAD(&qp->sq);
	qp->max_send_wr = attr->cap.max_send_wr;
	qp->max_send_sge = attr->cap.max_send_sge;
	qp->signal_all = attr->sq_sig_type == IB_SIGNAL_ALL_WR;
	qp->state = IB_QPS_RESET;
	return xa_alloc(&hca->qps, &ibqp->qp_num, qp, XA_LIMIT(2, 0xffffff), GFP_KERNEL);
}

static void hca_drop_all(struct hca_qp *qp)
{
	struct hca_wqe *wqe, *next;
	LIST_HEAD(list);

	spin_lock_irq(&qp->lock);
	list_splice_init(&qp->sq, &list);
	qp->sq_len = 0;
	spin_unlock_irq(&qp->lock);
	list_for_each_entry_safe(wqe, next, &list, link)
		kfree(wqe);
}

int hca_modify_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		  struct ib_udata *udata)
{
	struct hca_qp *qp = to_hca_qp(ibqp);
	enum ib_qp_state next;

	spin_lock_irq(&qp->lock);
	next = mask & IB_QP_STATE ? attr->qp_state : qp->state;
	/* Reset, initialized, ready, one after the other; and back from anywhere */
	if (next != qp->state && next != IB_QPS_RESET && next != IB_QPS_ERR &&
	    (next > IB_QPS_RTS || next != qp->state + 1)) {
		spin_unlock_irq(&qp->lock);
		return -EINVAL;
	}
	if (mask & IB_QP_DEST_QPN)
		qp->dest = attr->dest_qp_num;
	if (mask & IB_QP_ACCESS_FLAGS)
		qp->access = attr->qp_access_flags;
	WRITE_ONCE(qp->state, next);
	spin_unlock_irq(&qp->lock);
	if (next == IB_QPS_ERR)
		queue_work(to_hca(ibqp->device)->queue, &qp->work);
	if (next == IB_QPS_RESET) {
		cancel_work_sync(&qp->work);
		hca_drop_all(qp);
	}
	return 0;
}

int hca_query_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		 struct ib_qp_init_attr *init)
{
	struct hca_qp *qp = to_hca_qp(ibqp);

	memset(attr, 0, sizeof(*attr));
	memset(init, 0, sizeof(*init));
	attr->qp_state = READ_ONCE(qp->state);
	attr->cur_qp_state = attr->qp_state;
	attr->dest_qp_num = qp->dest;
	attr->qp_access_flags = qp->access;
	attr->cap.max_send_wr = qp->max_send_wr;
	attr->cap.max_send_sge = qp->max_send_sge;
	init->cap = attr->cap;
	init->qp_type = ibqp->qp_type;
	init->send_cq = ibqp->send_cq;
	init->recv_cq = ibqp->recv_cq;
	init->sq_sig_type = qp->signal_all ? IB_SIGNAL_ALL_WR : IB_SIGNAL_REQ_WR;
	return 0;
}

int hca_destroy_qp(struct ib_qp *ibqp, struct ib_udata *udata)
{
	struct hca *hca = to_hca(ibqp->device);
	struct hca_qp *qp = to_hca_qp(ibqp);

	spin_lock_irq(&qp->lock);
	WRITE_ONCE(qp->state, IB_QPS_RESET);
	spin_unlock_irq(&qp->lock);
	cancel_work_sync(&qp->work);
	hca_drop_all(qp);
	/* Others may be copying for a QP that is connected with this */
	mutex_lock(&hca->engine);
	xa_erase(&hca->qps, ibqp->qp_num);
	mutex_unlock(&hca->engine);
	return 0;
}

static struct hca_wqe *hca_new_wqe(struct hca_qp *qp, const struct ib_send_wr *wr)
{
	struct hca_wqe *wqe;

	if (wr->num_sge > qp->max_send_sge || (wr->send_flags & IB_SEND_INLINE))
		return ERR_PTR(-EINVAL);
	wqe = kzalloc(sizeof(*wqe), GFP_ATOMIC);
	if (!wqe)
		return ERR_PTR(-ENOMEM);
	wqe->wr_id = wr->wr_id;
	wqe->opcode = wr->opcode;
	wqe->send_flags = wr->send_flags;
	switch (wr->opcode) {
	case IB_WR_RDMA_READ:
	case IB_WR_RDMA_WRITE:
		wqe->remote_addr = rdma_wr(wr)->remote_addr;
		wqe->rkey = rdma_wr(wr)->rkey;
		wqe->num_sge = wr->num_sge;
		if (wr->num_sge)
			memcpy(wqe->sge, wr->sg_list, wr->num_sge * sizeof(*wqe->sge));
		return wqe;
	case IB_WR_REG_MR:
		wqe->mr = to_hca_mr(reg_wr(wr)->mr);
		wqe->key = reg_wr(wr)->key;
		wqe->access = reg_wr(wr)->access;
		return wqe;
	case IB_WR_LOCAL_INV:
		wqe->key = wr->ex.invalidate_rkey;
		return wqe;
	default:
		kfree(wqe);
		return ERR_PTR(-EOPNOTSUPP);
	}
}

int hca_post_send(struct ib_qp *ibqp, const struct ib_send_wr *wr,
		  const struct ib_send_wr **bad_wr)
{
	struct hca_qp *qp = to_hca_qp(ibqp);
	unsigned long flags;
	int ret = 0;

	for (; wr && !ret; wr = ret ? wr : wr->next) {
		struct hca_wqe *wqe = hca_new_wqe(qp, wr);

		if (IS_ERR(wqe)) {
			ret = PTR_ERR(wqe);
			break;
		}
		spin_lock_irqsave(&qp->lock, flags);
		if (qp->state != IB_QPS_RTS && qp->state != IB_QPS_ERR)
			ret = -EINVAL;
		else if (qp->sq_len == qp->max_send_wr)
			ret = -ENOMEM;
		if (!ret) {
			list_add_tail(&wqe->link, &qp->sq);
			qp->sq_len++;
		}
		spin_unlock_irqrestore(&qp->lock, flags);
		if (ret)
			kfree(wqe);
	}
	if (ret)
		*bad_wr = wr;
	queue_work(to_hca(ibqp->device)->queue, &qp->work);
	return ret;
}

/* Nothing is sent either */
int hca_post_recv(struct ib_qp *ibqp, const struct ib_recv_wr *wr,
		  const struct ib_recv_wr **bad_wr)
{
	*bad_wr = wr;
	return -EOPNOTSUPP;
}
