/* SPDX-License-Identifier: GPL-2.0 */
/* What two files share of tables of pages: convert/page_tables_view.cocci. */
#include <linux/scatterlist.h>
#include <linux/types.h>

struct pt_before_dev {
	struct device *dev;
};

struct pt_before_tree {
	u64 root;
	struct sg_table leaves;
};

struct pt_before_card {
	struct pt_before_dev *dev;
	struct pt_before_tree tree;

	struct {
		struct sg_table saved;
		bool valid;
	} sleep;
};

int pt_before_take(struct pt_before_dev *, u64 size, struct sg_table *);
void pt_before_give(struct pt_before_dev *, struct sg_table *);
int pt_before_import(struct pt_before_tree *tree, struct dma_buf_attachment *attach);
