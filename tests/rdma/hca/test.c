// SPDX-License-Identifier: GPL-2.0
/* What the tests of the adapter share; see test.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

bool failed;
uint64_t moves, moved;

void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# ");
	vprintf(format, args);
	printf("\n");
	va_end(args);
	failed = true;
}

static uint32_t rnd(void)
{
	static uint32_t seed = 12345;

	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

uint64_t rnd_below(uint64_t n)
{
	return (((uint64_t)rnd() << 32) | rnd()) % n;
}

void randomize(char *p, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		p[i] = rnd();
}

char *map(size_t len, int prot, int flags, int file)
{
	char *p = mmap(NULL, len, prot, flags, file, 0);

	if (p == MAP_FAILED) {
		printf("not ok - mmap of %zu bytes: %m\n", len);
		exit(1);
	}
	return p;
}

void touch_scattered(char *p, size_t size)
{
	size_t nr = size / PAGE, i;

	for (i = 0; i < nr; i++)
		p[(i * 7919 % nr) * PAGE] = i;
}

char *map_small(size_t size)
{
	char *p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	madvise(p, size, MADV_NOHUGEPAGE);
	touch_scattered(p, size);
	return p;
}

char *map_thp(size_t size)
{
	char *p = map(size + 2 * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	char *start = (char *)(((uintptr_t)p + 2 * MB - 1) & ~(2 * MB - 1));

	munmap(p, start - p);
	munmap(start + size, p + 2 * MB - start);
	madvise(start, size, MADV_HUGEPAGE);
	memset(start, 1, size);
	return start;
}

char *map_hugetlb(size_t size, size_t page)
{
	int shift = page == GB ? 30 : 21;
	char *p = map(size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | shift << MAP_HUGE_SHIFT, -1);
	size_t i;

	for (i = 0; i < size; i += page)
		p[i] = 1;
	return p;
}

int new_memfd(size_t size, unsigned int flags)
{
	int file = memfd_create("hca", MFD_CLOEXEC | flags);

	if (file < 0 || ftruncate(file, size)) {
		printf("not ok - memfd of %zu bytes: %m\n", size);
		exit(1);
	}
	return file;
}

/* The number behind NAME in a file of lines «NAME number» */
static long number_in(const char *path, const char *name)
{
	FILE *file = fopen(path, "re");
	char line[128];
	long value = -1;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, name, strlen(name)))
			value = atol(line + strlen(name));
	if (file)
		fclose(file);
	if (value < 0)
		fail("%s has no %s", path, name);
	return value;
}

long pins(void)
{
	int file = open("/proc/sys/vm/stat_refresh", O_WRONLY | O_CLOEXEC);

	/* Where CPUs count by themselves they have to tell what they counted */
	if (file >= 0) {
		if (write(file, "1", 1) != 1)
			fail("stat_refresh: %m");
		close(file);
	}
	return number_in("/proc/vmstat", "nr_foll_pin_acquired ") -
	       number_in("/proc/vmstat", "nr_foll_pin_released ");
}

long locked(void)
{
	return number_in("/proc/self/status", "VmPin:") * KB;
}

void limit_locked(size_t bytes)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];
	struct rlimit lim = { bytes, bytes };

	syscall(SYS_capget, &header, data);
	data[CAP_IPC_LOCK / 32].effective &= ~(1U << CAP_IPC_LOCK % 32);
	data[CAP_IPC_LOCK / 32].permitted &= ~(1U << CAP_IPC_LOCK % 32);
	if (syscall(SYS_capset, &header, data) || setrlimit(RLIMIT_MEMLOCK, &lim))
		fail("capset, setrlimit: %m");
}

void in_child(void (*test)(void))
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

void open_verbs(struct verbs *v)
{
	int ret = verbs_open(v);

	if (ret) {
		printf("not ok - opening the adapter: %s\n", strerror(ret));
		exit(1);
	}
}

void reg(struct verbs *v, struct mr *mr, const void *addr, size_t len, uint32_t access)
{
	int ret = verbs_reg(v, mr, (uintptr_t)addr, len, (uintptr_t)addr, access);

	if (ret)
		fail("registering %p + %#zx: %s", addr, len, strerror(ret));
}

void dereg(struct verbs *v, const struct mr *mr)
{
	int ret = verbs_dereg(v, mr);

	if (ret)
		fail("deregistering: %s", strerror(ret));
}

static uint32_t rdma(struct verbs *v, bool read, struct span local, struct span remote,
		     size_t len)
{
	struct sge sge = { .addr = local.addr, .len = len, .lkey = local.key };
	uint32_t status = ~0;
	int ret = verbs_post(v, read, &sge, 1, remote.addr, remote.key);

	if (!ret)
		ret = verbs_wait(v, &status);
	if (ret)
		fail("%s of %zu bytes: %s", read ? "READ" : "WRITE", len, strerror(ret));
	return status;
}

void move(struct verbs *v, bool read, struct span local, struct span remote, size_t len)
{
	struct span from = read ? remote : local, to = read ? local : remote;
	uint32_t status;

	randomize(from.p, len);
	to.p[-1] = 0x11;
	to.p[len] = 0x22;
	status = rdma(v, read, local, remote, len);
	if (status)
		fail("%s of %zu bytes ends with status %u", read ? "READ" : "WRITE", len, status);
	else if (memcmp(from.p, to.p, len) || to.p[-1] != 0x11 || to.p[len] != 0x22)
		fail("%s of %zu bytes: other bytes arrived", read ? "READ" : "WRITE", len);
	moves++;
	moved += len;
}

void refuse(struct verbs *v, bool read, struct span local, struct span remote, size_t len,
	    uint32_t want)
{
	struct span to = read ? local : remote;
	char *before = malloc(len);
	uint32_t status;
	int ret;

	if (!before) {
		fail("malloc: %m");
		return;
	}
	memcpy(before, to.p, len);
	status = rdma(v, read, local, remote, len);
	if (status != want)
		fail("%s of %zu bytes ends with status %u, not %u", read ? "READ" : "WRITE", len,
		     status, want);
	if (memcmp(before, to.p, len))
		fail("what was refused has been done");
	free(before);
	/* The QP is in error then, and takes no more before it was reset */
	if (rdma(v, read, local, remote, len) != WC_FLUSH_ERR)
		fail("the QP is not in error");
	ret = verbs_reset(v);
	if (ret)
		fail("resetting the QP: %s", strerror(ret));
}
