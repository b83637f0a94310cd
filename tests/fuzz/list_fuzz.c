// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzing lib/phyr/list.c: the input is a sequence of operations on a few
 * lists, each of which is done on a naive model, too (model.c). After each
 * operation the lists are read in every way there is and have to be the same as
 * their models; so have the pins on each page and the memory that is allocated.
 *
 * Built with libFuzzer, which looks for inputs that reach new code, or (with
 * -DSTANDALONE) as a program that makes its inputs from a pseudo-random
 * sequence: see main().
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/phyr.h>

#include "../../lib/phyr/storage.h"
#include "model.h"
#include "shim.h"

#define NR_LISTS	4

/* Lists that are longer are compared in full only now and then */
#define SHORT_LIST	128
#define MOST_RANGES	40000
#define MOST_BULK	BIT(14)

static struct phyr_list lists[NR_LISTS];
static struct model models[NR_LISTS];

/* An allocation has failed since everything was empty */
static bool had_failure;

/* The input */

static const u8 *input;
static size_t input_left;

static u64 take(unsigned int bytes)
{
	u64 value = 0;

	while (bytes--) {
		value <<= 8;
		if (input_left) {
			value |= *input++;
			input_left--;
		}
	}
	return value;
}

/* Pins: memory in which pages can be pinned, and how many pins a page has */

#define PIN_PAGES	1024

#ifdef SHIM_PHYS_ADDR_32
static const u64 pin_areas[] = { 0, 0x10000000, 0xf0000000 };
#else
/* The second one is where addresses become too high for one word */
static const u64 pin_areas[] = {
	0x10000000, (1ULL << 52) - PIN_PAGES / 2 * PAGE_SIZE, 0xfff0000000000000,
};
#endif
#define NR_PIN_AREAS	(sizeof(pin_areas) / sizeof(*pin_areas))

static u32 pins[NR_PIN_AREAS][PIN_PAGES];
static u32 expected_pins[NR_PIN_AREAS][PIN_PAGES];

static u32 *pin_of(u32 counts[][PIN_PAGES], u64 addr)
{
	size_t i;

	for (i = 0; i < NR_PIN_AREAS; i++)
		if (addr >= pin_areas[i] && addr - pin_areas[i] < PIN_PAGES * PAGE_SIZE)
			return &counts[i][(addr - pin_areas[i]) / PAGE_SIZE];
	return NULL;
}

static void pin(u32 counts[][PIN_PAGES], u64 addr, u64 len)
{
	u64 page;

	for (page = addr / PAGE_SIZE; page <= (addr + len - 1) / PAGE_SIZE; page++)
		++*pin_of(counts, page * PAGE_SIZE);
}

void phyr_unpin_range(phys_addr_t addr, u64 len, bool dirty)
{
	u64 page;

	/* Nobody here says that memory was written */
	CHECK(len && !dirty);
	for (page = addr / PAGE_SIZE; page <= (addr + len - 1) / PAGE_SIZE; page++) {
		u32 *count = pin_of(pins, page * PAGE_SIZE);

		CHECK(count && *count);
		--*count;
	}
}

u64 phyr_unpin_singles(const u64 *words, u64 max, bool dirty)
{
	u64 i;

	for (i = 0; i < max && !(words[i] & PHYR_SINGLE_MASK); i++)
		phyr_unpin_range(phyr_packed_addr(words[i]), PHYR_GRANULE_SIZE, dirty);
	return i;
}

void phyr_pin_again(phys_addr_t addr)
{
	u32 *count = pin_of(pins, addr);

	CHECK(count && *count);
	++*count;
}

static void check_pins(void)
{
	size_t i, j;

	memset(expected_pins, 0, sizeof(expected_pins));
	for (i = 0; i < NR_LISTS; i++)
		for (j = 0; j < models[i].nr; j++)
			if (models[i].ranges[j].run.attrs & PHYR_ATTR_PINNED)
				pin(expected_pins, models[i].ranges[j].addr,
				    models[i].ranges[j].len);
	CHECK(!memcmp(pins, expected_pins, sizeof(pins)));
}

/* Providers: of each only the address matters; all bits of a word mean something */

#define PROVIDER	((void *)0x1003)
#define ODD_PROVIDER	((void *)~0UL)

static size_t held[2];

static size_t *held_of(const struct phyr_run *run)
{
	CHECK(run->provider == PROVIDER || run->provider == ODD_PROVIDER);
	return &held[run->provider == ODD_PROVIDER];
}

void phyr_hold_provider(const struct phyr_run *run)
{
	++*held_of(run);
}

void phyr_drop_provider(const struct phyr_run *run)
{
	CHECK(*held_of(run));
	--*held_of(run);
}

/* Each run holds its provider once */
static void check_held(void)
{
	size_t before[2] = { held[0], held[1] }, i, j;

	held[0] = 0;
	held[1] = 0;
	for (i = 0; i < NR_LISTS; i++)
		for (j = 0; j < models[i].nr; j++) {
			const struct phyr_run *run = &models[i].ranges[j].run;

			if (run->provider &&
			    (!j || !model_same_run(run, &models[i].ranges[j - 1].run)))
				++*held_of(run);
		}
	CHECK(held[0] == before[0] && held[1] == before[1]);
}

/* Comparison of a list with its model */

static void check_range(const struct phyr *range, u64 addr, u64 len, const struct phyr_run *run)
{
	CHECK(range->addr == addr);
	CHECK(range->len == len);
	CHECK(model_same_run(range->run, run));
}

static void check_iter_end(struct phyr_iter *iter)
{
	struct phyr range = { .addr = 1, .len = 2 };

	CHECK(!phyr_iter_next(iter, &range));
	CHECK(range.addr == 1 && range.len == 2 && !range.run);
}

static void check_ranges(const struct phyr_list *list, const struct model *m)
{
	struct phyr_iter iter;
	struct phyr range;
	size_t i = 0;

	phyr_list_for_each(range, iter, list) {
		CHECK(i < m->nr);
		check_range(&range, m->ranges[i].addr, m->ranges[i].len, &m->ranges[i].run);
		i++;
	}
	CHECK(i == m->nr);
	check_iter_end(&iter);
}

/* As phyr_iter_next(), but as those do it who take single granules in a row */
static bool next_single(struct phyr_iter *iter, struct phyr *range)
{
	const u64 *words;
	u64 left = iter->left;

	if (!phyr_iter_peek_singles(iter, &words, 3) || (words[0] & PHYR_SINGLE_MASK))
		return phyr_iter_next(iter, range);
	range->addr = words[0] >> PHYR_GRANULE_SHIFT;
	range->len = PHYR_GRANULE_SIZE;
	range->run = &iter->run;
	phyr_iter_take_singles(iter, 1);
	CHECK(iter->left == left - PHYR_GRANULE_SIZE);
	return true;
}

static void check_window(const struct phyr_list *list, const struct model *m, u64 off, u64 len)
{
	struct phyr_iter iter;
	struct phyr range;
	u64 start = 0;
	size_t i;
	int ret;

	ret = phyr_iter_init_window(&iter, list, off, len);
	if ((__uint128_t)off + len > m->bytes) {
		CHECK(ret == -ERANGE);
		return;
	}
	CHECK(!ret);
	CHECK(iter.left == len);
	for (i = 0; len; start += m->ranges[i++].len) {
		const struct model_range *r = &m->ranges[i];
		u64 skip, bytes;

		CHECK(i < m->nr);
		if (off - start >= r->len)
			continue;
		skip = off - start;
		bytes = r->len - skip < len ? r->len - skip : len;
		CHECK(start % 2 ? phyr_iter_next(&iter, &range) : next_single(&iter, &range));
		check_range(&range, r->addr + skip, bytes, &r->run);
		off += bytes;
		len -= bytes;
		CHECK(iter.left == len);
	}
	check_iter_end(&iter);
}

static void check_summary(const struct phyr_list *list, const struct model *m)
{
	struct model_summary s = model_summarize(m);

	CHECK(phyr_list_runs(list) == s.runs);
	CHECK((phyr_list_boundaries(list) & -phyr_list_boundaries(list)) ==
	      (s.boundaries & -s.boundaries));
	CHECK(phyr_list_is_system(list) == s.all_system);
	if (s.has_system) {
		CHECK(phyr_list_lowest(list) == s.lowest);
		CHECK(phyr_list_highest(list) == s.highest);
	}
}

static void check_list(size_t i, bool in_full)
{
	const struct phyr_list *list = &lists[i];
	const struct model *m = &models[i];
	size_t last;

	CHECK(phyr_list_bytes(list) == m->bytes);
	CHECK(phyr_list_ranges(list) == m->nr);
	if (!m->nr || in_full || m->nr <= SHORT_LIST) {
		check_summary(list, m);
		check_ranges(list, m);
		return;
	}
	/* The end is what most operations change */
	last = m->ranges[m->nr - 1].len;
	check_window(list, m, m->bytes - last, last);
}

static void check_all(bool in_full)
{
	size_t i, told = 0, short_lists = 0;

	for (i = 0; i < NR_LISTS; i++) {
		check_list(i, in_full);
		told += phyr_list_memory(&lists[i]);
		short_lists += models[i].nr <= SHORT_LIST;
	}
	/* A node of the index may be left over from an append that failed */
	CHECK(told <= shim.live_bytes);
	CHECK(had_failure || told == shim.live_bytes);
	if (in_full || short_lists == NR_LISTS) {
		check_pins();
		check_held();
	}
}

/* What the input asks for */

enum {
	RUN_SYSTEM, RUN_MMIO, RUN_PINNED, RUN_PGMAP, RUN_PROVIDER, RUN_ODD_PROVIDER,
	RUN_PINNED_PROVIDER, RUN_PINNED_PGMAP, NR_RUNS,
};

static const struct phyr_run runs[NR_RUNS] = {
	[RUN_SYSTEM]	    = { .kind = PHYR_SYSTEM },
	[RUN_MMIO]	    = { .kind = PHYR_MMIO },
	[RUN_PINNED]	    = { .kind = PHYR_SYSTEM, .attrs = PHYR_ATTR_PINNED },
	[RUN_PGMAP]	    = { .kind = PHYR_SYSTEM, .attrs = PHYR_ATTR_PGMAP },
	[RUN_PROVIDER]	    = { .kind = PHYR_P2P, .provider = PROVIDER },
	[RUN_ODD_PROVIDER]  = { .kind = PHYR_P2P, .provider = ODD_PROVIDER },
	[RUN_PINNED_PROVIDER] = { .kind = PHYR_P2P, .attrs = PHYR_ATTR_PINNED,
				  .provider = PROVIDER },
	[RUN_PINNED_PGMAP]  = { .kind = PHYR_SYSTEM,
				.attrs = PHYR_ATTR_PINNED | PHYR_ATTR_PGMAP },
};

/* One range to append */
struct piece {
	u64			addr;
	u64			len;
	const struct phyr_run	*run;
	bool			merge;
};

/* Where a word no longer takes the address or the length */
#define HIGH	BIT_ULL(52)
#define LONG	BIT_ULL(34)

static u64 take_addr(const struct model *m)
{
	u64 end = model_end_addr(m);

	switch (take(1) % 16) {
	case 0 ... 3:
		return end;
	case 4:
		return end + take(1) - 128;
	case 5:
		return (end & ~4095ULL) + take(1) * 16;
	case 6:
		return (end & ~4095ULL) + take(1) * 4096;
	case 7:
		return m->nr ? m->ranges[m->nr - 1].addr : 0;
	case 8:
		return take(2) << 12;
	case 9:
		return take(4);
	case 10:
		return HIGH + (take(1) - 128) * 4096;
	case 11:
		return HIGH - LONG + (take(1) - 128) * 4096;
	case 12:
		return PHYS_ADDR_MAX - take(2);
	case 13:
		return (PHYS_ADDR_MAX & ~4095ULL) - take(1) * 4096;
	case 14:
		return take(3) << 12;
	default:
		return take(8);
	}
}

static u64 take_len(const struct model *m, u64 addr)
{
	switch (take(1) % 24) {
	case 0 ... 6:
		return 4096;
	case 7 ... 8:
		return (take(1) + 1) * 4096;
	case 9 ... 10:
		return take(2);
	case 11:
		return 0;
	case 12:
		return 1;
	case 13 ... 14:
		return -addr % 4096;
	case 15:
		return LONG + (take(1) - 128) * 4096;
	case 16:
		return LONG + take(1) - 128;
	case 17:
		return LONG - addr % 4096 + take(1) % 3 - 1;
	case 18:	/* so that the list is as long as it may be */
		return (1ULL << 63) - m->bytes - take(1) % 4;
	case 19:	/* up to the last address */
		return PHYS_ADDR_MAX - addr + take(1) % 4;
	case 20:
		return HIGH - addr + (take(1) - 128) * 4096;
	case 21:
		return take(8) >> take(1) % 64;
	case 22:
		return take(4) << 12;
	default:
		return take(1) + 1;
	}
}

/* Memory that may be pinned: near where the address was, not much of it */
static void make_pinnable(struct piece *p)
{
	u64 area = pin_areas[p->addr / PAGE_SIZE % NR_PIN_AREAS];
	u64 room;

	if (!pin_of(pins, p->addr))
		p->addr = area + p->addr % (PIN_PAGES * PAGE_SIZE);
	while (!pin_of(pins, p->addr + 64 * PAGE_SIZE))
		p->addr -= 64 * PAGE_SIZE;
	room = 64 * PAGE_SIZE;
	if (p->len > room)
		p->len = p->len % room + 1;
}

static struct piece take_piece(const struct model *m)
{
	/* Most are of one kind, as they are in life */
	static const u8 kinds[16] = {
		RUN_SYSTEM, RUN_SYSTEM, RUN_SYSTEM, RUN_SYSTEM, RUN_SYSTEM, RUN_SYSTEM,
		RUN_PINNED, RUN_PINNED, RUN_PINNED, RUN_MMIO, RUN_MMIO, RUN_PGMAP,
		RUN_PROVIDER, RUN_ODD_PROVIDER, RUN_PINNED_PROVIDER, RUN_PINNED_PGMAP,
	};
	struct piece p;
	u8 how = take(1);

	if (how & 0x40 && m->nr)
		p.run = &runs[0];
	else
		p.run = &runs[kinds[how % 16]];
	if (how & 0x80 && m->nr) {
		size_t i;

		for (i = 0; i < NR_RUNS; i++)
			if (model_same_run(&runs[i], &m->ranges[m->nr - 1].run))
				p.run = &runs[i];
	}
	p.merge = how & 0x30;
	p.addr = take_addr(m);
	p.len = take_len(m, p.addr);
#ifdef SHIM_PHYS_ADDR_32
	if (p.addr > PHYS_ADDR_MAX)
		p.addr &= PHYS_ADDR_MAX;
#endif
	if (p.run->attrs & PHYR_ATTR_PINNED)
		make_pinnable(&p);
	return p;
}

/* Call the function that a user would for such a range */
static int append(struct phyr_list *list, const struct piece *p)
{
	bool plain = model_same_run(p->run, &runs[RUN_SYSTEM]);
	gfp_t gfp = GFP_KERNEL;

	if (plain && p->merge)
		return phyr_list_append(list, p->addr, p->len, gfp);
	if (plain)
		return phyr_list_append_unmerged(list, p->addr, p->len, gfp);
	if (model_same_run(p->run, &runs[RUN_MMIO]) && p->merge)
		return phyr_list_append_mmio(list, p->addr, p->len, gfp);
	return phyr_append(list, p->run, p->addr, p->len, p->merge, gfp);
}

/* True unless the list is full, or an allocation failed */
static bool do_append(size_t i, const struct piece *p)
{
	int expected = model_append_errno(&models[i], p->addr, p->len);
	int ret;

	ret = append(&lists[i], p);
	if (shim.failed) {
		CHECK(ret == -ENOMEM && !expected);
		shim.failed = false;
		had_failure = true;
		return false;
	}
	CHECK(ret == expected);
	if (!ret) {
		model_append(&models[i], p->addr, p->len, p->run, p->merge);
		if (p->run->attrs & PHYR_ATTR_PINNED)
			pin(pins, p->addr, p->len);
	}
	return !ret;
}

/* The bytes of the list itself may not change either when something fails */
struct picture {
	struct phyr_list	list;
	u64			words[8192];
	size_t			nr_words;
};

static struct picture picture;

static bool same_list(const struct phyr_list *a, const struct phyr_list *b)
{
	return a->bytes == b->bytes && a->nr_ranges == b->nr_ranges &&
		a->lowest == b->lowest && a->highest == b->highest &&
		a->boundaries == b->boundaries && a->nr_runs == b->nr_runs &&
		a->head == b->head && a->tail == b->tail && a->last == b->last &&
		a->last_provider == b->last_provider && a->last_kind == b->last_kind &&
		a->last_attrs == b->last_attrs && a->last_words == b->last_words &&
		a->nr_words == b->nr_words && a->kinds == b->kinds &&
		!memcmp(a->words, b->words, sizeof(a->words));
}

static void take_picture(const struct phyr_list *list)
{
	picture.list = *list;
	if (list->last) {
		picture.nr_words = list->last->nr_words;
		memcpy(picture.words, list->last->words, picture.nr_words * sizeof(u64));
	}
}

static void check_picture(const struct phyr_list *list)
{
	/* More storage than before is no change of the list */
	CHECK(same_list(list, &picture.list));
	if (list->last) {
		CHECK(list->last->nr_words == picture.nr_words);
		CHECK(!memcmp(list->last->words, picture.words, picture.nr_words * sizeof(u64)));
	}
}

static void append_one(size_t i)
{
	struct piece p = take_piece(&models[i]);

	take_picture(&lists[i]);
	if (!do_append(i, &p))
		check_picture(&lists[i]);
}

/*
 * As many of @nr pieces as are easy, page by page, in the way that importers of pages
 * have for them.  Returns how many; @p is the next one.
 */
static size_t append_in_bulk(size_t i, struct piece *p, u64 step, size_t nr)
{
	u64 bytes = models[i].bytes, addr = p->addr, page, pages = p->len / PAGE_SIZE;
	u64 expected = nr & 1 ? nr * pages : 0;
	struct phyr_bulk_room room;
	struct phyr_bulk bulk;
	bool is_new = false;
	size_t done = 0;

	if (!p->merge || !p->len || ((p->addr | p->len | step) & ~PAGE_MASK) ||
	    (p->run->attrs & PHYR_ATTR_PINNED) || p->addr > PHYS_ADDR_MAX ||
	    p->len > 64 * PAGE_SIZE)
		return 0;
	if (!phyr_bulk_begin(&bulk, &room, &lists[i], p->run, p->addr / PAGE_SIZE, expected,
			     GFP_KERNEL)) {
		/* Whoever takes the first page tries again */
		had_failure |= shim.failed;
		shim.failed = false;
		return 0;
	}
	while (done < nr && models[i].nr < MOST_RANGES && p->addr <= PHYS_ADDR_MAX &&
	       p->len - 1 <= PHYS_ADDR_MAX - p->addr && room.max_pages > pages * (done + 1)) {
		page = p->addr / PAGE_SIZE;
		if (page != bulk.end) {
			if (bulk.slot == room.last_slot)
				break;
			if (is_new) {
				phyr_bulk_next_one(&bulk, page);
				phyr_bulk_took_ones(&bulk, bulk.slot - 1);
			} else {
				phyr_bulk_close(&bulk);
				phyr_bulk_next(&bulk, page);
			}
			is_new = pages == 1;
			bulk.end += pages - 1;
		} else {
			is_new = false;
			bulk.end += pages;
		}
		model_append(&models[i], p->addr, p->len, p->run, true);
		p->addr += step;
		done++;
	}
	if (done == nr && (nr & 2))
		phyr_bulk_cancel(&room);
	else if (done && phyr_bulk_end(&bulk, &room, &lists[i], done * pages))
		return done;
	else if (done)
		/* Such addresses need more than a word */
		CHECK(PHYS_ADDR_MAX > HIGH);
	else
		phyr_bulk_cancel(&room);
	model_truncate(&models[i], bytes);
	p->addr = addr;
	return 0;
}

/* Many at once, so that there are chunks and an index of them */
static void append_many(size_t i)
{
	struct piece p = take_piece(&models[i]);
	u8 how = take(1);
	size_t nr = take(1);
	u64 step = 0;

	if (how & 0x80)
		nr = nr << 8 | take(1);
	nr %= (how & 0xc0) == 0xc0 ? MOST_BULK : MOST_BULK / 16;

	switch (how & 7) {
	case 0 ... 3:	/* scattered pages */
		p.len = PAGE_SIZE;
		p.addr &= PAGE_MASK;
		step = (how >> 3 & 7) * PAGE_SIZE + 2 * PAGE_SIZE;
		break;
	case 4:		/* backwards */
		step = -(2 * PAGE_SIZE);
		break;
	case 5:		/* odd, so each needs two words */
		step = PAGE_SIZE + (how >> 3 & 7);
		break;
	case 6:		/* the same memory again and again */
		break;
	case 7:		/* adjacent */
		step = p.len;
		break;
	}
	while (nr && models[i].nr < MOST_RANGES) {
		nr -= append_in_bulk(i, &p, step, nr);
		if (!nr-- || p.addr > PHYS_ADDR_MAX)
			break;
		if (p.run->attrs & PHYR_ATTR_PINNED)
			make_pinnable(&p);
		if (!do_append(i, &p))
			break;
		p.addr += step;
		if (p.addr > PHYS_ADDR_MAX)
			break;
		if ((how & 0x47) == 0x45)
			p.run = &runs[nr % 2 ? RUN_SYSTEM : RUN_MMIO];
	}
}

/* What has been reserved is there */
static void reserve(size_t i)
{
	u8 how = take(1);
	u64 nr = how & 0x80 ? take(2) % 2048 : how & 7;
	bool allocates = how & 0x20;
	bool bulk = how & 0x40;
	u64 bytes = models[i].bytes;
	struct piece p = {};
	int ret;

	if (how & 8 && bytes) {	/* so that the last range has to be widened */
		CHECK(!phyr_list_truncate(&lists[i], bytes - 1));
		model_truncate(&models[i], bytes - 1);
	}
	take_picture(&lists[i]);
	if (how == 0xff) {	/* more than there can be */
		CHECK(phyr_list_reserve(&lists[i], U64_MAX - take(1), GFP_KERNEL) == -E2BIG);
		CHECK(phyr_list_reserve(&lists[i], U64_MAX / 4 + 1, GFP_KERNEL) == -E2BIG);
		check_picture(&lists[i]);
		return;
	}
	ret = phyr_list_reserve(&lists[i], nr, GFP_KERNEL);
	check_picture(&lists[i]);
	if (shim.failed) {
		CHECK(ret == -ENOMEM);
		shim.failed = false;
		had_failure = true;
		return;
	}
	CHECK(!ret);
	check_all(false);
	shim.fail_nth = 0;
	shim.forbidden = !allocates;
	if (bulk)
		p = take_piece(&models[i]);
	while (nr-- && models[i].nr < MOST_RANGES) {
		if (!bulk) {
			p = take_piece(&models[i]);
		} else {	/* the most words that a range can take */
			p.len = 1 + nr % 3;
			p.run = &runs[nr % 2 ? RUN_MMIO : RUN_PROVIDER];
			p.addr = (p.addr + PAGE_SIZE + 1) & PHYS_ADDR_MAX;
			if (p.addr > PHYS_ADDR_MAX - 4)
				p.addr = 1;
		}
		do_append(i, &p);
		if (!input_left && !bulk)
			break;
	}
	shim.forbidden = false;
}

/* Several appends that are taken back, or are not */
static void change_of_many(size_t i)
{
	static u32 old_pins[NR_PIN_AREAS][PIN_PAGES];
	u8 how = take(1), nr = how % 16;
	struct model old = {};
	struct phyr_mark mark;

	model_copy(&old, &models[i]);
	memcpy(old_pins, pins, sizeof(pins));
	take_picture(&lists[i]);
	phyr_mark_take(&mark, &lists[i]);
	if (how & 0x10)
		append_many(i);
	while (nr--) {
		struct piece p = take_piece(&models[i]);

		do_append(i, &p);
	}
	if (how & 0xc0) {
		/* Those who pinned pages for it drop the pins themselves */
		phyr_mark_restore(&mark, &lists[i]);
		had_failure = true;	/* that is what it is for */
		memcpy(pins, old_pins, sizeof(pins));
		model_move(&models[i], &old);
		/* append_many() took no picture */
		check_picture(&lists[i]);
	} else {
		model_release(&old);
	}
}

/* An offset in a list: anywhere, or where something begins or ends */
static u64 take_offset(const struct model *m)
{
	u8 how = take(1);

	switch (how % 8) {
	case 0:
		return take(1);
	case 1:
		return m->bytes - take(1) % 64;
	case 2:
		return m->bytes ? take(8) % (m->bytes + 1) : 0;
	case 3:
		return take(8);
	case 4:	/* the chunks' ends are here when all ranges are pages */
		if (!m->nr)
			return 0;
		return model_start(m, (28 + 5 + 507 * take(1)) % m->nr) + how / 8 % 3 - 1;
	default:
		return model_start(m, take(2) % (m->nr + 1)) + how / 8 % 3 - 1;
	}
}

static void truncate_list(size_t i)
{
	u64 bytes = take_offset(&models[i]);
	int ret;

	shim.forbidden = true;
	ret = phyr_list_truncate(&lists[i], bytes);
	shim.forbidden = false;
	CHECK(ret == (bytes > models[i].bytes ? -ERANGE : 0));
	if (!ret)
		model_truncate(&models[i], bytes);
}

static void split_list(size_t i, size_t j)
{
	u64 off = take_offset(&models[i]);
	struct phyr_list tail = lists[j];
	int ret;

	if (i == j)
		return;
	take_picture(&lists[i]);
	ret = phyr_list_split(&lists[i], off, &lists[j], GFP_KERNEL);
	if (shim.failed) {
		CHECK(ret == -ENOMEM);
		shim.failed = false;
		had_failure = true;
	} else if (off > models[i].bytes) {
		CHECK(ret == -ERANGE);
	} else if (models[j].nr) {
		CHECK(ret == -EBUSY);
		CHECK(same_list(&tail, &lists[j]) && tail.first == lists[j].first);
	} else {
		CHECK(!ret);
		model_split(&models[i], off, &models[j]);
		return;
	}
	check_picture(&lists[i]);
}

static void move_list(size_t to, size_t from)
{
	int ret;

	if (to == from)
		return;
	shim.forbidden = true;
	ret = phyr_list_move(&lists[to], &lists[from]);
	shim.forbidden = false;
	CHECK(ret == (models[to].nr ? -EBUSY : 0));
	if (!ret) {
		model_move(&models[to], &models[from]);
		CHECK(!phyr_list_memory(&lists[from]));
	}
}

static void release_list(size_t i)
{
	static const struct phyr_list empty = PHYR_LIST_INIT;

	shim.forbidden = true;
	phyr_list_release(&lists[i]);
	shim.forbidden = false;
	model_release(&models[i]);
	CHECK(same_list(&lists[i], &empty) && !lists[i].first && !lists[i].index.root);
}

static void look_at_window(size_t i)
{
	u64 off = take_offset(&models[i]);
	u64 end = take_offset(&models[i]);

	check_window(&lists[i], &models[i], off, end - off);
	check_window(&lists[i], &models[i], off, 0);
	if (off < models[i].bytes) {
		check_window(&lists[i], &models[i], off, 1);
		check_window(&lists[i], &models[i], off, models[i].bytes - off);
	}
}

/* Beside each edge of a short list, and some of a longer one */
static void look_everywhere(size_t i)
{
	const struct model *m = &models[i];
	size_t first = m->nr > 64 ? take(2) % m->nr : 0, j;
	size_t last = first + (m->nr > SHORT_LIST ? 8 : 64);
	u64 start = model_start(m, first), off;

	for (j = first; j < m->nr && j < last; start += m->ranges[j++].len)
		for (off = start - 1; off != start + 2; off++)
			if (off < m->bytes)
				check_window(&lists[i], m, off,
					     m->bytes - off < 8200 ? m->bytes - off : 8200);
}

static void interpret(const u8 *data, size_t size)
{
	unsigned int nr_ops = 0;
	size_t i, j;

	input = data;
	input_left = size;
	had_failure = false;
	while (input_left && nr_ops++ < 1000) {
		u8 op = take(1), which = take(1);

		i = which % NR_LISTS;
		j = which / NR_LISTS % NR_LISTS;
		shim.failed = false;
		/* In many operations one allocation fails */
		shim.fail_nth = which & 0x80 ? (which >> 4 & 7) + 1 : 0;
		if (which == 0xff)
			shim.fail_nth = take(1) + 1;

		switch (op % 16) {
		case 0 ... 4:
			append_one(i);
			break;
		case 5 ... 6:
			append_many(i);
			break;
		case 7:
			reserve(i);
			break;
		case 8:
			change_of_many(i);
			break;
		case 9 ... 10:
			truncate_list(i);
			break;
		case 11:
			split_list(i, j);
			break;
		case 12:
			move_list(i, j);
			break;
		case 13:
			release_list(i);
			break;
		case 14:
			look_at_window(i);
			break;
		case 15:
			look_everywhere(i);
			break;
		}
		shim.fail_nth = 0;
		check_all(nr_ops % 32 == 0);
	}
	check_all(true);

	for (i = 0; i < NR_LISTS; i++)
		release_list(i);
	check_all(true);
	CHECK(!shim.live && !shim.live_bytes);
}

/* What libFuzzer calls */
int fuzz_one_input(const u8 *data, size_t size) __asm__("LLVMFuzzerTestOneInput");

int fuzz_one_input(const u8 *data, size_t size)
{
	interpret(data, size);
	return 0;
}

#ifdef STANDALONE
#include <signal.h>
#include <time.h>
#include <unistd.h>

static u64 random_state;

static u64 random_u64(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 0x2545f4914f6cdd1dULL;
}

static u64 current_input;

/* Whatever went wrong, tell with which input */
static void report_abort(int signal)
{
	char text[80];
	int len;

	(void)signal;
	len = snprintf(text, sizeof(text), "failed with input number %llu\n", current_input);
	if (write(STDERR_FILENO, text, len) < 0)
		_exit(2);
	_exit(1);
}

static void test_input(u64 number)
{
	static u8 data[4096];
	size_t size, i;

	current_input = number;
	random_state = number * 0x9e3779b97f4a7c15ULL + 1;
	size = 16 + random_u64() % (number % 16 ? 512 : sizeof(data) - 16);
	for (i = 0; i < size; i++)
		data[i] = random_u64() >> 32;
	interpret(data, size);
}

/*
 * The index of chunks has up to three levels in a list of two million ranges.
 * This is longer than the model can follow at each step, but not at the end.
 */
static void test_long_list(void)
{
#ifndef SHIM_PHYS_ADDR_32	/* which do not reach far enough */
	struct phyr_list list = PHYR_LIST_INIT;
	const u64 nr = 2200000;
	struct phyr_iter iter;
	struct phyr range;
	u64 i;

	random_state = 1;
	for (i = 0; i < nr; i++) {
		CHECK(!phyr_list_append(&list, i * 2 * PAGE_SIZE, PAGE_SIZE, GFP_KERNEL));
		if (!(i & (i - 1)))
			CHECK(phyr_list_memory(&list) == shim.live_bytes);
	}
	CHECK(phyr_list_bytes(&list) == nr * PAGE_SIZE);
	CHECK(phyr_list_memory(&list) == shim.live_bytes);
	CHECK(shim.live_bytes <= nr * 33 / 4);
	i = 0;
	phyr_list_for_each(range, iter, &list) {
		CHECK(range.addr == i * 2 * PAGE_SIZE && range.len == PAGE_SIZE);
		i++;
	}
	CHECK(i == nr);
	for (i = 0; i < 200000; i++) {
		u64 off = random_u64() % (nr * PAGE_SIZE), in_page = off % PAGE_SIZE;

		CHECK(!phyr_iter_init_window(&iter, &list, off, 1));
		CHECK(phyr_iter_next(&iter, &range));
		CHECK(range.addr == (off - in_page) * 2 + in_page && range.len == 1);
	}
	for (i = nr; i; i = i * 9 / 10) {
		CHECK(!phyr_list_truncate(&list, i * PAGE_SIZE - 1));
		CHECK(phyr_list_ranges(&list) == i);
		CHECK(!phyr_iter_init_window(&iter, &list, (i - 1) * PAGE_SIZE, PAGE_SIZE - 1));
		CHECK(phyr_iter_next(&iter, &range));
		CHECK(range.addr == (i - 1) * 2 * PAGE_SIZE && range.len == PAGE_SIZE - 1);
	}
	phyr_list_release(&list);
	CHECK(!shim.live);
#endif
}

/* list_check SECONDS [INPUT]: for that much CPU time, or only that input */
int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 10;
	u64 number = 0;
	clock_t start;

	signal(SIGABRT, report_abort);
	if (argc > 2) {
		test_input(strtoull(argv[2], NULL, 0));
		return 0;
	}
	if (PAGE_SIZE == 4096)
		test_long_list();
	start = clock();
	while (clock() - start < seconds * CLOCKS_PER_SEC)
		test_input(number++);
	printf("%llu inputs\n", number);
	return 0;
}
#endif
