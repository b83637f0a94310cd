// SPDX-License-Identifier: GPL-2.0
/* Another file that takes and gives a table: convert/page_tables_view.cocci. */
#include <linux/scatterlist.h>
#include "pt_other.h"

int pt_other_suspend(struct pt_other_card *card, u64 size)
{
	int ret = pt_other_take(card->dev, size, &card->sleep.saved);

	card->sleep.valid = !ret;
	return ret;
}

void pt_other_resume(struct pt_other_card *card)
{
	if (card->sleep.valid) {
		pt_other_give(card->dev, &card->sleep.saved);
		card->sleep.valid = false;
	}
}
