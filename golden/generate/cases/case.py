# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""What a committed case consists of."""
from dataclasses import dataclass

from golden.generate.plans import Generate
from golden.generate.prompts import Prompt
from golden.generate.versions import DEFAULT


@dataclass(frozen=True)
class Case:
    """A small model that cannot hide a mistake: extents differ, multipliers, norms and biases are away from 1 and 0."""

    name: str
    purpose: str  # one sentence
    config: dict  # in the spelling of transformers 5.23.0; what is left out has its default
    prompt: Prompt | tuple | Generate  # or several prompts, one after the other; or a run of generate()
    seed: int  # chosen so that every router margin exceeds make.LEAST_COMMITTED_MARGIN
    weights: str = "bfloat16"  # on disk: bfloat16, float32 or mixed (random_weights.dtype_on_disk)
    covers: tuple = ()  # names of features.py
    committed: bool = True  # else made at test time
    not_recorded: tuple = ()  # sites left out
    lm_head: str = "saved"  # of tied weights: as transformers saves them, "both" in the file, or the head "alone"
    twins: tuple = ()  # two tokens whose rows of lm_head differ in one last bit
    bf16: bool = False  # records a bfloat16 run beside the others
    transformers: str = DEFAULT  # the version that makes the committed golden
    exact: bool = False  # with the weights of exact_weights.py: every site must be exact, and twin experts may tie

    @property
    def model_type(self):
        return self.config["model_type"]

    @property
    def prompts(self):
        if self.generation is not None:
            return ()
        return self.prompt if isinstance(self.prompt, tuple) else (self.prompt,)

    @property
    def generation(self):
        return self.prompt if isinstance(self.prompt, Generate) else None


# Prefill, four single tokens, three tokens at once: every way in which a cache is used.
CACHE_STEPS = (1, 1, 1, 1, 3)
