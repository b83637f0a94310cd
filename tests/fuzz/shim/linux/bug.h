/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_BUG_H
#define _SHIM_BUG_H

#include <stdnoreturn.h>

#include <linux/types.h>

noreturn void shim_fail(const char *file, int line, const char *what);

/* No warning is expected, whatever the input */
#define WARN_ON_ONCE(condition) ({				\
	bool __warn = (condition);				\
								\
	if (unlikely(__warn))					\
		shim_fail(__FILE__, __LINE__, #condition);	\
	__warn;							\
})

#endif
