/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM dma

#if !defined(_TRACE_DMA_PHYR_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_DMA_PHYR_H

#include <linux/dma-mapping.h>
#include <linux/dma-phyr-ops.h>
#include <linux/tracepoint.h>

#define show_dma_phyr_dir(dir)					\
	__print_symbolic(dir,					\
		{ 0, "BIDIRECTIONAL" },				\
		{ 1, "TO_DEVICE" },				\
		{ 2, "FROM_DEVICE" })

#define show_dma_phyr_path(path)				\
	__print_symbolic(path,					\
		{ 1, "direct" },				\
		{ 2, "iommu" },					\
		{ 3, "ops" })

#define show_dma_phyr_attrs(attrs)				\
	__print_flags(attrs, "|",				\
		{ DMA_ATTR_WEAK_ORDERING, "WEAK_ORDERING" },	\
		{ DMA_ATTR_WRITE_COMBINE, "WRITE_COMBINE" },	\
		{ DMA_ATTR_NO_KERNEL_MAPPING, "NO_KERNEL_MAPPING" }, \
		{ DMA_ATTR_SKIP_CPU_SYNC, "SKIP_CPU_SYNC" },	\
		{ DMA_ATTR_FORCE_CONTIGUOUS, "FORCE_CONTIGUOUS" }, \
		{ DMA_ATTR_ALLOC_SINGLE_PAGES, "ALLOC_SINGLE_PAGES" }, \
		{ DMA_ATTR_NO_WARN, "NO_WARN" },		\
		{ DMA_ATTR_PRIVILEGED, "PRIVILEGED" })

DECLARE_EVENT_CLASS(dma_phyr,
		    TP_PROTO(const struct dma_phyr_map *map),
		    TP_ARGS(map),
		    TP_STRUCT__entry(__string(device, dev_name(map->dev))
				     __field(u64, off)
				     __field(u64, len)
				     __field(u64, ranges)
				     __field(u64, iova)
				     __field(u64, iova_len)
				     __field(u64, moved)
				     __field(bool, peers)
				     __field(unsigned long, attrs)
				     __field(u8, path)
				     __field(u8, dir)),
		    TP_fast_assign(__assign_str(device);
				   __entry->off = map->off;
				   __entry->len = map->len;
				   __entry->ranges = phyr_list_ranges(map->list);
				   __entry->iova = map->iova_len ? map->dma_base : 0;
				   __entry->iova_len = map->iova_len;
				   __entry->moved = dma_phyr_moved_bytes(map);
				   __entry->peers = phyr_list_has_p2p(map->list);
				   __entry->attrs = map->attrs;
				   __entry->path = map->path;
				   __entry->dir = map->dir;),
		    TP_printk("%s dir=%s path=%s off=%llu len=%llu list_ranges=%llu iova=%llx+%llx moved=%llu p2p=%d attrs=%s",
			      __get_str(device), show_dma_phyr_dir(__entry->dir),
			      show_dma_phyr_path(__entry->path), __entry->off, __entry->len,
			      __entry->ranges, __entry->iova, __entry->iova_len, __entry->moved,
			      __entry->peers,
			      show_dma_phyr_attrs(__entry->attrs))
);

DEFINE_EVENT(dma_phyr, dma_map_phyr,
	     TP_PROTO(const struct dma_phyr_map *map),
	     TP_ARGS(map));

DEFINE_EVENT(dma_phyr, dma_unmap_phyr,
	     TP_PROTO(const struct dma_phyr_map *map),
	     TP_ARGS(map));

TRACE_EVENT(dma_map_phyr_err,
	    TP_PROTO(const struct dma_phyr_map *map, int err),
	    TP_ARGS(map, err),
	    TP_STRUCT__entry(__string(device, dev_name(map->dev))
			     __field(u64, off)
			     __field(u64, len)
			     __field(u64, ranges)
			     __field(unsigned long, attrs)
			     __field(int, err)
			     __field(u8, dir)),
	    TP_fast_assign(__assign_str(device);
			   __entry->off = map->off;
			   __entry->len = map->len;
			   __entry->ranges = phyr_list_ranges(map->list);
			   __entry->attrs = map->attrs;
			   __entry->err = err;
			   __entry->dir = map->dir;),
	    TP_printk("%s dir=%s off=%llu len=%llu list_ranges=%llu err=%d attrs=%s",
		      __get_str(device), show_dma_phyr_dir(__entry->dir), __entry->off,
		      __entry->len, __entry->ranges, __entry->err,
		      show_dma_phyr_attrs(__entry->attrs))
);

DECLARE_EVENT_CLASS(dma_sync_phyr,
		    TP_PROTO(const struct dma_phyr_map *map, u64 off, u64 len),
		    TP_ARGS(map, off, len),
		    TP_STRUCT__entry(__string(device, dev_name(map->dev))
				     __field(u64, off)
				     __field(u64, len)
				     __field(u8, dir)),
		    TP_fast_assign(__assign_str(device);
				   __entry->off = off;
				   __entry->len = len;
				   __entry->dir = map->dir;),
		    TP_printk("%s dir=%s off=%llu len=%llu",
			      __get_str(device), show_dma_phyr_dir(__entry->dir), __entry->off,
			      __entry->len)
);

DEFINE_EVENT(dma_sync_phyr, dma_sync_phyr_for_cpu,
	     TP_PROTO(const struct dma_phyr_map *map, u64 off, u64 len),
	     TP_ARGS(map, off, len));

DEFINE_EVENT(dma_sync_phyr, dma_sync_phyr_for_device,
	     TP_PROTO(const struct dma_phyr_map *map, u64 off, u64 len),
	     TP_ARGS(map, off, len));

#endif /* _TRACE_DMA_PHYR_H */

#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE dma_phyr
#include <trace/define_trace.h>
