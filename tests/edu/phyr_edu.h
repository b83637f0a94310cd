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

#define PHYR_EDU_MOVE		_IOWR('P', 0, struct phyr_edu_move)
#define PHYR_EDU_MEASURE	_IOWR('P', 1, struct phyr_edu_measure)

#endif /* _PHYR_EDU_H */
