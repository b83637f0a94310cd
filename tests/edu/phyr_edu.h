/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What the edu driver and user space say to each other through /dev/phyr-edu.
 */
#ifndef _PHYR_EDU_H
#define _PHYR_EDU_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define PHYR_EDU_STRETCHES	4

/* One buffer as it was mapped */
struct phyr_edu_buffer {
	__u64	bytes;
	__u64	ranges;
	__u64	list_bytes;		/* memory that the list takes */
	__u64	sg_bytes;		/* what a scatterlist of the pages would take */
	__u64	segments;		/* DMA ranges, cut to what the device takes */
	__u64	stretches;		/* contiguous for the device */
	char	path[32];
	struct {
		__u64	addr;
		__u64	len;
	} stretch[PHYR_EDU_STRETCHES];	/* the first ones */
};

/* Move memory through the device: in is read by it, out is written */
struct phyr_edu_move {
	__u64	from;
	__u64	to;
	__u64	len;
	struct phyr_edu_buffer in;
	struct phyr_edu_buffer out;
};

enum phyr_edu_step {
	PHYR_EDU_BUILD,
	PHYR_EDU_MAP,
	PHYR_EDU_WALK,
	PHYR_EDU_UNMAP,
	PHYR_EDU_FREE,
	PHYR_EDU_NR_STEPS,
};

/* Time stamp counter ticks of each step, for the same pages in two ways */
struct phyr_edu_measure {
	__u64	addr;
	__u64	len;
	__u64	pages;
	__u64	phyr[PHYR_EDU_NR_STEPS];
	__u64	sg[PHYR_EDU_NR_STEPS];
};

#define PHYR_EDU_NAME		16
#define PHYR_EDU_RUNS		16
#define PHYR_EDU_SEGMENTS	64

/*
 * An open file of the device has a buffer: a list made of segments, mapped or not.
 * Bytes are copied from the buffer of one file to that of another.
 */
struct phyr_edu_segment {
	__u64	addr;			/* in user space, or in the memory of the peer */
	__u64	len;
	char	peer[PHYR_EDU_NAME];	/* the PCI function; empty: user memory */
};

#define PHYR_EDU_WRITE		1	/* the device will write to it */
#define PHYR_EDU_P2P		2	/* user memory may be a peer's */

struct phyr_edu_list {
	__u64	segments;		/* an array of them in user memory */
	__u32	nr_segments;
	__u32	flags;
};

/* How the device sees a run of the list */
struct phyr_edu_run {
	__u64	bytes;
	__u64	ranges;
	__u64	dma_addr;		/* of the first byte */
	char	memory[32];
	char	path[32];
};

struct phyr_edu_map {
	__u64	bytes;
	__u32	nr_runs;		/* all of them, also those that have no room here */
	__u32	pad;
	char	path[32];
	struct phyr_edu_run run[PHYR_EDU_RUNS];
};

struct phyr_edu_copy {
	__s32	to;			/* file whose buffer is written */
	__u32	pad;
	__u64	bytes;			/* that were moved, also if it failed */
};

/*
 * The BAR of a peer made known to others in both ways that there are: as a provider, and
 * as memory with struct pages.
 */
struct phyr_edu_register {
	char	peer[PHYR_EDU_NAME];
	__u64	size;			/* of the BAR */
	__u64	provider_ticks;		/* of the time stamp counter */
	__u64	provider_bytes;		/* of memory that is gone */
	__u64	pages_ticks;
	__u64	pages_bytes;
};

#define PHYR_EDU_MOVE		_IOWR('P', 0, struct phyr_edu_move)
#define PHYR_EDU_MEASURE	_IOWR('P', 1, struct phyr_edu_measure)
#define PHYR_EDU_BUFFER_LIST		_IOW('P', 2, struct phyr_edu_list)
#define PHYR_EDU_BUFFER_MAP		_IOR('P', 3, struct phyr_edu_map)
#define PHYR_EDU_BUFFER_UNMAP		_IO('P', 4)
#define PHYR_EDU_BUFFER_COPY		_IOWR('P', 5, struct phyr_edu_copy)
#define PHYR_EDU_REGISTER	_IOWR('P', 6, struct phyr_edu_register)

#endif /* _PHYR_EDU_H */
