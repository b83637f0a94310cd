/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What KUnit tests of converted drivers share: memory, what a device was told of it, and the
 * pairs of functions that are compared.  The comparison itself is in kunit_port.c.
 */
#ifndef _KERNEL_DMA_PHYR_KUNIT_PORT_H
#define _KERNEL_DMA_PHYR_KUNIT_PORT_H

#include <linux/types.h>

struct device;
struct page;

#define PORT_PAGES	40

/* What a device was told: where it leads to, with neighbours merged */
struct port_told {
	struct device	*dev;
	unsigned int	nr;
	unsigned int	longest;
	u64		len;
	struct {
		phys_addr_t	phys;
		u64		len;
	} at[2 * PORT_PAGES];
};

struct port_memory {
	struct page	*pages[PORT_PAGES];
	unsigned int	nr;
	unsigned int	offset;
	unsigned int	size;
	void		*area;		/* of vmalloc, of as many pages */
};

typedef int (*port_function)(struct device *dev, const struct port_memory *mem,
			     struct port_told *told);

/* One of an array, whose last has no name */
struct port_pattern {
	const char	*name;
	port_function	old;
	port_function	new;
	bool		uncut;		/* lengths are not those of segments */
};

/* Tell of memory by the device's address, or by its own */
int port_tell(struct port_told *told, dma_addr_t addr, unsigned int len);
int port_tell_phys(struct port_told *told, phys_addr_t phys, unsigned int len);

/* Tables that are shown to code for those of frameworks: kunit_port_view.c */
extern const struct port_pattern port_views[];

/* Shapes of lists that there are semantic patches for: kunit_port_shape.c */
extern const struct port_pattern port_shapes[];

/* Tables that are asked for an address or two: kunit_port_table.c */
extern const struct port_pattern port_tables[];

/* What is sent by network devices: kunit_port_skb.c */
#ifdef CONFIG_NET
extern const struct port_pattern port_skbs[];
#endif

#endif /* _KERNEL_DMA_PHYR_KUNIT_PORT_H */
