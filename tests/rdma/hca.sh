# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# User memory registered with an adapter that is made of QEMU's edu device.  Sourced by
# run.sh, after all of the workspace and guest.sh.
# shellcheck disable=SC2034 # variables are for guest.sh

# A file system whose page cache has large folios
hca_disk()
{
	ensure_packages mkfs.xfs:xfsprogs
	rm -f "$OUT/disk.img"
	truncate -s 320M "$OUT/disk.img"
	step "$OUT/disk.log" '' "making a file system for the guest" mkfs.xfs -q "$OUT/disk.img"
}

# hca_test KERNEL MACHINE...: one boot each.  With "-movable" behind the name of a machine
# user memory is where nothing may be pinned for long, with "-smp" it has two CPUs, on
# which mappings change while they are registered
hca_test()
{
	local KERNEL=$1 OUT MODULE machine cmdline name seconds=300
	shift

	ensure_kernel "$KERNEL"
	OUT=$BUILD/rdma$SUFFIX/hca-$KERNEL
	MODULE=$OUT/module
	mkdir -p "$OUT"
	step "$LOG/rdma-hca-module.log" '' "building the adapter for $KERNEL" guest_module hca
	step "$OUT/initramfs.log" '' "packing the guest" guest_pack hca edu_hca hca_test \
		-pthread hca_test.c test.c uverbs.c memory.c movable.c bad.c race.c fork.c gone.c
	[ "$KERNEL" != rdma ] || hca_disk
	for name; do
		guest_machine "${name%-*}"
		if [ "$KERNEL" = rdma ]; then
			machine+=(-drive "if=none,id=disk,file=$OUT/disk.img,format=raw,snapshot=on"
				  -device "virtio-blk-pci,drive=disk")
			cmdline+=" hca.disk"
		fi
		case $KERNEL in
		*-debug)
			cmdline+=" hca.quick"
			seconds=900
			;;
		esac
		case $name in
		*-movable)
			cmdline=${cmdline/hugepagesz=1G hugepages=3/movablecore=2G hca.movable}
			VARIANT=movable guest_run "${name%-movable}" $seconds "memory of the adapter" hca
			;;
		*-smp)
			cmdline+=" hca.race"
			CPUS=2 VARIANT="two CPUs" guest_run "${name%-smp}" $seconds \
				"memory of the adapter" hca
			;;
		*)
			guest_run "$name" $seconds "memory of the adapter" hca injected
			;;
		esac
	done
}
