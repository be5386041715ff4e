# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The command line of script/regress."""
import argparse
import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from bench.regress import builds, code, instructions, report, selftest
from bench.regress.comparison import Comparer, Subject, counted, default_plan
from bench.regress.driver import cases as driver_cases
from golden.generate import progress
from golden.generate.errors import CannotError

PAIRS, QUICK_PAIRS = 30, 20
OUTPUTS = ("--json", "--markdown", "--html", "--junit")


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise CannotError(f"{message}; see {self.prog} --help")


def main(arguments=None):
    try:
        options = parse(arguments)
        signal.signal(signal.SIGTERM, end)  # so that files and running drivers go with us
        with contextlib.ExitStack() as scope:
            status = selftest.run(options, scope, show) if options.self_test else compare(options, scope)
        sys.stdout.flush()
        return status
    except CannotError as error:
        progress.show("")
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:  # the reader of our output has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        progress.show("")
        print("error: interrupted", file=sys.stderr)
        return CannotError.exit_status


def end(number, frame):
    raise CannotError(f"ended by {signal.Signals(number).name}")


def parse(arguments):
    parser = Parser(
        prog="script/regress",
        description="Whether a commit made an op slower: builds both, times them in turns, and judges each row.",
        epilog="Exit codes: 0 no regression; 1 a regression; 4 inconclusive; 2 cannot compare. More stands in "
               "docs/benchmarking.md.",
    )
    parser.add_argument("base", metavar="BASE_REF", nargs="?", help="the commit to compare with")
    parser.add_argument("head", metavar="HEAD_REF", nargs="?", help="default: HEAD")
    parser.add_argument("--dirty", action="store_true", help="compare the files of the working tree, not a commit")
    parser.add_argument("--set", metavar="NAME", default="regress", help="of rows (default: regress)")
    parser.add_argument("--rows", metavar="REGEX", type=pattern, help="only rows whose names match somewhere")
    parser.add_argument("--pairs", metavar="N", type=even, help=f"of each row, an even number (default {PAIRS})")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_PAIRS} pairs")
    parser.add_argument("--measure-all", action="store_true", help="also rows whose compiled code is the same")
    parser.add_argument("--no-instructions", action="store_true", help="do not count them under callgrind")
    parser.add_argument("--keep", metavar="DIR", type=Path, help="where the results with all samples are kept")
    for option in OUTPUTS:
        parser.add_argument(option, metavar="FILE", type=Path)
    parser.add_argument("--self-test", action="store_true",
                        help="how often it cries wolf on equal programs, and how often it finds what is made slower")
    parser.add_argument("--repeat", metavar="N", type=whole(1), help="of the self-test, equal programs (default 40)")
    options = parser.parse_args(arguments)
    check(options)
    return options


def check(options):
    if options.self_test:
        other = [option for option in OUTPUTS[2:] if value(options, option)]
        other += [option for option in ("--dirty", "--quick", "--pairs", "--keep", "--rows") if value(options, option)]
        if other:
            raise CannotError(f"{other[0]}: expected only without --self-test, found with it")
        if options.base is not None:
            raise CannotError(f"--self-test: expected no commit beside it, found {options.base}")
        return
    if options.base is None:
        raise CannotError("BASE_REF: expected a commit to compare with, found none; see script/regress --help")
    if options.repeat is not None:
        raise CannotError("--repeat: expected only with --self-test, found without it")
    if options.dirty and options.head is not None:
        raise CannotError(f"--dirty: expected no HEAD_REF beside it, found {options.head}")
    if options.quick and options.pairs is not None:
        raise CannotError("--quick: expected no --pairs beside it, found both")


def value(options, option):
    return getattr(options, option.removeprefix("--").replace("-", "_"))


def pattern(text):
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"expected a regular expression, found {text!r}: {error}") from error


def even(text):
    if not text.isdecimal() or int(text) < 6 or int(text) % 2:
        raise argparse.ArgumentTypeError(f"expected an even number of at least 6, found {text!r}")
    return int(text)


def whole(least):
    def parse_number(text):
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"expected a whole number of at least {least}, found {text!r}")
        return int(text)

    return parse_number


def show(what, share):
    progress.show(f"{what}: {100 * share:.0f} %")


def note(text):
    progress.show("")
    print(f"note: {text}", file=sys.stderr)


def compare(options, scope):
    directory = options.keep or Path(scope.enter_context(tempfile.TemporaryDirectory(prefix="assay-regress-")))
    outputs = {option: value(options, option) for option in OUTPUTS if value(options, option)}
    prepare_outputs(directory, outputs.values())
    base, head = built(options)
    cases = common_cases(base, head, options)
    assay = report.program()
    progress.show("comparing code")
    codes = code.hashes(base, head, cases, options.set)
    subject = Subject(base.driver, head.driver, (base.commit, head.commit), cases, codes)
    same = set() if options.measure_all else subject.same_code()
    rows = [case.name for case in cases if case.name not in same]
    if rows and not options.no_instructions:
        if (reason := instructions.missing_tools()) is None:
            subject.counts = counted(base.driver, head.driver, rows, show)
        else:
            note(reason)
    programs = Path(scope.enter_context(tempfile.TemporaryDirectory(prefix="assay-drivers-")))
    plan = default_plan(options.pairs or (QUICK_PAIRS if options.quick else PAIRS))
    outcome = Comparer(assay, directory, programs, plan, show).compare(subject, rows)
    progress.show("")
    tell(outcome, rows, plan)
    return report.show(assay, outcome.files, outcome.confirmation, outputs)


def prepare_outputs(directory, paths):
    """What cannot be written is found out before the measuring, not after."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotError(f"--keep {directory}: expected a directory, found: {error.strerror}") from error
    for path in paths:
        if not os.access(path.absolute().parent, os.W_OK):
            raise CannotError(f"{path}: expected to be able to write there, found no such directory or no right")


def built(options):
    for tool in ("cmake", "ninja", "git"):
        if shutil.which(tool) is None:
            raise CannotError(f"{tool}: expected to be installed, found it is not; script/setup installs it")
    if options.head is None and not options.dirty and builds.uncommitted():
        note("files differ from HEAD, which is what is compared; --dirty compares them")
    base = builds.build_commit(options.base)
    head = builds.build_working_tree() if options.dirty else builds.build_commit(options.head or "HEAD")
    builds.forget_old({base.commit, head.commit})
    progress.show("")
    print(f"base: {base.label}\nhead: {head.label}", file=sys.stderr)
    return base, head


def common_cases(base, head, options):
    """The rows that both drivers know, in head's order."""
    of_base = {case.name for case in driver_cases(base.driver, options.set)}
    of_head = driver_cases(head.driver, options.set)
    for side, names in (("base", of_base - {case.name for case in of_head}),
                        ("head", {case.name for case in of_head} - of_base)):
        if names:
            note(f"only {side} has {', '.join(sorted(names))}: not compared")
    chosen = [case for case in of_head if case.name in of_base]
    if options.rows is not None:
        chosen = [case for case in chosen if options.rows.search(case.name)]
    if not chosen:
        wanted = f"that match {options.rows.pattern}" if options.rows else f"of the set {options.set} in both commits"
        raise CannotError(f"expected rows {wanted}, found none")
    return chosen


def tell(outcome, rows, plan):
    """What a reader of the table should know of the measuring."""
    if not rows:
        return
    again, disturbed = (sum(one.total(figure) for one in outcome.measured) for figure in ("again", "disturbed"))
    seconds = sum(one.noise["seconds"] for one in outcome.measured)
    note(f"{len(rows)} rows measured, {plan.pairs} pairs each in {plan.launches} launches, {seconds:.0f} s")
    if outcome.longer:
        note(f"{len(outcome.longer)} inconclusive, measured longer: {2 * plan.pairs} pairs")
    if again:
        note(f"others wanted the core: {again} pairs measured again, {disturbed} more count all the same")
