#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make cocci: report on, convert and check the whole tree; the result is in build/cocci.
# run.sh --test is the part of make test: fixtures, and a few drivers converted and
# compiled, in less than five minutes. DIR= takes a part of the tree only,
# and leaves out the tests of the kit itself.
. "$(dirname "$0")/../workspace/report.sh"
. "$(dirname "$0")/../workspace/packages.sh"
. "$(dirname "$0")/../workspace/tree.sh"
. "$(dirname "$0")/../workspace/kernel.sh"

KIT=$TOP/scripts/phyr-convert
HERE=$TOP/tests/cocci
OUT=$BUILD/cocci
WORK=$BUILD/cocci/check
FAILED=0

# One driver of each pattern, that are compiled on x86-64.
REPRESENTATIVE=(drivers/accel/qaic drivers/vfio/pci/pds drivers/mtd/nand/raw/gpmi-nand
		drivers/mtd/nand/raw/omap2.c drivers/tty/serial/imx.c
		drivers/media/pci/cx25821/cx25821-alsa.c drivers/media/pci/cx88/cx88-alsa.c)

# counted COMMAND...: its lines «ok - » and «not ok - » are tests of ours.
counted()
{
	local line status=0

	while IFS= read -r line; do
		case $line in
		'ok - '*) ok "${line#ok - }" ;;
		'not ok - '*) not_ok "${line#not ok - }" ;;
		*) printf '%s\n' "$line" ;;
		esac
	done < <("$@" 2>&1)
	wait $! || status=$?
	[ $status -eq 0 ] || [ $FAILED -gt 0 ] || not_ok "$1 ended with status $status"
}

# verdicts LOG: the lines of check, as tests.
verdicts()
{
	local line patch

	while IFS= read -r line; do
		case $line in
		*.patch': good') patch=${line%: good}; ok "check ${patch##*/}" ;;
		*.patch': bad') patch=${line%: bad}; not_ok "check ${patch##*/}" ;;
		'  '*) printf '%s\n' "$line" ;;
		esac
	done <"$1"
}

in_tree_run()
{
	(cd "$TREE" && "$@")
}

convert_and_check()
{
	local patches=$1
	shift

	rm -rf "$patches"
	try "$LOG/cocci-convert" '' 'converting' in_tree_run "$KIT" convert -o "$patches" "$@" ||
		not_ok "phyr-convert convert: $(tail -n 1 "$LOG/cocci-convert")"
	try "$LOG/cocci-check" '' 'checking the patches' \
		in_tree_run "$KIT" check --work "$WORK" "$patches" || :
	verdicts "$LOG/cocci-check"
	grep -q '\.patch: ' "$LOG/cocci-check" ||
		not_ok "phyr-convert check: $(tail -n 1 "$LOG/cocci-check")"
}

# together PATCHES: they apply one behind the other, and break nothing
together()
{
	ensure_packages arm64-kernel
	if try "$LOG/cocci-together" '' 'compiling every user with all patches' \
	   in_tree_run "$KIT" check --work "$WORK" --together "$1"; then
		ok 'all patches together'
	else
		not_ok "all patches together: $(tail -n 1 "$LOG/cocci-together")"
	fi
	grep -v '^phyr-convert: ' "$LOG/cocci-together" || :
}

some()
{
	counted "$HERE/fixtures.py" "$TOP" "$TREE"
	# All of them take five minutes: make cocci
	counted "$HERE/mutate.py" "$TOP" "$TREE" --every 12
	if [ -z "${KSRC:-}" ]; then
		try "$LOG/cocci-report" '' 'report' in_tree_run "$KIT" report --no-spatch \
			--json "$OUT/some.json" drivers/{accel,i2c,mmc,mtd,spi,tty,vfio,vdpa} || :
		counted "$HERE/truth.py" "$OUT/some.json" "$TREE"
	fi
	convert_and_check "$OUT/some" "${REPRESENTATIVE[@]}"
}

all()
{
	local where=(${DIR:+"$DIR"})

	if try "$LOG/cocci-report" '' 'report' in_tree_run "$KIT" report \
	   --json "$OUT/report.json" --html "$OUT/report.html" "${where[@]}"; then
		ok 'phyr-convert report'
	else
		not_ok "phyr-convert report: $(tail -n 1 "$LOG/cocci-report")"
		return
	fi
	if [ -z "${KSRC:-}" ]; then
		counted "$HERE/truth.py" "$OUT/report.json" "$TREE"
	fi
	convert_and_check "$OUT/patches" "${where[@]:-.}"
	[ -n "${DIR:-}" ] || together "$OUT/patches"
	# These are of the kit, not of a directory
	if [ -z "${DIR:-}" ]; then
		counted "$HERE/fixtures.py" "$TOP" "$TREE"
		counted "$HERE/mutate.py" "$TOP" "$TREE"
	fi
	{
		sed -n '/^$/,$p' "$LOG/cocci-report" | grep -v '^phyr-convert: ' || :
		grep -c ': converted' "$LOG/cocci-convert" |
			sed 's/$/ drivers converted; patches are in build\/cocci\/patches/' || :
		[ -n "${DIR:-}" ] || cat "$LOG/cocci-together"
		grep ': refused' "$LOG/cocci-convert" | grep -v 'refused: framework' |
			sed 's/^/  /' || :
	} >"$OUT/summary"
	cat "$OUT/summary"
	say "report: ${OUT#"$TOP"/}/report.json and report.html; summary: ${OUT#"$TOP"/}/summary"
}

ensure_packages cocci kernel tree
ensure_tree
mkdir -p "$OUT"
lock cocci
case ${1:-} in
--test) some ;;
'') all ;;
*) die "usage: run.sh [--test]" ;;
esac
[ "$FAILED" -eq 0 ]
