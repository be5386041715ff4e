# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Random cases: a seed gives a configuration and calls that combine whatever may be combined, always the same ones.
A golden that no engine may differ from by a decision is made of them by drawing the weights anew until it is one."""
import numpy as np

from golden.generate.cases.case import Case
from golden.generate.errors import TooCloseError
from golden.generate.features import HYBRID, PHIMOE
from golden.generate.plans import Generate, Processors
from golden.generate.prompts import Prompt
from golden.generate.random_config import MAMBA, Dice, draw_config
from golden.generate.sites import head_of_architectures

CONFIG_STREAM = 1 << 30
LEAST_TOKENS = 12  # in all calls together: fewer do not show how large the noise of float32 is
WEIGHT_SEEDS = 25  # tried with one configuration
CONFIGS = 8  # tried with one seed
LARGEST_SEED = (1 << 31) // (WEIGHT_SEEDS * CONFIGS) - 1


def name_of(seed):
    return f"random_{seed}"


def draw_case(seed, attempt):
    """attempt: 0, or how many configurations of this seed were in vain."""
    dice = Dice(np.random.Generator(np.random.PCG64([seed, CONFIG_STREAM + attempt])))
    config = draw_config(dice)
    head = head_of_architectures(config["architectures"])
    if head == "causal_lm" and dice.chance(0.15):
        prompt = draw_plan(dice, config)
    else:
        prompt = [draw_prompt(dice, config, head) for _ in range(dice.pick(1, 1, 2, 3))]
        while sum(map(tokens_of, prompt)) < LEAST_TOKENS:
            prompt.append(draw_prompt(dice, config, head))
        prompt = tuple(prompt)
    tied = config["tie_word_embeddings"] and head == "causal_lm"
    return Case(
        name_of(seed), "drawn", config, prompt, seed=(seed * CONFIGS + attempt) * WEIGHT_SEEDS, committed=False,
        weights=dice.pick("bfloat16", "float16", "float32", "mixed"),
        lm_head=dice.pick("saved", "both", "alone") if tied else "saved",
    )


def make_random(name, path):
    """Returns a line that says what was made."""
    from golden.generate.make import make_case

    seed = int(name.removeprefix("random_"))
    for attempt in range(CONFIGS):
        case = draw_case(seed, attempt)
        try:
            recording = make_case(case, path, seeds=WEIGHT_SEEDS)
        except TooCloseError as error:
            last = error
            continue
        what = "generate" if recording.generation is not None else f"{len(recording.calls)} calls"
        return f"{path.stat().st_size:9,} bytes  {what:8}  {name}  {case.config['architectures'][0]}"
    raise last


def tokens_of(prompt):
    first = sum(prompt.lengths) if prompt.lengths is not None else prompt.tokens
    return prompt.batch * (first + sum(prompt.steps))


def draw_plan(dice, config):
    config["output_router_logits"] = False  # generate() hands over a mask wider than its call
    batch, tokens = dice.number(1, 3), dice.number(2, 8)
    sample = dice.chance(0.5)
    ranges = {"repetition_penalty": (0.8, 1.8)}
    if sample:
        ranges |= {"temperature": (0.5, 1.6), "top_p": (0.5, 0.95), "min_p": (0.02, 0.3)}
    processors = {name: dice.between(*limits) for name, limits in ranges.items() if dice.chance(0.4)}
    if sample and dice.chance(0.4):
        processors["top_k"] = dice.number(2, 9)
    padded = config["pad_token_id"] is not None and dice.chance(0.6)
    return Generate(
        batch, tokens, tuple(dice.number(0, tokens - 1) for _ in range(batch)) if padded else None,
        max_new_tokens=dice.number(3, 9), do_sample=sample, processors=Processors(**processors),
    )


def draw_prompt(dice, config, head):
    hybrid = config["model_type"] == HYBRID
    attention = not hybrid or any(kind != MAMBA for kind in config["layer_types"])
    batch, tokens = dice.number(1, 3), dice.number(1, 9)
    if head == "sequence_classification" and config["pad_token_id"] is None:
        batch = 1
    outputs = [name for name in ("hidden_states", "attentions") if dice.chance(0.3)]
    if not attention and "attentions" in outputs:
        outputs.remove("attentions")
    fields = {"batch": batch, "tokens": tokens, "embeds": dice.chance(0.15), "use_cache": False}
    if dice.chance(0.15):
        fields |= draw_packed(dice, config, fields)
    else:
        if attention and dice.chance(0.6):
            fields |= {
                "use_cache": True, "steps": tuple(dice.number(1, 4) for _ in range(dice.number(0, 3))),
                "given_cache": dice.number(1, 8) if dice.chance(0.2) else 0,
            }
        draw_mask(dice, config, head, fields)
    masked = any(name in fields for name in ("left_pads", "right_pads", "all_ones"))
    seen_before = fields.get("steps") or fields.get("given_cache")
    routed = head == "causal_lm" and config["num_local_experts"] > 0
    if masked and seen_before:
        config["output_router_logits"] = False  # the balancing loss takes no mask that covers a cache
    elif routed and dice.chance(0.25):
        outputs.append("router_logits")
    total = sum(fields.get("lengths", (tokens,)))
    draw_ends(dice, config, head, fields, total)
    return Prompt(outputs=tuple(outputs), **fields)


def draw_packed(dice, config, fields):
    lengths = tuple(dice.number(1, 5) for _ in range(dice.number(2, 4)))
    if config["model_type"] != HYBRID:
        return {"lengths": lengths, "positions": "packed"}
    # Types that go by the length would see that of all sequences together.
    adapts = config.get("rope_parameters", {}).get("rope_type") in ("dynamic", "longrope")
    if adapts:
        return {}
    rotated = config["position_embedding_type"] == "rope"
    return {"batch": 1, "lengths": lengths, "seq_idx": True, "positions": "packed" if rotated else None}


def draw_mask(dice, config, head, fields):
    batch, tokens = fields["batch"], fields["tokens"]
    seen = fields.get("given_cache", 0)
    if dice.chance(0.55):
        right = tuple(dice.number(0, tokens - 1) if dice.chance(0.4) else 0 for _ in range(batch))
        left = [dice.number(0, seen + tokens - pads) if dice.chance(0.6) else 0 for pads in right]
        left[0] = min(left[0], tokens - right[0] - 1)  # a batch without a token has no mean
        fields |= {"left_pads": tuple(left)} | ({"right_pads": right} if dice.chance(0.5) else {})
        fields["all_ones"] = False
        if config["pad_token_id"] is not None and not seen and not fields["embeds"]:
            fields["pad_ids"] = dice.chance(0.7) or head == "sequence_classification"
        if fields.get("steps") and dice.chance(0.15):
            fields["short_mask"] = 1
    elif dice.chance(0.1):
        fields["all_ones"] = True
    kinds = ["shifted", "shared", "scattered"]
    if "left_pads" in fields and not fields.get("short_mask"):
        kinds += ["from_mask"] * 4
    if dice.chance(0.5):
        fields |= {"positions": dice.pick(*kinds), "first_position": dice.number(0, 30)}
        fields["last_position"] = dice.pick(40, 4000, 131071)


def draw_ends(dice, config, head, fields, tokens):
    """What is kept of the logits, or labels."""
    if head == "sequence_classification":
        if dice.chance(0.7) and not fields.get("steps"):
            labels, kind = len(config["id2label"]), config["problem_type"]
            floats = labels == 1 or kind is not None or dice.chance(0.3)
            fields["labels"] = "floats" if floats else "classes"
            # The kind of the first call with labels sticks to the model.
            config["problem_type"] = kind or (
                "regression" if labels == 1 else "multi_label_classification" if floats
                else "single_label_classification"
            )
            if config["problem_type"] == "single_label_classification":
                fields["labels"] = "classes"
        return
    if head != "causal_lm":
        return
    if fields.get("steps"):
        if dice.chance(0.2):
            fields["logits_to_keep"] = 1
        return
    if tokens >= 2 and dice.chance(0.4):
        fields["labels"] = dice.pick("all", "holes")
        if dice.chance(0.3):
            fields["num_items_in_batch"] = dice.number(1, 40)
    elif dice.chance(0.3):
        fields["logits_to_keep"] = dice.number(1, tokens)
    elif dice.chance(0.3):
        fields["logits_positions"] = tuple(dice.number(-tokens, tokens - 1) for _ in range(dice.number(1, 4)))
