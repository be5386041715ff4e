# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Makes one golden: from a committed case, from a configuration with random weights, or from a checkpoint."""
import json

import numpy as np

from golden.generate.calls import Prompt, make_calls
from golden.generate.errors import CannotError
from golden.generate.manifest import manifest
from golden.generate.model import ARCHITECTURES, embedded_checkpoint, load_model, read_config
from golden.generate.provenance import provenance
from golden.generate.random_weights import draw, dtype_on_disk, encode
from golden.generate.record import record
from golden.generate.self_check import check_margins, check_not_vacuous
from golden.generate.sites import layout_of
from golden.generate.writer import write_golden

# Far above float32 noise: in a committed golden no engine may choose another expert.
LEAST_COMMITTED_MARGIN = 1e-3
EMBEDDED_LIMIT_PARAMETERS = 200_000_000  # a file of weights; beyond it, make a checkpoint
# Weights are drawn with [seed, place in the manifest]; the token ids stand where no tensor does.
IDS_STREAM = 1 << 31


def make_case(case, out, with_truth=True):
    recording = make_embedded(
        out, case.name, dict(case.config), case.weights, case.seed, case.prompt, with_truth, committed=True
    )
    return recording


def make_embedded(out, name, fields, weight_dtype, seed, prompt, with_truth, committed=False):
    """fields: config.json as a dictionary. Writes `out` and returns the recording."""
    config = read_config(json.dumps(fields), name)
    config.architectures = [ARCHITECTURES[config.model_type]]
    config.dtype = "bfloat16" if weight_dtype == "mixed" else weight_dtype
    text = config.to_json_string()
    shapes = manifest(config)
    parameters = sum(int(np.prod(shape)) for shape in shapes.values())
    if parameters > EMBEDDED_LIMIT_PARAMETERS:
        raise CannotError(
            f"{name}: expected at most {EMBEDDED_LIMIT_PARAMETERS:,} parameters to embed, found {parameters:,}; "
            "make a checkpoint and use --checkpoint"
        )
    weights = {}
    for index, (tensor, shape) in enumerate(shapes.items()):
        dtype = dtype_on_disk(tensor, shape, weight_dtype)
        weights[tensor] = (dtype, encode(draw(config, tensor, shape, seed, index), dtype))
    calls = make_calls(prompt, config.vocab_size, np.random.Generator(np.random.PCG64([seed, IDS_STREAM])))
    with embedded_checkpoint(text, weights) as directory:
        model = load_model(directory)
    recording = record(model, calls, with_truth)
    if committed:
        for number, values in enumerate(recording.truth or recording.hf32):
            check_not_vacuous(f"{name} call {number}", values)
            check_margins(f"{name} call {number}", values, LEAST_COMMITTED_MARGIN)
    write_golden(
        out, case=name, model_type=config.model_type, seed=seed, config_text=text,
        provenance=provenance(model, seed, recording.audit), recording=recording, layout=layout_of(config),
        weights=weights,
    )
    return recording
