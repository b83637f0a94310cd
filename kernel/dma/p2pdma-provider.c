// SPDX-License-Identifier: GPL-2.0
/*
 * Providers of peer-to-peer memory.
 *
 * A provider is one window of the memory of a device: where the CPU sees it and
 * where its bus does.  It has no struct page.  Here is what is the same for all of
 * them: who holds one, how each client device reaches it, who has mapped it, and
 * how all of that ends.  How a client reaches a provider is found out by the ops of
 * the provider, drivers/pci/p2pdma-provider.c for PCI; nothing here knows a bus.
 *
 * The class of a (provider, client) is found out once and kept with the client
 * until the topology changes.  A mapping keeps a copy: what has been mapped is
 * undone as it was done, whatever changed meanwhile.
 *
 * The end of a provider has two parts.  Its memory ends with
 * p2pdma_provider_revoke(): those who mapped it are told, and when it returns there
 * is no mapping.  The structure ends with the last reference, as lists that nobody
 * can map any more may still name it.
 *
 * A spinlock in each provider protects its clients and their mappings, as mapping
 * may be called from anywhere.  What is known of a client is read without it, for those
 * who map on their own, page by page.  invalidate() is called under it: a mapping cannot
 * end, and what it is part of cannot go away, while its owner is being told.
 */
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/p2pdma-provider.h>
#include <linux/rculist.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

/* A device that has asked for the memory of a provider */
struct p2pdma_client {
	struct list_head	link;
	struct device		*dev;		/* held */
	u32			known;		/* the class, and for which topology it is */
	const char		*reason;
	struct list_head	mappings;
	unsigned int		nr_mappings;
	struct rcu_head		rcu;
};

/* All that are registered, for those who look at them and for clients that go */
static DEFINE_MUTEX(p2pdma_providers_lock);
static LIST_HEAD(p2pdma_providers);

/* What was found out for another number may no longer be true */
static atomic_t p2pdma_topology = ATOMIC_INIT(0);

#define P2PDMA_KNOWN_TYPE_BITS	2

static inline enum pci_p2pdma_map_type p2pdma_known_type(u32 known)
{
	return known & (BIT(P2PDMA_KNOWN_TYPE_BITS) - 1);
}

static inline u32 p2pdma_known(u32 topology, enum pci_p2pdma_map_type map_type)
{
	return topology << P2PDMA_KNOWN_TYPE_BITS | map_type;
}

/* Is it still true?  Nothing at all is known as 0. */
static inline bool p2pdma_is_known(u32 known, u32 topology)
{
	return p2pdma_known_type(known) != PCI_P2PDMA_MAP_UNKNOWN &&
		known == p2pdma_known(topology, p2pdma_known_type(known));
}

#define P2PDMA_WAIT_WARN	(10 * HZ)

/**
 * p2pdma_provider_register - make a window of device memory known
 * @owner: The device whose memory it is, which stays until the provider ends.
 * @ops: Who knows how other devices reach it.
 * @priv: For @ops.
 * @start: Physical address of the first byte, as the CPU sees it.
 * @size: Bytes.
 * @bus_offset: What to add to a physical address to get the address by which a
 *	client reaches it that @ops says reaches it by %PCI_P2PDMA_MAP_BUS_ADDR.
 *
 * For memory that is not in a BAR of a PCI function; see pcim_p2pdma_provider() for
 * those.  The caller holds the provider until p2pdma_provider_unregister().
 *
 * Context: Process context, may sleep.
 * Return: The provider, or
 * * %-EINVAL - @size is zero, or there is no @owner or no @ops
 * * %-EOVERFLOW - the window ends behind the last physical address
 * * %-ENOMEM - no memory
 * * %-EOPNOTSUPP - the kernel has no P2P
 */
struct p2pdma_provider *
p2pdma_provider_register(struct device *owner, const struct p2pdma_provider_ops *ops,
			 void *priv, phys_addr_t start, u64 size, u64 bus_offset)
{
	struct p2pdma_provider *provider;
	u64 last;

	if (!size || !owner || !ops || !ops->map_type)
		return ERR_PTR(-EINVAL);
	if (check_add_overflow((u64)start, size - 1, &last) || last > PHYS_ADDR_MAX)
		return ERR_PTR(-EOVERFLOW);
	provider = kzalloc(sizeof(*provider), GFP_KERNEL);
	if (!provider)
		return ERR_PTR(-ENOMEM);
	provider->owner = owner;
	provider->bus_offset = bus_offset;
	provider->start = start;
	provider->size = size;
	provider->ops = ops;
	provider->priv = priv;
	kref_init(&provider->refs);
	spin_lock_init(&provider->lock);
	INIT_LIST_HEAD(&provider->clients);
	init_waitqueue_head(&provider->idle);

	mutex_lock(&p2pdma_providers_lock);
	list_add_tail(&provider->all, &p2pdma_providers);
	mutex_unlock(&p2pdma_providers_lock);
	return provider;
}
EXPORT_SYMBOL_GPL(p2pdma_provider_register);

/**
 * p2pdma_provider_set_access - have a say in who may map which memory
 * @provider: The provider.
 * @may_map: Asked for each range, in bytes from the start of the window, before it is
 *	mapped for a device; true allows it.  Called in the context of the one who maps,
 *	without a lock of the provider; may be called for ranges that then are not mapped
 *	for other reasons.
 * @priv: For @may_map.
 *
 * To be called before anybody else knows the provider.
 *
 * Context: Any.
 */
void p2pdma_provider_set_access(struct p2pdma_provider *provider,
				bool (*may_map)(struct p2pdma_provider *provider,
						struct device *client, u64 offset,
						u64 len, void *priv),
				void *priv)
{
	provider->may_map_priv = priv;
	provider->may_map = may_map;
}
EXPORT_SYMBOL_GPL(p2pdma_provider_set_access);

static void p2pdma_provider_free(struct kref *refs)
{
	kfree(container_of(refs, struct p2pdma_provider, refs));
}

/**
 * p2pdma_provider_put - let go of a provider
 * @provider: The provider.
 *
 * Context: Any.
 */
void p2pdma_provider_put(struct p2pdma_provider *provider)
{
	kref_put(&provider->refs, p2pdma_provider_free);
}
EXPORT_SYMBOL_GPL(p2pdma_provider_put);

/**
 * p2pdma_provider_is_revoked - may the memory not be mapped now?
 * @provider: The provider.
 *
 * Context: Any; may change at any time.
 * Return: Whether mapping would fail with %-ENODEV.
 */
bool p2pdma_provider_is_revoked(const struct p2pdma_provider *provider)
{
	return READ_ONCE(provider->revoked);
}
EXPORT_SYMBOL_GPL(p2pdma_provider_is_revoked);

/* Clients */

static struct p2pdma_client *p2pdma_find_client(struct p2pdma_provider *provider,
						struct device *dev)
{
	struct p2pdma_client *client;

	list_for_each_entry_rcu(client, &provider->clients, link,
				lockdep_is_held(&provider->lock))
		if (client->dev == dev)
			return client;
	return NULL;
}

static struct p2pdma_client *p2pdma_client_alloc(struct device *dev, gfp_t gfp)
{
	struct p2pdma_client *client = kzalloc(sizeof(*client), gfp);

	if (!client)
		return NULL;
	client->dev = get_device(dev);
	INIT_LIST_HEAD(&client->link);
	INIT_LIST_HEAD(&client->mappings);
	return client;
}

/* Not with the lock held: the last reference on a device may sleep */
static void p2pdma_client_free(struct p2pdma_client *client)
{
	if (!client)
		return;
	put_device(client->dev);
	kfree_rcu(client, rcu);
}

/* A refusal that is to be told once, but not with the lock held */
struct p2pdma_refusal {
	char	text[128];
};

static void p2pdma_tell(const struct p2pdma_refusal *refusal, struct device *dev)
{
	if (refusal->text[0])
		dev_warn_ratelimited(dev, "no peer-to-peer DMA to %s\n", refusal->text);
}

/* How a device reaches a provider that is not gone; with the lock held */
static enum pci_p2pdma_map_type p2pdma_find_out(struct p2pdma_provider *provider,
						struct device *dev, const char **reason,
						struct p2pdma_refusal *refusal)
{
	enum pci_p2pdma_map_type map_type;

	lockdep_assert_held(&provider->lock);
	*reason = NULL;
	map_type = provider->ops->map_type(provider, dev, reason);
	provider->nr_computed++;
	if (map_type <= PCI_P2PDMA_MAP_NOT_SUPPORTED)
		snprintf(refusal->text, sizeof(refusal->text), "%s: %s",
			 dev_name(provider->owner), *reason ?: "not supported");
	return map_type;
}

/* The same for a client, who may have been told before */
static enum pci_p2pdma_map_type p2pdma_classify(struct p2pdma_provider *provider,
						struct p2pdma_client *client,
						struct p2pdma_refusal *refusal)
{
	u32 topology = atomic_read_acquire(&p2pdma_topology);
	enum pci_p2pdma_map_type map_type;

	if (p2pdma_is_known(client->known, topology))
		return p2pdma_known_type(client->known);
	map_type = p2pdma_find_out(provider, client->dev, &client->reason, refusal);
	WRITE_ONCE(client->known, p2pdma_known(topology, map_type));
	return map_type;
}

/*
 * Take a client off the list that is of a kind which is not remembered; with the lock
 * held.  One that was of another kind before may still have mappings, and stays.
 */
static bool p2pdma_forget(struct p2pdma_client *client, enum pci_p2pdma_map_type map_type)
{
	if (map_type != PCI_P2PDMA_MAP_UNKNOWN || !list_empty(&client->mappings))
		return false;
	list_del_rcu(&client->link);
	return true;
}

/* Drop clients for whom nobody can map any more; NULL: all of these, else only this one */
static void p2pdma_drop_clients(struct device *dev)
{
	struct p2pdma_client *client, *next;
	struct p2pdma_provider *provider;
	LIST_HEAD(dropped);

	mutex_lock(&p2pdma_providers_lock);
	list_for_each_entry(provider, &p2pdma_providers, all) {
		spin_lock_irq(&provider->lock);
		list_for_each_entry_safe(client, next, &provider->clients, link) {
			if (dev ? client->dev != dev : device_is_registered(client->dev))
				continue;
			if (!list_empty(&client->mappings))
				continue;
			list_del_rcu(&client->link);
			/* Who reads the list under RCU does not look at these links */
			list_add(&client->mappings, &dropped);
		}
		spin_unlock_irq(&provider->lock);
	}
	mutex_unlock(&p2pdma_providers_lock);
	list_for_each_entry_safe(client, next, &dropped, mappings) {
		list_del(&client->mappings);
		p2pdma_client_free(client);
	}
}

static void p2pdma_reap(struct work_struct *work)
{
	p2pdma_drop_clients(NULL);
}

/* Clients that were removed while they had mappings, once these are gone */
static DECLARE_WORK(p2pdma_reap_work, p2pdma_reap);

/**
 * p2pdma_client_reserve - allocate beforehand what mapping for a client needs
 * @provider: The provider.
 * @dev: The client device.
 * @gfp: How to allocate.
 *
 * Afterwards p2pdma_mapping_begin() allocates nothing for this client, until it is
 * removed.
 *
 * Context: Any that @gfp allows.
 * Return: 0, %-ENODEV if the provider is gone or @dev is not registered, %-ENOMEM.
 */
int p2pdma_client_reserve(struct p2pdma_provider *provider, struct device *dev, gfp_t gfp)
{
	struct p2pdma_client *new;
	unsigned long flags;
	bool known;
	int ret = 0;

	rcu_read_lock();
	known = p2pdma_find_client(provider, dev);
	rcu_read_unlock();
	if (known)
		return 0;
	new = p2pdma_client_alloc(dev, gfp);
	if (!new)
		return -ENOMEM;
	spin_lock_irqsave(&provider->lock, flags);
	/* Whoever is gone must not be held again: nobody would see it go */
	if (provider->gone || !device_is_registered(dev)) {
		ret = -ENODEV;
	} else if (!p2pdma_find_client(provider, dev)) {
		list_add_tail_rcu(&new->link, &provider->clients);
		new = NULL;
	}
	spin_unlock_irqrestore(&provider->lock, flags);
	p2pdma_client_free(new);
	return ret;
}
EXPORT_SYMBOL_GPL(p2pdma_client_reserve);

/* Mappings */

/**
 * p2pdma_mapping_begin - begin to map memory of a provider for a client
 * @mapping: What will remember it; need not be initialised.
 * @provider: The provider.
 * @dev: The client device.
 * @invalidate: Called when the provider is revoked while the mapping lives, with a
 *	spinlock held and interrupts off; may be called before this function returns.
 *	It must see to it that the mapping ends soon, but must not end it itself.
 *	NULL: The provider will wait until the mapping ends.
 * @gfp: How to allocate, should that be necessary.
 *
 * Decides how the client reaches the memory, which @mapping->map_type then tells.
 * One mapping does for all memory of one provider; see p2pdma_mapping_add().
 *
 * Context: Any that @gfp allows.
 * Return:
 * * 0 - success; p2pdma_mapping_end() has to follow
 * * %-ENODEV - the provider is revoked or gone, or @dev is not registered (any more)
 * * %-EREMOTEIO - @dev cannot reach the provider; the log told why when that was found
 *   out, and debugfs does
 * * %-ENOMEM - no memory
 * * %-EOPNOTSUPP - the kernel has no P2P
 */
int p2pdma_mapping_begin(struct p2pdma_mapping *mapping, struct p2pdma_provider *provider,
			 struct device *dev, void (*invalidate)(struct p2pdma_mapping *mapping),
			 gfp_t gfp)
{
	struct p2pdma_refusal refusal;
	enum pci_p2pdma_map_type map_type;
	struct p2pdma_client *client;
	unsigned long flags;
	int ret;

	refusal.text[0] = 0;
	for (;;) {
		spin_lock_irqsave(&provider->lock, flags);
		ret = -ENODEV;
		if (provider->revoked || !device_is_registered(dev))
			goto out_unlock;
		client = p2pdma_find_client(provider, dev);
		if (likely(client))
			break;
		spin_unlock_irqrestore(&provider->lock, flags);
		ret = p2pdma_client_reserve(provider, dev, gfp);
		if (ret)
			return ret;
	}

	provider->nr_asked++;
	map_type = p2pdma_classify(provider, client, &refusal);
	if (map_type <= PCI_P2PDMA_MAP_NOT_SUPPORTED) {
		ret = -EREMOTEIO;
		goto out_refuse;
	}
	p2pdma_provider_get(provider);
	*mapping = (struct p2pdma_mapping) {
		.map_type	= map_type,
		.bus_offset	= provider->bus_offset,
		.provider	= provider,
		.client		= client,
		.invalidate	= invalidate,
	};
	list_add_tail(&mapping->link, &client->mappings);
	client->nr_mappings++;
	provider->nr_mappings++;
	ret = 0;
out_unlock:
	spin_unlock_irqrestore(&provider->lock, flags);
	return ret;

out_refuse:
	if (!p2pdma_forget(client, map_type))
		client = NULL;
	spin_unlock_irqrestore(&provider->lock, flags);
	p2pdma_tell(&refusal, dev);
	p2pdma_client_free(client);
	return ret;
}
EXPORT_SYMBOL_GPL(p2pdma_mapping_begin);

/**
 * p2pdma_mapping_add - say which memory a mapping has
 * @mapping: The mapping.
 * @addr: Physical address of the first byte, in the window of the provider.
 * @len: Bytes.
 *
 * Context: Any.
 * Return: 0, or %-EACCES if the exporter does not let this client map it.
 */
int p2pdma_mapping_add(struct p2pdma_mapping *mapping, phys_addr_t addr, u64 len)
{
	struct p2pdma_provider *provider = mapping->provider;

	if (provider->may_map &&
	    !provider->may_map(provider, mapping->client->dev, addr - provider->start, len,
			       provider->may_map_priv))
		return -EACCES;
	/* Of those who read it nobody needs more than a rough idea while it changes */
	WRITE_ONCE(mapping->bytes, mapping->bytes + len);
	return 0;
}
EXPORT_SYMBOL_GPL(p2pdma_mapping_add);

/**
 * p2pdma_mapping_end - end a mapping
 * @mapping: The mapping.  The client does no DMA by it any more.
 *
 * When this returns @invalidate is not running and will not be called.
 *
 * Context: Any, but not from @invalidate; cannot fail.
 */
void p2pdma_mapping_end(struct p2pdma_mapping *mapping)
{
	struct p2pdma_provider *provider = mapping->provider;
	unsigned long flags;

	spin_lock_irqsave(&provider->lock, flags);
	list_del(&mapping->link);
	if (!--mapping->client->nr_mappings && !device_is_registered(mapping->client->dev))
		schedule_work(&p2pdma_reap_work);
	if (!--provider->nr_mappings)
		wake_up_all(&provider->idle);
	spin_unlock_irqrestore(&provider->lock, flags);
	mapping->provider = NULL;
	p2pdma_provider_put(provider);
}
EXPORT_SYMBOL_GPL(p2pdma_mapping_end);

/**
 * pci_p2pdma_map_type - how a device would reach the memory of a provider
 * @provider: The provider.
 * @dev: The client device.
 *
 * For those who map on their own, page by page, and see to it by other means that the
 * memory stays.  The provider does not wait for them, nor is its exporter asked.
 *
 * Context: Any.
 * Return: The class, %PCI_P2PDMA_MAP_NOT_SUPPORTED also if @provider is revoked.
 */
enum pci_p2pdma_map_type pci_p2pdma_map_type(struct p2pdma_provider *provider,
					     struct device *dev)
{
	enum pci_p2pdma_map_type map_type = PCI_P2PDMA_MAP_NOT_SUPPORTED;
	struct p2pdma_refusal refusal;
	struct p2pdma_client *client;
	const char *reason;
	unsigned long flags;
	u32 known = 0;
	int ret;

	if (p2pdma_provider_is_revoked(provider))
		return PCI_P2PDMA_MAP_NOT_SUPPORTED;
	rcu_read_lock();
	client = p2pdma_find_client(provider, dev);
	if (likely(client))
		known = READ_ONCE(client->known);
	rcu_read_unlock();
	if (likely(p2pdma_is_known(known, atomic_read_acquire(&p2pdma_topology))))
		return p2pdma_known_type(known);

	refusal.text[0] = 0;
	/* Without memory it is found out, but not remembered */
	ret = p2pdma_client_reserve(provider, dev, GFP_ATOMIC | __GFP_NOWARN);
	spin_lock_irqsave(&provider->lock, flags);
	client = p2pdma_find_client(provider, dev);
	if (client)
		map_type = p2pdma_classify(provider, client, &refusal);
	else if (ret == -ENOMEM && !provider->gone)
		map_type = p2pdma_find_out(provider, dev, &reason, &refusal);
	if (client && !p2pdma_forget(client, map_type))
		client = NULL;
	spin_unlock_irqrestore(&provider->lock, flags);
	p2pdma_tell(&refusal, dev);
	p2pdma_client_free(client);
	return map_type ?: PCI_P2PDMA_MAP_NOT_SUPPORTED;
}
EXPORT_SYMBOL_GPL(pci_p2pdma_map_type);

/* The end of a provider, and of clients */

static void p2pdma_provider_end_mappings(struct p2pdma_provider *provider, bool for_good)
{
	struct p2pdma_mapping *mapping;
	struct p2pdma_client *client;

	spin_lock_irq(&provider->lock);
	WRITE_ONCE(provider->revoked, true);
	provider->gone |= for_good;
	list_for_each_entry(client, &provider->clients, link) {
		list_for_each_entry(mapping, &client->mappings, link) {
			void (*invalidate)(struct p2pdma_mapping *mapping) = mapping->invalidate;

			/* Once is enough, also if the next one revokes, too */
			mapping->invalidate = NULL;
			if (invalidate)
				invalidate(mapping);
		}
	}
	spin_unlock_irq(&provider->lock);

	while (!wait_event_timeout(provider->idle, !READ_ONCE(provider->nr_mappings),
				   P2PDMA_WAIT_WARN))
		dev_warn(provider->owner,
			 "waiting for %u peer-to-peer mappings of %pap to end, see debugfs phyr/providers\n",
			 READ_ONCE(provider->nr_mappings), &provider->start);
	/* Let the one that was last leave the lock */
	spin_lock_irq(&provider->lock);
	spin_unlock_irq(&provider->lock);
}

/**
 * p2pdma_provider_revoke - take the memory back from all who mapped it
 * @provider: The provider.
 *
 * Tells all who want to know, waits until the last mapping is gone, and lets no new
 * one be made.  Lists may go on to name the memory, and scatterlists of its pages, if
 * it has any, are not its concern.
 *
 * Context: Process context, sleeps for as long as a mapping lives.
 */
void p2pdma_provider_revoke(struct p2pdma_provider *provider)
{
	p2pdma_provider_end_mappings(provider, false);
}
EXPORT_SYMBOL_GPL(p2pdma_provider_revoke);

/**
 * p2pdma_provider_restore - let the memory be mapped again
 * @provider: The provider, after p2pdma_provider_revoke() has returned.
 *
 * Context: Any.
 * Return: 0, %-ENODEV if the provider is gone for good.
 */
int p2pdma_provider_restore(struct p2pdma_provider *provider)
{
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&provider->lock, flags);
	if (provider->gone)
		ret = -ENODEV;
	else
		WRITE_ONCE(provider->revoked, false);
	spin_unlock_irqrestore(&provider->lock, flags);
	return ret;
}
EXPORT_SYMBOL_GPL(p2pdma_provider_restore);

/**
 * p2pdma_provider_unregister - end a provider
 * @provider: What p2pdma_provider_register() has returned.
 *
 * Revokes the memory for good and lets go of the provider.
 *
 * Context: Process context, sleeps for as long as a mapping lives.
 */
void p2pdma_provider_unregister(struct p2pdma_provider *provider)
{
	struct p2pdma_client *client, *next;

	p2pdma_provider_end_mappings(provider, true);
	mutex_lock(&p2pdma_providers_lock);
	list_del(&provider->all);
	mutex_unlock(&p2pdma_providers_lock);
	/* It is gone: nobody adds clients, and none has a mapping */
	list_for_each_entry_safe(client, next, &provider->clients, link) {
		list_del_rcu(&client->link);
		p2pdma_client_free(client);
	}
	provider->owner = NULL;
	p2pdma_provider_put(provider);
}
EXPORT_SYMBOL_GPL(p2pdma_provider_unregister);

/**
 * p2pdma_topology_changed - forget how clients reach providers
 *
 * To be called after a change of what a &struct p2pdma_provider_ops looks at, so that
 * it is asked again.  PCI devices that come and go do so by themselves.  What is
 * mapped already stays as it is.
 *
 * Context: Any.
 */
void p2pdma_topology_changed(void)
{
	atomic_inc_return_release(&p2pdma_topology);
}
EXPORT_SYMBOL_GPL(p2pdma_topology_changed);

/**
 * p2pdma_client_gone - forget a client
 * @dev: The device, for which nobody maps any more.
 *
 * Providers hold devices that have been clients.  PCI devices are forgotten by
 * themselves when they are removed, all when the provider ends.
 *
 * Context: Process context, may sleep.
 */
void p2pdma_client_gone(struct device *dev)
{
	p2pdma_drop_clients(dev);
}
EXPORT_SYMBOL_GPL(p2pdma_client_gone);

/* For people: what there is, in debugfs */

static const char *p2pdma_map_type_name(enum pci_p2pdma_map_type map_type)
{
	switch (map_type) {
	case PCI_P2PDMA_MAP_BUS_ADDR:
		return "bus address";
	case PCI_P2PDMA_MAP_THRU_HOST_BRIDGE:
		return "through the host bridge";
	case PCI_P2PDMA_MAP_NOT_SUPPORTED:
		return "not supported";
	default:
		return "not found out yet";
	}
}

static void p2pdma_show_provider(struct seq_file *m, struct p2pdma_provider *provider)
{
	phys_addr_t last = provider->start + (provider->size - 1);
	struct p2pdma_mapping *mapping;
	struct p2pdma_client *client;

	spin_lock_irq(&provider->lock);
	seq_printf(m, "%s: %pap-%pap, bus offset %#llx%s; %u mappings, class asked %llu times, found out %llu times\n",
		   dev_name(provider->owner), &provider->start, &last, provider->bus_offset,
		   provider->revoked ? ", revoked" : "", provider->nr_mappings,
		   provider->nr_asked, provider->nr_computed);
	list_for_each_entry(client, &provider->clients, link) {
		u32 topology = atomic_read(&p2pdma_topology);
		u64 bytes = 0;

		list_for_each_entry(mapping, &client->mappings, link)
			bytes += READ_ONCE(mapping->bytes);
		seq_printf(m, "  %s: %s (%s%s); %u mappings, %llu bytes\n", dev_name(client->dev),
			   p2pdma_map_type_name(p2pdma_known_type(client->known)),
			   client->reason ?: "-",
			   p2pdma_is_known(client->known, topology) ? "" :
								      ", until the topology changed",
			   client->nr_mappings, bytes);
	}
	spin_unlock_irq(&provider->lock);
}

static int providers_show(struct seq_file *m, void *unused)
{
	struct p2pdma_provider *provider;

	mutex_lock(&p2pdma_providers_lock);
	list_for_each_entry(provider, &p2pdma_providers, all)
		p2pdma_show_provider(m, provider);
	mutex_unlock(&p2pdma_providers_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(providers);

static int __init p2pdma_provider_init(void)
{
	struct dentry *dir = debugfs_create_dir("phyr", NULL);

	debugfs_create_file("providers", 0444, dir, NULL, &providers_fops);
	return 0;
}
late_initcall(p2pdma_provider_init);
