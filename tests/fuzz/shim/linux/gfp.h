/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_GFP_H
#define _SHIM_GFP_H

#include <linux/gfp_types.h>

unsigned long __get_free_page(gfp_t gfp);
void free_page(unsigned long addr);

#endif
