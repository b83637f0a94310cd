// SPDX-License-Identifier: GPL-2.0
/* The naive list; see model.h. */
#include <stdlib.h>
#include <string.h>

#include <linux/limits.h>
#include <linux/mm.h>

#include "model.h"
#include "shim.h"

bool model_same_run(const struct phyr_run *a, const struct phyr_run *b)
{
	return a->provider == b->provider && a->kind == b->kind && a->attrs == b->attrs;
}

int model_append_errno(const struct model *m, u64 addr, u64 len)
{
	__uint128_t end = (__uint128_t)addr + len;
	__uint128_t total = (__uint128_t)m->bytes + len;

	if (!len)
		return -EINVAL;
	if (end > (__uint128_t)PHYS_ADDR_MAX + 1)
		return -EOVERFLOW;
	if (total >= (__uint128_t)1 << 63)
		return -E2BIG;
	return 0;
}

static void model_push(struct model *m, u64 addr, u64 len, const struct phyr_run *run)
{
	if (m->nr == m->room) {
		m->room = m->room ? 2 * m->room : 16;
		m->ranges = realloc(m->ranges, m->room * sizeof(*m->ranges));
		CHECK(m->ranges);
	}
	m->ranges[m->nr++] = (struct model_range) { .addr = addr, .len = len, .run = *run };
	m->bytes += len;
}

/* Pinned ranges that meet inside a page have a pin each */
static bool model_joins(const struct model_range *last, u64 addr, const struct phyr_run *run)
{
	if ((__uint128_t)last->addr + last->len != addr)
		return false;
	if (!model_same_run(&last->run, run))
		return false;
	return !(run->attrs & PHYR_ATTR_PINNED) || addr % PAGE_SIZE == 0;
}

void model_append(struct model *m, u64 addr, u64 len, const struct phyr_run *run, bool merge)
{
	if (merge && m->nr && model_joins(&m->ranges[m->nr - 1], addr, run)) {
		m->ranges[m->nr - 1].len += len;
		m->bytes += len;
	} else {
		model_push(m, addr, len, run);
	}
}

void model_truncate(struct model *m, u64 bytes)
{
	while (m->bytes > bytes) {
		struct model_range *last = &m->ranges[m->nr - 1];
		u64 excess = m->bytes - bytes;

		if (excess < last->len) {
			last->len -= excess;
			m->bytes -= excess;
		} else {
			m->bytes -= last->len;
			m->nr--;
		}
	}
}

void model_split(struct model *m, u64 off, struct model *tail)
{
	u64 start = 0;
	size_t i;

	for (i = 0; i < m->nr; i++) {
		struct model_range r = m->ranges[i];
		u64 cut = off > start ? off - start : 0;

		if (cut < r.len)
			model_push(tail, r.addr + cut, r.len - cut, &r.run);
		start += r.len;
	}
	model_truncate(m, off);
}

void model_copy(struct model *to, const struct model *from)
{
	size_t i;

	model_release(to);
	for (i = 0; i < from->nr; i++)
		model_push(to, from->ranges[i].addr, from->ranges[i].len, &from->ranges[i].run);
}

void model_move(struct model *to, struct model *from)
{
	model_release(to);
	*to = *from;
	*from = (struct model) {};
}

void model_release(struct model *m)
{
	free(m->ranges);
	*m = (struct model) {};
}

struct model_summary model_summarize(const struct model *m)
{
	struct model_summary s = { .all_system = true };
	size_t i;

	for (i = 0; i < m->nr; i++) {
		const struct model_range *r = &m->ranges[i];
		u64 last_byte = r->addr + (r->len - 1);

		if (i)
			s.boundaries |= r->addr;
		if (i + 1 < m->nr)
			s.boundaries |= r->addr + r->len;
		if (!i || !model_same_run(&r->run, &m->ranges[i - 1].run))
			s.runs++;
		if (r->run.kind != PHYR_SYSTEM) {
			s.all_system = false;
			continue;
		}
		if (!s.has_system || r->addr < s.lowest)
			s.lowest = r->addr;
		if (!s.has_system || last_byte > s.highest)
			s.highest = last_byte;
		s.has_system = true;
	}
	return s;
}

/* The list offset at which a range begins, or all ranges end */
u64 model_start(const struct model *m, size_t nr)
{
	u64 start = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		start += m->ranges[i].len;
	return start;
}

/* The address behind the last range, 0 if there is none or no such address */
u64 model_end_addr(const struct model *m)
{
	return m->nr ? m->ranges[m->nr - 1].addr + m->ranges[m->nr - 1].len : 0;
}
