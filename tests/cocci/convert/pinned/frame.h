/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/mm.h>
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
