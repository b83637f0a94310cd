// SPDX-License-Identifier: GPL-2.0
/* Another file that takes and gives a table: convert/page_tables_view.cocci. */
#include <linux/scatterlist.h>
#include "page_tables.h"

int leaf_suspend(struct leaf_card *card, u64 size)
{
	int ret = leaf_take(card->dev, size, &card->sleep.saved);

	card->sleep.valid = !ret;
	return ret;
}

void leaf_resume(struct leaf_card *card)
{
	if (card->sleep.valid) {
		leaf_give(card->dev, &card->sleep.saved);
		card->sleep.valid = false;
	}
}
