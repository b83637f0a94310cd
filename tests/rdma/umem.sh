# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The comparison of ib_umem with that of the unmodified kernel, in QEMU.  Sourced by
# run.sh, after all of the workspace and guest.sh.
# shellcheck disable=SC2034 # variables are for guest.sh

umem_module()
{
	mkdir -p "$MODULE"
	"$TOP/tests/rdma/umem/sources.sh" "$TREE" "$MODULE" sg core
	guest_module umem
}

# umem_compare KERNEL MACHINE...: one boot each
umem_compare()
{
	local KERNEL=$1 OUT MODULE machine cmdline name seconds=300
	shift

	ensure_kernel "$KERNEL"
	OUT=$BUILD/rdma$SUFFIX/umem-$KERNEL
	MODULE=$OUT/module
	mkdir -p "$OUT"
	step "$LOG/rdma-umem-module.log" '' "building the comparison for $KERNEL" umem_module
	step "$OUT/initramfs.log" '' "packing the guest" \
		guest_pack umem umem_compare umem_test umem_test.c
	for name; do
		guest_machine "$name"
		case $KERNEL in
		*-debug)
			cmdline+=" umem.quick"
			seconds=900
			;;
		esac
		guest_run "$name" $seconds "comparing umems" umem injected
	done
}
