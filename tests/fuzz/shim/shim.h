/* SPDX-License-Identifier: GPL-2.0 */
/* How the harness commands the allocations of the code under test. */
#ifndef _SHIM_H
#define _SHIM_H

#include <linux/bug.h>
#include <linux/types.h>

struct shim {
	u64	fail_nth;	/* the how manieth allocation fails, 0: none */
	bool	failed;		/* it came to that */
	bool	forbidden;	/* an allocation is a mistake */
	size_t	live;		/* how many allocations there are */
	size_t	live_bytes;
};

extern struct shim shim;

/* True whatever happens, or the program ends with a report */
#define CHECK(condition) do {					\
	if (unlikely(!(condition)))				\
		shim_fail(__FILE__, __LINE__, #condition);	\
} while (0)

#endif
