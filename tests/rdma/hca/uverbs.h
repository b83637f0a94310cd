/* SPDX-License-Identifier: GPL-2.0 */
/*
 * RDMA verbs by the commands of /dev/infiniband/uverbs*, without a library: what the test
 * of the adapter needs of them.  Functions return 0 or an errno.
 */
#ifndef HCA_UVERBS_H
#define HCA_UVERBS_H

#include <stdint.h>

enum {
	ACCESS_LOCAL_WRITE	= 1,
	ACCESS_REMOTE_WRITE	= 2,
	ACCESS_REMOTE_READ	= 4,
	ACCESS_ON_DEMAND	= 1 << 6,
	ACCESS_RELAXED		= 1 << 20,
};

enum {
	REREG_TRANS	= 1,
	REREG_ACCESS	= 4,
};

/* What a completion says: enum ib_wc_status */
enum {
	WC_SUCCESS	= 0,
	WC_LOC_PROT_ERR	= 4,
	WC_FLUSH_ERR	= 5,
	WC_REM_ACCESS_ERR = 10,
};

/* An open device with a QP that is connected with itself */
struct verbs {
	int		fd;
	uint32_t	pd;
	uint32_t	cq;
	uint32_t	qp;
	uint32_t	qpn;
};

struct mr {
	uint32_t	handle;
	uint32_t	lkey;
	uint32_t	rkey;
	uint32_t	page_shift;	/* of the adapter's page list; 0: not told */
	uint32_t	nr_pages;
};

struct sge {
	uint64_t	addr;
	uint32_t	len;
	uint32_t	lkey;
};

int verbs_open(struct verbs *v);
void verbs_close(struct verbs *v);
int verbs_alloc_pd(struct verbs *v, uint32_t *pd);
int verbs_reset(struct verbs *v);
int verbs_reg(struct verbs *v, struct mr *mr, uint64_t addr, uint64_t len, uint64_t iova,
	      uint32_t access);
int verbs_reg_dmabuf(struct verbs *v, struct mr *mr, int dmabuf, uint64_t off, uint64_t len,
		     uint64_t iova, uint32_t access);
int verbs_rereg(struct verbs *v, struct mr *mr, uint32_t flags, uint64_t addr, uint64_t len,
		uint64_t iova, uint32_t access);
int verbs_dereg(struct verbs *v, const struct mr *mr);

/* One RDMA READ or WRITE. verbs_wait() sets @status to what its completion says */
int verbs_post(struct verbs *v, int read, const struct sge *sge, uint32_t nr,
	       uint64_t remote_addr, uint32_t rkey);
int verbs_wait(struct verbs *v, uint32_t *status);

#endif /* HCA_UVERBS_H */
