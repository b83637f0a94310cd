/* SPDX-License-Identifier: GPL-2.0 */
/* What the program umem_test asks of the module umem_compare. */
#ifndef UMEM_COMPARE_H
#define UMEM_COMPARE_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* For what device memory is registered */
enum umem_device {
	UMEM_DEVICE_EDU,	/* a PCI device, behind whatever IOMMU there is */
	UMEM_DEVICE_VIRTUAL,	/* one made of software */
};

/* Which of the two registers */
enum umem_impl {
	UMEM_BOTH,		/* at the same time, and they are compared */
	UMEM_PHYR,
	UMEM_SG,
};

/*
 * Register memory, look at what came of it, and deregister it. What the two return is in
 * @errors; where they differ in anything else the call fails with EIO and the log
 * tells in what.
 */
struct umem_register {
	__u64	addr;		/* of memory, or offset in @dmabuf */
	__u64	len;
	__u64	iova;		/* by which the device would name the first byte */
	__u64	page_sizes;	/* a bit for each that the device has */
	__s32	dmabuf;		/* file descriptor, or -1 */
	__u32	access;		/* IB_ACCESS_* */
	__u32	device;
	__u32	impl;
	__s32	map_error;	/* that the driver of the IOMMU says, if there is one, or 0 */
	/* Results */
	__s32	errors[2];	/* of phyr and of sg, 0 or negative */
	__u64	page_size;	/* that was found best; 0 if none will do */
	__u64	blocks;		/* that were compared, of all sizes */
	__u64	list_bytes[2];	/* that the descriptions took */
	__u64	pinned_vm[2];	/* pages that were accounted for each */
	__u64	pinned_left;	/* that still are in the end, more than before */
};

/*
 * Let the device copy bytes from one region to another, by way of the DMA blocks of
 * umems.  @size is that of a block, 0 for the best of all that are powers of two.
 */
struct umem_move {
	__u64	from;
	__u64	to;
	__u64	len;
	__u64	size;
};

/*
 * Let the device copy bytes within one region, which may have more than UINT_MAX pages,
 * by way of its DMA blocks of the best size.
 */
struct umem_within {
	__u64	addr;
	__u64	len;
	__u64	from;
	__u64	to;
	__u64	bytes;
};

/* Compare page lists of a kernel MR for memory from byte @off on */
struct umem_mr {
	__u64	addr;
	__u64	len;
	__u64	off;
	__u32	page_size;
	__u32	max_pages;
	__u32	device;
};

#define UMEM_REGISTER	_IOWR('u', 1, struct umem_register)
#define UMEM_MOVE	_IOW('u', 2, struct umem_move)
/* A page is looked up by its address: 1 if there is a pin on it, 2 if it is dirty */
#define UMEM_LOOK	_IO('u', 3)
#define UMEM_CLEAN	_IO('u', 4)
#define UMEM_MR		_IOW('u', 5, struct umem_mr)
#define UMEM_WITHIN	_IOW('u', 6, struct umem_within)
/* Register a dma-buf that moves, for a device */
#define UMEM_MOVING	_IO('u', 7)

#define UMEM_PINNED	1
#define UMEM_DIRTY	2

#endif /* UMEM_COMPARE_H */
