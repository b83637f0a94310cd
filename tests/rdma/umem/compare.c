// SPDX-License-Identifier: GPL-2.0
/*
 * Registers memory with ib_umem and with that of the unmodified kernel (sg.c), and compares
 * what a driver sees of both: each block of each size, DMA ranges, pages, the best page
 * size, bytes copied, errors, and what is accounted as locked.
 *
 * Behind an IOMMU the two have different DMA addresses, of course: what is compared
 * then is where they lead to.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/iommu.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <rdma/ib_umem.h>
#include <rdma/ib_verbs.h>
#include <rdma/iter.h>

#include "compare.h"
#include "sg.h"
#include "umem_compare.h"

#define SMALLEST_BLOCK	SZ_512
/* Smaller blocks than pages are not compared in more than this */
#define LARGE		SZ_512M
#define COPIES		8
#define COPY_MAX	SZ_8K

struct pair {
	struct ib_umem		*phyr;
	struct sg_umem		*sg;
	struct iommu_domain	*domain;	/* NULL: DMA addresses are comparable */
	dma_addr_t		phyr_first;
	dma_addr_t		sg_first;
	unsigned long		size;
	u64			nr;
	union {
		struct ib_block_iter	blocks;
		struct ib_umem_dma_iter	ranges;
		struct ib_umem_page_iter pages;
	};
};

#define differ(fmt, ...)						\
({									\
	pr_err("differs: " fmt "\n", ##__VA_ARGS__);			\
	-EIO;								\
})

static bool same_place(struct pair *pair, dma_addr_t phyr, dma_addr_t sg)
{
	phys_addr_t phys;

	if (!pair->domain)
		return phyr == sg;
	/* A large block may begin before what is mapped */
	if (phyr < pair->phyr_first || sg < pair->sg_first)
		return phyr - pair->phyr_first == sg - pair->sg_first;
	phys = iommu_iova_to_phys(pair->domain, phyr);
	return phys && phys == iommu_iova_to_phys(pair->domain, sg);
}

static int compare_block(void *data, dma_addr_t block)
{
	struct pair *pair = data;

	if (!__rdma_umem_block_iter_next(&pair->blocks))
		return differ("no block %llu of %lu bytes", pair->nr, pair->size);
	if (!same_place(pair, rdma_block_iter_dma_address(&pair->blocks), block))
		return differ("block %llu of %lu bytes is %pad, not as %pad", pair->nr, pair->size,
			      &pair->blocks.__blocks.addr, &block);
	pair->nr++;
	return 0;
}

static int compare_blocks(struct pair *pair, unsigned long size)
{
	int ret;

	pair->nr = 0;
	pair->size = size;
	__rdma_umem_block_iter_start(&pair->blocks, pair->phyr, size);
	ret = sg_walk_blocks(pair->sg, size, compare_block, pair);
	if (!ret && __rdma_umem_block_iter_next(&pair->blocks))
		ret = differ("a block %llu of %lu bytes too many", pair->nr, size);
	if (!ret && ib_umem_num_dma_blocks(pair->phyr, size) != sg_num_blocks(pair->sg, size))
		ret = differ("%zu blocks of %lu bytes", ib_umem_num_dma_blocks(pair->phyr, size),
			     size);
	return ret;
}

static int compare_range(void *data, dma_addr_t addr, u64 len)
{
	struct pair *pair = data;

	if (!ib_umem_dma_iter_next(&pair->ranges))
		return differ("no DMA range %llu", pair->nr);
	if (pair->ranges.len != len || !same_place(pair, pair->ranges.addr, addr) ||
	    !same_place(pair, pair->ranges.addr + len - 1, addr + len - 1))
		return differ("DMA range %llu has %llu bytes at %pad, not %llu as at %pad",
			      pair->nr, pair->ranges.len, &pair->ranges.addr, len, &addr);
	pair->nr++;
	return 0;
}

static int compare_ranges(struct pair *pair)
{
	int ret;

	pair->nr = 0;
	ib_umem_dma_iter_start(&pair->ranges, pair->phyr);
	ret = sg_walk_ranges(pair->sg, compare_range, pair);
	if (!ret && ib_umem_dma_iter_next(&pair->ranges))
		ret = differ("a DMA range %llu too many", pair->nr);
	return ret;
}

static int compare_page(void *data, struct page *page)
{
	struct pair *pair = data;

	if (ib_umem_page_iter_next(&pair->pages) != page)
		return differ("page %llu is another", pair->nr);
	pair->nr++;
	return 0;
}

static int compare_pages(struct pair *pair)
{
	int ret;

	if (pair->phyr->is_dmabuf)
		return 0;
	pair->nr = 0;
	ib_umem_page_iter_start(&pair->pages, pair->phyr);
	ret = sg_walk_pages(pair->sg, compare_page, pair);
	if (!ret && ib_umem_page_iter_next(&pair->pages))
		ret = differ("a page %llu too many", pair->nr);
	return ret;
}

static int compare_copies(struct pair *pair, struct rnd_state *rnd)
{
	u64 total = pair->phyr->length;
	u8 *phyr_buf, *sg_buf;
	int i, ret = -ENOMEM;

	phyr_buf = kmalloc(COPY_MAX, GFP_KERNEL);
	sg_buf = kmalloc(COPY_MAX, GFP_KERNEL);
	for (i = 0; i < COPIES && phyr_buf && sg_buf; i++) {
		/* The last one reaches over the end, unless a random one did */
		u64 off = i == COPIES - 1 ? total - min(total, 1ULL) :
					    prandom_u32_state(rnd) % (total + 1);
		size_t len = i == COPIES - 1 ? 2 : prandom_u32_state(rnd) % (COPY_MAX + 1);
		int sg_ret;

		memset(phyr_buf, 0x5a, COPY_MAX);
		memset(sg_buf, 0x5a, COPY_MAX);
		ret = ib_umem_copy_from(phyr_buf, pair->phyr, off, len);
		sg_ret = sg_copy_from(sg_buf, pair->sg, off, len);
		if (ret == sg_ret && (ret || !memcmp(phyr_buf, sg_buf, COPY_MAX)))
			ret = 0;
		else
			ret = differ("%zu bytes copied from %llu: %d, not %d", len, off, ret,
				     sg_ret);
		if (ret)
			break;
	}
	kfree(phyr_buf);
	kfree(sg_buf);
	return ret;
}

/* The best page size of some that a device could have, for some iova */
static int compare_page_sizes(struct pair *pair, unsigned long sizes, u64 iova)
{
	unsigned long phyr, sg, size;

	phyr = ib_umem_find_best_pgsz(pair->phyr, sizes, iova);
	sg = sg_best_pgsz(pair->sg, sizes, iova);
	if (phyr != sg)
		return differ("best of page sizes %#lx at %#llx is %#lx, not %#lx", sizes, iova,
			      phyr, sg);
	for (size = SMALLEST_BLOCK; size && size <= max(phyr, PAGE_SIZE); size <<= 1) {
		if (pair->domain && size > PAGE_SIZE)
			break;
		if (ib_umem_dma_offset(pair->phyr, size) != sg_dma_offset(pair->sg, size))
			return differ("offset in blocks of %lu bytes", size);
	}
	return 0;
}

/*
 * Behind an IOMMU each has some IOVA that is aligned to its size.  How much better than that
 * is chance.
 */
static unsigned long comparable_sizes(struct pair *pair)
{
	u64 len = PAGE_ALIGN(ib_umem_offset(pair->phyr) + pair->phyr->length);

	return pair->domain ? 2 * roundup_pow_of_two(max_t(u64, len, PAGE_SIZE)) - 1 : ~0UL;
}

static int compare_all_page_sizes(struct pair *pair, const struct umem_register *arg,
				  struct rnd_state *rnd)
{
	unsigned long limit;
	u64 mask;
	int i, ret;

	limit = comparable_sizes(pair);
	for (i = 0; i < 16; i++) {
		u64 iova = prandom_u32_state(rnd) | (u64)prandom_u32_state(rnd) << 32;
		unsigned long sizes = prandom_u32_state(rnd) | prandom_u32_state(rnd);

		/* At random no size would ever do but the smallest, so keep low bits */
		iova = (iova & ~(BIT_ULL(12 + i) - 1)) | (arg->addr & (BIT_ULL(12 + i) - 1));
		if (i == 14)
			iova = U64_MAX - 5;
		if (i == 15)
			iova = 0;
		ret = compare_page_sizes(pair, sizes & ~(BIT(9) - 1) & limit, iova);
		if (ret)
			return ret;
		mask = BIT_ULL(12 + i) - BIT_ULL(i);
		if (pair->domain)
			continue;
		if (ib_umem_find_best_pgoff(pair->phyr, sizes, mask) !=
		    sg_best_pgoff(pair->sg, sizes, mask))
			return differ("best page size for offsets %#llx", mask);
	}
	return compare_page_sizes(pair, arg->page_sizes & limit, arg->iova);
}

static int compare(struct pair *pair, struct umem_register *arg)
{
	unsigned long size;
	struct rnd_state rnd;
	int ret;

	prandom_seed_state(&rnd, arg->addr ^ arg->len);
	pair->phyr_first = ib_umem_first_dma_page(pair->phyr);
	pair->sg_first = sg_first_page(pair->sg);
	ret = compare_all_page_sizes(pair, arg, &rnd);
	if (ret)
		return ret;
	/* The iova is now the one that was asked for, by which blocks are counted */
	size = arg->page_sizes & comparable_sizes(pair);
	arg->page_size = ib_umem_find_best_pgsz(pair->phyr, size, arg->iova);
	arg->list_bytes[0] = phyr_list_memory(&pair->phyr->list);
	arg->list_bytes[1] = sg_list_bytes(pair->sg);
	size = arg->len > LARGE ? PAGE_SIZE : SMALLEST_BLOCK;
	for (; size <= max_t(u64, arg->page_size, PAGE_SIZE); size <<= 1) {
		ret = compare_blocks(pair, size);
		if (ret)
			return ret;
		arg->blocks += pair->nr;
	}
	ret = compare_ranges(pair);
	if (!ret)
		ret = compare_pages(pair);
	if (!ret)
		ret = compare_copies(pair, &rnd);
	return ret;
}

static struct ib_umem *phyr_register(struct ib_device *device, const struct umem_register *arg)
{
	struct ib_umem_dmabuf *umem;

	if (arg->dmabuf < 0)
		return ib_umem_get(device, arg->addr, arg->len, arg->access);
	umem = ib_umem_dmabuf_get_pinned(device, arg->addr, arg->len, arg->dmabuf, arg->access);
	return IS_ERR(umem) ? ERR_CAST(umem) : &umem->umem;
}

/* The driver of an IOMMU that maps nothing any more */
static int map_error;

static int failing_map_pages(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
			     size_t pgsize, size_t pgcount, int prot, gfp_t gfp, size_t *mapped)
{
	return map_error;
}

/* Until @ops is put back */
static void fail_to_map(struct iommu_domain *domain, struct iommu_domain_ops *ops, int error)
{
	*ops = *domain->ops;
	ops->map_pages = failing_map_pages;
	ops->leaf_begin = NULL;
	map_error = error;
	domain->ops = ops;
}

static int umem_register(struct umem_register *arg)
{
	atomic64_t *pinned_vm = &current->mm->pinned_vm;
	struct ib_device *device = umem_ib_device(arg->device);
	const struct iommu_domain_ops *ops = NULL;
	s64 before = atomic64_read(pinned_vm);
	struct iommu_domain_ops failing;
	struct pair pair = {};
	int ret = 0;

	if (!device)
		return -ENODEV;
	if (device->dma_device) {
		pair.domain = iommu_get_domain_for_dev(device->dma_device);
		if (pair.domain && !(pair.domain->type & __IOMMU_DOMAIN_DMA_API))
			pair.domain = NULL;
	}
	if (arg->map_error && pair.domain) {
		ops = pair.domain->ops;
		fail_to_map(pair.domain, &failing, arg->map_error);
	}
	arg->blocks = 0;
	arg->page_size = 0;
	memset(arg->errors, 0, sizeof(arg->errors));
	memset(arg->pinned_vm, 0, sizeof(arg->pinned_vm));
	if (arg->impl != UMEM_PHYR) {
		pair.sg = arg->dmabuf < 0 ?
			sg_register(device, arg->addr, arg->len, arg->access) :
			sg_register_dmabuf(device, arg->addr, arg->len, arg->dmabuf, arg->access);
		arg->errors[1] = PTR_ERR_OR_ZERO(pair.sg);
		arg->pinned_vm[1] = atomic64_read(pinned_vm) - before;
	}
	if (arg->impl != UMEM_SG) {
		pair.phyr = phyr_register(device, arg);
		arg->errors[0] = PTR_ERR_OR_ZERO(pair.phyr);
		arg->pinned_vm[0] = atomic64_read(pinned_vm) - before - arg->pinned_vm[1];
	}
	if (arg->impl == UMEM_BOTH && !arg->errors[0] && !arg->errors[1])
		ret = compare(&pair, arg);
	if (!IS_ERR_OR_NULL(pair.phyr))
		ib_umem_release(pair.phyr);
	if (!IS_ERR_OR_NULL(pair.sg))
		sg_deregister(pair.sg);
	if (ops)
		pair.domain->ops = ops;
	arg->pinned_left = atomic64_read(pinned_vm) - before;
	return ret;
}

/* What there is to know of the page at a user address; clean it if asked to */
static int umem_look(unsigned long addr, bool clean)
{
	struct folio *folio;
	struct page *page;
	int ret;

	ret = get_user_pages_fast(addr, 1, 0, &page);
	if (ret != 1)
		return ret < 0 ? ret : -EFAULT;
	folio = page_folio(page);
	ret = 0;
	if (folio_maybe_dma_pinned(folio))
		ret |= UMEM_PINNED;
	if (folio_test_dirty(folio))
		ret |= UMEM_DIRTY;
	if (clean)
		folio_clear_dirty(folio);
	folio_put(folio);
	return ret;
}

static long umem_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct umem_within within;
	struct umem_register reg;
	struct umem_move move;
	struct umem_mr mr;
	int ret;

	switch (cmd) {
	case UMEM_REGISTER:
		if (copy_from_user(&reg, (void __user *)arg, sizeof(reg)))
			return -EFAULT;
		ret = umem_register(&reg);
		if (copy_to_user((void __user *)arg, &reg, sizeof(reg)))
			return -EFAULT;
		return ret;
	case UMEM_MOVE:
		if (copy_from_user(&move, (void __user *)arg, sizeof(move)))
			return -EFAULT;
		return umem_device_move(&move);
	case UMEM_WITHIN:
		if (copy_from_user(&within, (void __user *)arg, sizeof(within)))
			return -EFAULT;
		return umem_device_move_within(&within);
	case UMEM_MR:
		if (copy_from_user(&mr, (void __user *)arg, sizeof(mr)))
			return -EFAULT;
		return umem_compare_mr(&mr);
	case UMEM_MOVING:
		return umem_moving(arg);
	case UMEM_LOOK:
	case UMEM_CLEAN:
		return umem_look(arg, cmd == UMEM_CLEAN);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations umem_fops = {
	.owner		= THIS_MODULE,
	.unlocked_ioctl	= umem_ioctl,
};

static struct miscdevice umem_misc = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "umem",
	.fops	= &umem_fops,
};

static int __init umem_init(void)
{
	int ret = umem_device_init();

	if (ret)
		return ret;
	ret = misc_register(&umem_misc);
	if (ret)
		umem_device_exit();
	return ret;
}
module_init(umem_init);

static void __exit umem_exit(void)
{
	misc_deregister(&umem_misc);
	umem_device_exit();
}
module_exit(umem_exit);

MODULE_DESCRIPTION("Compares ib_umem with that of the unmodified kernel");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(DMA_BUF);
