// SPDX-License-Identifier: GPL-2.0
/*
 * For whom memory is registered: QEMU's "edu" device, a DMA engine on the PCI bus, and
 * one made of software.  Both have just as much of an ib_device as a umem looks at.
 *
 * The edu device also moves bytes from one region to another, by nothing but the DMA
 * blocks of umems, as an adapter would.  It copies between memory and a buffer of its
 * own (tests/edu/edu_regs.h).
 */
#include <linux/dma-mapping.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <rdma/ib_umem.h>
#include <rdma/ib_verbs.h>
#include <rdma/iter.h>

#include "compare.h"
#include "edu_regs.h"
#include "umem_compare.h"

static struct pci_dev *edu;
static void __iomem *edu_regs;
static struct ib_device *devices[2];
static struct ib_device *large;		/* that counts pages in 64 bits, and is edu */

struct ib_device *umem_ib_device(u32 device)
{
	return device < ARRAY_SIZE(devices) ? devices[device] : NULL;
}

/* The bytes of a region, as an adapter finds them: block after block */
struct cursor {
	struct ib_block_iter	blocks;
	u64			size;
	dma_addr_t		addr;
	u64			left;		/* of this block */
};

static void cursor_start(struct cursor *cursor, struct ib_umem *umem, u64 size)
{
	cursor->size = size;
	__rdma_umem_block_iter_start(&cursor->blocks, umem, size);
	__rdma_umem_block_iter_next(&cursor->blocks);
	cursor->addr = rdma_block_iter_dma_address(&cursor->blocks) + (umem->iova & (size - 1));
	cursor->left = size - (umem->iova & (size - 1));
}

static int cursor_advance(struct cursor *cursor, u64 len)
{
	cursor->addr += len;
	cursor->left -= len;
	if (cursor->left)
		return 0;
	if (!__rdma_umem_block_iter_next(&cursor->blocks))
		return -ENODATA;
	cursor->addr = rdma_block_iter_dma_address(&cursor->blocks);
	cursor->left = cursor->size;
	return 0;
}

static int cursor_seek(struct cursor *cursor, u64 off)
{
	u64 bytes;
	int ret = 0;

	for (; off && !ret; off -= bytes) {
		bytes = min(off, cursor->left);
		ret = cursor_advance(cursor, bytes);
	}
	return ret;
}

static int move_bytes(struct cursor *src, struct cursor *dst, u64 len)
{
	u64 bytes;
	int ret;

	for (;;) {
		bytes = min3(len, src->left, dst->left);
		bytes = min_t(u64, bytes, EDU_MAX_SEGMENT);
		ret = edu_dma_wait(edu_regs, src->addr, bytes, false);
		if (!ret)
			ret = edu_dma_wait(edu_regs, dst->addr, bytes, true);
		len -= bytes;
		if (ret || !len)
			return ret;
		ret = cursor_advance(src, bytes);
		if (!ret)
			ret = cursor_advance(dst, bytes);
		if (ret)
			return ret;
	}
}

int umem_device_move(const struct umem_move *move)
{
	unsigned long sizes = move->size ?: ~(BIT(9) - 1), from_size, to_size;
	struct ib_device *device = devices[UMEM_DEVICE_EDU];
	struct ib_umem *from, *to;
	struct cursor src, dst;
	int ret = -EINVAL;

	if (!device || !move->len)
		return -ENODEV;
	from = ib_umem_get(device, move->from, move->len, 0);
	if (IS_ERR(from))
		return PTR_ERR(from);
	to = ib_umem_get(device, move->to, move->len, IB_ACCESS_LOCAL_WRITE);
	if (IS_ERR(to)) {
		ret = PTR_ERR(to);
		goto out_release_from;
	}
	from_size = ib_umem_find_best_pgsz(from, sizes, move->from);
	to_size = ib_umem_find_best_pgsz(to, sizes, move->to);
	if (from_size && to_size) {
		cursor_start(&src, from, from_size);
		cursor_start(&dst, to, to_size);
		ret = move_bytes(&src, &dst, move->len);
	}
	ib_umem_release(to);
out_release_from:
	ib_umem_release(from);
	return ret;
}

int umem_device_move_within(const struct umem_within *within)
{
	struct cursor src, dst;
	struct ib_umem *umem;
	unsigned long size;
	int ret = -EINVAL;

	if (!large || !within->bytes)
		return -ENODEV;
	umem = ib_umem_get(large, within->addr, within->len, IB_ACCESS_LOCAL_WRITE);
	if (IS_ERR(umem))
		return PTR_ERR(umem);
	size = ib_umem_find_best_pgsz(umem, ~(BIT(PAGE_SHIFT) - 1), within->addr);
	if (size) {
		cursor_start(&src, umem, size);
		cursor_start(&dst, umem, size);
		ret = cursor_seek(&src, within->from) ?: cursor_seek(&dst, within->to) ?:
			move_bytes(&src, &dst, within->bytes);
	}
	ib_umem_release(umem);
	return ret;
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int ret;

	ret = pcim_enable_device(pdev);
	if (!ret)
		ret = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	if (!ret)
		ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	/* As RDMA drivers do */
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	pci_set_master(pdev);
	edu_regs = pcim_iomap_table(pdev)[0];
	edu = pdev;
	return 0;
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR_ID, EDU_DEVICE_ID) },
	{}
};

static struct pci_driver edu_driver = {
	.name		= KBUILD_MODNAME,
	.id_table	= edu_ids,
	.probe		= edu_probe,
};

void umem_device_exit(void)
{
	pci_unregister_driver(&edu_driver);
	kfree(devices[UMEM_DEVICE_EDU]);
	kfree(devices[UMEM_DEVICE_VIRTUAL]);
	kfree(large);
}

int umem_device_init(void)
{
	int ret = pci_register_driver(&edu_driver);

	if (ret)
		return ret;
	devices[UMEM_DEVICE_EDU] = kzalloc(sizeof(*devices[0]), GFP_KERNEL);
	devices[UMEM_DEVICE_VIRTUAL] = kzalloc(sizeof(*devices[0]), GFP_KERNEL);
	large = kzalloc(sizeof(*large), GFP_KERNEL);
	if (!edu || !devices[UMEM_DEVICE_EDU] || !devices[UMEM_DEVICE_VIRTUAL] || !large) {
		umem_device_exit();
		return -ENODEV;
	}
	devices[UMEM_DEVICE_EDU]->dma_device = &edu->dev;
	large->dma_device = &edu->dev;
	large->attrs.kernel_cap_flags = IBK_LARGE_UMEM;
	return 0;
}
