/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_OVERFLOW_H
#define _SHIM_OVERFLOW_H

#define check_add_overflow(a, b, sum)	__builtin_add_overflow(a, b, sum)
#define check_sub_overflow(a, b, diff)	__builtin_sub_overflow(a, b, diff)
#define check_mul_overflow(a, b, prod)	__builtin_mul_overflow(a, b, prod)
#define struct_size(p, member, n)	(sizeof(*(p)) + (n) * sizeof((p)->member[0]))

#endif
