/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the kernel's umem include, and how they are measured.
 *
 * The kernel of the benchmark has no RDMA subsystem: both umems are part of the module, as
 * if it had.
 */
#ifndef PHYR_BENCH_UMEM_INCLUDES_H
#define PHYR_BENCH_UMEM_INCLUDES_H

#define CONFIG_INFINIBAND_USER_MEM 1

#include <linux/bitops.h>
#include <linux/count_zeros.h>
#include <linux/dma-mapping.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/phyr.h>
#include <linux/scatterlist.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <rdma/ib_verbs.h>

#include "registration.h"

#endif /* PHYR_BENCH_UMEM_INCLUDES_H */
