// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: lists of system memory and of several peers, for every kind of device.
 *
 * The providers are windows of nothing, far above all memory, and say what a test
 * wants them to say of a client; who reaches whom in reality is for the suite of
 * drivers/pci.  A test keeps an array of what it appended, computes from that where
 * each byte has to be for the device, and compares it with what the device is told and
 * with the IOMMU's own page table.
 */
#include <kunit/device.h>
#include <linux/dma-mapping.h>
#include <linux/iommu.h>
#include <linux/kthread.h>
#include <linux/p2pdma-provider.h>
#include <linux/platform_device.h>
#include <linux/sizes.h>
#include <linux/swiotlb.h>
#include <linux/workqueue.h>

#include "../../../lib/phyr/kunit.h"
#include "kunit.h"
#include "kunit_buf.h"

/* Providers that are asked for their opinion */

struct fake {
	struct p2pdma_provider		*provider;
	enum pci_p2pdma_map_type	map_type;
	unsigned int			computed;
	struct device			*other_client;	/* for whom it is another class */
	enum pci_p2pdma_map_type	other_type;
	/* What may_map() lets pass */
	bool				refuses;
	void				(*asked)(struct fake *fake);
};

static enum pci_p2pdma_map_type fake_map_type(struct p2pdma_provider *provider,
					      struct device *client, const char **reason)
{
	struct fake *fake = provider->priv;

	fake->computed++;
	*reason = "the test says so";
	return client == fake->other_client ? fake->other_type : fake->map_type;
}

static const struct p2pdma_provider_ops fake_ops = {
	.map_type	= fake_map_type,
};

static bool fake_may_map(struct p2pdma_provider *provider, struct device *client, u64 offset,
			 u64 len, void *priv)
{
	struct fake *fake = priv;

	if (fake->asked)
		fake->asked(fake);
	return !fake->refuses && offset + len <= provider->size;
}

static void fake_unregister(void *data)
{
	struct fake *fake = data;

	if (fake->provider)
		p2pdma_provider_unregister(fake->provider);
}

#define FAKE_START(nr)		(BIT_ULL(40) + (nr) * BIT_ULL(36))
#define FAKE_BUS_OFFSET(nr)	(0ULL - BIT_ULL(39) + (nr) * SZ_1M)

static struct fake *fake_new(struct kunit *test, unsigned int nr, u64 size,
			     enum pci_p2pdma_map_type map_type)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	struct device *owner;
	char name[16];

	KUNIT_ASSERT_NOT_NULL(test, fake);
	snprintf(name, sizeof(name), "phyr-owner-%u", nr);
	owner = kunit_device_register(test, name);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, owner);
	fake->map_type = map_type;
	fake->provider = p2pdma_provider_register(owner, &fake_ops, fake, FAKE_START(nr), size,
						  FAKE_BUS_OFFSET(nr));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fake->provider);
	p2pdma_provider_set_access(fake->provider, fake_may_map, fake);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fake_unregister, fake), 0);
	return fake;
}

/* Lists of several kinds of memory, and what the test knows of them */

enum part_kind {
	PART_SYSTEM,
	PART_BUS,
	PART_BRIDGE,
	PART_BUS_2,
	PART_NR_KINDS,
};

#define MAX_PARTS	8

struct part {
	enum part_kind		kind;
	phys_addr_t		phys;
	u64			len;
	struct fake		*fake;
};

struct mixed {
	struct phyr_list	list;
	struct part		part[MAX_PARTS];
	unsigned int		nr;
	u64			len;
	u8			*area;
	struct fake		*fake[PART_NR_KINDS];	/* none for system memory */
	bool			no_bridge;		/* such parts are left out */
	u64			used[PART_NR_KINDS];
};

#define MIXED_AREA	(64 * PAGE_SIZE)

static void mixed_free(void *data)
{
	struct mixed *mixed = data;

	phyr_list_release(&mixed->list);
	free_pages((unsigned long)mixed->area, get_order(MIXED_AREA));
}

static bool is_translated(struct device *dev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	return domain && (domain->type & __IOMMU_DOMAIN_PAGING);
}

static bool is_by_ops(struct kunit *test)
{
	const struct phyr_kunit_device *param = test->param_value;

	return param->kind == PHYR_KUNIT_OPS;
}

static struct mixed *mixed_new(struct kunit *test, struct device *dev)
{
	struct mixed *mixed = kunit_kzalloc(test, sizeof(*mixed), GFP_KERNEL);
	const struct phyr_kunit_device *param = test->param_value;

	KUNIT_ASSERT_NOT_NULL(test, mixed);
	mixed->fake[PART_BUS] = fake_new(test, 1, SZ_1G, PCI_P2PDMA_MAP_BUS_ADDR);
	mixed->fake[PART_BRIDGE] = fake_new(test, 2, SZ_1G, PCI_P2PDMA_MAP_THRU_HOST_BRIDGE);
	mixed->fake[PART_BUS_2] = fake_new(test, 3, SZ_1G, PCI_P2PDMA_MAP_BUS_ADDR);
	mixed->area = (u8 *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, get_order(MIXED_AREA));
	KUNIT_ASSERT_NOT_NULL(test, mixed->area);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, mixed_free, mixed), 0);
	/* Peers behind the host bridge are not for a device that is to be bounced */
	mixed->no_bridge = dev && !is_translated(dev) && !is_by_ops(test) &&
			   is_swiotlb_force_bounce(dev);
	/* A page in the midst of what is system memory */
	if (param && param->kind == PHYR_KUNIT_HOLE)
		phyr_kunit_set_hole(dev, virt_to_phys(mixed->area + 4 * PAGE_SIZE));
	return mixed;
}

static void mixed_empty(struct mixed *mixed)
{
	phyr_list_release(&mixed->list);
	mixed->nr = 0;
	mixed->len = 0;
	memset(mixed->used, 0, sizeof(mixed->used));
}

static int mixed_try_append(struct mixed *mixed, enum part_kind kind, u64 len)
{
	struct part *part = &mixed->part[mixed->nr];
	struct fake *fake = mixed->fake[kind];
	/* A hole between two of a kind, so that they are two ranges, and odd ones */
	u64 offset = mixed->used[kind] + 3 * PAGE_SIZE + 512;
	int ret;

	if (fake) {
		ret = phyr_list_append_p2p(&mixed->list, fake->provider, offset, len, GFP_KERNEL);
		part->phys = FAKE_START(kind) + offset;
	} else {
		part->phys = virt_to_phys(mixed->area + offset);
		ret = phyr_list_append(&mixed->list, part->phys, len, GFP_KERNEL);
	}
	if (ret)
		return ret;
	part->kind = kind;
	part->len = len;
	part->fake = fake;
	mixed->used[kind] = offset + len;
	mixed->len += len;
	mixed->nr++;
	return 0;
}

static void mixed_append(struct kunit *test, struct mixed *mixed, enum part_kind kind, u64 len)
{
	if (kind == PART_BRIDGE && mixed->no_bridge)
		return;
	KUNIT_ASSERT_LT(test, mixed->nr, MAX_PARTS);
	KUNIT_ASSERT_EQ(test, mixed_try_append(mixed, kind, len), 0);
}

/* The n-th of all sequences of up to four parts; false behind the last */
static bool mixed_sequence(struct kunit *test, struct mixed *mixed, unsigned int n)
{
	unsigned int len, count = 1, i;

	for (len = 1; len <= 4; len++) {
		count *= PART_NR_KINDS;
		if (n < count)
			break;
		n -= count;
	}
	if (len > 4)
		return false;
	mixed_empty(mixed);
	for (i = 0; i < len; i++, n /= PART_NR_KINDS)
		mixed_append(test, mixed, n % PART_NR_KINDS, 2 * PAGE_SIZE + 1024 * (i % 3));
	/* Something has to be left */
	if (!mixed->nr)
		mixed_append(test, mixed, PART_BUS, PAGE_SIZE);
	return true;
}

static const struct part *mixed_at(const struct mixed *mixed, u64 pos, u64 *skip)
{
	const struct part *part = mixed->part;

	while (pos >= part->len)
		pos -= part++->len;
	*skip = pos;
	return part;
}

static struct device *device_of(struct kunit *test)
{
	const struct phyr_kunit_device *param = test->param_value;

	return phyr_kunit_device_add(test, param->kind);
}

/* Is a DMA address of a byte of this part the one that it has to be? */
static void expect_byte(struct kunit *test, struct device *dev, const struct part *part,
			u64 skip, dma_addr_t dma, bool bounced)
{
	phys_addr_t phys = part->phys + skip;

	switch (part->kind) {
	case PART_BUS:
	case PART_BUS_2:
		KUNIT_ASSERT_EQ(test, dma, (dma_addr_t)(phys + FAKE_BUS_OFFSET(part->kind)));
		break;
	case PART_BRIDGE:
		if (is_translated(dev) || is_by_ops(test))
			KUNIT_ASSERT_EQ(test, phyr_kunit_translate(dev, dma), phys);
		else
			KUNIT_ASSERT_EQ(test, dma, (dma_addr_t)phys);
#ifdef CONFIG_UML
		if (is_translated(dev) && phyr_kunit_prot(dev, dma) >= 0)
			KUNIT_ASSERT_EQ(test, phyr_kunit_prot(dev, dma),
					IOMMU_READ | IOMMU_WRITE | IOMMU_MMIO);
#endif
		break;
	default:
		phys = phyr_kunit_translate(dev, dma);
		KUNIT_ASSERT_NE(test, phys, (phys_addr_t)-1);
		if (!bounced)
			KUNIT_ASSERT_EQ(test, phys, part->phys + skip);
		KUNIT_ASSERT_EQ(test, *(u8 *)phys_to_virt(phys),
				*(u8 *)phys_to_virt(part->phys + skip));
		break;
	}
}

/* Compare all DMA ranges of a mapped window with the parts it is made of */
static void expect_mapped(struct kunit *test, struct device *dev, const struct mixed *mixed,
			  const struct dma_phyr_map *map, u64 off, u64 len)
{
	bool bounced = strstr(dma_phyr_map_path(map), "bounced");
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	u64 pos = off;

	dma_phyr_for_each(range, iter, map) {
		const struct part *first = NULL;

		KUNIT_ASSERT_LE(test, range.len, dma_get_max_seg_size(dev));
		while (range.len) {
			u64 skip, step;
			const struct part *part;

			KUNIT_ASSERT_LT(test, pos, off + len);
			part = mixed_at(mixed, pos, &skip);
			/* No transaction to two targets */
			if (first && (first->fake || part->fake))
				KUNIT_ASSERT_PTR_EQ(test, part->fake, first->fake);
			first = part;
			expect_byte(test, dev, part, skip, range.addr, bounced);
			/* On to the last byte before a granule or the part ends, or behind it */
			step = min3(range.len, part->len - skip,
				    SZ_512 - ((part->phys + skip) & (SZ_512 - 1)));
			if (step > 1)
				step--;
			pos += step;
			range.addr += step;
			range.len -= step;
		}
	}
	KUNIT_ASSERT_EQ(test, pos, off + len);
}

/* Nobody has anything mapped, in IOMMUs, of providers or in bounce buffers */
static void expect_unmapped(struct kunit *test, struct device *dev, const struct mixed *mixed,
			    unsigned long slots)
{
	unsigned int kind;

	KUNIT_ASSERT_EQ(test, phyr_kunit_slots(dev), slots);
#ifdef CONFIG_UML
	KUNIT_ASSERT_EQ(test, phyr_kunit_mapped(dev), 0);
#endif
	for (kind = 0; kind < PART_NR_KINDS; kind++)
		if (mixed->fake[kind])
			KUNIT_ASSERT_EQ(test, mixed->fake[kind]->provider->nr_mappings, 0);
}

/* References on providers: one each for whoever registered it and for each run */
static void expect_held(struct kunit *test, const struct mixed *mixed)
{
	unsigned int held[PART_NR_KINDS] = {}, kind, i;

	for (i = 0; i < mixed->nr; i++)
		if (!i || mixed->part[i - 1].fake != mixed->part[i].fake)
			held[mixed->part[i].kind]++;
	for (kind = PART_BUS; kind < PART_NR_KINDS; kind++)
		KUNIT_ASSERT_EQ(test, kref_read(&mixed->fake[kind]->provider->refs),
				1 + held[kind]);
}

#ifdef CONFIG_UML
/* Granules that a page table has for the parts which are to be in it */
static unsigned long mixed_granules(const struct mixed *mixed)
{
	unsigned long nr = 0;
	unsigned int i;

	for (i = 0; i < mixed->nr; i++) {
		const struct part *part = &mixed->part[i];

		if (part->kind == PART_SYSTEM || part->kind == PART_BRIDGE)
			nr += DIV_ROUND_UP((part->phys & (SZ_4K - 1)) + part->len, SZ_4K);
	}
	return nr;
}
#endif

static void fill_area(struct mixed *mixed)
{
	size_t i;

	for (i = 0; i < MIXED_AREA; i++)
		mixed->area[i] = kbuf_pattern(i, 7);
}

static void p2p_test_orders(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};
	unsigned int n;

	fill_area(mixed);
	for (n = 0; mixed_sequence(test, mixed, n); n++) {
		expect_held(test, mixed);
		KUNIT_ASSERT_EQ_MSG(test, dma_map_phyr(dev, &mixed->list, &map,
						       DMA_BIDIRECTIONAL, 0), 0,
				    "sequence %u", n);
		expect_mapped(test, dev, mixed, &map, 0, mixed->len);
#ifdef CONFIG_UML
		if (is_translated(dev))
			KUNIT_ASSERT_EQ(test, phyr_kunit_mapped(dev), mixed_granules(mixed));
#endif
		/* Caches and bounce buffers of parts that have none */
		dma_sync_phyr_for_cpu(&map, 0, mixed->len);
		dma_sync_phyr_for_device(&map, 0, mixed->len);
		dma_unmap_phyr(&map);
		expect_unmapped(test, dev, mixed, slots);
		expect_held(test, mixed);
	}
	KUNIT_EXPECT_EQ(test, n, 4 + 16 + 64 + 256);
	mixed_empty(mixed);
	expect_held(test, mixed);
}

static void p2p_test_windows(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};
	unsigned int n, i;
	u32 random = 4711;

	fill_area(mixed);
	for (n = 20; mixed_sequence(test, mixed, n); n += 3) {
		for (i = 0; i < 4; i++) {
			u64 off, len;

			random = random * 1664525 + 1013904223;
			off = (random >> 8) % mixed->len;
			random = random * 1664525 + 1013904223;
			len = 1 + (random >> 8) % (mixed->len - off);
			dma_set_max_seg_size(dev, i % 2 ? 3000 : UINT_MAX);
			KUNIT_ASSERT_EQ(test, dma_map_phyr_window(dev, &mixed->list, off, len,
								  &map, DMA_BIDIRECTIONAL, 0), 0);
			expect_mapped(test, dev, mixed, &map, off, len);
			dma_unmap_phyr(&map);
			expect_unmapped(test, dev, mixed, slots);
		}
	}
	dma_set_max_seg_size(dev, UINT_MAX);
}

/* One part of the list cannot be reached, or its exporter refuses, or it is gone */
static void p2p_test_refused(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};
	unsigned int n, i, kind;

	for (n = 0; mixed_sequence(test, mixed, n); n++) {
		for (kind = PART_BUS; kind < PART_NR_KINDS; kind++) {
			struct fake *fake = mixed->fake[kind];
			bool has = false;

			for (i = 0; i < mixed->nr; i++)
				has |= mixed->part[i].kind == kind;
			if (!has)
				continue;

			fake->refuses = true;
			KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &map,
							   DMA_TO_DEVICE, 0), -EACCES);
			fake->refuses = false;
			expect_unmapped(test, dev, mixed, slots);

			fake->other_client = dev;
			fake->other_type = PCI_P2PDMA_MAP_NOT_SUPPORTED;
			p2pdma_topology_changed();
			KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &map,
							   DMA_TO_DEVICE, 0), -EREMOTEIO);
			fake->other_client = NULL;
			p2pdma_topology_changed();
			expect_unmapped(test, dev, mixed, slots);

			p2pdma_provider_revoke(fake->provider);
			KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &map,
							   DMA_TO_DEVICE, 0), -ENODEV);
			KUNIT_ASSERT_EQ(test, p2pdma_provider_restore(fake->provider), 0);
			expect_unmapped(test, dev, mixed, slots);
		}
		expect_held(test, mixed);
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0), 0);
		dma_unmap_phyr(&map);
	}
}

/* The k-th allocation of a mapping fails, and the k-th call of what maps */
static void p2p_test_fails(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};
	unsigned int n, k, failed = 0;
	bool has_failed;
	int ret;

	if (!phyr_test_can_fail())
		kunit_skip(test, "needs FAILSLAB and FAIL_PAGE_ALLOC");
	for (n = 84; mixed_sequence(test, mixed, n); n += 5) {
		for (k = 1, has_failed = true; has_failed; k++) {
			/* Find out anew who the client is, which allocates */
			p2pdma_client_gone(dev);
			phyr_test_fail_nth(k);
			ret = dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0);
			has_failed = phyr_test_has_failed();
			if (!has_failed)
				KUNIT_ASSERT_EQ(test, ret, 0);
			failed += !!ret;
			if (!ret)
				dma_unmap_phyr(&map);
			expect_unmapped(test, dev, mixed, slots);
		}
	}
	KUNIT_EXPECT_GT(test, failed, 0);
	expect_held(test, mixed);
}

static void p2p_test_map_fails(struct kunit *test)
{
#ifdef CONFIG_UML
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};
	unsigned int n, k;
	int ret;

	for (n = 20; mixed_sequence(test, mixed, n); n++) {
		for (k = 1, ret = -1; ret; k++) {
			phyr_kunit_fail_map(k);
			ret = dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0);
			phyr_kunit_fail_map(0);
			if (!ret)
				dma_unmap_phyr(&map);
			else
				KUNIT_ASSERT_LE(test, k, 16);
			expect_unmapped(test, dev, mixed, slots);
		}
	}
#else
	kunit_skip(test, "needs the mocks of User Mode Linux");
#endif
}

/* What is set aside does for all allocations of a mapping */
static void p2p_test_reserve(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};
	unsigned int i, k, failed = 0;
	bool has_failed;
	int ret;

	if (!phyr_test_can_fail())
		kunit_skip(test, "needs FAILSLAB and FAIL_PAGE_ALLOC");
	for (i = 0; i < 2 * PART_NR_KINDS; i++)
		mixed_append(test, mixed, i % PART_NR_KINDS, PAGE_SIZE);
	for (k = 1, has_failed = true; has_failed; k++) {
		p2pdma_client_gone(dev);
		phyr_test_fail_nth(k);
		ret = dma_phyr_map_reserve(&map, dev, &mixed->list, PHYR_TEST_GFP);
		has_failed = phyr_test_has_failed();
		/* The slab allocator makes do with less, if it can */
		if (ret)
			KUNIT_ASSERT_EQ(test, ret, has_failed ? -ENOMEM : 0);
		failed += !!ret;
		if (has_failed)
			dma_phyr_map_destroy(&map);
	}
	KUNIT_EXPECT_GE(test, failed, 6);

	/* Behind an IOMMU its page table allocates, and IOVA; the mock of the ops does */
	if (!is_translated(dev) && !is_by_ops(test)) {
		for (i = 0; i < 3; i++) {
			phyr_test_fail_nth(1);
			ret = dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0);
			KUNIT_EXPECT_FALSE(test, phyr_test_has_failed());
			KUNIT_ASSERT_EQ(test, ret, 0);
			dma_unmap_phyr(&map);
			expect_unmapped(test, dev, mixed, slots);
		}
	}
	dma_phyr_map_destroy(&map);
}

/* What map decided is what unmap undoes, whatever became of it */
static void p2p_test_decision_stays(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {}, second = {};
	unsigned int i;

	fill_area(mixed);
	for (i = 0; i < 2 * PART_NR_KINDS; i++)
		mixed_append(test, mixed, i % PART_NR_KINDS, PAGE_SIZE + 512);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_BIDIRECTIONAL, 0), 0);

	/* All changes places */
	mixed->fake[PART_BUS]->map_type = PCI_P2PDMA_MAP_THRU_HOST_BRIDGE;
	mixed->fake[PART_BRIDGE]->map_type = PCI_P2PDMA_MAP_BUS_ADDR;
	mixed->fake[PART_BUS_2]->map_type = PCI_P2PDMA_MAP_NOT_SUPPORTED;
	KUNIT_EXPECT_EQ(test, pci_p2pdma_map_type(mixed->fake[PART_BUS]->provider, dev),
			PCI_P2PDMA_MAP_BUS_ADDR);
	p2pdma_topology_changed();
	KUNIT_EXPECT_EQ(test, pci_p2pdma_map_type(mixed->fake[PART_BUS]->provider, dev),
			PCI_P2PDMA_MAP_THRU_HOST_BRIDGE);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &mixed->list, &second, DMA_BIDIRECTIONAL, 0),
			-EREMOTEIO);
	expect_mapped(test, dev, mixed, &map, 0, mixed->len);
	dma_unmap_phyr(&map);
	expect_unmapped(test, dev, mixed, slots);
	p2pdma_topology_changed();
}

/* A client that nobody wants to remember any more is, for as long as it has mappings */
static void p2p_test_unknown_while_mapped(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	struct fake *fake = mixed->fake[PART_BUS];
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {}, second = {};

	mixed_append(test, mixed, PART_BUS, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0), 0);
	fake->map_type = PCI_P2PDMA_MAP_UNKNOWN;
	p2pdma_topology_changed();
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &mixed->list, &second, DMA_TO_DEVICE, 0),
			-EREMOTEIO);
	KUNIT_EXPECT_EQ(test, pci_p2pdma_map_type(fake->provider, dev),
			PCI_P2PDMA_MAP_NOT_SUPPORTED);
	KUNIT_EXPECT_FALSE(test, list_empty(&fake->provider->clients));
	dma_unmap_phyr(&map);
	expect_unmapped(test, dev, mixed, slots);
	KUNIT_EXPECT_EQ(test, pci_p2pdma_map_type(fake->provider, dev),
			PCI_P2PDMA_MAP_NOT_SUPPORTED);
	KUNIT_EXPECT_TRUE(test, list_empty(&fake->provider->clients));
}

static void p2p_test_counts(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	struct fake *bus = mixed->fake[PART_BUS], *bridge = mixed->fake[PART_BRIDGE];
	struct dma_phyr_map map = {}, second = {};
	unsigned int i;
	u64 asked;

	if (is_by_ops(test))
		kunit_skip(test, "its mock maps nothing twice");
	for (i = 0; i < 2 * PART_NR_KINDS; i++)
		mixed_append(test, mixed, i % PART_NR_KINDS, PAGE_SIZE);
	asked = bus->provider->nr_asked;
	for (i = 0; i < 10; i++) {
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0), 0);
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &second, DMA_TO_DEVICE, 0),
				0);
		KUNIT_EXPECT_EQ(test, bus->provider->nr_mappings, 2);
		dma_unmap_phyr(&second);
		dma_unmap_phyr(&map);
	}
	/* It has two runs in the list, and is asked once a mapping */
	KUNIT_EXPECT_EQ(test, bus->provider->nr_asked - asked, 20);
	KUNIT_EXPECT_EQ(test, bus->computed, 1);
	KUNIT_EXPECT_EQ(test, bridge->computed, !mixed->no_bridge);
	p2pdma_topology_changed();
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0), 0);
		dma_unmap_phyr(&map);
	}
	KUNIT_EXPECT_EQ(test, bus->computed, 2);
	KUNIT_EXPECT_EQ(test, bridge->computed, mixed->no_bridge ? 0 : 2);
	KUNIT_EXPECT_EQ(test, bus->provider->nr_computed, 2);
}

/* Two clients see the same list differently, at the same time */
static void p2p_test_two_clients(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct device *other = IS_ENABLED(CONFIG_UML) ?
		phyr_kunit_device_add(test, PHYR_KUNIT_DIRECT) : dev;
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {}, other_map = {};
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	unsigned int i;

	if (other == dev)
		kunit_skip(test, "there is only one device");
	if (mixed->no_bridge)
		kunit_skip(test, "the other one is to be bounced, too");
	fill_area(mixed);
	for (i = 0; i < PART_NR_KINDS; i++)
		mixed_append(test, mixed, i, PAGE_SIZE);
	mixed->fake[PART_BUS]->other_client = other;
	mixed->fake[PART_BUS]->other_type = PCI_P2PDMA_MAP_THRU_HOST_BRIDGE;

	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_BIDIRECTIONAL, 0), 0);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(other, &mixed->list, &other_map, DMA_BIDIRECTIONAL, 0),
			0);
	KUNIT_EXPECT_EQ(test, mixed->fake[PART_BUS]->provider->nr_mappings, 2);
	expect_mapped(test, dev, mixed, &map, 0, mixed->len);
	/* The other one is mapped directly; its second part is that of the bus */
	dma_phyr_iter_init(&iter, &other_map);
	KUNIT_ASSERT_TRUE(test, dma_phyr_iter_next(&iter, &range));
	KUNIT_ASSERT_TRUE(test, dma_phyr_iter_next(&iter, &range));
	KUNIT_EXPECT_EQ(test, range.addr, (dma_addr_t)mixed->part[1].phys);
	dma_unmap_phyr(&map);
	KUNIT_EXPECT_EQ(test, mixed->fake[PART_BUS]->provider->nr_mappings, 1);
	dma_unmap_phyr(&other_map);
	expect_unmapped(test, dev, mixed, slots);
}

/* 2^20 ranges in three runs are three decisions at most */
static void p2p_test_million(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct phyr_list *list = kunit_kzalloc(test, sizeof(*list), GFP_KERNEL);
	/* dma-debug remembers each range */
	const u64 nr = BIT(IS_ENABLED(CONFIG_DMA_API_DEBUG) ? 14 : 20) / 3;
	struct fake *bus = fake_new(test, 4, nr * SZ_8K, PCI_P2PDMA_MAP_BUS_ADDR);
	struct fake *second = fake_new(test, 5, nr * SZ_8K, PCI_P2PDMA_MAP_BUS_ADDR);
	struct mixed *mixed = mixed_new(test, dev);
	phys_addr_t phys = virt_to_phys(mixed->area);
	struct dma_phyr_map map = {};
	u64 i;

	KUNIT_ASSERT_NOT_NULL(test, list);
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(list, bus->provider, i * SZ_8K, SZ_4K,
							   GFP_KERNEL), 0);
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, phyr_list_append(list, phys + 2 * i * PAGE_SIZE, SZ_4K,
						       GFP_KERNEL), 0);
	for (i = 0; i < 2 * nr - 4; i++)
		KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(list, second->provider,
							   (nr - 1 - i % nr) * SZ_8K, SZ_4K,
							   GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, phyr_list_runs(list), 3);
	KUNIT_EXPECT_EQ(test, kref_read(&second->provider->refs), 2);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, list, &map, DMA_TO_DEVICE, 0), 0);
	KUNIT_EXPECT_EQ(test, bus->provider->nr_asked, 1);
	KUNIT_EXPECT_EQ(test, second->provider->nr_asked, 1);
	KUNIT_EXPECT_EQ(test, bus->computed + second->computed, 2);
	dma_unmap_phyr(&map);
	KUNIT_EXPECT_EQ(test, bus->provider->nr_asked + second->provider->nr_asked, 2);
	phyr_list_release(list);
	KUNIT_EXPECT_EQ(test, kref_read(&bus->provider->refs), 1);
}

/* Only of system memory caches are maintained and pieces are bounced */
static void p2p_test_untouched(struct kunit *test)
{
#ifdef CONFIG_UML
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};
	unsigned int i;

	for (i = PART_BUS; i < PART_NR_KINDS; i++)
		mixed_append(test, mixed, i, PAGE_SIZE);
	phyr_kunit_reset_cache_log();
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_BIDIRECTIONAL, 0), 0);
	KUNIT_EXPECT_EQ(test, phyr_kunit_slots(dev), slots);
	dma_sync_phyr_for_cpu(&map, 0, mixed->len);
	dma_sync_phyr_for_device(&map, 0, mixed->len);
	dma_unmap_phyr(&map);
	for (i = 0; i < mixed->nr; i++) {
		KUNIT_EXPECT_EQ(test, phyr_kunit_cache_log(mixed->part[i].phys, true), 0);
		KUNIT_EXPECT_EQ(test, phyr_kunit_cache_log(mixed->part[i].phys, false), 0);
	}
#else
	kunit_skip(test, "needs the mocks of User Mode Linux");
#endif
}

/* Memory of a peer and system memory side by side for the device are two ranges */
static void p2p_test_side_by_side(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct phyr_list list = PHYR_LIST_INIT;
	struct dma_phyr_map map = {};
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	struct device *owner;
	struct fake *fake;
	dma_addr_t dma;
	u8 *page;

	page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->map_type = PCI_P2PDMA_MAP_BUS_ADDR;
	if (is_translated(dev) || is_by_ops(test) || dev->dma_range_map)
		kunit_skip(test, "DMA addresses cannot be chosen");
	dma = virt_to_phys(page);

	owner = kunit_device_register(test, "phyr-owner");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, owner);
	fake->provider = p2pdma_provider_register(owner, &fake_ops, fake, FAKE_START(1), SZ_4K,
						  dma - SZ_4K - FAKE_START(1));
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, fake->provider);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fake_unregister, fake), 0);

	KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(&list, fake->provider, 0, SZ_4K, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append(&list, virt_to_phys(page), 512, GFP_KERNEL), 0);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &list, &map, DMA_TO_DEVICE, 0), 0);
	if (!strstr(dma_phyr_map_path(&map), "bounced")) {
		dma_phyr_iter_init(&iter, &map);
		KUNIT_ASSERT_TRUE(test, dma_phyr_iter_next(&iter, &range));
		KUNIT_EXPECT_EQ(test, range.addr, dma - SZ_4K);
		KUNIT_EXPECT_EQ(test, range.len, SZ_4K);
		KUNIT_ASSERT_TRUE(test, dma_phyr_iter_next(&iter, &range));
		KUNIT_EXPECT_EQ(test, range.addr, dma);
		KUNIT_EXPECT_EQ(test, range.len, 512);
	}
	dma_unmap_phyr(&map);
	phyr_list_release(&list);
}

/* A bus address that the device cannot generate */
static void p2p_test_mask(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};

	mixed_append(test, mixed, PART_BUS, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, dma_set_mask(dev, DMA_BIT_MASK(36)), 0);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0),
			-EADDRNOTAVAIL);
	expect_unmapped(test, dev, mixed, slots);
	KUNIT_ASSERT_EQ(test, dma_set_mask(dev, DMA_BIT_MASK(64)), 0);
}

/* Neither bounced nor told where the peer is */
static void p2p_test_bounced(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};

	if (!mixed->no_bridge)
		kunit_skip(test, "it is not to be bounced");
	mixed_append(test, mixed, PART_SYSTEM, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, mixed_try_append(mixed, PART_BRIDGE, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0),
			-EADDRNOTAVAIL);
	expect_unmapped(test, dev, mixed, slots);
}

/* Taking memory back */

struct importer {
	struct dma_phyr_map	map;
	struct work_struct	unmap;
	unsigned int		invalidated;
};

static void importer_unmap(struct work_struct *work)
{
	dma_unmap_phyr(&container_of(work, struct importer, unmap)->map);
}

static void importer_invalidate(struct dma_phyr_map *map)
{
	struct importer *importer = container_of(map, struct importer, map);

	importer->invalidated++;
	schedule_work(&importer->unmap);
}

/* Who maps is told, and when revoke returns nothing is mapped */
static void p2p_test_revoke_told(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct importer *importer = kunit_kzalloc(test, sizeof(*importer), GFP_KERNEL);
	struct fake *fake = mixed->fake[mixed->no_bridge ? PART_BUS : PART_BRIDGE];
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, importer);
	INIT_WORK(&importer->unmap, importer_unmap);
	for (i = 0; i < PART_NR_KINDS; i++)
		mixed_append(test, mixed, i, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, dma_phyr_map_set_invalidate(&importer->map, importer_invalidate), 0);

	for (i = 1; i < 4; i++) {
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &importer->map,
						   DMA_TO_DEVICE, 0), 0);
		p2pdma_provider_revoke(fake->provider);
		KUNIT_EXPECT_EQ(test, importer->invalidated, i);
		KUNIT_EXPECT_EQ(test, fake->provider->nr_mappings, 0);
		flush_work(&importer->unmap);
		expect_unmapped(test, dev, mixed, slots);
		KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &mixed->list, &importer->map,
						   DMA_TO_DEVICE, 0), -ENODEV);
		KUNIT_EXPECT_EQ(test, phyr_list_append_p2p(&mixed->list, fake->provider, 0, SZ_4K,
							   GFP_KERNEL), -ENODEV);
		KUNIT_ASSERT_EQ(test, p2pdma_provider_restore(fake->provider), 0);
	}
	/* Not told of what did not concern it */
	p2pdma_provider_revoke(fake->provider);
	KUNIT_EXPECT_EQ(test, importer->invalidated, 3);
}

/* Two providers of one mapping are revoked at the same time: it is told once */
static int revoke_in_thread(void *provider)
{
	p2pdma_provider_revoke(provider);
	return 0;
}

static void p2p_test_revoke_two(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct importer *importer = kunit_kzalloc(test, sizeof(*importer), GFP_KERNEL);
	struct task_struct *task;
	unsigned int i, round;

	KUNIT_ASSERT_NOT_NULL(test, importer);
	INIT_WORK(&importer->unmap, importer_unmap);
	for (i = 0; i < PART_NR_KINDS; i++)
		mixed_append(test, mixed, i, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, dma_phyr_map_set_invalidate(&importer->map, importer_invalidate), 0);
	for (round = 1; round <= 20; round++) {
		KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &importer->map,
						   DMA_TO_DEVICE, 0), 0);
		task = kthread_create(revoke_in_thread, mixed->fake[PART_BUS]->provider,
				      "phyr-revoker");
		KUNIT_ASSERT_FALSE(test, IS_ERR(task));
		get_task_struct(task);
		wake_up_process(task);
		p2pdma_provider_revoke(mixed->fake[PART_BUS_2]->provider);
		kthread_stop_put(task);
		/* It may have been stopped before it ran */
		p2pdma_provider_revoke(mixed->fake[PART_BUS]->provider);
		flush_work(&importer->unmap);
		KUNIT_EXPECT_EQ(test, importer->invalidated, round);
		expect_unmapped(test, dev, mixed, slots);
		p2pdma_provider_restore(mixed->fake[PART_BUS]->provider);
		p2pdma_provider_restore(mixed->fake[PART_BUS_2]->provider);
	}
}

/* Revoke and restore again and again while others map and unmap */
static int revoke_often(void *provider)
{
	while (!kthread_should_stop()) {
		p2pdma_provider_revoke(provider);
		cond_resched();
		p2pdma_provider_restore(provider);
		schedule_timeout_uninterruptible(1);
	}
	return 0;
}

static void count_invalidate(struct dma_phyr_map *map)
{
	container_of(map, struct importer, map)->invalidated++;
}

static void p2p_test_revoke_races(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct importer *importer = kunit_kzalloc(test, sizeof(*importer), GFP_KERNEL);
	unsigned int i, before, mapped = 0;
	struct task_struct *task;
	unsigned long end;
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, importer);
	for (i = 0; i < PART_NR_KINDS; i++)
		mixed_append(test, mixed, i, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, dma_phyr_map_set_invalidate(&importer->map, count_invalidate), 0);
	task = kthread_run(revoke_often, mixed->fake[PART_BUS_2]->provider, "phyr-revoker");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	for (end = jiffies + HZ / 4; time_before(jiffies, end);) {
		before = READ_ONCE(importer->invalidated);
		ret = dma_map_phyr(dev, &mixed->list, &importer->map, DMA_TO_DEVICE, 0);
		if (ret) {
			KUNIT_EXPECT_EQ(test, ret, -ENODEV);
			/* Who got no mapping is not told to end it */
			KUNIT_EXPECT_EQ(test, importer->invalidated, before);
			cond_resched();
			continue;
		}
		mapped++;
		schedule_timeout_uninterruptible(mapped % 2);
		dma_unmap_phyr(&importer->map);
		KUNIT_EXPECT_LE(test, importer->invalidated, before + 1);
	}
	kthread_stop(task);
	KUNIT_EXPECT_GT(test, mapped, 0);
	expect_unmapped(test, dev, mixed, slots);
}

struct revoker {
	struct p2pdma_provider	*provider;
	struct task_struct	*task;
	struct completion	done;
};

static int revoker_run(void *data)
{
	struct revoker *revoker = data;

	p2pdma_provider_revoke(revoker->provider);
	complete(&revoker->done);
	return 0;
}

/* Returns when the memory cannot be mapped any more, which is before it is unmapped */
static void revoker_start(struct revoker *revoker, struct p2pdma_provider *provider)
{
	revoker->provider = provider;
	init_completion(&revoker->done);
	revoker->task = kthread_run(revoker_run, revoker, "phyr-revoker");
	while (!IS_ERR(revoker->task) && !p2pdma_provider_is_revoked(provider))
		schedule_timeout_uninterruptible(1);
}

/* Without invalidate() the provider waits for as long as it takes */
static void p2p_test_revoke_waits(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {}, second = {};
	struct revoker revoker;
	unsigned int i;

	if (is_by_ops(test))
		kunit_skip(test, "its mock maps nothing twice");
	fill_area(mixed);
	for (i = 0; i < PART_NR_KINDS; i++)
		mixed_append(test, mixed, i, PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_BIDIRECTIONAL, 0), 0);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(dev, &mixed->list, &second, DMA_BIDIRECTIONAL, 0), 0);
	revoker_start(&revoker, mixed->fake[PART_BUS]->provider);
	KUNIT_ASSERT_FALSE(test, IS_ERR(revoker.task));
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&revoker.done, HZ / 10), 0);
	expect_mapped(test, dev, mixed, &map, 0, mixed->len);
	dma_unmap_phyr(&map);
	KUNIT_EXPECT_EQ(test, wait_for_completion_timeout(&revoker.done, HZ / 10), 0);
	dma_unmap_phyr(&second);
	wait_for_completion(&revoker.done);
	expect_unmapped(test, dev, mixed, slots);
}

static struct revoker midway_revoker;

static void revoke_midway(struct fake *fake)
{
	fake->asked = NULL;
	revoker_start(&midway_revoker, fake->provider);
}

/* It is taken back while it is being mapped: that fails, and nobody waits for long */
static void p2p_test_revoke_midway(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	unsigned long slots = phyr_kunit_slots(dev);
	struct dma_phyr_map map = {};
	unsigned int n, kind;

	for (n = 20; mixed_sequence(test, mixed, n); n += 17) {
		for (kind = PART_BUS; kind < PART_NR_KINDS; kind++) {
			struct fake *fake = mixed->fake[kind];

			midway_revoker.task = NULL;
			fake->asked = revoke_midway;
			if (dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0)) {
				KUNIT_ASSERT_NOT_NULL(test, midway_revoker.task);
				KUNIT_ASSERT_FALSE(test, IS_ERR(midway_revoker.task));
				wait_for_completion(&midway_revoker.done);
				KUNIT_ASSERT_EQ(test, p2pdma_provider_restore(fake->provider), 0);
			} else {
				/* It is not part of the list */
				KUNIT_ASSERT_NULL(test, midway_revoker.task);
				dma_unmap_phyr(&map);
			}
			fake->asked = NULL;
			expect_unmapped(test, dev, mixed, slots);
		}
	}
}

/* Lists outlive the provider, not its memory */
static void p2p_test_gone(struct kunit *test)
{
	struct device *dev = device_of(test);
	struct mixed *mixed = mixed_new(test, dev);
	struct fake *fake = mixed->fake[PART_BUS];
	struct phyr_list tail = PHYR_LIST_INIT;
	struct p2pdma_provider *provider = fake->provider;
	struct dma_phyr_map map = {};
	struct phyr_iter iter;
	struct phyr range;
	unsigned int i, n = 0;

	for (i = 0; i < 2 * PART_NR_KINDS; i++)
		mixed_append(test, mixed, i % PART_NR_KINDS, PAGE_SIZE);
	fake->provider = NULL;
	p2pdma_provider_unregister(provider);
	KUNIT_EXPECT_EQ(test, kref_read(&provider->refs), 2);
	KUNIT_EXPECT_EQ(test, p2pdma_provider_restore(provider), -ENODEV);
	KUNIT_EXPECT_EQ(test, p2pdma_client_reserve(provider, dev, GFP_KERNEL), -ENODEV);
	KUNIT_EXPECT_EQ(test, phyr_list_append_p2p(&mixed->list, provider, 0, 1, GFP_KERNEL),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0), -ENODEV);
	KUNIT_EXPECT_EQ(test, dma_phyr_map_reserve(&map, dev, &mixed->list, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(dev, &mixed->list, &map, DMA_TO_DEVICE, 0), -ENODEV);
	dma_phyr_map_destroy(&map);
	phyr_list_for_each(range, iter, &mixed->list)
		n += range.run->provider == provider;
	KUNIT_EXPECT_EQ(test, n, 2);
	KUNIT_EXPECT_EQ(test, phyr_list_split(&mixed->list, mixed->len / 2, &tail, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, kref_read(&provider->refs), 2);
	phyr_list_release(&tail);
	KUNIT_EXPECT_EQ(test, kref_read(&provider->refs), 1);
	/* The last one frees it, which KASAN and the leak checker would see otherwise */
	phyr_list_release(&mixed->list);
	mixed->fake[PART_BUS] = NULL;
}

/* A client that is not there any more */
static void p2p_test_client_gone(struct kunit *test)
{
	struct mixed *mixed = mixed_new(test, NULL);
	struct p2pdma_provider *provider = mixed->fake[PART_BUS]->provider;
	struct platform_device *pdev;
	struct dma_phyr_map map = {};

	pdev = platform_device_register_simple("phyr-going", PLATFORM_DEVID_AUTO, NULL, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pdev);
	KUNIT_ASSERT_EQ(test, dma_set_mask(&pdev->dev, DMA_BIT_MASK(64)), 0);
	get_device(&pdev->dev);
	mixed_append(test, mixed, PART_BUS, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(&pdev->dev, &mixed->list, &map, DMA_TO_DEVICE, 0), 0);
	/* A client with mappings is not forgotten */
	p2pdma_client_gone(&pdev->dev);
	KUNIT_EXPECT_FALSE(test, list_empty(&provider->clients));
	dma_unmap_phyr(&map);
	platform_device_unregister(pdev);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(&pdev->dev, &mixed->list, &map, DMA_TO_DEVICE, 0),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, kref_read(&pdev->dev.kobj.kref), 2);
	p2pdma_client_gone(&pdev->dev);
	KUNIT_EXPECT_TRUE(test, list_empty(&provider->clients));
	KUNIT_EXPECT_EQ(test, kref_read(&pdev->dev.kobj.kref), 1);
	put_device(&pdev->dev);
}

static void p2p_test_register_errors(struct kunit *test)
{
	static const struct p2pdma_provider_ops no_ops;
	struct device *owner = kunit_device_register(test, "phyr-owner");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, owner);
	KUNIT_EXPECT_EQ(test, PTR_ERR(p2pdma_provider_register(owner, &fake_ops, NULL,
							       FAKE_START(1), 0, 0)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(p2pdma_provider_register(owner, NULL, NULL, FAKE_START(1),
							       SZ_4K, 0)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(p2pdma_provider_register(owner, &no_ops, NULL,
							       FAKE_START(1), SZ_4K, 0)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(p2pdma_provider_register(owner, &fake_ops, NULL,
							       PHYS_ADDR_MAX, 2, 0)), -EOVERFLOW);
}

static struct kunit_case dma_phyr_p2p_cases[] = {
	KUNIT_CASE_PARAM(p2p_test_orders, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_windows, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_refused, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_fails, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_map_fails, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_reserve, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_decision_stays, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_unknown_while_mapped, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_counts, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_two_clients, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_million, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_untouched, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_side_by_side, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_mask, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_bounced, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_revoke_told, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_revoke_two, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_revoke_races, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_revoke_waits, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_revoke_midway, phyr_kunit_gen_devices),
	KUNIT_CASE_PARAM(p2p_test_gone, phyr_kunit_gen_devices),
	KUNIT_CASE(p2p_test_client_gone),
	KUNIT_CASE(p2p_test_register_errors),
	{}
};

static struct kunit_suite dma_phyr_p2p_suite = {
	.name		= "dma_phyr_p2p",
	.test_cases	= dma_phyr_p2p_cases,
};

kunit_test_suite(dma_phyr_p2p_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit tests of dma_map_phyr() with peer-to-peer memory");
