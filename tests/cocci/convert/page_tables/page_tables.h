/* SPDX-License-Identifier: GPL-2.0 */
/* What two files share of tables of pages: convert/page_tables_view.cocci. */
#include <linux/scatterlist.h>
#include <linux/types.h>

struct leaf_dev {
	struct device *dev;
};

struct leaf_tree {
	u64 root;
	struct sg_table leaves;
};

struct leaf_card {
	struct leaf_dev *dev;
	struct leaf_tree tree;

	struct {
		struct sg_table saved;
		bool valid;
	} sleep;
};

int leaf_take(struct leaf_dev *, u64 size, struct sg_table *);
void leaf_give(struct leaf_dev *, struct sg_table *);
int leaf_import(struct leaf_tree *tree, struct dma_buf_attachment *attach);
