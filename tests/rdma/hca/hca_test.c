// SPDX-License-Identifier: GPL-2.0
/*
 * Registers memory of all kinds with the test adapter, through uverbs, and has the adapter
 * move bytes between memory regions.  Each test prints a line.
 *
 * Run as root by the init of the guest, with the names of tests to leave out, or behind --only
 * those to run.  Without fault injection the test of it only says that there is none.
 */
#include <stdio.h>
#include <string.h>

#include "hca_test.h"
#include "test.h"

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	/* The first: pages that were moved are used again */
	{ "memory that is moved away first", test_movable },
	{ "scattered pages", test_small_pages },
	{ "pages not yet there", test_not_touched },
	{ "transparent huge pages", test_thp },
	{ "2 MiB pages", test_hugetlb_2m },
	{ "1 GiB pages", test_hugetlb_1g },
	{ "memfd", test_memfd },
	{ "a file on a disk", test_file },
	{ "memory that is only read", test_read_only },
	{ "over 4 GiB of 1 GiB pages", test_over_4g_1g },
	{ "over 4 GiB of 2 MiB pages", test_over_4g_huge },
	{ "over 4 GiB of small pages", test_over_4g_small },
	{ "dma-buf", test_dmabuf },
	{ "lists of several regions", test_lists },
	{ "other addresses than the process's", test_iova },
	{ "regions that share pages", test_shared_pages },
	{ "registered anew", test_rereg },
	{ "keys, bounds, rights", test_keys },
	{ "errors", test_errors },
	{ "limits on locked memory", test_limits },
	{ "memory that changes meanwhile", test_race },
	{ "memory shared by fork", test_fork },
	{ "process gone, its file still open", test_heir },
	{ "process killed", test_killed },
	{ "process killed while the device moves", test_killed_while_moving },
	{ "driver unbound", test_unbound },
	{ "driver removed", test_module_removed },
	/* The last: dma-debug gives up when an allocation of its own fails */
	{ "each allocation fails", test_each_failure },
};

int main(int argc, char **argv)
{
	const bool only = argc > 1 && !strcmp(argv[1], "--only");
	bool named;
	unsigned int i, nr_failed = 0;
	int n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		for (n = 1; n < argc && strcmp(argv[n], tests[i].name); n++)
			;
		named = n < argc;
		if (named != only)
			continue;
		failed = false;
		tests[i].run();
		printf("%s - %s\n", failed ? "not ok" : "ok", tests[i].name);
		nr_failed += failed;
	}
	printf("# %lu moves, %lu bytes\n", moves, moved);
	return nr_failed;
}
