#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make rdma: what is tested of the RDMA subsystem.  With an argument only a part of it:
#   build	all of drivers/infiniband is compiled, without a new warning
#   build-arm64	for arm64 what there is of it
#   umem	ib_umem is compared with that of the unmodified kernel; this needs no
#		kernel of its own
#   hca		user memory is registered with an adapter that moves bytes behind an IOMMU
#   hca-smp	of these the one with two CPUs and the debug kernel, on which mappings change
#		while they are registered
#   kmr		the kernel's memory regions and its RDMA READ and WRITE, on that adapter,
#		rxe and siw
#   verbs	Debian's RDMA tools and rdma-core's tests on rxe and siw, with this kernel, with
#		the debug kernel and with the unmodified one; ONLY= is a glob of
#		the names that tests print
. "$(dirname "$0")/../workspace/report.sh"
. "$(dirname "$0")/../workspace/packages.sh"
. "$(dirname "$0")/../workspace/tree.sh"
. "$(dirname "$0")/../workspace/kernel.sh"
. "$TOP/tests/rdma/guest.sh"
. "$TOP/tests/rdma/umem.sh"
. "$TOP/tests/rdma/hca.sh"
. "$TOP/tests/rdma/kmr.sh"
. "$TOP/tests/rdma/verbs.sh"

FAILED=0

# What the unmodified kernel says: nothing is to be added to it
KNOWN='bnxt_re/ib_verbs.c:[0-9:]* warning: variable [^ ]*nq[^ ]* set but not used'

# compile_all KERNEL
compile_all()
{
	local log=$LOG/$1-build.log status=0

	ensure_kernel "$1"
	try "$log" "$KERNEL_DIR/drivers/infiniband" "compiling drivers/infiniband for $1" \
		kbuild "$1" -k W=1 drivers/infiniband/ || status=$?
	grep -hE '(warning|error):' "$log" | grep -vE "$KNOWN" | sed "s#.*/drivers/#drivers/#" \
		>"$LOG/rdma-warnings" || :
	head -n 20 "$LOG/rdma-warnings"
	# So that it is compiled, and warned of, again
	sed -n 's/^\(drivers[^:]*\)\.[ch]:.*/\1.o/p' "$LOG/rdma-warnings" | sort -u |
		(cd "$KERNEL_DIR" && xargs -r rm -f)
	if [ $status -eq 0 ] && [ ! -s "$LOG/rdma-warnings" ]; then
		ok "drivers/infiniband with W=1, $1"
	else
		not_ok "drivers/infiniband with W=1, $1; see ${log#"$TOP"/}"
	fi
}

parts=("$@")
[ $# -gt 0 ] || parts=(build build-arm64 umem hca kmr verbs)
for part in "${parts[@]}"; do
	case $part in
	build | build-arm64 | umem | hca | hca-smp | kmr | verbs) ;;
	*) die "there is no part $part of make rdma; use build, build-arm64, umem, hca, hca-smp, kmr or verbs" ;;
	esac
done
for part in "${parts[@]}"; do
	case $part in
	build)
		compile_all rdma-all
		;;
	build-arm64)
		compile_all rdma-all-arm64
		;;
	umem)
		ensure_packages qemu initramfs
		umem_compare x86_64 vtd amd off
		umem_compare x86_64-debug vtd
		;;
	hca)
		ensure_packages qemu initramfs
		hca_test rdma vtd amd off vtd-movable vtd-smp
		hca_test x86_64-debug vtd vtd-smp
		;;
	hca-smp)
		ensure_packages qemu initramfs
		hca_test x86_64-debug vtd-smp
		;;
	kmr)
		ensure_packages qemu initramfs
		kmr_test rdma vtd off
		kmr_test x86_64-debug vtd
		;;
	verbs)
		verbs_prepare
		verbs_unmodified "${ONLY:-}"
		for kernel in rdma x86_64-debug; do
			verbs_phyr $kernel "${ONLY:-}"
			verbs_judge $kernel
		done
		;;
	esac
done
[ "$FAILED" -eq 0 ]
