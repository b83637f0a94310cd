/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _SHIM_UIO_H
#define _SHIM_UIO_H

struct iov_iter;
struct kvec;
typedef unsigned int iov_iter_extraction_t;

#endif
