# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The kernels that are built from the tree, each in a directory of its own
# below build/. Sourced after report.sh, packages.sh and tree.sh.
#
#   uml           User Mode Linux, built and run by kunit.py
#   bench-uml     the same without what costs time, for make bench
#   x86_64        small, for QEMU; built-in KUnit suites, loadable modules
#   x86_64-debug  the same with KASAN, lockdep, DMA-API debugging, ..., and RDMA
#   x86_64-kcsan  the same with KCSAN, which finds data races
#   arm64         as small, with SMMUv3; arm64-64k has pages of 64 KiB
#   lint-gcc, lint-clang, lint-uml, lint-arm64-gcc, lint-arm64-clang
#                 only prepared: for the objects of make lint
#   rdma          x86_64 with the RDMA subsystem
#   rdma-all rdma-all-arm64
#                 only prepared: for the objects of drivers/infiniband

KERNEL_DIR=

# fragments KERNEL: the kconfig fragments of one kernel, in order.
fragments()
{
	case $1 in
	bench-uml)
		echo "$TOP/tests/bench/uml.config"
		;;
	*uml)
		echo "$TOP/tests/uml/.kunitconfig"
		;;
	lint-arm64-*)
		fragments arm64
		echo "$TOP/tests/qemu/lint-arm64.config"
		;;
	lint-*)
		fragments x86_64
		echo "$TOP/tests/qemu/lint.config"
		;;
	x86_64-debug)
		fragments x86_64
		echo "$TOP/tests/rdma/qemu.config"
		echo "$TOP/tests/qemu/debug.config"
		;;
	x86_64-kcsan)
		fragments x86_64
		echo "$TOP/tests/qemu/kcsan.config"
		;;
	arm64-64k)
		fragments arm64
		echo "$TOP/tests/qemu/arm64-64k.config"
		;;
	rdma)
		fragments x86_64
		echo "$TOP/tests/rdma/qemu.config"
		echo "$TOP/tests/rdma/disk.config"
		;;
	rdma-all)
		fragments x86_64
		echo "$TOP/tests/rdma/all.config"
		echo "$TOP/tests/rdma/all-x86_64.config"
		;;
	rdma-all-arm64)
		fragments arm64
		echo "$TOP/tests/rdma/all.config"
		;;
	*)
		echo "$TOP/tests/qemu/common.config"
		echo "$TOP/tests/qemu/$1.config"
		;;
	esac
}

# guest KERNEL: set QEMU, IMAGE and TTY to what boots it, to its image, and to the
# console that it then has; User Mode Linux boots itself.
guest()
{
	case $1 in
	arm64*)
		QEMU=qemu-system-aarch64
		IMAGE=$BUILD/$1$SUFFIX/arch/arm64/boot/Image
		TTY=ttyAMA0
		;;
	*uml)
		QEMU=
		IMAGE=$BUILD/$1$SUFFIX/linux
		TTY=
		;;
	*)
		QEMU=qemu-system-x86_64
		IMAGE=$BUILD/$1$SUFFIX/arch/x86/boot/bzImage
		TTY=ttyS0
		;;
	esac
	export QEMU IMAGE TTY
}

# kbuild KERNEL ARGUMENT...: the kernel's make for one of our kernels.
kbuild()
{
	local kernel=$1 arch=x86_64 tools=("CC=ccache gcc" "HOSTCC=ccache gcc")
	shift

	case $kernel in
	*uml)
		arch=um
		;;
	*arm64*)
		arch=arm64
		tools=(CROSS_COMPILE=aarch64-linux-gnu-
		       "CC=ccache aarch64-linux-gnu-gcc" "HOSTCC=ccache gcc")
		;;
	esac
	case $kernel in
	*clang) tools=(LLVM=1 "CC=ccache clang" "HOSTCC=ccache clang") ;;
	esac
	make -C "$TREE" "O=$BUILD/$kernel$SUFFIX" "ARCH=$arch" "${tools[@]}" \
		"-j$JOBS" "$@"
}

# kunit_py KERNEL COMMAND ARGUMENT...: the kernel's kunit.py for a UML kernel.
kunit_py()
{
	local kernel=$1 command=$2
	shift 2

	python3 "$TREE/tools/testing/kunit/kunit.py" "$command" \
		"--build_dir=$BUILD/$kernel$SUFFIX" \
		"--kunitconfig=$TOP/tests/uml/.kunitconfig" "$@"
}

# unmet CONFIG FRAGMENT...: the options of the fragments, the last one winning,
# that are not so in CONFIG.
unmet()
{
	awk '
	function put(name, value) {
		if (FILENAME == ARGV[1]) got[name] = value
		else want[name] = value
	}
	/^CONFIG_[A-Za-z0-9_]+=/ {
		name = $0; sub(/=.*/, "", name)
		value = $0; sub(/^[^=]*=/, "", value)
		put(name, value)
	}
	/^# CONFIG_[A-Za-z0-9_]+ is not set/ { put($2, "n") }
	END {
		for (name in want) {
			have = (name in got) ? got[name] : "n"
			if (have != want[name])
				printf " %s=%s", name, want[name]
		}
	}' "$@"
}

merge()
{
	local kernel=$1
	shift
	(cd "$TREE" &&
	 PATH=$TREE/scripts/kconfig:$PATH \
	 scripts/kconfig/merge_config.sh -m -Q -O "$BUILD/$kernel$SUFFIX" "$@") &&
	mv "$BUILD/$kernel$SUFFIX/.config" "$BUILD/$kernel$SUFFIX/.fragments" &&
	kbuild "$kernel" "KCONFIG_ALLCONFIG=$BUILD/$kernel$SUFFIX/.fragments" \
		allnoconfig
}

# configure KERNEL: .config from its fragments, unless it is already.
configure()
{
	local kernel=$1 dir=$BUILD/$1$SUFFIX list id missing

	mapfile -t list < <(fragments "$kernel")
	id=$(cat "${list[@]}" | sha256sum)
	mkdir -p "$dir"
	[ -f "$dir/.config" ] || rm -f "$dir/.configured"
	if [ "$(cat "$dir/.configured" 2>/dev/null)" = "$id" ]; then
		return
	fi
	rm -f "$dir/.configured"
	step "$LOG/$kernel-config.log" '' "configuring $kernel" \
		merge "$kernel" "${list[@]}"
	missing=$(unmet "$dir/.config" "${list[@]}")
	[ -z "$missing" ] ||
		die "this kernel does not take$missing; look at their dependencies and at ${list[*]#"$TOP/"}"
	echo "$id" >"$dir/.configured"
}

build_uml()
{
	mkdir -p "$BUILD/$1$SUFFIX"
	kunit_py "$1" build "--jobs=$JOBS" "--make_options=CC=ccache gcc" \
		"--make_options=HOSTCC=ccache gcc"
}

prepare_uml()
{
	mkdir -p "$BUILD/$1$SUFFIX"
	kunit_py "$1" config "--make_options=CC=ccache gcc" \
		"--make_options=HOSTCC=ccache gcc" &&
	kbuild "$1" olddefconfig && kbuild "$1" prepare
}

build_qemu()
{
	local target=bzImage

	case $1 in
	arm64*) target=Image ;;
	*uml) target=linux ;;
	esac
	kbuild "$1" olddefconfig && kbuild "$1" $target modules
}

prepare_qemu()
{
	kbuild "$1" olddefconfig && kbuild "$1" prepare
}

# ensure_kernel KERNEL: KERNEL_DIR is where it is, up to date, on return.
ensure_kernel()
{
	local kernel=$1

	ensure_packages kernel
	case $kernel in *arm64*) ensure_packages arm64-kernel ;; esac
	ensure_tree
	KERNEL_DIR=$BUILD/$kernel$SUFFIX
	lock "$kernel$SUFFIX"
	case $kernel in
	uml)
		step "$LOG/$kernel-build.log" "$KERNEL_DIR" "building $kernel" \
			build_uml "$kernel"
		;;
	lint-uml)
		step "$LOG/$kernel-build.log" "$KERNEL_DIR" "preparing $kernel" \
			prepare_uml "$kernel"
		;;
	lint-* | rdma-all*)
		configure "$kernel"
		step "$LOG/$kernel-build.log" "$KERNEL_DIR" "preparing $kernel" \
			prepare_qemu "$kernel"
		;;
	*)
		configure "$kernel"
		step "$LOG/$kernel-build.log" "$KERNEL_DIR" "building $kernel" \
			build_qemu "$kernel"
		;;
	esac
	unlock "$kernel$SUFFIX"
}

# judge NAME LOG MACHINE SUITES END: the verdict on one boot: what kunit.py's
# parser counts, suites that are missing, splats, an end that was not reached.
judge()
{
	python3 "$TOP/tests/workspace/verdict.py" "$TREE" "$@"
}

# splats LOG: the lines that tell of a WARN, BUG, oops or the like; none is good.
splats()
{
	python3 "$TOP/tests/workspace/verdict.py" --splats "$1"
}
