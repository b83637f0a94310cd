#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make bench: what mapping memory takes, in instructions, beside other ways to do it.
# BACKEND and REPEAT are explained by make help. With --gate, a part of it for make test:
# compared with baseline.json; with --accept, that is written anew.
. "$(dirname "$0")/../workspace/report.sh"
. "$(dirname "$0")/../workspace/packages.sh"
. "$(dirname "$0")/../workspace/tree.sh"
. "$(dirname "$0")/../workspace/kernel.sh"

BACKENDS=(vtd amd virtio direct swiotlb)
BASELINE=$TOP/tests/bench/baseline.json
GATED=(vtd amd virtio direct)
GATE='sizes=1,64,4096'
# QEMU does the very same twice if nothing is different
AGAIN=delay=137
MODE=${1:-}

[ -z "${KSRC:-}" ] || [ "$MODE" != --accept ] ||
	die "the baseline is of Debian's kernel; leave KSRC out"

# hardware BACKEND: set machine and cmdline
hardware()
{
	machine=(-machine q35)
	# Linux would calibrate that timer, which takes long here, and not trust it then
	cmdline="console=ttyS0 panic=-1 kunit.enable=0 nolapic_timer"
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
	direct)
		cmdline+=" iommu=off"
		;;
	swiotlb)
		cmdline+=" iommu=off swiotlb=force bench.bounced=1"
		;;
	*)
		die "BACKEND=$1 is not known; use ${BACKENDS[*]}"
		;;
	esac
}

# parameters BACKEND: what all of make bench measures with it
parameters()
{
	case $1 in
	# There is not memory enough to bounce more
	swiotlb) echo 'sizes=1,8,64,512,4096' ;;
	# Lists are the same everywhere
	direct) echo 'lists=1' ;;
	esac
}

make_module()
{
	mkdir -p "$MODULE"
	ln -sf "$TOP"/tests/bench/{Kbuild,*.[ch]} "$MODULE"
	kbuild x86_64 "M=$MODULE" modules
}

make_initramfs()
{
	rm -rf "$OUT/root"
	mkdir -p "$OUT/root/bin" "$OUT/root/dev" "$OUT/root/proc" "$OUT/root/sys"
	cp "$(command -v busybox)" "$OUT/root/bin/busybox"
	cp "$TOP/tests/bench/init" "$OUT/root/init"
	cp "$MODULE/phyr_bench.ko" "$OUT/root"
	strip --strip-debug "$OUT/root/phyr_bench.ko"
	chmod +x "$OUT/root/init"
	(cd "$OUT/root" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$OUT/initramfs.gz"
	# A make that works on the kernel meanwhile is not to be measured
	cp "$KERNEL_DIR/arch/x86/boot/bzImage" "$OUT/bzImage"
}

boot()
{
	timeout -k 5 900 qemu-system-x86_64 -accel tcg,thread=single \
		-icount shift=0,sleep=off -smp 1 -m 2G -nodefaults \
		-display none -no-reboot "${machine[@]}" \
		-device edu,dma_mask=0xffffffffffffffff -serial "file:$1" \
		-kernel "$OUT/bzImage" -initrd "$OUT/initramfs.gz" -append "$cmdline"
}

# measure BACKEND CONSOLE PARAMETERS
measure()
{
	local word

	hardware "$1"
	for word in $3; do
		cmdline+=" bench.$word"
	done
	rm -f "$2"
	step "$2.qemu" '' "measuring $1" boot "$2"
	splats "$2" || die "the kernel complains; look into ${2#"$TOP"/}"
	grep -q 'phyr_bench: done' "$2" || {
		grep 'phyr_bench: .*\(fail\|does not\)' "$2" >&2 || :
		die "measuring $1 did not get to its end; look into ${2#"$TOP"/}"
	}
}

results()
{
	python3 "$TOP/tests/bench/results.py" "$@"
}

ensure_packages qemu initramfs
[ -n "$MODE" ] || ensure_packages gnuplot:gnuplot-nox
case $MODE in
'')
	# Say at once that it does not exist
	[ -z "${BACKEND:-}" ] || hardware "$BACKEND"
	;;
--gate | --accept) ;;
*) die "usage: $0 [--gate | --accept]" ;;
esac
ensure_kernel x86_64
OUT=$BUILD/bench$SUFFIX
MODULE=$OUT/module
mkdir -p "$OUT"
lock "bench$SUFFIX"
step "$LOG/bench-module.log" '' "building the benchmark" make_module
step "$OUT/initramfs.log" '' "packing the guest" make_initramfs

case $MODE in
'')
	# One backend or all; what is not measured now is not reported
	[ -z "${BACKEND:-}" ] || BACKENDS=("$BACKEND")
	logs=()
	for backend in "${BACKENDS[@]}"; do
		measure "$backend" "$OUT/$backend.console" "$(parameters "$backend")"
		logs+=("$backend=$OUT/$backend.console")
		[ -n "${REPEAT:-}" ] || continue
		measure "$backend" "$OUT/$backend-again.console" \
			"$(parameters "$backend") $AGAIN"
		results repeats "$backend=$OUT/$backend.console" \
			"$backend=$OUT/$backend-again.console"
	done
	results collect "$OUT/results.json" "${logs[@]}"
	results table "$OUT/results.json"
	results report "$OUT/results.json" "$OUT/report.html"
	say "all results are in ${OUT#"$TOP"/}/results.json, plots in ${OUT#"$TOP"/}/report.html"
	;;
--gate | --accept)
	logs=()
	again=()
	for backend in "${GATED[@]}"; do
		measure "$backend" "$OUT/gate-$backend.console" "$GATE"
		logs+=("$backend=$OUT/gate-$backend.console")
		measure "$backend" "$OUT/gate-$backend-again.console" "$GATE $AGAIN"
		again+=("$backend=$OUT/gate-$backend-again.console")
	done
	if [ "$MODE" = --accept ]; then
		results repeats "${logs[@]}" "${again[@]}"
		results accept "$BASELINE" "${logs[@]}"
		say "wrote ${BASELINE#"$TOP"/}; commit it with what makes the difference"
		exit 0
	fi
	status=0
	if results repeats "${logs[@]}" "${again[@]}"; then
		ok "bench: two boots take as many instructions"
	else
		not_ok "bench: two boots take as many instructions"
		status=1
	fi
	if [ -n "$SUFFIX" ]; then
		say "another kernel than that of the baseline, so there is nothing to compare with"
		exit $status
	fi
	for backend in "${GATED[@]}"; do
		if results gate "$BASELINE" "$backend=$OUT/gate-$backend.console"; then
			ok "bench: $backend is no worse than the baseline"
		else
			not_ok "bench: $backend is worse than the baseline"
			status=1
		fi
	done
	exit $status
	;;
esac
