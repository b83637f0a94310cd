// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that the kernel wants to be able to move: what is pinned for long has to be moved
 * away from there first, and there is none of it where a region is registered.
 */
#include <fcntl.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hca_test.h"
#include "test.h"

static unsigned long first_pfn, nr_pfns;

/* Where the zone for such memory is, which there is with movablecore= */
static void find_zone(void)
{
	FILE *file = fopen("/proc/zoneinfo", "re");
	bool here = false;
	char line[128];

	while (file && fgets(line, sizeof(line), file)) {
		if (strstr(line, ", zone "))
			here = strstr(line, "Movable");
		if (here && sscanf(line, " spanned %lu", &nr_pfns) != 1)
			sscanf(line, " start_pfn: %lu", &first_pfn);
	}
	if (file)
		fclose(file);
}

/* How many of these pages are there */
static size_t in_zone(const char *p, size_t size)
{
	int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	size_t i, nr = 0;

	for (i = 0; i < size / PAGE; i++) {
		uint64_t entry, pfn;

		if (pread(file, &entry, 8, ((uintptr_t)p / PAGE + i) * 8) != 8 ||
		    !(entry >> 63)) {
			fail("page %zu is not there", i);
			break;
		}
		pfn = entry & ((1ULL << 55) - 1);
		nr += pfn >= first_pfn && pfn - first_pfn < nr_pfns;
	}
	close(file);
	return nr;
}

static void moved_away(struct verbs *v, const char *what, char *p, size_t size,
		       uint32_t access)
{
	char *q = map_small(4 * PAGE);
	struct mr mr, other;

	randomize(p, size);
	if (in_zone(p, size) < size / PAGE / 2)
		fail("%s: only %zu pages could be moved", what, in_zone(p, size));
	reg(v, &other, q, 4 * PAGE, ACCESS_ALL);
	reg(v, &mr, p + 5, size - 5, access);
	if (in_zone(p, size))
		fail("%s: %zu pages are pinned where they are", what, in_zone(p, size));
	move(v, true, (struct span) { q + 1, (uintptr_t)q + 1, other.lkey },
	     (struct span) { p + PAGE - 1, (uintptr_t)p + PAGE - 1, mr.rkey }, 3 * KB);
	dereg(v, &mr);
	dereg(v, &other);
	munmap(q, 4 * PAGE);
	munmap(p, size);
}

void test_movable(void)
{
	long before = pins();
	struct verbs v;
	int file;
	char *p;

	find_zone();
	if (!nr_pfns) {
		printf("# all memory may be pinned where it is\n");
		return;
	}
	open_verbs(&v);
	moved_away(&v, "small pages", map_small(300 * PAGE), 300 * PAGE, ACCESS_ALL);
	moved_away(&v, "to be read", map_small(300 * PAGE), 300 * PAGE, ACCESS_REMOTE_READ);
	moved_away(&v, "THP", map_thp(8 * MB), 8 * MB, ACCESS_ALL);
	moved_away(&v, "hugetlb", map_hugetlb(8 * MB, 2 * MB), 8 * MB, ACCESS_ALL);
	file = new_memfd(300 * PAGE, 0);
	p = map(300 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file);
	moved_away(&v, "memfd", p, 300 * PAGE, ACCESS_ALL);
	close(file);
	verbs_close(&v);
	if (pins() != before)
		fail("%ld pages are still pinned", pins() - before);
}
