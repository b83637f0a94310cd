/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a list of physical ranges has to be: a plain array of them. Written from
 * the words of <linux/phyr.h> alone; how lib/phyr stores a list is unknown here.
 */
#ifndef _MODEL_H
#define _MODEL_H

#include <linux/phyr.h>

struct model_range {
	u64			addr;
	u64			len;
	struct phyr_run		run;
};

struct model {
	struct model_range	*ranges;
	size_t			nr;
	size_t			room;
	u64			bytes;
};

struct model_summary {
	u64	lowest;
	u64	highest;
	u64	boundaries;
	u64	runs;
	bool	has_system;
	bool	all_system;
};

bool model_same_run(const struct phyr_run *a, const struct phyr_run *b);
int model_append_errno(const struct model *m, u64 addr, u64 len);
void model_append(struct model *m, u64 addr, u64 len, const struct phyr_run *run, bool merge);
void model_truncate(struct model *m, u64 bytes);
void model_split(struct model *m, u64 off, struct model *tail);
void model_copy(struct model *to, const struct model *from);
void model_move(struct model *to, struct model *from);
void model_release(struct model *m);
struct model_summary model_summarize(const struct model *m);
u64 model_start(const struct model *m, size_t nr);
u64 model_end_addr(const struct model *m);

#endif
