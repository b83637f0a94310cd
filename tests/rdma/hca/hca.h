/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An RDMA adapter that is made of QEMU's "edu" device.  Registration, queues and
 * keys are the driver's; what moves the bytes, by DMA addresses of an MR's page list, is the
 * device.  It has one port, which leads to itself: a QP is connected with a QP of the
 * same adapter, and knows RDMA READ and WRITE.
 */
#ifndef HCA_H
#define HCA_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <rdma/ib_verbs.h>

struct dentry;
struct pci_dev;

struct hca {
	struct ib_device	ibdev;
	struct pci_dev		*pdev;
	void __iomem		*regs;
	struct workqueue_struct	*queue;		/* runs the send queues */
	struct mutex		engine;		/* a work request at a time; and what MRs are */
	struct xarray		mrs;		/* by key >> 8 */
	struct xarray		qps;		/* by number */
	struct dentry		*look;
};

/* By which the kernel names memory that is in no MR, by its DMA address */
#define HCA_LOCAL_DMA_LKEY	0xffffffff

#define HCA_PAGE_SIZES		(SZ_4K | SZ_64K | SZ_2M | SZ_1G)
/* Few, so that what the kernel moves takes several MRs and yet not long */
#define HCA_FAST_REG_PAGES	16
#define HCA_MAX_SGE		4
#define HCA_MAX_WR		1024

/* Nothing of their own, but the core allocates them */
struct hca_ucontext {
	struct ib_ucontext	ibucontext;
};

struct hca_pd {
	struct ib_pd		ibpd;
};

struct hca_mr {
	struct ib_mr		ibmr;
	struct ib_umem		*umem;		/* NULL: the kernel's own */
	u32			id;
	/* What the device is to know; for the kernel's own after IB_WR_REG_MR */
	bool			valid;
	u32			key;
	int			access;
	u64			iova;
	u64			length;
	u64			page_size;
	u64			*pages;
	u32			nr_pages;
	u32			max_pages;
};

struct hca_cq {
	struct ib_cq		ibcq;
	spinlock_t		lock;		/* of all below */
	struct ib_wc		*ring;
	u32			size;
	u32			head;
	u32			count;
	bool			armed;
};

struct hca_qp {
	struct ib_qp		ibqp;
	struct work_struct	work;
	spinlock_t		lock;		/* of the queue and the state */
	struct list_head	sq;
	u32			sq_len;
	u32			max_send_wr;
	u32			max_send_sge;
	bool			signal_all;
	enum ib_qp_state	state;
	u32			dest;		/* number of the other QP */
	int			access;		/* of what that may do to our memory */
};

/* A work request in a send queue */
struct hca_wqe {
	struct list_head	link;
	u64			wr_id;
	enum ib_wr_opcode	opcode;
	int			send_flags;
	u64			remote_addr;
	u32			rkey;
	struct hca_mr		*mr;		/* to register */
	u32			key;		/* for it, or to invalidate */
	int			access;
	u32			num_sge;
	struct ib_sge		sge[HCA_MAX_SGE];
};

static inline struct hca *to_hca(struct ib_device *ibdev)
{
	return container_of(ibdev, struct hca, ibdev);
}

static inline struct hca_mr *to_hca_mr(struct ib_mr *ibmr)
{
	return container_of(ibmr, struct hca_mr, ibmr);
}

static inline struct hca_cq *to_hca_cq(struct ib_cq *ibcq)
{
	return container_of(ibcq, struct hca_cq, ibcq);
}

static inline struct hca_qp *to_hca_qp(struct ib_qp *ibqp)
{
	return container_of(ibqp, struct hca_qp, ibqp);
}

enum ib_wc_status hca_engine_run(struct hca_qp *qp, const struct hca_wqe *wqe);

void hca_cq_push(struct ib_cq *ibcq, const struct ib_wc *wc);
int hca_create_cq(struct ib_cq *ibcq, const struct ib_cq_init_attr *attr,
		  struct uverbs_attr_bundle *attrs);
int hca_destroy_cq(struct ib_cq *ibcq, struct ib_udata *udata);
int hca_poll_cq(struct ib_cq *ibcq, int nr, struct ib_wc *wc);
int hca_req_notify_cq(struct ib_cq *ibcq, enum ib_cq_notify_flags flags);

int hca_create_qp(struct ib_qp *ibqp, struct ib_qp_init_attr *attr, struct ib_udata *udata);
int hca_modify_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		  struct ib_udata *udata);
int hca_query_qp(struct ib_qp *ibqp, struct ib_qp_attr *attr, int mask,
		 struct ib_qp_init_attr *init);
int hca_destroy_qp(struct ib_qp *ibqp, struct ib_udata *udata);
int hca_post_send(struct ib_qp *ibqp, const struct ib_send_wr *wr,
		  const struct ib_send_wr **bad_wr);
int hca_post_recv(struct ib_qp *ibqp, const struct ib_recv_wr *wr,
		  const struct ib_recv_wr **bad_wr);

void hca_look_start(struct hca *hca);
void hca_look_stop(struct hca *hca);

struct ib_mr *hca_reg_user_mr(struct ib_pd *pd, u64 start, u64 length, u64 iova, int access,
			      struct ib_udata *udata);
struct ib_mr *hca_reg_user_mr_dmabuf(struct ib_pd *pd, u64 start, u64 length, u64 iova, int fd,
				     int access, struct uverbs_attr_bundle *attrs);
struct ib_mr *hca_rereg_user_mr(struct ib_mr *ibmr, int flags, u64 start, u64 length, u64 iova,
				int access, struct ib_pd *pd, struct ib_udata *udata);
int hca_dereg_mr(struct ib_mr *ibmr, struct ib_udata *udata);
struct ib_mr *hca_get_dma_mr(struct ib_pd *pd, int access);
struct ib_mr *hca_alloc_mr(struct ib_pd *pd, enum ib_mr_type type, u32 max_pages);
int hca_map_mr_sg(struct ib_mr *ibmr, struct scatterlist *sg, int nents, unsigned int *off);
s64 hca_map_mr_phyr(struct ib_mr *ibmr, const struct dma_phyr_map *map, u64 off);

#endif /* HCA_H */
