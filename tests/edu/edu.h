/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TESTS_EDU_H
#define _TESTS_EDU_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/dma-phyr.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/phyr.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct device;
struct pci_dev;
struct phyr_edu_measure;
struct phyr_edu_register;

struct edu {
	struct pci_dev		*pdev;
	void __iomem		*regs;
	struct miscdevice	misc;
	struct mutex		lock;		/* one move at a time, and all buffers */
	bool			lost;		/* it did not answer, leave it alone */
	atomic_t		taken;		/* buffers that have to be unmapped now */
	struct completion	done;
};

/* What an open file has */
struct edu_buffer {
	struct edu		*edu;
	struct phyr_list	list;
	struct dma_phyr_map	map;
	bool			mapped;
	bool			write;
	atomic_t		taken;
	struct work_struct	unmap;
};

extern const struct file_operations edu_fops;

int edu_move_mapped(struct edu *edu, struct dma_phyr_map *in, struct dma_phyr_map *out,
		    u64 *moved);

void edu_buffer_init(struct edu_buffer *buffer, struct edu *edu);
void edu_buffer_destroy(struct edu_buffer *buffer);
int edu_buffer_ioctl(struct edu_buffer *buffer, unsigned int cmd, void __user *arg);

int edu_peer_append(struct phyr_list *list, const char *name, u64 offset, u64 len);
int edu_peer_ioctl_register(void __user *arg);
int edu_peer_init(void);
void edu_peer_exit(void);

int edu_measure(struct device *dev, struct phyr_edu_measure *measure);
int edu_measure_register(struct pci_dev *pdev, int bar, struct phyr_edu_register *measure);

#endif /* _TESTS_EDU_H */
