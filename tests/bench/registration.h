/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PHYR_BENCH_REGISTRATION_H
#define PHYR_BENCH_REGISTRATION_H

#include <linux/errno.h>
#include <linux/types.h>

struct device;
struct ib_device;

/* A way to register memory with an adapter */
struct bench_umem {
	const char	*name;
	void		*(*get)(struct ib_device *device, unsigned long addr, size_t len);
	u64		(*fill)(void *umem, unsigned long sizes, u64 *list);
	void		(*put)(void *umem);
	u64		(*bytes)(void *umem);
};

extern const struct bench_umem bench_umem_phyr;
extern const struct bench_umem bench_umem_sg;

/* registration.c, which is not for User Mode Linux: there are no adapters */
#ifdef CONFIG_UML
static inline int bench_registrations(struct device *dev, unsigned long max_pages)
{
	return -EOPNOTSUPP;
}
#else
int bench_registrations(struct device *dev, unsigned long max_pages);
#endif

#endif /* PHYR_BENCH_REGISTRATION_H */
