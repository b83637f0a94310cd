// SPDX-License-Identifier: GPL-2.0
/*
 * The umem under test, for kernels that are built without the RDMA subsystem: it is then
 * part of the module.  With it come those few functions of the subsystem's core that
 * it needs, which sources.sh has taken from there.
 */
#include <core/umem.c>
#include <core/umem_dmabuf.c>
#include <core/iter.c>

#include "core_functions.c"

void ibdev_warn(const struct ib_device *device, const char *format, ...)
{
}
