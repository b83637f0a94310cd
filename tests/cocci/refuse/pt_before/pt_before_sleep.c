// SPDX-License-Identifier: GPL-2.0
/* Another file that takes and gives a table: convert/page_tables_view.cocci. */
#include <linux/scatterlist.h>
#include "pt_before.h"

int pt_before_suspend(struct pt_before_card *card, u64 size)
{
	int ret = pt_before_take(card->dev, size, &card->sleep.saved);

	card->sleep.valid = !ret;
	return ret;
}

void pt_before_resume(struct pt_before_card *card)
{
	if (card->sleep.valid) {
		pt_before_give(card->dev, &card->sleep.saved);
		card->sleep.valid = false;
	}
}
