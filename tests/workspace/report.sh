# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What the workspace says and how it says it: messages, progress of long steps,
# results of tests. Sourced first by every script here; also sets the variables
# that all of them share. tests/workspace/README lists what is meant for others.

set -euo pipefail

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
BUILD=$TOP/build
LOG=$BUILD/log
JOBS=${JOBS:-$(nproc)}

# The kernel's make must not inherit the variables meant for ours.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL GNUMAKEFLAGS
unset ARCH CROSS_COMPILE KBUILD_OUTPUT LLVM CDPATH
export LC_ALL=C
# A cache hit must not depend on where the clone is.
export CCACHE_BASEDIR=$TOP CCACHE_NOHASHDIR=1

mkdir -p "$LOG" 2>/dev/null || {
	echo "phyr: cannot write $BUILD; make it writable for $(id -un)" >&2
	exit 1
}

say()
{
	printf '%s\n' "phyr: $*"
}

# die WHAT; HOW TO MEND IT: one line, and the end.
die()
{
	printf '%s\n' "phyr: $*" >&2
	exit 1
}

# progress PID START WHAT [DIR]: until PID ends, say now and then how long it
# has taken and how many objects it has compiled below DIR.
progress()
{
	local pid=$1 start=$2 what=$3 dir=${4:-} mark=$LOG/.progress.$BASHPID
	local next=15 now count line

	touch "$mark"
	while kill -0 "$pid" 2>/dev/null; do
		sleep 1
		now=$((SECONDS - start))
		if [ -t 1 ]; then
			[ $((now % 3)) -eq 0 ] || continue
		else
			[ $now -ge $next ] || continue
			next=$((next + (now < 60 ? 15 : 30)))
		fi
		line="phyr: $what: $now s"
		if [ -n "$dir" ] && [ -d "$dir" ]; then
			count=$(find "$dir" -name '*.o' -newer "$mark" 2>/dev/null | wc -l)
			line+=", $count objects"
		fi
		if [ -t 1 ]; then
			printf '\r\033[K%s' "$line"
		else
			printf '%s\n' "$line"
		fi
	done
	if [ -t 1 ]; then
		printf '\r\033[K'
	fi
	rm -f "$mark"
}

# try LOG DIR WHAT COMMAND...: run COMMAND with its output in LOG, showing
# progress. Returns its status; says nothing else.
try()
{
	local log=$1 dir=$2 what=$3 start=$SECONDS status=0 pid meter
	shift 3

	mkdir -p "$(dirname "$log")"
	# A process group of its own, so that an interrupt ends all of it.
	set -m
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	set +m
	progress $pid $start "$what" "$dir" &
	meter=$!
	# shellcheck disable=SC2064 # this pid, not a later one
	trap "kill -- -$pid 2>/dev/null; exit 130" INT TERM HUP
	wait $pid || status=$?
	trap - INT TERM HUP
	wait $meter || :
	return $status
}

# step LOG DIR WHAT COMMAND...: like try, but a failure shows the end of LOG
# and ends the script. DIR may be '' when nothing is compiled.
step()
{
	local log=$1 what=$3 start=$SECONDS

	if try "$@"; then
		say "$what: done in $((SECONDS - start)) s"
		return 0
	fi
	tail -n 25 "$log" >&2
	die "$what failed; the whole output is in ${log#"$TOP"/}"
}

# Results. Each test is one line, and one line of the file $PHYR_RESULTS when
# make test asks for it: passed, failed, name.
ok()
{
	printf 'ok - %s\n' "$*"
	result 1 0 "$*"
}

not_ok()
{
	printf 'not ok - %s\n' "$*"
	result 0 1 "$*"
}

# result PASSED FAILED NAME: a group of tests counted by someone else.
result()
{
	FAILED=$((${FAILED:-0} + $2))
	if [ -n "${PHYR_RESULTS:-}" ]; then
		printf '%d\t%d\t%s\n' "$1" "$2" "$3" >>"$PHYR_RESULTS"
	fi
}

# lock NAME: hold build/NAME.lock until unlock NAME or the end of the script, so
# that two calls of make do not build the same thing at once.
declare -A LOCKED

lock()
{
	local fd file=$BUILD/$1.lock

	[ -z "${LOCKED[$1]:-}" ] || return 0
	exec {fd}>"$file"
	LOCKED[$1]=$fd
	flock -n "$fd" && return
	say "waiting for another make that works on $1"
	flock "$fd"
}

unlock()
{
	local fd=${LOCKED[$1]:-}

	[ -n "$fd" ] || return 0
	exec {fd}>&-
	unset "LOCKED[$1]"
}
