// SPDX-License-Identifier: GPL-2.0
/*
 * link NAME TYPE NETDEV: what "rdma link add NAME type TYPE netdev NETDEV" does, for a guest
 * that has nothing but this.
 */
#include <linux/netlink.h>
#include <rdma/rdma_netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void put_string(struct nlmsghdr *msg, int type, const char *text)
{
	struct nlattr *attr = (void *)((char *)msg + NLMSG_ALIGN(msg->nlmsg_len));

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + strlen(text) + 1;
	memcpy((char *)attr + NLA_HDRLEN, text, strlen(text) + 1);
	msg->nlmsg_len = NLMSG_ALIGN(msg->nlmsg_len) + NLA_ALIGN(attr->nla_len);
}

int main(int argc, char **argv)
{
	union {
		struct nlmsghdr msg;
		char bytes[512];
	} buf = { .msg = {
		.nlmsg_len = NLMSG_HDRLEN,
		.nlmsg_type = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_NEWLINK),
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
	} };
	struct nlmsgerr *answer;
	int fd;

	if (argc != 4 || strlen(argv[1]) + strlen(argv[2]) + strlen(argv[3]) > 200) {
		fprintf(stderr, "usage: link NAME TYPE NETDEV\n");
		return 1;
	}
	put_string(&buf.msg, RDMA_NLDEV_ATTR_DEV_NAME, argv[1]);
	put_string(&buf.msg, RDMA_NLDEV_ATTR_LINK_TYPE, argv[2]);
	put_string(&buf.msg, RDMA_NLDEV_ATTR_NDEV_NAME, argv[3]);
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_RDMA);
	if (fd < 0 || send(fd, &buf, buf.msg.nlmsg_len, 0) < 0 ||
	    recv(fd, &buf, sizeof(buf), 0) < (ssize_t)(NLMSG_HDRLEN + sizeof(*answer))) {
		perror("link");
		return 1;
	}
	answer = NLMSG_DATA(&buf.msg);
	if (buf.msg.nlmsg_type != NLMSG_ERROR || answer->error) {
		fprintf(stderr, "link: %s: %s\n", argv[1], strerror(-answer->error));
		return 1;
	}
	return 0;
}
