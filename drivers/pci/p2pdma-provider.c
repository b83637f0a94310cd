// SPDX-License-Identifier: GPL-2.0
/*
 * Memory BARs as providers of peer-to-peer memory.
 *
 * A BAR, or a part of one, becomes a provider without a struct page: all that is
 * needed of it is where it is and which function has it.  How other devices reach it
 * follows from the topology, which p2pdma.c looks at.  Providers that have pages, too,
 * are made there (pci_p2pdma_add_resource()).
 */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/notifier.h>
#include <linux/overflow.h>
#include <linux/p2pdma-provider.h>
#include <linux/pci.h>
#include <linux/pci-p2pdma.h>

#include "pci.h"

/* What a device manages of a provider */
struct pcim_p2pdma {
	struct p2pdma_provider	*provider;
	int			bar;		/* which it has all of, -1: only a part */
};

static enum pci_p2pdma_map_type pci_provider_map_type(struct p2pdma_provider *provider,
						      struct device *client,
						      const char **reason)
{
	struct pci_dev *owner = to_pci_dev(provider->owner);
	enum pci_p2pdma_map_type map_type;
	bool acs_redirects = false;
	int dist;

	if (!dev_is_pci(client)) {
		*reason = "not a PCI device";
		return PCI_P2PDMA_MAP_UNKNOWN;
	}
	map_type = pci_p2pdma_calc_map_type(owner, to_pci_dev(client), &dist, &acs_redirects,
					    false);
	switch (map_type) {
	case PCI_P2PDMA_MAP_BUS_ADDR:
		*reason = dist ? "below one bridge, no ACS redirect" : "the same function";
		break;
	case PCI_P2PDMA_MAP_THRU_HOST_BRIDGE:
		*reason = acs_redirects ? "ACS redirects to a host bridge that forwards" :
					  "host bridge that forwards";
		break;
	default:
		*reason = acs_redirects ?
			"ACS redirects to a host bridge that is not known to forward" :
			"no common bridge, host bridge that is not known to forward";
		break;
	}
	return map_type;
}

static const struct p2pdma_provider_ops pci_provider_ops = {
	.map_type	= pci_provider_map_type,
};

static void pcim_p2pdma_devres_release(struct device *dev, void *res)
{
	struct pcim_p2pdma *managed = res;

	p2pdma_provider_unregister(managed->provider);
}

static struct p2pdma_provider *pcim_p2pdma_register(struct pci_dev *pdev, int bar, u64 offset,
						    u64 size, int whole_bar)
{
	struct p2pdma_provider *provider;
	struct pcim_p2pdma *managed;
	phys_addr_t bar_start = pci_resource_start(pdev, bar);

	managed = devres_alloc(pcim_p2pdma_devres_release, sizeof(*managed), GFP_KERNEL);
	if (!managed)
		return ERR_PTR(-ENOMEM);
	provider = p2pdma_provider_register(&pdev->dev, &pci_provider_ops, NULL,
					    bar_start + offset, size,
					    pci_bus_address(pdev, bar) - bar_start);
	if (IS_ERR(provider)) {
		devres_free(managed);
		return provider;
	}
	managed->provider = provider;
	managed->bar = whole_bar;
	devres_add(&pdev->dev, managed);
	return provider;
}

static int pcim_p2pdma_match_bar(struct device *dev, void *res, void *data)
{
	struct pcim_p2pdma *managed = res;

	return managed->bar == *(int *)data;
}

static int pcim_p2pdma_match_provider(struct device *dev, void *res, void *data)
{
	struct pcim_p2pdma *managed = res;

	return managed->provider == data;
}

static bool pcim_p2pdma_is_memory(struct pci_dev *pdev, int bar)
{
	return bar >= 0 && bar < PCI_STD_NUM_BARS && pci_resource_len(pdev, bar) &&
		(pci_resource_flags(pdev, bar) & IORESOURCE_MEM) &&
		!(pci_resource_flags(pdev, bar) & IORESOURCE_UNSET);
}

/**
 * pcim_p2pdma_provider - a memory BAR as a provider of peer-to-peer memory
 * @pdev: The function whose BAR it is.
 * @bar: Number of the BAR.
 *
 * Every call for the same BAR returns the same provider.  It is unregistered when the
 * driver of @pdev is unbound, which then waits until nobody has mapped it.  Needs no
 * struct page; see pci_p2pdma_add_resource() for memory that does.
 *
 * Context: Process context, may sleep; from a bound driver, which lets no two calls run
 * at once for a function.
 * Return: The provider, which @pdev holds, or
 * * %-EINVAL - there is no such BAR, or it has no memory or no address
 * * %-ENOMEM - no memory
 * * %-EOPNOTSUPP - the kernel has no P2P
 */
struct p2pdma_provider *pcim_p2pdma_provider(struct pci_dev *pdev, int bar)
{
	struct pcim_p2pdma *managed;

	if (!pcim_p2pdma_is_memory(pdev, bar))
		return ERR_PTR(-EINVAL);
	managed = devres_find(&pdev->dev, pcim_p2pdma_devres_release, pcim_p2pdma_match_bar, &bar);
	if (managed)
		return managed->provider;
	return pcim_p2pdma_register(pdev, bar, 0, pci_resource_len(pdev, bar), bar);
}
EXPORT_SYMBOL_GPL(pcim_p2pdma_provider);

/**
 * pcim_p2pdma_provider_range - a part of a memory BAR as a provider
 * @pdev: The function whose BAR it is.
 * @bar: Number of the BAR.
 * @offset: Where in the BAR the part begins, bytes.
 * @size: Bytes.
 *
 * As pcim_p2pdma_provider(), but each call makes a provider of its own, which
 * pcim_p2pdma_provider_remove() can end before the driver is unbound.
 *
 * Context: Process context, may sleep.
 * Return: As pcim_p2pdma_provider(), or
 * * %-ERANGE - the BAR has no such bytes
 */
struct p2pdma_provider *pcim_p2pdma_provider_range(struct pci_dev *pdev, int bar, u64 offset,
						   u64 size)
{
	u64 end;

	if (!pcim_p2pdma_is_memory(pdev, bar) || !size)
		return ERR_PTR(-EINVAL);
	if (check_add_overflow(offset, size, &end) || end > pci_resource_len(pdev, bar))
		return ERR_PTR(-ERANGE);
	return pcim_p2pdma_register(pdev, bar, offset, size, -1);
}
EXPORT_SYMBOL_GPL(pcim_p2pdma_provider_range);

/**
 * pcim_p2pdma_provider_remove - end a provider before its driver is unbound
 * @pdev: The function.
 * @provider: What one of the calls above has returned.
 *
 * As p2pdma_provider_unregister().
 *
 * Context: Process context, sleeps for as long as a mapping lives.
 */
void pcim_p2pdma_provider_remove(struct pci_dev *pdev, struct p2pdma_provider *provider)
{
	WARN_ON_ONCE(devres_release(&pdev->dev, pcim_p2pdma_devres_release,
				    pcim_p2pdma_match_provider, provider));
}
EXPORT_SYMBOL_GPL(pcim_p2pdma_provider_remove);

/* Devices that come change who reaches whom; of those that go, remove.c tells */
static int pci_p2pdma_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action == BUS_NOTIFY_ADD_DEVICE)
		p2pdma_topology_changed();
	return NOTIFY_DONE;
}

static struct notifier_block pci_p2pdma_notifier = {
	.notifier_call	= pci_p2pdma_notify,
};

static int __init pci_p2pdma_provider_init(void)
{
	return bus_register_notifier(&pci_bus_type, &pci_p2pdma_notifier);
}
subsys_initcall(pci_p2pdma_provider_init);
