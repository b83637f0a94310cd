// SPDX-License-Identifier: GPL-2.0
/*
 * Plays a buffer that is larger than what the kernel has in one piece, once from beginning to
 * end. Before that memory is cut to pieces, so that the buffer consists of many.
 *
 * play DEVICE: in the guest. play check FILE.wav: on the host, for what came out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <sound/asound.h>

#define RATE		48000
#define FRAME		4			/* two channels of 16 bits */
#define BUFFER		(4 << 20)
#define PERIODS		8
/* The end is silence, as QEMU does not write what it has when the sound is stopped */
#define SOUND		(BUFFER / FRAME - 8192)
/* What becomes free is of this size at least, and a quarter of it surely in one piece */
#define HOLE		(256 << 10)

static void fail(const char *what)
{
	printf("not ok - %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Never silence, and no two frames in a row that could be taken for each other */
static uint32_t frame(uint32_t i)
{
	return (i + 1) * 2654435761u | 1;
}

/* How many free blocks have room for the buffer, and how many have not */
static unsigned long large_blocks(unsigned long *small)
{
	FILE *f = fopen("/proc/buddyinfo", "r");
	unsigned long free, large = 0;
	int order, c;

	if (!f)
		fail("buddyinfo");
	*small = 0;
	while (fscanf(f, " Node %*d, zone %*s") != EOF) {
		for (order = 0; fscanf(f, "%lu", &free) == 1; order++)
			*(4096UL << order >= BUFFER ? &large : small) += free;
		while ((c = getc(f)) != EOF && c != '\n')
			;
	}
	fclose(f);
	return large;
}

static char *take_memory(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		fail("mmap");
	return memory;
}

/* Keep every other piece of nearly all memory, and what is left in one piece */
static void cut_memory(void)
{
	size_t size = (size_t)sysconf(_SC_AVPHYS_PAGES) * 4096 - (12 << 20), off;
	char *memory = take_memory(size);
	unsigned long small;
	int n;

	for (n = 0; large_blocks(&small) && n < 8; n++)
		take_memory(1 << 20);
	for (off = 0; off + HOLE <= size; off += 2 * HOLE)
		if (madvise(memory + off, HOLE, MADV_DONTNEED))
			fail("madvise");
	n = large_blocks(&small);
	printf("%s - %d free blocks are as large as the buffer, %lu are smaller\n",
	       n ? "not ok" : "ok", n, small);
}

static void set_mask(struct snd_pcm_hw_params *p, int n, unsigned int bit)
{
	struct snd_mask *mask = &p->masks[n - SNDRV_PCM_HW_PARAM_FIRST_MASK];

	memset(mask, 0, sizeof(*mask));
	mask->bits[bit / 32] = 1u << (bit % 32);
}

static void set_interval(struct snd_pcm_hw_params *p, int n, unsigned int value)
{
	struct snd_interval *i = &p->intervals[n - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];

	i->min = value;
	i->max = value;
	i->integer = 1;
}

static void set_up(int fd)
{
	struct snd_pcm_hw_params hw = { .rmask = ~0u };
	struct snd_pcm_sw_params sw = { .period_step = 1 };
	int n;

	for (n = SNDRV_PCM_HW_PARAM_FIRST_MASK; n <= SNDRV_PCM_HW_PARAM_LAST_MASK; n++)
		memset(&hw.masks[n - SNDRV_PCM_HW_PARAM_FIRST_MASK], 0xff, sizeof(hw.masks[0]));
	for (n = SNDRV_PCM_HW_PARAM_FIRST_INTERVAL; n <= SNDRV_PCM_HW_PARAM_LAST_INTERVAL; n++)
		hw.intervals[n - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL].max = ~0u;
	set_mask(&hw, SNDRV_PCM_HW_PARAM_ACCESS, SNDRV_PCM_ACCESS_RW_INTERLEAVED);
	set_mask(&hw, SNDRV_PCM_HW_PARAM_FORMAT, (unsigned int)SNDRV_PCM_FORMAT_S16_LE);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_CHANNELS, 2);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_RATE, RATE);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_BUFFER_SIZE, BUFFER / FRAME);
	set_interval(&hw, SNDRV_PCM_HW_PARAM_PERIODS, PERIODS);
	if (ioctl(fd, SNDRV_PCM_IOCTL_HW_PARAMS, &hw))
		fail("hw_params");
	sw.avail_min = BUFFER / FRAME / PERIODS;
	sw.start_threshold = BUFFER / FRAME;
	sw.stop_threshold = BUFFER / FRAME;
	sw.boundary = BUFFER / FRAME;
	while (sw.boundary * 2 <= 0x7fffffffUL - BUFFER / FRAME)
		sw.boundary *= 2;
	if (ioctl(fd, SNDRV_PCM_IOCTL_SW_PARAMS, &sw))
		fail("sw_params");
	if (ioctl(fd, SNDRV_PCM_IOCTL_PREPARE))
		fail("prepare");
}

static int play(const char *device)
{
	uint32_t *data = malloc(BUFFER), i;
	struct snd_xferi x = { .buf = data, .frames = BUFFER / FRAME };
	int fd = open(device, O_RDWR);

	if (!data)
		fail("malloc");
	if (fd < 0)
		fail("open");
	for (i = 0; i < BUFFER / FRAME; i++)
		data[i] = i < SOUND ? frame(i) : 0;
	cut_memory();
	set_up(fd);
	if (ioctl(fd, SNDRV_PCM_IOCTL_WRITEI_FRAMES, &x) || x.result != BUFFER / FRAME)
		fail("write");
	if (ioctl(fd, SNDRV_PCM_IOCTL_DRAIN))
		fail("drain");
	if (ioctl(fd, SNDRV_PCM_IOCTL_HW_FREE))
		fail("hw_free");
	close(fd);
	printf("ok - played %d bytes\n", BUFFER);
	return 0;
}

/* All frames in a row somewhere behind the header, silence before and behind them */
static int check(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint32_t got, next = 0;
	unsigned long bad = 0;

	if (!f || fseek(f, 44, SEEK_SET))
		fail("open");
	while (fread(&got, sizeof(got), 1, f) == 1) {
		if (!got && (!next || next == SOUND))
			continue;
		if (next < SOUND && got == frame(next))
			next++;
		else
			bad++;
	}
	printf("%s - %u frames came out, %lu wrong ones too, %u are missing\n",
	       bad || next < SOUND ? "not ok" : "ok", next, bad, SOUND - next);
	return bad || next < SOUND;
}

int main(int argc, char **argv)
{
	setbuf(stdout, NULL);
	if (argc == 3 && !strcmp(argv[1], "check"))
		return check(argv[2]);
	if (argc == 2)
		return play(argv[1]);
	fprintf(stderr, "usage: play DEVICE, or play check FILE.wav\n");
	return 2;
}
