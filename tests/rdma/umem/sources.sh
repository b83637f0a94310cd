#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# sources.sh TREE DIR PREFIX...: write the files of the kernel's umem to DIR, with names of
# their own, so that several can be linked into one kernel.  PREFIX is
#   sg	for the kernel as it was before any patch: ib_umem_get() becomes sg_umem_get()
#   phyr	for the patched one
# PREFIX may also be core, for functions of the RDMA core that umems call.
# sources.sh TREE unmodified FILE: print a file of the kernel as it was before any patch.
set -euo pipefail

TREE=$1
DIR=$2
shift 2

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

if [ "$DIR" = unmodified ]; then
	unmodified "$1"
	exit
fi

# source_of PREFIX FILE
source_of()
{
	case $1 in
	sg) unmodified "$2" ;;
	phyr) cat "$TREE/$2" ;;
	*) echo "$0: there is no $1; use sg or phyr" >&2; exit 1 ;;
	esac
}

# rename PREFIX FILE NAME: who includes it has all headers, and nothing is exported
rename()
{
	local p=$1 to=$DIR/$1_$3

	source_of "$p" "$2" | sed -E \
		-e '/^EXPORT_SYMBOL|^MODULE_IMPORT_NS|^#include/d' \
		-e "s/\b(__)?rdma_umem_/\1${p}_umem_/g; s/\b(__)?rdma_block_/\1${p}_block_/g" \
		-e "s/\brdma_for_each_block\b/${p}_for_each_block/g" \
		-e "s/ib_block_iter/${p}_block_iter/g; s/ib_umem/${p}_umem/g" \
		-e "s/\bIB_UMEM_H\b/${p^^}_UMEM_H/g; s/\b_RDMA_ITER_H_\b/${p^^}_ITER_H/g" >"$to.new"
	case $p,$(grep -c sgt_append "$to.new" || :) in
	phyr,0 | sg,[1-9]*) ;;
	*) [ "$3" = iter.c ] || { echo "$TREE has no $2 for $p" >&2; exit 1; } ;;
	esac
	replace "$to"
}

# replace FILE: with FILE.new, unless it is the same
replace()
{
	if cmp -s "$1.new" "$1"; then
		rm "$1.new"
	else
		mv "$1.new" "$1"
	fi
}

# functions FILE NAME...: these of a file of the kernel
functions()
{
	local file=$TREE/$1 name
	shift

	for name; do
		sed -n "/^[a-z0-9]* $name(/,/^}/p" "$file" | grep . ||
			{ echo "$file has no $name()" >&2; exit 1; }
		echo
	done
}

for prefix; do
	if [ "$prefix" = core ]; then
		{
			functions drivers/infiniband/core/device.c ib_dma_virt_map_sg \
				ib_dma_virt_map_phyr
			functions drivers/infiniband/core/verbs.c ib_sg_to_pages ib_phyr_to_pages
		} >"$DIR/core_functions.c.new"
		replace "$DIR/core_functions.c"
		continue
	fi
	rename "$prefix" include/rdma/ib_umem.h umem.h
	rename "$prefix" include/rdma/iter.h iter.h
	rename "$prefix" drivers/infiniband/core/iter.c iter.c
	rename "$prefix" drivers/infiniband/core/umem.c umem.c
	rename "$prefix" drivers/infiniband/core/umem_dmabuf.c umem_dmabuf.c
done
