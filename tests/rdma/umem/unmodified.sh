#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# unmodified.sh TREE DIR: write to DIR the umem of the kernel as it was before any patch,
# with names of its own: ib_umem_get() becomes sg_umem_get(), and so on.
set -euo pipefail

TREE=$1
DIR=$2

# unmodified FILE: as it was before the first patch that changes it
unmodified()
{
	local patch

	while read -r patch; do
		if [ -s "$TREE/.pc/$patch/$1" ]; then
			cat "$TREE/.pc/$patch/$1"
			return
		fi
	done <"$TREE/.pc/applied-patches"
	cat "$TREE/$1"
}

# rename FILE NAME: headers are included by sg.c, and nothing is exported
rename()
{
	unmodified "$1" | sed -E \
		-e '/^EXPORT_SYMBOL|^MODULE_IMPORT_NS|^#include/d' \
		-e 's/\b(__)?rdma_umem_/\1sg_umem_/g; s/\b(__)?rdma_block_/\1sg_block_/g' \
		-e 's/\brdma_for_each_block\b/sg_for_each_block/g' \
		-e 's/ib_block_iter/sg_block_iter/g; s/ib_umem/sg_umem/g' \
		-e 's/\bIB_UMEM_H\b/SG_UMEM_H/g; s/\b_RDMA_ITER_H_\b/SG_ITER_H/g' >"$DIR/$2.new"
	grep -q sgt_append "$DIR/$2.new" || [ "$2" = sg_iter.c ] ||
		{ echo "$TREE has no unmodified $1" >&2; exit 1; }
	if cmp -s "$DIR/$2.new" "$DIR/$2"; then
		rm "$DIR/$2.new"
	else
		mv "$DIR/$2.new" "$DIR/$2"
	fi
}

rename include/rdma/ib_umem.h sg_umem.h
rename include/rdma/iter.h sg_iter.h
rename drivers/infiniband/core/iter.c sg_iter.c
rename drivers/infiniband/core/umem.c sg_umem.c
rename drivers/infiniband/core/umem_dmabuf.c sg_umem_dmabuf.c
