#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Fuzz lib/phyr/list.c as a user space program, with sanitizers, against a naive
# model (see list_fuzz.c).
#
#   run.sh       until interrupted, or for FUZZ_SECONDS (600); what it finds out
#                about the input stays in build/fuzz/corpus for the next time
#   run.sh --ci  the same inputs each time, for at least FUZZ_CPU_SECONDS (60)
#                of CPU time; a line for each check, fails if one does
#
# An input that fails is kept in build/fuzz; list_fuzz FILE or
# list_check 0 NUMBER, as is said then, runs it again.

. "$(dirname "$0")/../workspace/report.sh"
. "$(dirname "$0")/../workspace/packages.sh"

FUZZ=$TOP/tests/fuzz
OUT=$BUILD/fuzz
FLAGS=(-std=gnu11 -O2 -g -Wall -Wextra -Werror -Wno-gnu
       -fsanitize=address -fsanitize=undefined -fno-sanitize-recover=all
       -fno-omit-frame-pointer '-DEXPORT_SYMBOL_GPL(symbol)=extern int exported'
       -I "$FUZZ/shim" -I "$TOP/include")
SOURCES=("$TOP/lib/phyr/list.c" "$FUZZ/list_fuzz.c" "$FUZZ/model.c" "$FUZZ/shim/shim.c")
LIBFUZZER=(-max_len=1024 -len_control=0 -timeout=60 -rss_limit_mb=4096
	   "-artifact_prefix=$OUT/" -print_final_stats=1)

export ASAN_OPTIONS=abort_on_error=1:${ASAN_OPTIONS:-}

# The kinds of machines that the list is built for
declare -A MACHINES=(
	[list_check]=""
	[list_check-64k]=-DSHIM_PAGE_SHIFT=16
	[list_check-32]=-DSHIM_PHYS_ADDR_32
)

# The sanitizers' and libFuzzer's libraries are a package beside clang's.
ensure_clang()
{
	local dir

	ensure_packages clang:clang
	dir=$(clang -print-resource-dir)
	ensure_packages "$dir/lib/linux/libclang_rt.fuzzer-$(uname -m).a:libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
}

compile()
{
	clang "${FLAGS[@]}" "$@" "${SOURCES[@]}"
}

compile_all()
{
	local program

	mkdir -p "$OUT" &&
	compile -fsanitize=fuzzer -o "$OUT/list_fuzz" &&
	for program in "${!MACHINES[@]}"; do
		# shellcheck disable=SC2086 # one flag or none
		compile -DSTANDALONE ${MACHINES[$program]} -o "$OUT/$program" || return
	done
}

# cpu: CPU is how many seconds of it the programs that have ended took.
cpu()
{
	local user system

	times >"$OUT/.times"
	read -r user system < <(tail -n 1 "$OUT/.times")
	CPU=$(awk -v "u=$user" -v "s=$system" 'BEGIN {
		split(u, a, "m"); split(s, b, "m")
		print int(60 * (a[1] + b[1]) + a[2] + b[2])
	}')
}

# check NAME LOG COMMAND...: one line of the result
check()
{
	local name=$1 log=$LOG/$2
	shift 2

	if try "$log" '' "$name" "$@"; then
		ok "fuzz: $name"
	else
		tail -n 40 "$log" >&2
		not_ok "fuzz: $name (the whole output is in ${log#"$TOP"/})"
	fi
}

# replay: all inputs that have been kept because they once found something
replay()
{
	local inputs

	inputs=$(find "$FUZZ/corpus" -type f 2>/dev/null) || :
	[ -n "$inputs" ] || return 0
	# shellcheck disable=SC2086 # the names have no blanks
	"$OUT/list_fuzz" $inputs
}

# fixed_seeds SECONDS: libFuzzer from nothing with seeds 1, 2, ..., each for a
# fixed number of inputs, until it has taken that much CPU time.
fixed_seeds()
{
	local seed=0 start

	cpu
	start=$CPU
	while [ $((CPU - start)) -lt "$1" ]; do
		seed=$((seed + 1))
		rm -rf "$OUT/ci-corpus"
		mkdir "$OUT/ci-corpus"
		echo "seed $seed, $((CPU - start)) s of CPU time so far"
		"$OUT/list_fuzz" "${LIBFUZZER[@]}" "-seed=$seed" -runs=5000 \
			"$OUT/ci-corpus" || return
		cpu
	done
}

ci()
{
	local seconds=${FUZZ_CPU_SECONDS:-60}

	step "$LOG/fuzz-build.log" '' 'building the fuzzer' compile_all
	check 'random operations and a list of 2200000 ranges' fuzz-check.log \
		"$OUT/list_check" 15
	check 'random operations, 64 KiB pages' fuzz-check-64k.log "$OUT/list_check-64k" 5
	check 'random operations, 32-bit physical addresses' fuzz-check-32.log \
		"$OUT/list_check-32" 5
	check 'kept inputs' fuzz-replay.log replay
	check "libFuzzer, fixed seeds, $seconds s of CPU time" fuzz-ci.log \
		fixed_seeds "$seconds"
	[ "${FAILED:-0}" -eq 0 ]
}

forever()
{
	local seconds=${FUZZ_SECONDS:-600} corpus=$OUT/corpus before

	step "$LOG/fuzz-build.log" '' 'building the fuzzer' compile_all
	mkdir -p "$corpus"
	before=$(find "$corpus" -type f | wc -l)
	say "fuzzing lib/phyr/list.c for $seconds s with $JOBS processes; ${corpus#"$TOP"/} has $before inputs"
	if ! try "$LOG/fuzz.log" '' fuzzing "$OUT/list_fuzz" "${LIBFUZZER[@]}" \
	     "-max_total_time=$seconds" "-fork=$JOBS" "$corpus"; then
		grep -hE 'failed|ERROR|runtime error|Test unit written' "$LOG/fuzz.log" >&2 || :
		die "the list is not as its model, or worse: run ${OUT#"$TOP"/}/list_fuzz with the input that is named in ${LOG#"$TOP"/}/fuzz.log"
	fi
	say "nothing found in $seconds s; ${corpus#"$TOP"/} has $(find "$corpus" -type f | wc -l) inputs now"
}

ensure_clang
case ${1:-} in
--ci) ci ;;
'') forever ;;
*) die "what is $1? Call it with --ci or with nothing" ;;
esac
