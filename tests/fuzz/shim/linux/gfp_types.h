/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_GFP_TYPES_H
#define _SHIM_GFP_TYPES_H

#include <linux/types.h>

#define GFP_KERNEL	1U
#define GFP_NOWAIT	2U

#endif
