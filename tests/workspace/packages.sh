# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Which Debian package brings which tool, and how the missing ones get here.
# Sourced after report.sh.

# need GROUP: the lines «file or command, package» of one group of tools.
need()
{
	case $1 in
	tree)
		echo "quilt quilt"
		echo "patch patch"
		echo "rsync rsync"
		echo "xz xz-utils"
		echo "git git"
		;;
	kernel)
		echo "gcc gcc"
		echo "make make"
		echo "flex flex"
		echo "bison bison"
		echo "bc bc"
		echo "perl perl"
		echo "python3 python3"
		echo "ccache ccache"
		echo "ld binutils"
		echo "/usr/include/stdlib.h libc6-dev"
		echo "/usr/include/libelf.h libelf-dev"
		;;
	arm64-kernel)
		echo "aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu"
		;;
	qemu)
		echo "qemu-system-x86_64 qemu-system-x86"
		;;
	arm64-qemu)
		echo "qemu-system-aarch64 qemu-system-arm"
		;;
	initramfs)
		echo "cpio cpio"
		echo "/bin/busybox busybox-static"
		;;
	cocci)
		echo "spatch coccinelle"
		echo "python3 python3"
		;;
	lint)
		echo "sparse sparse"
		echo "clang clang"
		echo "ld.lld lld"
		echo "llvm-ar llvm"
		echo "shellcheck shellcheck"
		;;
	esac
}

# ensure_packages GROUP...: install what is missing of these groups. A word
# with a colon, tool:package, is such a line itself.
ensure_packages()
{
	local group tool package tools='' packages='' log=$LOG/apt.log

	while read -r tool package; do
		[ -n "$tool" ] || continue
		case $tool in
		/*) [ -e "$tool" ] && continue ;;
		*) command -v "$tool" >/dev/null && continue ;;
		esac
		tools+=" ${tool##*/}"
		packages+=" $package"
	done < <(for group; do
		case $group in
		*:*) echo "${group/:/ }" ;;
		*) need "$group" ;;
		esac
	done)
	[ -n "$packages" ] || return 0

	if ! command -v apt-get >/dev/null; then
		die "missing:$tools; install them (Debian calls the packages:$packages)"
	fi
	if [ "$(id -u)" -ne 0 ]; then
		die "missing:$tools; as root: apt-get install -y --no-install-recommends$packages"
	fi
	export DEBIAN_FRONTEND=noninteractive
	try "$LOG/apt-update.log" '' 'reading the package lists' apt-get update || :
	# shellcheck disable=SC2086 # one word per package
	if ! try "$log" '' "installing$packages" \
	     apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends $packages; then
		die "cannot install$packages: $(grep -m1 '^E:' "$log" || echo 'apt-get failed'); check the network and ${LOG#"$TOP"/}/apt*.log, then call make again"
	fi
	say "installed$packages"
}
