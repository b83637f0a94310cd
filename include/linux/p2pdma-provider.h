/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Providers of peer-to-peer (P2P) memory: windows of device memory that other
 * devices reach without a detour through system memory.
 *
 * Here lives what exporters, and those who map for importers, need of a
 * provider.  Who reaches whom in a PCI hierarchy is known in drivers/pci only,
 * see pcim_p2pdma_provider() in <linux/pci-p2pdma.h>.  What drivers put into a
 * list is in <linux/phyr.h>.  See Documentation/driver-api/p2pdma-provider.rst.
 */
#ifndef _LINUX_P2PDMA_PROVIDER_H
#define _LINUX_P2PDMA_PROVIDER_H

#include <linux/err.h>
#include <linux/gfp_types.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock_types.h>
#include <linux/types.h>
#include <linux/wait.h>

struct device;
struct p2pdma_client;
struct p2pdma_provider;
struct page;

/**
 * enum pci_p2pdma_map_type - how a client device reaches the memory of a provider
 * @PCI_P2PDMA_MAP_UNKNOWN: Nobody has found out yet.  Only a &struct p2pdma_provider_ops
 *	returns it, for a client that it does not know how to name; clients are told
 *	that it is not supported.
 * @PCI_P2PDMA_MAP_NOT_SUPPORTED: Not at all, or nobody knows that it would work.
 * @PCI_P2PDMA_MAP_BUS_ADDR: By the address on the bus that both are on, without
 *	the host bridge and the IOMMU on the way.
 * @PCI_P2PDMA_MAP_THRU_HOST_BRIDGE: Through the host bridge, by the CPU's
 *	physical address or by the IOVA that the IOMMU translates to it.
 */
enum pci_p2pdma_map_type {
	PCI_P2PDMA_MAP_UNKNOWN = 0,
	PCI_P2PDMA_MAP_NOT_SUPPORTED,
	PCI_P2PDMA_MAP_BUS_ADDR,
	PCI_P2PDMA_MAP_THRU_HOST_BRIDGE,
};

/**
 * struct p2pdma_provider_ops - what a kind of provider knows
 * @map_type: How @client reaches @provider.  Also leaves in @reason why, as a
 *	constant string of a few words that lives as long as the provider.  Called
 *	with a spinlock held and interrupts off, once for each client until
 *	p2pdma_topology_changed().  %PCI_P2PDMA_MAP_UNKNOWN refuses a client that is
 *	not of a kind whose removal anybody tells of (p2pdma_client_gone()), and is
 *	not remembered.
 */
struct p2pdma_provider_ops {
	enum pci_p2pdma_map_type (*map_type)(struct p2pdma_provider *provider,
					     struct device *client, const char **reason);
};

/**
 * struct p2pdma_provider - one window of device memory
 * @owner: The device whose memory it is; valid until p2pdma_provider_unregister().
 * @bus_offset: What to add to a physical address to get the one on the bus.
 * @start: Physical address of the first byte, as the CPU sees it.
 * @size: Bytes.
 *
 * All other members are private to kernel/dma/p2pdma-provider.c.
 */
struct p2pdma_provider {
	struct device			*owner;
	u64				bus_offset;
	phys_addr_t			start;
	u64				size;
	/* private: constant */
	const struct p2pdma_provider_ops *ops;
	void				*priv;
	/* private: what the exporter has to say, set before the window is used */
	bool				(*may_map)(struct p2pdma_provider *provider,
						   struct device *client, u64 offset,
						   u64 len, void *may_map_priv);
	void				*may_map_priv;
	/* private: */
	struct kref			refs;
	struct list_head		all;		/* of p2pdma_providers */
	/* private: protects all that follows */
	spinlock_t			lock;
	bool				revoked;
	bool				gone;		/* for good */
	unsigned int			nr_mappings;
	u64				nr_asked;	/* how often it was to be mapped */
	u64				nr_computed;	/* how often a class was found out */
	struct list_head		clients;	/* read under RCU, too */
	wait_queue_head_t		idle;		/* there are no mappings */
};

/**
 * struct p2pdma_mapping - that a client has mapped memory of a provider
 * @map_type: How, for as long as the mapping lives.
 * @bus_offset: Of the provider.
 * @provider: The provider, on which the mapping holds a reference.
 *
 * All other members are private.
 */
struct p2pdma_mapping {
	enum pci_p2pdma_map_type	map_type;
	u64				bus_offset;
	struct p2pdma_provider		*provider;
	/* private: */
	struct p2pdma_client		*client;
	struct list_head		link;		/* of the client's mappings */
	u64				bytes;
	void				(*invalidate)(struct p2pdma_mapping *mapping);
};

#ifdef CONFIG_P2PDMA_PROVIDER
struct p2pdma_provider *
p2pdma_provider_register(struct device *owner, const struct p2pdma_provider_ops *ops,
			 void *priv, phys_addr_t start, u64 size, u64 bus_offset);
void p2pdma_provider_unregister(struct p2pdma_provider *provider);
void p2pdma_provider_revoke(struct p2pdma_provider *provider);
int p2pdma_provider_restore(struct p2pdma_provider *provider);
void p2pdma_provider_set_access(struct p2pdma_provider *provider,
				bool (*may_map)(struct p2pdma_provider *provider,
						struct device *client, u64 offset,
						u64 len, void *priv),
				void *priv);
void p2pdma_provider_put(struct p2pdma_provider *provider);
bool p2pdma_provider_is_revoked(const struct p2pdma_provider *provider);

enum pci_p2pdma_map_type pci_p2pdma_map_type(struct p2pdma_provider *provider,
					     struct device *dev);
void p2pdma_topology_changed(void);
void p2pdma_client_gone(struct device *dev);

int p2pdma_mapping_begin(struct p2pdma_mapping *mapping, struct p2pdma_provider *provider,
			 struct device *dev, void (*invalidate)(struct p2pdma_mapping *mapping),
			 gfp_t gfp);
int p2pdma_mapping_add(struct p2pdma_mapping *mapping, phys_addr_t addr, u64 len);
void p2pdma_mapping_end(struct p2pdma_mapping *mapping);
int p2pdma_client_reserve(struct p2pdma_provider *provider, struct device *dev, gfp_t gfp);

/**
 * p2pdma_provider_get - hold a provider
 * @provider: The provider, which is held already.
 *
 * Keeps the structure, not the memory nor its owner.  Context: Any.
 */
static inline void p2pdma_provider_get(struct p2pdma_provider *provider)
{
	kref_get(&provider->refs);
}
#else
/* There are no providers, so nobody has one to call any of these with */
static inline struct p2pdma_provider *
p2pdma_provider_register(struct device *owner, const struct p2pdma_provider_ops *ops,
			 void *priv, phys_addr_t start, u64 size, u64 bus_offset)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void p2pdma_provider_unregister(struct p2pdma_provider *provider)
{
}

static inline void p2pdma_provider_revoke(struct p2pdma_provider *provider)
{
}

static inline int p2pdma_provider_restore(struct p2pdma_provider *provider)
{
	return -EOPNOTSUPP;
}

static inline void
p2pdma_provider_set_access(struct p2pdma_provider *provider,
			   bool (*may_map)(struct p2pdma_provider *provider,
					   struct device *client, u64 offset, u64 len,
					   void *priv),
			   void *priv)
{
}

static inline void p2pdma_provider_put(struct p2pdma_provider *provider)
{
}

static inline bool p2pdma_provider_is_revoked(const struct p2pdma_provider *provider)
{
	return true;
}

static inline enum pci_p2pdma_map_type
pci_p2pdma_map_type(struct p2pdma_provider *provider, struct device *dev)
{
	return PCI_P2PDMA_MAP_NOT_SUPPORTED;
}

static inline void p2pdma_topology_changed(void)
{
}

static inline void p2pdma_client_gone(struct device *dev)
{
}

static inline int
p2pdma_mapping_begin(struct p2pdma_mapping *mapping, struct p2pdma_provider *provider,
		     struct device *dev, void (*invalidate)(struct p2pdma_mapping *mapping),
		     gfp_t gfp)
{
	return -EOPNOTSUPP;
}

static inline int p2pdma_mapping_add(struct p2pdma_mapping *mapping, phys_addr_t addr, u64 len)
{
	return -EOPNOTSUPP;
}

static inline void p2pdma_mapping_end(struct p2pdma_mapping *mapping)
{
}

static inline int p2pdma_client_reserve(struct p2pdma_provider *provider, struct device *dev,
					gfp_t gfp)
{
	return -EOPNOTSUPP;
}

static inline void p2pdma_provider_get(struct p2pdma_provider *provider)
{
}
#endif /* CONFIG_P2PDMA_PROVIDER */

#ifdef CONFIG_PCI_P2PDMA
struct p2pdma_provider *p2pdma_page_provider(const struct page *page);
#else
static inline struct p2pdma_provider *p2pdma_page_provider(const struct page *page)
{
	return NULL;
}
#endif

#endif /* _LINUX_P2PDMA_PROVIDER_H */
