/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_LIMITS_H
#define _SHIM_LIMITS_H

#include <linux/types.h>

#define U64_MAX		(~0ULL)
#define S64_MAX		((s64)(U64_MAX >> 1))
#define PHYS_ADDR_MAX	((phys_addr_t)~(phys_addr_t)0)

#endif
