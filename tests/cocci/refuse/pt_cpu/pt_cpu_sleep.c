// SPDX-License-Identifier: GPL-2.0
/* Another file that takes and gives a table: convert/page_tables_view.cocci. */
#include <linux/scatterlist.h>
#include "pt_cpu.h"

int pt_cpu_suspend(struct pt_cpu_card *card, u64 size)
{
	int ret = pt_cpu_take(card->dev, size, &card->sleep.saved);

	card->sleep.valid = !ret;
	return ret;
}

void pt_cpu_resume(struct pt_cpu_card *card)
{
	if (card->sleep.valid) {
		pt_cpu_give(card->dev, &card->sleep.saved);
		card->sleep.valid = false;
	}
}
