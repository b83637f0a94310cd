// SPDX-License-Identifier: GPL-2.0
/*
 * Memory is registered again and again while other threads of the process change what is
 * mapped there: pages are looked for without a lock first, so whatever happens meanwhile
 * must be noticed.  Registering may fail, but no pin may remain, and what was registered is
 * the memory of the process.  This is for more than one CPU.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hca_test.h"
#include "test.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

/* As many as there is time for */
#define MIN_ROUNDS	10
#define MAX_ROUNDS	200
#define SECONDS		6

struct memory {
	char		*p;
	size_t		size;
	size_t		page;		/* what can be changed by itself */
	bool		is_hugetlb;
};

struct changer {
	const struct memory	*mem;
	void			(*change)(const struct memory *mem, unsigned int rnd);
	unsigned int		seed;
	unsigned long		changes;
	bool			stop;
	pthread_t		thread;
};

static char *some_page(const struct memory *mem, unsigned int rnd)
{
	return mem->p + rnd % (mem->size / mem->page) * mem->page;
}

/* What a child writes to is copied, in one of the two processes */
static void change_fork(const struct memory *mem, unsigned int rnd)
{
	pid_t pid = fork();

	if (!pid) {
		some_page(mem, rnd)[1]++;
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* Cuts a huge page into entries for small ones, too */
static void change_protect(const struct memory *mem, unsigned int rnd)
{
	char *p = some_page(mem, rnd);

	mprotect(p, mem->page, rnd & 0x1000 ? PROT_READ : PROT_NONE);
	mprotect(p, mem->page, PROT_READ | PROT_WRITE);
}

/* And the other way round; what is pinned stays where it is */
static void change_collapse(const struct memory *mem, unsigned int rnd)
{
	madvise(mem->p + rnd % (mem->size / (2 * MB)) * 2 * MB, 2 * MB, MADV_COLLAPSE);
}

/* From here on memory does not stay what it was */
static void change_discard(const struct memory *mem, unsigned int rnd)
{
	char *p = some_page(mem, rnd);

	madvise(p, mem->page, MADV_DONTNEED);
	if (rnd & 0x1000)
		*p = 1;
}

static void change_remap(const struct memory *mem, unsigned int rnd)
{
	char *p = some_page(mem, rnd);

	/* Registering may find a hole */
	munmap(p, mem->page);
	if (mmap(p, mem->page, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != p)
		_exit(3);
	if (rnd & 0x1000)
		*p = 1;
}

static void *change(void *data)
{
	struct changer *changer = data;

	while (!__atomic_load_n(&changer->stop, __ATOMIC_ACQUIRE)) {
		changer->change(changer->mem, rand_r(&changer->seed));
		changer->changes++;
	}
	return NULL;
}

static void start(struct changer *changer, const struct memory *mem,
		  void (*what)(const struct memory *mem, unsigned int rnd), unsigned int seed)
{
	changer->mem = mem;
	changer->change = what;
	changer->seed = seed;
	changer->stop = false;
	if (pthread_create(&changer->thread, NULL, change, changer))
		fail("pthread_create");
}

static void stop(struct changer *changer)
{
	__atomic_store_n(&changer->stop, true, __ATOMIC_RELEASE);
	pthread_join(changer->thread, NULL);
}

static struct span span(const struct mr *mr, char *p)
{
	return (struct span) { .p = p, .addr = (uintptr_t)p, .key = mr->rkey };
}

/* All pages that are pinned are those of this process: tests/rdma/hca/look.c */
static void compare(const struct mr *mr)
{
	int file = open("/sys/kernel/debug/edu_hca_look", O_WRONLY | O_CLOEXEC);
	char key[16];

	snprintf(key, sizeof(key), "%u", mr->lkey);
	if (write(file, key, strlen(key)) < 0)
		fail("other pages than the process has: %m");
	close(file);
}

/* What the device reaches is what this process has there */
static void look(struct verbs *v, const struct mr *mr, const struct memory *mem)
{
	char *q = map_small(4 * PAGE), *p = mem->p + rnd_below(mem->size - 3 * PAGE) + 1;
	struct mr other;

	reg(v, &other, q, 4 * PAGE, ACCESS_ALL);
	move(v, false, span(&other, q + 1), span(mr, p), 2 * PAGE);
	move(v, true, span(&other, q + 1), span(mr, p), 2 * PAGE);
	dereg(v, &other);
	munmap(q, 4 * PAGE);
}

/* Two of the changes at a time; @is_kept: what is registered stays mapped */
static void race(struct verbs *v, const struct memory *mem,
		 void (*one)(const struct memory *mem, unsigned int rnd),
		 void (*other)(const struct memory *mem, unsigned int rnd), bool is_kept)
{
	unsigned int i, nr_good = 0, nr_looks = 0;
	long before = pins(), account = locked();
	const time_t end = time(NULL) + SECONDS;
	struct changer changers[2] = {};
	struct mr mr;
	int ret;

	start(&changers[0], mem, one, 1);
	start(&changers[1], mem, other, 2);
	for (i = 0; i < MAX_ROUNDS && (i < MIN_ROUNDS || time(NULL) < end); i++) {
		ret = verbs_reg(v, &mr, (uintptr_t)mem->p, mem->size, (uintptr_t)mem->p,
				ACCESS_ALL);
		/* Of huge pages a copy may find none left */
		if (ret && ret != EFAULT && !(mem->is_hugetlb && ret == ENOMEM))
			fail("registering: %s", strerror(ret));
		if (ret)
			continue;
		nr_good++;
		if (is_kept)
			compare(&mr);
		/* In the first ones, and some more */
		if (is_kept && nr_looks < 4 && i >= nr_looks * nr_looks) {
			nr_looks++;
			stop(&changers[0]);
			stop(&changers[1]);
			look(v, &mr, mem);
			start(&changers[0], mem, one, 10 * i);
			start(&changers[1], mem, other, 10 * i + 1);
		}
		dereg(v, &mr);
	}
	stop(&changers[0]);
	stop(&changers[1]);
	if (pins() != before)
		fail("%ld pages are still pinned", pins() - before);
	if (locked() != account)
		fail("%ld bytes are still accounted", locked() - account);
	/* With nobody around it has to be registered */
	reg(v, &mr, mem->p, mem->size, ACCESS_ALL);
	look(v, &mr, mem);
	dereg(v, &mr);
	if (!changers[0].changes || !changers[1].changes)
		fail("nothing was changed meanwhile");
	printf("# %u of %u registrations; %lu and %lu changes meanwhile\n", nr_good, i,
	       changers[0].changes, changers[1].changes);
}

static void race_all(struct verbs *v, const struct memory *mem)
{
	memset(mem->p, 1, mem->size);
	race(v, mem, change_fork, mem->is_hugetlb ? change_fork : change_collapse, true);
	race(v, mem, change_protect, mem->is_hugetlb ? change_fork : change_collapse, true);
	/* Huge pages in small entries, of which a child gets a share */
	if (!mem->is_hugetlb)
		race(v, mem, change_protect, change_fork, true);
	/* Who writes to a page wants it to be writable */
	race(v, mem, change_discard, mem->is_hugetlb ? change_fork : change_collapse, false);
	if (!mem->is_hugetlb)
		race(v, mem, change_remap, change_fork, false);
	munmap(mem->p, mem->size);
}

void test_race(void)
{
	struct memory small = { .p = map_thp(2 * MB), .size = 2 * MB, .page = PAGE };
	struct memory thp = { .p = map_thp(4 * MB), .size = 4 * MB, .page = PAGE };
	struct memory huge = {
		.p = map_hugetlb(8 * MB, 2 * MB), .size = 8 * MB, .page = 2 * MB,
		.is_hugetlb = true,
	};
	long before = pins();
	struct verbs v;

	open_verbs(&v);
	madvise(small.p, small.size, MADV_NOHUGEPAGE);
	madvise(small.p, small.size, MADV_DONTNEED);
	race_all(&v, &small);
	race_all(&v, &thp);
	race_all(&v, &huge);
	verbs_close(&v);
	if (pins() != before)
		fail("%ld pages are still pinned", pins() - before);
}
