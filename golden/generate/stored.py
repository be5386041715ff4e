# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Reads back a golden, as far as the generator needs it. The reader that verifies everything is the
program `assay`, not this one."""
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import h5py

from golden.generate.calls import ARRAYS, FLAGS, Call, GivenCache, Packed
from golden.generate.errors import CannotError
from golden.generate.plans import Generate, Generation, Processors
from golden.generate.writer import SCHEMA


@dataclass
class StoredGolden:
    """What a file holds: everything that is needed to compute it again, and what was computed."""

    case: str
    config_text: str
    weights: dict | None  # name -> (dtype, array of the bytes on disk); None where it refers to a checkpoint
    calls: list  # Call
    truth: list | None  # path -> array, a call each; None where it was not asked for
    hf32: list
    not_recorded: tuple = ()
    exact: tuple = ()
    generation: object = None  # a Generation, where there was one
    seed: int = 0
    provenance: dict | None = None
    checkpoint: dict | None = None  # as golden/FORMAT.md has it
    runs: list = ()  # of the null distribution, as golden/FORMAT.md has them
    has_bf16: bool = False
    null: list = ()  # of hf32: dataset name -> array, a call each


def read_golden(path, embedded=True):
    """embedded: refuse one without its weights, and one without a truth."""
    path = Path(path)
    try:
        with h5py.File(path, "r") as file:
            if text_of(file.attrs.get("schema")) != SCHEMA:
                raise CannotError(f"{path}: expected the schema {SCHEMA}, found {text_of(file.attrs.get('schema'))!r}")
            if embedded and text_of(file.attrs["weights"]) != "embedded":
                raise CannotError(f"{path}: expected embedded weights, found a reference to a checkpoint")
            groups = [file["calls"][name] for name in sorted(file["calls"])] if "calls" in file else []
            return StoredGolden(
                case=text_of(file.attrs["case"]),
                config_text=read_array(file["config"]).tobytes().decode(),
                weights={name: (logical_dtype(data), read_array(data)) for name, data in file["weights"].items()}
                if "weights" in file else None,
                calls=[read_call(group) for group in groups],
                truth=[read_sites(group["truth"]) for group in groups]
                if embedded or all("truth" in group for group in groups) else None,
                hf32=[read_sites(group["hf32"]) for group in groups],
                not_recorded=read_names(file, "not_recorded"), exact=read_names(file, "exact"),
                generation=read_generation(file["generation"]) if "generation" in file else None,
                seed=int(file.attrs["seed"]),
                provenance=read_json(file["provenance"]),
                checkpoint=read_json(file["checkpoint"]) if "checkpoint" in file else None,
                runs=read_json(file["null/runs"]) if "null" in file else [],
                has_bf16=any("hf_bf16" in group for group in groups),
                null=[read_sites(group["null/hf32"]) if "null/hf32" in group else {} for group in groups],
            )
    except (OSError, KeyError) as error:
        raise CannotError(f"{path}: expected a golden, found: {error}") from error


def read_names(file, attribute):
    """"attn_scores, attn_probs" -> a tuple"""
    text = text_of(file.attrs.get(attribute, b""))
    return tuple(text.split(", ")) if text else ()


def read_call(group):
    inputs = group["inputs"]
    flags = {name: bool(group.attrs.get(name, 0)) for name in FLAGS}
    numbers = {name: int(group.attrs.get(name, 0)) for name in ("logits_to_keep", "num_items_in_batch")}
    return Call(
        use_cache=bool(group.attrs["use_cache"]), continues=int(group.attrs["continues"]),
        packed=Packed(read_array(inputs["cu_seq_lens_q"])) if "cu_seq_lens_q" in inputs else None,
        past_key_values=read_cache(inputs["past_key_values"]) if "past_key_values" in inputs else None,
        **{name: read_array(inputs[name]) if name in inputs else None for name in ARRAYS}, **flags, **numbers,
    )


def read_cache(group):
    layers = [group["layers"][name] for name in sorted(group["layers"])]
    arrays = tuple({name: read_array(data) for name, data in layer.items()} for layer in layers)
    return GivenCache(int(group.attrs["tokens"]), arrays)


def read_generation(group):
    numbers = {name: group.attrs[name].item() for name in Processors.names() if name in group.attrs}
    arrays = {
        name: read_array(group[path]) if path in group else None
        for name, path in (
            ("input_ids", "inputs/input_ids"), ("attention_mask", "inputs/attention_mask"),
            ("uniform", "inputs/uniform"), ("eos", "eos_token_id"), ("sequences", "sequences"),
        )
    }
    batch, tokens = arrays["input_ids"].shape
    plan = Generate(
        batch, tokens, max_new_tokens=int(group.attrs["max_new_tokens"]), do_sample=bool(group.attrs["do_sample"]),
        processors=Processors(**numbers),
    )
    return Generation(
        plan=plan, pad=int(group.attrs["pad_token_id"]), **arrays,
        **{side: {name: read_array(data) for name, data in group[side].items()} for side in ("truth", "hf32")},
    )


def read_sites(group):
    sites = {}

    def keep(path, item):
        if isinstance(item, h5py.Dataset):
            sites[path] = read_array(item)

    group.visititems(keep)
    return sites


def read_array(dataset):
    """HDF5 checks fletcher32 itself; the sha256 of contiguous data is ours to check."""
    array = dataset[...]
    if dataset.chunks is None:
        expected = text_of(dataset.attrs.get("sha256"))
        if expected != hashlib.sha256(array.tobytes()).hexdigest():
            raise CannotError(f"{dataset.file.filename}{dataset.name}: expected the sha256 {expected}, found another")
    return array


def read_json(dataset):
    return json.loads(read_array(dataset).tobytes())


def logical_dtype(dataset):
    return text_of(dataset.attrs.get("logical_dtype")) or str(dataset.dtype)


def text_of(value):
    return value.decode() if isinstance(value, bytes) else value
