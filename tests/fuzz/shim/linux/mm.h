/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_MM_H
#define _SHIM_MM_H

#ifndef SHIM_PAGE_SHIFT
#define SHIM_PAGE_SHIFT	12
#endif

#define PAGE_SHIFT	SHIM_PAGE_SHIFT
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

#define round_up(x, y)		((((x) - 1) | ((__typeof__(x))(y) - 1)) + 1)
#define DIV_ROUND_UP(n, d) ({			\
	__typeof__(d) __divisor = (d);		\
	((n) + __divisor - 1) / __divisor;	\
})

#endif
