// SPDX-License-Identifier: GPL-2.0
/*
 * What it takes to describe memory, map it for a device, walk and unmap it: with
 * physical range lists, with scatterlists, and in other ways, the same pages for all.
 *
 * All is done when the driver finds the device, the "edu" device of QEMU, which it
 * never makes do anything; in User Mode Linux, when the module is loaded, for the device
 * with an IOMMU that the KUnit suites have there. Each result is a line of the kernel's log,
 *
 *	phyr_bench: result IMPL OP LAYOUT PAGES UNIT VALUE
 *
 * Ticks of the time stamp counter, or on arm64 of the cycle counter, are instructions if
 * QEMU runs with "-icount shift=0": its clock then advances 1 ns with each of them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "bench.h"
#include "registration.h"

/* In the first results are looked at, and caches of memory and IOVA filled */
enum round { CHECK, AGAIN, MEASURE, COUNT, ROUNDS };

static unsigned int sizes[8] = { 1, 8, 64, 512, 4096, BENCH_PAGES };
static unsigned int nr_sizes = 6;
module_param_array(sizes, uint, &nr_sizes, 0444);
MODULE_PARM_DESC(sizes, "Buffers of so many pages, each a power of two");

static char *layouts = "";
module_param(layouts, charp, 0444);
MODULE_PARM_DESC(layouts, "Only these layouts, separated by commas");

static bool lists;
module_param(lists, bool, 0444);
MODULE_PARM_DESC(lists, "Also long lists that are not mapped");

static bool bounced;
module_param(bounced, bool, 0444);
MODULE_PARM_DESC(bounced, "All is bounced, so DMA addresses are not those of the pages");

static unsigned int regs;
module_param(regs, uint, 0444);
MODULE_PARM_DESC(regs, "Also register memory with an RDMA adapter, so many pages at most");

static unsigned int delay;
module_param(delay, uint, 0444);
MODULE_PARM_DESC(delay, "Begin so many milliseconds later, when other timers are due");

/* What two readings of the counter take with nothing in between */
static u64 overhead;

/* Where ticks are time */
static u64 ticks_per_ms;

struct layout {
	const char	*name;
	unsigned long	run;		/* so many pages follow on each other, */
	bool		odd;		/* and the bytes begin and end in the midst of pages */
};

static const struct layout all_layouts[] = {
	{ "scattered", 1 },
	{ "contiguous", BENCH_PAGES },
	{ "huge2m", SZ_2M / PAGE_SIZE },
	{ "runs16", 16 },
	{ "odd", 1, true },
};

static const struct bench_impl *const impls[] = {
	&bench_phyr, &bench_sg, &bench_two_step, &bench_bare,
};

static const char *const op_names[] = {
	[BENCH_BUILD]	= "build",
	[BENCH_MAP]	= "map",
	[BENCH_WALK]	= "walk",
	[BENCH_WALK2M]	= "walk2m",
	[BENCH_UNMAP]	= "unmap",
	[BENCH_RELEASE]	= "release",
	[BENCH_SEEK]	= "seek",
};

bool bench_counts;
u64 bench_allocs;
static struct task_struct *bench_task;

/* Of kmalloc() and kmem_cache_alloc(), whatever their arguments are */
static void count_slab(void *data)
{
	if (current == bench_task && in_task())
		bench_allocs++;
}

static void count_pages(void *data, struct page *page, unsigned int order, gfp_t gfp,
			int migratetype)
{
	/* Those that become slabs are not of use to anybody yet */
	if (!(gfp & __GFP_NOMEMALLOC))
		count_slab(data);
}

static struct {
	const char		*name;
	void			*probe;
	struct tracepoint	*tp;
} probes[] = {
	{ "kmalloc", count_slab },
	{ "kmem_cache_alloc", count_slab },
	{ "mm_page_alloc", count_pages },
};

static void probe_find(struct tracepoint *tp, void *data)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (!strcmp(tp->name, probes[i].name))
			probes[i].tp = tp;
	}
}

static int probes_find(void)
{
	int i;

	bench_task = current;
	for_each_kernel_tracepoint(probe_find, NULL);
	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		if (!probes[i].tp)
			return -ENOENT;
	}
	return 0;
}

static void count_end(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(probes); i++)
		tracepoint_probe_unregister(probes[i].tp, probes[i].probe, NULL);
	tracepoint_synchronize_unregister();
	bench_counts = false;
}

static int count_begin(void)
{
	int ret, i;

	for (i = 0; i < ARRAY_SIZE(probes); i++) {
		ret = tracepoint_probe_register(probes[i].tp, probes[i].probe, NULL);
		if (ret)
			return ret;
	}
	bench_counts = true;
	return 0;
}

bool bench_translates(struct device *dev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	return domain && (domain->type & __IOMMU_DOMAIN_DMA_API);
}

/* Does this DMA address lead to the page it should? */
int bench_check(const struct bench_case *c, u64 block, dma_addr_t addr)
{
	phys_addr_t phys = addr;

	if (block >= c->nr)
		return -EIO;
	if (bounced)
		return 0;
	if (bench_translates(c->dev))
		phys = iommu_iova_to_phys(iommu_get_domain_for_dev(c->dev), addr);
	return phys == page_to_phys(c->pages[block]) ? 0 : -EIO;
}

int bench_check_end(const struct bench_case *c, u64 blocks)
{
	/* Bounce buffers may begin anywhere in a page */
	return blocks == c->nr || bounced ? 0 : -EIO;
}

void bench_print(const char *impl, const char *op, const char *layout, unsigned long pages,
		 const char *unit, u64 value, u64 divisor)
{
	u64 thousandths = DIV_ROUND_CLOSEST_ULL(value * 1000, divisor);

	if (IS_ENABLED(CONFIG_UML) && strstarts(unit, BENCH_UNIT))
		thousandths = mul_u64_u64_div_u64(thousandths, NSEC_PER_MSEC, ticks_per_ms);

	pr_info("result %s %s %s %lu %s %llu.%03llu\n", impl, op, layout, pages, unit,
		thousandths / 1000, thousandths % 1000);
}

static void print_insn(const struct bench_impl *impl, const char *op, const char *layout,
		       unsigned long pages, u64 ticks)
{
	bench_print(impl->name, op, layout, pages, BENCH_UNIT, ticks, 1);
	bench_print(impl->name, op, layout, pages, BENCH_UNIT "_per_page", ticks, pages);
}

static int run_round(const struct bench_impl *impl, struct bench_case *c, enum round round,
		     struct bench_result *r)
{
	int ret;

	memset(r->ticks, 0xff, sizeof(r->ticks));
	c->check = round == CHECK;
	if (round != COUNT)
		return impl->run(c, r);
	ret = count_begin();
	if (!ret) {
		ret = impl->run(c, r);
		count_end();
	}
	return ret;
}

static void print_result(const struct bench_impl *impl, const char *layout,
			 const struct bench_case *c, const struct bench_result *r)
{
	u64 life = 0, ticks;
	int op;

	for (op = 0; op < BENCH_OPS; op++) {
		if (r->ticks[op] == BENCH_NONE)
			continue;
		if (op == BENCH_SEEK) {
			ticks = r->ticks[op] - min(r->ticks[op], BENCH_SEEKS * overhead);
			bench_print(impl->name, "seek", layout, c->nr, BENCH_UNIT, ticks,
				    BENCH_SEEKS);
			continue;
		}
		ticks = r->ticks[op] - min(r->ticks[op], overhead);
		print_insn(impl, op_names[op], layout, c->nr, ticks);
		if (op != BENCH_WALK2M)
			life += ticks;
	}
	print_insn(impl, "life", layout, c->nr, life);
	bench_print(impl->name, "memory", layout, c->nr, "bytes_per_range", r->bytes, r->ranges);
}

static void print_allocs(const struct bench_impl *impl, const char *layout,
			 const struct bench_case *c, const struct bench_result *r)
{
	u64 life = 0;
	int op;

	for (op = 0; op < BENCH_OPS; op++) {
		if (r->ticks[op] == BENCH_NONE || op == BENCH_SEEK)
			continue;
		life += r->ticks[op];
		if (op == BENCH_BUILD || op == BENCH_MAP || op == BENCH_UNMAP)
			bench_print(impl->name, op_names[op], layout, c->nr, "allocs",
				    r->ticks[op], 1);
	}
	bench_print(impl->name, "life", layout, c->nr, "allocs", life, 1);
}

/*
 * The least tells what it takes undisturbed: times by whatever else there is, instructions by
 * an allocator that now and then gets or gives back a slab, whoever it is who asks
 */
static int measure(const struct bench_impl *impl, struct bench_case *c, struct bench_result *r)
{
	unsigned int times = IS_ENABLED(CONFIG_UML) ? 5 + 2000 / c->nr : c->nr > 4096 ? 2 : 5;
	struct bench_result least;
	int ret, op;

	ret = run_round(impl, c, MEASURE, r);
	while (!ret && --times) {
		least = *r;
		ret = run_round(impl, c, MEASURE, r);
		for (op = 0; op < BENCH_OPS; op++)
			r->ticks[op] = min(r->ticks[op], least.ticks[op]);
	}
	return ret;
}

static int run_impl(const struct bench_impl *impl, const char *layout, struct bench_case *c)
{
	struct bench_result r;
	enum round round;
	int ret;

	for (round = 0; round < ROUNDS; round++) {
		ret = round == MEASURE ? measure(impl, c, &r) : run_round(impl, c, round, &r);
		if (ret) {
			pr_err("%s does not do %lu pages %s: %pe\n", impl->name, c->nr, layout,
			       ERR_PTR(ret));
			return ret;
		}
		if (round == MEASURE)
			print_result(impl, layout, c, &r);
		else if (round == COUNT)
			print_allocs(impl, layout, c, &r);
	}
	return 0;
}

static bool wanted(const char *name)
{
	return !layouts[0] || strstr(layouts, name);
}

static void lay_out(const struct layout *layout, struct page **pages, unsigned long nr)
{
	unsigned long i, run;

	for (i = 0; i < nr; i++) {
		run = bench_spread(i / layout->run, BENCH_PAGES / layout->run);
		pages[i] = bench_page(run * layout->run + i % layout->run);
	}
}

static int run_layout(struct device *dev, const struct layout *layout, struct page **pages,
		      unsigned long nr)
{
	struct bench_case c = {
		.dev = dev,
		.pages = pages,
		.nr = nr,
		.len = (u64)nr << PAGE_SHIFT,
		.max_segment = min_t(u64, dma_max_mapping_size(dev), UINT_MAX),
	};
	int n, ret;

	lay_out(layout, pages, nr);
	if (layout->odd) {
		c.offset = 1234;
		c.len -= c.offset + 777;
	}
	c.large = !bounced && layout->run >= SZ_2M / PAGE_SIZE && nr >= SZ_2M / PAGE_SIZE;
	for (n = 0; n < ARRAY_SIZE(impls); n++) {
		ret = run_impl(impls[n], layout->name, &c);
		if (ret)
			return ret;
	}
	return 0;
}

static u64 calibrate(void)
{
	u64 start, ns;

	if (!IS_ENABLED(CONFIG_UML))
		return 1;
	start = bench_count();
	ns = ktime_get_ns();
	while (ktime_get_ns() - ns < 200 * NSEC_PER_MSEC)
		;
	ns = ktime_get_ns() - ns;
	return div64_u64((bench_count() - start) * NSEC_PER_MSEC, ns);
}

static int run_all(struct device *dev)
{
	struct page **pages;
	int ret, i, n;

	ret = probes_find();
	if (ret)
		return ret;
	bench_count_enable();
	msleep(delay);
	ticks_per_ms = calibrate();
	overhead = U64_MAX;
	for (i = 0; i < 8; i++) {
		u64 start = bench_start();

		overhead = min(overhead, bench_end(start));
	}
	pages = kvmalloc_array(BENCH_PAGES, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(all_layouts) && !ret; i++) {
		if (!wanted(all_layouts[i].name))
			continue;
		for (n = 0; n < nr_sizes && !ret; n++) {
			if (!sizes[n] || sizes[n] > BENCH_PAGES)
				ret = -EINVAL;
			else
				ret = run_layout(dev, &all_layouts[i], pages, sizes[n]);
		}
	}
	if (!ret && lists) {
		lay_out(&all_layouts[0], pages, BENCH_PAGES);
		ret = bench_lists(pages);
	}
	kvfree(pages);
	return ret;
}

static int bench_run(struct device *dev)
{
	int ret;

	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	dma_set_max_seg_size(dev, UINT_MAX);
	ret = bench_pages_get();
	if (!ret) {
		ret = run_all(dev);
		bench_pages_put();
	}
	if (!ret && regs)
		ret = bench_registrations(dev, regs);
	if (ret)
		pr_err("failed: %pe\n", ERR_PTR(ret));
	else
		pr_info("done\n");
	return ret;
}

#ifdef CONFIG_UML
/* kernel/dma/phyr/kunit_uml.c */
struct device *phyr_kunit_bench_device(void);

static int __init bench_init(void)
{
	struct device *dev = phyr_kunit_bench_device();

	return IS_ERR(dev) ? PTR_ERR(dev) : bench_run(dev);
}
module_init(bench_init);
#else
static int bench_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int ret;

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	pci_set_master(pdev);
	return bench_run(&pdev->dev);
}

static const struct pci_device_id bench_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{}
};
MODULE_DEVICE_TABLE(pci, bench_ids);

static struct pci_driver bench_driver = {
	.name		= KBUILD_MODNAME,
	.id_table	= bench_ids,
	.probe		= bench_probe,
};
module_pci_driver(bench_driver);
#endif

MODULE_DESCRIPTION("Measures mappings of physical range lists beside those of scatterlists");
MODULE_LICENSE("GPL");
