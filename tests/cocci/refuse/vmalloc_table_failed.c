// SPDX-License-Identifier: GPL-2.0
/* As convert/vmalloc_table_view.cocci wants it, but there is another error before. */
/* => refused: bridge */
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <media/videobuf2-dma-sg.h>

struct image {
	int type;
	int bytes;
	u8 *data;
	struct device *dev;

	struct image_place {
		int kind;
		union {
			struct scatterlist one;	/* type 1 */
			struct sg_table many;	/* type 2 */
		};
	} place;
};

struct image_map {
	struct scatterlist *sgl;
	u64 at;
};

void image_write_pte(u64 at, dma_addr_t addr);

static void image_tell(struct image_map *map)
{
	for (; map->sgl; map->sgl = sg_next(map->sgl)) {
		image_write_pte(map->at, sg_dma_address(map->sgl));
		map->at += sg_dma_len(map->sgl);
	}
}

static struct scatterlist *image_list(struct image *image)
{
	return image->type == 1 ? &image->place.one : image->place.many.sgl;
}

void image_map(struct image *image, u64 at)
{
	struct image_map map = {
		.sgl = image_list(image),
		.at = at,
	};

	image_tell(&map);
}

void image_video(struct vb2_buffer *vb, u64 at)
{
	struct image_map map = {
		.sgl = vb2_dma_sg_plane_desc(vb, 0)->sgl,
		.at = at,
	};

	image_tell(&map);
}

struct image_spare {
	struct sg_table pages;
};

static void image_free_pages(struct sg_table *sgt)
{
	struct scatterlist *sg;
	int k;

	for_each_sgtable_sg(sgt, sg, k) {
		__free_page(sg_page(sg));
	}
}

void image_clear(struct image_spare *spare)
{
	struct scatterlist *sg;
	int k;

	for_each_sgtable_sg(&spare->pages, sg, k) {
		memset(sg_virt(sg), 0, sg->length);
	}
	image_free_pages(&spare->pages);
}

static u64 image_count(struct sg_table *sgt)
{
	struct scatterlist *sg;
	u64 bytes = 0;
	int k;

	for_each_sgtable_dma_sg(sgt, sg, k) {
		bytes += sg_dma_len(sg);
	}
	return bytes;
}

u64 image_size(struct image *image)
{
	return image_count(&image->place.many);
}

int image_load(struct image *image, const void *from, int len)
{
	image->bytes = len;
	switch (image->type) {
	case 2:
		len = ALIGN(image->bytes, PAGE_SIZE);

		image->data = vmalloc(len);
		if (image->data) {
			int count = len >> PAGE_SHIFT;
			int err = 0;

			err = memcmp(image->data, from, image->bytes);

			err = sg_alloc_table(&image->place.many, count, GFP_KERNEL);
			if (err == 0) {
				struct scatterlist *entry;
				u8 *at = image->data;
				int k;

				for_each_sgtable_sg(&image->place.many, entry, k) {
					struct page *page = vmalloc_to_page(at);

					if (!page) {
						err = -EFAULT;
						break;
					}

					sg_set_page(entry, page, PAGE_SIZE, 0);
					at += PAGE_SIZE;
				}

				if (err == 0) {
					err = dma_map_sgtable(image->dev, &image->place.many,
							      DMA_TO_DEVICE, 0);
				}

				if (err)
					sg_free_table(&image->place.many);
			}

			if (err) {
				vfree(image->data);
				image->data = NULL;
			}
		}
		break;
	default:
		return -EINVAL;
	}

	return image->data ? 0 : -ENOMEM;
}

void image_free(struct image *image)
{
	if (image->type == 2) {
		dma_unmap_sgtable(image->dev, &image->place.many, DMA_TO_DEVICE, 0);
		sg_free_table(&image->place.many);
		vfree(image->data);
	}
}
