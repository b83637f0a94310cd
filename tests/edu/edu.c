// SPDX-License-Identifier: GPL-2.0
/*
 * A driver for the DMA engine of QEMU's "edu" device, which moves user memory
 * through physical range lists: the smallest complete user of them.
 *
 * The device has a buffer of 4 KiB and copies up to as much between it and
 * memory at a time (edu_regs.h).  To move bytes from one place
 * to another takes two copies.  What edu_move() does is what a driver has to do:
 * pin, map, walk the DMA ranges, unmap, mark dirty, release.  Lists that are more
 * than user memory are in buffer.c.
 */
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "edu.h"
#include "edu_regs.h"
#include "phyr_edu.h"

#define EDU_DMA_BITS		28

static unsigned int dma_bits = EDU_DMA_BITS;
module_param(dma_bits, uint, 0444);
MODULE_PARM_DESC(dma_bits, "What the device was told to be its DMA mask, in bits");

static irqreturn_t edu_irq(int irq, void *data)
{
	struct edu *edu = data;
	u32 status = readl(edu->regs + EDU_IRQ_STATUS);

	if (!status)
		return IRQ_NONE;
	writel(status, edu->regs + EDU_IRQ_ACK);
	complete(&edu->done);
	return IRQ_HANDLED;
}

static int edu_dma(struct edu *edu, dma_addr_t addr, u64 len, bool to_memory)
{
	reinit_completion(&edu->done);
	edu_dma_start(edu->regs, addr, len, to_memory, EDU_DMA_IRQ);
	if (!wait_for_completion_timeout(&edu->done, 10 * HZ)) {
		/* Nobody knows what it still does: keep it from memory for good */
		pci_clear_master(edu->pdev);
		edu->lost = true;
		dev_err(&edu->pdev->dev, "the device does not answer\n");
		return -ETIMEDOUT;
	}
	return 0;
}

/* Walk both mappings at once, each step as long as both allow */
int edu_move_mapped(struct edu *edu, struct dma_phyr_map *in, struct dma_phyr_map *out,
		    u64 *moved)
{
	struct dma_phyr_iter from_iter, to_iter;
	struct dma_phyr from = {}, to = {};
	int ret;

	dma_phyr_iter_init(&to_iter, out);
	dma_phyr_for_each(from, from_iter, in) {
		while (from.len) {
			u64 len;

			if (!to.len && !dma_phyr_iter_next(&to_iter, &to))
				return -EIO;
			if (atomic_read(&edu->taken))
				return -ECANCELED;
			len = min(from.len, to.len);
			ret = edu_dma(edu, from.addr, len, false);
			if (!ret)
				ret = edu_dma(edu, to.addr, len, true);
			if (ret)
				return ret;
			from.addr += len;
			from.len -= len;
			to.addr += len;
			to.len -= len;
			*moved += len;
		}
	}
	return 0;
}

static void edu_describe(struct phyr_edu_buffer *buffer, const struct phyr_list *list,
			 const struct dma_phyr_map *map, u64 nr_pages)
{
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	dma_addr_t next = 0;

	buffer->bytes = phyr_list_bytes(list);
	buffer->ranges = phyr_list_ranges(list);
	buffer->list_bytes = phyr_list_memory(list);
	buffer->sg_bytes = nr_pages * sizeof(struct scatterlist);
	buffer->segments = dma_phyr_count(map);
	buffer->stretches = 0;
	strscpy(buffer->path, dma_phyr_map_path(map), sizeof(buffer->path));
	memset(buffer->stretch, 0, sizeof(buffer->stretch));
	dma_phyr_for_each(range, iter, map) {
		u64 i = buffer->stretches;

		if (!i || range.addr != next) {
			if (i < PHYR_EDU_STRETCHES)
				buffer->stretch[i].addr = range.addr;
			i = buffer->stretches++;
		} else {
			i--;
		}
		if (i < PHYR_EDU_STRETCHES)
			buffer->stretch[i].len += range.len;
		next = range.addr + range.len;
	}
}

static int edu_move(struct edu *edu, struct phyr_edu_move *move)
{
	struct device *dev = &edu->pdev->dev;
	struct phyr_list in = PHYR_LIST_INIT, out = PHYR_LIST_INIT;
	struct dma_phyr_map in_map = {}, out_map = {};
	u64 moved = 0;
	int ret;

	ret = pin_user_phyr(&in, move->from, move->len, 0, GFP_KERNEL);
	if (ret)
		return ret;
	ret = pin_user_phyr(&out, move->to, move->len, FOLL_WRITE, GFP_KERNEL);
	if (ret)
		goto out_release_in;
	ret = dma_map_phyr(dev, &in, &in_map, DMA_TO_DEVICE, 0);
	if (ret)
		goto out_release_out;
	ret = dma_map_phyr(dev, &out, &out_map, DMA_FROM_DEVICE, 0);
	if (ret)
		goto out_unmap_in;

	edu_describe(&move->in, &in, &in_map, PFN_UP(offset_in_page(move->from) + move->len));
	edu_describe(&move->out, &out, &out_map, PFN_UP(offset_in_page(move->to) + move->len));
	ret = edu_move_mapped(edu, &in_map, &out_map, &moved);

	dma_unmap_phyr(&out_map);
	phyr_list_mark_dirty(&out, 0, move->len);
out_unmap_in:
	dma_unmap_phyr(&in_map);
out_release_out:
	phyr_list_release(&out);
out_release_in:
	phyr_list_release(&in);
	return ret;
}

static int edu_ioctl_move(struct edu *edu, void __user *arg)
{
	struct phyr_edu_move *move;
	int ret = -EFAULT;

	move = kmalloc(sizeof(*move), GFP_KERNEL);
	if (!move)
		return -ENOMEM;
	if (copy_from_user(move, arg, sizeof(*move)))
		goto out_free;
	ret = edu_move(edu, move);
	if (!ret && copy_to_user(arg, move, sizeof(*move)))
		ret = -EFAULT;
out_free:
	kfree(move);
	return ret;
}

static int edu_ioctl_measure(struct edu *edu, void __user *arg)
{
	struct device *dev = &edu->pdev->dev;
	struct phyr_edu_measure measure;
	int ret;

	if (copy_from_user(&measure, arg, sizeof(measure)))
		return -EFAULT;
	/* No scatterlist can have entries as short as this device needs them */
	dma_set_max_seg_size(dev, UINT_MAX);
	ret = edu_measure(dev, &measure);
	dma_set_max_seg_size(dev, EDU_MAX_SEGMENT);
	if (!ret && copy_to_user(arg, &measure, sizeof(measure)))
		ret = -EFAULT;
	return ret;
}

static long edu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct edu_buffer *buffer = file->private_data;
	struct edu *edu = buffer->edu;
	long ret;

	/* Concerns the peer only, whose driver may be waiting for us to unmap */
	if (cmd == PHYR_EDU_REGISTER)
		return edu_peer_ioctl_register((void __user *)arg);

	if (mutex_lock_interruptible(&edu->lock))
		return -ERESTARTSYS;
	if (edu->lost)
		ret = -EIO;
	else if (cmd == PHYR_EDU_MOVE)
		ret = edu_ioctl_move(edu, (void __user *)arg);
	else if (cmd == PHYR_EDU_MEASURE)
		ret = edu_ioctl_measure(edu, (void __user *)arg);
	else
		ret = edu_buffer_ioctl(buffer, cmd, (void __user *)arg);
	mutex_unlock(&edu->lock);
	return ret;
}

static int edu_open(struct inode *inode, struct file *file)
{
	struct edu *edu = container_of(file->private_data, struct edu, misc);
	struct edu_buffer *buffer = kmalloc(sizeof(*buffer), GFP_KERNEL);

	if (!buffer)
		return -ENOMEM;
	edu_buffer_init(buffer, edu);
	file->private_data = buffer;
	return 0;
}

static int edu_release(struct inode *inode, struct file *file)
{
	struct edu_buffer *buffer = file->private_data;

	edu_buffer_destroy(buffer);
	kfree(buffer);
	return 0;
}

const struct file_operations edu_fops = {
	.owner		= THIS_MODULE,
	.open		= edu_open,
	.release	= edu_release,
	.unlocked_ioctl	= edu_ioctl,
};

static void edu_free_irq_vectors(void *data)
{
	pci_free_irq_vectors(data);
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct device *dev = &pdev->dev;
	struct edu *edu;
	int ret;

	edu = devm_kzalloc(dev, sizeof(*edu), GFP_KERNEL);
	if (!edu)
		return -ENOMEM;
	edu->pdev = pdev;
	mutex_init(&edu->lock);
	init_completion(&edu->done);
	pci_set_drvdata(pdev, edu);

	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	ret = pcim_iomap_regions(pdev, BIT(0), "phyr_edu");
	if (ret)
		return ret;
	edu->regs = pcim_iomap_table(pdev)[0];
	if (!edu_is_present(edu->regs))
		return dev_err_probe(dev, -ENODEV, "this is no edu device\n");

	if (!dma_bits || dma_bits > 64)
		return dev_err_probe(dev, -EINVAL, "no mask has %u bits\n", dma_bits);
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(dma_bits));
	if (ret)
		return dev_err_probe(dev, ret, "no DMA to %u bits\n", dma_bits);
	dma_set_max_seg_size(dev, EDU_MAX_SEGMENT);
	pci_set_master(pdev);

	ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (ret < 0)
		return ret;
	ret = devm_add_action_or_reset(dev, edu_free_irq_vectors, pdev);
	if (ret)
		return ret;
	ret = devm_request_irq(dev, pci_irq_vector(pdev, 0), edu_irq, IRQF_SHARED,
			       "phyr_edu", edu);
	if (ret)
		return ret;

	edu->misc.minor = MISC_DYNAMIC_MINOR;
	edu->misc.name = "phyr-edu";
	edu->misc.fops = &edu_fops;
	edu->misc.parent = dev;
	return misc_register(&edu->misc);
}

static void edu_remove(struct pci_dev *pdev)
{
	struct edu *edu = pci_get_drvdata(pdev);

	misc_deregister(&edu->misc);
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(EDU_VENDOR_ID, EDU_DEVICE_ID) },
	{}
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name		= "phyr_edu",
	.id_table	= edu_ids,
	.probe		= edu_probe,
	.remove		= edu_remove,
	/* An open file must not outlive the device */
	.driver		= { .suppress_bind_attrs = true },
};

static int __init edu_init(void)
{
	int ret;

	ret = edu_peer_init();
	if (ret)
		return ret;
	ret = pci_register_driver(&edu_driver);
	if (ret)
		edu_peer_exit();
	return ret;
}
module_init(edu_init);

static void __exit edu_exit(void)
{
	pci_unregister_driver(&edu_driver);
	edu_peer_exit();
}
module_exit(edu_exit);

MODULE_DESCRIPTION("Moves user memory through QEMU's edu device with physical range lists");
MODULE_LICENSE("GPL");
