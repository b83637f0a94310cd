// SPDX-License-Identifier: GPL-2.0
/* Another file that takes and gives a table: convert/page_tables_view.cocci. */
#include <linux/scatterlist.h>
#include "pt_entry.h"

int pt_entry_suspend(struct pt_entry_card *card, u64 size)
{
	int ret = pt_entry_take(card->dev, size, &card->sleep.saved);

	card->sleep.valid = !ret;
	return ret;
}

void pt_entry_resume(struct pt_entry_card *card)
{
	if (card->sleep.valid) {
		pt_entry_give(card->dev, &card->sleep.saved);
		card->sleep.valid = false;
	}
}
