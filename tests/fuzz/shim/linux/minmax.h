/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_MINMAX_H
#define _SHIM_MINMAX_H

#define min_t(type, a, b) ({			\
	type __min_a = (a);			\
	type __min_b = (b);			\
	__min_a < __min_b ? __min_a : __min_b;	\
})

#define max(a, b)							\
({									\
	__typeof__(a) max_a = (a);					\
	__typeof__(b) max_b = (b);					\
									\
	max_a > max_b ? max_a : max_b;					\
})

#define max_t(type, a, b) ({			\
	type __max_a = (a);			\
	type __max_b = (b);			\
	__max_a > __max_b ? __max_a : __max_b;	\
})

/* As the kernel's: not for a mixture of types */
#define min(a, b) ({				\
	__typeof__(a) __min_x = (a);		\
	__typeof__(b) __min_y = (b);		\
	(void)(&__min_x == &__min_y);		\
	__min_x < __min_y ? __min_x : __min_y;	\
})

#endif
