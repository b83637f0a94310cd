/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TESTS_EDU_H
#define _TESTS_EDU_H

struct device;
struct phyr_edu_measure;

int edu_measure(struct device *dev, struct phyr_edu_measure *measure);

#endif /* _TESTS_EDU_H */
