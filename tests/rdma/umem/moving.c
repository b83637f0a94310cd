// SPDX-License-Identifier: GPL-2.0
/*
 * A dma-buf whose memory moves while it is registered, and one that is taken away: the umem
 * is unmapped when the exporter says so, and what is mapped again is where the memory is
 * then.  The exporter knows its pages, which is what DMA blocks are compared with.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/dma-buf.h>
#include <linux/dma-mapping.h>
#include <linux/dma-resv.h>
#include <linux/fdtable.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <rdma/ib_umem.h>
#include <rdma/ib_verbs.h>
#include <rdma/iter.h>

#include "compare.h"

MODULE_IMPORT_NS(DMA_BUF);

#define NR	24
/* The umem begins and ends inside of pages */
#define FIRST	3
#define OFFSET	(FIRST * PAGE_SIZE + 100)
#define LENGTH	(17 * PAGE_SIZE + 7)

struct moving {
	struct page	*pages[2 * NR];
	unsigned int	place;		/* 0 or 1: which half of them it is */
	unsigned int	nr;		/* pages that are mapped */
	int		mapped;
	int		pinned;
	int		revoked;
	struct dma_buf	*dmabuf;
	struct ib_device *device;
};

#define differ(fmt, ...)						\
({									\
	pr_err("moving: " fmt "\n", ##__VA_ARGS__);			\
	-EIO;								\
})

/* The pages in an order in which few are neighbours */
static struct page *page_at(const struct moving *m, unsigned int i)
{
	return m->pages[m->place * NR + i * 7 % NR];
}

static struct sg_table *moving_map(struct dma_buf_attachment *attach, enum dma_data_direction dir)
{
	struct moving *m = attach->dmabuf->priv;
	struct page *pages[NR];
	struct sg_table *sgt;
	int ret;

	sgt = kzalloc(sizeof(*sgt), GFP_KERNEL);
	if (!sgt)
		return ERR_PTR(-ENOMEM);
	for (unsigned int i = 0; i < m->nr; i++)
		pages[i] = page_at(m, i);
	ret = sg_alloc_table_from_pages(sgt, pages, m->nr, 0, m->nr * PAGE_SIZE, GFP_KERNEL);
	if (ret)
		goto out_free;
	ret = dma_map_sgtable(attach->dev, sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
	if (ret)
		goto out_free_table;
	m->mapped++;
	return sgt;

out_free_table:
	sg_free_table(sgt);
out_free:
	kfree(sgt);
	return ERR_PTR(ret);
}

static void moving_unmap(struct dma_buf_attachment *attach, struct sg_table *sgt,
			 enum dma_data_direction dir)
{
	struct moving *m = attach->dmabuf->priv;

	dma_unmap_sgtable(attach->dev, sgt, dir, DMA_ATTR_SKIP_CPU_SYNC);
	sg_free_table(sgt);
	kfree(sgt);
	m->mapped--;
}

static int moving_pin(struct dma_buf_attachment *attach)
{
	struct moving *m = attach->dmabuf->priv;

	m->pinned++;
	return 0;
}

static void moving_unpin(struct dma_buf_attachment *attach)
{
	struct moving *m = attach->dmabuf->priv;

	m->pinned--;
}

static void moving_release(struct dma_buf *dmabuf)
{
}

static const struct dma_buf_ops moving_ops = {
	.pin		= moving_pin,
	.unpin		= moving_unpin,
	.map_dma_buf	= moving_map,
	.unmap_dma_buf	= moving_unmap,
	.release	= moving_release,
};

static void importer_moved(struct dma_buf_attachment *attach)
{
	ib_umem_dmabuf_unmap_pages(attach->importer_priv);
}

static const struct dma_buf_attach_ops importer_ops = {
	.allow_peer2peer	= true,
	.move_notify		= importer_moved,
};

static int check_blocks(const struct moving *m, struct ib_umem *umem)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(m->device->dma_device);
	unsigned int i = FIRST;
	struct ib_block_iter blocks;

	if (domain && !(domain->type & __IOMMU_DOMAIN_DMA_API))
		domain = NULL;
	rdma_umem_for_each_dma_block(umem, &blocks, PAGE_SIZE) {
		dma_addr_t addr = rdma_block_iter_dma_address(&blocks);

		if ((domain ? iommu_iova_to_phys(domain, addr) : addr) !=
		    page_to_phys(page_at(m, i)))
			return differ("block %u is not page %u", i - FIRST, i);
		i++;
	}
	if (i != (OFFSET + LENGTH - 1) / PAGE_SIZE + 1)
		return differ("%u blocks", i - FIRST);
	return 0;
}

/* The exporter moves the memory, or what it says is a move, to its other pages */
static void move(struct moving *m)
{
	dma_resv_lock(m->dmabuf->resv, NULL);
	m->place ^= 1;
	dma_buf_move_notify(m->dmabuf);
	dma_resv_unlock(m->dmabuf->resv);
}

static int map_and_check(struct moving *m, struct ib_umem_dmabuf *umem)
{
	int ret;

	dma_resv_lock(m->dmabuf->resv, NULL);
	ret = ib_umem_dmabuf_map_pages(umem);
	if (!ret)
		ret = check_blocks(m, &umem->umem);
	dma_resv_unlock(m->dmabuf->resv);
	return ret;
}

static int run_moves(struct moving *m, int fd)
{
	struct ib_umem_dmabuf *umem;
	int ret;

	umem = ib_umem_dmabuf_get(m->device, OFFSET, LENGTH, fd, IB_ACCESS_LOCAL_WRITE,
				  &importer_ops);
	if (IS_ERR(umem))
		return PTR_ERR(umem);
	for (unsigned int i = 0; i < 4; i++) {
		ret = map_and_check(m, umem);
		/* Once more, with nothing in between */
		ret = ret ?: map_and_check(m, umem);
		if (ret)
			goto out;
		if (m->mapped != 1)
			ret = differ("mapped %d times", m->mapped);
		move(m);
		if (m->mapped)
			ret = differ("still mapped after a move");
		if (ret)
			goto out;
	}
	/* An exporter that has mapped nothing where the umem is */
	m->nr = FIRST;
	ret = map_and_check(m, umem);
	m->nr = NR;
	if (m->mapped)
		ret = differ("what has no part of the umem is still mapped");
	else if (ret == -ENODATA)
		ret = map_and_check(m, umem);
	else if (ret != -ENOMEM)
		ret = differ("a table without a part of the umem: %d", ret);
out:
	/* Mapped, or not if something failed */
	ib_umem_release(&umem->umem);
	return ret;
}

static void revoked(void *data)
{
	struct moving *m = data;

	m->revoked++;
}

static int run_revoke(struct moving *m, int fd, bool moves)
{
	struct ib_umem_dmabuf *umem;
	int ret;

	m->revoked = 0;
	umem = ib_umem_dmabuf_get_pinned_revocable_and_lock(m->device, OFFSET, LENGTH, fd,
							    IB_ACCESS_LOCAL_WRITE);
	if (IS_ERR(umem))
		return PTR_ERR(umem);
	ib_umem_dmabuf_set_revoke_locked(umem, revoked, m);
	ret = check_blocks(m, &umem->umem);
	dma_resv_unlock(m->dmabuf->resv);
	if (moves) {
		move(m);
		if (m->revoked != 1 || m->mapped || m->pinned)
			ret = differ("revoked %d times, %d mapped, %d pinned", m->revoked,
				     m->mapped, m->pinned);
		if (map_and_check(m, umem) != -EINVAL)
			ret = differ("mapped again after it was revoked");
	}
	ib_umem_release(&umem->umem);
	if (m->revoked != 1)
		ret = differ("revoked %d times in the end", m->revoked);
	return ret;
}

int umem_moving(u32 device)
{
	DEFINE_DMA_BUF_EXPORT_INFO(info);
	struct moving *m;
	int fd, ret;

	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	ret = -ENODEV;
	m->device = umem_ib_device(device);
	if (!m->device || !m->device->dma_device)
		goto out_free;
	m->nr = NR;
	ret = -ENOMEM;
	for (unsigned int i = 0; i < ARRAY_SIZE(m->pages); i++) {
		m->pages[i] = alloc_page(GFP_KERNEL);
		if (!m->pages[i])
			goto out_free;
	}
	info.ops = &moving_ops;
	info.size = NR * PAGE_SIZE;
	info.flags = O_RDWR | O_CLOEXEC;
	info.priv = m;
	m->dmabuf = dma_buf_export(&info);
	ret = PTR_ERR_OR_ZERO(m->dmabuf);
	if (ret)
		goto out_free;
	get_dma_buf(m->dmabuf);
	fd = dma_buf_fd(m->dmabuf, O_CLOEXEC);
	if (fd < 0) {
		ret = fd;
		dma_buf_put(m->dmabuf);
	} else {
		ret = run_moves(m, fd);
		ret = ret ?: run_revoke(m, fd, true);
		ret = ret ?: run_revoke(m, fd, false);
		filp_close(file_close_fd(fd), NULL);
	}
	if (m->mapped || m->pinned)
		ret = differ("%d mapped and %d pinned in the end", m->mapped, m->pinned);
	dma_buf_put(m->dmabuf);
	/* The last reference of the file is dropped behind the ioctl, and needs it no more */
out_free:
	for (unsigned int i = 0; i < ARRAY_SIZE(m->pages); i++)
		if (m->pages[i])
			__free_page(m->pages[i]);
	kfree(m);
	return ret;
}
