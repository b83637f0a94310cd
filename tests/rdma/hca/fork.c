// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that share memory by fork(), or leave theirs behind: the device has to reach the
 * memory of the one that registered it, whoever writes to it first, and nobody else's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hca_test.h"
#include "test.h"

/* A child that has a copy of some memory, which must remain as it was when it was born */
struct child {
	pid_t	pid;
	int	go;		/* write to it, and the child looks */
};

static void start_child(struct child *child, const char *p, size_t size)
{
	char *saved = malloc(size), byte;
	int go[2];

	if (!saved || pipe(go)) {
		printf("not ok - malloc, pipe: %m\n");
		exit(1);
	}
	memcpy(saved, p, size);
	fflush(stdout);
	child->pid = fork();
	if (!child->pid) {
		close(go[1]);
		if (read(go[0], &byte, 1) != 1)
			_exit(2);
		_exit(!!memcmp(saved, p, size));
	}
	close(go[0]);
	child->go = go[1];
	free(saved);
}

static void end_child(struct child *child)
{
	int status;

	if (write(child->go, "g", 1) != 1)
		fail("the child is gone");
	close(child->go);
	if (waitpid(child->pid, &status, 0) != child->pid || status)
		fail("the child's memory is another: status %#x", status);
}

static struct span span(const struct mr *mr, char *p)
{
	return (struct span) { .p = p, .addr = (uintptr_t)p, .key = mr->rkey };
}

/* The CPU writes to all pages, and each sees what the other has written */
static void both_write(struct verbs *v, const struct mr *mr, char *p, size_t size)
{
	char *q = map_small(4 * PAGE);
	struct mr other;
	size_t i;

	reg(v, &other, q, 4 * PAGE, ACCESS_ALL);
	for (i = 0; i < size; i += PAGE)
		p[i]++;
	move(v, false, span(&other, q + 1), span(mr, p + 3 * PAGE - 100), PAGE + 200);
	move(v, true, span(&other, q + 1), span(mr, p + size - PAGE - 5), PAGE);
	dereg(v, &other);
	munmap(q, 4 * PAGE);
}

/* Only the CPU writes, after it was registered for the device to read */
static void cpu_writes(struct verbs *v, const struct mr *mr, char *p, size_t size)
{
	char *q = map_small(4 * PAGE);
	struct mr other;

	reg(v, &other, q, 4 * PAGE, ACCESS_ALL);
	move(v, true, span(&other, q + 1), span(mr, p + 3 * PAGE - 100), PAGE + 200);
	move(v, true, span(&other, q + 1), span(mr, p + size - PAGE - 5), PAGE);
	dereg(v, &other);
	munmap(q, 4 * PAGE);
}

static void fork_with(struct verbs *v, char *p, size_t size)
{
	struct child child;
	struct mr mr;

	randomize(p, size);
	/* Registered first: what is pinned is not shared with a child */
	reg(v, &mr, p, size, ACCESS_ALL);
	start_child(&child, p, size);
	both_write(v, &mr, p, size);
	end_child(&child);
	dereg(v, &mr);
	/* Shared first: what is pinned for writing is copied, be it to nobody's eyes but ours */
	start_child(&child, p, size);
	reg(v, &mr, p, size, ACCESS_ALL);
	both_write(v, &mr, p, size);
	end_child(&child);
	dereg(v, &mr);
	/* What is pinned for reading is copied, too, or the device would keep the child's */
	start_child(&child, p, size);
	reg(v, &mr, p, size, ACCESS_REMOTE_READ);
	cpu_writes(v, &mr, p, size);
	end_child(&child);
	dereg(v, &mr);
	munmap(p, size);
}

void test_fork(void)
{
	long before = pins();
	struct verbs v;

	open_verbs(&v);
	fork_with(&v, map_small(16 * PAGE), 16 * PAGE);
	fork_with(&v, map_thp(4 * MB), 4 * MB);
	fork_with(&v, map_hugetlb(4 * MB, 2 * MB), 4 * MB);
	verbs_close(&v);
	if (pins() != before)
		fail("%ld pages are still pinned", pins() - before);
}

/* Whoever registered is gone, but not the file by which: its memory stays until that goes */
void test_heir(void)
{
	long before = pins(), left;
	int alive[2], status;
	char byte;
	pid_t pid;

	if (pipe(alive))
		fail("pipe: %m");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		struct verbs v;
		struct mr mr;

		close(alive[1]);
		open_verbs(&v);
		reg(&v, &mr, map_small(300 * PAGE), 300 * PAGE, ACCESS_ALL);
		reg(&v, &mr, map_thp(2 * MB), 2 * MB, ACCESS_REMOTE_READ);
		fflush(stdout);
		/* The heir lives until the other end of the pipe is closed */
		if (!fork())
			_exit(read(alive[0], &byte, 1));
		_exit(failed);
	}
	close(alive[0]);
	if (waitpid(pid, &status, 0) != pid || status)
		fail("the process did not register");
	left = pins() - before;
	if (left != 300 + 2 * MB / PAGE)
		fail("%ld pages are pinned while the file is open", left);
	close(alive[1]);
	/* Nobody can wait for the heir */
	for (left = 0; left < 100 && pins() != before; left++)
		usleep(100000);
	if (pins() != before)
		fail("%ld pages are still pinned", pins() - before);
}
