// SPDX-License-Identifier: GPL-2.0
/* As convert/hmm_view.cocci wants it, but the walker looks at lengths. */
/* => refused: bridge */
#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/hmm.h>
#include <linux/mmu_notifier.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>

struct npu {
	struct device *dev;
	struct rw_semaphore lock;
};

struct npu_user {
	struct mmu_interval_notifier notifier;
	/** @place: where the table is */
	struct sg_table place;
	/** @list: the table, if there is one */
	struct sg_table *list;
	bool mapped;
	struct mutex mutex;
};

void npu_write_pte(struct npu *npu, u64 at, dma_addr_t addr);
void npu_expect(struct npu *npu, bool what);

void npu_write(struct npu *npu, const struct sg_table *sgt, u64 at)
{
	struct scatterlist *sg;
	int k;

	for_each_sgtable_dma_sg(sgt, sg, k) {
		npu_write_pte(npu, at, sg_dma_address(sg));
		at += sg->length;
	}
}

void npu_write_imported(struct npu *npu, struct dma_buf_attachment *attach, u64 at)
{
	npu_write(npu, dma_buf_map_attachment(attach, DMA_BIDIRECTIONAL), at);
}

void npu_write_user(struct npu *npu, struct npu_user *user, u64 at)
{
	npu_write(npu, user->list, at);
}

static int npu_count(struct npu *npu, struct sg_table *sgt, struct hmm_range *range,
		     struct rw_semaphore *lock)
{
	unsigned long k, pages, pfn;
	unsigned long found = 0;
	int err;

	err = down_read_interruptible(lock);
	if (err)
		return err;

	pages = (range->end - range->start) >> PAGE_SHIFT;
	for (k = 0; k < pages;) {
		unsigned long more;

		pfn = range->hmm_pfns[k];
		more = 1UL << hmm_pfn_to_map_order(pfn);
		more -= (pfn & ~HMM_PFN_FLAGS) & (more - 1);
		k += more;
		found++;
	}
	up_read(lock);

	return sg_alloc_table(sgt, found, GFP_KERNEL);
}

static int npu_list(struct npu *npu, struct hmm_range *range, struct sg_table *sgt,
		    struct rw_semaphore *lock, bool write)
{
	unsigned long pages = (range->end - range->start) >> PAGE_SHIFT;
	struct device *dev = npu->dev;
	struct scatterlist *sg;
	struct page *page;
	unsigned long k, entry;

	lockdep_assert_held(lock);

	k = 0;
	for_each_sg(sgt->sgl, sg, sgt->nents, entry) {
		unsigned long pfn, more;

		pfn = range->hmm_pfns[k];
		page = hmm_pfn_to_page(pfn);
		npu_expect(npu, !is_device_private_page(page));

		more = 1UL << hmm_pfn_to_map_order(pfn);
		more -= page_to_pfn(page) & (more - 1);
		k += more;

		if (unlikely(entry == sgt->nents - 1)) {
			npu_expect(npu, k >= pages);
			if (k > pages)
				more -= (k - pages);

			sg_mark_end(sg);
		} else {
			npu_expect(npu, k < pages);
		}

		sg_set_page(sg, page, more << PAGE_SHIFT, 0);
	}

	return dma_map_sgtable(dev, sgt, write ? DMA_BIDIRECTIONAL : DMA_TO_DEVICE,
			       DMA_ATTR_SKIP_CPU_SYNC | DMA_ATTR_NO_KERNEL_MAPPING);
}

static void npu_unmap(struct npu *npu, struct npu_user *user)
{
	mutex_lock(&user->mutex);
	if (user->list && user->mapped)
		dma_unmap_sgtable(npu->dev, user->list, DMA_BIDIRECTIONAL, 0);
	user->mapped = false;
	mutex_unlock(&user->mutex);
}

void npu_free(struct npu *npu, struct npu_user *user)
{
	npu_unmap(npu, user);
	sg_free_table(user->list);
	user->list = NULL;
}

int npu_populate(struct npu *npu, struct npu_user *owner, struct hmm_range *from, bool write)
{
	struct hmm_range range = *from;
	struct npu_user *user;
	int err;

	user = owner;
	if (user->list)
		npu_free(npu, user);

	err = npu_count(npu, &user->place, &range, &npu->lock);
	if (err)
		goto out;

	err = down_read_interruptible(&npu->lock);
	if (err)
		goto free;

	err = npu_list(npu, &range, &user->place, &npu->lock, write);
	if (err)
		goto unlock;

	user->list = &user->place;
	user->mapped = true;
	up_read(&npu->lock);
	return 0;

unlock:
	up_read(&npu->lock);
free:
	sg_free_table(&user->place);
out:
	return err;
}
