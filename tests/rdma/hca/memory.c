// SPDX-License-Identifier: GPL-2.0
/* Memory of all kinds, registered, and reached by the device through the MR's page list. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <linux/udmabuf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hca_test.h"
#include "test.h"

static struct span at(const struct mr *mr, char *p)
{
	return (struct span) { .p = p, .addr = (uintptr_t)p, .key = mr->rkey };
}

/* To and from places anywhere in @size bytes at @p, of which the first and last are no target */
static void anywhere(struct verbs *v, char *p, size_t size, int n)
{
	char *other = map_small(16 * PAGE);
	struct mr mr, other_mr;
	int i;

	reg(v, &mr, p + 1, size - 2, ACCESS_ALL);
	reg(v, &other_mr, other, 16 * PAGE, ACCESS_ALL);
	move(v, true, at(&mr, p + 1), at(&other_mr, other + 5), 3);
	move(v, false, at(&other_mr, other + PAGE - 3), at(&mr, p + size - 3), 2);
	for (i = 0; i < n; i++) {
		size_t len = 1 + rnd_below(6 * KB);
		char *here = p + 1 + rnd_below(size - len - 1);
		char *there = other + 1 + rnd_below(16 * PAGE - len - 1);

		if (i % 2)
			move(v, i % 4 == 1, at(&mr, here), at(&other_mr, there), len);
		else
			move(v, i % 4 == 0, at(&other_mr, there), at(&mr, here), len);
	}
	dereg(v, &mr);
	dereg(v, &other_mr);
	munmap(other, 16 * PAGE);
}

static void with_pins(void (*test)(struct verbs *v))
{
	long before = pins(), account = locked();
	struct verbs v;

	open_verbs(&v);
	test(&v);
	if (locked() != account)
		fail("%ld bytes are still accounted", locked() - account);
	if (pins() != before)
		fail("%ld pages are still pinned", pins() - before);
	verbs_close(&v);
}

/* What the page list is made of: the pages that memory has, or better behind an IOMMU */
static void page_size(struct verbs *v, char *p, size_t size, unsigned int shift)
{
	long before = pins(), account = locked();
	struct mr mr;

	reg(v, &mr, p, size, ACCESS_ALL);
	if (mr.page_shift < shift || (size_t)mr.nr_pages << mr.page_shift < size ||
	    (size_t)mr.nr_pages << mr.page_shift >= size + (2UL << mr.page_shift))
		fail("%zu bytes are %u pages of %lu", size, mr.nr_pages, 1UL << mr.page_shift);
	if (locked() - account != (long)size)
		fail("%zu bytes are accounted as %ld", size, locked() - account);
	if (pins() - before != (long)(size / PAGE))
		fail("%zu bytes are %ld pinned pages", size, pins() - before);
	printf("# %u pages of %lu KiB\n", mr.nr_pages, (1UL << mr.page_shift) / KB);
	dereg(v, &mr);
}

static void small_pages(struct verbs *v)
{
	char *p = map_small(8 * MB);

	page_size(v, p, 8 * MB, 12);
	anywhere(v, p, 8 * MB, 6);
	anywhere(v, p + 777, 2 * PAGE, 3);
	munmap(p, 8 * MB);
}

void test_small_pages(void)
{
	with_pins(small_pages);
}

static void not_touched(struct verbs *v)
{
	char *p = map(4 * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	anywhere(v, p, 4 * MB, 2);
	munmap(p, 4 * MB);
}

void test_not_touched(void)
{
	with_pins(not_touched);
}

static void thp(struct verbs *v)
{
	char *p = map_thp(16 * MB);

	page_size(v, p, 16 * MB, 21);
	anywhere(v, p, 16 * MB, 4);
	/* A hole in a huge page, which is filled with a small one */
	madvise(p + 3 * MB, PAGE, MADV_DONTNEED);
	anywhere(v, p + 3 * MB - PAGE, 3 * PAGE, 3);
	munmap(p, 16 * MB);
}

void test_thp(void)
{
	with_pins(thp);
}

static void hugetlb_2m(struct verbs *v)
{
	char *p = map_hugetlb(32 * MB, 2 * MB);

	page_size(v, p, 32 * MB, 21);
	anywhere(v, p, 32 * MB, 4);
	anywhere(v, p + 2 * MB - 5000, 10000, 2);
	munmap(p, 32 * MB);
}

void test_hugetlb_2m(void)
{
	with_pins(hugetlb_2m);
}

static void hugetlb_1g(struct verbs *v)
{
	char *p = map_hugetlb(GB, GB);

	page_size(v, p, GB, 30);
	anywhere(v, p, GB, 4);
	munmap(p, GB);
}

void test_hugetlb_1g(void)
{
	with_pins(hugetlb_1g);
}

/* What is written back to a disk: the device may read it, but not write to it for long */
static void file_pages(struct verbs *v)
{
	char *other = map_small(PAGE), *p;
	struct mr mr, other_mr;
	int file, ret;

	mkdir("/disk", 0700);
	if (mount("/dev/vda", "/disk", "xfs", 0, NULL)) {
		fail("mount: %m");
		return;
	}
	file = open("/disk/file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	p = malloc(4 * MB);
	memset(p, 0x3c, 4 * MB);
	/* One write of that length makes large folios */
	if (write(file, p, 4 * MB) != (ssize_t)(4 * MB))
		fail("write: %m");
	free(p);
	p = map(4 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, file);
	/* So that nothing but what it is stands in the way */
	for (size_t i = 0; i < 4 * MB; i += PAGE)
		p[i + 5] = i / PAGE;
	ret = verbs_reg(v, &mr, (uintptr_t)p, 4 * MB, (uintptr_t)p, ACCESS_ALL);
	if (ret != EFAULT)
		fail("writing to a file: %s", strerror(ret));
	ret = verbs_reg(v, &mr, (uintptr_t)p + 5, 1, (uintptr_t)p + 5, ACCESS_LOCAL_WRITE);
	if (ret != EFAULT)
		fail("writing to a page of a file: %s", strerror(ret));
	reg(v, &mr, p, 4 * MB, ACCESS_REMOTE_READ);
	reg(v, &other_mr, other, PAGE, ACCESS_ALL);
	move(v, false, at(&mr, p + 2 * MB - 10), at(&other_mr, other + 1), 100);
	move(v, false, at(&mr, p + 3 * MB), at(&other_mr, other + 1), 2000);
	dereg(v, &other_mr);
	dereg(v, &mr);
	munmap(p, 4 * MB);
	munmap(other, PAGE);
	close(file);
	if (umount("/disk"))
		fail("umount: %m");
}

void test_file(void)
{
	with_pins(file_pages);
}

static void memfd(struct verbs *v)
{
	int file = new_memfd(4 * MB, 0);
	char *p = map(4 * MB, PROT_READ | PROT_WRITE, MAP_SHARED, file), byte;
	struct mr mr;

	touch_scattered(p, 4 * MB);
	page_size(v, p, 4 * MB, 12);
	anywhere(v, p, 4 * MB, 4);
	/* What the device writes is in the file, also where nobody has mapped it */
	reg(v, &mr, p, 4 * MB, ACCESS_ALL);
	p[10] = 0x5a;
	move(v, false, at(&mr, p + 10), at(&mr, p + MB + 1), 100);
	if (pread(file, &byte, 1, MB + 1) != 1 || byte != p[10])
		fail("the file has other bytes");
	dereg(v, &mr);
	munmap(p, 4 * MB);
	/* Private memory of a file is copied first, and the file remains as it is */
	p = map(4 * MB, PROT_READ | PROT_WRITE, MAP_PRIVATE, file);
	anywhere(v, p, 4 * MB, 2);
	munmap(p, 4 * MB);
	close(file);
}

void test_memfd(void)
{
	with_pins(memfd);
}

/* The device may read memory that the process may not write to, nothing else */
static void read_only(struct verbs *v)
{
	char *p = map_small(8 * PAGE), *q = map_small(8 * PAGE);
	struct mr mr, to;
	int ret;

	randomize(p, 8 * PAGE);
	mprotect(p, 8 * PAGE, PROT_READ);
	ret = verbs_reg(v, &mr, (uintptr_t)p, 8 * PAGE, (uintptr_t)p, ACCESS_REMOTE_READ);
	if (ret)
		fail("registering what may be read: %s", strerror(ret));
	reg(v, &to, q, 8 * PAGE, ACCESS_ALL);
	{
		struct sge from = { (uintptr_t)p + 99, 2 * PAGE, mr.lkey };
		struct sge into = { (uintptr_t)q + 4 * PAGE, 2 * PAGE, to.lkey };
		uint32_t status = ~0;

		if (verbs_post(v, 0, &from, 1, (uintptr_t)q + 7, to.rkey) ||
		    verbs_wait(v, &status) || status || memcmp(p + 99, q + 7, 2 * PAGE))
			fail("WRITE from it: status %u", status);
		if (verbs_post(v, 1, &into, 1, (uintptr_t)p + 1, mr.rkey) ||
		    verbs_wait(v, &status) || status || memcmp(p + 1, q + 4 * PAGE, 2 * PAGE))
			fail("READ of it: status %u", status);
	}
	refuse(v, true, at(&mr, p), at(&to, q), 100, WC_LOC_PROT_ERR);
	refuse(v, false, at(&to, q), at(&mr, p), 100, WC_REM_ACCESS_ERR);
	dereg(v, &mr);
	dereg(v, &to);
	munmap(p, 8 * PAGE);
	munmap(q, 8 * PAGE);
}

void test_read_only(void)
{
	with_pins(read_only);
}

/*
 * More than 4 GiB, though the machine has less: the same file again and again, and behind it
 * another, so that an address that lost a bit leads to the first.
 */
static void over_4g(struct verbs *v, size_t part, unsigned int flags, size_t tail,
		    unsigned int tail_flags)
{
	int file = new_memfd(part, flags), last = new_memfd(tail, tail_flags);
	size_t size = 4 * GB + tail, reserved = size + GB, i;
	char *start = map(reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	char *p = (char *)(((uintptr_t)start + GB - 1) & ~(GB - 1));
	char *q = map_small(4 * PAGE);
	struct mr mr, other;

	for (i = 0; i < 4 * GB; i += part)
		if (mmap(p + i, part, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) ==
		    MAP_FAILED)
			fail("mmap: %m");
	if (mmap(p + i, tail, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, last, 0) ==
	    MAP_FAILED)
		fail("mmap: %m");
	memset(p, 0x33, part);
	reg(v, &mr, p + 1, size - 1, ACCESS_ALL);
	printf("# %u pages of %lu KiB\n", mr.nr_pages, (1UL << mr.page_shift) / KB);
	reg(v, &other, q, 4 * PAGE, ACCESS_ALL);
	move(v, false, at(&other, q + 5), at(&mr, p + 4 * GB + 12345), 3000);
	for (i = 12345; i < 12345 + 3000; i++)
		if (p[i] != 0x33)
			fail("the device has written 4 GiB before");
	move(v, true, at(&other, q + PAGE - 1), at(&mr, p + size - 3000), 2999);
	move(v, false, at(&other, q + 99), at(&mr, p + 4 * GB - 1000), 2000);
	move(v, true, at(&mr, p + 3 * GB - 1), at(&other, q + 1), 2);
	dereg(v, &mr);
	dereg(v, &other);
	munmap(start, reserved);
	munmap(q, 4 * PAGE);
	close(file);
	close(last);
}

static void over_4g_1g(struct verbs *v)
{
	over_4g(v, GB, MFD_HUGETLB | MFD_HUGE_1GB, 4 * MB, MFD_HUGETLB);
}

void test_over_4g_1g(void)
{
	with_pins(over_4g_1g);
}

static void over_4g_huge(struct verbs *v)
{
	over_4g(v, 256 * MB, MFD_HUGETLB, 4 * MB, MFD_HUGETLB);
}

void test_over_4g_huge(void)
{
	with_pins(over_4g_huge);
}

static void over_4g_small(struct verbs *v)
{
	over_4g(v, 64 * MB, 0, 2 * MB, 0);
}

void test_over_4g_small(void)
{
	with_pins(over_4g_small);
}

/* Gathered from several MRs, and scattered to them */
static void lists(struct verbs *v)
{
	char *p = map_small(32 * PAGE), *q = map_thp(2 * MB), *to = map_small(8 * PAGE);
	struct mr mr[3];
	struct sge sge[4];
	uint32_t status;
	size_t off, i;
	int read;

	reg(v, mr, p + 3, 32 * PAGE - 3, ACCESS_ALL);
	reg(v, mr + 1, q, 2 * MB, ACCESS_ALL);
	reg(v, mr + 2, to, 8 * PAGE, ACCESS_ALL);
	sge[0] = (struct sge) { (uintptr_t)p + PAGE - 1, 2, mr[0].lkey };
	sge[1] = (struct sge) { (uintptr_t)q + MB + 77, 5000, mr[1].lkey };
	sge[2] = (struct sge) { (uintptr_t)p + 3 * PAGE + 1, 3000, mr[0].lkey };
	sge[3] = (struct sge) { (uintptr_t)q + 2 * MB - 1, 1, mr[1].lkey };
	randomize(p, 32 * PAGE);
	randomize(q, 2 * MB);
	for (read = 0; read < 2; read++) {
		status = ~0;
		if (verbs_post(v, read, sge, 4, (uintptr_t)to + 9, mr[2].rkey) ||
		    verbs_wait(v, &status) || status)
			fail("a list of four: status %u", status);
		for (i = off = 0; i < 4; off += sge[i++].len)
			if (memcmp((void *)sge[i].addr, to + 9 + off, sge[i].len))
				fail("entry %zu: other bytes arrived", i);
		randomize(to, 8 * PAGE);
	}
	for (i = 0; i < 3; i++)
		dereg(v, mr + i);
	munmap(p, 32 * PAGE);
	munmap(q, 2 * MB);
	munmap(to, 8 * PAGE);
}

void test_lists(void)
{
	with_pins(lists);
}

/* Named by other addresses than the process has them at, which count for the page size */
static void iova(struct verbs *v)
{
	static const uint64_t bases[] = { 0, 16 * PAGE, 1UL << 40, -64 * MB };
	char *p = map_thp(4 * MB), *q = map_small(8 * PAGE);
	struct mr mr, other;
	size_t i;

	reg(v, &other, q, 8 * PAGE, ACCESS_ALL);
	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		uint64_t off = 100 + i * 3 * PAGE, base = bases[i] + off % PAGE;
		struct span there = { .p = p + MB - 9, .addr = base + MB - 9 - off };
		int ret = verbs_reg(v, &mr, (uintptr_t)p + off, 3 * MB, base, ACCESS_ALL);

		if (ret) {
			fail("at %#lx: %s", base, strerror(ret));
			continue;
		}
		there.key = mr.rkey;
		move(v, false, at(&other, q + 17), there, PAGE + 20);
		move(v, true, at(&other, q + 3 * PAGE + 1), there, PAGE);
		there.addr = base - 1;
		there.p = p;
		refuse(v, false, at(&other, q + 17), there, 1, WC_REM_ACCESS_ERR);
		dereg(v, &mr);
	}
	if (verbs_reg(v, &mr, (uintptr_t)p + 1, PAGE, (uintptr_t)p + 2, ACCESS_ALL) == 0)
		fail("an address of another offset in the page was not refused");
	dereg(v, &other);
	munmap(p, 4 * MB);
	munmap(q, 8 * PAGE);
}

void test_iova(void)
{
	with_pins(iova);
}

/* One MR goes while another has the same pages, and the memory is no longer mapped */
static void shared_pages(struct verbs *v)
{
	int file = new_memfd(64 * PAGE, 0);
	char *p = map(64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file);
	char *q = map_small(8 * PAGE);
	long before = pins();
	struct span there;
	struct mr mr[3];

	touch_scattered(p, 64 * PAGE);
	reg(v, mr, p, 64 * PAGE, ACCESS_ALL);
	reg(v, mr + 1, p + 8 * PAGE + 5, 40 * PAGE, ACCESS_ALL);
	reg(v, mr + 2, q, 8 * PAGE, ACCESS_ALL);
	move(v, false, at(mr + 2, q), at(mr, p + 10 * PAGE + 1), PAGE);
	dereg(v, mr);
	if (pins() - before != 41 + 8)
		fail("%ld pages are pinned, not %d", pins() - before, 41 + 8);
	move(v, false, at(mr + 2, q), at(mr + 1, p + 20 * PAGE - 1), PAGE);
	refuse(v, false, at(mr + 2, q), at(mr, p + 10 * PAGE), 10, WC_REM_ACCESS_ERR);
	/* Source and destination in one page */
	move(v, true, at(mr + 1, p + 30 * PAGE + 10), at(mr + 1, p + 30 * PAGE + 1500), 1000);
	/* Where the memory is seen now is nothing that the MR knows of */
	there.addr = (uintptr_t)p + 20 * PAGE;
	there.key = mr[1].rkey;
	munmap(p, 64 * PAGE);
	p = map(64 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file);
	there.p = p + 20 * PAGE;
	move(v, false, at(mr + 2, q), there, 10);
	dereg(v, mr + 1);
	dereg(v, mr + 2);
	munmap(p, 64 * PAGE);
	munmap(q, 8 * PAGE);
	close(file);
}

void test_shared_pages(void)
{
	with_pins(shared_pages);
}

static void rereg(struct verbs *v)
{
	char *p = map_small(8 * PAGE), *q = map_small(16 * PAGE), *other = map_small(4 * PAGE);
	long before = pins();
	struct mr mr, to;
	uintptr_t addr;
	int ret;

	reg(v, &mr, p, 8 * PAGE, ACCESS_ALL);
	reg(v, &to, other, 4 * PAGE, ACCESS_ALL);
	/* What fails leaves the MR as it was */
	ret = verbs_rereg(v, &mr, REREG_TRANS, PAGE, PAGE, PAGE, ACCESS_ALL);
	if (!ret || pins() - before != 8 + 4)
		fail("another address that is not mapped: %s", strerror(ret));
	move(v, false, at(&to, other + 9), at(&mr, p + PAGE), 50);
	addr = (uintptr_t)q + 5;
	ret = verbs_rereg(v, &mr, REREG_TRANS, addr, 12 * PAGE, addr, ACCESS_ALL);
	if (ret || pins() - before != 13 + 4)
		fail("another address: %s, %ld pages pinned", strerror(ret), pins() - before);
	move(v, false, at(&to, other + 9), at(&mr, q + 2 * PAGE - 3), 50);
	ret = verbs_rereg(v, &mr, REREG_ACCESS, 0, 0, 0, ACCESS_LOCAL_WRITE | ACCESS_REMOTE_READ);
	if (ret || pins() - before != 13 + 4)
		fail("other rights: %s, %ld pages pinned", strerror(ret), pins() - before);
	refuse(v, false, at(&to, other + 9), at(&mr, q + 7), 50, WC_REM_ACCESS_ERR);
	move(v, true, at(&to, other + 9), at(&mr, q + 7), 50);
	dereg(v, &mr);
	dereg(v, &to);
	munmap(p, 8 * PAGE);
	munmap(q, 16 * PAGE);
	munmap(other, 4 * PAGE);
}

void test_rereg(void)
{
	with_pins(rereg);
}

static void dmabuf(struct verbs *v)
{
	int dev = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
	int memfd = new_memfd(MB, MFD_ALLOW_SEALING);
	struct udmabuf_create create = {
		.memfd = memfd, .flags = UDMABUF_FLAGS_CLOEXEC, .size = MB,
	};
	char *p = map(MB, PROT_READ | PROT_WRITE, MAP_SHARED, memfd), *q = map_small(4 * PAGE);
	struct mr mr, other, bad;
	struct span there;
	int buf, ret;

	touch_scattered(p, MB);
	if (fcntl(memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		fail("seal: %m");
	buf = ioctl(dev, UDMABUF_CREATE, &create);
	if (buf < 0)
		fail("udmabuf: %m");
	reg(v, &other, q, 4 * PAGE, ACCESS_ALL);
	/* A window that begins and ends inside pages */
	ret = verbs_reg_dmabuf(v, &mr, buf, 5 * PAGE + 7, 100 * PAGE, MB + 7, ACCESS_ALL);
	if (ret)
		fail("registering: %s", strerror(ret));
	there = (struct span) { p + 9 * PAGE - 1, MB + 4 * PAGE - 1, mr.rkey };
	move(v, false, at(&other, q + 1), there, PAGE + 2);
	there.p = p + 5 * PAGE + 7;
	there.addr = MB + 7;
	move(v, true, at(&other, q + 1), there, 100);
	there.addr = MB + 6;
	refuse(v, true, at(&other, q + 1), there, 100, WC_REM_ACCESS_ERR);
	if (verbs_reg_dmabuf(v, &bad, buf, 0, MB + 1, 0, ACCESS_ALL) == 0 ||
	    verbs_reg_dmabuf(v, &bad, memfd, 0, PAGE, 0, ACCESS_ALL) == 0)
		fail("what is no part of a dma-buf was not refused");
	/* The MR still has the buffer */
	close(buf);
	there.addr = MB + 7;
	move(v, false, at(&other, q + 1), there, 1000);
	dereg(v, &mr);
	close(dev);
	close(memfd);
	dereg(v, &other);
	munmap(p, MB);
	munmap(q, 4 * PAGE);
}

void test_dmabuf(void)
{
	with_pins(dmabuf);
}
