# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""llama.cpp as the engine, on the CPU and in float32, through the C interface that llama-cpp-python opens: the model as
a GGUF file, the calls as batches of sequences, and every node of the graph shown by the evaluation callback."""
import ctypes
import importlib.util
import tempfile
from pathlib import Path

import numpy as np

from golden.generate.adapters import ggml
from golden.generate.adapters.checkpoint import open_checkpoint
from golden.generate.adapters.dump import Dump, planned_sites, write_dump
from golden.generate.adapters.gguf_export import export, refusal
from golden.generate.adapters.llama_cpp_sites import NOT_PROVIDED, Sites
from golden.generate.adapters.task import read_task
from golden.generate.calls import EMPTY_CACHE
from golden.generate.errors import CannotError
from golden.generate.model import read_config
from golden.generate.provenance import generator_sha256
from golden.generate.sites import layout_of

PACKAGES = ("llama_cpp", "gguf")
CELLS = 256  # a cache is padded to that many
CACHES = {"f32": ggml.FLOAT32, "f16": ggml.FLOAT16}  # the second one is llama.cpp's default
NOT_EXPRESSED = ("inputs_embeds", "packed", "past_key_values")


def record_llama_cpp(golden, out, threads=1, cache="f32"):
    """golden: its path; cache: of CACHES. Writes `out` and returns the lines to print."""
    require_packages()
    task = read_task(golden)
    config = read_config(task.config_text, task.path)
    refuse_calls(task, config)
    with task.checkpoint_directory() as directory, tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "model.gguf")
        checkpoint = open_checkpoint(directory)
        if (reason := refusal(checkpoint)) is not None:
            raise CannotError(f"{task.path}: expected a model that llama.cpp runs, found that {reason}")
        export(checkpoint, "f32", file)
        layout = layout_of(config)
        with Engine(file, task.calls, layout, threads, CACHES[cache]) as engine:
            values = [engine.run(number, call) for number, call in enumerate(task.calls)]
            provenance = engine.provenance()
    sites = [planned_sites(task, layout, call) for call in task.calls]
    dump = Dump(
        engine=f"llama.cpp (llama-cpp-python {provenance['llama_cpp_python']})" + " f16 cache" * (cache == "f16"),
        precision="f32",
        provenance=provenance, calls=task.calls,
        values=[
            {site: array for site, array in found.items() if site in wanted} for found, wanted in zip(values, sites)
        ],
        not_provided=NOT_PROVIDED, attributes={"threads": threads, "engine_weights": "f32"},
    )
    return write_dump(out, task, layout, dump)


def require_packages():
    missing = [package for package in PACKAGES if importlib.util.find_spec(package) is None]
    if missing:
        raise CannotError(f"llama.cpp: expected the Python packages {' and '.join(PACKAGES)}, found no "
                          f"{' and no '.join(missing)}; run script/setup --llama-cpp")


def refuse_calls(task, config):
    """What a batch of llama.cpp cannot say."""
    window = getattr(config, "sliding_window", None)
    if window is not None and longest(task.calls) > window:
        raise CannotError(f"{task.path}: expected no sliding window, which llama.cpp's phimoe lacks, found {window}")
    past = 0
    for number, call in enumerate(task.calls):
        where = f"{task.path} call {number}"
        for name in NOT_EXPRESSED:
            if getattr(call, name) is not None:
                raise CannotError(f"{where} {name}: expected none, which is no input of this adapter, found some")
        if call.attention_mask is not None and not call.attention_mask.all():
            raise CannotError(f"{where} attention_mask: expected ones, as llama.cpp has no padding, found zeros")
        past = 0 if call.continues == EMPTY_CACHE else past
        if call.position_ids is not None and (call.position_ids != past + np.arange(call.tokens)).any():
            counted = f"{past}, {past + 1} ..."
            raise CannotError(f"{where} position_ids: expected {counted}, as llama.cpp counts, found others")
        past += call.tokens
        if call.continues not in (EMPTY_CACHE, number - 1):
            raise CannotError(f"{where} continues: expected the call before it, found call {call.continues}")


def longest(calls):
    """Tokens of the longest sequence."""
    most = past = 0
    for call in calls:
        past = call.tokens + (past if call.continues != EMPTY_CACHE else 0)
        most = max(most, past)
    return most


class Engine:
    def __init__(self, file, calls, layout, threads, cache):
        import llama_cpp
        from llama_cpp import _ggml

        self.llama, self.layout, self.past = llama_cpp, layout, 0
        self.library = ggml.declare(_ggml.libggml)
        self.sites = self.failure = None
        self.messages = []
        # The library keeps pointers to these two, not references.
        self.log = llama_cpp.llama_log_callback(self.hear)
        self.callback = llama_cpp.llama_cpp.ggml_backend_sched_eval_callback(self.see)
        llama_cpp.llama_log_set(self.log, None)
        llama_cpp.llama_backend_init()
        self.model = llama_cpp.llama_model_load_from_file(str(file).encode(), self.model_parameters())
        self.context = self.model and llama_cpp.llama_init_from_model(
            self.model, self.context_parameters(calls, threads, cache)
        )
        if not self.context:
            raise CannotError(f"llama.cpp: expected it to take the model, found: {self.first_error()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.llama.llama_free(self.context)
        self.llama.llama_model_free(self.model)
        self.llama.llama_log_set(self.llama.llama_log_callback(0), None)

    def model_parameters(self):
        parameters = self.llama.llama_model_default_params()
        parameters.n_gpu_layers = 0
        return parameters

    def context_parameters(self, calls, threads, cache):
        """Every row of a batch is a sequence with a cache of its own; scores are seen only without flash attention; a
        whole call is one graph."""
        batch, tokens = max(call.batch for call in calls), max(call.batch * call.tokens for call in calls)
        parameters = self.llama.llama_context_default_params()
        parameters.n_ctx = batch * -(-longest(calls) // CELLS) * CELLS
        parameters.n_batch = parameters.n_ubatch = max(tokens, 32)
        parameters.n_seq_max = batch
        parameters.kv_unified = False
        parameters.n_threads = parameters.n_threads_batch = threads
        parameters.type_k = parameters.type_v = cache
        parameters.flash_attn_type = self.llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
        parameters.cb_eval = self.callback
        parameters.no_perf = True
        return parameters

    def hear(self, level, text, _):
        self.messages.append(text.decode(errors="replace"))

    def see(self, address, asks, _):
        """Asked before a node is computed whether it is wanted: all are, so that none is fused away."""
        try:
            if not asks and self.sites is not None:
                self.sites.look(ggml.Node(self.library, address))
        except Exception as error:  # nothing may leave a callback of C
            self.failure = self.failure or error
        return True

    def run(self, number, call):
        """path -> array"""
        if call.continues == EMPTY_CACHE:
            self.llama.llama_memory_clear(self.llama.llama_get_memory(self.context), True)
            self.past = 0
        granite = self.layout.model_type != "phimoe"
        self.sites = Sites(self.layout, call.batch, call.tokens, self.past, interleaved=granite)
        status = self.decode(call.input_ids)
        if self.failure is not None:
            raise self.failure
        if status != 0:
            raise CannotError(f"llama.cpp call {number}: expected to compute it, found {status}: {self.first_error()}")
        self.past += call.tokens
        values = self.sites.finish()
        values["logits"] = kept(call, values["logits"])
        return values

    def decode(self, ids):  # [B, L]
        batch = self.llama.llama_batch_init(ids.size, 0, 1)
        try:
            for place, ((row, column), token) in enumerate(np.ndenumerate(ids)):
                batch.token[place], batch.pos[place] = int(token), self.past + column
                batch.n_seq_id[place], batch.seq_id[place][0] = 1, row
                batch.logits[place] = 1
            batch.n_tokens = ids.size
            return self.llama.llama_decode(self.context, batch)
        finally:
            self.llama.llama_batch_free(batch)

    def first_error(self):
        errors = [text.strip() for text in self.messages if "error" in text or "fail" in text]
        return errors[0] if errors else "no message"

    def provenance(self):
        return {
            "generator_sha256": generator_sha256(),
            "llama_cpp_python": self.llama.__version__,
            "llama_cpp": self.llama.llama_print_system_info().decode().strip(),
        }


def kept(call, logits):
    """Of the tokens whose logits the call asks for."""
    if call.logits_positions is not None:
        return logits[:, call.logits_positions]
    return logits[:, -call.logits_to_keep :] if call.logits_to_keep else logits
