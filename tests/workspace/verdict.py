#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Judge the console log of one boot.

verdict.py TREE NAME LOG MACHINE SUITES END
	Print what the parser of kunit.py in TREE makes of LOG, then one line
	that starts with «ok» or «not ok» and one for each thing that is wrong.
	SUITES lists the suites that MACHINE must run, and the lines that other
	tests must print; END is a regular expression for the line by which a
	boot that ended well is known.
verdict.py --splats LOG
	Print the lines of LOG that tell of a WARN, BUG, oops and so on.

Exits with 1 if anything is wrong. With PHYR_RESULTS set, the counts are
appended to that file: passed, failed, name.
"""

import contextlib
import fnmatch
import inspect
import io
import os
import re
import sys

SPLAT = re.compile(
    r'WARNING:|BUG:|\bOops\b|Call Trace:|Kernel panic|kernel BUG at|'
    r'general protection fault|Unable to handle kernel|double fault|'
    r'KASAN:|KCSAN:|KMSAN:|KFENCE:|UBSAN:|refcount_t:|'
    r'INFO: (possible|inconsistent|suspicious|task .* blocked|rcu|trying)|'
    r'rcu: INFO:|lockdep: |possible (circular|recursive) locking|'
    r'inconsistent lock state|held lock freed|Unwinding too|'
    r'ODEBUG:|kmemleak: \d+ new suspected|unreferenced object|'
    r'DMA-API: (?!preallocated|debugging enabled|debugging disabled)|'
    r'DMAR: \[|DMAR: .*fault|DMAR: .*(ERROR|VT-d detected Invalid)|'
    r'AMD-Vi: Event logged|AMD-Vi: Completion-Wait loop timed out|'
    r'arm-smmu-v3 \S+: (event 0x|unexpected global error|CMD_SYNC timeout)|'
    r'Segmentation fault|list_(add|del) corruption|stack-protector')
# What a healthy boot may say all the same.
HARMLESS = re.compile(r'Spectre V\d : WARNING|RETBleed: WARNING|MDS: ')


# A test that provokes warnings says so before and after, and of how many, which
# have to come; each comes only once in a boot, however often the test runs.
EXPECTED = re.compile(r'PHYR-EXPECT-WARN (begin|end)(?: (\d+))?')
# Fault injection says what it did with a stack trace of its own.
INJECTED = 'FAULT_INJECTION: forcing a failure'


def splats(lines):
    """The lines that tell of something that must not happen."""
    found = []
    expected = False
    announced = provoked = 0
    trace_of = None
    for number, line in enumerate(lines):
        mark = EXPECTED.search(line)
        if mark:
            expected = mark[1] == 'begin'
            announced = max(announced, int(mark[2] or 0))
        elif re.match(r'(\[[ \d.]+\])?\s*(not )?ok \d', line):
            expected = False    # a test that ended early
        elif INJECTED in line or (expected and 'WARNING: CPU' in line):
            provoked += 'WARNING: CPU' in line
            trace_of = number
        elif 'Call Trace:' in line and trace_of is not None and \
                number - trace_of < 40:
            trace_of = None
        elif SPLAT.search(line) and not HARMLESS.search(line):
            found.append(line)
    if provoked < announced:
        found.append(f'{provoked} of {announced} announced warnings came')
    return found


def required(path, machine):
    """What a file of lines «suite [machine...]» or «/line/ [machine...]» demands of
    one machine: suites, and regular expressions."""
    names, patterns = [], []
    with open(path, encoding='utf-8') as file:
        for line in file:
            match = re.match(r'(?:/(?P<line>.+)/|(?P<suite>[^\s#/]+))(?=\s|$)([^#]*)', line)
            if match and machine in (match[3].split() or [machine]):
                if match['line']:
                    patterns.append(match['line'])
                else:
                    names.append(match['suite'])
    return names, patterns


def parse(tree, lines):
    sys.path.insert(0, os.path.join(tree, 'tools/testing/kunit'))
    sys.dont_write_bytecode = True
    # pylint: disable=import-error,import-outside-toplevel
    import kunit_parser
    arguments = [iter(lines)]
    if len(inspect.signature(kunit_parser.parse_run_tests).parameters) > 1:
        from kunit_printer import stdout
        arguments.append(stdout)
    return kunit_parser.parse_run_tests(*arguments)


def judge(tree, name, log, machine, suites, end):
    with open(log, encoding='utf-8', errors='backslashreplace') as file:
        lines = file.read().splitlines()
    report = io.StringIO()
    with contextlib.redirect_stdout(report):
        test = parse(tree, lines)
    wrong = []

    found = {suite.name: suite for suite in test.subtests}
    wanted, patterns = required(suites, machine)
    pattern = os.environ.get('FILTER', '').split('.')[0]
    if pattern:
        wanted = [suite for suite in wanted
                  if fnmatch.fnmatchcase(suite, pattern)]
    for suite in wanted:
        if suite not in found:
            wrong.append(f'suite {suite} is missing')
        elif found[suite].counts.total() == 0:
            wrong.append(f'suite {suite} ran no test')
        elif found[suite].counts.skipped == found[suite].counts.total():
            wrong.append(f'suite {suite} skipped all its tests')
    if not found:
        wrong.append('no suite ran; is FILTER a name of one, as in lib/phyr and kernel/dma/phyr?')

    for line in patterns:
        if not any(re.search(line, other) for other in lines):
            wrong.append(f'no line of the console is as «{line}»')

    for line in splats(lines)[:20]:
        wrong.append('console: ' + line.strip())
    if not any(re.search(end, line) for line in lines):
        wrong.append('the kernel did not get to its end (hung or died)')

    # People want to see each test when they call for one run, not in a row of
    # them that went well.
    counts = test.counts
    passed = counts.passed + sum(any(re.search(line, other) for other in lines)
                                 for line in patterns)
    bad = counts.failed + counts.crashed + counts.errors
    failed = bad + len(wrong)
    if failed or 'PHYR_RESULTS' not in os.environ:
        print(report.getvalue(), end='')
    state = 'ok' if not failed else 'not ok'
    print(f'{state} - {name}: {len(found)} suites, {passed} passed, '
          f'{bad} failed, {counts.skipped} skipped')
    for line in wrong:
        print(f'not ok - {name}: {line}')
    if failed:
        print(f'# the console is in {os.path.relpath(log)}')

    if os.environ.get('PHYR_RESULTS'):
        with open(os.environ['PHYR_RESULTS'], 'a', encoding='utf-8') as file:
            file.write(f'{passed}\t{failed}\t{name}\n')
    return 1 if failed else 0


def main(arguments):
    if len(arguments) == 2 and arguments[0] == '--splats':
        with open(arguments[1], encoding='utf-8', errors='replace') as file:
            bad = splats(file.read().splitlines())
        print('\n'.join(bad[:20]), end='\n' if bad else '')
        return 1 if bad else 0
    if len(arguments) != 6:
        sys.exit(__doc__)
    return judge(*arguments)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
