# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""A golden made again by the version of transformers that runs: weights, inputs and draws are those of the golden, to
the bit. Which seed keeps a golden well conditioned was found by the version that made it, and need not be found here."""
from dataclasses import replace
from pathlib import Path

from golden.generate.errors import CannotError
from golden.generate.generation import record_generation
from golden.generate.generation_null import record_generation_null
from golden.generate.make import root_attributes
from golden.generate.model import embedded_checkpoint, load_model, read_config
from golden.generate.provenance import provenance
from golden.generate.record import record, record_null
from golden.generate.sites import layout_of
from golden.generate.stored import read_golden
from golden.generate.writer import write_golden

DATA = Path(__file__).resolve().parents[1] / "data"


def make_again(golden, out, with_truth=True, bf16=False):
    """golden: path of one with embedded weights. Writes `out` and returns the recording."""
    stored = read_golden(golden)
    config = read_config(stored.config_text, golden)
    with embedded_checkpoint(stored.config_text, stored.weights) as directory:
        model = load_model(directory)
    recording = record(model, stored.calls, with_truth, not_recorded=stored.not_recorded, exact=bool(stored.exact))
    record_null(model, recording, stored.not_recorded, bf16 or stored.has_bf16)
    if stored.generation is not None:
        recording.generation = replace(stored.generation)
        recording.audit = record_generation(model, recording.generation)
        record_generation_null(model, recording)
    recording.leave_out(stored.not_recorded)
    write_golden(
        out, case=stored.case, model_type=config.model_type, seed=stored.seed, config_text=config.to_json_string(),
        provenance=provenance(model, stored.seed, recording.audit), recording=recording, layout=layout_of(config),
        weights=stored.weights, more_attributes=root_attributes(config, stored.not_recorded, stored.exact),
    )
    return recording


def committed_golden(case):
    """The path, or a refusal: without it there is nothing whose weights could be taken."""
    path = DATA / f"{case.name}.h5"
    if not path.is_file():
        raise CannotError(
            f"--case {case.name}: expected its golden by {case.transformers} in golden/data, found none; make that one "
            "and use --golden"
        )
    return path


class Again:
    """make_again by name, for make_many: of the goldens of one directory."""

    def __init__(self, directory, bf16=False):
        self.directory, self.bf16 = directory, bf16

    def __call__(self, name, out):
        recording = make_again(self.directory / f"{name}.h5", out, bf16=self.bf16)
        return f"{out.stat().st_size:9,} bytes  {len(recording.calls):3} calls  {name}"
