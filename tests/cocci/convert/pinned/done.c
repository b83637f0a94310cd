// SPDX-License-Identifier: GPL-2.0
/* The end of it. */
#include "frame.h"

void screen_done(struct screen *s)
{
	struct frame *f = &s->frame;

	if (f->nr_pieces) {
		dma_unmap_sg(s->dev, f->ents, f->nr_pages, DMA_TO_DEVICE);
		f->nr_pieces = 0;
	}
	unpin_user_pages(f->pages, f->nr_pages);
	f->nr_pages = 0;
}

void screen_init(struct screen *s)
{
	sg_init_table(s->frame.ents, PIECES);
}
