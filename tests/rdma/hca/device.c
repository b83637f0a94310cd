// SPDX-License-Identifier: GPL-2.0
/*
 * The test adapter as a PCI driver and an ib_device; and what there is to tell of it and its
 * port.
 */
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <rdma/ib_verbs.h>
#include <rdma/uverbs_ioctl.h>

#include "edu_regs.h"
#include "hca.h"
#include "hca_abi.h"

static bool map_phyr = true;
module_param(map_phyr, bool, 0444);
MODULE_PARM_DESC(map_phyr, "Take physical range lists for MRs of the kernel, not only scatterlists");

static int hca_query_device(struct ib_device *ibdev, struct ib_device_attr *attr,
			    struct ib_udata *udata)
{
	attr->vendor_id = EDU_VENDOR_ID;
	attr->vendor_part_id = EDU_DEVICE_ID;
	attr->max_mr_size = U64_MAX;
	attr->page_size_cap = HCA_PAGE_SIZES;
	attr->max_qp = 0xffff;
	attr->max_qp_wr = HCA_MAX_WR;
	attr->device_cap_flags = IB_DEVICE_MEM_MGT_EXTENSIONS;
	attr->kernel_cap_flags = IBK_LOCAL_DMA_LKEY;
	attr->max_send_sge = HCA_MAX_SGE;
	attr->max_sge_rd = HCA_MAX_SGE;
	attr->max_cq = 0xffff;
	attr->max_cqe = 4096;
	attr->max_mr = 0xfffffe;
	attr->max_pd = 0xffff;
	attr->max_qp_rd_atom = 1;
	attr->max_qp_init_rd_atom = 1;
	attr->max_fast_reg_page_list_len = HCA_FAST_REG_PAGES;
	/* Reading into more ranges than that is done by way of MRs */
	attr->max_sgl_rd = HCA_MAX_SGE;
	attr->max_pkeys = 1;
	return 0;
}

static int hca_query_port(struct ib_device *ibdev, u32 port, struct ib_port_attr *attr)
{
	attr->state = IB_PORT_ACTIVE;
	attr->phys_state = IB_PORT_PHYS_STATE_LINK_UP;
	attr->max_mtu = IB_MTU_4096;
	attr->active_mtu = IB_MTU_4096;
	attr->active_speed = IB_SPEED_SDR;
	attr->active_width = IB_WIDTH_1X;
	attr->max_msg_sz = SZ_1G;
	attr->gid_tbl_len = 1;
	attr->pkey_tbl_len = 1;
	return 0;
}

static int hca_get_port_immutable(struct ib_device *ibdev, u32 port,
				  struct ib_port_immutable *immutable)
{
	immutable->gid_tbl_len = 1;
	immutable->pkey_tbl_len = 1;
	return 0;
}

static int hca_query_gid(struct ib_device *ibdev, u32 port, int index, union ib_gid *gid)
{
	gid->global.subnet_prefix = cpu_to_be64(0xfe80000000000000);
	gid->global.interface_id = ibdev->node_guid;
	return 0;
}

static int hca_query_pkey(struct ib_device *ibdev, u32 port, u16 index, u16 *pkey)
{
	*pkey = 0xffff;
	return 0;
}

static enum rdma_link_layer hca_get_link_layer(struct ib_device *ibdev, u32 port)
{
	return IB_LINK_LAYER_UNSPECIFIED;
}

static int hca_alloc_ucontext(struct ib_ucontext *context, struct ib_udata *udata)
{
	return 0;
}

static void hca_dealloc_ucontext(struct ib_ucontext *context)
{
}

static int hca_alloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	return 0;
}

static int hca_dealloc_pd(struct ib_pd *pd, struct ib_udata *udata)
{
	return 0;
}

/* With it the device may go while user space has it open; nothing is mapped there */
static void hca_disassociate_ucontext(struct ib_ucontext *context)
{
}

static const struct ib_device_ops hca_ops = {
	.owner			= THIS_MODULE,
	.driver_id		= RDMA_DRIVER_UNKNOWN,
	.uverbs_abi_ver		= HCA_ABI_VERSION,

	.alloc_mr		= hca_alloc_mr,
	.alloc_pd		= hca_alloc_pd,
	.alloc_ucontext		= hca_alloc_ucontext,
	.create_cq		= hca_create_cq,
	.create_qp		= hca_create_qp,
	.dealloc_pd		= hca_dealloc_pd,
	.dealloc_ucontext	= hca_dealloc_ucontext,
	.dereg_mr		= hca_dereg_mr,
	.destroy_cq		= hca_destroy_cq,
	.destroy_qp		= hca_destroy_qp,
	.disassociate_ucontext	= hca_disassociate_ucontext,
	.get_dma_mr		= hca_get_dma_mr,
	.get_link_layer		= hca_get_link_layer,
	.get_port_immutable	= hca_get_port_immutable,
	.map_mr_sg		= hca_map_mr_sg,
	.modify_qp		= hca_modify_qp,
	.poll_cq		= hca_poll_cq,
	.post_recv		= hca_post_recv,
	.post_send		= hca_post_send,
	.query_device		= hca_query_device,
	.query_gid		= hca_query_gid,
	.query_pkey		= hca_query_pkey,
	.query_port		= hca_query_port,
	.query_qp		= hca_query_qp,
	.reg_user_mr		= hca_reg_user_mr,
	.reg_user_mr_dmabuf	= hca_reg_user_mr_dmabuf,
	.req_notify_cq		= hca_req_notify_cq,
	.rereg_user_mr		= hca_rereg_user_mr,

	INIT_RDMA_OBJ_SIZE(ib_cq, hca_cq, ibcq),
	INIT_RDMA_OBJ_SIZE(ib_pd, hca_pd, ibpd),
	INIT_RDMA_OBJ_SIZE(ib_qp, hca_qp, ibqp),
	INIT_RDMA_OBJ_SIZE(ib_ucontext, hca_ucontext, ibucontext),
};

static const struct ib_device_ops hca_phyr_ops = {
	.map_mr_phyr		= hca_map_mr_phyr,
};

static int hca_register(struct hca *hca)
{
	struct ib_device *ibdev = &hca->ibdev;

	ib_set_device_ops(ibdev, &hca_ops);
	if (map_phyr)
		ib_set_device_ops(ibdev, &hca_phyr_ops);
	/* There is no way around the kernel */
	ibdev->uverbs_cmd_mask |= BIT_ULL(IB_USER_VERBS_CMD_POST_SEND) |
				  BIT_ULL(IB_USER_VERBS_CMD_POLL_CQ);
	ibdev->node_type = RDMA_NODE_UNSPECIFIED;
	ibdev->phys_port_cnt = 1;
	ibdev->num_comp_vectors = 1;
	ibdev->local_dma_lkey = HCA_LOCAL_DMA_LKEY;
	ibdev->node_guid = cpu_to_be64(0x0200000000000000 | pci_dev_id(hca->pdev));
	ibdev->dev.parent = &hca->pdev->dev;
	return ib_register_device(ibdev, "edu%d", &hca->pdev->dev);
}

static int hca_enable(struct pci_dev *pdev, void __iomem **regs)
{
	int ret;

	ret = pcim_enable_device(pdev);
	if (!ret)
		ret = pcim_iomap_regions(pdev, BIT(0), KBUILD_MODNAME);
	if (!ret)
		ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (ret)
		return ret;
	*regs = pcim_iomap_table(pdev)[0];
	if (!edu_is_present(*regs))
		return dev_err_probe(&pdev->dev, -ENODEV, "this is no edu device\n");
	/* As RDMA drivers do */
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	pci_set_master(pdev);
	return 0;
}

static int hca_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	void __iomem *regs;
	struct hca *hca;
	int ret;

	ret = hca_enable(pdev, &regs);
	if (ret)
		return ret;
	hca = ib_alloc_device(hca, ibdev);
	if (!hca)
		return -ENOMEM;
	hca->pdev = pdev;
	hca->regs = regs;
	mutex_init(&hca->engine);
	xa_init_flags(&hca->mrs, XA_FLAGS_ALLOC1);
	xa_init_flags(&hca->qps, XA_FLAGS_ALLOC1);
	pci_set_drvdata(pdev, hca);
	hca->queue = alloc_workqueue("edu_hca", WQ_UNBOUND, 0);
	ret = -ENOMEM;
	if (!hca->queue)
		goto out_dealloc;
	ret = hca_register(hca);
	if (ret)
		goto out_destroy_queue;
	hca_look_start(hca);
	return 0;

out_destroy_queue:
	destroy_workqueue(hca->queue);
out_dealloc:
	ib_dealloc_device(&hca->ibdev);
	return ret;
}

static void hca_remove(struct pci_dev *pdev)
{
	struct hca *hca = pci_get_drvdata(pdev);

	hca_look_stop(hca);
	ib_unregister_device(&hca->ibdev);
	destroy_workqueue(hca->queue);
	WARN_ON(!xa_empty(&hca->mrs));
	WARN_ON(!xa_empty(&hca->qps));
	ib_dealloc_device(&hca->ibdev);
}

static const struct pci_device_id hca_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR_ID, EDU_DEVICE_ID) },
	{}
};
MODULE_DEVICE_TABLE(pci, hca_ids);

static struct pci_driver hca_driver = {
	.name		= KBUILD_MODNAME,
	.id_table	= hca_ids,
	.probe		= hca_probe,
	.remove		= hca_remove,
};
module_pci_driver(hca_driver);

MODULE_DESCRIPTION("An RDMA adapter that is made of QEMU's edu device");
MODULE_LICENSE("GPL");
