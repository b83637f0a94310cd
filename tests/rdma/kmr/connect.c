// SPDX-License-Identifier: GPL-2.0
/*
 * Two QPs of one device that are connected: by the connection manager if the device's protocol
 * has one, else each is told the number of the other.  And how to wait for what is posted.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/inet.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <rdma/rdma_cm.h>

#include "kmr.h"

#define KMR_PORT	7471
/* The edu device takes a tenth of a second for each 2 KiB */
#define KMR_SECONDS	300

static void kmr_done(struct ib_cq *cq, struct ib_wc *wc)
{
	struct kmr_wait *wait = container_of(wc->wr_cqe, struct kmr_wait, cqe);

	wait->status = wc->status;
	complete(&wait->done);
}

void kmr_wait_init(struct kmr_wait *wait)
{
	wait->cqe.done = kmr_done;
	init_completion(&wait->done);
}

int kmr_wait(struct kmr_wait *wait)
{
	/* Work that is not done in time may still complete, to a stack that is gone */
	if (!wait_for_completion_timeout(&wait->done, KMR_SECONDS * HZ)) {
		pr_err("no completion came\n");
		wait_for_completion(&wait->done);
		return -ETIMEDOUT;
	}
	if (wait->status) {
		pr_err("a completion says: %s\n", ib_wc_status_msg(wait->status));
		return -EIO;
	}
	return 0;
}

/* The last one is waited for */
int kmr_post(struct ib_qp *qp, struct ib_send_wr *wr, struct kmr_wait *wait)
{
	struct ib_send_wr *last = wr;
	int ret;

	while (last->next)
		last = last->next;
	kmr_wait_init(wait);
	last->wr_cqe = &wait->cqe;
	last->send_flags |= IB_SEND_SIGNALED;
	ret = ib_post_send(qp, wr, NULL);
	if (ret)
		pr_err("posting: %d\n", ret);
	return ret ?: kmr_wait(wait);
}

int kmr_register(struct ib_qp *qp, struct ib_mr *mr, int access)
{
	struct ib_reg_wr wr = {
		.wr.opcode = IB_WR_REG_MR, .mr = mr, .access = access,
	};
	struct kmr_wait wait;

	ib_update_fast_reg_key(mr, ib_inc_rkey(mr->rkey));
	wr.key = mr->rkey;
	return kmr_post(qp, &wr.wr, &wait);
}

int kmr_invalidate(struct ib_qp *qp, struct ib_mr *mr)
{
	struct ib_send_wr wr = {
		.opcode = IB_WR_LOCAL_INV, .ex.invalidate_rkey = mr->rkey,
	};
	struct kmr_wait wait;

	return kmr_post(qp, &wr, &wait);
}

static void kmr_qp_attr(struct kmr *kmr, struct ib_qp_init_attr *attr)
{
	*attr = (struct ib_qp_init_attr) {
		.send_cq = kmr->cq, .recv_cq = kmr->cq, .qp_type = IB_QPT_RC,
		.sq_sig_type = IB_SIGNAL_REQ_WR, .port_num = kmr->port,
		.cap = {
			.max_send_wr = 16, .max_recv_wr = 1, .max_recv_sge = 1,
			.max_send_sge = min(kmr->dev->attrs.max_send_sge, 16),
			.max_rdma_ctxs = 40,
		},
	};
}

static int kmr_resources(struct kmr *kmr, struct ib_device *dev, u32 port)
{
	kmr->dev = dev;
	kmr->port = port;
	kmr->pd = ib_alloc_pd(dev, 0);
	if (IS_ERR(kmr->pd))
		return PTR_ERR(kmr->pd);
	kmr->cq = ib_alloc_cq(dev, kmr, 512, 0, IB_POLL_WORKQUEUE);
	if (IS_ERR(kmr->cq)) {
		ib_dealloc_pd(kmr->pd);
		return PTR_ERR(kmr->cq);
	}
	return 0;
}

static void kmr_free_resources(struct kmr *kmr)
{
	ib_free_cq(kmr->cq);
	ib_dealloc_pd(kmr->pd);
}

/* By a connection manager */
static int kmr_cm_create_qp(struct kmr *kmr, int i)
{
	struct ib_qp_init_attr attr;
	int ret;

	kmr_qp_attr(kmr, &attr);
	ret = rdma_create_qp(kmr->id[i], kmr->pd, &attr);
	if (!ret)
		kmr->qp[i] = kmr->id[i]->qp;
	return ret;
}

static int kmr_cm_accept(struct kmr *kmr, struct rdma_cm_id *id)
{
	struct rdma_conn_param param = {
		.responder_resources = 8, .initiator_depth = 8, .rnr_retry_count = 7,
	};
	int ret;

	kmr->id[1] = id;
	ret = kmr_cm_create_qp(kmr, 1);
	if (!ret)
		ret = rdma_accept(id, &param);
	if (ret)
		pr_err("accepting: %d\n", ret);
	return 0;
}

static int kmr_cm_event(struct rdma_cm_id *id, struct rdma_cm_event *event)
{
	struct kmr *kmr = id->context;

	switch (event->event) {
	case RDMA_CM_EVENT_CONNECT_REQUEST:
		return kmr_cm_accept(kmr, id);
	case RDMA_CM_EVENT_ADDR_RESOLVED:
	case RDMA_CM_EVENT_ROUTE_RESOLVED:
		complete(&kmr->connected);
		break;
	case RDMA_CM_EVENT_ESTABLISHED:
		/* Either side says it, and both have to */
		complete(&kmr->connected);
		break;
	case RDMA_CM_EVENT_DISCONNECTED:
	case RDMA_CM_EVENT_TIMEWAIT_EXIT:
		break;
	default:
		pr_err("%s, %d\n", rdma_event_msg(event->event), event->status);
		kmr->status = event->status ?: -ECONNREFUSED;
		complete(&kmr->connected);
	}
	return 0;
}

static int kmr_cm_wait(struct kmr *kmr)
{
	if (!wait_for_completion_timeout(&kmr->connected, KMR_SECONDS * HZ))
		return -ETIMEDOUT;
	return kmr->status;
}

static int kmr_cm_listen(struct kmr *kmr, struct sockaddr *addr)
{
	int ret;

	kmr->listener = rdma_create_id(&init_net, kmr_cm_event, kmr, RDMA_PS_TCP, IB_QPT_RC);
	if (IS_ERR(kmr->listener))
		return PTR_ERR(kmr->listener);
	ret = rdma_bind_addr(kmr->listener, addr);
	if (!ret)
		ret = rdma_listen(kmr->listener, 1);
	if (ret)
		rdma_destroy_id(kmr->listener);
	return ret;
}

static int kmr_cm_resolve(struct kmr *kmr, struct sockaddr *addr)
{
	int ret;

	ret = rdma_resolve_addr(kmr->id[0], NULL, addr, 2000);
	if (!ret)
		ret = kmr_cm_wait(kmr);
	if (!ret)
		ret = rdma_resolve_route(kmr->id[0], 2000);
	if (!ret)
		ret = kmr_cm_wait(kmr);
	return ret;
}

static int kmr_cm_establish(struct kmr *kmr)
{
	struct rdma_conn_param param = {
		.responder_resources = 8, .initiator_depth = 8, .retry_count = 7,
		.rnr_retry_count = 7,
	};
	int ret;

	ret = kmr_cm_create_qp(kmr, 0);
	if (!ret)
		ret = rdma_connect(kmr->id[0], &param);
	if (!ret)
		ret = kmr_cm_wait(kmr);
	return ret ?: kmr_cm_wait(kmr);
}

static void kmr_cm_destroy(struct kmr *kmr)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (!IS_ERR_OR_NULL(kmr->id[i]) && kmr->qp[i]) {
			rdma_disconnect(kmr->id[i]);
			ib_drain_sq(kmr->qp[i]);
			rdma_destroy_qp(kmr->id[i]);
		}
	}
	for (i = 0; i < 2; i++)
		if (!IS_ERR_OR_NULL(kmr->id[i]))
			rdma_destroy_id(kmr->id[i]);
	rdma_destroy_id(kmr->listener);
	if (kmr->dev)
		kmr_free_resources(kmr);
}

static int kmr_cm_connect(struct kmr *kmr, const char *text)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(KMR_PORT) };
	int ret;

	if (!in4_pton(text, -1, (u8 *)&addr.sin_addr, -1, NULL))
		return -EINVAL;
	init_completion(&kmr->connected);
	ret = kmr_cm_listen(kmr, (struct sockaddr *)&addr);
	if (ret)
		return ret;
	kmr->id[0] = rdma_create_id(&init_net, kmr_cm_event, kmr, RDMA_PS_TCP, IB_QPT_RC);
	ret = PTR_ERR_OR_ZERO(kmr->id[0]);
	if (!ret)
		ret = kmr_cm_resolve(kmr, (struct sockaddr *)&addr);
	if (!ret)
		ret = kmr_resources(kmr, kmr->id[0]->device, kmr->id[0]->port_num);
	if (ret)
		kmr->dev = NULL;
	else
		ret = kmr_cm_establish(kmr);
	if (ret)
		kmr_cm_destroy(kmr);
	return ret;
}

/* Without one */
static int kmr_plain_ready(struct kmr *kmr, int i)
{
	static const struct {
		enum ib_qp_state state;
		int mask;
	} steps[] = {
		{ IB_QPS_INIT, IB_QP_STATE | IB_QP_ACCESS_FLAGS },
		{ IB_QPS_RTR, IB_QP_STATE | IB_QP_DEST_QPN },
		{ IB_QPS_RTS, IB_QP_STATE },
	};
	struct ib_qp_attr attr = {
		.qp_access_flags = IB_ACCESS_REMOTE_WRITE | IB_ACCESS_REMOTE_READ,
		.dest_qp_num = kmr->qp[!i]->qp_num,
	};
	int step, ret = 0;

	for (step = 0; step < ARRAY_SIZE(steps) && !ret; step++) {
		attr.qp_state = steps[step].state;
		ret = ib_modify_qp(kmr->qp[i], &attr, steps[step].mask);
	}
	return ret;
}

static void kmr_plain_destroy(struct kmr *kmr)
{
	int i;

	for (i = 0; i < 2; i++) {
		if (IS_ERR_OR_NULL(kmr->qp[i]))
			continue;
		ib_drain_sq(kmr->qp[i]);
		ib_destroy_qp(kmr->qp[i]);
	}
	kmr_free_resources(kmr);
	ib_device_put(kmr->dev);
}

static int kmr_plain_connect(struct kmr *kmr, const char *name)
{
	struct ib_device *dev = ib_device_get_by_name(name, RDMA_DRIVER_UNKNOWN);
	struct ib_qp_init_attr attr;
	int i, ret;

	if (!dev)
		return -ENODEV;
	ret = kmr_resources(kmr, dev, 1);
	if (ret) {
		ib_device_put(dev);
		return ret;
	}
	for (i = 0; i < 2 && !ret; i++) {
		kmr_qp_attr(kmr, &attr);
		kmr->qp[i] = ib_create_qp(kmr->pd, &attr);
		ret = PTR_ERR_OR_ZERO(kmr->qp[i]);
	}
	for (i = 0; i < 2 && !ret; i++)
		ret = kmr_plain_ready(kmr, i);
	if (ret)
		kmr_plain_destroy(kmr);
	return ret;
}

/**
 * kmr_connect() - Connect two QPs
 * @kmr: all zero
 * @name: the device, if it has no connection manager
 * @addr: where it is to be listened, if it has one; else NULL
 *
 * Return: 0; or what the subsystem says, and nothing remains.
 */
int kmr_connect(struct kmr *kmr, const char *name, const char *addr)
{
	return addr ? kmr_cm_connect(kmr, addr) : kmr_plain_connect(kmr, name);
}

void kmr_disconnect(struct kmr *kmr)
{
	if (kmr->listener)
		kmr_cm_destroy(kmr);
	else
		kmr_plain_destroy(kmr);
}
