// SPDX-License-Identifier: GPL-2.0
/*
 * A driver for QEMU's "ivshmem-plain": a function whose BAR 2 is memory and that can do
 * nothing, the smallest complete provider of peer-to-peer memory.  The memory has no
 * struct page, and the end of the provider is devres' affair.
 */
#include <linux/device.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/pci-p2pdma.h>
#include <linux/phyr.h>
#include <linux/uaccess.h>

#include "edu.h"
#include "phyr_edu.h"

#define EDU_PEER_BAR	2

struct edu_peer {
	struct list_head	link;
	struct pci_dev		*pdev;
	struct p2pdma_provider	*provider;
};

static LIST_HEAD(edu_peers);
static DEFINE_MUTEX(edu_peers_lock);

static int edu_peer_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu_peer *peer;
	int ret;

	peer = devm_kzalloc(&pdev->dev, sizeof(*peer), GFP_KERNEL);
	if (!peer)
		return -ENOMEM;
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	peer->pdev = pdev;
	peer->provider = pcim_p2pdma_provider(pdev, EDU_PEER_BAR);
	if (IS_ERR(peer->provider))
		return PTR_ERR(peer->provider);
	pci_set_drvdata(pdev, peer);
	mutex_lock(&edu_peers_lock);
	list_add_tail(&peer->link, &edu_peers);
	mutex_unlock(&edu_peers_lock);
	return 0;
}

static void edu_peer_remove(struct pci_dev *pdev)
{
	struct edu_peer *peer = pci_get_drvdata(pdev);

	mutex_lock(&edu_peers_lock);
	list_del(&peer->link);
	mutex_unlock(&edu_peers_lock);
}

static const struct pci_device_id edu_peer_ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_REDHAT_QUMRANET, 0x1110) },
	{}
};
MODULE_DEVICE_TABLE(pci, edu_peer_ids);

static struct pci_driver edu_peer_driver = {
	.name		= "phyr_peer",
	.id_table	= edu_peer_ids,
	.probe		= edu_peer_probe,
	.remove		= edu_peer_remove,
};

static struct edu_peer *edu_peer_find(const char *name)
{
	struct edu_peer *peer;

	lockdep_assert_held(&edu_peers_lock);
	list_for_each_entry(peer, &edu_peers, link)
		if (!strcmp(pci_name(peer->pdev), name))
			return peer;
	return NULL;
}

/* From then on the list holds what it needs of the provider */
int edu_peer_append(struct phyr_list *list, const char *name, u64 offset, u64 len)
{
	struct edu_peer *peer;
	int ret = -ENODEV;

	mutex_lock(&edu_peers_lock);
	peer = edu_peer_find(name);
	if (peer)
		ret = phyr_list_append_p2p(list, peer->provider, offset, len, GFP_KERNEL);
	mutex_unlock(&edu_peers_lock);
	return ret;
}

int edu_peer_ioctl_register(void __user *arg)
{
	struct phyr_edu_register measure;
	struct pci_dev *pdev = NULL;
	struct edu_peer *peer;
	int ret = -ENODEV;

	if (copy_from_user(&measure, arg, sizeof(measure)))
		return -EFAULT;
	measure.peer[sizeof(measure.peer) - 1] = '\0';
	mutex_lock(&edu_peers_lock);
	peer = edu_peer_find(measure.peer);
	if (peer)
		pdev = pci_dev_get(peer->pdev);
	mutex_unlock(&edu_peers_lock);
	if (!pdev)
		return -ENODEV;
	device_lock(&pdev->dev);
	if (pdev->dev.driver == &edu_peer_driver.driver)
		ret = edu_measure_register(pdev, EDU_PEER_BAR, &measure);
	device_unlock(&pdev->dev);
	pci_dev_put(pdev);
	if (!ret && copy_to_user(arg, &measure, sizeof(measure)))
		ret = -EFAULT;
	return ret;
}

int edu_peer_init(void)
{
	return pci_register_driver(&edu_peer_driver);
}

void edu_peer_exit(void)
{
	pci_unregister_driver(&edu_peer_driver);
}
