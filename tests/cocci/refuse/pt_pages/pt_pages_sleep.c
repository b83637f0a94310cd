// SPDX-License-Identifier: GPL-2.0
/* Another file that takes and gives a table: convert/page_tables_view.cocci. */
#include <linux/scatterlist.h>
#include "pt_pages.h"

int pt_pages_suspend(struct pt_pages_card *card, u64 size)
{
	int ret = pt_pages_take(card->dev, size, &card->sleep.saved);

	card->sleep.valid = !ret;
	return ret;
}

void pt_pages_resume(struct pt_pages_card *card)
{
	if (card->sleep.valid) {
		pt_pages_give(card->dev, &card->sleep.saved);
		card->sleep.valid = false;
	}
}
