// SPDX-License-Identifier: GPL-2.0
/* The commands of /dev/infiniband/uverbs*, as rdma/ib_user_verbs.h has them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <rdma/ib_user_ioctl_cmds.h>
#include <rdma/ib_user_verbs.h>
#include <rdma/rdma_user_ioctl_cmds.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hca_abi.h"
#include "uverbs.h"

#define QP_RC		2	/* IB_QPT_RC */
#define QP_STATE	1	/* IB_QP_STATE */
#define QP_ACCESS_FLAGS	(1 << 3)
#define QP_DEST_QPN	(1 << 20)

enum { RESET, INIT, RTR, RTS };

/* A command is its header, and a structure which may begin with where the response is to go */
static int command(struct verbs *v, uint32_t nr, void *buf, size_t len, void *resp,
		   size_t resp_len)
{
	struct ib_uverbs_cmd_hdr *hdr = buf;
	ssize_t ret;

	*hdr = (struct ib_uverbs_cmd_hdr) {
		.command = nr, .in_words = len / 4, .out_words = resp_len / 4,
	};
	if (resp) {
		uint64_t where = (uintptr_t)resp;

		memset(resp, 0, resp_len);
		memcpy(hdr + 1, &where, sizeof(where));
	}
	ret = write(v->fd, buf, len);
	if (ret < 0)
		return errno;
	return ret == (ssize_t)len ? 0 : EIO;
}

static int open_device(void)
{
	DIR *dir = opendir("/dev/infiniband");
	struct dirent *entry;
	char path[64];
	int fd = -1;

	if (!dir)
		return -1;
	while (fd < 0 && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "uverbs", 6))
			continue;
		snprintf(path, sizeof(path), "/dev/infiniband/%.32s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	closedir(dir);
	return fd;
}

static int get_context(struct verbs *v)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		struct ib_uverbs_get_context in;
	} cmd = {};
	struct ib_uverbs_get_context_resp resp;
	int ret = command(v, IB_USER_VERBS_CMD_GET_CONTEXT, &cmd, sizeof(cmd), &resp,
			  sizeof(resp));

	if (!ret)
		close(resp.async_fd);
	return ret;
}

int verbs_alloc_pd(struct verbs *v, uint32_t *pd)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		struct ib_uverbs_alloc_pd in;
	} cmd = {};
	struct ib_uverbs_alloc_pd_resp resp;
	int ret = command(v, IB_USER_VERBS_CMD_ALLOC_PD, &cmd, sizeof(cmd), &resp,
			  sizeof(resp));

	*pd = resp.pd_handle;
	return ret;
}

static int create_cq(struct verbs *v)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		struct ib_uverbs_create_cq in;
	} cmd = { .in = { .cqe = 16, .comp_channel = -1 } };
	struct ib_uverbs_create_cq_resp resp;
	int ret = command(v, IB_USER_VERBS_CMD_CREATE_CQ, &cmd, sizeof(cmd), &resp,
			  sizeof(resp));

	v->cq = resp.cq_handle;
	return ret;
}

static int create_qp(struct verbs *v)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		struct ib_uverbs_create_qp in;
	} cmd = { .in = {
		.pd_handle = v->pd, .send_cq_handle = v->cq, .recv_cq_handle = v->cq,
		.max_send_wr = 16, .max_send_sge = 4, .sq_sig_all = 1, .qp_type = QP_RC,
	} };
	struct ib_uverbs_create_qp_resp resp;
	int ret = command(v, IB_USER_VERBS_CMD_CREATE_QP, &cmd, sizeof(cmd), &resp,
			  sizeof(resp));

	v->qp = resp.qp_handle;
	v->qpn = resp.qpn;
	return ret;
}

static int modify_qp(struct verbs *v, int state)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		struct ib_uverbs_modify_qp in;
	} cmd = { .in = {
		.qp_handle = v->qp, .attr_mask = QP_STATE, .qp_state = state,
	} };

	if (state == INIT) {
		cmd.in.attr_mask |= QP_ACCESS_FLAGS;
		cmd.in.qp_access_flags = ACCESS_REMOTE_WRITE | ACCESS_REMOTE_READ;
	}
	if (state == RTR) {
		cmd.in.attr_mask |= QP_DEST_QPN;
		cmd.in.dest_qp_num = v->qpn;
	}
	return command(v, IB_USER_VERBS_CMD_MODIFY_QP, &cmd, sizeof(cmd), NULL, 0);
}

/* Make the QP ready: at first, and after an error */
int verbs_reset(struct verbs *v)
{
	int state, ret = 0;

	for (state = RESET; state <= RTS && !ret; state++)
		ret = modify_qp(v, state);
	return ret;
}

int verbs_open(struct verbs *v)
{
	int ret;

	v->fd = open_device();
	if (v->fd < 0)
		return errno ?: ENODEV;
	ret = get_context(v);
	if (!ret)
		ret = verbs_alloc_pd(v, &v->pd);
	if (!ret)
		ret = create_cq(v);
	if (!ret)
		ret = create_qp(v);
	if (!ret)
		ret = verbs_reset(v);
	if (ret)
		close(v->fd);
	return ret;
}

void verbs_close(struct verbs *v)
{
	close(v->fd);
}

int verbs_reg(struct verbs *v, struct mr *mr, uint64_t addr, uint64_t len, uint64_t iova,
	      uint32_t access)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		struct ib_uverbs_reg_mr in;
	} cmd = { .in = {
		.start = addr, .length = len, .hca_va = iova, .pd_handle = v->pd,
		.access_flags = access,
	} };
	struct {
		struct ib_uverbs_reg_mr_resp out;
		struct hca_reg_mr_resp hca;
	} resp;
	int ret = command(v, IB_USER_VERBS_CMD_REG_MR, &cmd, sizeof(cmd), &resp,
			  sizeof(resp));

	*mr = (struct mr) {
		.handle = resp.out.mr_handle, .lkey = resp.out.lkey, .rkey = resp.out.rkey,
		.page_shift = resp.hca.page_shift, .nr_pages = resp.hca.nr_pages,
	};
	return ret;
}

int verbs_rereg(struct verbs *v, struct mr *mr, uint32_t flags, uint64_t addr, uint64_t len,
		uint64_t iova, uint32_t access)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		struct ib_uverbs_rereg_mr in;
	} cmd = { .in = {
		.mr_handle = mr->handle, .flags = flags, .start = addr, .length = len,
		.hca_va = iova, .access_flags = access,
	} };
	struct ib_uverbs_rereg_mr_resp resp;
	int ret = command(v, IB_USER_VERBS_CMD_REREG_MR, &cmd, sizeof(cmd), &resp,
			  sizeof(resp));

	if (!ret) {
		mr->lkey = resp.lkey;
		mr->rkey = resp.rkey;
	}
	return ret;
}

int verbs_dereg(struct verbs *v, const struct mr *mr)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		struct ib_uverbs_dereg_mr in;
	} cmd = { .in = { .mr_handle = mr->handle } };

	return command(v, IB_USER_VERBS_CMD_DEREG_MR, &cmd, sizeof(cmd), NULL, 0);
}

int verbs_reg_dmabuf(struct verbs *v, struct mr *mr, int dmabuf, uint64_t off, uint64_t len,
		     uint64_t iova, uint32_t access)
{
	struct {
		struct ib_uverbs_ioctl_hdr hdr;
		struct ib_uverbs_attr attr[9];
	} cmd = {
		.hdr = {
			.length = sizeof(cmd), .object_id = UVERBS_OBJECT_MR,
			.method_id = UVERBS_METHOD_REG_DMABUF_MR, .num_attrs = 9,
		},
		.attr = {
			{ UVERBS_ATTR_REG_DMABUF_MR_HANDLE },
			{ UVERBS_ATTR_REG_DMABUF_MR_PD_HANDLE, .data = v->pd },
			{ UVERBS_ATTR_REG_DMABUF_MR_OFFSET, 8, .data = off },
			{ UVERBS_ATTR_REG_DMABUF_MR_LENGTH, 8, .data = len },
			{ UVERBS_ATTR_REG_DMABUF_MR_IOVA, 8, .data = iova },
			{ UVERBS_ATTR_REG_DMABUF_MR_FD, 4, .data = dmabuf },
			{ UVERBS_ATTR_REG_DMABUF_MR_ACCESS_FLAGS, 4, .data = access },
			{ UVERBS_ATTR_REG_DMABUF_MR_RESP_LKEY, 4,
			  .data = (uintptr_t)&mr->lkey },
			{ UVERBS_ATTR_REG_DMABUF_MR_RESP_RKEY, 4,
			  .data = (uintptr_t)&mr->rkey },
		},
	};
	int i;

	*mr = (struct mr) {};
	for (i = 0; i < 9; i++)
		cmd.attr[i].flags = UVERBS_ATTR_F_MANDATORY;
	if (ioctl(v->fd, RDMA_VERBS_IOCTL, &cmd) < 0)
		return errno;
	mr->handle = cmd.attr[0].data;
	return 0;
}

int verbs_post(struct verbs *v, int read, const struct sge *sge, uint32_t nr,
	       uint64_t remote_addr, uint32_t rkey)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		struct ib_uverbs_post_send in;
		struct ib_uverbs_send_wr wr;
		struct sge sge[4];
	} cmd = {
		.in = {
			.qp_handle = v->qp, .wr_count = 1, .sge_count = nr,
			.wqe_size = sizeof(cmd.wr),
		},
		.wr = {
			.num_sge = nr,
			.opcode = read ? IB_UVERBS_WR_RDMA_READ : IB_UVERBS_WR_RDMA_WRITE,
			.wr.rdma = { .remote_addr = remote_addr, .rkey = rkey },
		},
	};
	struct ib_uverbs_post_send_resp resp;

	memcpy(cmd.sge, sge, nr * sizeof(*sge));
	return command(v, IB_USER_VERBS_CMD_POST_SEND, &cmd,
		       sizeof(cmd) - (4 - nr) * sizeof(*sge), &resp, sizeof(resp));
}

int verbs_wait(struct verbs *v, uint32_t *status)
{
	struct {
		struct ib_uverbs_cmd_hdr hdr;
		struct ib_uverbs_poll_cq in;
	} cmd = { .in = { .cq_handle = v->cq, .ne = 1 } };
	struct {
		struct ib_uverbs_poll_cq_resp out;
		struct ib_uverbs_wc wc;
	} resp;
	int ret, i;

	/* The device takes a tenth of a second for each 2 KiB that it reads or writes */
	for (i = 0; i < 6000; i++) {
		ret = command(v, IB_USER_VERBS_CMD_POLL_CQ, &cmd, sizeof(cmd), &resp,
			      sizeof(resp));
		if (ret)
			return ret;
		if (resp.out.count) {
			*status = resp.wc.status;
			return 0;
		}
		usleep(100000);
	}
	ret = ETIMEDOUT;
	return ret;
}
