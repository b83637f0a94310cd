// SPDX-License-Identifier: GPL-2.0
/*
 * Whether an MR still has the memory of the process: a file in debugfs, which a key is written
 * to.  The pages that are pinned are compared with those that the process would write to now,
 * all of them, where the device could look at a few bytes only.
 */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <rdma/ib_umem.h>

#include "hca.h"

static ssize_t hca_look_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	struct hca *hca = file->private_data;
	unsigned int others = 0;
	struct ib_umem_page_iter iter;
	struct page *page, *now;
	struct hca_mr *mr;
	unsigned long addr;
	u32 key;
	int ret;

	ret = kstrtou32_from_user(buf, len, 10, &key);
	if (ret)
		return ret;
	/* Who asks is who would deregister it */
	mr = xa_load(&hca->mrs, key >> 8);
	if (!mr || !mr->umem || mr->umem->is_dmabuf)
		return -ENOENT;
	addr = mr->umem->address & PAGE_MASK;
	ib_umem_page_iter_start(&iter, mr->umem);
	while ((page = ib_umem_page_iter_next(&iter))) {
		/* What may not be written to at the moment cannot be compared */
		if (get_user_pages_fast(addr, 1, FOLL_WRITE, &now) == 1) {
			others += now != page;
			put_page(now);
		}
		addr += PAGE_SIZE;
		cond_resched();
	}
	return others ? -ESTALE : len;
}

static const struct file_operations hca_look_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= hca_look_write,
};

void hca_look_start(struct hca *hca)
{
	hca->look = debugfs_create_file("edu_hca_look", 0200, NULL, hca, &hca_look_fops);
}

void hca_look_stop(struct hca *hca)
{
	debugfs_remove(hca->look);
}
