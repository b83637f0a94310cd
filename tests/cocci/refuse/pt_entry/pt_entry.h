/* SPDX-License-Identifier: GPL-2.0 */
/* What two files share of tables of pages: convert/page_tables_view.cocci. */
#include <linux/scatterlist.h>
#include <linux/types.h>

struct pt_entry_dev {
	struct device *dev;
};

struct pt_entry_tree {
	u64 root;
	struct sg_table leaves;
};

struct pt_entry_card {
	struct pt_entry_dev *dev;
	struct pt_entry_tree tree;

	struct {
		struct sg_table saved;
		bool valid;
	} sleep;
};

int pt_entry_take(struct pt_entry_dev *, u64 size, struct sg_table *);
void pt_entry_give(struct pt_entry_dev *, struct sg_table *);
int pt_entry_import(struct pt_entry_tree *tree, struct dma_buf_attachment *attach);
