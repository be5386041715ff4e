# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Weights with which float32 makes no rounding at all: what a model computes are integers times powers of two, of fewer
than 24 bits, so that every engine has the same bits whatever it adds first. docs/numerics.md, "Exact models", has the
devices. exact.py proves of each model that they hold.

The channels of the residual stream are of two kinds. What tokens are told apart by stands in the clean ones, which
every sub-layer reads and none writes; all write into the others, which only the head reads. So values do not grow with
depth. Every weight is a bfloat16 number."""
import json
import math
from dataclasses import dataclass

import numpy as np

from golden.generate.architectures import ARCHITECTURES
from golden.generate.manifest import manifest
from golden.generate.model import read_config
from golden.generate.random_weights import encode
from golden.generate.sites import layout_of

ROOT = 2.0**63  # of the eps of the norms, whose weights take it back
APART = 1024.0  # exp(-1024) is 0 in float64 too, and so is silu(-1024)
SATURATED = 64.0  # from here on silu is the identity
VETO = 64  # what a rare flag takes from a sum of a few flags: far below 0 whatever else is in it
FADES, STAYS = 20.0, -200.0  # A_log: decays of 0 and of 1
LEAST_STEP = 24.0  # softplus is the identity above 20


@dataclass(frozen=True)
class Channels:
    """Places in the residual stream. The clean ones hold features of a token: 0 or more, but for the codes."""

    classes: np.ndarray  # whichever class a token is of, some are set: what routers go by
    rare: np.ndarray  # 0, seldom 1
    flags: np.ndarray  # 0 or 1
    codes: np.ndarray  # small integers of both signs
    written: np.ndarray

    @property
    def clean(self):
        return np.concatenate([self.classes, self.rare, self.flags, self.codes])


def exact_model(name, fields, seed):
    """As make.draw_model: the text of config.json and the weights, {name: ("bfloat16", array)}."""
    fields = fields | {"architectures": [ARCHITECTURES[fields["model_type"]]]}
    config = read_config(json.dumps(fields), name)
    config.dtype = "bfloat16"
    shapes = manifest(config)
    maker = (PhimoeWeights if config.model_type == "phimoe" else GraniteWeights)(config, seed)
    drawn = {tensor: maker.draw(tensor, shape) for tensor, shape in shapes.items()}
    return config.to_json_string(), {tensor: ("bfloat16", encode(array, "bfloat16")) for tensor, array in drawn.items()}


class Weights:
    """What the architectures share. A norm gives clean channel c the feature of the token times gain[c]; a matrix that
    reads it is drawn for features, and divided by the gains."""

    def __init__(self, config, seed):
        self.config, self.extents = config, layout_of(config).extents
        self.random = np.random.Generator(np.random.PCG64(seed))
        self.channels = self.place_channels()
        self.gain = None  # [D], of the norm drawn last
        self.parts = {
            "embed_tokens.weight": self.embedding, "layernorm.weight": self.norm, "model.norm.weight": self.norm,
            "q_proj.weight": self.queries, "k_proj.weight": lambda shape: self.reading(shape, 6, (-2, -1, 1, 2)),
            "v_proj.weight": lambda shape: self.reading(shape, 3),
            "o_proj.weight": self.writing, "o_proj.bias": self.written_bias,
            "q_proj.bias": lambda shape: 4 * APART * self.integers(shape, -2, 2),
            "proj.bias": self.small, "lm_head.bias": self.small,
            "lm_head.weight": lambda shape: self.pick(shape, (-1, 0, 1, 1, 2)),
        }

    def draw(self, name, shape):
        """One tensor, float32 with 8 bits."""
        return next(part for ending, part in self.parts.items() if name.endswith(ending))(shape).astype(np.float32)

    def integers(self, shape, low, high):
        return self.random.integers(low, high + 1, shape).astype(np.float64)

    def small(self, shape):
        return self.integers(shape, -2, 2)

    def pick(self, shape, values):
        return self.random.choice(np.array(values, dtype=np.float64), shape)

    def sparse(self, rows, columns, count, values):
        """[rows, D]: `count` of these columns in each row, and each column somewhere while there are rows enough."""
        matrix = np.zeros((rows, self.extents["D"]))
        for row in range(rows):
            chosen = self.random.permutation(columns)[:count]
            chosen[0] = columns[row % len(columns)]
            matrix[row, np.unique(chosen)] = self.pick(len(np.unique(chosen)), values)
        return matrix

    def reading(self, shape, count, values=(-1, 1)):
        """[..., D], of the features of the norm drawn last: small integers of both signs."""
        features = self.sparse(math.prod(shape[:-1]), self.channels.clean, count, values)
        return (features / self.gain).reshape(shape)

    def queries(self, shape):
        """Scores are far apart, and hardly ever all alike: some class is always set."""
        rows = self.reading(shape, 3)
        classes = self.channels.classes
        rows[:, classes] = self.pick((shape[0], len(classes)), (-1, 1)) * (1, 1, 2, 2) / self.gain[classes]
        return 4 * APART * rows

    def gate_up(self, shape):
        """[..., 2 I, D]: gates are multiples of 1024, where silu is 0 or the identity."""
        width = shape[-2] // 2
        both = self.reading(shape, 3)
        both[..., :width, :] *= APART
        return both

    def writing(self, shape):
        """[..., D, width]: the written channels alone."""
        matrix = np.zeros(shape)
        written = self.channels.written
        matrix[..., written, :] = self.integers((*shape[:-2], len(written), shape[-1]), -1, 1)
        return matrix

    def written_bias(self, shape):
        return self.writing((*shape, 1))[:, 0]

    def down(self, shape):
        return self.writing(shape) / APART

    def tokens_of_classes(self, vocabulary, classes):
        """[V]: a class for each token, all equally often."""
        return self.random.permutation(np.arange(vocabulary) % classes)


class GraniteWeights(Weights):
    """RMSNorm: features are what stands in the channels."""

    def __init__(self, config, seed):
        super().__init__(config, seed)
        self.parts = {
            "mamba.norm.weight": self.gated_norm, "in_proj.weight": self.in_proj, "in_proj.bias": self.in_proj_bias,
            "out_proj.weight": self.writing, "out_proj.bias": self.written_bias,
            "conv1d.weight": self.taps, "conv1d.bias": lambda shape: SATURATED * self.pick(shape, (0, 0, 0, 1)),
            "dt_bias": lambda shape: self.pick(shape, (LEAST_STEP, LEAST_STEP + 8)),
            "A_log": lambda shape: self.random.permutation(np.resize((FADES, STAYS), shape)),
            "mamba.D": lambda shape: self.pick(shape, (-(2.0**16), 2.0**15, 2.0**16)),
            "router.layer.weight": self.router, "block_sparse_moe.input_linear.weight": self.gate_up,
            "shared_mlp.input_linear.weight": self.gate_up, "output_linear.weight": self.down,
        } | self.parts

    def place_channels(self):
        places = self.random.permutation(self.extents["D"])
        return Channels(*np.split(places, np.cumsum([4, 2, 4, 3])))

    def embedding(self, shape):
        channels, table = self.channels, np.zeros(shape)
        table[np.arange(shape[0]), channels.classes[self.tokens_of_classes(shape[0], 4)]] = 1
        table[:, channels.rare] = self.random.random((shape[0], len(channels.rare))) < 0.15
        table[:, channels.flags] = self.integers((shape[0], len(channels.flags)), 0, 1)
        table[:, channels.codes] = self.integers((shape[0], len(channels.codes)), -3, 3)
        table[:, channels.written] = self.integers((shape[0], len(channels.written)), -4, 4)
        return table / self.config.embedding_multiplier

    def norm(self, shape):
        self.gain = self.pick(shape, (-2, -1, 1, 2))
        return ROOT * self.gain

    def router(self, shape):
        """[E, D]: each class of tokens has an order of experts of its own, with twins, whose logits are equal and who
        share a weight; the codes move all logits a little. Three of seven are chosen, never one twin alone."""
        channels = self.channels
        a, b, c, d, e, f, g = self.random.permutation(shape[0])
        orders = (
            ([a, b], e, f, [c, d], g), (f, [c, d], [a, b], e, g), ([c, d], g, e, [a, b], f), (g, e, f, [a, b], [c, d]),
        )
        scores = np.zeros((shape[0], len(orders)))
        for token_class, ranked in enumerate(orders):
            for rank, who in enumerate(ranked):
                scores[who, token_class] = 32 * (3 - rank)
        rows = np.zeros(shape)
        rows[:, channels.codes] = self.integers((shape[0], len(channels.codes)), -1, 1)
        for one, other in ((a, b), (c, d)):
            rows[other] = rows[one]
        rows[:, channels.classes] = scores
        return APART * rows / self.gain

    # Mamba2 ---------------------------------------------------------------------------------------------------------

    def gated_norm(self, shape):
        """The last bit of what is scanned and gated is 2^27."""
        return ROOT * 2.0**-27 * self.pick(shape, (-1, 1))

    def in_proj(self, shape):
        """gate, then x, B and C, then time steps: sums of a few flags, less VETO where a rare flag is set."""
        inner, time_steps = self.extents["Im"], self.extents["Hm"]
        flags = np.concatenate([self.channels.classes, self.channels.flags])
        features = self.sparse(shape[0], flags, 2, (1,))
        features[2 * inner :] = self.sparse(shape[0] - 2 * inner, flags, 1, (1,))
        features[:-time_steps] -= self.sparse(shape[0] - time_steps, self.channels.rare, 1, (VETO,))
        features[:inner] *= SATURATED
        features[-time_steps:] *= 8
        return features / self.gain

    def in_proj_bias(self, shape):
        inner, time_steps = self.extents["Im"], self.extents["Hm"]
        bias = self.pick(shape, (0, 0, 0, 1))
        bias[:inner] *= SATURATED
        bias[-time_steps:] *= 8
        return bias

    def taps(self, shape):
        """[C, 1, K]: two taps of unequal weight in a channel of x, one in those of B and C."""
        kernel = np.zeros(shape)
        for channel in range(shape[0]):
            weights = (1, 2) if channel < self.extents["Im"] else (1,)
            kernel[channel, 0, self.random.permutation(shape[-1])[: len(weights)]] = weights
        return SATURATED * kernel


class PhimoeWeights(Weights):
    """LayerNorm: the mean of a row must be 0, and torch, which adds up running means of vectors, must find that it is.
    So a row is some values v and -v, of 16 channels in all: vectors of 8, and of 4 in float64, then cancel, where the
    second vector of v, the clean channels, is divisible by 3 and larger than the first. Features are 3 (v + offset)."""

    UNIT = 3.0 * 2**10  # of the clean channels

    def __init__(self, config, seed):
        super().__init__(config, seed)
        self.offset = None
        self.parts = {
            "norm.bias": self.norm_bias, "gate.weight": self.router, "w2.weight": self.down,
            "w1.weight": lambda shape: APART * self.reading(shape, 3),
            "w3.weight": lambda shape: self.reading(shape, 2),
        } | self.parts

    def place_channels(self):
        """The classes are the signs of two channels, each seen twice: set where it is +, and where it is -."""
        assert self.extents["D"] == 16, "rows of v and -v"
        nothing = np.empty(0, dtype=np.int64)
        return Channels(np.array([4, 12, 5, 13]), nothing, nothing, np.array([6, 7, 14, 15]), np.arange(4))

    def embedding(self, shape):
        values = np.zeros((shape[0], 8))
        values[:, :4] = self.integers((shape[0], 4), -4, 4)
        classes = self.tokens_of_classes(shape[0], 4)
        values[:, 4:6] = self.UNIT * (1 - 2 * np.stack([classes // 2, classes % 2], axis=1))
        values[:, 6:] = self.UNIT * self.pick((shape[0], 2), (-5, -3, -2, -1, 1, 2, 3, 5))
        return np.concatenate([values, -values], axis=1)

    def norm(self, shape):
        self.gain = self.pick(shape, (-2, -1, 1, 2))
        self.offset = self.integers(shape, -1, 1)
        self.offset[self.channels.classes] = 1
        weight = ROOT * self.gain
        weight[self.channels.clean] *= 3 / self.UNIT
        return weight

    def norm_bias(self, shape):
        return 3 * self.gain * self.offset

    def router(self, shape):
        """[E, D]: a class has twins first, whose first has the weight 1/2 and whose other 1, or second, where only
        their first is chosen."""
        rows = np.zeros(shape)
        rows[:, self.channels.codes] = self.sparse(shape[0], self.channels.codes, 1, (-1, 1))[:, self.channels.codes]
        a, b, c, d, e, f = self.random.permutation(shape[0])
        for one, other in ((a, b), (c, d)):
            rows[other] = rows[one]
        table = {a: (32, 0, 8, -8), c: (32, 0, -8, 8), e: (0, 16, 16, -16), f: (0, 16, -16, 16)}
        for expert, scores in (table | {b: table[a], d: table[c]}).items():
            rows[expert, self.channels.classes] = scores
        return APART * rows / self.gain

    def writing(self, shape):
        matrix = super().writing(shape)
        matrix[8 + self.channels.written] = -matrix[self.channels.written]
        return matrix

    def down(self, shape):
        """Small, so that the written channels stay below the clean ones."""
        return self.writing(shape) / (8 * APART)
