# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The rows as text for a terminal, at most 100 columns wide, and as Markdown."""
import textwrap

WIDTH = 100
HEADINGS = (
    ("engine", ""), ("dtype", ""), ("prefill", "tokens/s"), ("decode", "tokens/s"), ("load", "s"), ("peak", "GB"),
    ("of roof:", "prefill"), ("", "decode"), ("assay is:", "prefill"), ("", "decode"), ("same", "ids"),
)


def rate(spread):
    return f"{spread.median:.1f} ±{100 * spread.spread:.0f}%"


def optional(value, text):
    return "" if value is None else text.format(value)


def cells(row):
    return [
        row.name, row.weights, rate(row.prefill), rate(row.decode), f"{row.load_seconds:.1f}",
        f"{row.peak_bytes / 1e9:.2f}", f"{row.prefill_share:.0%}", f"{row.decode_share:.0%}",
        optional(row.prefill_ratio, "{:.2f} x"), optional(row.decode_ratio, "{:.2f} x"), optional(row.ids, "{}"),
    ]


def text_table(rows):
    body = {index: cells(row) for index, row in enumerate(rows) if row.reason is None}
    every = [*zip(*HEADINGS), *body.values(), *([row.name, row.weights] for row in rows)]
    widths = [max(len(line[i]) for line in every if i < len(line)) for i in range(len(HEADINGS))]
    lines = [aligned(line, widths) for line in zip(*HEADINGS)]
    lines.append("-" * (sum(widths) + len(widths) - 1))
    for index, row in enumerate(rows):
        lines += [aligned(body[index], widths)] if index in body else refused(row, widths)
    return "\n".join(lines)


def aligned(line, widths):
    """The first two to the left, figures to the right."""
    parts = [part.ljust(width) if i < 2 else part.rjust(width) for i, (part, width) in enumerate(zip(line, widths))]
    return " ".join(parts).rstrip()


def refused(row, widths):
    indent = widths[0] + widths[1] + 2
    lines = textwrap.wrap(f"- {row.reason}", WIDTH - indent, subsequent_indent="  ") or ["-"]
    start = aligned([row.name, row.weights], widths[:2]).ljust(indent)
    return [start + lines[0], *(" " * indent + line for line in lines[1:])]


def markdown_table(rows):
    titles = ["engine", "dtype", "prefill tokens/s", "decode tokens/s", "load s", "peak GB", "prefill of roof"]
    titles += ["decode of roof", "assay's prefill", "assay's decode", "same ids"]
    lines = [markdown_line(titles), "|" + "---|" * len(titles)]
    for row in rows:
        line = cells(row) if row.reason is None else [row.name, row.weights, f"- {row.reason}"]
        lines.append(markdown_line(line + [""] * (len(titles) - len(line))))
    return "\n".join(lines)


def markdown_line(parts):
    return "| " + " | ".join(part.replace("|", "\\|") for part in parts) + " |"
