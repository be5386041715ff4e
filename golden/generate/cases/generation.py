# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of generate(): which tokens it chooses, where it stops and what it pads."""
from golden.generate.cases.tiny import MAMBA, case
from golden.generate.features import ALL, HYBRID, MOE, PHIMOE, SHARED
from golden.generate.plans import Generate, Processors

SHARP = {"logits_scaling": 0.4}  # of Granite: probabilities that differ
LONG = {
    "original_max_position_embeddings": 8, "max_position_embeddings": 32, "rope_parameters": {
        "rope_type": "longrope", "rope_theta": 10000.0, "original_max_position_embeddings": 8,
        "short_factor": [1.0, 1.5], "long_factor": [2.0, 9.0], "short_mscale": 1.2, "long_mscale": 1.4,
    },
}


def of(architecture):
    def add(name, purpose, plan, *covers, config=None, committed=(), **more):
        return case(
            architecture, f"generate_{name}", purpose, config or {}, plan, covers,
            committed=architecture in committed, **more,
        )

    yield add(
        "greedy", "greedy, rows of one length", Generate(max_new_tokens=8), "greedy", "no_eos",
        config={"eos_token_id": None}, committed=ALL,
    )
    # Every third token stops: most rows do, and not at once.
    several = list(range(2, 29, 3))
    yield add(
        "left_padded", "a left-padded batch, several eos, rows that stop apart",
        Generate(batch=4, tokens=6, left_pads=(3, 0, 1, 5), max_new_tokens=10, stops_apart=True), "greedy",
        "greedy_left_padded", "eos_several", config={"eos_token_id": several}, committed=ALL,
    )
    yield add(
        "eos", "one eos, which a row of the batch meets", Generate(batch=4, max_new_tokens=10, stops_apart=True), "eos",
        config={"eos_token_id": 7}, committed=(SHARED,),
    )
    yield add(
        "pad_null", "no pad: rows that stopped repeat the first eos",
        Generate(batch=4, max_new_tokens=10, stops_apart=True), "pad_null",
        config={"pad_token_id": None, "eos_token_id": several}, committed=(HYBRID,),
    )
    yield add(
        "repetition_penalty", "greedy with a penalty on what was said",
        Generate(tokens=8, max_new_tokens=10, processors=Processors(repetition_penalty=1.7)), "repetition_penalty",
        committed=(MOE,),
    )
    sharp = SHARP if architecture != PHIMOE else {}
    for index, (name, value) in enumerate(
        (("temperature", 0.6), ("top_k", 4), ("top_p", 0.8), ("min_p", 0.2), (None, None))
    ):
        processors = Processors(**{name: value}) if name else Processors()
        yield add(
            f"sample_{name or 'plain'}", f"sampling with {name or 'nothing set'}",
            Generate(max_new_tokens=6, do_sample=True, processors=processors), "sampling", *((name,) if name else ()),
            config=sharp | {"eos_token_id": None}, committed=(ALL[index % len(ALL)],),
        )
    yield add(
        "sample_all", "sampling with every processor, a left-padded batch and eos",
        Generate(
            batch=3, tokens=6, left_pads=(2, 0, 3), max_new_tokens=8, do_sample=True, stops_apart=True,
            processors=Processors(repetition_penalty=1.3, temperature=1.4, top_k=9, top_p=0.9, min_p=0.05),
        ),
        "sampling", "all_processors", "repetition_penalty", "temperature", "top_k", "top_p", "min_p",
        config=sharp | {"eos_token_id": several}, committed=(PHIMOE,),
    )
    if architecture == MOE:
        yield add(
            "tie", "two tokens whose logits differ by less than float32 sees", Generate(max_new_tokens=8, tie=True),
            "near_tie", config={"eos_token_id": None}, weights="float32", twins=(5, 19), committed=(MOE,),
        )
    if architecture == HYBRID:
        yield add(
            "without_cache", "a hybrid without attention layers: all tokens again at every step",
            Generate(batch=3, tokens=4, left_pads=(1, 0, 2), max_new_tokens=6, stops_apart=True),
            "generate_without_cache",
            config={"layer_types": [MAMBA, MAMBA], "eos_token_id": several}, committed=(HYBRID,),
        )
    if architecture == PHIMOE:
        yield add(
            "window", "across a sliding window", Generate(tokens=5, left_pads=(2, 0), max_new_tokens=8),
            "generate_sliding", config={"sliding_window": 4}, committed=(PHIMOE,),
        )
        yield add(
            "longrope", "across the original length, where the cache is dropped",
            Generate(batch=2, tokens=5, left_pads=(2, 0), max_new_tokens=9), "generate_longrope",
            config=LONG | {"eos_token_id": None}, committed=(PHIMOE,),
        )
        yield add(
            "longrope_prompt", "a prompt behind the original length", Generate(tokens=10, max_new_tokens=4),
            "generate_longrope", config=LONG | {"eos_token_id": None},
        )


CASES = [made for architecture in ALL for made in of(architecture)]
