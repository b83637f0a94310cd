#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make run: move a file through a PCI device by DMA, with physical range lists.
# INPUT, IOMMU, SWIOTLB, P2P, TOPOLOGY and DEBUG are explained by make help.
. "$(dirname "$0")/../workspace/report.sh"
. "$(dirname "$0")/../workspace/packages.sh"
. "$(dirname "$0")/../workspace/tree.sh"
. "$(dirname "$0")/../workspace/kernel.sh"

P2P=${P2P:-}
TOPOLOGY=${TOPOLOGY:-}
IOMMU=${IOMMU:-${P2P:+off}}
IOMMU=${IOMMU:-intel}
SWIOTLB=${SWIOTLB:-}
KERNEL=x86_64${DEBUG:+-debug}

# What IOMMUs and the device say when DMA goes wrong; what the kernel says, dma-debug
# included, is found with its other complaints
FAULTS='DMAR:.*(fault|Fault)|AMD-Vi: Event|IO_PAGE_FAULT|page fault from EP|EDU: clamping|swiotlb buffer is full'

machine=(-machine q35)
cmdline="console=ttyS0 panic=-1 kunit.enable=0"
# Q35 puts what has no address on the root bus; AMD's IOMMU translates only there
case $IOMMU in
intel)
	machine=(-machine "q35,kernel-irqchip=split" -device "intel-iommu,intremap=on")
	cmdline+=" intel_iommu=on iommu=nopt"
	what="an Intel IOMMU, translating"
	;;
pt)
	machine=(-machine "q35,kernel-irqchip=split" -device "intel-iommu,intremap=on")
	cmdline+=" intel_iommu=on iommu=pt"
	what="an Intel IOMMU, passing through"
	;;
amd)
	machine=(-machine q35 -device amd-iommu)
	cmdline+=" iommu=nopt"
	what="an AMD IOMMU, translating"
	;;
virtio)
	machine=(-machine q35 -device virtio-iommu-pci)
	cmdline+=" iommu=nopt"
	what="a virtio IOMMU"
	;;
off)
	cmdline+=" iommu=off"
	what="no IOMMU"
	;;
*)
	die "IOMMU=$IOMMU is not known; use intel, amd, virtio, pt or off"
	;;
esac
case $SWIOTLB in
'') ;;
force)
	cmdline+=" swiotlb=force"
	what+=", everything bounced where memory is reached directly"
	;;
*)
	die "SWIOTLB=$SWIOTLB is not known; use force, or leave it out"
	;;
esac
if [ -n "${INPUT:-}" ]; then
	[ ! -d "$INPUT" ] || die "INPUT=$INPUT is a directory; name a file"
	[ -r "$INPUT" ] || die "INPUT=$INPUT cannot be read; name a file that can"
	[ -s "$INPUT" ] || die "INPUT=$INPUT is empty; name a file that has something in it"
fi

memory=256M
if [ -n "$P2P" ]; then
	. "$TOP/tests/run/p2p.sh"
	p2p_mode
	memory=1G
elif [ -n "$TOPOLOGY" ]; then
	die "TOPOLOGY=$TOPOLOGY is for peers; say P2P=1, too, or leave it out"
fi

ensure_packages qemu initramfs
ensure_kernel "$KERNEL"
OUT=$BUILD/run$SUFFIX/$IOMMU${SWIOTLB:+-swiotlb}${DEBUG:+-debug}${P2P:+-p2p-$MODE-$TOPOLOGY}
MODULE=$BUILD/edu-$KERNEL$SUFFIX
mkdir -p "$OUT" "$MODULE"
lock "${OUT#"$BUILD"/}"
lock "edu-$KERNEL$SUFFIX"
ln -sf "$TOP"/tests/edu/* "$MODULE"
step "$LOG/edu.log" '' "building the edu driver" kbuild "$KERNEL" "M=$MODULE" modules
unlock "edu-$KERNEL$SUFFIX"

# Big objects stay out of the way of the memory that is moved
make_initramfs()
{
	rm -rf "$OUT/root"
	mkdir -p "$OUT/root/bin" "$OUT/root/dev" "$OUT/root/proc" "$OUT/root/sys"
	gcc -O2 -static -Wall -o "$OUT/root/move" "$TOP/tests/run/move.c"
	gcc -O2 -static -Wall -o "$OUT/root/p2p" "$TOP/tests/run/p2p.c"
	cp "$(command -v busybox)" "$OUT/root/bin/busybox"
	cp "$TOP/tests/run/init" "$OUT/root/init"
	cp "$MODULE/phyr_edu.ko" "$OUT/root"
	strip --strip-debug "$OUT/root/phyr_edu.ko"
	chmod +x "$OUT/root/init"
	(cd "$OUT/root" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$OUT/initramfs.gz"
}
step "$OUT/initramfs.log" '' "packing the guest" make_initramfs

if [ -n "${INPUT:-}" ]; then
	cp -- "$INPUT" "$OUT/input"
	name=$INPUT
else
	{ cat "$TREE/MAINTAINERS"; head -c 2097152 /dev/urandom; } >"$OUT/input"
	name="the kernel's MAINTAINERS and 2 MiB of random bytes"
fi
if [ -n "$P2P" ]; then
	size=$(p2p_size)
	[ "$(stat -c %s "$OUT/input")" -ge "$size" ] ||
		die "$name has fewer than the $size bytes of the list; name a larger file"
	truncate -s "$size" "$OUT/input"
	p2p_files
	p2p_machine
	cmdline+=" phyr.p2p=$MODE phyr.list=$(IFS=,; echo "${SEGMENTS[*]}")"
else
	machine+=(-device edu)
fi
size=$(stat -c %s "$OUT/input")
sum=$(sha256sum <"$OUT/input" | cut -d' ' -f1)
sectors=$(((size + 511) / 512))
truncate -s $((sectors * 512)) "$OUT/input"
rm -f "$OUT/output" "$OUT/console" "$OUT/report"
truncate -s $((sectors * 512)) "$OUT/output"
if [ -n "$P2P" ]; then
	say "moving $size bytes by QEMU's edu device to a list with peers and back: $what"
else
	say "moving $name ($size bytes) through QEMU's edu device behind $what"
fi

# Each KiB is two DMAs of the device; a slow machine does 100 of them a second
seconds=$((180 + size / 50000))
[ -z "$P2P" ] || seconds=$((seconds + 120))
[ -z "${DEBUG:-}" ] ||
	say "with the debug kernel, whose instructions tell nothing of those of others"
boot()
{
	timeout -k 5 "$seconds" qemu-system-x86_64 -accel tcg,thread=single \
		-icount shift=0,sleep=off -smp 1 -m "$memory" -nodefaults \
		-display none -no-reboot "${machine[@]}" \
		-drive "if=none,id=in,file=$OUT/input,format=raw,readonly=on" \
		-drive "if=none,id=out,file=$OUT/output,format=raw,cache=unsafe" \
		-device virtio-blk-pci,drive=in,bus=pcie.0 \
		-device virtio-blk-pci,drive=out,bus=pcie.0 \
		-serial "file:$OUT/console" -serial stdio \
		-kernel "$KERNEL_DIR/arch/x86/boot/bzImage" -initrd "$OUT/initramfs.gz" \
		-append "$cmdline phyr.size=$size" </dev/null 2>&1 | report
}

# What people see as it comes; lines that begin with PHYR- are for us
report()
{
	local line

	while IFS= read -r line; do
		line=${line%$'\r'}
		printf '%s\n' "$line" >>"$OUT/report"
		case $line in
		'PHYR-UNPLUG '*) p2p_unplug "${line#* }" ;;
		PHYR-* | *"TCG doesn't support requested feature"*) ;;
		*) printf '  %s\n' "$line" ;;
		esac
	done
}
boot || say "QEMU ended by force after $seconds s, or could not be started"

problems=()
report=$(cat "$OUT/report")
field()
{
	sed -n "s/^PHYR-$1 *//p" <<<"$report"
}
failed=$(field FAILED)
[ -z "$failed" ] || problems+=("$failed")
grep -q '^PHYR-DONE' <<<"$report" || problems+=("the guest did not get to its end")
[ -z "$P2P" ] || p2p_judge
moves=true
case ${MODE:-} in
map | refused) moves=false ;;
esac
if $moves; then
	truncate -s "$size" "$OUT/output"
	out=$(sha256sum <"$OUT/output" | cut -d' ' -f1)
	[ "$out" = "$sum" ] || problems+=("the output differs from the input")
	if [ "$(field IN)" != "$sum" ] || [ "$(field OUT)" != "$sum" ]; then
		problems+=("the guest has other checksums than the host")
	fi
	say "sha256 of the input    $sum"
	say "sha256 of the output   $out"
	say "sha256 in the guest    $(field IN) in, $(field OUT) out"
fi
if grep -aEm3 "$FAULTS" "$OUT/console" "$OUT/report"; then
	problems+=("the log tells of DMA that went wrong")
fi
splats "$OUT/console" || problems+=("the kernel complains")

if [ ${#problems[@]} -gt 0 ]; then
	for problem in "${problems[@]}"; do
		say "wrong: $problem"
	done
	die "make run failed; the guest's log is ${OUT#"$TOP"/}/console, look there for the reason"
fi
if $moves; then
	say "all checksums agree, no IOMMU fault, no complaint of the kernel: the bytes arrived"
else
	say "as it should be; no IOMMU fault, no complaint of the kernel"
fi
