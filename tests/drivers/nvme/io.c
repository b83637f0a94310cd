// SPDX-License-Identifier: GPL-2.0
/*
 * Reads and writes of a disk, all of whose bytes tell where they belong.
 *
 * io write|read DEVICE SIZE SEED [pages]: in the guest; in requests of many lengths, whose
 * pieces are scattered over memory at every alignment that the driver allows, or are pages.
 * io check FILE SIZE: on the host, where the disk is a file.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define SECTOR	512
/* As much at a time as the driver takes, and then some */
#define MAX_IO	(1 << 20)
#define MAX_VECS 200
#define ARENA	(32 << 20)

static uint64_t state;

static uint32_t random32(void)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return state >> 33;
}

static uint64_t expected(uint64_t word)
{
	return (word + 1) * 0x9e3779b97f4a7c15ULL;
}

static void fail(const char *what)
{
	printf("not ok - %s: %s\n", what, strerror(errno));
	exit(1);
}

/*
 * A piece of the arena for each vector, with a gap behind each, so that neighbours in the
 * disk are none in memory. Pieces that begin or end inside of a page make the block layer
 * cut the request, as PRPs cannot tell of them.
 */
static int make_vecs(char *arena, struct iovec *vecs, size_t len, int odd)
{
	size_t left = len, page = random32() % (ARENA / 8192);
	int n = 0;

	while (left && n < MAX_VECS) {
		size_t off = odd ? (random32() % 1024) * 4 : 0;
		size_t part = odd ? (1 + random32() % 7) * SECTOR :
			      (size_t)(1 + random32() % 3) * 4096;

		if (part > left || n == MAX_VECS - 1)
			part = left;
		page = (page + 7 + random32() % 11) % ((ARENA - MAX_IO) / 4096 - 4);
		vecs[n].iov_base = arena + page * 4096 + off;
		vecs[n].iov_len = part;
		page += (off + part) / 4096 + 1;
		left -= part;
		n++;
	}
	return n;
}

static int overlap(const struct iovec *vecs, int n)
{
	int i, j;

	for (i = 0; i < n; i++)
		for (j = i + 1; j < n; j++)
			if ((char *)vecs[i].iov_base < (char *)vecs[j].iov_base + vecs[j].iov_len &&
			    (char *)vecs[j].iov_base < (char *)vecs[i].iov_base + vecs[i].iov_len)
				return 1;
	return 0;
}

/* Put what belongs to the disk at pos into the vectors, or compare them with it */
static uint64_t fill(const struct iovec *vecs, int n, uint64_t pos, int compare)
{
	uint64_t bad = 0, word;
	unsigned char bytes[8];
	size_t k;
	int i;

	for (i = 0; i < n; i++)
		for (k = 0; k < vecs[i].iov_len; k++, pos++) {
			char *byte = (char *)vecs[i].iov_base + k;

			if (!(pos % 8) || !k) {
				word = expected(pos / 8);
				memcpy(bytes, &word, 8);
			}
			if (!compare)
				*byte = bytes[pos % 8];
			else if ((unsigned char)*byte != bytes[pos % 8])
				bad++;
		}
	return bad;
}

static int in_guest(const char *device, uint64_t size, int reading, int pages)
{
	int fd = open(device, (reading ? O_RDONLY : O_WRONLY) | O_DIRECT), n;
	uint64_t pos = 0, bad = 0, requests = 0;
	struct iovec vecs[MAX_VECS];
	char *arena;

	if (fd < 0)
		fail("open");
	arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (arena == MAP_FAILED)
		fail("mmap");
	while (pos < size) {
		size_t len = (size_t)(1 + random32() % (MAX_IO / SECTOR)) * SECTOR;

		if (random32() % 4 == 0)
			len = (size_t)(1 + random32() % 16) * SECTOR;
		if (len > size - pos)
			len = size - pos;
		do {
			n = make_vecs(arena, vecs, len, !pages && random32() % 3 == 0);
		} while (overlap(vecs, n));
		if (reading) {
			memset(arena, 0xa5, ARENA);
			if (preadv(fd, vecs, n, pos) != (ssize_t)len)
				fail("preadv");
			bad += fill(vecs, n, pos, 1);
		} else {
			fill(vecs, n, pos, 0);
			if (pwritev(fd, vecs, n, pos) != (ssize_t)len)
				fail("pwritev");
		}
		pos += len;
		requests++;
	}
	if (!reading && fsync(fd))
		fail("fsync");
	printf("%s - %s %llu bytes in %llu requests, %llu of them wrong\n", bad ? "not ok" : "ok",
	       reading ? "read" : "wrote", (unsigned long long)size,
	       (unsigned long long)requests, (unsigned long long)bad);
	return !!bad;
}

static int on_host(const char *path, uint64_t size)
{
	uint64_t word, got, bad = 0;
	FILE *f = fopen(path, "rb");

	if (!f)
		fail("open");
	for (word = 0; word < size / 8; word++) {
		if (fread(&got, 8, 1, f) != 1)
			fail("read");
		bad += got != expected(word);
	}
	printf("%s - %llu words of the file are wrong\n", bad ? "not ok" : "ok",
	       (unsigned long long)bad);
	return !!bad;
}

int main(int argc, char **argv)
{
	setbuf(stdout, NULL);
	if (argc == 4 && !strcmp(argv[1], "check"))
		return on_host(argv[2], strtoull(argv[3], NULL, 0));
	if (argc >= 5 && (!strcmp(argv[1], "write") || !strcmp(argv[1], "read"))) {
		state = strtoull(argv[4], NULL, 0);
		return in_guest(argv[2], strtoull(argv[3], NULL, 0), argv[1][0] == 'r',
				argc == 6);
	}
	fprintf(stderr, "usage: io write|read DEVICE SIZE SEED [pages], or io check FILE SIZE\n");
	return 2;
}
