// SPDX-License-Identifier: GPL-2.0
/*
 * Registers memory of all kinds through the module umem_compare, with ib_umem and with that
 * of the unmodified kernel, and has the two compared.  Each test prints a line.
 *
 * Run as root by the init of the guest, with the names of tests to leave out.  Without fault
 * injection the last test only says that there is none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/memfd.h>
#include <linux/udmabuf.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "umem_compare.h"

#define PAGE		4096UL
#define KB		1024UL
#define MB		(1024 * KB)
#define GB		(1024 * MB)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define LOCAL_WRITE	1	/* IB_ACCESS_LOCAL_WRITE */
#define REMOTE_WRITE	2
#define REMOTE_READ	4
#define ON_DEMAND	(1 << 6)
#define RELAXED		(1 << 20)

static int fd;
static bool failed;
static uint64_t registrations, blocks;

static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	failed = true;
}

static uint32_t seed = 12345;

static uint32_t rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

static uint64_t rnd_below(uint64_t n)
{
	return (((uint64_t)rnd() << 32) | rnd()) % n;
}

static void *map(size_t len, int prot, int flags, int file)
{
	void *p = mmap(NULL, len, prot, flags, file, 0);

	if (p == MAP_FAILED) {
		printf("# mmap of %zu bytes: %m\n", len);
		return NULL;
	}
	return p;
}

static int reg(struct umem_register *r, uint64_t addr, uint64_t len, uint32_t access,
	       uint32_t device, uint32_t impl)
{
	*r = (struct umem_register) {
		.addr = addr, .len = len, .iova = addr, .access = access,
		.page_sizes = ~((1ULL << 12) - 1), .dmabuf = -1, .device = device, .impl = impl,
	};
	return ioctl(fd, UMEM_REGISTER, r) ? errno : 0;
}

static const uint32_t devices[] = { UMEM_DEVICE_EDU, UMEM_DEVICE_VIRTUAL };

/*
 * Register with both and for both devices; the same must come of it.  @want is 0, or the
 * errno of both, or -1 if it need only be the same.
 */
static void same(uint64_t addr, uint64_t len, uint32_t access, int want)
{
	struct umem_register r;
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(devices); i++) {
		ret = reg(&r, addr, len, access, devices[i], UMEM_BOTH);
		registrations++;
		blocks += r.blocks;
		if (ret)
			fail("%#lx + %#lx, device %u: %s", addr, len, i, strerror(ret));
		else if (r.errors[0] != r.errors[1])
			fail("%#lx + %#lx, device %u: %d, was %d", addr, len, i, r.errors[0],
			     r.errors[1]);
		else if (want >= 0 && r.errors[0] != -want)
			fail("%#lx + %#lx, device %u: %d, not %d", addr, len, i, r.errors[0],
			     -want);
		else if (r.pinned_vm[0] != r.pinned_vm[1] || r.pinned_left)
			fail("%#lx + %#lx, device %u: %llu pages accounted, were %llu, %llu left",
			     addr, len, i, r.pinned_vm[0], r.pinned_vm[1], r.pinned_left);
		else if (!r.errors[0] && !r.blocks)
			fail("%#lx + %#lx, device %u: no blocks", addr, len, i);
	}
}

/* All of a buffer, and windows of it of any offset and length */
static void windows(char *p, size_t size, uint32_t access, int n)
{
	size_t off, len;
	int i;

	same((uintptr_t)p, size, access, 0);
	same((uintptr_t)p + 1, size - 2, access, 0);
	same((uintptr_t)p + PAGE - 1, 2, access, 0);
	same((uintptr_t)p + size - 1, 1, access, 0);
	for (i = 0; i < n; i++) {
		off = rnd_below(size - 1);
		if (rnd() % 2)
			off -= off % (PAGE << rnd() % 10);
		len = 1 + rnd_below(size - off);
		if (rnd() % 2 && len > PAGE)
			len -= len % (PAGE << rnd() % 10) ?: 0;
		if (len)
			same((uintptr_t)p + off, len, access, 0);
	}
}

static void fill(char *p, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += PAGE)
		*(uint64_t *)(p + i) = i * 0x9e3779b97f4a7c15 + 1;
}

/* In disorder, so that pages are scattered */
static void touch_scattered(char *p, size_t size)
{
	size_t nr = size / PAGE, i;

	for (i = 0; i < nr; i++)
		p[(i * 7919 % nr) * PAGE] = i;
	fill(p, size);
}

static void test_small_pages(void)
{
	size_t size = 8 * MB;
	char *p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	madvise(p, size, MADV_NOHUGEPAGE);
	touch_scattered(p, size);
	windows(p, size, LOCAL_WRITE, 40);
	windows(p, size, 0, 10);
	windows(p, size, LOCAL_WRITE | RELAXED | REMOTE_READ, 5);
	munmap(p, size);
}

static void test_not_touched(void)
{
	size_t size = 4 * MB;
	char *p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	/* Reading alone brings no zero page that would have to be taken back */
	windows(p, size, 0, 5);
	munmap(p, size);
	p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	windows(p, size, LOCAL_WRITE, 5);
	munmap(p, size);
}

static char *map_aligned(size_t size, size_t align)
{
	char *p = map(size + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	return (char *)(((uintptr_t)p + align - 1) & ~(align - 1));
}

/* A file, in the place of such memory */
static char *map_aligned_file(size_t size, size_t align, int file)
{
	char *p = map_aligned(size, align);

	if (mmap(p, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) != p)
		fail("mmap: %m");
	return p;
}

static bool write_file(const char *name, const char *value)
{
	int file = open(name, O_WRONLY | O_CLOEXEC);
	bool ok = file >= 0 && write(file, value, strlen(value)) == (ssize_t)strlen(value);

	if (file >= 0)
		close(file);
	return ok;
}

static void test_thp(void)
{
	size_t size = 32 * MB;
	char *p = map_aligned(size, 2 * MB);
	struct umem_register r;

	madvise(p, size, MADV_HUGEPAGE);
	fill(p, size);
	windows(p, size, LOCAL_WRITE, 30);
	/* Some of it in small pages again, which remain in large folios for a while */
	madvise(p + 3 * MB, PAGE, MADV_DONTNEED);
	mprotect(p + 9 * MB, 8 * PAGE, PROT_READ);
	mprotect(p + 9 * MB, 8 * PAGE, PROT_READ | PROT_WRITE);
	windows(p, size, LOCAL_WRITE, 20);
	if (!reg(&r, (uintptr_t)p + 16 * MB, 4 * MB, 0, UMEM_DEVICE_EDU, UMEM_BOTH) &&
	    r.page_size < 2 * MB)
		fail("the best page size of a huge page is %llu", r.page_size);
}

static void set_thp(const char *size, const char *value)
{
	char path[128];
	int file;

	snprintf(path, sizeof(path), "/sys/kernel/mm/transparent_hugepage/hugepages-%s/enabled",
		 size);
	file = open(path, O_WRONLY | O_CLOEXEC);
	if (file < 0 || write(file, value, strlen(value)) < 0)
		fail("%s: %m", path);
	close(file);
}

/* Large folios that entries of the page table map page by page */
static void test_large_folios(void)
{
	size_t size = 4 * MB;
	struct umem_register r;
	pid_t child;
	char *p;

	set_thp("2048kB", "never");
	set_thp("64kB", "always");
	p = map_aligned(size, 2 * MB);
	/* Not touched, then half of the folios are there, then all of them */
	windows(p, size, LOCAL_WRITE, 5);
	munmap(p, size);
	p = map_aligned(size, 2 * MB);
	for (size_t i = 0; i < size; i += 128 * KB)
		p[i] = i / KB;
	windows(p, size, LOCAL_WRITE, 10);
	fill(p, size);
	windows(p, size, LOCAL_WRITE, 20);
	windows(p, size, 0, 10);
	if (reg(&r, (uintptr_t)p, size, 0, UMEM_DEVICE_EDU, UMEM_BOTH) || r.page_size < 64 * KB)
		fail("the best page size of large folios is %llu", r.page_size);
	/* Who forks shares them, page by page until they are written to */
	child = fork();
	if (!child) {
		pause();
		_exit(0);
	}
	for (size_t i = 0; i < size / 4; i += 5 * PAGE)
		p[i] = i / KB;
	windows(p, size, 0, 5);
	windows(p, size, LOCAL_WRITE, 10);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	/* Parts of folios, and such that may not be written to */
	madvise(p + MB + 5 * PAGE, 3 * PAGE, MADV_DONTNEED);
	mprotect(p + 2 * MB + 7 * PAGE, 2 * PAGE, PROT_READ);
	windows(p, size, 0, 10);
	windows(p, 2 * MB, LOCAL_WRITE, 10);
	same((uintptr_t)p, size, LOCAL_WRITE, EFAULT);
	munmap(p, size);
	set_thp("64kB", "never");
	set_thp("2048kB", "inherit");
}

static void test_hugetlb(size_t page, int pages, int n)
{
	int shift = page == GB ? 30 : 21;
	size_t size = page * pages;
	char *p = map(size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | shift << MAP_HUGE_SHIFT, -1);
	struct umem_register r;

	if (!p) {
		fail("no huge pages");
		return;
	}
	for (size_t i = 0; i < size; i += 2 * MB)
		p[i] = i / MB;
	windows(p, size, LOCAL_WRITE, n);
	if (reg(&r, (uintptr_t)p, size, 0, UMEM_DEVICE_EDU, UMEM_BOTH) || r.page_size < page)
		fail("the best page size is %llu", r.page_size);
	munmap(p, size);
}

static void test_hugetlb_2m(void)
{
	test_hugetlb(2 * MB, 16, 20);
}

static void test_hugetlb_1g(void)
{
	test_hugetlb(GB, 1, 3);
}

static void test_memfd(void)
{
	int file = memfd_create("umem", MFD_CLOEXEC);
	size_t size = 4 * MB;
	char *p;

	if (ftruncate(file, size))
		fail("ftruncate: %m");
	p = map(size, PROT_READ | PROT_WRITE, MAP_SHARED, file);
	touch_scattered(p, size);
	windows(p, size, LOCAL_WRITE, 20);
	munmap(p, size);
	/* Written to nowhere but by the device */
	p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file);
	windows(p, size, LOCAL_WRITE, 10);
	munmap(p, size);
	p = map(size, PROT_READ, MAP_SHARED, file);
	windows(p, size, 0, 10);
	same((uintptr_t)p, size, LOCAL_WRITE, EFAULT);
	munmap(p, size);
	/* Longer than the file: faults */
	p = map(2 * size, PROT_READ | PROT_WRITE, MAP_SHARED, file);
	same((uintptr_t)p, 2 * size, LOCAL_WRITE, EFAULT);
	same((uintptr_t)p + size - 5, 5, LOCAL_WRITE, 0);
	munmap(p, 2 * size);
	close(file);
}

/* What is refused: files that are written back, if the device is to write to them */
static void test_file(void)
{
	int file = open("/umem_test", O_RDONLY | O_CLOEXEC);
	size_t size = 16 * PAGE;
	char *p = map(size, PROT_READ, MAP_PRIVATE, file);

	same((uintptr_t)p, size, 0, -1);
	same((uintptr_t)p, size, LOCAL_WRITE, EFAULT);
	munmap(p, size);
	p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file);
	same((uintptr_t)p, size, LOCAL_WRITE, 0);
	munmap(p, size);
	close(file);
}

/* What no one but its owner is to see */
static void test_secret(void)
{
	int file = syscall(SYS_memfd_secret, O_CLOEXEC);
	size_t size = 8 * PAGE;
	char *p;

	if (file < 0 || ftruncate(file, size)) {
		fail("memfd_secret: %m");
		return;
	}
	p = map(size, PROT_READ | PROT_WRITE, MAP_SHARED, file);
	fill(p, size);
	same((uintptr_t)p, size, LOCAL_WRITE, EFAULT);
	same((uintptr_t)p, size, 0, EFAULT);
	same((uintptr_t)p, 1, 0, EFAULT);
	munmap(p, size);
	close(file);
}

/* Huge pages that are shared, and that the device may only read: the VMA has to be asked */
static void test_shared_huge(void)
{
	size_t size = 8 * MB, i;
	char *p;

	for (unsigned int kind = 0; kind < 3; kind++) {
		int file = memfd_create("umem", MFD_CLOEXEC | (kind == 2 ? MFD_HUGETLB : 0));

		if (kind == 1)
			write_file("/sys/kernel/mm/transparent_hugepage/shmem_enabled", "force");
		if (ftruncate(file, size))
			fail("ftruncate: %m");
		p = map_aligned_file(size, 2 * MB, file);
		/* Half of it is there */
		for (i = 0; i < size; i += 4 * MB)
			memset(p + i, i / MB, 2 * MB);
		windows(p, size, 0, 4);
		windows(p, size, LOCAL_WRITE, 2);
		windows(p, size, 0, 2);
		munmap(p, size);
		/*
		 * Written to by nobody, and mapped as if that could be.  With the transparent
		 * kind pin_user_pages() of this kernel does not come back: it splits the huge
		 * page to unshare a part, and the fault maps it as a whole again.
		 */
		if (kind != 1) {
			p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file);
			windows(p, size, 0, 2);
			windows(p, size, LOCAL_WRITE, 1);
			munmap(p, size);
		}
		close(file);
		if (kind == 1)
			write_file("/sys/kernel/mm/transparent_hugepage/shmem_enabled", "never");
	}
}

/* What the IOMMU's driver says, if there is one */
static void test_map_errors(void)
{
	static const int errors[] = { ERANGE, EEXIST, EBUSY, EFAULT, EINVAL, EADDRINUSE, ENOMEM };
	size_t size = 8 * PAGE, i;
	char *p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		struct umem_register r = {
			.addr = (uintptr_t)p, .len = size, .iova = (uintptr_t)p,
			.access = LOCAL_WRITE, .page_sizes = ~0ULL, .dmabuf = -1,
			.device = UMEM_DEVICE_EDU, .impl = UMEM_BOTH, .map_error = -errors[i],
		};

		if (ioctl(fd, UMEM_REGISTER, &r) || r.errors[0] != r.errors[1] || r.pinned_left)
			fail("%s of the IOMMU becomes %d, was %d, %llu pages accounted",
			     strerror(errors[i]), r.errors[0], r.errors[1], r.pinned_left);
		else
			printf("# %s becomes %s\n", strerror(errors[i]),
			       r.errors[0] ? strerror(-r.errors[0]) : "nothing");
	}
	munmap(p, size);
}

static void test_moving(void)
{
	if (ioctl(fd, UMEM_MOVING, UMEM_DEVICE_EDU))
		fail("a dma-buf that moves: %m");
}

/* More than 4 GiB, though the machine has less: the same memory again and again */
static void test_over_4g(size_t page, size_t total)
{
	size_t part = 256 * MB, i;
	int file = memfd_create("umem", MFD_CLOEXEC | (page > PAGE ? MFD_HUGETLB : 0));
	char *p;

	if (ftruncate(file, part))
		fail("ftruncate: %m");
	p = map(total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	for (i = 0; i < total; i += part)
		if (mmap(p + i, part, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) ==
		    MAP_FAILED)
			fail("mmap: %m");
	for (i = 0; i < part; i += PAGE)
		p[i] = i / PAGE;
	same((uintptr_t)p, total, LOCAL_WRITE, 0);
	same((uintptr_t)p + 777, total - 800, 0, 0);
	munmap(p, total);
	close(file);
}

static void test_over_4g_huge(void)
{
	test_over_4g(2 * MB, 9 * GB);
}

static void test_over_4g_small(void)
{
	test_over_4g(PAGE, 4 * GB + 256 * MB);
}

/*
 * More than UINT_MAX pages, for a device that counts them in 64 bits.  What the machine has
 * are three pages of 1 GiB, again and again.
 */
static void test_over_uint_max(void)
{
	size_t total = (1UL << 44) + 2 * GB, part = 3 * GB, i;
	int file = memfd_create("umem", MFD_CLOEXEC | MFD_HUGETLB | MFD_HUGE_1GB);
	struct umem_within within = {
		.len = total - 5, .from = 2 * GB - 100, .to = (1UL << 44) + 2 * PAGE - 9,
		.bytes = 5000,
	};
	char want[5000], *p;

	if (file < 0 || ftruncate(file, part)) {
		fail("huge file: %m");
		return;
	}
	p = map(total + part, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	p = (char *)(((uintptr_t)p + GB - 1) & ~(GB - 1));
	for (i = 0; i < total; i += part)
		if (mmap(p + i, total - i < part ? total - i : part, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED)
			fail("mmap: %m");
	for (i = 0; i < sizeof(want); i++)
		want[i] = i % 251;
	memcpy(p + within.from, want, sizeof(want));
	within.addr = (uintptr_t)p;
	if (ioctl(fd, UMEM_WITHIN, &within))
		fail("move: %m");
	else if (memcmp(p + within.to, want, sizeof(want)))
		fail("other bytes arrived");
	for (i = 0; i < part; i += GB)
		if (ioctl(fd, UMEM_LOOK, p + i) & UMEM_PINNED)
			fail("page %zu is pinned", i / GB);
	/* Others can't */
	same((uintptr_t)p, total, LOCAL_WRITE, EINVAL);
	munmap(p, total);
	close(file);
}

static void test_errors(void)
{
	size_t size = 64 * PAGE;
	char *p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	uintptr_t a = (uintptr_t)p;

	fill(p, size);
	same(a, 0, LOCAL_WRITE, EINVAL);
	/* No bytes, but a page to hold them: so it is today */
	same(a + 5, 0, LOCAL_WRITE, 0);
	same(a, -1UL, LOCAL_WRITE, EINVAL);
	same(-1UL, 1, LOCAL_WRITE, EINVAL);
	same(-PAGE, PAGE, LOCAL_WRITE, EINVAL);
	same(-2 * PAGE, PAGE, LOCAL_WRITE, EFAULT);
	same(-1UL - PAGE, 2, LOCAL_WRITE, EINVAL);
	same(-1UL - 2 * PAGE, 2, LOCAL_WRITE, EFAULT);
	same(0, PAGE, LOCAL_WRITE, EFAULT);
	same(1UL << 47, PAGE, LOCAL_WRITE, EFAULT);
	same((1UL << 47) - PAGE, PAGE, LOCAL_WRITE, EFAULT);
	same((1UL << 47) - 2 * PAGE, 4 * PAGE, LOCAL_WRITE, EFAULT);
	same(0xffff888000000000, PAGE, 0, EFAULT);
	same(a, 1UL << 44, LOCAL_WRITE, EINVAL);
	same(a, (1UL << 44) - PAGE, LOCAL_WRITE, -1);
	same(a, PAGE, LOCAL_WRITE | ON_DEMAND, EOPNOTSUPP);
	/* A hole, memory that may not be written to, or not read either */
	munmap(p + 20 * PAGE, PAGE);
	mprotect(p + 30 * PAGE, PAGE, PROT_READ);
	mprotect(p + 40 * PAGE, PAGE, PROT_NONE);
	same(a + 3, 18 * PAGE, LOCAL_WRITE, 0);
	same(a, size, LOCAL_WRITE, EFAULT);
	same(a + 20 * PAGE - 1, 1, LOCAL_WRITE, 0);
	same(a + 20 * PAGE - 1, 2, LOCAL_WRITE, EFAULT);
	same(a + 20 * PAGE, 1, 0, EFAULT);
	same(a + 21 * PAGE, 12 * PAGE, 0, 0);
	same(a + 21 * PAGE, 12 * PAGE, LOCAL_WRITE, EFAULT);
	same(a + 21 * PAGE, 12 * PAGE, REMOTE_WRITE | REMOTE_READ, EFAULT);
	same(a + 39 * PAGE, 2 * PAGE, 0, EFAULT);
	munmap(p, size);
}

/* What each implementation leaves of the state of pages: pins none, dirty if it should */
static void test_pins_and_dirty(void)
{
	static const uint32_t accesses[] = { 0, LOCAL_WRITE };
	size_t size = 600 * PAGE, i;
	char *p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	unsigned int a, impl;
	struct umem_register r;

	madvise(p, size, MADV_NOHUGEPAGE);
	touch_scattered(p, size);
	for (impl = UMEM_PHYR; impl <= UMEM_SG; impl++) {
		for (a = 0; a < ARRAY_SIZE(accesses); a++) {
			unsigned int dirty = 0, pinned = 0;

			for (i = 0; i < size; i += PAGE)
				ioctl(fd, UMEM_CLEAN, p + i);
			if (reg(&r, (uintptr_t)p + 5 * PAGE + 9, 500 * PAGE, accesses[a],
				UMEM_DEVICE_EDU, impl) || r.errors[impl - 1])
				fail("implementation %u: %d", impl, r.errors[impl - 1]);
			for (i = 0; i < size; i += PAGE) {
				int look = ioctl(fd, UMEM_LOOK, p + i);

				pinned += !!(look & UMEM_PINNED);
				if ((look & UMEM_DIRTY) && (i < 5 * PAGE || i > 505 * PAGE))
					fail("implementation %u: page %zu is dirty", impl,
					     i / PAGE);
				dirty += !!(look & UMEM_DIRTY);
			}
			if (pinned)
				fail("implementation %u: %u pages are pinned", impl, pinned);
			if (dirty != (accesses[a] ? 501 : 0))
				fail("implementation %u: %u pages are dirty", impl, dirty);
		}
	}
	munmap(p, size);
}

static void drop_ipc_lock(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	syscall(SYS_capget, &header, data);
	data[CAP_IPC_LOCK / 32].effective &= ~(1U << CAP_IPC_LOCK % 32);
	data[CAP_IPC_LOCK / 32].permitted &= ~(1U << CAP_IPC_LOCK % 32);
	if (syscall(SYS_capset, &header, data))
		fail("capset: %m");
}

static void limit(rlim_t bytes)
{
	struct rlimit lim = { bytes, bytes };

	if (setrlimit(RLIMIT_MEMLOCK, &lim))
		fail("setrlimit: %m");
}

/* In a process of its own, which does not get its capability back */
static void in_child(void (*test)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		test();
		fflush(stdout);
		_exit(failed);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		failed = true;
}

static void expect_limit(char *p, size_t off, size_t len, int want)
{
	unsigned int i, impl;
	struct umem_register r;

	for (impl = UMEM_PHYR; impl <= UMEM_SG; impl++) {
		for (i = 0; i < ARRAY_SIZE(devices); i++) {
			int ret = reg(&r, (uintptr_t)p + off, len, LOCAL_WRITE, devices[i], impl);

			if (ret || r.errors[impl - 1] != -want || r.pinned_left)
				fail("implementation %u, %zu + %zu: %d, %d (not %d), %llu left",
				     impl, off, len, ret, r.errors[impl - 1], -want,
				     r.pinned_left);
		}
	}
}

static void limits(void)
{
	size_t size = 64 * PAGE;
	char *p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	drop_ipc_lock();
	limit(64 * PAGE);
	expect_limit(p, 0, 64 * PAGE, 0);
	/* Both at a time are too much; the second one is refused */
	{
		struct umem_register r;

		if (reg(&r, (uintptr_t)p, 33 * PAGE, 0, UMEM_DEVICE_EDU, UMEM_BOTH) ||
		    r.errors[1] || r.errors[0] != -ENOMEM || r.pinned_left)
			fail("two of 33 pages: %d, %d", r.errors[0], r.errors[1]);
		if (reg(&r, (uintptr_t)p, 32 * PAGE, 0, UMEM_DEVICE_EDU, UMEM_BOTH) ||
		    r.errors[1] || r.errors[0] || r.pinned_left)
			fail("two of 32 pages: %d, %d", r.errors[0], r.errors[1]);
	}
	limit(10 * PAGE + PAGE / 2);
	expect_limit(p, 0, 10 * PAGE, 0);
	expect_limit(p, 0, 10 * PAGE + 1, ENOMEM);
	expect_limit(p, PAGE - 1, 9 * PAGE + 1, 0);
	expect_limit(p, PAGE - 1, 9 * PAGE + 2, ENOMEM);
	/* An address that does not exist is refused for the limit first */
	expect_limit(NULL, 0, 11 * PAGE, ENOMEM);
	expect_limit(NULL, 0, 9 * PAGE, EFAULT);
	limit(0);
	expect_limit(p, 0, 1, EPERM);
}

static void test_limits(void)
{
	in_child(limits);
}

/* Let the k-th allocation fail, for each k that there is */
static void fail_each(char *p, size_t len, int dmabuf, uint32_t device, const char *what)
{
	char path[64], value[16];
	unsigned int k, failures = 0;
	struct umem_register r;
	int file;

	snprintf(path, sizeof(path), "/proc/self/fail-nth");
	file = open(path, O_RDWR | O_CLOEXEC);
	if (file < 0) {
		fail("%s: %m", path);
		return;
	}
	for (k = 1; k < 10000; k++) {
		int ret;

		r = (struct umem_register) {
			.addr = (uintptr_t)p, .len = len, .iova = (uintptr_t)p, .dmabuf = dmabuf,
			.access = LOCAL_WRITE, .page_sizes = ~0ULL, .device = device,
			.impl = UMEM_PHYR,
		};
		snprintf(value, sizeof(value), "%u", k);
		if (write(file, value, strlen(value)) < 0)
			fail("%s: %m", path);
		ret = ioctl(fd, UMEM_REGISTER, &r) ? errno : 0;
		memset(value, 0, sizeof(value));
		if (pread(file, value, sizeof(value) - 1, 0) < 0)
			fail("%s: %m", path);
		if (write(file, "0", 1) < 0)
			fail("%s: %m", path);
		if (ret || r.pinned_left)
			fail("%s, allocation %u: %s, %llu pages accounted", what, k, strerror(ret),
			     r.pinned_left);
		if (r.errors[0] && r.errors[0] != -ENOMEM)
			fail("%s, allocation %u: error %d", what, k, r.errors[0]);
		if (dmabuf < 0) {
			for (size_t i = 0; i < len; i += 16 * PAGE)
				if (ioctl(fd, UMEM_LOOK, p + i) & UMEM_PINNED)
					fail("%s, allocation %u: page %zu is pinned", what, k,
					     i / PAGE);
		}
		failures += !!r.errors[0];
		/* Not all were needed */
		if (atoi(value) > 0)
			break;
	}
	close(file);
	if (!failures || r.errors[0])
		fail("%s: %u failures", what, failures);
	printf("# %s: %u allocations, %u of which make registration fail\n", what, k - 1, failures);
}

/* The same with a dma-buf that moves */
static void fail_each_moving(void)
{
	int file = open("/proc/self/fail-nth", O_RDWR | O_CLOEXEC), ret = 0;
	unsigned int k, failures = 0;
	char value[16];

	for (k = 1; k < 10000; k++) {
		snprintf(value, sizeof(value), "%u", k);
		if (write(file, value, strlen(value)) < 0)
			fail("fail-nth: %m");
		ret = ioctl(fd, UMEM_MOVING, UMEM_DEVICE_EDU) ? errno : 0;
		memset(value, 0, sizeof(value));
		if (pread(file, value, sizeof(value) - 1, 0) < 0 || write(file, "0", 1) < 0)
			fail("fail-nth: %m");
		if (ret && ret != ENOMEM)
			fail("a dma-buf that moves, allocation %u: %s", k, strerror(ret));
		failures += !!ret;
		if (atoi(value) > 0)
			break;
	}
	close(file);
	if (!failures || ret)
		fail("a dma-buf that moves: %u failures", failures);
	printf("# a dma-buf that moves: %u allocations, %u of which make it fail\n", k - 1,
	       failures);
}

static int new_dmabuf(size_t size);

static void test_each_failure(void)
{
	static const char * const files[][2] = {
		{ "/sys/kernel/debug/failslab/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/ignore-gfp-wait", "N" },
		{ "/sys/kernel/debug/fail_page_alloc/min-order", "0" },
	};
	size_t size = 1400 * PAGE;
	char *p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	unsigned int i;
	int dmabuf;

	if (access("/proc/self/fail-nth", W_OK)) {
		printf("# no fault injection\n");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (!write_file(files[i][0], files[i][1]))
			fail("%s: %m", files[i][0]);
	madvise(p, size, MADV_NOHUGEPAGE);
	touch_scattered(p, size);
	fail_each(p, size, -1, UMEM_DEVICE_EDU, "1400 pages");
	fail_each(p, size, -1, UMEM_DEVICE_VIRTUAL, "1400 pages, virtual DMA");
	fail_each(p, 1, -1, UMEM_DEVICE_EDU, "a page");
	dmabuf = new_dmabuf(4 * MB);
	fail_each((char *)PAGE, MB, dmabuf, UMEM_DEVICE_EDU, "dma-buf");
	close(dmabuf);
	fail_each_moving();
	munmap(p, size);
}

static int new_dmabuf(size_t size)
{
	int memfd = memfd_create("umem", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), buf;
	struct udmabuf_create create = { .memfd = memfd, .flags = UDMABUF_FLAGS_CLOEXEC,
					 .size = size };
	char *p;

	if (ftruncate(memfd, size) || fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		fail("memfd: %m");
	p = map(size, PROT_READ | PROT_WRITE, MAP_SHARED, memfd);
	touch_scattered(p, size);
	munmap(p, size);
	buf = ioctl(dev, UDMABUF_CREATE, &create);
	if (buf < 0)
		fail("udmabuf: %m");
	close(dev);
	close(memfd);
	return buf;
}

static void test_dmabuf(void)
{
	size_t size = 4 * MB;
	int dmabuf = new_dmabuf(size), i;
	struct umem_register r;

	for (i = 0; i < 60; i++) {
		uint64_t off = i ? rnd_below(size - 1) : 0;
		uint64_t len = i ? 1 + rnd_below(size - off) : size;
		int ret;

		if (i % 3 == 0)
			off -= off % PAGE;
		r = (struct umem_register) {
			.addr = off, .len = len, .iova = off + 16 * MB, .dmabuf = dmabuf,
			.access = LOCAL_WRITE, .page_sizes = ~((1ULL << 12) - 1),
		};
		ret = ioctl(fd, UMEM_REGISTER, &r) ? errno : 0;
		blocks += r.blocks;
		if (ret || r.errors[0] || r.errors[1] || !r.blocks)
			fail("%#lx + %#lx: %s, %d, was %d", off, len, strerror(ret), r.errors[0],
			     r.errors[1]);
	}
	/* Outside of the buffer, no bytes, no buffer */
	for (i = 0; i < 4; i++) {
		static const struct {
			uint64_t off, len;
			int want;
		} bad[] = {
			{ 0, 4 * MB + 1, EINVAL }, { 4 * MB, 1, EINVAL },
			{ -PAGE, 2 * PAGE, EINVAL }, { PAGE, 0, EINVAL },
		};

		r = (struct umem_register) {
			.addr = bad[i].off, .len = bad[i].len, .dmabuf = dmabuf,
			.access = LOCAL_WRITE, .page_sizes = ~0ULL,
		};
		if (ioctl(fd, UMEM_REGISTER, &r) || r.errors[0] != -bad[i].want ||
		    r.errors[1] != -bad[i].want)
			fail("bad %d: %d, was %d", i, r.errors[0], r.errors[1]);
	}
	r.dmabuf = fd;
	if (ioctl(fd, UMEM_REGISTER, &r) || r.errors[0] != -EINVAL || r.errors[1] != -EINVAL)
		fail("no dma-buf: %d, was %d", r.errors[0], r.errors[1]);
	close(dmabuf);
}

/* The device copies bytes, block by block; each layout to each other */
static void test_move(void)
{
	static const struct {
		size_t off, len;
		uint64_t block;
	} moves[] = {
		{ 0, PAGE, 0 }, { 1, 1, 0 }, { PAGE - 1, 2, 0 }, { 777, 3 * PAGE + 5, 4096 },
		{ 100, 5 * PAGE, 512 }, { 2 * MB - 300, 7 * PAGE, 0 }, { 0, 8 * PAGE, 0 },
	};
	size_t size = 4 * MB, i, j;
	char *small = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *huge = map_aligned(size, 2 * MB);

	madvise(small, size, MADV_NOHUGEPAGE);
	madvise(huge, size, MADV_HUGEPAGE);
	touch_scattered(small, size);
	fill(huge, size);
	for (i = 0; i < ARRAY_SIZE(moves); i++) {
		char *from = (i % 2 ? small : huge) + moves[i].off;
		char *to = (i % 2 ? huge : small) + 2 * MB + PAGE - moves[i].off;
		struct umem_move move = {
			.from = (uintptr_t)from, .to = (uintptr_t)to, .len = moves[i].len,
			.size = moves[i].block,
		};

		for (j = 0; j < moves[i].len; j++)
			from[j] = rnd();
		to[-1] = 0x11;
		to[moves[i].len] = 0x22;
		if (ioctl(fd, UMEM_MOVE, &move))
			fail("move %zu: %m", i);
		else if (memcmp(from, to, moves[i].len) || to[-1] != 0x11 ||
			 to[moves[i].len] != 0x22)
			fail("move %zu: other bytes arrived", i);
	}
}

/* One region goes while another has the same pages */
static void test_shared_pages(void)
{
	size_t size = 64 * PAGE, i;
	char *p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *q = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	struct umem_move move = { .from = (uintptr_t)p, .to = (uintptr_t)q, .len = 4 * PAGE };

	fill(p, size);
	fill(q, size);
	/* Source and destination in one page, and again when both are gone */
	for (i = 0; i < 2; i++) {
		same((uintptr_t)p + i, size - i, LOCAL_WRITE, 0);
		if (ioctl(fd, UMEM_MOVE, &move) || memcmp(p, q, move.len))
			fail("move: %m");
		move.to = (uintptr_t)p + 2000;
		move.len = 1500;
		q = p + 2000;
	}
	munmap(p, size);
}

/* Page lists of MRs that the kernel registers for itself */
static void test_kernel_mr(void)
{
	static const unsigned int page_sizes[] = { 512, 4096, 16384, 65536 };
	size_t size = 4 * MB;
	char *bufs[2] = {
		map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1),
		map_aligned(size, 2 * MB),
	};
	int i;

	madvise(bufs[0], size, MADV_NOHUGEPAGE);
	madvise(bufs[1], size, MADV_HUGEPAGE);
	touch_scattered(bufs[0], size);
	fill(bufs[1], size);
	for (i = 0; i < 300; i++) {
		struct umem_mr mr = {
			.addr = (uintptr_t)bufs[rnd() % 2] + PAGE * rnd_below(512),
			.len = PAGE << rnd_below(9),
			.page_size = page_sizes[rnd() % ARRAY_SIZE(page_sizes)],
			.max_pages = 1 + rnd_below(600),
			.device = devices[rnd() % 2],
		};

		mr.off = rnd_below(mr.len + 1);
		if (rnd() % 2)
			mr.off -= mr.off % PAGE;
		/* Nothing at all has another errno for either: see the kernel-doc */
		if (mr.off == mr.len)
			mr.off = 0;
		if (ioctl(fd, UMEM_MR, &mr))
			fail("%llu bytes from %llu in pages of %u: %m", mr.len, mr.off,
			     mr.page_size);
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "scattered pages", test_small_pages },
	{ "pages not yet there", test_not_touched },
	{ "transparent huge pages", test_thp },
	{ "large folios mapped page by page", test_large_folios },
	{ "2 MiB pages", test_hugetlb_2m },
	{ "1 GiB pages", test_hugetlb_1g },
	{ "memfd", test_memfd },
	{ "file", test_file },
	{ "secret memory", test_secret },
	{ "shared memory in huge pages", test_shared_huge },
	{ "over 4 GiB of huge pages", test_over_4g_huge },
	{ "over UINT_MAX pages", test_over_uint_max },
	{ "over 4 GiB of small pages", test_over_4g_small },
	{ "errors", test_errors },
	{ "pins and dirty pages", test_pins_and_dirty },
	{ "errors of the IOMMU", test_map_errors },
	{ "limits on locked memory", test_limits },
	{ "dma-buf", test_dmabuf },
	{ "dma-buf that moves or is revoked", test_moving },
	{ "bytes moved by the device", test_move },
	{ "regions that share pages", test_shared_pages },
	{ "memory regions of the kernel", test_kernel_mr },
	{ "each allocation fails", test_each_failure },
};

int main(int argc, char **argv)
{
	unsigned int i, nr_failed = 0;
	int n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = open("/dev/umem", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		printf("not ok - /dev/umem: %m\n");
		return 1;
	}
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		/* What is too slow for a kernel with all that finds mistakes */
		for (n = 1; n < argc && strcmp(argv[n], tests[i].name); n++)
			;
		if (n < argc)
			continue;
		failed = false;
		tests[i].run();
		printf("%s - %s\n", failed ? "not ok" : "ok", tests[i].name);
		nr_failed += failed;
	}
	printf("# %lu registrations compared, %lu blocks\n", registrations, blocks);
	return nr_failed;
}
