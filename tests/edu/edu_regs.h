/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The DMA engine of QEMU's "edu" device as its drivers here see it (docs/specs/edu.rst of
 * QEMU): registers, limits, and how to have it copy without an interrupt.  What
 * they do with it is in each of them.
 */
#ifndef _TESTS_EDU_REGS_H
#define _TESTS_EDU_REGS_H

#include <linux/bits.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/iopoll.h>
#include <linux/sizes.h>
#include <linux/time64.h>
#include <linux/types.h>

#define EDU_VENDOR_ID		0x1234
#define EDU_DEVICE_ID		0x11e8

#define EDU_ID			0x00
#define EDU_ID_MAGIC		0xed
#define EDU_IRQ_STATUS		0x24
#define EDU_IRQ_ACK		0x64
#define EDU_DMA_SRC		0x80
#define EDU_DMA_DST		0x88
#define EDU_DMA_COUNT		0x90
#define EDU_DMA_CMD		0x98
#define EDU_DMA_RUN		BIT(0)
#define EDU_DMA_TO_MEMORY	BIT(1)
#define EDU_DMA_IRQ		BIT(2)
/* Where the device has its own 4 KiB of memory */
#define EDU_BUFFER		0x40000

/* Half of the buffer: the device of QEMU 7.2 must not touch the last byte */
#define EDU_MAX_SEGMENT		SZ_2K

static inline bool edu_is_present(void __iomem *regs)
{
	return (readl(regs + EDU_ID) & 0xff) == EDU_ID_MAGIC;
}

/* Begin to copy @len bytes between the buffer and memory; @flags may be EDU_DMA_IRQ */
static inline void edu_dma_start(void __iomem *regs, dma_addr_t addr, u64 len, bool to_memory,
				 u64 flags)
{
	writeq(to_memory ? EDU_BUFFER : addr, regs + EDU_DMA_SRC);
	writeq(to_memory ? addr : EDU_BUFFER, regs + EDU_DMA_DST);
	writeq(len, regs + EDU_DMA_COUNT);
	writeq(EDU_DMA_RUN | flags | (to_memory ? EDU_DMA_TO_MEMORY : 0), regs + EDU_DMA_CMD);
}

/* The same, and sleep until it is done: the device takes a tenth of a second for any length */
static inline int edu_dma_wait(void __iomem *regs, dma_addr_t addr, u64 len, bool to_memory)
{
	u64 cmd;

	edu_dma_start(regs, addr, len, to_memory, 0);
	return readq_poll_timeout(regs + EDU_DMA_CMD, cmd, !(cmd & EDU_DMA_RUN),
				  20 * USEC_PER_MSEC, 10 * USEC_PER_SEC);
}

#endif /* _TESTS_EDU_REGS_H */
