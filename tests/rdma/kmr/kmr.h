/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client of the RDMA subsystem in the kernel, which moves bytes between two QPs of one
 * device: from and to memory that a physical range list describes, and from and to the same
 * memory described by a scatterlist.
 */
#ifndef KMR_H
#define KMR_H

#include <linux/completion.h>
#include <linux/dma-phyr.h>
#include <linux/phyr.h>
#include <linux/scatterlist.h>
#include <rdma/ib_verbs.h>

struct rdma_cm_id;

/* The far end of all that is moved: contiguous, in one MR of the second QP */
struct kmr_remote {
	void			*buf;
	u64			size;
	u64			dma;		/* for the kernel's own key */
	struct ib_mr		*mr;
	struct scatterlist	sg;
};

struct kmr {
	struct ib_device	*dev;
	u32			port;
	struct ib_pd		*pd;
	struct ib_cq		*cq;
	struct ib_qp		*qp[2];
	struct kmr_remote	remote;

	/* How they were connected, if by a connection manager */
	struct rdma_cm_id	*listener;
	struct rdma_cm_id	*id[2];
	struct completion	connected;
	int			status;
};

int kmr_connect(struct kmr *kmr, const char *name, const char *addr);
void kmr_disconnect(struct kmr *kmr);

/* To post work and wait for its completion */
struct kmr_wait {
	struct ib_cqe		cqe;
	struct completion	done;
	enum ib_wc_status	status;
};

void kmr_wait_init(struct kmr_wait *wait);
int kmr_wait(struct kmr_wait *wait);
int kmr_post(struct ib_qp *qp, struct ib_send_wr *wr, struct kmr_wait *wait);
int kmr_register(struct ib_qp *qp, struct ib_mr *mr, int access);
int kmr_invalidate(struct ib_qp *qp, struct ib_mr *mr);

/* The near end: ranges of the kernel's memory, as a list and as a scatterlist */
struct kmr_range {
	void			*addr;
	u32			len;
};

struct kmr_memory {
	const char		*name;
	struct kmr_range	*range;
	u32			nr;
	u64			bytes;
	bool			list_only;	/* not by MRs if it is a scatterlist */
	struct phyr_list	list;
};

#define KMR_KINDS		9

int kmr_memory_init(void);
void kmr_memory_exit(void);
/* A scatterlist of what @mem has from @off on, which the caller frees */
int kmr_memory_table(const struct kmr_memory *mem, u64 off, struct sg_table *sgt);
int kmr_memory_get(struct kmr_memory *mem, unsigned int kind, u32 mr_pages);
void kmr_memory_put(struct kmr_memory *mem);

/*
 * Bytes [@off, @off + @len) of @mem, and as many of the remote buffer from @at on. What is
 * prepared is that one is copied to the other; what is checked is that it was, and that
 * no other byte was written.
 */
struct kmr_copy {
	struct kmr		*kmr;
	struct kmr_memory	*mem;
	u64			off;
	u64			len;
	u64			at;
	bool			to_mem;
	bool			mapped;		/* by ib_map_mr_sg() */
};

void kmr_copy_prepare(const struct kmr_copy *copy);
int kmr_copy_check(const struct kmr_copy *copy);

/* The tests: an errno, after a line that tells what is wrong */
int kmr_test_rw(struct kmr *kmr, struct kmr_memory *mem);
int kmr_test_rw_failures(struct kmr *kmr, struct kmr_memory *mem);
int kmr_test_mr(struct kmr *kmr, struct kmr_memory *mem);

#endif /* KMR_H */
