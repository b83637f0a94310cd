# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Debian's RDMA tools and rdma-core's own tests on rxe and siw in QEMU, with our kernel
# and with Debian's, which is unmodified.  Sourced by run.sh, after all of the workspace.

VERBS_PACKAGES=rdma-core,ibverbs-utils,perftest,python3-pyverbs,rdmacm-utils,iproute2
VERBS_MODULES='virtio_pci virtio_blk ext4 dummy ib_umad ib_uverbs rdma_ucm crc32_generic rdma_rxe libcrc32c siw'

# What Debian's mirror is called here
verbs_mirror()
{
	# shellcheck disable=SC2016 # for apt-get to expand
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		grep -m1 '/debian/\?$' || echo http://deb.debian.org/debian
}

verbs_debootstrap()
{
	rm -rf "$VERBS/root.new"
	debootstrap --variant=minbase "--include=$VERBS_PACKAGES" \
		bookworm "$VERBS/root.new" "$(verbs_mirror)" &&
	gunzip "$VERBS"/root.new/usr/share/doc/rdma-core/tests/*.gz &&
	rm -rf "$VERBS/root.new/var/cache/apt" "$VERBS/root.new/var/lib/apt/lists" &&
	rm -rf "$VERBS/root" && mv "$VERBS/root.new" "$VERBS/root"
}

verbs_image()
{
	cp "$TOP/tests/rdma/verbs/guest" "$VERBS/root/guest"
	chmod +x "$VERBS/root/guest"
	rm -f "$VERBS/root.img"
	mke2fs -q -t ext2 -d "$VERBS/root" -L verbs "$VERBS/root.img" 900M
}

# verbs_debian: the kernel of the release that the tree is of, as Debian built it
verbs_debian()
{
	local version deb dir=$VERBS/debian

	version=$(kernel_version "$TREE")
	version=${version#Linux }
	rm -rf "$dir.new"
	mkdir -p "$dir.new"
	(cd "$dir.new" && apt-get download "linux-image-$version+deb12-amd64-unsigned") || return 1
	deb=$(echo "$dir.new"/*.deb)
	dpkg-deb -x "$deb" "$dir.new" && rm "$deb" && rm -rf "$dir" && mv "$dir.new" "$dir"
}

# verbs_siw: Debian's kernel has no siw, so build that of the unmodified source for it
verbs_siw()
{
	local dir=$VERBS/siw file release

	release=$(basename "$VERBS"/debian/lib/modules/*)
	rm -rf "$dir"
	mkdir -p "$dir"
	for file in "$TREE"/drivers/infiniband/sw/siw/*; do
		case $file in *.c | *.h | */Makefile) ;; *) continue ;; esac
		"$TOP/tests/rdma/umem/sources.sh" "$TREE" unmodified "${file#"$TREE/"}" \
			>"$dir/$(basename "$file")"
	done
	make -C "/usr/src/linux-headers-$release" "M=$dir" CONFIG_RDMA_SIW=m modules &&
	mkdir -p "$VERBS/debian/lib/modules/$release/extra" &&
	cp "$dir/siw.ko" "$VERBS/debian/lib/modules/$release/extra"
}

# verbs_initramfs: of the modules what is needed, in the order in which they load
verbs_initramfs()
{
	local dir=$VERBS/initramfs lib name

	lib=$(echo "$VERBS"/debian/lib/modules/*)
	rm -rf "$dir"
	mkdir -p "$dir"/{bin,dev,proc,sys,root,modules}
	cp "$(command -v busybox)" "$dir/bin/busybox"
	cp "$TOP/tests/rdma/verbs/initramfs-init" "$dir/init"
	chmod +x "$dir/init"
	depmod -b "$VERBS/debian" "${lib##*/}"
	for name in $VERBS_MODULES; do
		modprobe -d "$VERBS/debian" -S "${lib##*/}" --show-depends "$name" |
			sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++' | while read -r name; do
		case $name in
		*.xz) xz -dc "$name" >"$dir/modules/$(basename "$name" .xz)" ;;
		*) cp "$name" "$dir/modules/" ;;
		esac
		basename "$name" .xz
	done >"$dir/modules/list"
	(cd "$dir" && find . | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$VERBS/debian.gz"
}

# verbs_boot NAME KERNEL ARGUMENT...
verbs_boot()
{
	local name=$1 kernel=$2
	shift 2

	timeout -k 5 5400 qemu-system-x86_64 -accel tcg -smp 2 -m 2G -cpu max -nodefaults \
		-display none -no-reboot -machine q35 -serial "file:$VERBS/$name.console" \
		-serial "file:$VERBS/$name.output" \
		-drive "if=none,id=root,file=$VERBS/root.img,format=raw,snapshot=on" \
		-device virtio-blk-pci,drive=root -kernel "$kernel" "$@"
}

verbs_prepare()
{
	ensure_tree
	VERBS=$BUILD/rdma$SUFFIX/verbs
	mkdir -p "$VERBS"
	ensure_packages qemu initramfs debootstrap:debootstrap mke2fs:e2fsprogs \
		depmod:kmod dpkg-deb:dpkg
	[ -d "$VERBS/root" ] || step "$LOG/rdma-debootstrap.log" '' \
		"making a guest of Debian's packages" verbs_debootstrap
	step "$LOG/rdma-image.log" '' "packing the guest" verbs_image
}

# verbs_results NAME: the lines of a boot, sorted
verbs_results()
{
	sed -nE 's/^VERBS (\S+) (ok|skipped|failed).*/\1 \2/p' "$VERBS/$1.output" |
		sort >"$VERBS/$1.results"
	grep -q '^VERBS-END' "$VERBS/$1.output"
}

# verbs_phyr KERNEL ONLY
verbs_phyr()
{
	local more="${2:+ verbs.only=$2}"

	[[ $1 != *-debug ]] || more+=' verbs.seconds=1200'
	ensure_kernel "$1"
	try "$LOG/rdma-verbs-$1.log" '' "rxe and siw with physical range lists, $1" \
		verbs_boot "$1" "$KERNEL_DIR/arch/x86/boot/bzImage" \
		-append "console=ttyS0 panic=-1 kunit.enable=0 root=/dev/vda rw init=/guest$more" || :
	verbs_results "$1" || not_ok "verbs, $1: the guest did not get to its end"
	splats "$VERBS/$1.console" || not_ok "verbs, $1: the kernel complains"
}

# verbs_unmodified ONLY
verbs_unmodified()
{
	local release

	[ -d "$VERBS/debian" ] || step "$LOG/rdma-debian.log" '' "fetching Debian's kernel" \
		verbs_debian
	release=$(basename "$VERBS"/debian/lib/modules/*)
	ensure_packages "/usr/src/linux-headers-$release:linux-headers-$release"
	[ -f "$VERBS/debian/lib/modules/$release/extra/siw.ko" ] ||
		step "$LOG/rdma-siw.log" '' "building siw for it" verbs_siw
	[ "$VERBS/debian.gz" -nt "$TOP/tests/rdma/verbs/initramfs-init" ] ||
		step "$LOG/rdma-debian-initramfs.log" '' "packing its modules" verbs_initramfs
	try "$LOG/rdma-verbs-debian.log" '' "rxe and siw with the unmodified kernel" \
		verbs_boot debian "$(echo "$VERBS"/debian/boot/vmlinuz-*)" -initrd "$VERBS/debian.gz" \
		-append "console=ttyS0 panic=-1 module.sig_enforce=0${1:+ verbs.only=$1}" || :
	verbs_results debian || not_ok "verbs: the unmodified guest did not get to its end"
}

# verbs_needed: what has to work whatever the other kernel does, and how many of rdma-core's
# tests on each device, see VERBS_PYVERBS
verbs_needed()
{
	local dev

	for dev in rxe siw; do
		echo "link.$dev"
		echo "devinfo.$dev"
		echo "unlink.$dev"
		echo "rping.$dev.64"
		echo "rping.$dev.65536"
		sed -n 's/^for op in \(.*\); do/\1/p' "$TOP/tests/rdma/verbs/guest" | tr ' ' '\n' |
			sed "s/.*/ib_&_bw.$dev.cm ib_&_lat.$dev.cm/" | tr ' ' '\n'
	done
	printf '%s\n' {rc,uc,ud,srq}_pingpong.rxe ib_{write,read,send}_{bw,lat}.rxe ib_write_bw.rxe.all
}

VERBS_PYVERBS=(rxe0=20 siw0=1)

# verbs_floor KERNEL
verbs_floor()
{
	local name entry count

	for name in $(verbs_needed); do
		grep -q "^$name ok\$" "$VERBS/$1.results" || not_ok "verbs, $1: $name has to work"
	done
	for entry in "${VERBS_PYVERBS[@]}"; do
		count=$(grep -c "^pyverbs\.${entry%=*}\..* ok\$" "$VERBS/$1.results" || :)
		[ "$count" -ge "${entry#*=}" ] ||
			not_ok "verbs, $1: $count of rdma-core's tests on ${entry%=*} pass, not ${entry#*=}"
	done
}

# verbs_chosen RESULTS: is there a test that ONLY= names?  Links are made whatever it says.
verbs_chosen()
{
	local name

	while read -r name _; do
		case $name in pyverbs.*) name=$(echo "$name" | cut -d. -f1,2) ;; esac
		# shellcheck disable=SC2053 # a pattern
		[[ $name != $ONLY ]] || return 0
	done <"$1"
	return 1
}

# verbs_judge KERNEL: what the unmodified kernel does, this one has to do
verbs_judge()
{
	local name result before results=$VERBS/$1.results

	[ -n "${ONLY:-}" ] || verbs_floor "$1"
	if [ -n "${ONLY:-}" ] && ! verbs_chosen "$results"; then
		not_ok "verbs, $1: no test has a name like ONLY=$ONLY"
	fi

	while read -r name result; do
		before=$(sed -n "s/^$name //p" "$VERBS/debian.results")
		case $before,$result in
		ok,ok | failed,ok | skipped,ok)
			ok "verbs, $1: $name"
			;;
		skipped,skipped | failed,skipped)
			;;
		failed,failed)
			echo "    $name fails with both kernels"
			;;
		*)
			not_ok "verbs, $1: $name: $result, with the unmodified kernel ${before:-missing}"
			;;
		esac
	done <"$results"
	while read -r name result; do
		grep -q "^$name " "$results" || not_ok "verbs, $1: $name is missing"
	done <"$VERBS/debian.results"
	say "$1: $(grep -c ' ok$' "$results") tests pass, $(grep -c ' skipped$' "$results") are skipped, $(grep -c ' failed$' "$results") fail; with the unmodified kernel $(grep -c ' ok$' "$VERBS/debian.results"), $(grep -c ' skipped$' "$VERBS/debian.results"), $(grep -c ' failed$' "$VERBS/debian.results")"
}
