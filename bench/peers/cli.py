# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The command line: parses, lets the peers run in turn, and writes what came out."""
import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.peers import arithmetic, peers, report, results
from golden.generate.adapters.checkpoint import open_checkpoint
from bench.peers.processes import ROOT, last_line
from bench.peers.roofs import RoofMeter
from golden.generate import progress
from golden.generate.errors import CannotError

PROMPT_SEED = 1


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise CannotError(f"{message}; see {self.prog} --help")


def main(arguments=None):
    try:
        options = parse(arguments)
        signal.signal(signal.SIGTERM, end)  # so that files and the running peer go with us
        with contextlib.ExitStack() as scope:
            compare(options, scope)
        sys.stdout.flush()
        return 0
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
        prog="script/peers",
        description="Runs a checkpoint through transformers, llama.cpp and assay in turn and prints one table.",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--checkpoint", metavar="DIR", type=Path)
    source.add_argument("--like", metavar="NAME", help="a published shape with random weights, written and removed")
    parser.add_argument("--layers", metavar="N", type=positive, help="of --like, the first N layers")
    parser.add_argument("--prompt", metavar="N", type=positive, default=512, help="tokens (default 512)")
    parser.add_argument("--decode", metavar="N", type=positive, default=32, help="tokens (default 32)")
    parser.add_argument("--rounds", metavar="N", type=positive, default=3, help="runs of each peer (default 3)")
    parser.add_argument("--threads", metavar="N", type=positive, default=cores(), help="default: all cores")
    parser.add_argument("--only", metavar="A,B", type=families, default=peers.FAMILIES,
                        help=f"of {', '.join(peers.FAMILIES)}")
    parser.add_argument("--with-bf16", action="store_true", help="transformers in bfloat16 too, arithmetic included")
    parser.add_argument("--llama-python", metavar="FILE", type=Path, help="a Python with llama-cpp-python and gguf")
    parser.add_argument("--gguf", metavar="DIR", type=Path, help="where GGUF files are kept (default: nowhere)")
    parser.add_argument("--json", metavar="FILE", type=Path)
    parser.add_argument("--markdown", metavar="FILE", type=Path)
    options = parser.parse_args(arguments)
    if options.layers is not None and options.like is None:
        raise CannotError("--layers: expected only with --like, found without it")
    if options.llama_python is not None and not os.access(options.llama_python, os.X_OK):
        raise CannotError(f"--llama-python {options.llama_python}: expected a Python to run, found none")
    return options


def positive(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, found {text!r}")
    return int(text)


def families(text):
    chosen = text.split(",")
    for name in chosen:
        if name not in peers.FAMILIES:
            raise argparse.ArgumentTypeError(f"expected some of {','.join(peers.FAMILIES)}, found {name!r}")
    return tuple(chosen)


def cores():
    return len(os.sched_getaffinity(0))


def compare(options, scope):
    directory = Path(scope.enter_context(tempfile.TemporaryDirectory(prefix="assay-peers-")))
    for path in filter(None, (options.json, options.markdown)):  # found out before the measuring, not after
        if not os.access(path.parent, os.W_OK):
            raise CannotError(f"{path}: expected to be able to write there, found no such directory or no right")
    meter = RoofMeter(peers.build_directory() / "roofs", options.threads)
    checkpoint = open_checkpoint(options.checkpoint or random_checkpoint(options, directory))
    task = make_task(options, checkpoint, directory)
    everyone = participants(options, checkpoint, task)
    run_rounds(everyone, task, meter, options.rounds)
    result = make_result(options, checkpoint, meter.found, everyone)
    print(report.text(result))
    if options.json is not None:
        report.write_atomically(options.json, report.as_json(result, everyone))
    if options.markdown is not None:
        report.write_atomically(options.markdown, report.markdown(result))


def random_checkpoint(options, directory):
    out = directory / (options.like if options.layers is None else f"{options.like}-{options.layers}-layers")
    command = [sys.executable, "-m", "golden.generate", "checkpoint", "--like", options.like, "--out", str(out)]
    if options.layers is not None:
        command += ["--layers", str(options.layers)]
    progress.show(f"writing {out.name}")
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    if done.returncode != 0:
        raise CannotError(last_line(done.stderr).removeprefix("error: "))
    return out


def make_task(options, checkpoint, directory):
    limit = checkpoint.fields["max_position_embeddings"]
    if options.prompt + options.decode > limit:
        raise CannotError(
            f"--prompt and --decode: expected at most {limit} tokens for {checkpoint.directory}, "
            f"found {options.prompt + options.decode}"
        )
    draw = random.Random(PROMPT_SEED)
    ids = [draw.randrange(checkpoint.fields["vocab_size"]) for _ in range(options.prompt)]
    task = peers.Task(ids, options.decode, options.threads, directory)
    task.ids_file.write_text(",".join(map(str, ids)))
    return task


def participants(options, checkpoint, task):
    chosen = []
    if "transformers" in options.only:
        for weights in ("f32", "bf16") if options.with_bf16 else ("f32",):
            chosen += peers.transformers_peers(checkpoint, task, weights)
    if "llama" in options.only:
        gguf = options.gguf or task.directory
        gguf.mkdir(parents=True, exist_ok=True)
        progress.show("writing GGUF files")
        chosen += peers.llama_peers(checkpoint, task, peers.find_llama_python(options.llama_python), gguf)
    if "assay" in options.only:
        chosen += peers.assay_peers(checkpoint, task, peers.build_directory() / "assay")
    return chosen


def run_rounds(everyone, task, meter, rounds):
    """Each round lets everyone run once, there and back again in turn, so that no one always follows the same one."""
    meter.measure()
    for number in range(rounds):
        for peer in everyone if number % 2 == 0 else reversed(everyone):
            progress.show(f"round {number + 1} of {rounds}: {peer.name} {peer.weights}")
            peer.measure(task)
        meter.measure()
    progress.show("")


def make_result(options, checkpoint, roofs, everyone):
    counts = arithmetic.count(checkpoint, options.prompt)
    rows = results.rows_of(everyone, counts, roofs, options.prompt, options.decode)
    name = checkpoint.directory.resolve().name
    return report.Result(
        name, checkpoint.parameters, checkpoint.fields["num_hidden_layers"], options.prompt, options.decode,
        options.rounds, options.threads, report.machine(), counts, roofs, rows,
    )
