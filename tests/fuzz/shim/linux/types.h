/* SPDX-License-Identifier: GPL-2.0 */
/* What lib/phyr/list.c uses of the kernel's types, and of its compiler.h. */
#ifndef _SHIM_TYPES_H
#define _SHIM_TYPES_H

#include <asm/types.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef __u64 u64;
typedef __s64 s64;
typedef u32 gfp_t;

/* The harness is built for several kinds of machines */
#ifdef SHIM_PHYS_ADDR_32
typedef u32 phys_addr_t;
#else
typedef u64 phys_addr_t;
#endif

#define noinline	__attribute__((__noinline__))
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#endif
