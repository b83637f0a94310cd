/* SPDX-License-Identifier: GPL-2.0 */
static inline int fix_program(void __iomem *regs, dma_addr_t addr, int count)
{
	if (count > 8)
		return -E2BIG;
	writeq(addr, regs);
	writel(count, regs + 8);
	return 0;
}
