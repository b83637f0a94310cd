/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PHYR_BENCH_H
#define PHYR_BENCH_H

#include <linux/compiler.h>
#include <linux/sched.h>
#include <linux/timex.h>
#include <linux/types.h>

struct device;
struct page;

/* One per step of a buffer's life; what was not done is BENCH_NONE */
enum bench_op {
	BENCH_BUILD,
	BENCH_MAP,
	BENCH_WALK,
	BENCH_WALK2M,
	BENCH_UNMAP,
	BENCH_RELEASE,
	BENCH_SEEK,
	BENCH_OPS
};

#define BENCH_NONE		U64_MAX

/* Where a seek goes: to this many places, evenly spread */
#define BENCH_SEEKS		4

/* What is done: the same for each way of doing it */
struct bench_case {
	struct device	*dev;
	struct page	**pages;
	unsigned long	nr;
	u64		offset;		/* of the first byte in the first page */
	u64		len;
	u64		max_segment;	/* what the device can map at a time */
	bool		large;		/* blocks of 2 MiB make sense */
	bool		check;		/* not measured: look at the result instead */
};

struct bench_result {
	u64		ticks[BENCH_OPS];
	u64		bytes;		/* that the description takes, mapped */
	u64		ranges;
};

struct bench_impl {
	const char	*name;
	int		(*run)(const struct bench_case *c, struct bench_result *r);
};

extern const struct bench_impl bench_phyr;
extern const struct bench_impl bench_sg;
extern const struct bench_impl bench_two_step;
extern const struct bench_impl bench_bare;

/* In the round that counts allocations these are the results, in place of ticks */
extern bool bench_counts;
extern u64 bench_allocs;

/*
 * What QEMU advances with each instruction.  User Mode Linux runs at the speed of the
 * machine, so there it is the machine's time.
 */
#ifdef CONFIG_UML
#define BENCH_UNIT		"ns"
#else
#define BENCH_UNIT		"insn"
#endif

static __always_inline u64 bench_count(void)
{
#if defined(CONFIG_UML)
	u32 low, high;

	asm volatile("lfence; rdtsc; lfence" : "=a" (low), "=d" (high) : : "memory");
	return (u64)high << 32 | low;
#elif defined(CONFIG_ARM64)
	/* get_cycles() advances every 16 instructions; a cycle is one instruction here */
	return read_sysreg(pmccntr_el0);
#else
	return get_cycles();
#endif
}

static inline void bench_count_enable(void)
{
#ifdef CONFIG_ARM64
	/* Of the PMU, for which there is no driver: all counters; of cycles, to 64 bits */
	write_sysreg(BIT(0) | BIT(6), pmcr_el0);
	write_sysreg(0, pmccfiltr_el0);
	write_sysreg(BIT(31), pmcntenset_el0);
	isb();
#endif
}

/*
 * A measurement begins right behind a tick of the timer: the next one is
 * 4,000,000 instructions away, longer than nearly all that is measured.
 */
static __always_inline u64 bench_start(void)
{
	u64 start;

	/* Who measures time measures often, and takes the least */
	if (!IS_ENABLED(CONFIG_UML))
		schedule_timeout_uninterruptible(1);
	bench_allocs = 0;
	barrier();
	start = bench_count();
	barrier();
	return start;
}

static __always_inline u64 bench_end(u64 start)
{
	u64 end;

	barrier();
	end = bench_count();
	barrier();
	return bench_counts ? bench_allocs : end - start;
}

/* Keep the compiler from leaving out, or moving, a walk whose result nobody needs */
static __always_inline void bench_use(u64 sum)
{
	asm volatile("" : : "r" (sum) : "memory");
}

bool bench_translates(struct device *dev);
int bench_check(const struct bench_case *c, u64 block, dma_addr_t addr);
int bench_check_end(const struct bench_case *c, u64 blocks);

/* layout.c: physically contiguous memory, and pages of it in some order */
#define BENCH_PAGES		65536UL

int bench_pages_get(void);
void bench_pages_put(void);
struct page *bench_page(unsigned long i);
unsigned long bench_spread(unsigned long i, unsigned long nr);

/* list.c */
int bench_lists(struct page **pages);
void bench_print(const char *impl, const char *op, const char *layout, unsigned long pages,
		 const char *unit, u64 value, u64 divisor);

#endif /* PHYR_BENCH_H */
