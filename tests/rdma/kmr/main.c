// SPDX-License-Identifier: GPL-2.0
/*
 * Loading the module runs the tests on a device, each of which is a line of the log.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/slab.h>

#include "kmr.h"

static char *dev = "";
module_param(dev, charp, 0444);
MODULE_PARM_DESC(dev, "Name of the device, and of the tests");

static char *addr;
module_param(addr, charp, 0444);
MODULE_PARM_DESC(addr, "An IPv4 address of the device, if it has a connection manager");

#define KMR_REMOTE_ORDER	9

/* A page list for all of the remote buffer, be it with larger pages */
static int kmr_map_remote(struct kmr *kmr)
{
	u32 max = kmr->dev->attrs.max_fast_reg_page_list_len, page_size = PAGE_SIZE;
	struct kmr_remote *remote = &kmr->remote;
	int ret;

	while (remote->size / page_size > max)
		page_size *= 2;
	/* siw has entries, of which it needs one */
	if (kmr->dev->ops.driver_id == RDMA_DRIVER_SIW)
		page_size = PAGE_SIZE;
	remote->mr = ib_alloc_mr(kmr->pd, IB_MR_TYPE_MEM_REG,
				 min_t(u64, max, remote->size / page_size));
	if (IS_ERR(remote->mr))
		return PTR_ERR(remote->mr);
	ret = ib_map_mr_sg(remote->mr, &remote->sg, 1, NULL, page_size);
	if (ret == 1 && remote->mr->length == remote->size)
		ret = kmr_register(kmr->qp[1], remote->mr, IB_ACCESS_LOCAL_WRITE |
				   IB_ACCESS_REMOTE_READ | IB_ACCESS_REMOTE_WRITE);
	else
		ret = ret < 0 ? ret : -EINVAL;
	if (ret)
		ib_dereg_mr(remote->mr);
	return ret;
}

static int kmr_make_remote(struct kmr *kmr)
{
	struct kmr_remote *remote = &kmr->remote;
	int ret = -ENOMEM;

	remote->size = PAGE_SIZE << KMR_REMOTE_ORDER;
	remote->buf = (void *)__get_free_pages(GFP_KERNEL | __GFP_COMP, KMR_REMOTE_ORDER);
	if (!remote->buf)
		return -ENOMEM;
	sg_init_one(&remote->sg, remote->buf, remote->size);
	if (!ib_dma_map_sg(kmr->dev, &remote->sg, 1, DMA_BIDIRECTIONAL))
		goto out_free;
	remote->dma = sg_dma_address(&remote->sg);
	ret = kmr_map_remote(kmr);
	if (!ret)
		return 0;
	ib_dma_unmap_sg(kmr->dev, &remote->sg, 1, DMA_BIDIRECTIONAL);
out_free:
	free_pages((unsigned long)remote->buf, KMR_REMOTE_ORDER);
	return ret;
}

static void kmr_free_remote(struct kmr *kmr)
{
	struct kmr_remote *remote = &kmr->remote;

	ib_dereg_mr(remote->mr);
	ib_dma_unmap_sg(kmr->dev, &remote->sg, 1, DMA_BIDIRECTIONAL);
	free_pages((unsigned long)remote->buf, KMR_REMOTE_ORDER);
}

static const struct {
	const char *name;
	int (*run)(struct kmr *kmr, struct kmr_memory *mem);
} tests[] = {
	{ "contexts", kmr_test_rw },
	{ "memory regions", kmr_test_mr },
	{ "contexts whose allocations fail", kmr_test_rw_failures },
};

static void kmr_run_all(struct kmr *kmr)
{
	u32 mr_pages = min(kmr->dev->attrs.max_fast_reg_page_list_len, 256);
	unsigned int test, kind;
	struct kmr_memory mem;
	int ret = 0;

	for (test = 0; test < ARRAY_SIZE(tests); test++) {
		/* After a failure the QPs are in error */
		for (kind = 0; kind < KMR_KINDS && !ret; kind++) {
			ret = kmr_memory_get(&mem, kind, mr_pages);
			if (ret)
				break;
			ret = tests[test].run(kmr, &mem);
			pr_info("%s - %s%s: %s, %s\n", ret ? "not ok" : "ok", dev,
				kmr->dev->ops.map_mr_phyr ? "" : " by scatterlists",
				tests[test].name, mem.name);
			kmr_memory_put(&mem);
		}
	}
}

static void kmr_run(void)
{
	struct kmr *kmr = kzalloc(sizeof(*kmr), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!kmr)
		goto out;
	ret = kmr_connect(kmr, dev, addr);
	if (ret)
		goto out;
	ret = kmr_make_remote(kmr);
	if (!ret) {
		kmr_run_all(kmr);
		kmr_free_remote(kmr);
	}
	kmr_disconnect(kmr);
out:
	if (ret)
		pr_info("not ok - %s: connecting: %d\n", dev, ret);
	kfree(kmr);
}

static int __init kmr_init(void)
{
	int ret = kmr_memory_init();

	if (ret)
		return ret;
	kmr_run();
	kmr_memory_exit();
	return 0;
}
module_init(kmr_init);

static void __exit kmr_exit(void)
{
}
module_exit(kmr_exit);

MODULE_DESCRIPTION("Moves bytes between the kernel's memory regions");
MODULE_LICENSE("GPL");
