// SPDX-License-Identifier: GPL-2.0
/*
 * What it takes to register user memory with an RDMA adapter and to deregister it: with
 * ib_umem as it is with physical range lists (phyr), as it was with scatterlists (sg),
 * and pinning and unpinning alone (bare), which is the floor.
 *
 * Registering is what ib_umem_get() does, to look for the best page size, and to write the
 * page list of the region, in pages of 4 KiB if memory is.  It is mapped in the process that
 * loads the module: small pages in disorder, or transparent huge pages.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/shmem_fs.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <rdma/ib_verbs.h>

#include "bench.h"
#include "registration.h"

/* Page sizes that an adapter could have */
#define SMALL_SIZES	SZ_4K
#define HUGE_SIZES	(SZ_4K | SZ_2M | SZ_1G)

/* In the first caches are filled, and page lists are compared */
/* From MEASURE on the least counts: an allocator gets or gives back a slab now and then */
enum { CHECK, AGAIN, MEASURE, ROUNDS = MEASURE + 4 };

static const unsigned long sizes[] = { 1, 64, 512, 4096, 65536, 262144 };

struct buffer {
	const char	*layout;
	unsigned long	sizes;
	unsigned long	addr;
	unsigned long	nr;
	unsigned long	mapped;
	unsigned long	start;
	struct file	*file;
};

static struct ib_device *ibdev;
static u64 overhead;

static int touch(struct buffer *b, unsigned long page, unsigned long step)
{
	unsigned long i, nr = b->nr / step;
	int ret;

	for (i = 0; i < nr; i++) {
		ret = put_user((u8)i, (u8 __user *)(b->addr +
						     bench_spread(i, nr) * step * page));
		if (ret)
			return ret;
		cond_resched();
	}
	return 0;
}

/*
 * Addresses begin where a table of small pages does, so that it does not depend on where
 * there happened to be room how many tables there are
 */
static int map_aligned(struct buffer *b)
{
	b->mapped = (b->nr << PAGE_SHIFT) + SZ_2M;
	b->start = vm_mmap(NULL, 0, b->mapped, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(b->start))
		return b->start;
	b->addr = ALIGN(b->start, SZ_2M);
	return 0;
}

/* Memory of a file in shmem is in small pages, wherever they are when they are needed */
static int map_scattered(struct buffer *b)
{
	struct file *file = shmem_file_setup("bench", b->nr << PAGE_SHIFT, VM_NORESERVE);
	unsigned long addr;
	int ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	b->file = file;
	ret = map_aligned(b);
	if (ret)
		return ret;
	addr = vm_mmap(file, b->addr, b->nr << PAGE_SHIFT, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_FIXED, 0);
	if (IS_ERR_VALUE(addr))
		return addr;
	return touch(b, PAGE_SIZE, 1);
}

static int map_huge(struct buffer *b)
{
	int ret = map_aligned(b);

	return ret ?: touch(b, PAGE_SIZE, SZ_2M / PAGE_SIZE);
}

static void unmap(struct buffer *b)
{
	if (!IS_ERR_VALUE(b->start))
		vm_munmap(b->start, b->mapped);
	/* The file is gone only when this process is back in user space */
	if (b->file) {
		shmem_truncate_range(file_inode(b->file), 0, (loff_t)-1);
		fput(b->file);
	}
}

static void print(const char *impl, const char *op, const struct buffer *b, u64 ticks)
{
	ticks -= min(ticks, overhead);
	bench_print(impl, op, b->layout, b->nr, "insn", ticks, 1);
	bench_print(impl, op, b->layout, b->nr, "insn_per_page", ticks, b->nr);
}

static int run_umem(const struct bench_umem *impl, const struct buffer *b, u64 *list,
		    u64 *nr_blocks)
{
	u64 start, ticks, reg = U64_MAX, dereg = U64_MAX, nr;
	void *umem;
	int round;

	for (round = 0; round < ROUNDS; round++) {
		start = bench_start();
		umem = impl->get(ibdev, b->addr, b->nr << PAGE_SHIFT);
		if (IS_ERR(umem))
			return PTR_ERR(umem);
		nr = impl->fill(umem, b->sizes, list);
		ticks = bench_end(start);
		if (round >= MEASURE)
			reg = min(reg, ticks);
		if (round == MEASURE)
			bench_print(impl->name, "reg", b->layout, b->nr, "bytes_per_range",
				    impl->bytes(umem), nr);
		start = bench_start();
		impl->put(umem);
		ticks = bench_end(start);
		if (round >= MEASURE)
			dereg = min(dereg, ticks);
		/* All are to find the same page size */
		if (*nr_blocks && nr != *nr_blocks)
			return -EIO;
		*nr_blocks = nr;
	}
	print(impl->name, "reg", b, reg);
	print(impl->name, "dereg", b, dereg);
	return 0;
}

/* As umem does it: a page of pointers at a time */
static int run_bare(const struct buffer *b, struct page **pages)
{
	u64 start, ticks, reg = U64_MAX, dereg = U64_MAX;
	unsigned long done;
	int round, ret;

	for (round = 0; round < ROUNDS; round++) {
		start = bench_start();
		for (done = 0; done < b->nr; done += ret) {
			ret = pin_user_pages_fast(b->addr + (done << PAGE_SHIFT),
						  min(b->nr - done, PAGE_SIZE / sizeof(*pages)),
						  FOLL_WRITE | FOLL_LONGTERM, pages + done);
			if (ret <= 0) {
				unpin_user_pages(pages, done);
				return ret ?: -EFAULT;
			}
		}
		ticks = bench_end(start);
		if (round >= MEASURE)
			reg = min(reg, ticks);
		start = bench_start();
		unpin_user_pages(pages, b->nr);
		ticks = bench_end(start);
		if (round >= MEASURE)
			dereg = min(dereg, ticks);
	}
	print("bare", "reg", b, reg);
	print("bare", "dereg", b, dereg);
	return 0;
}

static int run_buffer(struct buffer *b, int (*map)(struct buffer *b))
{
	u64 nr_blocks = 0, *list;
	int ret;

	list = kvmalloc_array(b->nr, sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	ret = map(b);
	if (!ret)
		ret = run_umem(&bench_umem_phyr, b, list, &nr_blocks);
	if (!ret)
		ret = run_umem(&bench_umem_sg, b, list, &nr_blocks);
	/* Otherwise they were not huge */
	if (!ret && nr_blocks > (map == map_huge ? b->nr / (SZ_2M / PAGE_SIZE) : b->nr))
		ret = -ERANGE;
	if (!ret)
		ret = run_bare(b, (struct page **)list);
	unmap(b);
	kvfree(list);
	if (ret)
		pr_err("%s: registering %lu pages %s fails: %d\n", KBUILD_MODNAME, b->nr, b->layout,
		       ret);
	return ret;
}

int bench_registrations(struct device *dev, unsigned long max_pages)
{
	int i, ret = 0;

	ibdev = kzalloc(sizeof(*ibdev), GFP_KERNEL);
	if (!ibdev)
		return -ENOMEM;
	ibdev->dma_device = dev;
	for (i = 0; i < 8; i++) {
		u64 start = bench_start();

		overhead = bench_end(start);
	}
	for (i = 0; i < ARRAY_SIZE(sizes) && !ret; i++) {
		struct buffer scattered = { "scattered", SMALL_SIZES, .nr = sizes[i] };
		struct buffer huge = { "huge2m", HUGE_SIZES, .nr = sizes[i] };

		if (sizes[i] > max_pages)
			break;
		ret = run_buffer(&scattered, map_scattered);
		if (!ret && sizes[i] >= SZ_2M / PAGE_SIZE)
			ret = run_buffer(&huge, map_huge);
	}
	kfree(ibdev);
	return ret;
}
