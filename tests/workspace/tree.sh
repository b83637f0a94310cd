# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The kernel tree: where it comes from, how the project's files and patches get
# into it, when it counts as prepared. Sourced after report.sh and packages.sh.
#
# A tree appears under its name by a rename, whole. Below it, .phyr/ holds
#   base      what was unpacked or copied; its time is when that began
#   links     the project's files that are symbolic links in the tree
#   patches/  the series as it was last pushed
#   manifest  the checksums of the patched files right after that push
#   patched   the checksum of the series, written last: the tree is prepared

# Directories of the project that land in the kernel at the same path.
PROJECT_DIRS=(include lib kernel block drivers net scripts Documentation)

DEBIAN_SOURCE=linux-source-6.12
TREE=
SUFFIX=

# Products of a build inside KSRC, which a copy must not have.
PRODUCTS=(.git '*.o' '*.a' '*.ko' '*.mod' '*.mod.c' '.*.cmd' '*.order' '*.lex.c'
          '*.tab.c' '*.tab.h' '.tmp_*' /.config '/.config.old' /vmlinux*
          /Module.symvers /System.map /build /include/config /include/generated
          '/arch/*/include/generated' '/arch/*/boot/*Image')

# project_files: the files of the project that land in the kernel.
project_files()
{
	local file

	git -c safe.directory='*' -C "$TOP" -c core.quotePath=off ls-files -co \
		--exclude-standard -- "${PROJECT_DIRS[@]}" |
	sort -u | while IFS= read -r file; do
		[ ! -e "$TOP/$file" ] || printf '%s\n' "$file"
	done
}

# patch_names: the series without comments and options.
patch_names()
{
	[ ! -f "$TOP/patches/series" ] ||
		sed -e 's/[[:space:]]*#.*//' -e 's/[[:space:]].*//' -e '/^$/d' \
		    "$TOP/patches/series"
}

patches_id()
{
	local name

	{
		echo "series"
		for name in $(patch_names); do
			[ -f "$TOP/patches/$name" ] ||
				die "patches/$name is missing; add it or take it out of patches/series"
			echo "$name"
			cat "$TOP/patches/$name"
		done
	} | sha256sum | cut -d' ' -f1
}

# patched_files TREE: what the patches applied to TREE touch.
patched_files()
{
	local name

	[ -f "$1/.pc/applied-patches" ] || return 0
	while read -r name; do
		(cd "$1/.pc/$name" 2>/dev/null &&
		 find . -type f ! -name .timestamp -printf '%P\n') || :
	done <"$1/.pc/applied-patches" | sort -u
}

# source_id: names what the tree is made from.
source_id()
{
	if [ -n "${KSRC:-}" ]; then
		echo "$KSRC $(git -c safe.directory='*' -C "$KSRC" \
			rev-parse -q --verify HEAD 2>/dev/null || :)"
	else
		stat -Lc "$DEBIAN_SOURCE %s %Y" "/usr/src/$DEBIAN_SOURCE.tar.xz"
	fi
}

# base_changed ID: whether the tree must be unpacked or copied (again).
base_changed()
{
	local args=() pattern

	[ -f "$TREE/.phyr/base" ] || return 0
	[ "$(cat "$TREE/.phyr/base")" = "$1" ] || return 0
	[ -n "${KSRC:-}" ] || return 1
	for pattern in "${PRODUCTS[@]}"; do
		case $pattern in
		/*) args+=(-path "$KSRC$pattern" -prune -o) ;;
		*) args+=(-name "$pattern" -prune -o) ;;
		esac
	done
	[ -n "$(find "$KSRC" "${args[@]}" -type f -newer "$TREE/.phyr/base" \
		-print -quit)" ]
}

unpack()
{
	xz -T0 -dc "/usr/src/$DEBIAN_SOURCE.tar.xz" |
		tar -xf - -C "$1" --strip-components=1
}

copy_ksrc()
{
	rsync -a "${PRODUCTS[@]/#/--exclude=}" "$KSRC/" "$1/"
}

# link_project TREE: make the links match the project's files.
link_project()
{
	local tree=$1 file up want links

	mkdir -p "$tree/.phyr"
	links=$(project_files)
	if [ -f "$tree/.phyr/links" ]; then
		while IFS= read -r file; do
			[ -L "$tree/${file:-.}" ] || continue
			grep -qxF -- "$file" <<<"$links" && continue
			rm -f "$tree/$file"
			(cd "$tree" && rmdir -p "$(dirname "$file")" 2>/dev/null) || :
		done <"$tree/.phyr/links"
	fi
	# Known to the next call even when this one is interrupted.
	printf '%s\n' "$links" >>"$tree/.phyr/links"
	while IFS= read -r file; do
		[ -n "$file" ] || continue
		up=${file//[!\/]/}
		want=../../${up//\//../}$file
		[ "$(readlink "$tree/$file" || :)" != "$want" ] || continue
		if [ -e "$tree/$file" ] && [ ! -L "$tree/$file" ]; then
			die "$file is also a file of the kernel; rename it, or change the kernel's by a patch in patches/"
		fi
		mkdir -p "$tree/$(dirname "$file")"
		ln -sfn "$want" "$tree/$file"
	done <<<"$links"
	printf '%s\n' "$links" >"$tree/.phyr/links"
}

# in_tree TREE QUILT-COMMAND...: quilt there, whatever ~/.quiltrc says.
in_tree()
{
	local tree=$1
	shift
	(cd "$tree" && QUILT_PATCHES="$TOP/patches" quilt --quiltrc=- "$@")
}

# pop_patches TREE: undo what was pushed, even if patches/ has changed since.
pop_patches()
{
	local tree=$1

	if [ -s "$tree/.pc/applied-patches" ]; then
		if [ -d "$tree/.phyr/patches" ]; then
			echo "$tree/.phyr/patches" >"$tree/.pc/.quilt_patches"
		fi
		in_tree "$tree" pop -a -f -q || return 1
	fi
	rm -rf "$tree/.pc"
}

# push_patches TREE: push the series, all of it or nothing.
push_patches()
{
	local tree=$1 name file why log=$LOG/quilt.log

	[ -n "$(patch_names)" ] || return 0
	rm -rf "$tree/.phyr/patches"
	mkdir -p "$tree/.phyr/patches"
	cp "$TOP/patches/series" "$tree/.phyr/patches/"
	for name in $(patch_names); do
		mkdir -p "$(dirname "$tree/.phyr/patches/$name")"
		cp "$TOP/patches/$name" "$tree/.phyr/patches/$name"
	done
	if in_tree "$tree" push -a >"$log" 2>&1 </dev/null; then
		! grep -q ' with fuzz ' "$log" ||
			say "some of patches/ fits with fuzz only; refresh it (${log#"$TOP"/} says which)"
		return 0
	fi
	name=$(sed -n 's/^Applying patch //p' "$log" | tail -n 1)
	why=$(grep -m1 -E 'FAILED|malformed|No file to patch|not a regular' "$log" ||
		tail -n 1 "$log")
	file=$(sed -n '/FAILED\|malformed/q; s/^patching file //p' "$log" | tail -n 1)
	why=${why%.}
	pop_patches "$tree" >>"$log" 2>&1 || :
	die "patches/${name#"$TOP/patches/"} does not apply: ${file:+$file: }$why; refresh it against $(kernel_version "$tree") (${log#"$TOP"/})"
}

kernel_version()
{
	sed -n -e 's/^VERSION = /Linux /p;s/^PATCHLEVEL = /./p;s/^SUBLEVEL = /./p' \
		-e '/^NAME/q' "$1/Makefile" | tr -d '\n'
}

# settle TREE BEFORE FILES: TREE was patched anew. Of FILES, those that are
# as they were in BEFORE get their time back, so that nothing is compiled for
# them; those that are not are new now. Edits that were in no patch are kept.
settle()
{
	local tree=$1 before=$2 files=$3 edits file
	edits=$BUILD/edits-$(date +%Y%m%d-%H%M%S)

	while IFS= read -r file; do
		[ -n "$file" ] || continue
		if cmp -s "$before/$file" "$tree/$file"; then
			touch -r "$before/$file" "$tree/$file"
			continue
		fi
		[ ! -f "$tree/$file" ] || touch "$tree/$file"
		[ -f "$before/$file" ] || continue
		if ! grep -qxF "$(cd "$before" && sha256sum "$file")" \
		     "$TREE/.phyr/manifest" 2>/dev/null; then
			mkdir -p "$(dirname "$edits/$file")"
			cp -p "$before/$file" "$edits/$file"
			say "$file had edits that no patch has; they are kept in ${edits#"$TOP"/}/"
		fi
	done <<<"$files"
}

write_manifest()
{
	patched_files "$1" | (cd "$1" && while IFS= read -r file; do
		[ ! -f "$file" ] || sha256sum "$file"
	done) >"$1/.phyr/manifest"
}

# fetch_tree BASE PATCHES: make the whole tree anew beside the old, then swap.
fetch_tree()
{
	local new=$TREE.new old=$TREE.old what

	rm -rf "$new"
	mkdir -p "$new/.phyr"
	echo "$1" >"$new/.phyr/base"
	cp -p "$new/.phyr/base" "$BUILD/.base$SUFFIX"
	if [ -n "${KSRC:-}" ]; then
		what="copying $KSRC"
		step "$LOG/tree.log" '' "$what" copy_ksrc "$new"
	else
		what="unpacking $DEBIAN_SOURCE"
		step "$LOG/tree.log" '' "$what" unpack "$new"
	fi
	mv "$BUILD/.base$SUFFIX" "$new/.phyr/base"
	link_project "$new"
	push_patches "$new"
	write_manifest "$new"
	if [ -d "$TREE" ]; then
		settle "$new" "$TREE" "$(patched_files "$TREE")"
	fi
	echo "$2" >"$new/.phyr/patched"
	if [ -d "$TREE" ]; then
		mv "$TREE" "$old"
	fi
	mv "$new" "$TREE"
	rm -rf "$old"
}

# repatch_tree BASE PATCHES: the series is not the one that was pushed.
repatch_tree()
{
	local before=$BUILD/.before$SUFFIX files file

	files=$(patched_files "$TREE")
	rm -f "$TREE/.phyr/patched"
	rm -rf "$before"
	mkdir -p "$before"
	while IFS= read -r file; do
		[ -z "$file" ] || [ ! -f "$TREE/$file" ] ||
			(cd "$TREE" && cp -p --parents "$file" "$before/")
	done <<<"$files"
	if ! pop_patches "$TREE" >"$LOG/quilt.log" 2>&1; then
		fetch_tree "$@"
		return
	fi
	push_patches "$TREE"
	settle "$TREE" "$before" "$files"
	write_manifest "$TREE"
	rm -rf "$before"
	echo "$2" >"$TREE/.phyr/patched"
	say "patched ${TREE#"$TOP"/} anew: $(patch_names | wc -l) patches"
}

# name_tree: set TREE and SUFFIX, the end of the names of what is built from it.
name_tree()
{
	if [ -n "${KSRC:-}" ]; then
		[ -d "$KSRC" ] ||
			die "KSRC=$KSRC does not exist; give the top directory of a kernel tree"
		KSRC=$(realpath -- "$KSRC")
		if [ ! -f "$KSRC/Kbuild" ] || [ ! -f "$KSRC/MAINTAINERS" ] ||
		   [ ! -f "$KSRC/scripts/kconfig/merge_config.sh" ]; then
			die "KSRC=$KSRC is not a kernel tree; give the directory that has Kbuild and MAINTAINERS"
		fi
		[ ! -f "$KSRC/include/linux/phyr.h" ] ||
			die "KSRC=$KSRC has phyr already; give a tree without it, or run kunit.py in that one"
		case $KSRC/ in
		"$BUILD"/*) die "KSRC=$KSRC is below build/ already; leave KSRC out, or give a tree elsewhere" ;;
		esac
		SUFFIX=-ksrc-$(printf %s "$KSRC" | sha256sum | cut -c1-8)
	else
		SUFFIX=
	fi
	TREE=$BUILD/linux$SUFFIX
}

# ensure_tree: TREE is the prepared tree when this returns.
ensure_tree()
{
	local base patches

	[ -z "$TREE" ] || return 0
	name_tree
	ensure_packages tree
	if [ -z "${KSRC:-}" ] && [ ! -f "/usr/src/$DEBIAN_SOURCE.tar.xz" ]; then
		ensure_packages "/usr/src/$DEBIAN_SOURCE.tar.xz:$DEBIAN_SOURCE"
	fi
	project_files >/dev/null ||
		die "git cannot list the project's files; work in a git clone of the project"

	lock "linux$SUFFIX"
	base=$(source_id) || exit 1
	patches=$(patches_id) || exit 1
	if base_changed "$base"; then
		fetch_tree "$base" "$patches"
	else
		link_project "$TREE"
		if [ "$(cat "$TREE/.phyr/patched" 2>/dev/null)" != "$patches" ] ||
		   ! cmp -s <(patch_names) <(cat "$TREE/.pc/applied-patches" 2>/dev/null); then
			repatch_tree "$base" "$patches"
		fi
	fi
	unlock "linux$SUFFIX"
}
