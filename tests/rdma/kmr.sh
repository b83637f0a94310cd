# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Memory regions of the kernel, on rxe, siw, and the adapter that is made of the edu device.
# Sourced by run.sh, after all of the workspace and guest.sh.
# shellcheck disable=SC2034 # variables are for guest.sh

kmr_pack()
{
	guest_pack kmr kmr link link.c
	cp "$HCA/edu_hca.ko" "$OUT/root"
	strip --strip-debug "$OUT/root/edu_hca.ko"
	guest_archive
}

kmr_modules()
{
	local MODULE=$HCA

	guest_module hca
	MODULE=$OUT/module
	guest_module kmr
}

# kmr_test KERNEL MACHINE...: two boots each, the other one with MRs for everything
kmr_test()
{
	local KERNEL=$1 OUT MODULE HCA machine cmdline name seconds=600
	shift

	ensure_kernel "$KERNEL"
	OUT=$BUILD/rdma$SUFFIX/kmr-$KERNEL
	HCA=$BUILD/rdma$SUFFIX/hca-$KERNEL/module
	MODULE=$OUT/module
	mkdir -p "$OUT"
	step "$LOG/rdma-kmr-module.log" '' "building the client for $KERNEL" kmr_modules
	step "$OUT/initramfs.log" '' "packing the guest" kmr_pack
	case $KERNEL in *-debug) seconds=1800 ;; esac
	for name; do
		guest_machine "$name"
		guest_run "$name" $seconds "memory regions of the kernel" kmr
		cmdline+=" ib_core.force_mr=1"
		VARIANT="MRs for all" guest_run "$name" $seconds "memory regions of the kernel" kmr
	done
}
