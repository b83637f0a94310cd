/* SPDX-License-Identifier: GPL-2.0 */
/* The tests, by the files that they are in. */
#ifndef HCA_HCA_TEST_H
#define HCA_HCA_TEST_H

/* memory.c: bytes moved to and from memory of all kinds */
void test_small_pages(void);
void test_not_touched(void);
void test_thp(void);
void test_hugetlb_2m(void);
void test_hugetlb_1g(void);
void test_file(void);
void test_memfd(void);
void test_read_only(void);
void test_over_4g_1g(void);
void test_over_4g_huge(void);
void test_over_4g_small(void);
void test_dmabuf(void);
void test_lists(void);
void test_iova(void);
void test_shared_pages(void);
void test_rereg(void);

/* bad.c: what is refused, and what fails */
void test_keys(void);
void test_errors(void);
void test_limits(void);
void test_each_failure(void);

/* movable.c: memory that has to be moved away first */
void test_movable(void);

/* race.c: mappings that change while they are registered */
void test_race(void);

/* fork.c: processes that share memory, or leave it behind */
void test_fork(void);
void test_heir(void);

/* gone.c: processes and devices that go while memory is registered */
void test_killed(void);
void test_killed_while_moving(void);
void test_unbound(void);
void test_module_removed(void);

#endif /* HCA_HCA_TEST_H */
