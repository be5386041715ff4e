# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""From measurements to the figures of a row: medians, shares of the roofs, ratios of assay to each peer."""
from dataclasses import dataclass

from bench.peers.arithmetic import BYTES
from bench.peers.measurement import Spread, agreeing, relative_error


@dataclass(frozen=True)
class Row:
    family: str
    name: str
    weights: str
    reason: str | None  # why there are no figures
    prefill: Spread | None = None  # tokens/s
    decode: Spread | None = None
    load_seconds: float | None = None
    peak_bytes: int | None = None
    prefill_share: float | None = None  # of the microkernel roof
    decode_share: float | None = None  # of the bandwidth roof
    prefill_ratio: float | None = None  # of assay with the same weights to this one
    decode_ratio: float | None = None
    ids: int | None = None  # how many tokens agree with the first row that has any
    logits_error: float | None = None  # relative norm, to the same row
    version: str | None = None


def rows_of(peers, counts, roofs, prompt, decode):
    rows = [row_of(peer, counts, roofs, prompt, reference_of(peers)) for peer in peers]
    return [with_ratios(row, rows) for row in rows]


def reference_of(peers):
    """The first measurement with logits: that of transformers in float32 where it takes part."""
    return next((peer.measurements[0] for peer in peers if peer.measurements and peer.measurements[0].ids), None)


def row_of(peer, counts, roofs, prompt, reference):
    if not peer.measurements:
        return Row(peer.family, peer.name, peer.weights, peer.reason or "not measured")
    runs = peer.measurements
    prefill = Spread.of([run.prefill_tokens_per_s for run in runs])
    decode = Spread.of([run.decode_tokens_per_s for run in runs])
    first = runs[0]
    return Row(
        peer.family, peer.name, peer.weights, None, prefill, decode,
        Spread.of([run.load_seconds for run in runs]).median, max(run.peak_bytes for run in runs),
        counts.prefill_flops / prompt * prefill.median / 1e9 / roofs.gflops_roof,
        counts.decode_weights * BYTES[peer.weights] * decode.median / 1e9 / roofs.gb_per_s_roof,
        ids=agreeing(first.ids, reference.ids) if first.ids and reference else None,
        logits_error=error_of(first, reference), version=first.version,
    )


def error_of(run, reference):
    if run.logits is None or reference is None or reference.logits is None or run is reference:
        return None
    return relative_error(run.logits, reference.logits)


def with_ratios(row, rows):
    ours = next((other for other in rows if other.family == "assay" and other.weights == row.weights), None)
    if row.family == "assay" or row.reason is not None or ours is None or ours.reason is not None:
        return row
    prefill, decode = ours.prefill.median / row.prefill.median, ours.decode.median / row.decode.median
    return Row(**(vars(row) | {"prefill_ratio": prefill, "decode_ratio": decode}))


def best(rows, weights, family=None):
    """The row of a peer with the fastest prefill, or None."""
    running = [row for row in rows if row.family != "assay" and row.weights == weights and row.reason is None]
    running = [row for row in running if family is None or row.family == family]
    return max(running, key=lambda row: row.prefill.median, default=None)


def comparisons(rows):
    """[(what is compared, ratio)]: the figures that assay is judged by."""
    ours = {row.weights: row for row in rows if row.family == "assay" and row.reason is None}
    found = []
    if "f32" in ours and (peer := best(rows, "f32")):
        text = f"prefill, assay f32 / the best float32 peer ({peer.name})"
        found.append((text, ours["f32"].prefill.median / peer.prefill.median))
    for weights, row in ours.items():
        if peer := best(rows, weights, "llama"):
            found.append((f"decode, assay {weights} / llama.cpp {weights}", row.decode.median / peer.decode.median))
    if len(ours) == 2:
        half, full = ours["bf16"], ours["f32"]
        found.append(("prefill, assay bf16 / assay f32", half.prefill.median / full.prefill.median))
        found.append(("decode, assay bf16 / assay f32", half.decode.median / full.decode.median))
    return found
