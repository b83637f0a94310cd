# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The comparison of ib_umem with that of the unmodified kernel, in QEMU.  Sourced by
# run.sh, after all of the workspace.

# umem_machine NAME: set machine, cmdline and seconds
umem_machine()
{
	cmdline="console=ttyS0 panic=-1 kunit.enable=0 hugepages=160"
	seconds=300
	case $1 in
	vtd)
		machine=(-cpu EPYC -machine "q35,kernel-irqchip=split" -device "intel-iommu,intremap=on,aw-bits=48")
		cmdline+=" intel_iommu=on iommu=nopt hugepagesz=1G hugepages=3"
		;;
	off)
		machine=(-cpu EPYC -machine q35)
		cmdline+=" iommu=off hugepagesz=1G hugepages=3"
		;;
	amd)
		machine=(-cpu EPYC -machine q35 -device amd-iommu)
		cmdline+=" iommu=nopt hugepagesz=1G hugepages=3"
		;;
	esac
}

umem_module()
{
	mkdir -p "$MODULE"
	ln -sf "$TOP"/tests/rdma/umem/{Kbuild,*.[ch]} "$MODULE"
	"$TOP/tests/rdma/umem/sources.sh" "$TREE" "$MODULE" sg core
	kbuild "$KERNEL" "M=$MODULE" modules
}

umem_initramfs()
{
	rm -rf "$OUT/root"
	mkdir -p "$OUT/root"/{bin,dev,proc,sys}
	gcc -O2 -static -Wall -Wextra -o "$OUT/root/umem_test" "$TOP/tests/rdma/umem/umem_test.c"
	cp "$(command -v busybox)" "$OUT/root/bin/busybox"
	cp "$TOP/tests/rdma/umem/init" "$OUT/root/init"
	cp "$MODULE/umem_compare.ko" "$OUT/root"
	strip --strip-debug "$OUT/root/umem_compare.ko"
	chmod +x "$OUT/root/init"
	(cd "$OUT/root" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$OUT/initramfs.gz"
}

# The device's timer is what takes long, so time goes on when nothing happens
umem_boot()
{
	timeout -k 5 "$seconds" qemu-system-x86_64 -accel tcg,thread=single \
		-icount shift=0,sleep=off -smp 1 -m 7G -nodefaults -display none -no-reboot \
		"${machine[@]}" -device edu,dma_mask=0xffffffffffffffff \
		-serial "file:$OUT/$1.console" -kernel "$KERNEL_DIR/arch/x86/boot/bzImage" \
		-initrd "$OUT/initramfs.gz" -append "$cmdline"
}

# umem_compare KERNEL MACHINE...: one boot each
umem_compare()
{
	local KERNEL=$1 OUT MODULE name console line
	shift

	ensure_kernel "$KERNEL"
	OUT=$BUILD/rdma$SUFFIX/umem-$KERNEL
	MODULE=$OUT/module
	mkdir -p "$OUT"
	step "$LOG/rdma-umem-module.log" '' "building the comparison for $KERNEL" umem_module
	step "$OUT/initramfs.log" '' "packing the guest" umem_initramfs
	for name; do
		umem_machine "$name"
		case $KERNEL in
		*-debug)
			cmdline+=" umem.quick"
			seconds=900
			;;
		esac
		console=$OUT/$name.console
		rm -f "$console"
		try "$OUT/$name.qemu" '' "comparing umems on $name with $KERNEL" \
			umem_boot "$name" || say "QEMU ended by force after $seconds s"
		sed -i 's/\r$//' "$console"
		# The program's lines have no time in front of them
		while IFS= read -r line; do
			case $line in
			'ok - '*) ok "umem, $KERNEL on $name: ${line#ok - }" ;;
			'not ok - '*) not_ok "umem, $KERNEL on $name: ${line#not ok - }" ;;
			'# '*) echo "    ${line#'# '}" ;;
			esac
		done <"$console"
		if ! grep -q '^UMEM-END 0$' "$console"; then
			not_ok "umem, $KERNEL on $name: the end, see ${console#"$TOP"/}"
		elif [[ $KERNEL = *-debug ]] &&
		     ! grep -q '^# 1400 pages: .* which make registration fail' "$console"; then
			not_ok "umem, $KERNEL on $name: no allocation failed"
		# An allocation that was made to fail may be one of dma-debug's own
		elif ! splats <(grep -v 'DMA-API: cacheline tracking ENOMEM' "$console"); then
			not_ok "umem, $KERNEL on $name: the kernel complains"
		fi
	done
}
