// SPDX-License-Identifier: GPL-2.0
/*
 * A buffer of any memory there is: user memory, memory that user space has mapped
 * of a device, memory of a peer.  It is put into one list, and from then on nothing
 * here asks what it is.
 *
 * A buffer stays mapped until user space has it unmapped, so memory of a peer may be
 * taken back meanwhile.  edu_buffer_taken() then stops the device and leaves the
 * rest to a work item.
 */
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "edu.h"
#include "phyr_edu.h"

static void edu_buffer_unmap(struct edu_buffer *buffer)
{
	lockdep_assert_held(&buffer->edu->lock);
	if (!buffer->mapped)
		return;
	dma_unmap_phyr(&buffer->map);
	buffer->mapped = false;
	if (buffer->write)
		phyr_list_mark_dirty(&buffer->list, 0, phyr_list_bytes(&buffer->list));
}

static void edu_buffer_unmap_work(struct work_struct *work)
{
	struct edu_buffer *buffer = container_of(work, struct edu_buffer, unmap);
	struct edu *edu = buffer->edu;

	mutex_lock(&edu->lock);
	edu_buffer_unmap(buffer);
	if (atomic_xchg(&buffer->taken, 0))
		atomic_dec(&edu->taken);
	mutex_unlock(&edu->lock);
}

/* Whoever provides some of the memory wants it back and waits: no sleeping here */
static void edu_buffer_taken(struct dma_phyr_map *map)
{
	struct edu_buffer *buffer = container_of(map, struct edu_buffer, map);

	if (atomic_xchg(&buffer->taken, 1))
		return;
	atomic_inc(&buffer->edu->taken);
	schedule_work(&buffer->unmap);
}

void edu_buffer_init(struct edu_buffer *buffer, struct edu *edu)
{
	*buffer = (struct edu_buffer) { .edu = edu };
	dma_phyr_map_set_invalidate(&buffer->map, edu_buffer_taken);
	INIT_WORK(&buffer->unmap, edu_buffer_unmap_work);
}

void edu_buffer_destroy(struct edu_buffer *buffer)
{
	mutex_lock(&buffer->edu->lock);
	edu_buffer_unmap(buffer);
	mutex_unlock(&buffer->edu->lock);
	/* Nobody queues it any more; it may have a count to take back */
	flush_work(&buffer->unmap);
	dma_phyr_map_destroy(&buffer->map);
	phyr_list_release(&buffer->list);
}

static int edu_buffer_append(struct edu_buffer *buffer, struct phyr_edu_segment *segment,
			     u32 flags)
{
	unsigned int gup_flags = 0;

	segment->peer[sizeof(segment->peer) - 1] = '\0';
	if (segment->peer[0])
		return edu_peer_append(&buffer->list, segment->peer, segment->addr, segment->len);
	if (flags & PHYR_EDU_WRITE)
		gup_flags |= FOLL_WRITE;
	if (flags & PHYR_EDU_P2P)
		gup_flags |= FOLL_PCI_P2PDMA;
	return pin_user_phyr(&buffer->list, segment->addr, segment->len, gup_flags, GFP_KERNEL);
}

/* Another list takes the place of the one that there was, also if it fails */
static int edu_buffer_set_list(struct edu_buffer *buffer, void __user *arg)
{
	struct phyr_edu_segment *segments;
	struct phyr_edu_list spec;
	int ret = 0;
	u32 i;

	if (buffer->mapped)
		return -EBUSY;
	if (copy_from_user(&spec, arg, sizeof(spec)))
		return -EFAULT;
	if (spec.nr_segments > PHYR_EDU_SEGMENTS)
		return -E2BIG;
	segments = memdup_array_user(u64_to_user_ptr(spec.segments), spec.nr_segments,
				     sizeof(*segments));
	if (IS_ERR(segments))
		return PTR_ERR(segments);
	phyr_list_release(&buffer->list);
	buffer->write = spec.flags & PHYR_EDU_WRITE;
	for (i = 0; i < spec.nr_segments && !ret; i++)
		ret = edu_buffer_append(buffer, segments + i, spec.flags);
	if (ret)
		phyr_list_release(&buffer->list);
	kfree(segments);
	return ret;
}

/* For people: the one place where what the memory is makes a difference */
static const char *edu_memory_name(const struct phyr_run *run)
{
	if (run->kind == PHYR_P2P)
		return run->attrs & PHYR_ATTR_PINNED ? "peer, pinned pages" : "peer, no pages";
	return run->attrs & PHYR_ATTR_PINNED ? "system, pinned pages" : "system";
}

static dma_addr_t edu_dma_addr(const struct dma_phyr_map *map, u64 pos)
{
	struct dma_phyr_iter iter;
	struct dma_phyr range;

	dma_phyr_for_each(range, iter, map) {
		if (pos < range.len)
			return range.addr + pos;
		pos -= range.len;
	}
	return 0;
}

static void edu_buffer_describe(struct edu_buffer *buffer, struct phyr_edu_map *report)
{
	struct phyr_run last = {};
	struct phyr_iter iter;
	struct phyr range;

	report->bytes = phyr_list_bytes(&buffer->list);
	strscpy(report->path, dma_phyr_map_path(&buffer->map));
	phyr_list_for_each(range, iter, &buffer->list) {
		bool is_next = !report->nr_runs || last.provider != range.run->provider ||
			       last.kind != range.run->kind || last.attrs != range.run->attrs;
		struct phyr_edu_run *run;

		last = *range.run;
		report->nr_runs += is_next;
		if (report->nr_runs > PHYR_EDU_RUNS)
			continue;
		run = report->run + report->nr_runs - 1;
		if (is_next) {
			strscpy(run->memory, edu_memory_name(range.run));
			strscpy(run->path, dma_phyr_run_path(&buffer->map, range.run));
		}
		run->bytes += range.len;
		run->ranges++;
	}
	for (u64 pos = 0, i = 0; i < report->nr_runs && i < PHYR_EDU_RUNS; i++) {
		report->run[i].dma_addr = edu_dma_addr(&buffer->map, pos);
		pos += report->run[i].bytes;
	}
}

static int edu_buffer_map(struct edu_buffer *buffer, void __user *arg)
{
	struct phyr_edu_map *report;
	int ret;

	if (buffer->mapped)
		return -EBUSY;
	report = kzalloc(sizeof(*report), GFP_KERNEL);
	if (!report)
		return -ENOMEM;
	ret = dma_map_phyr(&buffer->edu->pdev->dev, &buffer->list, &buffer->map,
			   buffer->write ? DMA_FROM_DEVICE : DMA_TO_DEVICE, 0);
	if (ret)
		goto out_free;
	buffer->mapped = true;
	edu_buffer_describe(buffer, report);
	if (copy_to_user(arg, report, sizeof(*report))) {
		edu_buffer_unmap(buffer);
		ret = -EFAULT;
	}
out_free:
	kfree(report);
	return ret;
}

static int edu_buffer_copy(struct edu_buffer *from, void __user *arg)
{
	struct phyr_edu_copy copy;
	struct edu_buffer *to;
	struct file *file;
	int ret;

	if (copy_from_user(&copy, arg, sizeof(copy)))
		return -EFAULT;
	file = fget(copy.to);
	if (!file)
		return -EBADF;
	ret = -EINVAL;
	if (file->f_op != &edu_fops)
		goto out_put;
	to = file->private_data;
	if (to->edu != from->edu || from->write)
		goto out_put;
	ret = -ENODEV;
	if (!from->mapped || !to->mapped)
		goto out_put;
	ret = -EINVAL;
	if (!to->write)
		goto out_put;
	copy.bytes = 0;
	ret = edu_move_mapped(from->edu, &from->map, &to->map, &copy.bytes);
	if (copy_to_user(arg, &copy, sizeof(copy)))
		ret = -EFAULT;
out_put:
	fput(file);
	return ret;
}

int edu_buffer_ioctl(struct edu_buffer *buffer, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case PHYR_EDU_BUFFER_LIST:
		return edu_buffer_set_list(buffer, arg);
	case PHYR_EDU_BUFFER_MAP:
		return edu_buffer_map(buffer, arg);
	case PHYR_EDU_BUFFER_UNMAP:
		edu_buffer_unmap(buffer);
		return 0;
	case PHYR_EDU_BUFFER_COPY:
		return edu_buffer_copy(buffer, arg);
	}
	return -ENOTTY;
}
