// SPDX-License-Identifier: GPL-2.0
/*
 * In the guest: move a disk through /dev/phyr-edu to another one and say how.
 *
 * usage: move INPUT OUTPUT BYTES
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../edu/phyr_edu.h"
#include "memory.h"

#define CHUNK	(1024 * 1024)
/* So that the buffers begin inside a page */
#define FROM_SKEW	1234
#define TO_SKEW		77

static void describe(const char *what, const struct phyr_edu_buffer *b)
{
	unsigned int i;

	printf("%s: %llu bytes in %llu range%s", what, b->bytes, b->ranges,
	       b->ranges == 1 ? "" : "s");
	if (b->list_bytes)
		printf("; the list takes %llu bytes, %.2f a range; a scatterlist %llu\n",
		       b->list_bytes, (double)b->list_bytes / b->ranges, b->sg_bytes);
	else
		printf("; they fit struct phyr_list itself; a scatterlist takes %llu bytes\n",
		       b->sg_bytes);
	printf("  mapped: %s; %llu contiguous stretch%s of DMA addresses\n",
	       b->path, b->stretches, b->stretches == 1 ? "" : "es");
	printf("  cut to %llu segment%s, as the device takes 2048 bytes at a time\n",
	       b->segments, b->segments == 1 ? "" : "s");
	for (i = 0; i < PHYR_EDU_STRETCHES && i < b->stretches; i++)
		printf("  DMA 0x%09llx - 0x%09llx (%llu bytes)\n", b->stretch[i].addr,
		       b->stretch[i].addr + b->stretch[i].len - 1, b->stretch[i].len);
	if (b->stretches > PHYR_EDU_STRETCHES)
		printf("  ... and %llu more\n", b->stretches - PHYR_EDU_STRETCHES);
}

static void measure(int edu, unsigned char *mem, size_t len)
{
	static const char * const steps[] = { "build", "map", "walk", "unmap", "free" };
	struct phyr_edu_measure m = { .addr = (uintptr_t)mem, .len = len };
	unsigned int i;

	if (ioctl(edu, PHYR_EDU_MEASURE, &m))
		die("measuring");
	printf("instructions for a buffer of %llu scattered pages:\n", m.pages);
	printf("  %-23s %10s    %10s           %8s     %8s\n", "", "phyr", "sg",
	       "phyr/pg", "sg/pg");
	for (i = 0; i < PHYR_EDU_NR_STEPS; i++)
		printf("  %-23s %10llu    %10llu           %8.1f     %8.1f\n", steps[i], m.phyr[i],
		       m.sg[i], (double)m.phyr[i] / m.pages, (double)m.sg[i] / m.pages);
}

int main(int argc, char **argv)
{
	unsigned long long total, done = 0;
	unsigned char *from, *to;
	int in, out, edu;

	if (argc != 4)
		return 2;
	total = strtoull(argv[3], NULL, 0);
	in = open(argv[1], O_RDONLY);
	out = open(argv[2], O_WRONLY);
	edu = open("/dev/phyr-edu", O_RDWR);
	if (in < 0 || out < 0 || edu < 0)
		die("opening the disks and the device");
	setvbuf(stdout, NULL, _IOLBF, 0);
	from = scattered(CHUNK + FROM_SKEW + 512) + FROM_SKEW;
	to = scattered(CHUNK + TO_SKEW + 512) + TO_SKEW;

	while (done < total) {
		struct phyr_edu_move move = {
			.from	= (uintptr_t)from,
			.to	= (uintptr_t)to,
			.len	= total - done < CHUNK ? total - done : CHUNK,
		};

		read_all(in, from, move.len);
		memset(to, 0, CHUNK + 512);
		if (ioctl(edu, PHYR_EDU_MOVE, &move))
			die("moving memory through the device");
		if (!done) {
			describe("from", &move.in);
			describe("to", &move.out);
		}
		write_all(out, to, move.len);
		done += move.len;
		printf("moved %llu of %llu bytes\n", done, total);
	}
	if (fsync(out))
		die("writing the output");
	measure(edu, from - FROM_SKEW, CHUNK);
	printf("PHYR-MOVED %llu\n", done);
	return 0;
}
