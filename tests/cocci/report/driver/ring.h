/* SPDX-License-Identifier: GPL-2.0 */
struct drv_ring {
	struct scatterlist *sglist;
	int n;
};

int drv_program(struct drv_ring *ring);
