// SPDX-License-Identifier: GPL-2.0
/*
 * What is refused: work requests by the adapter, registrations by the kernel, and any
 * allocation of a registration that fails.  Nothing must remain of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hca_test.h"
#include "test.h"

static struct span span(const struct mr *mr, char *p)
{
	return (struct span) { .p = p, .addr = (uintptr_t)p, .key = mr->rkey };
}

void test_keys(void)
{
	char *p = map_small(8 * PAGE), *q = map_small(8 * PAGE);
	struct mr mr, plain, other, elsewhere;
	struct span bad;
	struct verbs v;
	uint32_t pd;

	open_verbs(&v);
	reg(&v, &mr, p + 100, 4 * PAGE, ACCESS_ALL);
	reg(&v, &plain, p + 100, 4 * PAGE, ACCESS_LOCAL_WRITE);
	reg(&v, &other, q, 8 * PAGE, ACCESS_ALL);
	pd = v.pd;
	if (verbs_alloc_pd(&v, &v.pd))
		fail("another PD");
	reg(&v, &elsewhere, p + 100, 4 * PAGE, ACCESS_ALL);
	v.pd = pd;

	bad = span(&mr, p + 100);
	bad.key ^= 1;
	refuse(&v, false, span(&other, q), bad, 10, WC_REM_ACCESS_ERR);
	refuse(&v, false, bad, span(&other, q), 10, WC_LOC_PROT_ERR);
	bad.key += 0x5500;
	refuse(&v, false, span(&other, q), bad, 10, WC_REM_ACCESS_ERR);
	/* All of the kernel's memory */
	bad.key = ~0;
	refuse(&v, false, bad, span(&other, q), 10, WC_LOC_PROT_ERR);
	/* Another PD's */
	refuse(&v, false, span(&other, q), span(&elsewhere, p + 200), 10, WC_REM_ACCESS_ERR);
	refuse(&v, true, span(&elsewhere, p + 200), span(&other, q), 10, WC_LOC_PROT_ERR);
	/* One byte too far */
	refuse(&v, false, span(&other, q), span(&mr, p + 99), 10, WC_REM_ACCESS_ERR);
	refuse(&v, true, span(&other, q), span(&mr, p + 4 * PAGE + 91), 10, WC_REM_ACCESS_ERR);
	refuse(&v, true, span(&mr, p + 4 * PAGE + 91), span(&other, q), 10, WC_LOC_PROT_ERR);
	move(&v, true, span(&other, q + 1), span(&mr, p + 4 * PAGE + 90), 10);
	/* Not for others */
	refuse(&v, false, span(&other, q), span(&plain, p + 200), 10, WC_REM_ACCESS_ERR);
	refuse(&v, true, span(&other, q), span(&plain, p + 200), 10, WC_REM_ACCESS_ERR);
	move(&v, true, span(&plain, p + 200), span(&other, q + 1), 10);
	verbs_close(&v);
	munmap(p, 8 * PAGE);
	munmap(q, 8 * PAGE);
}

static void expect(struct verbs *v, uint64_t addr, uint64_t len, uint32_t access, int want)
{
	long before = pins(), account = locked();
	struct mr mr;
	int ret = verbs_reg(v, &mr, addr, len, addr, access);

	if (ret != want)
		fail("%#lx + %#lx: %s, not %s", addr, len, strerror(ret), strerror(want));
	if (!ret)
		dereg(v, &mr);
	if (pins() != before)
		fail("%#lx + %#lx: %ld pages are still pinned", addr, len, pins() - before);
	if (locked() != account)
		fail("%#lx + %#lx: %ld bytes are still accounted", addr, len, locked() - account);
}

void test_errors(void)
{
	size_t size = 1400 * PAGE;
	char *p = map_small(size), *huge;
	uintptr_t a = (uintptr_t)p;
	struct verbs v;
	int file;

	open_verbs(&v);
	expect(&v, a, 0, ACCESS_ALL, EINVAL);
	expect(&v, a, -1UL, ACCESS_ALL, EINVAL);
	expect(&v, -1UL, 1, ACCESS_ALL, EINVAL);
	expect(&v, -PAGE, PAGE, ACCESS_ALL, EINVAL);
	expect(&v, -2 * PAGE, PAGE, ACCESS_ALL, EFAULT);
	expect(&v, 0, PAGE, ACCESS_ALL, EFAULT);
	expect(&v, 1UL << 47, PAGE, ACCESS_ALL, EFAULT);
	expect(&v, 0xffff888000000000, PAGE, 0, EFAULT);
	expect(&v, a, 1UL << 50, ACCESS_ALL, EINVAL);
	expect(&v, a, PAGE, ACCESS_ALL | ACCESS_ON_DEMAND, EOPNOTSUPP);
	expect(&v, a, PAGE, ACCESS_REMOTE_WRITE, EINVAL);
	expect(&v, a, PAGE, 1 << 12, EINVAL);
	expect(&v, a, PAGE, ACCESS_ALL | ACCESS_RELAXED, 0);
	/* A hole far behind; memory that may not be written to, or not read either */
	munmap(p + 1200 * PAGE, PAGE);
	mprotect(p + 1300 * PAGE, PAGE, PROT_READ);
	mprotect(p + 1350 * PAGE, PAGE, PROT_NONE);
	expect(&v, a + 3, 1200 * PAGE - 3, ACCESS_ALL, 0);
	expect(&v, a + 3, 1200 * PAGE - 2, ACCESS_ALL, EFAULT);
	expect(&v, a, size, ACCESS_ALL, EFAULT);
	expect(&v, a + 1201 * PAGE, 149 * PAGE, ACCESS_REMOTE_READ, 0);
	expect(&v, a + 1201 * PAGE, 149 * PAGE, ACCESS_ALL, EFAULT);
	expect(&v, a + 1201 * PAGE, 150 * PAGE, 0, EFAULT);
	munmap(p, size);
	/* Huge pages, and then a file that ends there */
	file = new_memfd(4 * MB, MFD_HUGETLB);
	huge = map(4 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, file);
	huge[0] = 1;
	huge[2 * MB] = 1;
	if (ftruncate(file, 2 * MB))
		fail("ftruncate: %m");
	expect(&v, (uintptr_t)huge + 5, 2 * MB - 5, ACCESS_ALL, 0);
	expect(&v, (uintptr_t)huge + 5, 2 * MB, ACCESS_ALL, EFAULT);
	munmap(huge, 4 * MB);
	close(file);
	verbs_close(&v);
}

/* Each is refused for itself, and for what is registered already */
static void limits(void)
{
	char *p = map_small(64 * PAGE);
	uintptr_t a = (uintptr_t)p;
	struct verbs v;
	struct mr mr;

	limit_locked(10 * PAGE + PAGE / 2);
	/* The adapter belongs to whoever opened it with the rights that he then had */
	open_verbs(&v);
	expect(&v, a, 10 * PAGE, ACCESS_ALL, 0);
	expect(&v, a, 10 * PAGE + 1, ACCESS_ALL, ENOMEM);
	expect(&v, a + PAGE - 1, 9 * PAGE + 1, ACCESS_ALL, 0);
	expect(&v, a + PAGE - 1, 9 * PAGE + 2, ACCESS_ALL, ENOMEM);
	expect(&v, 0, 11 * PAGE, ACCESS_ALL, ENOMEM);
	expect(&v, 0, 9 * PAGE, ACCESS_ALL, EFAULT);
	reg(&v, &mr, p, 6 * PAGE, ACCESS_ALL);
	expect(&v, a, 4 * PAGE, ACCESS_ALL, 0);
	expect(&v, a, 5 * PAGE, ACCESS_ALL, ENOMEM);
	munmap(p + 63 * PAGE, PAGE);
	expect(&v, a + 60 * PAGE, 4 * PAGE, ACCESS_ALL, EFAULT);
	expect(&v, a + 58 * PAGE, 4 * PAGE, ACCESS_ALL, 0);
	dereg(&v, &mr);
	expect(&v, a, 10 * PAGE, ACCESS_ALL, 0);
	verbs_close(&v);
}

void test_limits(void)
{
	in_child(limits);
}

static bool set(const char *name, const char *value)
{
	int file = open(name, O_WRONLY | O_CLOEXEC);
	bool ok = file >= 0 && write(file, value, strlen(value)) == (ssize_t)strlen(value);

	if (file >= 0)
		close(file);
	return ok;
}

/* Let the k-th allocation fail, for each k that there is */
static void fail_each(struct verbs *v, char *p, size_t len, const char *what)
{
	int file = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC), ret = 0;
	long before = pins(), account = locked();
	unsigned int k, failures = 0;
	char value[16];
	struct mr mr;

	for (k = 1; k < 10000; k++) {
		int left = snprintf(value, sizeof(value), "%u", k);

		if (write(file, value, left) != left)
			fail("fail-nth: %m");
		ret = verbs_reg(v, &mr, (uintptr_t)p, len, (uintptr_t)p, ACCESS_ALL);
		memset(value, 0, sizeof(value));
		if (pread(file, value, sizeof(value) - 1, 0) < 0 || write(file, "0", 1) != 1)
			fail("fail-nth: %m");
		if (ret && ret != ENOMEM)
			fail("%s, allocation %u: %s", what, k, strerror(ret));
		if (!ret)
			dereg(v, &mr);
		if (pins() != before || locked() != account)
			fail("%s, allocation %u: %ld pages pinned, %ld bytes accounted", what, k,
			     pins() - before, locked() - account);
		failures += !!ret;
		/* Not all were needed */
		if (atoi(value) > 0)
			break;
	}
	close(file);
	if (!failures || ret)
		fail("%s: %u failures", what, failures);
	printf("# %s: %u allocations, %u of which make registration fail\n", what, k - 1, failures);
}

void test_each_failure(void)
{
	static const char * const files[][2] = {
		{ "/sys/kernel/debug/failslab/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/min-order", "0" },
	};
	char *p = map_small(1400 * PAGE), *huge = map_thp(16 * MB), *fresh;
	struct verbs v;
	unsigned int i;

	if (access("/proc/self/fail-nth", W_OK)) {
		printf("# no fault injection\n");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (!set(files[i][0], files[i][1]))
			fail("%s: %m", files[i][0]);
	open_verbs(&v);
	fail_each(&v, p, 1400 * PAGE, "1400 pages");
	fail_each(&v, p + 5, 1, "a page");
	/* Also what faults it in */
	fresh = map(64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	madvise(fresh, 64 * PAGE, MADV_NOHUGEPAGE);
	fail_each(&v, fresh, 64 * PAGE, "64 pages not yet there");
	/* Parts of huge pages, with small ones between them: so many ranges that lists grow */
	for (i = 0; i < 16 * MB; i += 2 * MB) {
		madvise(huge + i + MB / 2, PAGE, MADV_DONTNEED);
		huge[i + MB / 2] = 1;
	}
	fail_each(&v, huge, 16 * MB, "parts of huge pages");
	verbs_close(&v);
	munmap(p, 1400 * PAGE);
	munmap(fresh, 64 * PAGE);
	munmap(huge, 16 * MB);
}
