/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of the adapter share: memory, what is pinned of it, moves, and failing. */
#ifndef HCA_TEST_H
#define HCA_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "uverbs.h"

#define PAGE		4096UL
#define KB		1024UL
#define MB		(1024 * KB)
#define GB		(1024 * MB)
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define ACCESS_ALL	(ACCESS_LOCAL_WRITE | ACCESS_REMOTE_WRITE | ACCESS_REMOTE_READ)

extern bool failed;
extern uint64_t moves, moved;

void fail(const char *format, ...);

/* Memory; without any the program ends */
char *map(size_t len, int prot, int flags, int file);
char *map_small(size_t size);		/* pages of 4 KiB, touched in disorder */
char *map_thp(size_t size);
char *map_hugetlb(size_t size, size_t page);
int new_memfd(size_t size, unsigned int flags);
void touch_scattered(char *p, size_t size);
void randomize(char *p, size_t size);
uint64_t rnd_below(uint64_t n);

/* Pages of anybody that are pinned now, and bytes of this process that count as such */
long pins(void);
long locked(void);

/* Give up the capability to lock any amount of memory, for this much */
void limit_locked(size_t bytes);

/* In a process of its own */
void in_child(void (*test)(void));

/* Open, register, deregister: failing is the test's failure */
void open_verbs(struct verbs *v);
void reg(struct verbs *v, struct mr *mr, const void *addr, size_t len, uint32_t access);
void dereg(struct verbs *v, const struct mr *mr);

/*
 * Have the device read (from @remote to @local) or write the other way, and compare.  One
 * byte in front of and behind of where it writes has to remain, and belongs to nobody.
 */
struct span {
	char		*p;
	uint64_t	addr;	/* as the MR names it */
	uint32_t	key;
};

void move(struct verbs *v, bool read, struct span local, struct span remote, size_t len);

/* One that has to end with @status, and to move nothing */
void refuse(struct verbs *v, bool read, struct span local, struct span remote, size_t len,
	    uint32_t status);

#endif /* HCA_TEST_H */
