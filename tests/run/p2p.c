// SPDX-License-Identifier: GPL-2.0
/*
 * In the guest: move bytes through /dev/phyr-edu to a list of system memory and memory
 * of other devices in any order, and back; take the memory away meanwhile; say how.
 *
 * usage: p2p MODE INPUT OUTPUT SEGMENT...
 *
 * MODE	move	to the list, from it to other memory, and that to OUTPUT
 *	map	map the list, but move nothing
 *	refused	mapping has to fail
 *	unplug	as move, and then lose peers while they are mapped
 * SEGMENT is system:BYTES, or X+OFFSET:BYTES for memory of peer X: A, B, ... are those
 *	of the driver phyr_peer by size, CMB is that of an NVMe controller.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../edu/phyr_edu.h"
#include "memory.h"

#define DEVICES		"/sys/bus/pci/devices"
#define MAX_PEERS	8
#define SKEW		1234	/* buffers begin inside a page */

struct peer {
	char			name[PHYR_EDU_NAME];
	char			letter[4];
	unsigned long long	start, size;
};

struct segment {
	struct phyr_edu_segment	edu;
	unsigned long long	at;		/* of the bytes in the input */
	unsigned char		*mem;		/* for the CPU, if it is user memory */
};

static struct peer peers[MAX_PEERS];
static unsigned int nr_peers;
static char cmb_name[PHYR_EDU_NAME];
static unsigned char *cmb;
static unsigned long long cmb_size;
static struct segment segments[PHYR_EDU_SEGMENTS];
static unsigned int nr_segments;
static unsigned long long total;

static const char *errno_name(void)
{
	return strerrorname_np(errno);
}

/* What there is */

static void find_bar(const char *name, int bar, unsigned long long *start,
		     unsigned long long *size)
{
	unsigned long long end;
	char path[300];
	FILE *file;
	int i;

	*start = 0;
	*size = 0;
	snprintf(path, sizeof(path), DEVICES "/%s/resource", name);
	file = fopen(path, "r");
	if (!file)
		return;
	for (i = 0; i <= bar; i++)
		if (fscanf(file, "%llx %llx %*x", start, &end) != 2)
			die("reading what memory a device has");
	fclose(file);
	if (end)
		*size = end - *start + 1;
}

static bool driver_is(const char *name, const char *driver)
{
	char path[300], target[300], *base;
	ssize_t len;

	snprintf(path, sizeof(path), DEVICES "/%s/driver", name);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return false;
	target[len] = 0;
	base = strrchr(target, '/');
	return base && !strcmp(base + 1, driver);
}

static int by_size(const void *a, const void *b)
{
	const struct peer *x = a, *y = b;

	return x->size < y->size ? -1 : x->size > y->size;
}

/* A, B, ... keep their letters, also when they are gone */
static void find_peers(void)
{
	struct dirent *entry;
	char path[300];
	DIR *dir = opendir(DEVICES);
	unsigned int i;

	if (!dir)
		die(DEVICES);
	while ((entry = readdir(dir))) {
		struct peer *peer = peers + nr_peers;

		snprintf(path, sizeof(path), DEVICES "/%.20s/p2pmem/allocate", entry->d_name);
		if (!access(path, F_OK))
			snprintf(cmb_name, sizeof(cmb_name), "%.15s", entry->d_name);
		if (nr_peers == MAX_PEERS || !driver_is(entry->d_name, "phyr_peer"))
			continue;
		snprintf(peer->name, sizeof(peer->name), "%.15s", entry->d_name);
		find_bar(peer->name, 2, &peer->start, &peer->size);
		nr_peers++;
	}
	closedir(dir);
	qsort(peers, nr_peers, sizeof(*peers), by_size);
	for (i = 0; i < nr_peers; i++) {
		struct peer *peer = peers + i;

		peer->letter[0] = 'A' + i;
		printf("peer %s    %s  %5llu MiB at 0x%09llx, no struct page\n", peer->letter,
		       peer->name, peer->size >> 20, peer->start);
	}
}

static void map_cmb(void)
{
	unsigned long long pages = (cmb_size + PAGE - 1) / PAGE * PAGE;
	char path[300];
	int fd;

	if (!cmb_size)
		return;
	snprintf(path, sizeof(path), DEVICES "/%s/p2pmem/allocate", cmb_name);
	fd = open(path, O_RDWR);
	if (fd < 0)
		die("no NVMe controller has memory to give");
	cmb = mmap(NULL, pages, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (cmb == MAP_FAILED)
		die("mapping memory of the NVMe controller");
	close(fd);
	cmb_size = pages;
	printf("peer CMB  %s  memory of the NVMe controller, mapped by this program\n", cmb_name);
}

static void parse(int nr, char **words)
{
	unsigned long long offset, len;
	char name[8];
	int i;

	for (i = 0; i < nr; i++) {
		struct segment *segment = segments + i;
		struct peer *peer;

		if (i == PHYR_EDU_SEGMENTS)
			die("too many segments");
		segment->at = total;
		offset = 0;
		if (sscanf(words[i], "system:%llu", &len) == 1) {
			segment->mem = scattered(len + SKEW) + SKEW;
		} else if (sscanf(words[i], "%7[A-Z]+%llu:%llu", name, &offset, &len) != 3) {
			die(words[i]);
		} else if (!strcmp(name, "CMB")) {
			if (offset + len > cmb_size)
				cmb_size = offset + len;
		} else {
			for (peer = peers; peer < peers + nr_peers; peer++)
				if (!strcmp(peer->letter, name))
					break;
			if (peer == peers + nr_peers)
				die("a peer is missing");
			memcpy(segment->edu.peer, peer->name, sizeof(peer->name));
		}
		segment->edu.addr = segment->mem ? (uintptr_t)segment->mem : offset;
		segment->edu.len = len;
		total += len;
	}
	nr_segments = nr;
	map_cmb();
	for (i = 0; i < nr; i++) {
		struct segment *segment = segments + i;

		if (segment->mem || segment->edu.peer[0])
			continue;
		segment->mem = cmb + segment->edu.addr;
		segment->edu.addr = (uintptr_t)segment->mem;
	}
}

/* The driver */

static int open_edu(void)
{
	int edu = open("/dev/phyr-edu", O_RDWR);

	if (edu < 0)
		die("/dev/phyr-edu");
	return edu;
}

static int set_list(int edu, unsigned int flags)
{
	struct phyr_edu_segment all[PHYR_EDU_SEGMENTS];
	struct phyr_edu_list list = {
		.segments	= (uintptr_t)all,
		.nr_segments	= nr_segments,
		.flags		= flags,
	};
	unsigned int i;

	for (i = 0; i < nr_segments; i++)
		all[i] = segments[i].edu;
	return ioctl(edu, PHYR_EDU_BUFFER_LIST, &list);
}

/* A buffer of system memory alone */
static void set_memory(int edu, unsigned char *mem, unsigned int flags)
{
	struct phyr_edu_segment one = { .addr = (uintptr_t)mem, .len = total };
	struct phyr_edu_list list = {
		.segments	= (uintptr_t)&one,
		.nr_segments	= 1,
		.flags		= flags,
	};

	if (ioctl(edu, PHYR_EDU_BUFFER_LIST, &list))
		die("pinning memory");
}

static void map(int edu, struct phyr_edu_map *report)
{
	memset(report, 0, sizeof(*report));
	if (ioctl(edu, PHYR_EDU_BUFFER_MAP, report))
		die("mapping a list");
}

static void unmap(int edu)
{
	if (ioctl(edu, PHYR_EDU_BUFFER_UNMAP))
		die("unmapping a list");
}

/* All bytes of one mapped list to another */
static int copy(int from, int to, unsigned long long *moved)
{
	struct phyr_edu_copy c = { .to = to };
	int ret = ioctl(from, PHYR_EDU_BUFFER_COPY, &c);

	*moved += c.bytes;
	return ret;
}

static void describe(const struct phyr_edu_map *report)
{
	unsigned int i;

	printf("one list of %llu bytes in %u runs, mapped in one call\n", report->bytes,
	       report->nr_runs);
	printf("  %3s %9s %7s  %-20s  %-29s %s\n", "run", "bytes", "ranges", "memory", "mapped",
	       "from DMA address");
	for (i = 0; i < report->nr_runs && i < PHYR_EDU_RUNS; i++)
		printf("  %3u %9llu %7llu  %-20s  %-29s 0x%09llx\n", i, report->run[i].bytes,
		       report->run[i].ranges, report->run[i].memory, report->run[i].path,
		       report->run[i].dma_addr);
}

/* What the kernel tells of providers that were asked for */
static unsigned int show_providers(bool print)
{
	FILE *file = fopen("/sys/kernel/debug/phyr/providers", "r");
	unsigned int mappings = 0, nr;
	char line[400], *at;

	if (!file)
		die("/sys/kernel/debug/phyr/providers");
	if (print)
		printf("debugfs phyr/providers\n");
	while (fgets(line, sizeof(line), file)) {
		at = strrchr(line, ';');
		if (line[0] != ' ' && at && sscanf(at, "; %u mappings", &nr) == 1)
			mappings += nr;
		if (print)
			printf("  %s", line);
	}
	fclose(file);
	return mappings;
}

/* What it takes to make the largest BAR known to others */
static void measure(int edu)
{
	struct phyr_edu_register m = {};

	if (!nr_peers)
		return;
	memcpy(m.peer, peers[nr_peers - 1].name, sizeof(m.peer));
	if (ioctl(edu, PHYR_EDU_REGISTER, &m))
		die("measuring");
	printf("to make a BAR of %llu MiB known to other devices\n", m.size >> 20);
	printf("  %-42s %12llu bytes %12llu instructions\n",
	       "pcim_p2pdma_provider(), no struct pages", m.provider_bytes, m.provider_ticks);
	printf("  %-42s %12llu bytes %12llu instructions\n",
	       "pci_p2pdma_add_resource(), struct pages", m.pages_bytes, m.pages_ticks);
}

/* Moving */

static void check_system(const unsigned char *input)
{
	unsigned int i;

	for (i = 0; i < nr_segments; i++) {
		if (segments[i].mem &&
		    memcmp(segments[i].mem, input + segments[i].at, segments[i].edu.len)) {
			errno = EIO;
			die("the CPU sees other bytes in memory of the list");
		}
	}
}

/* The controller reads its own memory, which the block layer maps page by page */
static void write_cmb(void)
{
	int disk, tries;

	if (!cmb)
		return;
	for (tries = 0; ; tries++) {
		disk = open("/dev/nvme0n1", O_RDWR | O_DIRECT);
		if (disk >= 0 || tries == 100)
			break;
		usleep(100000);
	}
	if (disk < 0 || pwrite(disk, cmb, cmb_size, 0) != (ssize_t)cmb_size || fsync(disk))
		die("writing memory of the NVMe controller to its disk");
	close(disk);
	printf("the NVMe controller wrote %llu bytes of its memory to its disk (O_DIRECT)\n",
	       cmb_size);
}

static void move(unsigned char *input, unsigned char *output, bool say)
{
	int memory = open_edu(), list = open_edu();
	struct phyr_edu_map report;
	unsigned long long moved;

	moved = 0;
	set_memory(memory, input, 0);
	if (set_list(list, PHYR_EDU_WRITE | PHYR_EDU_P2P))
		die("making the list");
	map(memory, &report);
	map(list, &report);
	if (say) {
		describe(&report);
		show_providers(true);
	}
	if (copy(memory, list, &moved))
		die("moving bytes to the list");
	unmap(list);
	unmap(memory);
	printf("moved %llu bytes from system memory to the list\n", moved);
	check_system(input);

	moved = 0;
	memset(output, 0, total);
	set_memory(memory, output, PHYR_EDU_WRITE);
	if (set_list(list, PHYR_EDU_P2P))
		die("making the list");
	map(memory, &report);
	map(list, &report);
	if (copy(list, memory, &moved))
		die("moving bytes from the list");
	unmap(list);
	unmap(memory);
	printf("moved %llu bytes from the list to other system memory\n", moved);
	if (memcmp(input, output, total)) {
		errno = EIO;
		die("other bytes came back");
	}
	close(list);
	close(memory);
}

/* Without FOLL_PCI_P2PDMA nobody is to get such memory by accident */
static void refuse_without_flag(void)
{
	int edu = open_edu();

	if (!cmb)
		return;
	errno = 0;
	if (!set_list(edu, 0) || errno != EREMOTEIO)
		die("pinning memory of a peer without FOLL_PCI_P2PDMA");
	printf("without FOLL_PCI_P2PDMA pin_user_phyr() refuses memory of the CMB: %s\n",
	       errno_name());
	close(edu);
}

static void map_only(void)
{
	struct phyr_edu_map report;
	int edu = open_edu();

	if (set_list(edu, PHYR_EDU_P2P))
		die("making the list");
	map(edu, &report);
	describe(&report);
	show_providers(true);
	unmap(edu);
	close(edu);
	printf("nothing is moved here: QEMU would send the bus address to the IOMMU\n");
}

static void refused(void)
{
	struct phyr_edu_map report;
	int edu = open_edu();

	if (set_list(edu, PHYR_EDU_P2P))
		die("making the list");
	errno = 0;
	if (!ioctl(edu, PHYR_EDU_BUFFER_MAP, &report) || errno != EREMOTEIO)
		die("mapping what cannot be reached");
	printf("dma_map_phyr() refuses the whole list: %s\n", errno_name());
	show_providers(true);
	close(edu);
	if (show_providers(false)) {
		errno = EBUSY;
		die("a mapping was left behind");
	}
	printf("no mapping is left\n");
}

/* Losing peers */

static bool is_there(const struct peer *peer)
{
	char path[300];

	snprintf(path, sizeof(path), DEVICES "/%s", peer->name);
	return !access(path, F_OK);
}

static void driver_write(const char *file, const char *name)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/phyr_peer/%s", file);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, name, strlen(name)) < 0)
		die(path);
	close(fd);
}

/*
 * The device moves bytes to the list for as long as it may; the driver of a peer goes,
 * by sysfs or because its device is pulled out.
 */
static void lose(struct peer *peer, unsigned char *input, bool pull)
{
	int memory = open_edu(), list = open_edu();
	struct phyr_edu_map report;
	unsigned long long moved = 0;
	pid_t child = 0;
	int status;

	set_memory(memory, input, 0);
	if (set_list(list, PHYR_EDU_WRITE | PHYR_EDU_P2P))
		die("making the list");
	map(memory, &report);
	map(list, &report);
	printf("mapped; %s peer %s while the device moves bytes\n",
	       pull ? "pulling out" : "unbinding the driver of", peer->letter);
	if (pull) {
		printf("PHYR-UNPLUG %s\n", peer->letter);
	} else {
		child = fork();
		if (!child) {
			/* Let it begin */
			sleep(1);
			driver_write("unbind", peer->name);
			_exit(0);
		}
	}
	while (!copy(memory, list, &moved))
		;
	if (errno != ECANCELED && errno != ENODEV)
		die("moving bytes until the peer goes");
	printf("  the edu driver was told after %llu bytes, stopped and unmapped: %s\n", moved,
	       errno_name());
	if (pull) {
		while (is_there(peer))
			usleep(10000);
	} else if (waitpid(child, &status, 0) != child || status) {
		die("unbinding");
	}
	printf("  the removal has completed\n");
	errno = 0;
	if (!ioctl(list, PHYR_EDU_BUFFER_MAP, &report) || errno != ENODEV)
		die("mapping a list whose peer is gone");
	printf("  mapping the same list again: %s\n", errno_name());
	close(list);
	printf("  the list is released\n");
	close(memory);
}

static void lose_peers(unsigned char *input, unsigned char *output)
{
	struct peer *peer = peers + nr_peers - 1;
	unsigned int i, kept = 0;

	lose(peer, input, false);
	driver_write("bind", peer->name);
	printf("bound the driver again\n");
	move(input, output, false);

	lose(peer, input, true);
	for (i = 0, total = 0; i < nr_segments; i++) {
		if (!strcmp(segments[i].edu.peer, peer->name))
			continue;
		/* Each of the others is to hold what it held before */
		memmove(input + total, input + segments[i].at, segments[i].edu.len);
		segments[kept] = segments[i];
		segments[kept].at = total;
		total += segments[kept++].edu.len;
	}
	nr_segments = kept;
	printf("without peer %s\n", peer->letter);
	move(input, output, false);
}

int main(int argc, char **argv)
{
	unsigned char *input, *output;
	int in, out, edu;

	if (argc < 5)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	in = open(argv[2], O_RDONLY);
	out = open(argv[3], O_WRONLY);
	if (in < 0 || out < 0)
		die("opening the disks");
	find_peers();
	parse(argc - 4, argv + 4);
	input = scattered(total + SKEW + 512) + SKEW;
	output = scattered(total + SKEW + 512) + SKEW;
	read_all(in, input, total);

	refuse_without_flag();
	if (!strcmp(argv[1], "refused")) {
		refused();
		return 0;
	}
	if (!strcmp(argv[1], "map")) {
		map_only();
		return 0;
	}
	move(input, output, true);
	write_cmb();
	write_all(out, output, total);
	if (fsync(out))
		die("writing the output");
	if (!strcmp(argv[1], "unplug"))
		lose_peers(input, output);
	edu = open_edu();
	if (strcmp(argv[1], "unplug"))
		measure(edu);
	close(edu);
	printf("PHYR-MOVED %llu\n", total);
	return 0;
}
