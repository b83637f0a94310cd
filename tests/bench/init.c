// SPDX-License-Identifier: GPL-2.0
/*
 * The guest of make bench: loads the module with what the command line says for it, and
 * with addresses of functions that the kernel does not export, and switches off. All that
 * is of interest is in the kernel's log.
 *
 * It needs no libc but the kernel's nolibc, so the cross compiler for kernels will do.
 */
#define PREFIX "bench."

/* In the order of tests/bench/two_step.c */
static const char * const functions[] = {
	"dma_info_to_prot", "iommu_dma_alloc_iova", "iommu_dma_unmap_block",
	"iommu_get_dma_domain", "iommu_map_nosync", "iommu_sync_map", NULL
};

static char text[16 << 20];
static char options[4096];

static void fail(const char *what)
{
	printf("phyr_bench: init: %s failed: %d\n", what, errno);
	reboot(RB_POWER_OFF);
}

static void read_text(const char *path)
{
	int fd = open(path, O_RDONLY);
	size_t len = 0;
	ssize_t got;

	if (fd < 0)
		fail(path);
	while ((got = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += got;
	text[len] = 0;
	close(fd);
}

static void add(const char *word, size_t len)
{
	size_t at = strlen(options);

	if (at + len >= sizeof(options))
		fail("parameters: too many");
	memcpy(options + at, word, len);
	options[at + len] = 0;
}

static void add_parameters(void)
{
	char *word = text, *end;

	read_text("/proc/cmdline");
	for (; *word; word = end) {
		while (*word == ' ' || *word == '\n')
			word++;
		for (end = word; *end && *end != ' ' && *end != '\n';)
			end++;
		if (strncmp(word, PREFIX, strlen(PREFIX)))
			continue;
		word += strlen(PREFIX);
		add(word, end - word);
		add(" ", 1);
	}
}

/* A line is "address type name" */
static const char *find_symbol(const char *name)
{
	const size_t len = strlen(name);
	const char *line = text, *at, *end;

	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			break;
		at = strchr(line, ' ');
		if (!at || at + 3 + len != end || memcmp(at + 3, name, len))
			continue;
		if (at[1] == 't' || at[1] == 'T')
			return line;
	}
	return NULL;
}

static void add_functions(void)
{
	const char *line;
	unsigned int i;

	read_text("/proc/kallsyms");
	for (i = 0; functions[i]; i++) {
		line = find_symbol(functions[i]);
		/* The benchmark has something to say if it needs it */
		if (!line)
			return;
		add(i ? ",0x" : "functions=0x", i ? 3 : 12);
		add(line, strchr(line, ' ') - line);
	}
}

/*
 * Once a second a kernel for several CPUs trims the free pages of each, so what it takes to
 * free some depends on when that was. Wait for the last time.
 */
static void keep_free_pages(void)
{
	int fd = open("/proc/sys/vm/stat_interval", O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, "3600", 4) != 4)
		fail("stat_interval");
	close(fd);
	sleep(3);
}

int main(void)
{
	int fd;

	if (mount("proc", "/proc", "proc", 0, NULL))
		fail("mounting /proc");
	keep_free_pages();
	add_parameters();
	add_functions();
	fd = open("/phyr_bench.ko", O_RDONLY);
	if (fd < 0 || syscall(__NR_finit_module, fd, options, 0))
		fail("loading the module");
	reboot(RB_POWER_OFF);
	return 0;
}
