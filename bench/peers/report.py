# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The whole result as text, Markdown and JSON: what was run where, the table, what assay is judged by, and notes."""
import json
import os
import textwrap
from dataclasses import dataclass
from pathlib import Path

from bench.peers.results import comparisons
from bench.peers.table import WIDTH, markdown_table, text_table
from golden.generate.errors import CannotError


@dataclass(frozen=True)
class Result:
    checkpoint: str
    parameters: int
    layers: int
    prompt: int
    decode: int
    rounds: int
    threads: int
    machine: str
    counts: object
    roofs: object
    rows: list


def machine():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return os.uname().machine


def heading(result):
    return [
        f"{result.checkpoint}: {result.parameters / 1e9:.2f} billion parameters, {result.layers} layers",
        f"{result.prompt} tokens of prompt, {result.decode} decoded one by one, batch 1, {result.threads} threads, "
        f"{result.rounds} round{'s' if result.rounds > 1 else ''}",
        f"{result.machine}: {result.roofs.line()}",
    ]


def notes(result):
    lines = [
        f"Of roof: {result.counts.prefill_flops / 1e9:.1f} GFLOP of the prompt over the largest GFLOP/s measured, and "
        f"{result.counts.decode_weights / 1e9:.3f} billion weights a token over the largest GB/s.",
        "assay is: assay's tokens/s with the same weights over those of the row. ± is half the range of the rounds.",
        f"same ids: of {result.decode + 1} greedy tokens, how many agree with the first row before one does not.",
    ]
    for row in result.rows:
        if row.logits_error is not None:
            distance = f"logits after the prompt {row.logits_error:.1e} from the first row's"
            lines.append(f"{row.name} {row.weights}: {distance}")
    versions = sorted({row.version for row in result.rows if row.version and row.family != "assay"})
    return lines + ["Versions: " + "; ".join(versions)] if versions else lines


def judged(result):
    return [f"{ratio:5.2f} x  {text}" for text, ratio in comparisons(result.rows)]


def wrapped(lines):
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in lines)


def text(result):
    parts = [wrapped(heading(result)), text_table(result.rows), "\n".join(judged(result)), wrapped(notes(result))]
    return "\n\n".join(part for part in parts if part)


def markdown(result):
    parts = (heading(result), judged(result), notes(result))
    lists = ["\n".join(f"- {line.strip()}" for line in lines) for lines in parts]
    parts = [f"# {result.checkpoint}", lists[0], markdown_table(result.rows), *lists[1:]]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_json(result, peers):
    """Everything, each run included."""
    runs = [
        [{key: value for key, value in vars(run).items() if key != "logits"} for run in peer.measurements]
        for peer in peers
    ]
    rows = []
    for row, measured in zip(result.rows, runs):
        fields = {key: vars(value) if hasattr(value, "spread") else value for key, value in vars(row).items()}
        rows.append(fields | {"runs": measured})
    plain = {key: value for key, value in vars(result).items() if key not in ("counts", "roofs", "rows")}
    plain |= {"counts": vars(result.counts), "roofs": vars(result.roofs), "rows": rows}
    plain["comparisons"] = [{"what": what, "ratio": ratio} for what, ratio in comparisons(result.rows)]
    return json.dumps(plain, indent=2, allow_nan=False) + "\n"


def write_atomically(path, content):
    temporary = path.with_name(path.name + ".tmp")
    try:
        temporary.write_text(content)
        os.replace(temporary, path)
    except OSError as error:
        raise CannotError(f"{path}: expected to be able to write there, found: {error.strerror}") from error
