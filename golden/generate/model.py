# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Loads a transformers model from a checkpoint directory, the one way in which weights reach it: float32 whatever
stands on disk, eager attention, eager experts. Embedded weights go through a temporary directory and the same door."""
import contextlib
import json
import tempfile
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification

from golden.generate.architectures import ARCHITECTURES
from golden.generate.errors import CannotError, one_line
from golden.generate.library import active
from golden.generate.sites import head_of_architectures
from golden.generate.tensor_file import write_tensor_file

AUTO_CLASSES = {
    "causal_lm": AutoModelForCausalLM, "none": AutoModel,
    "sequence_classification": AutoModelForSequenceClassification,
}
ALIGNMENT_BYTES = 64  # what torch's own allocator gives


def read_config(text, where):
    """config.json text -> transformers configuration; any spelling that transformers reads."""
    try:
        fields = json.loads(text)
    except ValueError as error:
        raise CannotError(f"{where}: expected JSON, found: {error}") from error
    model_type = fields.get("model_type") if isinstance(fields, dict) else None
    if model_type not in ARCHITECTURES:
        raise CannotError(f"{where}/model_type: expected one of {', '.join(ARCHITECTURES)}, found {model_type!r}")
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "config.json").write_text(spelled_text(text))
        try:
            config = AutoConfig.from_pretrained(directory)
            check_config(config)
            with torch.device("meta"):  # shapes that cannot be built are found before anything is computed
                auto_class(fields).from_config(config)
        except Exception as error:  # the library raises whatever its validators raise
            found = one_line(error)
            raise CannotError(f"{where}: expected a configuration transformers accepts, found: {found}") from error
    return config


def spelled_text(text):
    """config.json text -> as the running version reads it; the text itself where that is how it is spelled."""
    fields = json.loads(text)
    spelled = active.spelled(fields)
    return text if spelled == fields else json.dumps(spelled, indent=2, sort_keys=True) + "\n"


def auto_class(fields):
    """The class of transformers that a config.json means."""
    return AUTO_CLASSES[head_of_architectures(fields.get("architectures"))]


def check_config(config):
    """What the library does not check and what would fail with a riddle, or not at all, much later."""
    if config.num_attention_heads % config.num_key_value_heads:
        raise ValueError("num_attention_heads is not a multiple of num_key_value_heads")
    if config.model_type != "phimoe" and config.num_experts_per_tok > config.num_local_experts:
        raise ValueError("num_experts_per_tok is larger than num_local_experts")
    if config.model_type == "phimoe" and config.num_local_experts < 2:
        raise ValueError("phimoe needs two experts, num_local_experts is less")
    if config.model_type == "granitemoehybrid" and config.mamba_n_heads % config.mamba_n_groups:
        raise ValueError("mamba_n_heads is not a multiple of mamba_n_groups")


def load_model(directory, **setting):
    """The model of a directory, refused unless the file has exactly the tensors that the model needs. setting: of
    from_pretrained, in place of float32 and eager."""
    source = Path(directory, "config.json")
    text = source.read_text()
    spelling = {} if spelled_text(text) == text else {"config": read_config(text, source)}
    try:
        model, info = auto_class(json.loads(text)).from_pretrained(
            directory, output_loading_info=True, local_files_only=True, **spelling,
            **{"dtype": torch.float32, "attn_implementation": "eager"} | active.LOAD_OPTIONS | setting,
        )
    except Exception as error:
        raise CannotError(f"{directory}: expected a checkpoint transformers loads, found: {one_line(error)}") from error
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys", "error_msgs"):
        # Old files store the rotary table, which no model reads.
        keys = sorted(key for key in map(str, info.get(kind) or ()) if not key.endswith("rotary_emb.inv_freq"))
        if keys:
            raise CannotError(f"{directory}: expected every tensor to fit, found {kind}: {', '.join(keys[:4])}")
    absent = [name for name, parameter in model.named_parameters() if parameter.is_meta]
    if absent:
        raise CannotError(f"{directory}: expected every tensor to be loaded, found none for {', '.join(absent[:4])}")
    align_parameters(model)
    return model.eval()


def align_parameters(model):
    """float32 weights stay where the file is mapped, at whatever offset it gives them, and kernels round differently on
    unaligned rows: a copy makes the result depend on the values alone."""
    for parameter in model.parameters():
        if parameter.data_ptr() % ALIGNMENT_BYTES:
            parameter.data = parameter.data.clone()


@contextlib.contextmanager
def embedded_checkpoint(config_text, weights):
    """A temporary checkpoint directory; weights: {name: (dtype, array of the bytes on disk)}."""
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "config.json").write_text(config_text)
        tensors = {name: (dtype, array.shape) for name, (dtype, array) in weights.items()}
        write_tensor_file(Path(directory, "model.safetensors"), tensors, lambda name: weights[name][1])
        yield directory
