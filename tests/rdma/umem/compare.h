/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of the module umem_compare share. */
#ifndef UMEM_COMPARE_MODULE_H
#define UMEM_COMPARE_MODULE_H

#include <linux/types.h>

struct ib_device;
struct umem_move;
struct umem_within;
struct umem_mr;

/* device.c: for whom memory is registered, NULL if there is no such */
struct ib_device *umem_ib_device(u32 device);
int umem_device_move(const struct umem_move *move);
int umem_device_move_within(const struct umem_within *within);
int umem_device_init(void);
void umem_device_exit(void);

/* moving.c */
int umem_moving(u32 device);

/* mr.c */
int umem_compare_mr(const struct umem_mr *arg);

#endif /* UMEM_COMPARE_MODULE_H */
