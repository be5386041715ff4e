# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""transformers itself as the engine: a golden's calls in another setting than the eager float32 one that made it."""
from dataclasses import dataclass, replace

import torch
import transformers

from golden.generate.adapters.compiled_capture import INSIDE_FUNCTIONS, CompiledCapture
from golden.generate.adapters.dump import Dump, write_dump
from golden.generate.adapters.task import read_task
from golden.generate.model import load_model
from golden.generate.provenance import provenance
from golden.generate.record import run_calls
from golden.generate.sites import layout_of, site_name
from golden.generate.truth import RotaryScope

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
INSIDE_FUSED_ATTENTION = frozenset(("attn_visible", "attn_scores", "attn_probs", "attentions"))
PRECISIONS = {"float32": "f32", "bfloat16": "bf16"}


@dataclass(frozen=True)
class Setting:
    attention: str = "eager"  # as transformers names them
    experts: str = "eager"
    dtype: str = "float32"
    compile: bool = False
    threads: int = 1

    def __str__(self):
        parts = [f"transformers {transformers.__version__}", self.attention, self.experts]
        return " ".join(parts + ["compile"] * self.compile)


    @property
    def not_provided(self):
        """Names of the sites that nobody can see in this setting."""
        fused = frozenset() if self.attention == "eager" else INSIDE_FUSED_ATTENTION
        return fused | INSIDE_FUNCTIONS if self.compile else fused


def record_setting(golden, out, setting):
    """golden: its path. Writes `out` and returns the lines to print."""
    task = read_task(golden)
    with task.checkpoint_directory() as directory:
        model = load_model(
            directory, dtype=DTYPES[setting.dtype], attn_implementation=setting.attention,
            experts_implementation=setting.experts,
        )
    torch.set_num_threads(setting.threads)
    layout = layout_of(model.config)
    dump = Dump(
        engine=str(setting), precision=PRECISIONS[setting.dtype], calls=task.calls,
        values=[
            {site: array for site, array in values.items() if site_name(site) not in task.not_recorded}
            for values in run(model, layout, [askable(call, setting) for call in task.calls], setting)
        ],
        provenance=provenance(model, task.seed, {"truth": False})
        | {"dtype": setting.dtype, "compile": setting.compile},
        not_provided=setting.not_provided,
        attributes={"threads": setting.threads, "engine_weights": PRECISIONS[setting.dtype]},
    )
    return write_dump(out, task, layout, dump)


def run(model, layout, calls, setting):
    """path -> array, a call each."""
    if not setting.compile:
        return run_calls(model, layout, calls)[0]
    with CompiledCapture(model, layout) as capture:
        # The model is new and has made no call, so its rotary embedding stays: a wrapped one would break the graph.
        return run_calls(torch.compile(model), layout, calls, scope=RotaryScope(), capture=capture.each_call)[0]


def askable(call, setting):
    """Fused attention has no weights to return."""
    return replace(call, output_attentions=call.output_attentions and "attentions" not in setting.not_provided)
