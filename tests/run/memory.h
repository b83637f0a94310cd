/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs in the guest have in common: memory whose pages are not in order,
 * whole disks into it and out of it.
 */
#ifndef _RUN_MEMORY_H
#define _RUN_MEMORY_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096

static inline void die(const char *what)
{
	fprintf(stderr, "phyr: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Memory whose pages are not in order: they are touched in a random one */
static inline unsigned char *scattered(size_t len)
{
	size_t nr = (len + PAGE - 1) / PAGE, i, j, t, *order = malloc(nr * sizeof(*order));
	unsigned char *mem;

	mem = mmap(NULL, nr * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!order || mem == MAP_FAILED)
		die("no memory");
	madvise(mem, nr * PAGE, MADV_NOHUGEPAGE);
	for (i = 0; i < nr; i++)
		order[i] = i;
	srandom(1);
	for (i = nr - 1; i; i--) {
		j = random() % (i + 1);
		t = order[i];
		order[i] = order[j];
		order[j] = t;
	}
	for (i = 0; i < nr; i++)
		mem[order[i] * PAGE] = 1;
	free(order);
	return mem;
}

static inline void read_all(int fd, unsigned char *mem, size_t len)
{
	/* A disk is read by the sector */
	ssize_t got, want = (len + 511) / 512 * 512;

	while (want > 0) {
		got = read(fd, mem, want);
		if (got <= 0)
			die("reading the input");
		mem += got;
		want -= got;
	}
}

static inline void write_all(int fd, const unsigned char *mem, size_t len)
{
	ssize_t put, want = (len + 511) / 512 * 512;

	while (want > 0) {
		put = write(fd, mem, want);
		if (put <= 0)
			die("writing the output");
		mem += put;
		want -= put;
	}
}

#endif /* _RUN_MEMORY_H */
