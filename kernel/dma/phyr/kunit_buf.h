/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Buffers for the KUnit suites of dma_map_phyr().
 *
 * A test knows where it put each byte of a buffer, because it keeps an array of
 * the pieces that it appended to the list; nothing here asks the list.
 */
#ifndef _KERNEL_DMA_PHYR_KUNIT_BUF_H
#define _KERNEL_DMA_PHYR_KUNIT_BUF_H

#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/phyr.h>

#define KBUF_MAX_PIECES	80
#define KBUF_AREA_PAGES	256

enum kbuf_layout {
	KBUF_ONE_PAGE,
	KBUF_SCATTERED,
	KBUF_CONTIGUOUS,
	KBUF_ODD_ENDS,
	KBUF_ODD_INSIDE,
	KBUF_RUNS_OF_PAGES,
	KBUF_FEW_BYTES,
	KBUF_ODD_CONTIGUOUS,
	KBUF_KEPT_APART,
	KBUF_NR_LAYOUTS,
};

struct kbuf {
	struct {
		u8		*vaddr;
		size_t		len;
	} piece[KBUF_MAX_PIECES];
	unsigned int		nr;
	size_t			len;
	u8			*area;		/* KBUF_AREA_PAGES pages */
	struct phyr_list	list;
};

static inline void kbuf_add_range(struct kunit *test, struct kbuf *buf, u8 *vaddr, size_t len,
				  bool merge)
{
	phys_addr_t phys = virt_to_phys(vaddr);
	int ret;

	KUNIT_ASSERT_LT(test, buf->nr, KBUF_MAX_PIECES);
	ret = merge ? phyr_list_append(&buf->list, phys, len, GFP_KERNEL) :
		      phyr_list_append_unmerged(&buf->list, phys, len, GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, ret, 0);
	buf->piece[buf->nr].vaddr = vaddr;
	buf->piece[buf->nr++].len = len;
	buf->len += len;
}

static inline void kbuf_add(struct kunit *test, struct kbuf *buf, u8 *vaddr, size_t len)
{
	kbuf_add_range(test, buf, vaddr, len, true);
}

static inline void kbuf_free(void *data)
{
	struct kbuf *buf = data;

	phyr_list_release(&buf->list);
	free_pages((unsigned long)buf->area, get_order(KBUF_AREA_PAGES * PAGE_SIZE));
}

static inline struct kbuf *kbuf_new(struct kunit *test)
{
	struct kbuf *buf = kunit_kzalloc(test, sizeof(*buf), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	buf->area = (u8 *)__get_free_pages(GFP_KERNEL | __GFP_ZERO,
					   get_order(KBUF_AREA_PAGES * PAGE_SIZE));
	KUNIT_ASSERT_NOT_NULL(test, buf->area);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, kbuf_free, buf), 0);
	return buf;
}

/* Empty the buffer and lay it out anew in its area */
static inline void kbuf_lay_out(struct kunit *test, struct kbuf *buf, enum kbuf_layout layout)
{
	u8 *area = buf->area;
	unsigned int i;

	phyr_list_release(&buf->list);
	buf->nr = 0;
	buf->len = 0;
	switch (layout) {
	case KBUF_ONE_PAGE:
		kbuf_add(test, buf, area + 3 * PAGE_SIZE, PAGE_SIZE);
		break;
	case KBUF_SCATTERED:
		for (i = 0; i < 64; i++)
			kbuf_add(test, buf, area + (128 - 2 * i) * PAGE_SIZE, PAGE_SIZE);
		break;
	case KBUF_CONTIGUOUS:
		kbuf_add(test, buf, area, 128 * PAGE_SIZE);
		break;
	case KBUF_ODD_ENDS:
		kbuf_add(test, buf, area + 4 * PAGE_SIZE + 1234, PAGE_SIZE - 1234);
		for (i = 0; i < 20; i++)
			kbuf_add(test, buf, area + (60 - 2 * i) * PAGE_SIZE, PAGE_SIZE);
		kbuf_add(test, buf, area + 2 * PAGE_SIZE, 777);
		break;
	case KBUF_ODD_INSIDE:
		for (i = 0; i < 30; i++)
			kbuf_add(test, buf, area + (3 * i + 1) * PAGE_SIZE + 97 * i,
				 1 + (i * 611) % (2 * PAGE_SIZE));
		break;
	case KBUF_RUNS_OF_PAGES:
		for (i = 0; i < 8; i++)
			kbuf_add(test, buf, area + (7 - i) * 18 * PAGE_SIZE, 16 * PAGE_SIZE);
		break;
	case KBUF_FEW_BYTES:
		kbuf_add(test, buf, area + PAGE_SIZE - 3, 7);
		break;
	case KBUF_ODD_CONTIGUOUS:
		kbuf_add(test, buf, area + 512, 120 * PAGE_SIZE + 300);
		break;
	case KBUF_KEPT_APART:
		/* Two follow on each other inside a page, two where a page ends */
		kbuf_add(test, buf, area + PAGE_SIZE, PAGE_SIZE + 1000);
		kbuf_add_range(test, buf, area + 2 * PAGE_SIZE + 1000, 3 * PAGE_SIZE - 1000, false);
		kbuf_add_range(test, buf, area + 5 * PAGE_SIZE, PAGE_SIZE, false);
		kbuf_add(test, buf, area + 8 * PAGE_SIZE, PAGE_SIZE);
		break;
	default:
		KUNIT_FAIL(test, "no layout %d", layout);
	}
}

/* Where byte @pos of the buffer is */
static inline u8 *kbuf_at(struct kbuf *buf, size_t pos)
{
	unsigned int i;

	for (i = 0; pos >= buf->piece[i].len; i++)
		pos -= buf->piece[i].len;
	return buf->piece[i].vaddr + pos;
}

/* How many bytes are left of its piece, from byte @pos on */
static inline size_t kbuf_piece_left(struct kbuf *buf, size_t pos)
{
	unsigned int i;

	for (i = 0; pos >= buf->piece[i].len; i++)
		pos -= buf->piece[i].len;
	return buf->piece[i].len - pos;
}

/* A byte that tells of its position */
static inline u8 kbuf_pattern(size_t pos, u8 seed)
{
	return (pos * 131 + (pos >> 8) * 7 + (pos >> 16) + seed) & 0xff;
}

static inline void kbuf_fill(struct kbuf *buf, u8 seed)
{
	size_t pos = 0, j;
	unsigned int i;

	for (i = 0; i < buf->nr; i++)
		for (j = 0; j < buf->piece[i].len; j++, pos++)
			buf->piece[i].vaddr[j] = kbuf_pattern(pos, seed);
}

/* The first position at which the buffer has no such pattern, its length if none */
static inline size_t kbuf_find_wrong(struct kbuf *buf, u8 seed)
{
	size_t pos = 0, j;
	unsigned int i;

	for (i = 0; i < buf->nr; i++)
		for (j = 0; j < buf->piece[i].len; j++, pos++)
			if (buf->piece[i].vaddr[j] != kbuf_pattern(pos, seed))
				return pos;
	return pos;
}

#endif /* _KERNEL_DMA_PHYR_KUNIT_BUF_H */
