// SPDX-License-Identifier: GPL-2.0
/* As convert/chunk_tables_view.cocci wants it, but empty tables are told otherwise. */
/* => refused: bridge */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <drm/drm_gem_shmem_helper.h>

#define CHUNK_PAGES	512

struct heap {
	struct drm_gem_shmem_object	shmem;
	struct page			**pages;
	struct sg_table			*tables;
	unsigned long			nr_chunks;
};

void heap_write_pte(struct device *dev, u64 iova, dma_addr_t addr, size_t len);

static int heap_tell(struct device *dev, u64 iova, struct sg_table *sgt)
{
	struct scatterlist *sg;
	unsigned int k;

	for_each_sgtable_dma_sg(sgt, sg, k) {
		heap_write_pte(dev, iova, sg_dma_address(sg), sg_dma_len(sg));
		iova += sg_dma_len(sg);
	}
	return 0;
}

int heap_fault(struct device *dev, struct heap *heap, unsigned long chunk, u64 iova)
{
	struct sg_table *table;
	int ret;

	if (!heap->tables) {
		heap->tables = kvmalloc_array(heap->nr_chunks, sizeof(struct sg_table),
					      GFP_KERNEL | __GFP_ZERO);
		if (!heap->tables)
			return -ENOMEM;
	}

	table = &heap->tables[chunk];
	ret = sg_alloc_table_from_pages(table, heap->pages + chunk * CHUNK_PAGES, CHUNK_PAGES, 0,
					CHUNK_PAGES * PAGE_SIZE, GFP_KERNEL);
	if (ret)
		return ret;
	ret = dma_map_sgtable(dev, table, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto free_table;
	heap_tell(dev, iova, table);
	return 0;

free_table:
	sg_free_table(table);
	return ret;
}

void heap_free(struct device *dev, struct heap *heap)
{
	unsigned long k;

	for (k = 0; k < heap->nr_chunks; k++) {
		if (heap->tables[k].nents) {
			dma_unmap_sgtable(dev, &heap->tables[k], DMA_BIDIRECTIONAL, 0);
			sg_free_table(&heap->tables[k]);
		}
	}
	kvfree(heap->tables);
}

int heap_map_all(struct device *dev, struct heap *heap, u64 iova)
{
	struct sg_table *sgt = drm_gem_shmem_get_pages_sgt(&heap->shmem);

	return IS_ERR(sgt) ? PTR_ERR(sgt) : heap_tell(dev, iova, sgt);
}
