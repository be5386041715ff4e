# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The command line: list, make, checkpoint, check, calibrate, compare; adapters/commands.py has the rest. It parses and
prints; the work is done elsewhere."""
import argparse
import functools
import os
import sys
import textwrap
from pathlib import Path

from golden.generate.adapters.commands import add_adapters
from golden.generate.errors import CannotError, DiffersError
from golden.generate.versions import DEFAULT, EQUAL, VERSIONS, is_computed_by, verdict_of_4_56_2

DATA = Path(__file__).resolve().parents[1] / "data"
LARGEST_SEED = 2**31 - 1


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise CannotError(f"{message}; see {self.prog} --help")


def main(arguments=None):
    try:
        options = parse(arguments)
        options.run(options)
        sys.stdout.flush()
        return 0
    except (CannotError, DiffersError) as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_status
    except BrokenPipeError:  # the reader of our output has what it wanted
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        print("error: memory: expected enough for this model, found too little", file=sys.stderr)
        return CannotError.exit_status
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return CannotError.exit_status


def parse(arguments):
    parser = Parser(prog="script/golden", description="Makes goldens: what transformers computes, in HDF5.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    commands.add_parser("list", help="the cases").set_defaults(run=run_list)

    make = commands.add_parser("make", help="make one golden, or all cases of a kind")
    source = make.add_mutually_exclusive_group(required=True)
    source.add_argument("--case", metavar="NAME", help="a case")
    source.add_argument("--committed", action="store_true", help="every committed case, into the directory --out")
    source.add_argument("--uncommitted", action="store_true", help="every other case, into the directory --out")
    source.add_argument("--golden", metavar="PATH", type=Path, help="a golden again, or all of a directory")
    source.add_argument("--config", metavar="FILE", type=Path, help="a config.json; weights are random and embedded")
    source.add_argument("--checkpoint", metavar="DIR", type=Path, help="a checkpoint; its weights are referred to")
    make.add_argument("--out", metavar="FILE", type=Path, required=True)
    make.add_argument("--jobs", type=positive, metavar="N", help="processes of --committed and --uncommitted")
    make.add_argument("--seed", type=seed, help="of --config (default 1)")
    make.add_argument("--tokens", type=positive, help="of --config (default 8)")
    make.add_argument("--batch", type=positive, help="of --config (default 2)")
    tokens = make.add_mutually_exclusive_group()
    tokens.add_argument("--ids", type=token_ids, metavar="1,2,3", help="prompt of --checkpoint")
    tokens.add_argument("--prompt", metavar="TEXT", help="prompt of --checkpoint, for its tokenizer.json")
    make.add_argument("--decode", type=positive, metavar="N", help="greedy steps after the prompt of --checkpoint")
    make.add_argument("--no-truth", action="store_true", help="leave the float64 run out; it needs twice the memory")
    make.add_argument("--bf16", action="store_true", help="record a bfloat16 run, too")
    add_version(make)
    make.set_defaults(run=run_make)

    random = commands.add_parser("random", help="make goldens of random configurations and calls")
    random.add_argument("--count", type=positive, metavar="N", required=True)
    random.add_argument("--seed", type=seed, metavar="S", default=1, help="of the first, random_S; the next is S + 1")
    random.add_argument("--out", metavar="DIR", type=Path, required=True)
    random.add_argument("--jobs", type=positive, metavar="N", help="processes (default: one a processor)")
    random.set_defaults(run=run_random)

    checkpoint = commands.add_parser("checkpoint", help="random weights in the shape of a published model")
    checkpoint.add_argument("--like", required=True, metavar="NAME")
    checkpoint.add_argument("--layers", type=positive, metavar="N")
    checkpoint.add_argument("--dtype", choices=("bfloat16", "float16", "float32"), default="bfloat16")
    checkpoint.add_argument("--seed", type=seed, default=1)
    checkpoint.add_argument("--out", required=True, metavar="DIR")
    checkpoint.add_argument("--force", action="store_true", help="write into a directory with other files")
    checkpoint.set_defaults(run=run_checkpoint)

    check = commands.add_parser("check", help="compute every committed golden again and compare")
    check.add_argument("--only", metavar="NAME")
    add_version(check)
    check.set_defaults(run=run_check)

    calibrate = commands.add_parser("calibrate", help="write the gates of goldens, from their null distributions")
    calibrate.add_argument("paths", metavar="PATH", type=Path, nargs="+", help="a golden, or a directory of them")
    calibrate.add_argument("--gates", metavar="FILE", type=Path, help="default: gates.json beside the first golden")
    calibrate.add_argument("--bf16", action="store_true", help="add a bfloat16 run where there is none")
    calibrate.add_argument("--jobs", type=positive, metavar="N", help="processes (default: one a processor)")
    add_version(calibrate)
    calibrate.set_defaults(run=run_calibrate)

    coverage = commands.add_parser("coverage", help="print which case shows which feature of which architecture")
    coverage.add_argument("--verdicts", type=Path, nargs="+", metavar="FILE", help="reports of assay verify --json")
    coverage.set_defaults(run=run_coverage)

    compare = commands.add_parser("compare", help="is the truth of two goldens of one case the same?")
    compare.add_argument("first", type=Path)
    compare.add_argument("second", type=Path)
    compare.set_defaults(run=run_compare)
    add_adapters(commands)
    return parser.parse_args(arguments)


def add_version(parser):
    """script/golden has chosen the Python by it before this program started."""
    known = ", ".join(VERSIONS)
    parser.add_argument("--transformers", metavar="VERSION", choices=VERSIONS, default=DEFAULT, help=known)


def positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, found {text!r}")
    return int(text)


def seed(text):
    if not text.isdecimal() or int(text) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"expected 0 to {LARGEST_SEED}, found {text!r}")
    return int(text)


def token_ids(text):
    parts = text.split(",")
    if not all(part.strip().isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(f"expected token ids as 1,2,3, found {text!r}")
    return [int(part) for part in parts]


def run_list(options):
    from golden.generate.cases import CASES

    for case in CASES.values():
        verdict, reason = verdict_of_4_56_2(case.name)
        kind = "" if case.committed else ", made at test time"
        made = f", made by {case.transformers}" if case.transformers != DEFAULT else ""
        print(f"{case.name}{made}{kind}")
        print(textwrap.fill(case.purpose, 80, initial_indent="    ", subsequent_indent="    "))
        if verdict != EQUAL:
            print(f"    4.56.2 {verdict}: {reason}")


def run_make(options):
    refuse_stray_options(options)
    from golden.generate.cases import find_case

    if are_many(options):
        make_cases(options)
        return
    case = find_case(options.case) if options.case is not None else None
    require_writable(options.out)
    from golden.generate import runtime

    runtime.prepare(options.transformers)
    from golden.generate import make
    from golden.generate.again import committed_golden, make_again
    from golden.generate.gates import NAME, update_gates

    truth = not options.no_truth
    if options.golden is not None:
        recording = make_again(options.golden, options.out, truth, options.bf16)
    elif case is not None and options.transformers == case.transformers:
        recording = make.make_case(case, options.out, truth, bf16=options.bf16)
    elif case is not None:
        recording = make_again(committed_golden(case), options.out, truth, options.bf16)
    elif options.config is not None:
        recording = make.make_config(
            options.out, options.config, 1 if options.seed is None else options.seed, options.tokens or 8,
            options.batch or 2, truth, options.bf16,
        )
    else:
        from golden.generate.prompt import tokenize

        ids = options.ids if options.ids is not None else tokenize(options.checkpoint, options.prompt)
        recording = make.make_checkpoint_golden(options.out, options.checkpoint, ids, options.decode or 0, truth, options.bf16)
    print_summary(options.out, recording)
    update_gates(options.out.parent / NAME, [options.out])


def are_many(options):
    return options.committed or options.uncommitted or options.golden is not None and options.golden.is_dir()


def make_cases(options):
    """Of the default version from nothing; of the other those of equal truth, from goldens of the default one."""
    from golden.generate.cases import CASES

    version = options.transformers
    again = DATA if options.committed and version != DEFAULT else options.golden
    if again is None and version != DEFAULT:
        raise CannotError(f"--uncommitted: expected --golden with a directory of goldens by {DEFAULT}, found none")
    names = [name for name, case in CASES.items() if is_computed_by(version, case)]
    if again is None:
        names = [name for name in names if CASES[name].committed == options.committed]
    else:
        names = [name for name in names if (again / f"{name}.h5").is_file()]
    if not names:
        raise CannotError(f"--golden {again}: expected goldens of cases, found none that {version} makes")
    from golden.generate import runtime

    runtime.prepare(version)
    from golden.generate.again import Again
    from golden.generate.make import make_named_case

    from_nothing = functools.partial(make_named_case, bf16=options.bf16)
    make_with_gates(from_nothing if again is None else Again(again, options.bf16), names, options)


def make_with_gates(make, names, options):
    from golden.generate.gates import NAME, update_gates
    from golden.generate.many import make_many

    try:
        make_many(make, names, options.out, options.jobs)
    finally:  # of those that were made, even if one was not
        made = [path for path in (options.out / f"{name}.h5" for name in names) if path.is_file()]
        if made:
            update_gates(options.out / NAME, made)


def run_random(options):
    from golden.generate import runtime

    runtime.prepare(DEFAULT)
    from golden.generate.random_cases import LARGEST_SEED as LAST, make_random, name_of

    seeds = range(options.seed, options.seed + options.count)
    if seeds[-1] > LAST:
        raise CannotError(f"--seed: expected seeds up to {LAST}, found {seeds[-1]}")
    make_with_gates(make_random, [name_of(seed) for seed in seeds], options)


def refuse_stray_options(options):
    """An option that would have no effect is a mistake of the caller, not something to ignore."""
    belongs = {
        "seed": "config", "tokens": "config", "batch": "config", "ids": "checkpoint", "prompt": "checkpoint",
        "decode": "checkpoint",
    }
    for option, source in belongs.items():
        if getattr(options, option) is not None and getattr(options, source) is None:
            raise CannotError(f"--{option}: expected only with --{source}, found without it")
    if options.jobs is not None and not are_many(options):
        raise CannotError("--jobs: expected only with --committed or --uncommitted, found without them")
    if options.no_truth and are_many(options):
        raise CannotError("--no-truth: expected only with one golden, found with many")
    if options.checkpoint is not None and options.ids is None and options.prompt is None:
        raise CannotError("--checkpoint: expected --ids or --prompt with it, found neither")


def require_writable(path):
    """Found out before the computing, not after."""
    if path.is_dir():
        raise CannotError(f"--out {path}: expected a file, found a directory")
    probe = path.with_name(path.name + ".tmp")
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise CannotError(f"--out {path}: expected to be able to write there, found: {error.strerror}") from error


def print_summary(path, recording):
    from golden.generate.record import least_margin

    size = path.stat().st_size
    sites = sum(len(values) for values in recording.hf32)
    print(f"{path}: {size:,} bytes, {len(recording.calls)} calls, {sites} sites")
    if recording.truth is None:
        print("without truth: compared with float32 alone")
        return
    print(f"audit: 0 of {recording.audit['aten_operations']:,} operations in float32 outside the rotary embedding")
    if (margin := least_margin(recording)) is not None:
        print(f"smallest router margin: {margin:.3g}")


def run_checkpoint(options):
    from golden.generate import runtime

    runtime.prepare()
    from golden.generate.checkpoint import make_checkpoint

    parameters, size = make_checkpoint(
        options.like, options.layers, options.dtype, options.seed, options.out, options.force
    )
    print(f"{options.out}: {parameters:,} parameters, {size:,} bytes")


def run_check(options):
    from golden.generate import runtime

    runtime.prepare(options.transformers)
    from golden.generate.check import check_all

    check_all(DATA, options.only, options.transformers)


def run_calibrate(options):
    from golden.generate import runtime

    runtime.prepare(options.transformers)
    from golden.generate.calibrate import calibrate

    calibrate(options.paths, options.gates, options.jobs, options.bf16)


def run_compare(options):
    from golden.generate import runtime

    runtime.prepare()
    from golden.generate.compare import compare

    print(compare(options.first, options.second))


def run_coverage(options):
    from golden.generate.coverage import print_table

    print_table(options.verdicts)
