// SPDX-License-Identifier: GPL-2.0
/* A signal ends it before the pages are mapped: convert/pinned_array.cocci. */
/* => refused: embedded */
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/scatterlist.h>

#define PIECES 256

struct piece {
	__le32 from;
	__le32 to;
	__le32 len;
};

struct frame {
	int nr_pages;
	struct page *pages[PIECES];
	struct page *low[PIECES];
	struct piece pieces[PIECES];
	int nr_pieces;
	struct scatterlist ents[PIECES];
};

struct span {
	unsigned int nr;
	unsigned int start;
	unsigned int end;
};

struct screen {
	struct device *dev;
	struct frame frame;
};

int frame_set(struct frame *f, struct span *s, int at);
void frame_pieces(struct frame *f, u32 to, u32 other, u32 split);

int frame_set(struct frame *f, struct span *s, int at)
{
	unsigned int i, off = s->start;

	if (at < 0)
		return at;
	for (i = 0; i < s->nr; i++) {
		unsigned int len = (i == s->nr - 1 ? s->end : PAGE_SIZE) - off;

		if (PageHighMem(f->pages[at])) {
			if (!f->low[at])
				f->low[at] = alloc_page(GFP_KERNEL);
			if (!f->low[at])
				return -1;
			copy_highpage(f->low[at], f->pages[at]);
			sg_set_page(&f->ents[at], f->low[at], len, off);
		} else {
			sg_set_page(&f->ents[at], f->pages[at], len, off);
		}
		off = 0;
		at++;
	}
	return at;
}

void frame_pieces(struct frame *f, u32 to, u32 other, u32 split)
{
	int i;
	struct scatterlist *sg;

	for_each_sg(f->ents, sg, f->nr_pieces, i) {
		f->pieces[i].len = cpu_to_le32(sg_dma_len(sg));
		f->pieces[i].from = cpu_to_le32(sg_dma_address(sg));
		f->pieces[i].to = cpu_to_le32(to);
		to += sg_dma_len(sg);

		split -= sg_dma_len(sg);
		if (split == 0)
			to = other;
	}
}

int screen_put(struct screen *s, unsigned long uaddr, struct span *span)
{
	struct frame *f = &s->frame;

	f->nr_pages = pin_user_pages_unlocked(uaddr, span->nr, f->pages, 0);
	if (f->nr_pages != span->nr)
		return -EFAULT;
	if (frame_set(f, span, 0) < 0) {
		dev_dbg(s->dev, "no bounce pages\n");
		unpin_user_pages(f->pages, f->nr_pages);
		f->nr_pages = 0;
		return -ENOMEM;
	}
	if (signal_pending(current)) {
		unpin_user_pages(f->pages, f->nr_pages);
		f->nr_pages = 0;
		return -EINTR;
	}
	f->nr_pieces = dma_map_sg(s->dev, f->ents, f->nr_pages, DMA_TO_DEVICE);
	if (!f->nr_pieces) {
		dev_dbg(s->dev, "not mapped\n");
		unpin_user_pages(f->pages, f->nr_pages);
		f->nr_pages = 0;
		return -EINVAL;
	}
	frame_pieces(f, 0, 0, -1);
	return 0;
}

int screen_planes(struct screen *s, struct span *y, struct span *uv)
{
	struct frame *f = &s->frame;

	if (frame_set(f, uv, frame_set(f, y, 0)) < 0) {
		dev_dbg(s->dev, "no bounce pages\n");
		unpin_user_pages(f->pages, f->nr_pages);
		f->nr_pages = 0;
		return -ENOMEM;
	}
	f->nr_pieces = dma_map_sg(s->dev, f->ents, f->nr_pages, DMA_TO_DEVICE);
	if (!f->nr_pieces) {
		dev_dbg(s->dev, "not mapped\n");
		unpin_user_pages(f->pages, f->nr_pages);
		f->nr_pages = 0;
		return -EINVAL;
	}
	frame_pieces(f, 0x1000, 0x80000, y->end);
	return 0;
}

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
