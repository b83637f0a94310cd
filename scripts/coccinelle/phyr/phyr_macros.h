/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Macros that Coccinelle's parser has to be told of, so that it skips no function which
 * has scatterlist code: give it with --macro-file.  Nobody compiles this.
 *
 * The values are words that the parser knows (see Coccinelle's own standard.h).
 */

/* Loops: else a body without braces ends the function for the parser */
#define for_each_sg(...) YACFE_ITERATOR
#define for_each_sgtable_sg(...) YACFE_ITERATOR
#define for_each_sgtable_dma_sg(...) YACFE_ITERATOR
#define for_each_sg_page(...) YACFE_ITERATOR
#define for_each_sg_dma_page(...) YACFE_ITERATOR
#define for_each_sgtable_page(...) YACFE_ITERATOR
#define for_each_sgtable_dma_page(...) YACFE_ITERATOR
#define for_each_sgt_daddr(...) YACFE_ITERATOR
#define for_each_sgt_page(...) YACFE_ITERATOR
#define __for_each_sgt_daddr(...) YACFE_ITERATOR
#define scsi_for_each_sg(...) YACFE_ITERATOR
#define scsi_for_each_prot_sg(...) YACFE_ITERATOR
#define dma_phyr_for_each(...) YACFE_ITERATOR
#define dma_phyr_for_each_block(...) YACFE_ITERATOR
#define dma_phyr_for_each_stretch(...) YACFE_ITERATOR
#define dma_phyr_for_each_from(...) YACFE_ITERATOR
#define dma_phyr_for_each_stretch_from(...) YACFE_ITERATOR
#define phyr_list_for_each(...) YACFE_ITERATOR
#define phyr_list_for_each_page(...) YACFE_ITERATOR
#define for_each_phyr_table_dma(...) YACFE_ITERATOR

/* Guards are a statement with a body */
#define scoped_guard(...) YACFE_ITERATOR
#define scoped_cond_guard(...) YACFE_ITERATOR

/* Functions whose heads are macros */
#define DEF_SCSI_QCMD(func_name) int func_name(struct Scsi_Host *h, struct scsi_cmnd *c);
#define BPF_CALL_0(name) u64 name(void)
#define BPF_CALL_1(name, t1, a1) u64 name(t1 a1)
#define BPF_CALL_2(name, t1, a1, t2, a2) u64 name(t1 a1, t2 a2)
#define BPF_CALL_3(name, t1, a1, t2, a2, t3, a3) u64 name(t1 a1, t2 a2, t3 a3)
#define BPF_CALL_4(name, t1, a1, t2, a2, t3, a3, t4, a4) u64 name(t1 a1, t2 a2, t3 a3, t4 a4)
#define BPF_CALL_5(name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)	\
	u64 name(t1 a1, t2 a2, t3 a3, t4 a4, t5 a5)

/* Types that are macros */
#define DARRAY_PREALLOCATED(...) struct darray

/* Attributes */
#define __free(...)
#define __counted_by(...)
#define __aligned(...)
#define __ro_after_init
#define __initconst
#define __must_check
