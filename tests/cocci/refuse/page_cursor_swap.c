// SPDX-License-Identifier: GPL-2.0
/* The pages that are kept are put in another order: convert/page_cursor.cocci. */
/* => refused: not-a-table */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct element {
	__le64 addr;
	__le32 len;
};

struct image {
	struct page **pages;
	unsigned int nr_pages;
	struct sg_table tab;
	unsigned int nr;
	struct scatterlist *here;
	unsigned int passed;
	unsigned long at;
	bool gone;
};

int image_make(struct image *im, struct page **pages, unsigned int nr, size_t size)
{
	if (sg_alloc_table_from_pages(&im->tab, pages, nr, 0, size, GFP_KERNEL))
		return -ENOMEM;
	im->pages = pages;
	swap(im->pages[0], im->pages[nr - 1]);
	im->nr_pages = nr;
	return 0;
}

struct page *image_page(struct image *im, unsigned long off)
{
	unsigned long at = 0;
	struct scatterlist *sg;
	unsigned int i;

	if (off < im->at || !im->here) {
		im->at = 0;
		im->here = im->tab.sgl;
		im->passed = 0;
	}

	at = im->at;
	for_each_sg(im->here, sg, im->tab.orig_nents - im->passed, i) {
		if (off < sg->length + at) {
			im->here = sg;
			im->passed += i;
			im->at = at;
			return nth_page(sg_page(sg), (off - at) / PAGE_SIZE);
		}
		at += sg->length;
	}
	return NULL;
}

int image_map(struct image *im, struct device *dev, enum dma_data_direction dir,
	      struct element *to)
{
	struct scatterlist *sg;
	int err;
	int i;

	err = dma_map_sgtable(dev, &im->tab, dir, 0);
	if (err)
		return err;

	im->nr = im->tab.nents;
	for_each_sgtable_dma_sg(&im->tab, sg, i) {
		to->addr = cpu_to_le64(sg_dma_address(sg));
		to->len = cpu_to_le32(sg_dma_len(sg));
		to++;
	}
	return 0;
}

void image_free(struct image *im, struct device *dev, enum dma_data_direction dir)
{
	int i = im->nr_pages;

	dma_unmap_sgtable(dev, &im->tab, dir, 0);
	sg_free_table(&im->tab);
	while (i--)
		__free_page(im->pages[i]);
	kvfree(im->pages);
	im->pages = NULL;
	im->gone = true;
}

unsigned int other_bytes(struct sg_table *other)
{
	struct scatterlist *here;
	struct scatterlist *sg;
	unsigned int n = 0;
	int i;

	here = other->sgl;
	for_each_sg(here, sg, other->orig_nents, i)
		n += sg->length;
	return n;
}
