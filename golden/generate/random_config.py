# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Draws a small valid configuration of one of the four architectures, over the ranges that they allow. Plain data.
Widths are not of the smallest: in a handful of numbers the noise of float32 is anything, and little can be judged."""
from golden.generate.architectures import ARCHITECTURES, BARE_MODELS, CLASSIFIER
from golden.generate.features import ACTIVATIONS, ALL, HYBRID, PHIMOE, SHARED

MAMBA, ATTENTION = "linear_attention", "full_attention"


class Dice:
    """Python's view of a numpy Generator."""

    def __init__(self, random):
        self.random = random

    def number(self, low, high):
        """A whole number, both ends included."""
        return int(self.random.integers(low, high + 1))

    def between(self, low, high):
        """A number with two or three digits, as people write them."""
        return float(f"{low + (high - low) * self.random.random():.2g}")

    def pick(self, *choices):
        return choices[self.number(0, len(choices) - 1)]

    def chance(self, probability):
        return bool(self.random.random() < probability)


def draw_config(dice):
    architecture = dice.pick(*ALL)
    heads = dice.number(1, 6)
    head_size = 2 * dice.number(2, 8)
    while heads * head_size < 20:
        heads += 1
    config = {
        "model_type": architecture, "vocab_size": dice.number(11, 40), "num_hidden_layers": dice.number(1, 3),
        "num_attention_heads": heads, "intermediate_size": dice.number(8, 30),
        "num_key_value_heads": dice.pick(*(count for count in range(1, heads + 1) if heads % count == 0)),
        "max_position_embeddings": dice.number(6, 40), "rms_norm_eps": dice.pick(1e-6, 1e-5, 1e-3, 0.05, 0.4),
        "hidden_act": "silu" if dice.chance(0.5) else dice.pick(*ACTIVATIONS), "attention_bias": dice.chance(0.4),
        "tie_word_embeddings": dice.chance(0.4), "pad_token_id": dice.pick(None, 0, 3), "bos_token_id": 1,
        "eos_token_id": dice.pick(None, 2, [2, 5, 7, 9]), "router_aux_loss_coef": dice.between(0.0, 0.9),
        "output_router_logits": dice.chance(0.1),
    }
    # Apart from D/H or as D/H says.
    config |= {"head_dim": head_size, "hidden_size": dice.number(20, 56)} if dice.chance(0.5) else {
        "hidden_size": heads * head_size
    }
    draw_experts(dice, config)
    if architecture == PHIMOE:
        config |= {
            "lm_head_bias": dice.chance(0.5), "router_jitter_noise": dice.pick(0.01, 0.1, 0.3, 0.8),
            "sliding_window": dice.pick(None, None, dice.number(2, 9)),
        }
    else:
        config |= {
            "embedding_multiplier": dice.pick(1.0, 12, dice.between(0.3, 3)),
            "attention_multiplier": dice.pick(0.015625, dice.between(0.1, 1)),
            "residual_multiplier": dice.pick(0.22, dice.between(0.3, 1.2)),
            "logits_scaling": dice.pick(6, dice.between(0.3, 3)),
        }
    if architecture == HYBRID:
        draw_mamba(dice, config)
    if architecture != HYBRID or config["position_embedding_type"] == "rope":
        draw_rope(dice, config, head_size)
    draw_head(dice, config)
    if config["num_local_experts"] == 0 or config["architectures"][0] != ARCHITECTURES[architecture]:
        config["output_router_logits"] = False
    return config


def draw_experts(dice, config):
    architecture = config["model_type"]
    experts = dice.number(2 if architecture == PHIMOE else 1, 8)
    if architecture == HYBRID and dice.chance(0.25):
        experts = 0
    config["num_local_experts"] = experts
    # PhiMoE routes to two whatever this says; its balancing loss goes by it.
    config["num_experts_per_tok"] = dice.number(min(1, experts), experts)
    if architecture in (SHARED, HYBRID):
        config["shared_intermediate_size"] = dice.number(8, 50)
    if architecture == SHARED and dice.chance(0.2):
        config["shared_intermediate_size"] = 0


def draw_mamba(dice, config):
    expand = dice.number(1, 3)
    inner = expand * config["hidden_size"]
    heads = dice.pick(*(count for count in range(1, inner + 1) if inner % count == 0 and count <= 8))
    kinds = [dice.pick(MAMBA, ATTENTION) for _ in range(config["num_hidden_layers"])]
    config |= {
        "layer_types": kinds, "position_embedding_type": dice.pick(None, "nope", "rope"), "mamba_expand": expand,
        "mamba_n_heads": heads, "mamba_d_head": inner // heads, "mamba_d_state": dice.number(3, 17),
        "mamba_n_groups": dice.pick(*(count for count in range(1, heads + 1) if heads % count == 0)),
        "mamba_d_conv": dice.number(2, 5), "mamba_chunk_size": dice.number(1, 9), "mamba_conv_bias": dice.chance(0.6),
        "mamba_proj_bias": dice.chance(0.4),
    }
    if dice.chance(0.3):
        config["time_step_limit"] = [dice.between(0.0, 0.3), dice.between(0.4, 1.5)]


def draw_rope(dice, config, head_size):
    kind = dice.pick("default", "default", "linear", "dynamic", "yarn", "longrope", "llama3", "proportional")
    rope = {"rope_type": kind, "rope_theta": dice.pick(10000.0, 1000000.0, dice.between(20, 900))}
    original = dice.number(4, 12)
    pairs = head_size // 2
    if kind in ("linear", "dynamic", "yarn", "llama3"):
        rope["factor"] = dice.between(1.5, 8)
    if kind == "yarn":
        for name, low, high in (("beta_fast", 2, 40), ("beta_slow", 0.1, 1.5), ("attention_factor", 0.5, 1.5)):
            if dice.chance(0.4):
                rope[name] = dice.between(low, high)
        if dice.chance(0.3):
            rope |= {"mscale": dice.between(0.4, 1.5), "mscale_all_dim": dice.between(0.4, 1.5)}
        if dice.chance(0.4):
            rope["truncate"] = False
    if kind == "longrope":
        for name, high in (("short_factor", 2), ("long_factor", 30)):
            rope[name] = [dice.between(1, high) for _ in range(pairs)]
        if dice.chance(0.3):
            rope["factor"] = dice.between(1.5, 8)
        if dice.chance(0.3):
            rope["attention_factor"] = dice.between(0.5, 1.5)
    if kind == "llama3":
        rope |= {"low_freq_factor": dice.between(0.5, 1.5), "high_freq_factor": dice.between(2, 6)}
    if kind == "proportional":
        rope["partial_rotary_factor"] = dice.pick(0.25, 0.5, 0.75, 1.0)
        if dice.chance(0.5):
            rope["factor"] = dice.between(1.5, 8)
    phimoe = config["model_type"] == PHIMOE and kind != "default"
    if phimoe:
        rope |= {"short_mscale": dice.between(0.7, 1.5), "long_mscale": dice.between(0.7, 1.5)}
    if phimoe or kind in ("yarn", "longrope", "llama3"):
        rope["original_max_position_embeddings"] = original
        config["max_position_embeddings"] = original * dice.number(2, 5)
        if kind == "longrope" or dice.chance(0.3):  # at the top level too, there with another value at times
            config["original_max_position_embeddings"] = original + dice.pick(0, 0, 2)
    config["rope_parameters"] = rope


def draw_head(dice, config):
    architecture = config["model_type"]
    config["architectures"] = [ARCHITECTURES[architecture]]
    if dice.chance(0.12):
        config["architectures"] = [BARE_MODELS[architecture]]
    elif architecture == PHIMOE and dice.chance(0.25):
        labels = dice.number(1, 5)
        config |= {"architectures": [CLASSIFIER], "id2label": {str(index): f"label {index}" for index in range(labels)}}
        config["problem_type"] = dice.pick(None, None, "regression", "multi_label_classification")
