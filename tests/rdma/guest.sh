# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Guests that are a kernel and a few programs, on PCs with different IOMMUs: how they are
# packed, booted and judged.  Sourced by run.sh, after all of the workspace.
#
# Who calls them has KERNEL, OUT and MODULE (the directories for the guest and for the
# module), machine and cmdline of its own.
# shellcheck disable=SC2153

# guest_machine NAME: set machine and cmdline
guest_machine()
{
	cmdline="console=ttyS0 panic=-1 kunit.enable=0 log_buf_len=8M hugepages=160"
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

# guest_module DIR: build what is in tests/rdma/DIR, and what the caller has put to MODULE
guest_module()
{
	mkdir -p "$MODULE"
	ln -sf "$TOP/tests/rdma/$1"/{Kbuild,*.[ch]} "$TOP/tests/edu/edu_regs.h" "$MODULE"
	kbuild "$KERNEL" "M=$MODULE" modules
}

# guest_pack DIR MODULE PROGRAM FILE...: an initramfs of the init of tests/rdma/DIR, the
# module and a program made of FILE
guest_pack()
{
	local dir=$TOP/tests/rdma/$1 module=$2 program=$3
	shift 3

	rm -rf "$OUT/root"
	mkdir -p "$OUT/root"/{bin,dev,proc,sys}
	(cd "$dir" && gcc -O2 -static -Wall -Wextra -o "$OUT/root/$program" "$@")
	cp "$(command -v busybox)" "$OUT/root/bin/busybox"
	cp "$dir/init" "$OUT/root/init"
	cp "$MODULE/$module.ko" "$OUT/root"
	strip --strip-debug "$OUT/root/$module.ko"
	chmod +x "$OUT/root/init"
	guest_archive
}

guest_archive()
{
	(cd "$OUT/root" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$OUT/initramfs.gz"
}

# guest_boot CONSOLE SECONDS: the edu device's timer is what takes long, so time goes on when
# nothing happens; but not with several CPUS, which are to run at the same time
guest_boot()
{
	local accel=(-accel "tcg,thread=single" -icount "shift=0,sleep=off")

	[ "${CPUS:-1}" -eq 1 ] || accel=(-accel "tcg,thread=multi")
	timeout -k 5 "$2" qemu-system-x86_64 "${accel[@]}" -smp "${CPUS:-1}" -m 7G \
		-nodefaults -display none -no-reboot \
		"${machine[@]}" -device edu,dma_mask=0xffffffffffffffff \
		-serial "file:$1" -kernel "$KERNEL_DIR/arch/x86/boot/bzImage" \
		-initrd "$OUT/initramfs.gz" -append "$cmdline"
}

# guest_run NAME SECONDS WHAT TEST [injected]: boot, and count what the guest's program says.
# Where it has words in VARIANT, they are part of the name
guest_run()
{
	local name=$1${VARIANT:+, $VARIANT} console=$OUT/$1${VARIANT:+-${VARIANT// /-}}.console line

	rm -f "$console"
	try "${console%.console}.qemu" '' "$3 on $name with $KERNEL" guest_boot "$console" "$2" ||
		say "QEMU ended by force after $2 s"
	sed -i 's/\r$//' "$console"
	# The program's lines have no time in front of them
	while IFS= read -r line; do
		case $line in
		'ok - '*) ok "$4, $KERNEL on $name: ${line#ok - }" ;;
		'not ok - '*) not_ok "$4, $KERNEL on $name: ${line#not ok - }" ;;
		'# '*) echo "    ${line#'# '}" ;;
		esac
	done <"$console"
	if ! grep -q "^${4^^}-END 0\$" "$console"; then
		not_ok "$4, $KERNEL on $name: the end, see ${console#"$TOP"/}"
	elif [[ $KERNEL = *-debug ]] && [[ ${5:-} = injected ]] &&
	     ! grep -q '^# 1400 pages: .* which make registration fail' "$console"; then
		not_ok "$4, $KERNEL on $name: no allocation failed"
	# An allocation that was made to fail may be one of dma-debug's own
	elif ! splats <(grep -v 'DMA-API: cacheline tracking ENOMEM' "$console"); then
		not_ok "$4, $KERNEL on $name: the kernel complains"
	fi
}
