/* SPDX-License-Identifier: GPL-2.0 */
/* Single bits, as lib/phyr uses them. */
#ifndef _SHIM_BITS_H
#define _SHIM_BITS_H

#define BIT(nr)		(1UL << (nr))
#define BIT_ULL(nr)	(1ULL << (nr))

#endif
