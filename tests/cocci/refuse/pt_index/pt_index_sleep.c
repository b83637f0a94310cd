// SPDX-License-Identifier: GPL-2.0
/* Another file that takes and gives a table: convert/page_tables_view.cocci. */
#include <linux/scatterlist.h>
#include "pt_index.h"

int pt_index_suspend(struct pt_index_card *card, u64 size)
{
	int ret = pt_index_take(card->dev, size, &card->sleep.saved);

	card->sleep.valid = !ret;
	return ret;
}

void pt_index_resume(struct pt_index_card *card)
{
	if (card->sleep.valid) {
		pt_index_give(card->dev, &card->sleep.saved);
		card->sleep.valid = false;
	}
}
