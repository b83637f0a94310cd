// SPDX-License-Identifier: GPL-2.0
/*
 * Memory to move bytes from and to: pages that are scattered, and a block that is contiguous.
 * Ranges of it in nine ways; and whether bytes arrived where they should, and only there.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmr.h"

#define KMR_PAGES	600
#define KMR_ORDER	9
#define KMR_BLOCK	(PAGE_SIZE << KMR_ORDER)

#define NEAR_POISON	0xa5
#define FAR_POISON	0x5a

static void *pages[KMR_PAGES];
static void *block;

void kmr_memory_exit(void)
{
	int i;

	for (i = 0; i < KMR_PAGES; i++)
		free_page((unsigned long)pages[i]);
	free_pages((unsigned long)block, KMR_ORDER);
}

int kmr_memory_init(void)
{
	int i;

	block = (void *)__get_free_pages(GFP_KERNEL | __GFP_COMP, KMR_ORDER);
	for (i = 0; i < KMR_PAGES; i++)
		pages[i] = (void *)__get_free_page(GFP_KERNEL);
	for (i = 0; i < KMR_PAGES && block; i++)
		if (!pages[i])
			break;
	if (i == KMR_PAGES)
		return 0;
	kmr_memory_exit();
	return -ENOMEM;
}

static void add(struct kmr_memory *mem, void *addr, u32 len)
{
	mem->range[mem->nr++] = (struct kmr_range) { .addr = addr, .len = len };
	mem->bytes += len;
}

/* From @first of the first page to @last of the last */
static void add_scattered(struct kmr_memory *mem, u32 nr, u32 first, u32 last)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		u32 from = i ? 0 : first, to = i == nr - 1 ? last : PAGE_SIZE;

		/* In disorder: neighbours would be one range */
		add(mem, pages[i * 7 % KMR_PAGES] + from, to - from);
	}
}

static void make_ranges(struct kmr_memory *mem, unsigned int kind, u32 mr_pages)
{
	u32 i;

	switch (kind) {
	case 0:
		mem->name = "a page";
		add(mem, pages[5], PAGE_SIZE);
		break;
	case 1:
		mem->name = "a few bytes";
		add(mem, pages[5] + 123, 7);
		break;
	case 2:
		mem->name = "contiguous, across pages";
		add(mem, block + 777, 3 * PAGE_SIZE + 5);
		break;
	case 3:
		mem->name = "scattered pages";
		add_scattered(mem, 20, 0, PAGE_SIZE);
		break;
	case 4:
		mem->name = "scattered, from inside a page to inside another";
		add_scattered(mem, 20, 1001, 99);
		break;
	case 5:
		mem->name = "pieces of pages";
		mem->list_only = true;
		for (i = 0; i < 24; i++)
			add(mem, pages[i * 11] + 100 + 3 * i, 300 + 5 * i);
		break;
	case 6:
		mem->name = "scattered, more than an MR has pages";
		add_scattered(mem, mr_pages + 20, 5, 4090);
		break;
	case 7:
		mem->name = "contiguous, twice what an MR has pages";
		mem->list_only = true;
		add(mem, block, min(2 * mr_pages * PAGE_SIZE, KMR_BLOCK));
		break;
	case 8:
		mem->name = "contiguous and scattered";
		add(mem, block + 13, 9 * PAGE_SIZE - 13);
		add_scattered(mem, 5, 0, PAGE_SIZE);
		add(mem, block + 16 * PAGE_SIZE, 10 * PAGE_SIZE + 3);
		break;
	}
}

/**
 * kmr_memory_get() - Some memory
 * @mem: where to put what describes it
 * @kind: which, below KMR_KINDS
 * @mr_pages: how many pages an MR has, which some are to exceed
 *
 * Return: 0; -ENOMEM.
 */
int kmr_memory_get(struct kmr_memory *mem, unsigned int kind, u32 mr_pages)
{
	int ret = 0;
	u32 i;

	*mem = (struct kmr_memory) { .list = PHYR_LIST_INIT };
	mem->range = kvcalloc(KMR_PAGES, sizeof(*mem->range), GFP_KERNEL);
	if (!mem->range)
		return -ENOMEM;
	make_ranges(mem, kind, mr_pages);
	for (i = 0; i < mem->nr && !ret; i++)
		ret = phyr_list_append_kaddr(&mem->list, mem->range[i].addr, mem->range[i].len,
					     GFP_KERNEL);
	if (ret)
		kmr_memory_put(mem);
	return ret;
}

void kmr_memory_put(struct kmr_memory *mem)
{
	phyr_list_release(&mem->list);
	kvfree(mem->range);
}

int kmr_memory_table(const struct kmr_memory *mem, u64 off, struct sg_table *sgt)
{
	struct scatterlist *sg;
	u32 i, first = 0;
	int ret;

	for (; off >= mem->range[first].len; first++)
		off -= mem->range[first].len;
	ret = sg_alloc_table(sgt, mem->nr - first, GFP_KERNEL);
	if (ret)
		return ret;
	for_each_sg(sgt->sgl, sg, sgt->nents, i) {
		const struct kmr_range *range = mem->range + first + i;

		sg_set_buf(sg, range->addr + off, range->len - off);
		off = 0;
	}
	return 0;
}

/* For each piece of a copy that is contiguous, with where it is at either end */
static int walk_pieces(const struct kmr_copy *copy, int (*fn)(void *near, void *far, u64 len))
{
	void *far = copy->kmr->remote.buf + copy->at;
	u64 off = copy->off, left = copy->len;
	int ret = 0;
	u32 i;

	for (i = 0; i < copy->mem->nr && left && !ret; i++) {
		const struct kmr_range *range = copy->mem->range + i;
		u64 len;

		if (off >= range->len) {
			off -= range->len;
			continue;
		}
		len = min(range->len - off, left);
		ret = fn(range->addr + off, far, len);
		off = 0;
		far += len;
		left -= len;
	}
	return ret;
}

static int randomize_near(void *near, void *far, u64 len)
{
	get_random_bytes(near, len);
	return 0;
}

static int compare(void *near, void *far, u64 len)
{
	return memcmp(near, far, len) ? -EIO : 0;
}

static int poison_near(void *near, void *far, u64 len)
{
	memset(near, NEAR_POISON, len);
	return 0;
}

static int near_is_poison(void)
{
	int i;

	for (i = 0; i < KMR_PAGES; i++)
		if (memchr_inv(pages[i], NEAR_POISON, PAGE_SIZE))
			return -EIO;
	return memchr_inv(block, NEAR_POISON, KMR_BLOCK) ? -EIO : 0;
}

void kmr_copy_prepare(const struct kmr_copy *copy)
{
	struct kmr_remote *remote = &copy->kmr->remote;
	int i;

	for (i = 0; i < KMR_PAGES; i++)
		memset(pages[i], NEAR_POISON, PAGE_SIZE);
	memset(block, NEAR_POISON, KMR_BLOCK);
	memset(remote->buf, FAR_POISON, remote->size);
	if (copy->to_mem)
		get_random_bytes(remote->buf + copy->at, copy->len);
	else
		walk_pieces(copy, randomize_near);
}

int kmr_copy_check(const struct kmr_copy *copy)
{
	struct kmr_remote *remote = &copy->kmr->remote;

	if (walk_pieces(copy, compare)) {
		pr_err("%s: other bytes arrived\n", copy->mem->name);
		return -EIO;
	}
	walk_pieces(copy, poison_near);
	memset(remote->buf + copy->at, FAR_POISON, copy->len);
	if (near_is_poison() || memchr_inv(remote->buf, FAR_POISON, remote->size)) {
		pr_err("%s: bytes arrived elsewhere\n", copy->mem->name);
		return -EIO;
	}
	return 0;
}
