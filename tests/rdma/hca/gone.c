// SPDX-License-Identifier: GPL-2.0
/*
 * What goes while memory is registered: the process; the device, by its driver being unbound
 * or removed.  In the end no page is pinned and nothing accounted.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/memfd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hca_test.h"
#include "test.h"

#define MODULE	"edu_hca"
#define DRIVER	"/sys/bus/pci/drivers/" MODULE

/* Pages that are pinned cannot be kept from being written to any more */
static int seal(int file)
{
	return fcntl(file, F_ADD_SEALS, F_SEAL_WRITE) ? errno : 0;
}

static void post_long(struct verbs *v, char *p, size_t len)
{
	struct sge sge;
	struct mr mr;

	reg(v, &mr, p, 2 * len, ACCESS_ALL);
	sge = (struct sge) { (uintptr_t)p, len, mr.lkey };
	if (verbs_post(v, 0, &sge, 1, (uintptr_t)p + len, mr.rkey))
		fail("posting a long WRITE");
}

static void kill_child(bool moving)
{
	int file = new_memfd(32 * PAGE, MFD_ALLOW_SEALING), other = new_memfd(8 * PAGE,
									     MFD_ALLOW_SEALING);
	long before = pins(), pinned;
	int ready[2], status;
	char byte;
	pid_t pid;

	if (pipe(ready))
		fail("pipe: %m");
	fflush(stdout);
	pid = fork();
	if (!pid) {
		char *p = map(32 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file);
		struct verbs v;
		struct mr mr;

		open_verbs(&v);
		reg(&v, &mr, p, 32 * PAGE, ACCESS_ALL);
		reg(&v, &mr, p + 5, 3 * PAGE, ACCESS_ALL);
		munmap(p, 32 * PAGE);
		reg(&v, &mr, map_hugetlb(8 * MB, 2 * MB), 8 * MB, ACCESS_ALL);
		reg(&v, &mr, map_thp(4 * MB), 4 * MB, 0);
		if (moving)
			post_long(&v, map_small(2 * MB), MB);
		fflush(stdout);
		if (write(ready[1], failed ? "n" : "y", 1) != 1)
			_exit(1);
		pause();
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1 || byte != 'y')
		fail("the process did not register");
	close(ready[0]);
	pinned = pins() - before;
	if (pinned < (long)(12 * MB / PAGE + 32 + 4))
		fail("only %ld pages are pinned", pinned);
	if (seal(file) != EBUSY)
		fail("the file can be sealed while it is pinned");
	if (seal(other))
		fail("a file that is not pinned cannot be sealed");
	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
		fail("the process was not killed");
	if (pins() != before)
		fail("%ld pages are still pinned", pins() - before);
	if (seal(file))
		fail("the file still cannot be sealed");
	close(file);
	close(other);
}

void test_killed(void)
{
	kill_child(false);
}

void test_killed_while_moving(void)
{
	kill_child(true);
}

static void write_to(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
		fail("%s: %m", path);
	if (file >= 0)
		close(file);
}

static void rebind(void)
{
	DIR *dir = opendir(DRIVER);
	struct dirent *entry;
	char name[32] = "";

	while (dir && (entry = readdir(dir)))
		if (strchr(entry->d_name, ':'))
			snprintf(name, sizeof(name), "%.31s", entry->d_name);
	if (dir)
		closedir(dir);
	write_to(DRIVER "/unbind", name);
	if (pins())
		fail("%ld pages are pinned when it was unbound", pins());
	write_to(DRIVER "/bind", name);
}

static void reload(void)
{
	int file;

	if (syscall(SYS_delete_module, MODULE, 0))
		fail("delete_module: %m");
	if (pins())
		fail("%ld pages are pinned when the module is gone", pins());
	file = open("/" MODULE ".ko", O_RDONLY | O_CLOEXEC);
	if (file < 0 || syscall(SYS_finit_module, file, "", 0))
		fail("finit_module: %m");
	if (file >= 0)
		close(file);
}

static void go_away(void (*go)(void))
{
	char *p = map_small(8 * MB), *q;
	long before = pins(), account = locked();
	struct verbs v, again;
	struct mr mr[4];
	int i, ret;

	open_verbs(&v);
	for (i = 0; i < 4; i++)
		reg(&v, mr + i, p + i, (i + 1) * MB, ACCESS_ALL);
	q = map_hugetlb(4 * MB, 2 * MB);
	post_long(&v, q, MB);
	if (locked() == account)
		fail("nothing is accounted");
	/* The device may have begun */
	usleep(300000);
	go();
	if (pins() != before || locked() != account)
		fail("%ld pages are still pinned, %ld bytes accounted", pins() - before,
		     locked() - account);
	ret = verbs_reg(&v, mr, (uintptr_t)p, MB, (uintptr_t)p, ACCESS_ALL);
	if (ret != EIO)
		fail("registering with what is gone: %s", strerror(ret));
	/* To destroy what is destroyed succeeds */
	dereg(&v, mr + 1);
	/* It came back, and works, while the old one is still open */
	open_verbs(&again);
	reg(&again, mr, p, MB, ACCESS_ALL);
	move(&again, false, (struct span) { p + 1, (uintptr_t)p + 1, mr[0].lkey },
	     (struct span) { p + 9 * PAGE, (uintptr_t)p + 9 * PAGE, mr[0].rkey }, 5000);
	verbs_close(&again);
	verbs_close(&v);
	if (pins() != before || locked() != account)
		fail("%ld pages are still pinned, %ld bytes accounted", pins() - before,
		     locked() - account);
	munmap(p, 8 * MB);
	munmap(q, 4 * MB);
}

void test_unbound(void)
{
	go_away(rebind);
}

void test_module_removed(void)
{
	go_away(reload);
}
