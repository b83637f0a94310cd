#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make drivers: converted drivers move bytes through the devices that QEMU has for them, which
# are compared outside of the guest. DRIVER= takes one of them, DEBUG=1 the debug kernel.
#
#   nvme  nvme-pci, converted with the block layer by patches/: PRPs, SGLs, metadata
#   hda   Intel's sound controller, whose buffers come from sound/core/memalloc.c as
#         phyr-convert converts it; what is played is also that of the unmodified one
. "$(dirname "$0")/../workspace/report.sh"
. "$(dirname "$0")/../workspace/packages.sh"
. "$(dirname "$0")/../workspace/tree.sh"
. "$(dirname "$0")/../workspace/kernel.sh"

KERNEL=x86_64${DEBUG:+-debug}
FAULTS='DMAR:.*(fault|Fault)|AMD-Vi: Event|IO_PAGE_FAULT|page fault from EP|swiotlb buffer is full'
FAILED=0

# machine NAME: set machine and cmdline
machine()
{
	cmdline="console=ttyS0 panic=-1 kunit.enable=0"
	machine=(-machine q35)
	case $1 in
	vtd)
		machine=(-machine "q35,kernel-irqchip=split" -device "intel-iommu,intremap=on")
		cmdline+=" intel_iommu=on iommu=nopt"
		;;
	amd)
		machine+=(-device amd-iommu)
		cmdline+=" iommu=nopt"
		;;
	virtio)
		machine+=(-device virtio-iommu-pci)
		cmdline+=" iommu=nopt"
		;;
	off) cmdline+=" iommu=off" ;;
	swiotlb) cmdline+=" iommu=off swiotlb=force" ;;
	esac
}

# pack DRIVER PROGRAM: an initramfs of what is in tests/drivers/DRIVER, with what the caller
# has put into $OUT/root
pack()
{
	mkdir -p "$OUT/root"/{bin,dev,proc,sys}
	gcc -O2 -static -Wall -Wextra -o "$OUT/root/$2" "$TOP/tests/drivers/$1/$2.c"
	cp "$(command -v busybox)" "$OUT/root/bin/busybox"
	cp "$TOP/tests/drivers/$1/init" "$OUT/root/init"
	chmod +x "$OUT/root/init"
	(cd "$OUT/root" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$OUT/initramfs.gz"
}

boot()
{
	timeout -k 5 "$1" qemu-system-x86_64 -accel tcg,thread=single \
		-icount shift=0,sleep=off -smp 1 -nodefaults -display none -no-reboot \
		"${machine[@]}" "${@:3}" -serial "file:$2" \
		-kernel "$KERNEL_DIR/arch/x86/boot/bzImage" -initrd "$OUT/initramfs.gz" \
		-append "$cmdline"
}

# run WHAT SECONDS ARGUMENT...: boot with these arguments of QEMU, and count what the guest
# says; true if it came to its end and nobody complains
run()
{
	local what=$1 console=$OUT/${1//[ ,]/-}.console line good=true

	rm -f "$console"
	try "${console%.console}.qemu" '' "$what" boot "$2" "$console" "${@:3}" ||
		say "QEMU ended by force after $2 s, or could not be started"
	sed -i 's/\r$//' "$console"
	while IFS= read -r line; do
		case $line in
		'ok - '*) ok "$what: ${line#ok - }" ;;
		'not ok - '*) not_ok "$what: ${line#not ok - }"; good=false ;;
		esac
	done <"$console"
	if ! grep -q '^DRIVERS-END$' "$console"; then
		not_ok "$what: the end, see ${console#"$TOP"/}"
	elif grep -aEm3 "$FAULTS" "$console"; then
		not_ok "$what: the log tells of DMA that went wrong"
	elif ! splats "$console"; then
		not_ok "$what: the kernel complains"
	else
		$good
		return
	fi
	return 1
}

# outside WHAT COMMAND...: what a program says on the host, counted
outside()
{
	local line

	line=$("${@:2}" 2>&1) || :
	case $line in
	'ok - '*) ok "$1: ${line#ok - }" ;;
	*) not_ok "$1: ${line#not ok - }" ;;
	esac
}

# nvme_on MACHINE WHAT PARAMETERS NAMESPACE
nvme_on()
{
	local what="nvme on $1, $2${DEBUG:+, debug}" bytes

	machine "$1"
	cmdline+=" $3"
	truncate -s 0 "$OUT/disk"
	truncate -s 24M "$OUT/disk"
	run "$what" 300 -m 512M -drive "if=none,id=disk,file=$OUT/disk,format=raw,cache=unsafe" \
		-device nvme,serial=phyr,id=nvme,bus=pcie.0 \
		-device "nvme-ns,drive=disk,bus=nvme$4" || return 0
	bytes=$(sed -n 's/^BYTES //p' "$OUT/${what//[ ,]/-}.console")
	outside "$what, the file" "$OUT/root/io" check "$OUT/disk" "$bytes"
}

nvme()
{
	OUT=$BUILD/drivers$SUFFIX/nvme${DEBUG:+-debug}
	rm -rf "$OUT"
	mkdir -p "$OUT"
	pack nvme io
	nvme_on off 'PRPs' nvme.sgl_threshold=0 ''
	nvme_on vtd 'PRPs' nvme.sgl_threshold=0 ''
	nvme_on vtd 'SGLs' nvme.sgl_threshold=1 ''
	nvme_on off 'SGLs with metadata' 'nvme.sgl_threshold=1 drivers.pages' ,ms=8,pi=1
	nvme_on swiotlb 'SGLs with metadata' 'nvme.sgl_threshold=4096 drivers.pages' ,ms=8,pi=1
	nvme_on amd 'PRPs with metadata' 'nvme.sgl_threshold=0 drivers.pages' ,ms=8,pi=1
	nvme_on virtio 'SGLs' nvme.sgl_threshold=1 ''
}

# The modules of a sound card, each after those that it needs
SOUND=(soundcore core/snd core/snd-pcm hda/snd-hda-core hda/snd-intel-sdw-acpi
       hda/snd-intel-dspcfg pci/hda/snd-hda-codec pci/hda/snd-hda-codec-generic
       pci/hda/snd-hda-intel)

# convert_memalloc: snd-pcm.ko with the memalloc.c that phyr-convert makes, in $OUT/core
convert_memalloc()
{
	(cd "$TREE" && "$TOP/scripts/phyr-convert" convert -o "$OUT/patches" \
		sound/core/memalloc.c) || return
	mkdir -p "$OUT/sound"
	cp -r "$TREE/sound/core" "$OUT/sound"
	(cd "$OUT" && patch -p1 --fuzz=0 -s -i "$OUT"/patches/*.patch) || return
	mv "$OUT/sound/core" "$OUT/core"
	grep -q phyr_table "$OUT/core/memalloc.c" || return
	kbuild "$KERNEL" "M=$OUT/core" W=1 modules
}

# hda_with WHAT MACHINE CORE: play with the snd.ko and snd-pcm.ko of that directory
hda_with()
{
	local what="hda on $2, $1${DEBUG:+, debug}" module from

	rm -rf "$OUT/root"
	mkdir -p "$OUT/root"
	: >"$OUT/root/modules"
	for module in "${SOUND[@]}"; do
		from=$KERNEL_DIR/sound/$module.ko
		case $module in core/*) from=$3/${module##*/}.ko ;; esac
		cp "$from" "$OUT/root"
		strip --strip-debug "$OUT/root/${module##*/}.ko"
		echo "${module##*/}" >>"$OUT/root/modules"
	done
	pack hda play
	machine "$2"
	run "$what" 300 -m 256M -audiodev "wav,id=wav,path=$OUT/$1.wav,out.frequency=48000" \
		-device intel-hda,bus=pcie.0 -device hda-output,audiodev=wav,mixer=off || return 0
	outside "$what, the file" "$OUT/root/play" check "$OUT/$1.wav"
}

hda()
{
	OUT=$BUILD/drivers$SUFFIX/hda${DEBUG:+-debug}
	rm -rf "$OUT"
	mkdir -p "$OUT"
	if ! try "$OUT/convert.log" '' 'converting sound/core/memalloc.c' convert_memalloc; then
		not_ok "hda: converting and building, see ${OUT#"$TOP"/}/convert.log"
		return
	fi
	hda_with unmodified off "$KERNEL_DIR/sound/core"
	hda_with converted off "$OUT/core"
}

case ${DRIVER:-all} in
all | nvme | hda) ;;
*) die "DRIVER=$DRIVER is not known; use nvme or hda, or leave it out" ;;
esac
ensure_packages qemu initramfs cocci
ensure_kernel "$KERNEL"
mkdir -p "$BUILD/drivers$SUFFIX"
lock "drivers$SUFFIX"
case ${DRIVER:-all} in
all)
	nvme
	hda
	;;
*) $DRIVER ;;
esac
[ "$FAILED" -eq 0 ]
