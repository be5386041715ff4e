# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Makes one golden: from a committed case, from a configuration with random weights, or from a checkpoint."""
import json
import math
from pathlib import Path

import numpy as np

from golden.generate.calls import Call
from golden.generate.cases import find_case
from golden.generate.conditioning import ORDERS
from golden.generate.errors import CannotError, TooCloseError, VacuousError
from golden.generate.exact import exact_sites
from golden.generate.exact_weights import exact_model
from golden.generate.gates import entry_of
from golden.generate.generation import draw_generation, record_generation
from golden.generate.generation_null import record_generation_null
from golden.generate.library import active
from golden.generate.manifest import manifest
from golden.generate.memory import require_memory
from golden.generate.model import ARCHITECTURES, embedded_checkpoint, load_model, read_config, spelled_text
from golden.generate.prompts import Prompt, make_calls
from golden.generate.provenance import provenance
from golden.generate.random_weights import draw, dtype_on_disk, encode
from golden.generate.record import record, record_null
from golden.generate.self_check import check_not_vacuous
from golden.generate.sites import layout_of
from golden.generate.tensor_file import TAGS, read_checkpoint_headers, sha256_of
from golden.generate.writer import write_golden

# Far above float32 noise: in a committed golden no engine may choose another expert.
LEAST_COMMITTED_MARGIN = 1e-3
EMBEDDED_LIMIT_PARAMETERS = 200_000_000  # a file of weights; beyond it, make a checkpoint
SEEDS_TO_TRY = 40
# Weights are drawn with [seed, place in the manifest]; the token ids stand where no tensor does.
IDS_STREAM = 1 << 31
NO_SEED = 0  # of a checkpoint, whose weights are what they are


def make_case(case, out, with_truth=True, seeds=SEEDS_TO_TRY, bf16=False):
    """With the seed of the case, or the first one behind it that keeps every token away from another routing
    decision; the golden says which. Returns the recording."""
    last = None
    for seed in range(case.seed, case.seed + seeds):
        try:
            if case.exact:
                text, weights = exact_model(case.name, dict(case.config), seed)
            else:
                text, weights = draw_model(case.name, dict(case.config), case.weights, seed, case.lm_head)
            if case.twins:
                make_twins(weights, *case.twins)
            recording = make_embedded(
                out, case.name, text, weights, seed, case.prompts, with_truth, LEAST_COMMITTED_MARGIN,
                case.not_recorded, case.generation, bf16 or case.bf16, case.exact,
            )
            entry_of(out)  # raises where no gate can be had of it
            return recording
        except TooCloseError as error:
            if isinstance(error, VacuousError) and isinstance(last, VacuousError):
                raise
            last = error
    raise last


def make_named_case(name, out, bf16=False):
    """Returns a line that says what was made."""
    recording = make_case(find_case(name), out, bf16=bf16)
    return f"{out.stat().st_size:9,} bytes  {len(recording.calls):3} calls  {name}"


def draw_model(name, fields, weight_dtype, seed, lm_head="saved"):
    """fields: config.json as a dictionary. Returns its text and the weights, {name: (dtype, array)}."""
    if not fields.get("architectures"):
        fields = fields | {"architectures": [ARCHITECTURES[fields["model_type"]]]}
    config = read_config(json.dumps(fields), name)
    config.dtype = "bfloat16" if weight_dtype == "mixed" else weight_dtype
    shapes = manifest(config)
    if lm_head != "saved":
        shapes["lm_head.weight"] = shapes["model.embed_tokens.weight"]
    if lm_head == "alone":
        del shapes["model.embed_tokens.weight"]
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
    return config.to_json_string(), weights


def make_twins(weights, token, other):
    """The row of one token becomes that of the other but for the last bit of its first element."""
    _, head = weights["lm_head.weight"]
    head[other] = head[token]
    head[other, 0] = np.nextafter(head[token, 0], np.inf, dtype=head.dtype)


def make_embedded(
    out, name, text, weights, seed, prompts, with_truth, least_margin=None, not_recorded=(), generate=None, bf16=False,
    exact=False,
):
    """Writes `out` and returns the recording. least_margin: refuse what a committed golden must not have; exact: of an
    exact one in place of that."""
    with embedded_checkpoint(text, weights) as directory:
        model = load_model(directory)
    config, layout = model.config, layout_of(model.config)
    ids = np.random.Generator(np.random.PCG64([seed, IDS_STREAM]))
    calls = make_calls(prompts, config, layout, ids)
    steady = least_margin is not None
    recording = record(
        model, calls, with_truth, least_margin=least_margin or 0.0,
        other_orders=ORDERS if steady and with_truth else 0, not_recorded=not_recorded, exact=exact,
    )
    if generate is not None:
        recording.generation = draw_generation(generate, config, ids)
        recording.audit = record_generation(model, recording.generation, least_margin)
    if steady:
        for number, values in enumerate(recording.truth or recording.hf32):
            check_not_vacuous(f"{name} call {number}", values)
    record_null(model, recording, not_recorded, bf16)
    record_generation_null(model, recording)
    recording.leave_out(not_recorded)
    write_golden(
        out, case=name, model_type=config.model_type, seed=seed, config_text=text,
        provenance=provenance(model, seed, recording.audit), recording=recording, layout=layout, weights=weights,
        more_attributes=root_attributes(config, not_recorded, exact_sites(layout, recording) if exact else ()),
    )
    return recording


def root_attributes(config, not_recorded=(), exact=()):
    lists = {"not_recorded": not_recorded, "exact": exact}
    return active.root_attributes(config) | {name: ", ".join(sites) for name, sites in lists.items() if sites}


def make_checkpoint_golden(out, directory, ids, decode, with_truth, bf16=False):
    """Prefill of `ids` and `decode` greedy steps on a checkpoint directory. The weights stay there: the golden holds
    the sha256 of every tensor."""
    directory = Path(directory)
    if not (directory / "config.json").is_file():
        raise CannotError(f"--checkpoint {directory}: expected a directory with config.json, found none")
    text = (directory / "config.json").read_text()
    config = read_config(text, directory / "config.json")
    text = spelled_text(text)
    check_ids(ids, config.vocab_size)
    stored = read_checkpoint_headers(directory)
    require_memory(sum(math.prod(tensor.shape) for tensor in stored.values()), with_truth)
    calls = make_checkpoint_calls(ids, decode, can_use_cache(config))
    checkpoint = {
        "path": str(directory.resolve()),
        "tensors": described(stored),
    }
    model = load_model(directory)
    recording = record(model, calls, with_truth)
    record_null(model, recording, bf16=bf16)
    write_golden(
        out, case=directory.resolve().name, model_type=config.model_type, seed=NO_SEED, config_text=text,
        provenance=provenance(model, NO_SEED, recording.audit), recording=recording, layout=layout_of(config),
        checkpoint=checkpoint, more_attributes=root_attributes(config),
    )
    return recording


def described(stored):
    """What a golden remembers of the tensors of its checkpoint; stored: as read_checkpoint_headers gives them."""
    return {
        name: {"dtype": tensor.dtype, "shape": list(tensor.shape), "sha256": sha256_of(tensor)}
        for name, tensor in sorted(stored.items())
    }


def make_checkpoint_calls(ids, decode, use_cache):
    if decode and not use_cache:
        raise CannotError("--decode: expected a model that can use a cache, found a hybrid without attention layers")
    prefill = Call(np.array([ids], dtype=np.int64), use_cache=use_cache)
    return [prefill] + [Call(None, use_cache=True, continues=number) for number in range(decode)]


def check_ids(ids, vocab_size):
    for token in ids:
        if not 0 <= token < vocab_size:
            raise CannotError(f"--ids: expected 0 to {vocab_size - 1}, found {token}")
    if not ids:
        raise CannotError("--ids: expected at least one token, found none")


def can_use_cache(config):
    """transformers raises for a cache without a single attention layer."""
    return bool(layout_of(config).attention_layers)


def make_config(out, path, seed, tokens, batch, with_truth, bf16=False):
    """Random weights for a config.json of the caller: a prefill, one token, three tokens; one call without a cache
    where the model cannot have one."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CannotError(f"--config {path}: expected a readable file, found: {error}") from error
    config = read_config(text, f"--config {path}")
    cached = can_use_cache(config)
    prompt = Prompt(batch=batch, tokens=tokens, steps=(1, 3) if cached else (), use_cache=cached)
    fields = json.loads(text)
    dtype = fields.get("dtype") or fields.get("torch_dtype") or "float32"
    if dtype not in TAGS:
        raise CannotError(f"--config {path}/dtype: expected one of {', '.join(TAGS)}, found {dtype!r}")
    name = path.parent.name if path.name == "config.json" and path.parent.name else path.stem
    text, weights = draw_model(name, fields, dtype, seed)
    return make_embedded(out, name, text, weights, seed, (prompt,), with_truth, bf16=bf16)
