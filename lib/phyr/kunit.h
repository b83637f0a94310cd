/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of lib/phyr share: they watch what is really allocated, and
 * make the allocation of their choice fail.
 */
#ifndef _LIB_PHYR_KUNIT_H
#define _LIB_PHYR_KUNIT_H

#include <kunit/test.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/sched.h>

/* Only allocations that may not reclaim memory can be made to fail */
#define PHYR_TEST_GFP	(GFP_NOWAIT | __GFP_NOWARN)

/* What is allowed to fail; FAIL_PAGE_ALLOC leaves single pages alone at first */
static inline bool phyr_test_can_fail(void)
{
	static bool is_set;
	struct dentry *dir, *file;

	if (!IS_ENABLED(CONFIG_FAILSLAB) || !IS_ENABLED(CONFIG_FAIL_PAGE_ALLOC) ||
	    !IS_ENABLED(CONFIG_FAULT_INJECTION_DEBUG_FS))
		return false;
	if (is_set)
		return true;
	dir = debugfs_lookup("fail_page_alloc", NULL);
	if (IS_ERR_OR_NULL(dir))
		return false;
	file = debugfs_lookup("min-order", dir);
	if (!IS_ERR_OR_NULL(file)) {
		*(u32 *)d_inode(file)->i_private = 0;
		is_set = true;
		dput(file);
	}
	dput(dir);
	return is_set;
}

/* Let the @nth allocation from now on fail, none if it is 0 */
static inline void phyr_test_fail_nth(unsigned int nth)
{
#ifdef CONFIG_FAULT_INJECTION
	current->fail_nth = nth;
#endif
}

/* End that; true if it came to that allocation */
static inline bool phyr_test_has_failed(void)
{
	bool failed = false;

#ifdef CONFIG_FAULT_INJECTION
	failed = !current->fail_nth;
	current->fail_nth = 0;
#endif
	return failed;
}

#endif /* _LIB_PHYR_KUNIT_H */
