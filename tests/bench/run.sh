#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make bench: what mapping memory takes, in instructions, beside other ways to do it.
# BACKEND and REPEAT are explained by make help. With --gate, a part of it for make test:
# compared with baseline.json; with --accept, that is written anew.
. "$(dirname "$0")/../workspace/report.sh"
. "$(dirname "$0")/../workspace/packages.sh"
. "$(dirname "$0")/../workspace/tree.sh"
. "$(dirname "$0")/../workspace/kernel.sh"

BACKENDS=(uml vtd amd virtio smmuv3 direct swiotlb)
BASELINE=$TOP/tests/bench/baseline.json
GATED=(vtd amd virtio smmuv3 direct swiotlb)
# QEMU does the very same twice if nothing is different
AGAIN=delay=137
MODE=${1:-}

[ -z "${KSRC:-}" ] || [ "$MODE" != --accept ] ||
	die "the baseline is of Debian's kernel; leave KSRC out"

# hardware BACKEND: set kernel, machine and cmdline
hardware()
{
	kernel=x86_64
	machine=(-machine q35)
	cmdline="panic=-1 kunit.enable=0"
	case $1 in
	uml)
		kernel=bench-uml
		return
		;;
	smmuv3)
		kernel=arm64
		machine=(-machine "virt,iommu=smmuv3,gic-version=3" -cpu cortex-a57)
		cmdline+=" iommu.passthrough=0"
		return
		;;
	esac
	# Linux would calibrate that timer, which takes long here, and not trust it then
	cmdline+=" nolapic_timer"
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
	direct) echo 'lists=1 regs=262144' ;;
	vtd | amd) echo 'regs=262144' ;;
	esac
}

# gate_parameters BACKEND: what the gate measures with it
gate_parameters()
{
	echo 'sizes=1,64,4096'
	case $1 in
	direct | vtd | amd) echo 'regs=4096' ;;
	esac
}

make_module()
{
	mkdir -p "$GUEST/module"
	ln -sf "$TOP"/tests/bench/{Kbuild,*.[ch]} "$GUEST/module"
	"$TOP/tests/rdma/umem/sources.sh" "$TREE" "$GUEST/module" phyr sg
	kbuild "$1" "M=$GUEST/module" modules &&
	kbuild "$1" "O=$GUEST/headers" "ARCH=$(headers_of "$1")" headers
}

# headers_of KERNEL: User Mode Linux has none of its own for programs
headers_of()
{
	case $1 in
	arm64) echo arm64 ;;
	*) echo x86 ;;
	esac
}

make_initramfs()
{
	local cross=

	case $1 in arm64) cross=aarch64-linux-gnu- ;; esac
	rm -rf "$GUEST/root"
	mkdir -p "$GUEST/root/dev" "$GUEST/root/proc"
	"${cross}gcc" -Os -static -nostdlib -nostdinc -isystem "$("${cross}gcc" \
		-print-file-name=include)" -I "$GUEST/headers/usr/include" \
		-include "$TREE/tools/include/nolibc/nolibc.h" \
		-o "$GUEST/root/init" "$TOP/tests/bench/init.c" -lgcc
	cp "$GUEST/module/phyr_bench.ko" "$GUEST/root"
	"${cross}strip" --strip-debug "$GUEST/root/phyr_bench.ko"
	(cd "$GUEST/root" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$GUEST/initramfs.gz"
	# A make that works on the kernel meanwhile is not to be measured
	cp "$IMAGE" "$GUEST/image"
}

# prepare BACKEND...: what their kernels boot with
prepare()
{
	local backend GUEST
	declare -A ready

	for backend; do
		hardware "$backend"
		[ -z "${ready[$kernel]:-}" ] || continue
		ready[$kernel]=yes
		case $kernel in arm64) ensure_packages arm64-qemu ;; esac
		GUEST=$OUT/$kernel
		mkdir -p "$GUEST"
		ensure_kernel "$kernel"
		guest "$kernel"
		step "$LOG/bench-module-$kernel.log" '' "building the benchmark for $kernel" \
			make_module "$kernel"
		step "$GUEST/initramfs.log" '' "packing the guest" make_initramfs "$kernel"
	done
}

boot()
{
	if [ "$kernel" = bench-uml ]; then
		# shellcheck disable=SC2086 # words
		timeout -k 5 900 "$OUT/$kernel/image" mem=1200M con=null con0=null,fd:1 \
			"initrd=$OUT/$kernel/initramfs.gz" $cmdline >"$1" 2>&1
		return
	fi
	timeout -k 5 900 "$QEMU" -accel tcg,thread=single \
		-icount shift=0,sleep=off -smp 1 -m 2G -nodefaults \
		-display none -no-reboot "${machine[@]}" \
		-device edu,dma_mask=0xffffffffffffffff -serial "file:$1" \
		-kernel "$OUT/$kernel/image" -initrd "$OUT/$kernel/initramfs.gz" \
		-append "console=$TTY $cmdline"
}

# measure BACKEND CONSOLE PARAMETERS
measure()
{
	local word

	hardware "$1"
	guest "$kernel"
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

ensure_packages qemu cpio:cpio
[ -n "$MODE" ] || ensure_packages gnuplot:gnuplot-nox
case $MODE in
'')
	# Say at once that it does not exist
	[ -z "${BACKEND:-}" ] || hardware "$BACKEND"
	;;
--gate | --accept) ;;
*) die "usage: $0 [--gate | --accept]" ;;
esac
ensure_tree
OUT=$BUILD/bench$SUFFIX
mkdir -p "$OUT"
lock "bench$SUFFIX"

case $MODE in
'')
	# One backend or all; what is not measured now is not reported
	[ -z "${BACKEND:-}" ] || BACKENDS=("$BACKEND")
	prepare "${BACKENDS[@]}"
	logs=()
	for backend in "${BACKENDS[@]}"; do
		measure "$backend" "$OUT/$backend.console" "$(parameters "$backend")"
		logs+=("$backend=$OUT/$backend.console")
		[ -n "${REPEAT:-}" ] || continue
		# Time does not repeat
		[ "$backend" != uml ] || continue
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
	prepare "${GATED[@]}"
	logs=()
	again=()
	for backend in "${GATED[@]}"; do
		measure "$backend" "$OUT/gate-$backend.console" \
			"$(gate_parameters "$backend")"
		logs+=("$backend=$OUT/gate-$backend.console")
		measure "$backend" "$OUT/gate-$backend-again.console" \
			"$(gate_parameters "$backend") $AGAIN"
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
