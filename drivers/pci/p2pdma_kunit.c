// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests: who reaches whom in a PCI hierarchy, and what becomes of it.
 *
 * The hierarchies are fake, but the kernel does not know: a host bridge whose config
 * space is an array, scanned, sized and assigned by the PCI core as any other.  Root
 * ports, switches and endpoints are added to it function by function before.  Windows
 * are far above all memory and nobody touches what is in them; on the bus they are
 * somewhere else than for the CPU.
 *
 * What is expected follows from the hierarchy as the test has built it, and from the
 * registers in its config space: a bus address is what a BAR register says.
 */
#include <kunit/device.h>
#include <kunit/test.h>
#include <linux/bitfield.h>
#include <linux/dma-mapping.h>
#include <linux/dma-phyr.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/mount.h>
#include <linux/p2pdma-provider.h>
#include <linux/pci.h>
#include <linux/pci-p2pdma.h>
#include <linux/phyr.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>
#include <linux/unaligned.h>
#include <linux/workqueue.h>

/* Where a fake function has its capabilities */
#define FAKE_PCIE		0x40
#define FAKE_ACS		0x100

/* IDs that nobody has a driver or a quirk for */
#define FAKE_VENDOR		0xfeed
#define FAKE_ENDPOINT		0x0001
#define FAKE_BRIDGE		0x0002
#define FAKE_HOST_BRIDGE	0x0003

/* Windows of host bridge @nr, for the CPU and on its bus */
#define FAKE_PREF_CPU(nr)	(BIT_ULL(40) + (nr) * BIT_ULL(36))
#define FAKE_PREF_BUS(nr)	(BIT_ULL(38) + (nr) * BIT_ULL(37))
#define FAKE_PREF_SIZE		SZ_16G
#define FAKE_MEM_CPU(nr)	(BIT_ULL(41) + (nr) * BIT_ULL(36))
#define FAKE_MEM_BUS(nr)	(SZ_2G - (nr) * SZ_512M)
#define FAKE_MEM_SIZE		SZ_512M
#define FAKE_IO(nr)		(SZ_32K + (nr) * SZ_4K)
#define FAKE_BUSES		0x20
#define FAKE_BUS(nr)		(((nr) + 1) * FAKE_BUSES)

#define FAKE_BAR_SIZE		SZ_1M

#define FAKE_REDIRECT		(PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_EC)
#define FAKE_ACS_ALL		(PCI_ACS_SV | PCI_ACS_TB | PCI_ACS_UF | PCI_ACS_DT | FAKE_REDIRECT)

struct fake_host {
	struct pci_host_bridge	*bridge;
	bool			probed;
	unsigned int		nr;
	struct resource		pref;
	struct resource		mem;
	struct resource		io;
	struct resource		buses;
	struct list_head	fns;
};

/* One function, which need not be there yet */
struct fake_fn {
	struct list_head	link;
	struct fake_host	*host;
	struct fake_fn		*above;		/* the bridge, NULL: the root bus */
	struct pci_dev		*pdev;		/* not held; NULL: not there */
	unsigned int		devfn;
	unsigned int		acs_reads;	/* of the control register */
	u8			config[PCI_CFG_SPACE_EXP_SIZE];
	u8			writable[PCI_CFG_SPACE_EXP_SIZE];
};

/* A device of a test that the PCI core has and that has not been released */
static unsigned int fake_alive;
static void (*fake_real_release)(struct device *dev);

static void fake_release(struct device *dev)
{
	fake_alive--;
	fake_real_release(dev);
}

/* Config space */

static struct fake_fn *fake_find(struct pci_bus *bus, unsigned int devfn)
{
	struct fake_host *host = bus->sysdata;
	struct fake_fn *fn;

	list_for_each_entry(fn, &host->fns, link) {
		if (fn->devfn != devfn)
			continue;
		if (fn->above ? fn->above->config[PCI_SECONDARY_BUS] == bus->number :
				pci_is_root_bus(bus))
			return fn;
	}
	return NULL;
}

static int fake_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	struct fake_fn *fn = fake_find(bus, devfn);
	int i;

	if (!fn)
		return PCIBIOS_DEVICE_NOT_FOUND;
	if (where <= FAKE_ACS + PCI_ACS_CTRL && where + size > FAKE_ACS + PCI_ACS_CTRL)
		fn->acs_reads++;
	*val = 0;
	for (i = 0; i < size; i++)
		*val |= (u32)fn->config[where + i] << (8 * i);
	return PCIBIOS_SUCCESSFUL;
}

static int fake_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	struct fake_fn *fn = fake_find(bus, devfn);
	int i;

	if (!fn)
		return PCIBIOS_DEVICE_NOT_FOUND;
	for (i = 0; i < size; i++, val >>= 8) {
		u8 mask = fn->writable[where + i];

		fn->config[where + i] = (fn->config[where + i] & ~mask) | (val & mask);
	}
	return PCIBIOS_SUCCESSFUL;
}

static struct pci_ops fake_ops = {
	.read	= fake_read,
	.write	= fake_write,
};

static void fake_set16(struct fake_fn *fn, int where, u16 val, u16 writable)
{
	put_unaligned_le16(val, fn->config + where);
	put_unaligned_le16(writable, fn->writable + where);
}

static void fake_set32(struct fake_fn *fn, int where, u32 val, u32 writable)
{
	put_unaligned_le32(val, fn->config + where);
	put_unaligned_le32(writable, fn->writable + where);
}

static void fake_set_acs(struct fake_fn *fn, u16 ctrl)
{
	put_unaligned_le16(ctrl, fn->config + FAKE_ACS + PCI_ACS_CTRL);
}

/* Hierarchies */

static void fake_window(struct kunit *test, struct fake_host *host, struct resource *res,
			struct resource *parent, const char *name, u64 cpu, u64 bus, u64 size,
			unsigned long flags)
{
	*res = (struct resource) {
		.name	= name,
		.start	= cpu,
		.end	= cpu + size - 1,
		.flags	= flags,
	};
	if (parent)
		KUNIT_ASSERT_EQ(test, request_resource(parent, res), 0);
	pci_add_resource_offset(&host->bridge->windows, res, cpu - bus);
}

static void fake_host_free(void *data)
{
	struct fake_host *host = data;
	struct fake_fn *fn, *next;

	if (host->probed) {
		pci_lock_rescan_remove();
		pci_stop_root_bus(host->bridge->bus);
		pci_remove_root_bus(host->bridge->bus);
		pci_unlock_rescan_remove();
	}
	pci_free_host_bridge(host->bridge);
	if (host->pref.parent)
		release_resource(&host->pref);
	if (host->mem.parent)
		release_resource(&host->mem);
	if (host->io.parent)
		release_resource(&host->io);
	list_for_each_entry_safe(fn, next, &host->fns, link)
		kfree(fn);
	kfree(host);
}

static struct fake_host *fake_host_add(struct kunit *test, unsigned int nr)
{
	struct fake_host *host = kzalloc(sizeof(*host), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, host);
	INIT_LIST_HEAD(&host->fns);
	host->nr = nr;
	host->bridge = pci_alloc_host_bridge(0);
	if (!host->bridge)
		kfree(host);
	KUNIT_ASSERT_NOT_NULL(test, host->bridge);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, fake_host_free, host), 0);

	host->bridge->sysdata = host;
	host->bridge->ops = &fake_ops;
	host->bridge->busnr = FAKE_BUS(nr);
	fake_window(test, host, &host->pref, &iomem_resource, "fake prefetchable",
		    FAKE_PREF_CPU(nr), FAKE_PREF_BUS(nr), FAKE_PREF_SIZE,
		    IORESOURCE_MEM | IORESOURCE_PREFETCH | IORESOURCE_MEM_64);
	fake_window(test, host, &host->mem, &iomem_resource, "fake memory", FAKE_MEM_CPU(nr),
		    FAKE_MEM_BUS(nr), FAKE_MEM_SIZE, IORESOURCE_MEM);
	fake_window(test, host, &host->io, &ioport_resource, "fake I/O", FAKE_IO(nr),
		    FAKE_IO(nr), SZ_4K, IORESOURCE_IO);
	fake_window(test, host, &host->buses, NULL, "fake buses", FAKE_BUS(nr), FAKE_BUS(nr),
		    FAKE_BUSES, IORESOURCE_BUS);
	return host;
}

/* A function of no particular kind */
static struct fake_fn *fake_fn_add(struct kunit *test, struct fake_host *host,
				   struct fake_fn *above, unsigned int devfn, u16 vendor,
				   u16 device, u16 class)
{
	struct fake_fn *fn, *other;

	fn = kzalloc(sizeof(*fn), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fn);
	fn->host = host;
	fn->above = above;
	fn->devfn = devfn;
	fake_set16(fn, PCI_VENDOR_ID, vendor, 0);
	fake_set16(fn, PCI_DEVICE_ID, device, 0);
	fake_set16(fn, PCI_CLASS_DEVICE, class, 0);
	fake_set16(fn, PCI_COMMAND, 0, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
		   PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	list_for_each_entry(other, &host->fns, link) {
		if (other->above != above || PCI_SLOT(other->devfn) != PCI_SLOT(devfn))
			continue;
		fn->config[PCI_HEADER_TYPE] |= PCI_HEADER_TYPE_MFD;
		other->config[PCI_HEADER_TYPE] |= PCI_HEADER_TYPE_MFD;
	}
	list_add_tail(&fn->link, &host->fns);
	return fn;
}

/* It is PCI Express, and has ACS that redirects nothing */
static void fake_add_pcie(struct fake_fn *fn, u16 type)
{
	fake_set16(fn, PCI_STATUS, PCI_STATUS_CAP_LIST, 0);
	fn->config[PCI_CAPABILITY_LIST] = FAKE_PCIE;
	fn->config[FAKE_PCIE] = PCI_CAP_ID_EXP;
	fake_set16(fn, FAKE_PCIE + PCI_EXP_FLAGS, 2 | FIELD_PREP(PCI_EXP_FLAGS_TYPE, type), 0);
	fake_set16(fn, FAKE_PCIE + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER, 0);
	fake_set16(fn, FAKE_PCIE + PCI_EXP_DEVCTL, 0, 0x7fff);
	fake_set16(fn, FAKE_PCIE + PCI_EXP_LNKCAP,
		   PCI_EXP_LNKCAP_SLS_2_5GB | FIELD_PREP(PCI_EXP_LNKCAP_MLW, 1), 0);
	fake_set16(fn, FAKE_PCIE + PCI_EXP_LNKSTA,
		   PCI_EXP_LNKSTA_CLS_2_5GB | FIELD_PREP(PCI_EXP_LNKSTA_NLW, 1), 0);
	fake_set32(fn, FAKE_ACS, PCI_EXT_CAP_ID_ACS | 1 << 16, 0);
	fake_set16(fn, FAKE_ACS + PCI_ACS_CAP, FAKE_ACS_ALL, 0);
	fake_set16(fn, FAKE_ACS + PCI_ACS_CTRL, 0, FAKE_ACS_ALL);
}

static struct fake_fn *fake_port_add_id(struct kunit *test, struct fake_host *host,
					struct fake_fn *above, unsigned int devfn, u16 type,
					u16 vendor, u16 device)
{
	struct fake_fn *fn = fake_fn_add(test, host, above, devfn, vendor, device,
					 PCI_CLASS_BRIDGE_PCI);

	fn->config[PCI_HEADER_TYPE] |= PCI_HEADER_TYPE_BRIDGE;
	fake_set32(fn, PCI_PRIMARY_BUS, 0, 0x00ffffff);
	fake_set32(fn, PCI_MEMORY_BASE, 0, 0xfff0fff0);
	fake_set32(fn, PCI_PREF_MEMORY_BASE,
		   PCI_PREF_RANGE_TYPE_64 | PCI_PREF_RANGE_TYPE_64 << 16, 0xfff0fff0);
	fake_set32(fn, PCI_PREF_BASE_UPPER32, 0, U32_MAX);
	fake_set32(fn, PCI_PREF_LIMIT_UPPER32, 0, U32_MAX);
	fake_set16(fn, PCI_BRIDGE_CONTROL, 0, PCI_BRIDGE_CTL_PARITY | PCI_BRIDGE_CTL_SERR);
	fake_add_pcie(fn, type);
	return fn;
}

static struct fake_fn *fake_port_add(struct kunit *test, struct fake_fn *above,
				     unsigned int devfn, u16 type)
{
	return fake_port_add_id(test, above->host, above, devfn, type, FAKE_VENDOR, FAKE_BRIDGE);
}

static void fake_bar_add(struct fake_fn *fn, int bar, u64 size, u32 flags)
{
	int where = PCI_BASE_ADDRESS_0 + 4 * bar;
	u64 writable = ~(size - 1);

	fake_set32(fn, where, flags, lower_32_bits(writable));
	if (flags & PCI_BASE_ADDRESS_MEM_TYPE_64)
		fake_set32(fn, where + 4, 0, upper_32_bits(writable));
}

#define FAKE_BAR_64	(PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH)

/* An endpoint with @size bytes of memory, or none, behind its first BAR */
static struct fake_fn *fake_endpoint_add(struct kunit *test, struct fake_host *host,
					 struct fake_fn *above, unsigned int devfn, u64 size)
{
	struct fake_fn *fn = fake_fn_add(test, host, above, devfn, FAKE_VENDOR, FAKE_ENDPOINT,
					 PCI_CLASS_MEMORY_OTHER);

	fake_add_pcie(fn, above ? PCI_EXP_TYPE_ENDPOINT : PCI_EXP_TYPE_RC_END);
	if (size)
		fake_bar_add(fn, 0, size, FAKE_BAR_64);
	return fn;
}

/* What a BAR register says, and where the CPU has that */
static u64 fake_bar_bus(struct fake_fn *fn, int bar)
{
	int where = PCI_BASE_ADDRESS_0 + 4 * bar;
	u32 low = get_unaligned_le32(fn->config + where);
	u64 addr = low & PCI_BASE_ADDRESS_MEM_MASK;

	if (low & PCI_BASE_ADDRESS_MEM_TYPE_64)
		addr |= (u64)get_unaligned_le32(fn->config + where + 4) << 32;
	return addr;
}

static u64 fake_bar_cpu(struct fake_fn *fn, int bar)
{
	u64 addr = fake_bar_bus(fn, bar);
	unsigned int nr = fn->host->nr;

	if (addr >= FAKE_PREF_BUS(nr))
		return addr - FAKE_PREF_BUS(nr) + FAKE_PREF_CPU(nr);
	return addr - FAKE_MEM_BUS(nr) + FAKE_MEM_CPU(nr);
}

/* The PCI core has found functions: remember which, and see them go */
static void fake_find_pdevs(struct kunit *test, struct fake_host *host)
{
	struct fake_fn *fn;

	/* Bridges come before what is below them */
	list_for_each_entry(fn, &host->fns, link) {
		struct pci_bus *bus = fn->above ? fn->above->pdev->subordinate :
						  host->bridge->bus;

		if (fn->pdev)
			continue;
		KUNIT_ASSERT_NOT_NULL(test, bus);
		fn->pdev = pci_get_slot(bus, fn->devfn);
		KUNIT_ASSERT_NOT_NULL(test, fn->pdev);
		pci_dev_put(fn->pdev);
		if (fn->pdev->dev.release != fake_release) {
			fake_real_release = fn->pdev->dev.release;
			fn->pdev->dev.release = fake_release;
			fake_alive++;
		}
		/* That the core has it as it was meant */
		KUNIT_EXPECT_EQ(test, fn->pdev->acs_cap,
				fn->config[FAKE_ACS] ? FAKE_ACS : 0);
	}
}

static void fake_probe(struct kunit *test, struct fake_host *host)
{
	KUNIT_ASSERT_EQ(test, pci_host_probe(host->bridge), 0);
	host->probed = true;
	fake_find_pdevs(test, host);
}

/* A function that has been added is put into its slot, or taken out of it */
static void fake_plug(struct kunit *test, struct fake_fn *fn)
{
	pci_lock_rescan_remove();
	pci_rescan_bus(fn->above ? fn->above->pdev->subordinate : fn->host->bridge->bus);
	pci_unlock_rescan_remove();
	fake_find_pdevs(test, fn->host);
}

static void fake_unplug(struct fake_fn *fn)
{
	struct pci_dev *pdev = fn->pdev;

	fn->pdev = NULL;
	pci_stop_and_remove_bus_device_locked(pdev);
	list_del(&fn->link);
	kfree(fn);
}

/* What a host bridge, and two of them, let through */
struct fake_kind {
	const char	*name;
	u16		vendor;
	u16		device;
	bool		within;
	bool		across;
};

static const struct fake_kind fake_kinds[] = {
	{ "unknown host bridge", FAKE_VENDOR, FAKE_HOST_BRIDGE, false, false },
	{ "8086:2030", PCI_VENDOR_ID_INTEL, 0x2030, true, true },
	{ "8086:3c00", PCI_VENDOR_ID_INTEL, 0x3c00, true, false },
};

#define FAKE_UNKNOWN	(&fake_kinds[0])
#define FAKE_ANYWHERE	(&fake_kinds[1])

KUNIT_ARRAY_PARAM_DESC(fake_kind, fake_kinds, name);

/*
 * The hierarchy of most tests:
 *
 *	root bus -+- rp0 --- up0 -+- dp0 --- ep0 (functions 0 and 1)
 *		  |		  +- dp1 --- ep1
 *		  |		  +- dp2 --- up1 -+- dp3 --- ep3
 *		  |		  |		  +- dp4 --- ep4
 *		  |		  +- dp5 --- (an empty slot)
 *		  +- rp1 --- ep5
 *		  +- ep6
 *
 * The IDs of rp0, the first device, are those by which the host bridge is known.
 */
struct fake_fabric {
	struct fake_host *host;
	struct fake_fn *rp0, *up0, *dp0, *dp1, *dp2, *up1, *dp3, *dp4, *dp5, *rp1;
	struct fake_fn *ep0, *ep0b, *ep1, *ep3, *ep4, *ep5, *ep6;
};

static struct fake_fabric *fake_fabric_add(struct kunit *test, unsigned int nr,
					   const struct fake_kind *kind)
{
	struct fake_fabric *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	struct fake_host *host;

	KUNIT_ASSERT_NOT_NULL(test, f);
	host = fake_host_add(test, nr);
	f->host = host;
	f->rp0 = fake_port_add_id(test, host, NULL, PCI_DEVFN(0, 0), PCI_EXP_TYPE_ROOT_PORT,
				  kind->vendor, kind->device);
	f->up0 = fake_port_add(test, f->rp0, PCI_DEVFN(0, 0), PCI_EXP_TYPE_UPSTREAM);
	f->dp0 = fake_port_add(test, f->up0, PCI_DEVFN(0, 0), PCI_EXP_TYPE_DOWNSTREAM);
	f->dp1 = fake_port_add(test, f->up0, PCI_DEVFN(1, 0), PCI_EXP_TYPE_DOWNSTREAM);
	f->dp2 = fake_port_add(test, f->up0, PCI_DEVFN(2, 0), PCI_EXP_TYPE_DOWNSTREAM);
	f->dp5 = fake_port_add(test, f->up0, PCI_DEVFN(5, 0), PCI_EXP_TYPE_DOWNSTREAM);
	f->up1 = fake_port_add(test, f->dp2, PCI_DEVFN(0, 0), PCI_EXP_TYPE_UPSTREAM);
	f->dp3 = fake_port_add(test, f->up1, PCI_DEVFN(3, 0), PCI_EXP_TYPE_DOWNSTREAM);
	f->dp4 = fake_port_add(test, f->up1, PCI_DEVFN(4, 0), PCI_EXP_TYPE_DOWNSTREAM);
	f->rp1 = fake_port_add_id(test, host, NULL, PCI_DEVFN(1, 0), PCI_EXP_TYPE_ROOT_PORT,
				  FAKE_VENDOR, FAKE_BRIDGE);
	f->ep0 = fake_endpoint_add(test, host, f->dp0, PCI_DEVFN(0, 0), FAKE_BAR_SIZE);
	f->ep0b = fake_endpoint_add(test, host, f->dp0, PCI_DEVFN(0, 1), FAKE_BAR_SIZE);
	f->ep1 = fake_endpoint_add(test, host, f->dp1, PCI_DEVFN(0, 0), FAKE_BAR_SIZE);
	f->ep3 = fake_endpoint_add(test, host, f->dp3, PCI_DEVFN(0, 0), FAKE_BAR_SIZE);
	f->ep4 = fake_endpoint_add(test, host, f->dp4, PCI_DEVFN(0, 0), FAKE_BAR_SIZE);
	f->ep5 = fake_endpoint_add(test, host, f->rp1, PCI_DEVFN(0, 0), FAKE_BAR_SIZE);
	f->ep6 = fake_endpoint_add(test, host, NULL, PCI_DEVFN(2, 0), FAKE_BAR_SIZE);
	fake_probe(test, host);
	return f;
}

/* Providers as debugfs shows them */

static char *debugfs_text;

#define DEBUGFS_SIZE	SZ_64K

static void read_debugfs(struct kunit *test)
{
	struct file_system_type *type = get_fs_type("debugfs");
	struct kvec kvec = { .iov_base = debugfs_text, .iov_len = DEBUGFS_SIZE - 1 };
	struct vfsmount *mnt;
	struct iov_iter iter;
	struct kiocb kiocb;
	struct file *file;
	ssize_t len = 0;

	KUNIT_ASSERT_NOT_NULL(test, type);
	mnt = kern_mount(type);
	put_filesystem(type);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mnt);
	file = file_open_root_mnt(mnt, "phyr/providers", O_RDONLY, 0);
	if (!IS_ERR(file)) {
		init_sync_kiocb(&kiocb, file);
		iov_iter_kvec(&iter, ITER_DEST, &kvec, 1, kvec.iov_len);
		len = seq_read_iter(&kiocb, &iter);
		__fput_sync(file);
	}
	kern_unmount(mnt);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_GE(test, len, 0);
	debugfs_text[len] = 0;
}

/* The line of the provider at @start, NULL if there is none */
static char *debugfs_provider(struct fake_fn *owner, u64 start)
{
	char name[64];

	snprintf(name, sizeof(name), "%s: 0x%016llx-", pci_name(owner->pdev), start);
	return strstr(debugfs_text, name);
}

/* A line of the same provider that begins with @dev, NULL if there is none */
static char *debugfs_client(char *line, struct device *dev)
{
	char name[64];

	snprintf(name, sizeof(name), "  %s: ", dev_name(dev));
	while ((line = strchr(line, '\n')) && *++line == ' ')
		if (!strncmp(line, name, strlen(name)))
			return line;
	return NULL;
}

/* Expectations */

static const char *const fake_class_names[] = {
	[PCI_P2PDMA_MAP_NOT_SUPPORTED]		= "not supported",
	[PCI_P2PDMA_MAP_BUS_ADDR]		= "bus address",
	[PCI_P2PDMA_MAP_THRU_HOST_BRIDGE]	= "through the host bridge",
};

static struct p2pdma_provider *fake_provider(struct kunit *test, struct fake_fn *owner)
{
	struct p2pdma_provider *provider = pcim_p2pdma_provider(owner->pdev, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, provider);
	return provider;
}

/* @reason: also look at why, if not NULL */
static void expect_device(struct kunit *test, struct fake_fn *owner, struct device *client,
			  enum pci_p2pdma_map_type map_type, const char *reason)
{
	struct p2pdma_provider *provider = fake_provider(test, owner);
	char *line, want[128];

	KUNIT_EXPECT_EQ_MSG(test, pci_p2pdma_map_type(provider, client), map_type, "%s for %s",
			    pci_name(owner->pdev), dev_name(client));
	if (!reason)
		return;
	read_debugfs(test);
	line = debugfs_provider(owner, fake_bar_cpu(owner, 0));
	KUNIT_ASSERT_NOT_NULL(test, line);
	line = debugfs_client(line, client);
	KUNIT_ASSERT_NOT_NULL(test, line);
	snprintf(want, sizeof(want), "  %s: %s (%s); 0 mappings, 0 bytes", dev_name(client),
		 fake_class_names[map_type], reason);
	*strchrnul(line, '\n') = 0;
	KUNIT_EXPECT_STREQ(test, line, want);
}

static void expect_class(struct kunit *test, struct fake_fn *owner, struct fake_fn *client,
			 enum pci_p2pdma_map_type map_type, const char *reason)
{
	expect_device(test, owner, &client->pdev->dev, map_type, reason);
}

static void expect_bus(struct kunit *test, struct fake_fn *a, struct fake_fn *b)
{
	const char *why = a == b ? "the same function" : "below one bridge, no ACS redirect";

	expect_class(test, a, b, PCI_P2PDMA_MAP_BUS_ADDR, why);
	expect_class(test, b, a, PCI_P2PDMA_MAP_BUS_ADDR, why);
}

/* Without a bridge in common, by way of host bridges that do or do not forward */
static void expect_host(struct kunit *test, struct fake_fn *a, struct fake_fn *b, bool forwards)
{
	enum pci_p2pdma_map_type map_type = forwards ? PCI_P2PDMA_MAP_THRU_HOST_BRIDGE :
						       PCI_P2PDMA_MAP_NOT_SUPPORTED;
	const char *why = forwards ? "host bridge that forwards" :
		"no common bridge, host bridge that is not known to forward";

	expect_class(test, a, b, map_type, why);
	expect_class(test, b, a, map_type, why);
}

/* There is a bridge in common, but ACS redirects */
static void expect_redirect(struct kunit *test, struct fake_fn *a, struct fake_fn *b,
			    bool forwards)
{
	enum pci_p2pdma_map_type map_type = forwards ? PCI_P2PDMA_MAP_THRU_HOST_BRIDGE :
						       PCI_P2PDMA_MAP_NOT_SUPPORTED;
	const char *why = forwards ? "ACS redirects to a host bridge that forwards" :
		"ACS redirects to a host bridge that is not known to forward";

	expect_class(test, a, b, map_type, why);
	expect_class(test, b, a, map_type, why);
}

static void expect_way(struct kunit *test, struct fake_fn *a, struct fake_fn *b, bool redirected,
		       bool forwards)
{
	if (redirected)
		expect_redirect(test, a, b, forwards);
	else
		expect_bus(test, a, b);
}

/* Classes */

static void p2pdma_test_classes(struct kunit *test)
{
	const struct fake_kind *kind = test->param_value;
	struct fake_fabric *f = fake_fabric_add(test, 0, kind);

	/* A function and itself, two functions of one device */
	expect_bus(test, f->ep0, f->ep0);
	expect_bus(test, f->ep6, f->ep6);
	expect_bus(test, f->ep0, f->ep0b);
	/* Below one switch, also if one of them is deeper down */
	expect_bus(test, f->ep0, f->ep1);
	expect_bus(test, f->ep0b, f->ep1);
	expect_bus(test, f->ep3, f->ep4);
	expect_bus(test, f->ep0, f->ep3);
	expect_bus(test, f->ep1, f->ep4);
	/* A bridge on the way to the memory does DMA, too */
	expect_class(test, f->ep0, f->dp0, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	expect_class(test, f->ep0, f->dp1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	expect_class(test, f->ep0, f->rp0, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	/* Below two root ports, on the root bus */
	expect_host(test, f->ep0, f->ep5, kind->within);
	expect_host(test, f->ep3, f->ep5, kind->within);
	expect_host(test, f->ep0, f->ep6, kind->within);
	expect_host(test, f->ep5, f->ep6, kind->within);
}

static void p2pdma_test_acs(struct kunit *test)
{
	const struct fake_kind *kind = test->param_value;
	struct fake_fabric *f = fake_fabric_add(test, 0, kind);
	static const u16 redirects[] = { PCI_ACS_RR, PCI_ACS_CR, PCI_ACS_EC };
	static const u16 others[] = { PCI_ACS_SV, PCI_ACS_TB, PCI_ACS_UF, PCI_ACS_DT };
	struct {
		struct fake_fn	*fn;
		bool		ep0_ep1;	/* on the way between these */
		bool		ep0_ep3;
		bool		ep3_ep4;
		bool		ep0_ep0b;
	} ports[] = {
		{ f->dp0, true,  true,  false, true },
		{ f->dp1, true,  false, false, false },
		{ f->dp2, false, true,  false, false },
		{ f->up1, false, true,  true,  false },
		{ f->dp3, false, true,  true,  false },
		{ f->dp4, false, false, true,  false },
		{ f->dp5, false, false, false, false },
		/* The upstream port of a switch is where both ways meet */
		{ f->up0, true,  true,  false, false },
		{ f->rp0, false, false, false, false },
		{ f->rp1, false, false, false, false },
		/* Functions may redirect what they send themselves */
		{ f->ep0, true,  true,  false, true },
		{ f->ep0b, false, false, false, true },
		{ f->ep1, true,  false, false, false },
		{ f->ep4, false, false, true,  false },
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(ports); i++) {
		for (j = 0; j < ARRAY_SIZE(redirects); j++) {
			fake_set_acs(ports[i].fn, redirects[j]);
			p2pdma_topology_changed();
			expect_way(test, f->ep0, f->ep1, ports[i].ep0_ep1, kind->within);
			expect_way(test, f->ep0, f->ep3, ports[i].ep0_ep3, kind->within);
			expect_way(test, f->ep3, f->ep4, ports[i].ep3_ep4, kind->within);
			expect_way(test, f->ep0, f->ep0b, ports[i].ep0_ep0b, kind->within);
			/* Goes that way anyhow */
			expect_host(test, f->ep0, f->ep5, kind->within);
		}
		/* All that has to do with ACS, but does not redirect requests */
		for (j = 0; j < ARRAY_SIZE(others); j++) {
			fake_set_acs(ports[i].fn, others[j]);
			p2pdma_topology_changed();
			expect_bus(test, f->ep0, f->ep1);
			expect_bus(test, f->ep3, f->ep4);
		}
		fake_set_acs(ports[i].fn, 0);
	}
	p2pdma_topology_changed();
	expect_bus(test, f->ep0, f->ep1);
	expect_bus(test, f->ep0, f->ep3);
}

static void p2pdma_test_two_hosts(struct kunit *test)
{
	const struct fake_kind *kind = test->param_value;
	struct fake_fabric *f = fake_fabric_add(test, 0, kind);
	struct fake_fabric *same = fake_fabric_add(test, 1, kind);

	expect_host(test, f->ep0, same->ep0, kind->across);
	expect_host(test, f->ep5, same->ep3, kind->across);
	expect_host(test, f->ep6, same->ep6, kind->across);
	/* Each by itself is as it was alone */
	expect_bus(test, same->ep0, same->ep1);
	expect_host(test, same->ep0, same->ep5, kind->within);
	expect_host(test, f->ep0, f->ep5, kind->within);
}

/* Both have to let it through */
static void p2pdma_test_two_different_hosts(struct kunit *test)
{
	const struct fake_kind *kind = test->param_value;
	struct fake_fabric *f = fake_fabric_add(test, 0, kind);
	struct fake_fabric *anywhere = fake_fabric_add(test, 1, FAKE_ANYWHERE);

	expect_host(test, f->ep0, anywhere->ep0, kind->across);
	expect_host(test, f->ep6, anywhere->ep5, kind->across);
	expect_host(test, anywhere->ep0, anywhere->ep5, true);
}

/* By which device a host bridge is known */
static void p2pdma_test_host_devices(struct kunit *test)
{
	static const struct {
		unsigned int	first;
		u16		first_id;	/* 0: it is not there */
		bool		first_is_port;
		unsigned int	second;
		bool		second_is_port;
		bool		forwards;
	} cases[] = {
		/* A device 00.0 of whatever kind */
		{ PCI_DEVFN(0, 0), 0x2030, false, PCI_DEVFN(1, 0), true, true },
		{ PCI_DEVFN(0, 0), 0x2030, true, PCI_DEVFN(1, 0), true, true },
		{ PCI_DEVFN(0, 0), 0x0001, false, PCI_DEVFN(1, 0), true, false },
		/* Or a root port, wherever it is */
		{ PCI_DEVFN(3, 0), 0x2030, true, PCI_DEVFN(4, 0), true, true },
		{ PCI_DEVFN(3, 0), 0x0001, true, PCI_DEVFN(4, 0), true, false },
		/* The first one counts, and not if it is something else */
		{ PCI_DEVFN(3, 0), 0x2030, false, PCI_DEVFN(4, 0), true, false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fake_host *host = fake_host_add(test, 0);
		struct fake_fn *rp, *a, *b;

		if (cases[i].first_is_port)
			fake_port_add_id(test, host, NULL, cases[i].first,
					 PCI_EXP_TYPE_ROOT_PORT, PCI_VENDOR_ID_INTEL,
					 cases[i].first_id);
		else
			fake_fn_add(test, host, NULL, cases[i].first, PCI_VENDOR_ID_INTEL,
				    cases[i].first_id, PCI_CLASS_BRIDGE_HOST);
		/* That all others are known to forward does not matter */
		rp = fake_port_add_id(test, host, NULL, cases[i].second, PCI_EXP_TYPE_ROOT_PORT,
				      PCI_VENDOR_ID_INTEL, 0x2030);
		a = fake_endpoint_add(test, host, rp, PCI_DEVFN(0, 0), FAKE_BAR_SIZE);
		b = fake_endpoint_add(test, host, NULL, PCI_DEVFN(8, 0), FAKE_BAR_SIZE);
		fake_probe(test, host);
		expect_host(test, a, b, cases[i].forwards);
		kunit_release_action(test, fake_host_free, host);
	}
}

static void p2pdma_test_not_pci(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_ANYWHERE);
	struct device *dev = kunit_device_register(test, "p2pdma-kunit");
	struct p2pdma_provider *provider = fake_provider(test, f->ep0);
	struct p2pdma_mapping mapping;
	unsigned int held;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	held = kref_read(&dev->kobj.kref);
	expect_device(test, f->ep0, dev, PCI_P2PDMA_MAP_NOT_SUPPORTED, NULL);
	KUNIT_EXPECT_EQ(test, p2pdma_mapping_begin(&mapping, provider, dev, NULL, GFP_KERNEL),
			-EREMOTEIO);
	/* Nobody would see it go, so nobody remembers it */
	KUNIT_EXPECT_EQ(test, kref_read(&dev->kobj.kref), held);
	KUNIT_EXPECT_TRUE(test, list_empty(&provider->clients));
}

/* What is known, and for how long */

static unsigned int fake_acs_reads(struct fake_host *host)
{
	struct fake_fn *fn;
	unsigned int reads = 0;

	list_for_each_entry(fn, &host->fns, link)
		reads += fn->acs_reads;
	return reads;
}

static void p2pdma_test_found_out_once(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_ANYWHERE);
	struct p2pdma_provider *provider = fake_provider(test, f->ep0);
	unsigned int reads, i;

	/* A provider by itself, and a reserve, need to know nothing */
	reads = fake_acs_reads(f->host);
	KUNIT_EXPECT_EQ(test, p2pdma_client_reserve(provider, &f->ep1->pdev->dev, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, provider->nr_computed, 0);
	KUNIT_EXPECT_EQ(test, fake_acs_reads(f->host), reads);
	for (i = 1; i <= 100; i++) {
		expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
		KUNIT_EXPECT_EQ(test, provider->nr_computed, 1);
		if (i == 1) {
			KUNIT_EXPECT_GT(test, fake_acs_reads(f->host), reads);
			reads = fake_acs_reads(f->host);
		}
		KUNIT_EXPECT_EQ(test, fake_acs_reads(f->host), reads);
	}
	/* Once for each client, also for those that are refused */
	fake_set_acs(f->dp3, PCI_ACS_RR);
	for (i = 0; i < 3; i++) {
		expect_class(test, f->ep0, f->ep3, PCI_P2PDMA_MAP_THRU_HOST_BRIDGE, NULL);
		expect_class(test, f->ep0, f->ep5, PCI_P2PDMA_MAP_THRU_HOST_BRIDGE, NULL);
		expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	}
	KUNIT_EXPECT_EQ(test, provider->nr_computed, 3);
}

static void p2pdma_test_acs_changes(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_UNKNOWN);
	struct p2pdma_provider *provider = fake_provider(test, f->ep0);
	unsigned int i;

	expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	expect_class(test, f->ep0, f->ep5, PCI_P2PDMA_MAP_NOT_SUPPORTED, NULL);
	KUNIT_EXPECT_EQ(test, provider->nr_computed, 2);
	for (i = 0; i < 2; i++) {
		/* Nobody looks, as nobody has said that anything changed */
		fake_set_acs(f->dp1, PCI_ACS_RR);
		expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
		KUNIT_EXPECT_EQ(test, provider->nr_computed, 2 + 4 * i);
		p2pdma_topology_changed();
		KUNIT_EXPECT_EQ(test, provider->nr_computed, 2 + 4 * i);
		expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_NOT_SUPPORTED, NULL);
		expect_class(test, f->ep0, f->ep5, PCI_P2PDMA_MAP_NOT_SUPPORTED, NULL);
		KUNIT_EXPECT_EQ(test, provider->nr_computed, 4 + 4 * i);
		fake_set_acs(f->dp1, 0);
		expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_NOT_SUPPORTED, NULL);
		p2pdma_topology_changed();
		expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
		expect_class(test, f->ep0, f->ep5, PCI_P2PDMA_MAP_NOT_SUPPORTED, NULL);
		KUNIT_EXPECT_EQ(test, provider->nr_computed, 6 + 4 * i);
	}
}

static void p2pdma_test_hotplug(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_UNKNOWN);
	struct p2pdma_provider *provider = fake_provider(test, f->ep0);
	struct fake_fn *ep;

	expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	KUNIT_EXPECT_EQ(test, provider->nr_computed, 1);

	/* One that comes */
	fake_set_acs(f->dp1, PCI_ACS_CR);
	expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	ep = fake_endpoint_add(test, f->host, f->dp5, PCI_DEVFN(0, 0), 0);
	fake_plug(test, ep);
	expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_NOT_SUPPORTED, NULL);
	expect_class(test, f->ep0, ep, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	KUNIT_EXPECT_EQ(test, provider->nr_computed, 3);

	/* And goes */
	fake_set_acs(f->dp1, 0);
	expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_NOT_SUPPORTED, NULL);
	fake_unplug(ep);
	expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	KUNIT_EXPECT_EQ(test, provider->nr_computed, 4);
}

/* The first device of the root bus goes, and with it what the host bridge is known by */
static void p2pdma_test_first_device_goes(struct kunit *test)
{
	struct fake_host *host = fake_host_add(test, 0);
	struct fake_fn *first, *rp, *a, *b;

	first = fake_fn_add(test, host, NULL, PCI_DEVFN(0, 0), PCI_VENDOR_ID_INTEL, 0x2030,
			    PCI_CLASS_BRIDGE_HOST);
	rp = fake_port_add_id(test, host, NULL, PCI_DEVFN(1, 0), PCI_EXP_TYPE_ROOT_PORT,
			      FAKE_VENDOR, FAKE_BRIDGE);
	a = fake_endpoint_add(test, host, rp, PCI_DEVFN(0, 0), FAKE_BAR_SIZE);
	b = fake_endpoint_add(test, host, NULL, PCI_DEVFN(2, 0), FAKE_BAR_SIZE);
	fake_probe(test, host);
	expect_host(test, a, b, true);
	fake_unplug(first);
	expect_host(test, a, b, false);
}

/* Somebody who asks in the middle of a removal */
struct late_asker {
	struct notifier_block	nb;
	struct p2pdma_provider	*provider;
	struct device		*going;
	struct device		*client;
	unsigned int		asked;
};

static int late_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct late_asker *late = container_of(nb, struct late_asker, nb);

	if (action != BUS_NOTIFY_REMOVED_DEVICE || data != late->going)
		return NOTIFY_DONE;
	pci_p2pdma_map_type(late->provider, late->client);
	late->asked++;
	return NOTIFY_DONE;
}

static void late_unregister(void *data)
{
	struct late_asker *late = data;

	bus_unregister_notifier(&pci_bus_type, &late->nb);
}

static void late_register(struct kunit *test, struct late_asker *late)
{
	late->nb.notifier_call = late_notify;
	/* After all others */
	late->nb.priority = INT_MIN;
	KUNIT_ASSERT_EQ(test, bus_register_notifier(&pci_bus_type, &late->nb), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, late_unregister, late), 0);
}

static struct late_asker late_asker;

static void p2pdma_test_asked_while_first_goes(struct kunit *test)
{
	struct fake_host *host = fake_host_add(test, 0);
	struct fake_fn *first, *rp, *a, *b;

	first = fake_fn_add(test, host, NULL, PCI_DEVFN(0, 0), PCI_VENDOR_ID_INTEL, 0x2030,
			    PCI_CLASS_BRIDGE_HOST);
	rp = fake_port_add_id(test, host, NULL, PCI_DEVFN(1, 0), PCI_EXP_TYPE_ROOT_PORT,
			      FAKE_VENDOR, FAKE_BRIDGE);
	a = fake_endpoint_add(test, host, rp, PCI_DEVFN(0, 0), FAKE_BAR_SIZE);
	b = fake_endpoint_add(test, host, NULL, PCI_DEVFN(2, 0), FAKE_BAR_SIZE);
	fake_probe(test, host);
	late_asker = (struct late_asker) {
		.provider	= fake_provider(test, a),
		.going		= &first->pdev->dev,
		.client		= &b->pdev->dev,
	};
	late_register(test, &late_asker);
	fake_unplug(first);
	KUNIT_EXPECT_EQ(test, late_asker.asked, 1);
	/* Whatever it was told then is not what is true now */
	expect_host(test, a, b, false);
}

static void p2pdma_test_asked_while_client_goes(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_UNKNOWN);
	unsigned int alive = fake_alive;

	late_asker = (struct late_asker) {
		.provider	= fake_provider(test, f->ep0),
		.going		= &f->ep1->pdev->dev,
		.client		= &f->ep1->pdev->dev,
	};
	late_register(test, &late_asker);
	fake_unplug(f->ep1);
	KUNIT_EXPECT_EQ(test, late_asker.asked, 1);
	KUNIT_EXPECT_EQ(test, fake_alive, alive - 1);
}

static void p2pdma_test_client_goes(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_ANYWHERE);
	struct p2pdma_provider *providers[] = {
		fake_provider(test, f->ep0), fake_provider(test, f->ep1),
		fake_provider(test, f->ep5),
	};
	unsigned int held, i, alive = fake_alive;
	struct p2pdma_mapping mapping;
	struct pci_dev *pdev;
	char *line;

	pdev = f->ep3->pdev;
	held = kref_read(&pdev->dev.kobj.kref);
	for (i = 0; i < ARRAY_SIZE(providers); i++) {
		KUNIT_ASSERT_EQ(test, p2pdma_mapping_begin(&mapping, providers[i], &pdev->dev, NULL,
							   GFP_KERNEL), 0);
		p2pdma_mapping_end(&mapping);
		KUNIT_EXPECT_EQ(test, kref_read(&pdev->dev.kobj.kref), held + i + 1);
	}

	/* Someone else still holds it, but it is not there any more */
	pci_dev_get(pdev);
	fake_unplug(f->ep3);
	for (i = 0; i < ARRAY_SIZE(providers); i++) {
		KUNIT_EXPECT_EQ(test, p2pdma_mapping_begin(&mapping, providers[i], &pdev->dev, NULL,
							   GFP_KERNEL), -ENODEV);
		KUNIT_EXPECT_EQ(test, pci_p2pdma_map_type(providers[i], &pdev->dev),
				PCI_P2PDMA_MAP_NOT_SUPPORTED);
		KUNIT_EXPECT_EQ(test, p2pdma_client_reserve(providers[i], &pdev->dev, GFP_KERNEL),
				-ENODEV);
		KUNIT_EXPECT_EQ(test, providers[i]->nr_mappings, 0);
	}
	read_debugfs(test);
	line = debugfs_provider(f->ep0, fake_bar_cpu(f->ep0, 0));
	KUNIT_ASSERT_NOT_NULL(test, line);
	KUNIT_EXPECT_NULL(test, debugfs_client(line, &pdev->dev));
	KUNIT_EXPECT_EQ(test, kref_read(&pdev->dev.kobj.kref), 1);
	KUNIT_EXPECT_EQ(test, fake_alive, alive);
	pci_dev_put(pdev);
	KUNIT_EXPECT_EQ(test, fake_alive, alive - 1);
}

/* A driver that unmaps too late: what it has mapped stays, but it gets nothing new */
static void p2pdma_test_client_goes_mapped(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_UNKNOWN);
	struct p2pdma_provider *provider = fake_provider(test, f->ep0);
	struct p2pdma_mapping mapping, another;
	unsigned int alive = fake_alive;
	struct device *dev = &f->ep1->pdev->dev;

	KUNIT_ASSERT_EQ(test, p2pdma_mapping_begin(&mapping, provider, dev, NULL, GFP_KERNEL), 0);
	fake_unplug(f->ep1);
	KUNIT_EXPECT_EQ(test, fake_alive, alive);
	KUNIT_EXPECT_EQ(test, provider->nr_mappings, 1);
	KUNIT_EXPECT_EQ(test, p2pdma_mapping_begin(&another, provider, dev, NULL, GFP_KERNEL),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, mapping.map_type, PCI_P2PDMA_MAP_BUS_ADDR);
	p2pdma_mapping_end(&mapping);
	KUNIT_EXPECT_EQ(test, provider->nr_mappings, 0);
	/* Held no longer than until the provider ends */
	pcim_p2pdma_provider_remove(f->ep0->pdev, provider);
	KUNIT_EXPECT_EQ(test, fake_alive, alive - 1);
}

/* Mappings */

/* The only DMA range of a mapping is this one */
static void expect_dma(struct kunit *test, const struct dma_phyr_map *map, u64 addr, u64 len)
{
	struct dma_phyr_iter iter;
	struct dma_phyr range;
	u64 bytes = 0;

	dma_phyr_for_each(range, iter, map) {
		KUNIT_EXPECT_EQ(test, range.addr, addr + bytes);
		bytes += range.len;
	}
	KUNIT_EXPECT_EQ(test, bytes, len);
}

static void map_p2p(struct kunit *test, struct fake_fn *client, struct phyr_list *list,
		    struct dma_phyr_map *map)
{
	KUNIT_ASSERT_EQ(test, dma_set_mask(&client->pdev->dev, DMA_BIT_MASK(64)), 0);
	KUNIT_ASSERT_EQ(test, dma_map_phyr(&client->pdev->dev, list, map, DMA_BIDIRECTIONAL, 0), 0);
}

/* Map a part of a provider, see where the device finds it, and that nothing is left */
static void expect_mapped(struct kunit *test, struct p2pdma_provider *provider,
			  struct fake_fn *client, u64 off, u64 len, u64 addr)
{
	struct phyr_list list = PHYR_LIST_INIT;
	struct dma_phyr_map map = {};

	KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(&list, provider, off, len, GFP_KERNEL), 0);
	map_p2p(test, client, &list, &map);
	KUNIT_EXPECT_EQ(test, provider->nr_mappings, 1);
	expect_dma(test, &map, addr, len);
	dma_unmap_phyr(&map);
	KUNIT_EXPECT_EQ(test, provider->nr_mappings, 0);
	phyr_list_release(&list);
}

static void p2pdma_test_translated(struct kunit *test)
{
	unsigned int nr;

	for (nr = 0; nr < 2; nr++) {
		struct fake_fabric *f = fake_fabric_add(test, nr, FAKE_ANYWHERE);
		struct p2pdma_provider *provider = fake_provider(test, f->ep0);
		u64 bus = fake_bar_bus(f->ep0, 0), cpu = fake_bar_cpu(f->ep0, 0);
		struct phyr_list list = PHYR_LIST_INIT;

		/* What the test and the PCI core think of the window is the same */
		KUNIT_ASSERT_EQ(test, cpu - bus, FAKE_PREF_CPU(nr) - FAKE_PREF_BUS(nr));
		KUNIT_ASSERT_EQ(test, pci_resource_start(f->ep0->pdev, 0), cpu);
		KUNIT_ASSERT_EQ(test, pci_bus_address(f->ep0->pdev, 0), bus);

		KUNIT_EXPECT_EQ(test, provider->start, cpu);
		KUNIT_EXPECT_EQ(test, provider->size, FAKE_BAR_SIZE);
		KUNIT_EXPECT_PTR_EQ(test, provider->owner, &f->ep0->pdev->dev);
		expect_mapped(test, provider, f->ep0, 0, FAKE_BAR_SIZE, bus);
		expect_mapped(test, provider, f->ep1, 0, FAKE_BAR_SIZE, bus);
		expect_mapped(test, provider, f->ep1, 3 * SZ_4K, SZ_8K, bus + 3 * SZ_4K);
		expect_mapped(test, provider, f->ep3, FAKE_BAR_SIZE - 1, 1,
			      bus + FAKE_BAR_SIZE - 1);
		expect_mapped(test, provider, f->ep5, 0, FAKE_BAR_SIZE, cpu);
		expect_mapped(test, provider, f->ep6, SZ_4K, SZ_4K, cpu + SZ_4K);
		fake_set_acs(f->dp1, PCI_ACS_RR);
		p2pdma_topology_changed();
		expect_mapped(test, provider, f->ep1, 0, FAKE_BAR_SIZE, cpu);

		/* A list may outlive all of it */
		KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(&list, provider, 0, SZ_4K, GFP_KERNEL),
				0);
		kunit_release_action(test, fake_host_free, f->host);
		KUNIT_EXPECT_EQ(test, fake_alive, 0);
		KUNIT_EXPECT_TRUE(test, p2pdma_provider_is_revoked(provider));
		phyr_list_release(&list);
	}
}

/* Between two host bridges the CPU's addresses are those of the provider's */
static void p2pdma_test_translated_twice(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_ANYWHERE);
	struct fake_fabric *g = fake_fabric_add(test, 1, FAKE_ANYWHERE);

	expect_mapped(test, fake_provider(test, f->ep0), g->ep1, SZ_4K, SZ_4K,
		      fake_bar_cpu(f->ep0, 0) + SZ_4K);
	expect_mapped(test, fake_provider(test, g->ep1), f->ep0, SZ_4K, SZ_4K,
		      fake_bar_cpu(g->ep1, 0) + SZ_4K);
	expect_mapped(test, fake_provider(test, g->ep1), g->ep0, SZ_4K, SZ_4K,
		      fake_bar_bus(g->ep1, 0) + SZ_4K);
}

static void p2pdma_test_map_refused(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_UNKNOWN);
	struct p2pdma_provider *provider = fake_provider(test, f->ep0);
	struct phyr_list list = PHYR_LIST_INIT;
	struct dma_phyr_map map = {};

	KUNIT_ASSERT_EQ(test, dma_set_mask(&f->ep5->pdev->dev, DMA_BIT_MASK(64)), 0);
	KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(&list, provider, 0, SZ_4K, GFP_KERNEL), 0);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(&f->ep5->pdev->dev, &list, &map, DMA_TO_DEVICE, 0),
			-EREMOTEIO);
	KUNIT_EXPECT_EQ(test, provider->nr_mappings, 0);
	phyr_list_release(&list);
}

static void p2pdma_test_large_bar(struct kunit *test)
{
	struct fake_host *host = fake_host_add(test, 0);
	struct p2pdma_provider *whole, *part;
	const u64 off = SZ_512M + SZ_64K;
	struct fake_fn *rp, *up, *dp[2], *ep[2];
	struct phyr_list list = PHYR_LIST_INIT;
	struct dma_phyr_map map = {};
	u64 bus;

	rp = fake_port_add_id(test, host, NULL, PCI_DEVFN(0, 0), PCI_EXP_TYPE_ROOT_PORT,
			      FAKE_VENDOR, FAKE_BRIDGE);
	up = fake_port_add(test, rp, PCI_DEVFN(0, 0), PCI_EXP_TYPE_UPSTREAM);
	dp[0] = fake_port_add(test, up, PCI_DEVFN(0, 0), PCI_EXP_TYPE_DOWNSTREAM);
	dp[1] = fake_port_add(test, up, PCI_DEVFN(1, 0), PCI_EXP_TYPE_DOWNSTREAM);
	ep[0] = fake_endpoint_add(test, host, dp[0], PCI_DEVFN(0, 0), SZ_1G);
	ep[1] = fake_endpoint_add(test, host, dp[1], PCI_DEVFN(0, 0), SZ_1G);
	fake_probe(test, host);

	bus = fake_bar_bus(ep[0], 0);
	whole = fake_provider(test, ep[0]);
	KUNIT_EXPECT_EQ(test, whole->size, SZ_1G);
	part = pcim_p2pdma_provider_range(ep[0]->pdev, 0, off, SZ_128M);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, part);
	KUNIT_EXPECT_PTR_NE(test, part, whole);
	KUNIT_EXPECT_EQ(test, part->start, fake_bar_cpu(ep[0], 0) + off);
	KUNIT_EXPECT_EQ(test, part->size, SZ_128M);
	expect_mapped(test, whole, ep[1], 0, SZ_1G, bus);
	expect_mapped(test, whole, ep[1], off, SZ_4K, bus + off);
	expect_mapped(test, part, ep[1], 0, SZ_128M, bus + off);
	expect_mapped(test, part, ep[1], SZ_128M - SZ_4K, SZ_4K, bus + off + SZ_128M - SZ_4K);
	KUNIT_EXPECT_EQ(test, phyr_list_append_p2p(&list, part, SZ_128M, 1, GFP_KERNEL), -ERANGE);
	KUNIT_EXPECT_EQ(test, phyr_list_append_p2p(&list, whole, 0, SZ_1G + 1ULL, GFP_KERNEL),
			-ERANGE);

	/* Both in one list, where each is asked for by itself */
	KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(&list, whole, off - SZ_4K, SZ_4K, GFP_KERNEL),
			0);
	KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(&list, part, 0, SZ_4K, GFP_KERNEL), 0);
	map_p2p(test, ep[1], &list, &map);
	KUNIT_EXPECT_EQ(test, whole->nr_mappings, 1);
	KUNIT_EXPECT_EQ(test, part->nr_mappings, 1);
	expect_dma(test, &map, bus + off - SZ_4K, 2 * SZ_4K);
	dma_unmap_phyr(&map);
	KUNIT_EXPECT_EQ(test, whole->nr_mappings, 0);
	KUNIT_EXPECT_EQ(test, part->nr_mappings, 0);
	phyr_list_release(&list);
}

static void p2pdma_test_mapped_before_change(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_ANYWHERE);
	struct p2pdma_provider *provider = fake_provider(test, f->ep0);
	struct phyr_list list = PHYR_LIST_INIT;
	struct dma_phyr_map before = {}, after = {};
	u64 bus = fake_bar_bus(f->ep0, 0), cpu = fake_bar_cpu(f->ep0, 0);

	KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(&list, provider, 0, FAKE_BAR_SIZE, GFP_KERNEL),
			0);
	map_p2p(test, f->ep1, &list, &before);
	expect_dma(test, &before, bus, FAKE_BAR_SIZE);

	fake_set_acs(f->dp1, PCI_ACS_RR);
	p2pdma_topology_changed();
	expect_dma(test, &before, bus, FAKE_BAR_SIZE);
	map_p2p(test, f->ep1, &list, &after);
	KUNIT_EXPECT_EQ(test, provider->nr_mappings, 2);
	expect_dma(test, &before, bus, FAKE_BAR_SIZE);
	expect_dma(test, &after, cpu, FAKE_BAR_SIZE);

	/* And the other way round */
	fake_set_acs(f->dp1, 0);
	p2pdma_topology_changed();
	expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	expect_dma(test, &before, bus, FAKE_BAR_SIZE);
	expect_dma(test, &after, cpu, FAKE_BAR_SIZE);
	dma_unmap_phyr(&before);
	KUNIT_EXPECT_EQ(test, provider->nr_mappings, 1);
	expect_dma(test, &after, cpu, FAKE_BAR_SIZE);
	dma_unmap_phyr(&after);
	KUNIT_EXPECT_EQ(test, provider->nr_mappings, 0);
	phyr_list_release(&list);
}

/* Providers */

static void p2pdma_test_bars(struct kunit *test)
{
	struct fake_host *host = fake_host_add(test, 0);
	struct p2pdma_provider *provider, *part, *again;
	struct pci_dev *pdev;
	struct fake_fn *ep;
	int bar;

	ep = fake_endpoint_add(test, host, NULL, PCI_DEVFN(1, 0), FAKE_BAR_SIZE);
	fake_bar_add(ep, 2, SZ_256, PCI_BASE_ADDRESS_SPACE_IO);
	fake_bar_add(ep, 3, SZ_64K, PCI_BASE_ADDRESS_MEM_TYPE_32);
	fake_probe(test, host);
	pdev = ep->pdev;
	/* The I/O BAR has got an address, too */
	KUNIT_ASSERT_EQ(test, pci_resource_len(pdev, 2), SZ_256);
	KUNIT_ASSERT_TRUE(test, pdev->resource[2].parent);

	provider = pcim_p2pdma_provider(pdev, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, provider);
	KUNIT_EXPECT_PTR_EQ(test, pcim_p2pdma_provider(pdev, 0), provider);
	again = pcim_p2pdma_provider(pdev, 3);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, again);
	KUNIT_EXPECT_PTR_NE(test, again, provider);
	KUNIT_EXPECT_PTR_EQ(test, pcim_p2pdma_provider(pdev, 3), again);
	/* A BAR in the other window is elsewhere on the bus, and by another offset */
	KUNIT_EXPECT_EQ(test, again->start, fake_bar_cpu(ep, 3));
	KUNIT_EXPECT_EQ(test, again->size, SZ_64K);
	expect_mapped(test, again, ep, SZ_4K, SZ_4K, fake_bar_bus(ep, 3) + SZ_4K);
	KUNIT_EXPECT_LT(test, fake_bar_bus(ep, 3), SZ_4G);

	/* The second half of BAR 0, I/O, two that are not there, and no standard BARs */
	for (bar = -2; bar < PCI_NUM_RESOURCES + 2; bar++) {
		if (bar == 0 || bar == 3)
			continue;
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR(pcim_p2pdma_provider(pdev, bar)), -EINVAL,
				    "BAR %d", bar);
		KUNIT_EXPECT_EQ_MSG(test, PTR_ERR(pcim_p2pdma_provider_range(pdev, bar, 0, 1)),
				    -EINVAL, "BAR %d", bar);
	}

	/* Parts of a BAR, also all of it, are what each caller has for himself */
	part = pcim_p2pdma_provider_range(pdev, 0, 0, FAKE_BAR_SIZE);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, part);
	KUNIT_EXPECT_PTR_NE(test, part, provider);
	KUNIT_EXPECT_PTR_EQ(test, pcim_p2pdma_provider(pdev, 0), provider);
	again = pcim_p2pdma_provider_range(pdev, 0, FAKE_BAR_SIZE - 1, 1);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, again);
	KUNIT_EXPECT_EQ(test, again->start, fake_bar_cpu(ep, 0) + FAKE_BAR_SIZE - 1);
	KUNIT_EXPECT_EQ(test, again->size, 1);
	KUNIT_EXPECT_EQ(test, PTR_ERR(pcim_p2pdma_provider_range(pdev, 0, 0, 0)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(pcim_p2pdma_provider_range(pdev, 0, 0, FAKE_BAR_SIZE + 1)),
			-ERANGE);
	KUNIT_EXPECT_EQ(test, PTR_ERR(pcim_p2pdma_provider_range(pdev, 0, FAKE_BAR_SIZE, 1)),
			-ERANGE);
	KUNIT_EXPECT_EQ(test, PTR_ERR(pcim_p2pdma_provider_range(pdev, 0, 2, U64_MAX)), -ERANGE);
	KUNIT_EXPECT_EQ(test, PTR_ERR(pcim_p2pdma_provider_range(pdev, 0, U64_MAX, 2)), -ERANGE);
}

static void p2pdma_test_remove(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_UNKNOWN);
	struct p2pdma_provider *provider = fake_provider(test, f->ep0), *part, *again;
	struct pci_dev *pdev = f->ep0->pdev;
	struct phyr_list list = PHYR_LIST_INIT;
	struct dma_phyr_map map = {};
	unsigned int held = kref_read(&f->ep1->pdev->dev.kobj.kref);

	part = pcim_p2pdma_provider_range(pdev, 0, SZ_4K, SZ_4K);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, part);
	KUNIT_EXPECT_EQ(test, pci_p2pdma_map_type(part, &f->ep1->pdev->dev),
			PCI_P2PDMA_MAP_BUS_ADDR);
	KUNIT_EXPECT_EQ(test, kref_read(&f->ep1->pdev->dev.kobj.kref), held + 1);
	KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(&list, part, 0, SZ_4K, GFP_KERNEL), 0);
	pcim_p2pdma_provider_remove(pdev, part);

	/* It is gone for good, with its clients; the list still has its structure */
	KUNIT_EXPECT_EQ(test, kref_read(&f->ep1->pdev->dev.kobj.kref), held);
	KUNIT_EXPECT_TRUE(test, p2pdma_provider_is_revoked(part));
	KUNIT_EXPECT_EQ(test, p2pdma_provider_restore(part), -ENODEV);
	KUNIT_ASSERT_EQ(test, dma_set_mask(&f->ep1->pdev->dev, DMA_BIT_MASK(64)), 0);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(&f->ep1->pdev->dev, &list, &map, DMA_TO_DEVICE, 0),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, phyr_list_append_p2p(&list, part, 0, SZ_4K, GFP_KERNEL), -ENODEV);
	KUNIT_EXPECT_EQ(test, pci_p2pdma_map_type(part, &f->ep1->pdev->dev),
			PCI_P2PDMA_MAP_NOT_SUPPORTED);
	phyr_list_release(&list);
	read_debugfs(test);
	KUNIT_EXPECT_NULL(test, debugfs_provider(f->ep0, fake_bar_cpu(f->ep0, 0) + SZ_4K));

	/* The other one is still there, and a new one is none of the old ones */
	KUNIT_EXPECT_NOT_NULL(test, debugfs_provider(f->ep0, fake_bar_cpu(f->ep0, 0)));
	expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	p2pdma_provider_get(provider);
	pcim_p2pdma_provider_remove(pdev, provider);
	again = pcim_p2pdma_provider(pdev, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, again);
	KUNIT_EXPECT_PTR_NE(test, again, provider);
	KUNIT_EXPECT_FALSE(test, p2pdma_provider_is_revoked(again));
	KUNIT_EXPECT_TRUE(test, p2pdma_provider_is_revoked(provider));
	p2pdma_provider_put(provider);
}

/* A client that ends its mapping a while after it was told to */
struct slow_client {
	struct p2pdma_mapping	mapping;
	struct delayed_work	work;
	struct p2pdma_provider	*provider;
	unsigned int		told;
	bool			ended;
};

static void slow_client_work(struct work_struct *work)
{
	struct slow_client *slow = container_of(to_delayed_work(work), struct slow_client, work);

	WRITE_ONCE(slow->ended, true);
	p2pdma_mapping_end(&slow->mapping);
}

static void slow_client_invalidate(struct p2pdma_mapping *mapping)
{
	struct slow_client *slow = container_of(mapping, struct slow_client, mapping);

	slow->told++;
	schedule_delayed_work(&slow->work, HZ / 20);
}

static struct slow_client slow_client;

static void p2pdma_test_unbind(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_UNKNOWN);
	struct p2pdma_provider *provider = fake_provider(test, f->ep0), *again;
	struct device *owner = &f->ep0->pdev->dev;

	KUNIT_ASSERT_NOT_NULL(test, owner->driver);
	p2pdma_provider_get(provider);
	slow_client = (struct slow_client) {};
	INIT_DELAYED_WORK(&slow_client.work, slow_client_work);
	KUNIT_ASSERT_EQ(test, p2pdma_mapping_begin(&slow_client.mapping, provider,
						   &f->ep1->pdev->dev, slow_client_invalidate,
						   GFP_KERNEL), 0);
	device_release_driver(owner);
	KUNIT_EXPECT_EQ(test, slow_client.told, 1);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(slow_client.ended));
	flush_delayed_work(&slow_client.work);
	KUNIT_EXPECT_EQ(test, provider->nr_mappings, 0);
	KUNIT_EXPECT_TRUE(test, p2pdma_provider_is_revoked(provider));
	KUNIT_EXPECT_EQ(test, p2pdma_provider_restore(provider), -ENODEV);
	KUNIT_EXPECT_NULL(test, provider->owner);
	read_debugfs(test);
	KUNIT_EXPECT_NULL(test, debugfs_provider(f->ep0, fake_bar_cpu(f->ep0, 0)));

	KUNIT_ASSERT_EQ(test, device_attach(owner), 1);
	again = fake_provider(test, f->ep0);
	KUNIT_EXPECT_PTR_NE(test, again, provider);
	expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	p2pdma_provider_put(provider);
}

/* The owner of the memory is taken out; it was a client of itself, too */
static void p2pdma_test_owner_goes(struct kunit *test)
{
	struct fake_fabric *f = fake_fabric_add(test, 0, FAKE_UNKNOWN);
	struct p2pdma_provider *provider = fake_provider(test, f->ep1);
	struct phyr_list list = PHYR_LIST_INIT;
	struct dma_phyr_map map = {};
	unsigned int alive = fake_alive;

	expect_class(test, f->ep1, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	expect_class(test, f->ep1, f->ep0, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	expect_class(test, f->ep0, f->ep1, PCI_P2PDMA_MAP_BUS_ADDR, NULL);
	KUNIT_ASSERT_EQ(test, phyr_list_append_p2p(&list, provider, 0, SZ_4K, GFP_KERNEL), 0);
	fake_unplug(f->ep1);
	KUNIT_EXPECT_EQ(test, fake_alive, alive - 1);
	KUNIT_ASSERT_EQ(test, dma_set_mask(&f->ep0->pdev->dev, DMA_BIT_MASK(64)), 0);
	KUNIT_EXPECT_EQ(test, dma_map_phyr(&f->ep0->pdev->dev, &list, &map, DMA_TO_DEVICE, 0),
			-ENODEV);
	phyr_list_release(&list);
}

static int fake_driver_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return 0;
}

static const struct pci_device_id fake_driver_ids[] = {
	{ PCI_DEVICE(FAKE_VENDOR, FAKE_ENDPOINT) },
	{}
};

static struct pci_driver fake_driver = {
	.name		= "p2pdma_kunit",
	.id_table	= fake_driver_ids,
	.probe		= fake_driver_probe,
};

static int p2pdma_suite_init(struct kunit_suite *suite)
{
	debugfs_text = kzalloc(DEBUGFS_SIZE, GFP_KERNEL);
	if (!debugfs_text)
		return -ENOMEM;
	return pci_register_driver(&fake_driver);
}

static void p2pdma_suite_exit(struct kunit_suite *suite)
{
	pci_unregister_driver(&fake_driver);
	kfree(debugfs_text);
}

/* Registered before all else, so it comes last: whatever a test did, no device is left */
static void fake_expect_none(void *data)
{
	struct kunit *test = data;

	KUNIT_EXPECT_EQ(test, fake_alive, 0);
	fake_alive = 0;
}

static int p2pdma_test_init(struct kunit *test)
{
	return kunit_add_action(test, fake_expect_none, test);
}

static struct kunit_case p2pdma_test_cases[] = {
	KUNIT_CASE_PARAM(p2pdma_test_classes, fake_kind_gen_params),
	KUNIT_CASE_PARAM(p2pdma_test_acs, fake_kind_gen_params),
	KUNIT_CASE_PARAM(p2pdma_test_two_hosts, fake_kind_gen_params),
	KUNIT_CASE_PARAM(p2pdma_test_two_different_hosts, fake_kind_gen_params),
	KUNIT_CASE(p2pdma_test_host_devices),
	KUNIT_CASE(p2pdma_test_not_pci),
	KUNIT_CASE(p2pdma_test_found_out_once),
	KUNIT_CASE(p2pdma_test_acs_changes),
	KUNIT_CASE(p2pdma_test_hotplug),
	KUNIT_CASE(p2pdma_test_first_device_goes),
	KUNIT_CASE(p2pdma_test_asked_while_first_goes),
	KUNIT_CASE(p2pdma_test_asked_while_client_goes),
	KUNIT_CASE(p2pdma_test_client_goes),
	KUNIT_CASE(p2pdma_test_client_goes_mapped),
	KUNIT_CASE(p2pdma_test_translated),
	KUNIT_CASE(p2pdma_test_translated_twice),
	KUNIT_CASE(p2pdma_test_map_refused),
	KUNIT_CASE(p2pdma_test_large_bar),
	KUNIT_CASE(p2pdma_test_mapped_before_change),
	KUNIT_CASE(p2pdma_test_bars),
	KUNIT_CASE(p2pdma_test_remove),
	KUNIT_CASE(p2pdma_test_unbind),
	KUNIT_CASE(p2pdma_test_owner_goes),
	{}
};

static struct kunit_suite p2pdma_topology_suite = {
	.name		= "p2pdma_topology",
	.suite_init	= p2pdma_suite_init,
	.suite_exit	= p2pdma_suite_exit,
	.init		= p2pdma_test_init,
	.test_cases	= p2pdma_test_cases,
};

kunit_test_suite(p2pdma_topology_suite);
