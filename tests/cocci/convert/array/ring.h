/* SPDX-License-Identifier: GPL-2.0 */
struct ring {
	void *vaddr;
	struct scatterlist *sglist;
	int sglen;
	int nr_pages;
};

int ring_write(u32 *out, struct scatterlist *sglist, unsigned int bytes);
