# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""What runs of a model are off by, site by site: the figures of golden/FORMAT.md, "Null distribution". numpy alone."""
import numpy as np

from golden.generate.errors import CannotError
from golden.generate.sites import site_name

UNIT = {"hf32": 2.0**-24, "hf_bf16": 2.0**-8}  # u
CONSTANTS = {"rope_inv_freq", "loss", "aux_loss", "hidden_states", "attentions", "router_margin"}
HEADS_ARE_COLUMNS = {"attn_scores", "attn_probs", "ssm_state"}
HEADS_TIMES_CHANNELS = {"q_rope", "k_rope", "cache_k", "cache_v"}
BLOCK_ELEMENTS = 1 << 22  # of sites that are measured at once
NOT_SHOWN = -1.0
STORED_BITS = 12  # of a mantissa: no figure of noise means more, and the rest would not compress


def is_measured(path, array):
    return site_name(path) not in CONSTANTS and array.dtype.kind == "f"


def as_matrix(path, array):
    """Rows and columns of a site as golden/FORMAT.md has them."""
    if site_name(path) in HEADS_ARE_COLUMNS:
        array = np.moveaxis(array, 1, -1)
    elif site_name(path) in HEADS_TIMES_CHANNELS:
        array = np.moveaxis(array, 1, 2)
        return array.reshape(array.shape[0] * array.shape[1], -1)
    return array.reshape(-1, array.shape[-1])


class Block:
    """Some sites of a call, one behind the other in flat arrays: hundreds of small sites cost a few calls of numpy."""

    def __init__(self, paths, expected):
        self.paths = paths
        matrices = [as_matrix(path, expected[path]).astype(np.float64) for path in paths]
        sizes = np.array([matrix.size for matrix in matrices])
        self.heights = np.array([matrix.shape[0] for matrix in matrices])
        self.widths = np.array([matrix.shape[1] for matrix in matrices])
        self.expected = np.concatenate([matrix.ravel() for matrix in matrices])
        self.sites = starts_of(sizes)
        self.rows = starts_of(np.repeat(self.widths, self.heights))
        self.columns = starts_of(np.repeat(self.heights, self.widths))
        self.transposed = np.concatenate([
            start + np.arange(matrix.size).reshape(matrix.shape).T.ravel()
            for start, matrix in zip(self.sites, matrices)
        ])
        self.norms = np.sqrt(np.add.reduceat(self.expected**2, self.sites))
        self.elements, self.largest = sizes, np.maximum.reduceat(np.abs(self.expected), self.sites)

    def norms_of(self, values):
        """Flat values -> the norms of their rows and of their columns."""
        squares = values * values
        return (
            np.sqrt(np.add.reduceat(squares, self.rows)),
            np.sqrt(np.add.reduceat(squares[self.transposed], self.columns)),
        )

    def measure(self, values):
        """values: path -> array. Figures of what is off, of all sites, rows and columns."""
        found = np.concatenate([
            as_matrix(path, values[path]).ravel().astype(np.float64) if path in values else self.expected[start:end]
            for path, start, end in zip(self.paths, self.sites, [*self.sites[1:], self.expected.size])
        ])
        error = found - self.expected
        if not np.isfinite(error).all():
            raise CannotError(f"null: expected finite values, found NaN or infinity in one of {', '.join(self.paths)}")
        rows, columns = self.norms_of(error)
        along = np.add.reduceat(error * self.expected, self.sites)
        return {
            "l2": np.sqrt(np.add.reduceat(rows**2, starts_of(self.heights))),
            "max": np.maximum.reduceat(np.abs(error), self.sites),
            "bias": np.divide(along, self.norms, out=np.zeros_like(along), where=self.norms > 0),
            "rows": rows, "columns": columns,
            "shown": np.array([path in values for path in self.paths]),
        }


class CallNoise:
    """Takes runs of one call, and keeps of each what it was off by."""

    def __init__(self, expected, unit, not_recorded=()):
        """expected: path -> array, in the order of execution."""
        paths = [
            path for path, array in expected.items()
            if is_measured(path, array) and site_name(path) not in not_recorded
        ]
        self.paths, self.unit = paths, unit
        self.blocks = [Block(group, expected) for group in grouped(paths, expected)]
        self.logits = expected.get("logits") if "logits" in paths else None
        self.runs, self.kl = [], []

    def add(self, values):
        parts = [block.measure(values) for block in self.blocks]
        self.runs.append({name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {})
        if self.logits is not None:
            divergence = kl_divergence(self.logits, values["logits"])
            self.kl.append([divergence.mean(), divergence.max()])

    def is_as(self, one, other):
        """Whether two runs are off by the same, as far as both show sites."""
        one, other = self.runs[one], self.runs[other]
        both = one["shown"] & other["shown"] if one else True
        return not one or all(np.array_equal(one[name][both], other[name][both]) for name in ("l2", "max", "bias"))

    def drop_last(self):
        self.runs.pop()
        if self.kl:
            self.kl.pop()

    def figures(self):
        """The datasets of the call by name, but for what is not there: kl of calls without logits, and anything of
        calls without a site."""
        if not self.paths:
            return {}
        stacked = {name: np.stack([run[name] for run in self.runs]) for name in self.runs[0]}
        shown, l2 = stacked["shown"], stacked["l2"]
        others = rms_of_others(l2, shown)
        heights, widths = (np.concatenate([getattr(b, name) for b in self.blocks]) for name in ("heights", "widths"))
        result = {name: np.where(shown, stacked[name], NOT_SHOWN) for name in ("l2", "max", "bias")}
        for name, counts, place in (("rows", heights, 0), ("columns", widths, 1)):
            errors, seen = stacked[name], np.repeat(shown, counts, axis=1)
            scale = np.concatenate([block.norms_of(block.expected)[place] for block in self.blocks])
            whole = np.repeat(np.concatenate([block.norms for block in self.blocks]), counts)
            share = np.divide(scale, whole, out=np.zeros_like(scale), where=whole > 0)
            floor = np.maximum(4 * self.unit * scale, share * np.repeat(others, counts, axis=1) / 2)
            ratios = ratio(errors, np.maximum(rms_of_others(errors, seen), floor))
            worst = np.maximum.reduceat(ratios, starts_of(counts), axis=1)
            result[f"{name.removesuffix('s')}_ratio"] = np.where(shown, worst, NOT_SHOWN)
            result[name] = np.sqrt((errors**2 * seen).sum(0) / seen.sum(0)).astype(np.float32)
        if self.kl:
            result |= {"kl": np.array(self.kl), "kl_floor": np.array(kl_floors(self.logits, self.unit))}
        return {name: shortened(array) for name, array in result.items()}


def starts_of(sizes):
    return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)


def grouped(paths, expected):
    groups, elements = [], BLOCK_ELEMENTS
    for path in paths:
        elements += expected[path].size
        if elements > BLOCK_ELEMENTS:
            groups.append([])
            elements = expected[path].size
        groups[-1].append(path)
    return groups


def rms_of_others(values, shown):
    """values, shown [runs, n] -> [runs, n]: of each run the root mean square over all others that show it."""
    squares = np.where(shown, values, 0) ** 2
    return np.sqrt(np.maximum(squares.sum(0) - squares, 0) / np.maximum(shown.sum(0) - shown, 1))


def ratio(values, scale):
    """values / scale, and 0 where both are 0."""
    return np.divide(values, scale, out=np.where(values > 0, np.inf, 0.0), where=scale > 0)


def kl_divergence(expected, found):
    """KL(softmax expected, softmax found) of each row. With d the difference of the logits less its mean under p, it is
    log(1 + sum p (e^d - 1 - d)): no difference of numbers that nearly cancel, as sum p log(p / q) is at 1e-14."""
    expected = expected.reshape(-1, expected.shape[-1]).astype(np.float64)
    difference = found.reshape(expected.shape).astype(np.float64) - expected
    weights = np.exp(expected - expected.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    difference -= (weights * difference).sum(axis=-1, keepdims=True)
    series = difference**2 * (1 / 2 + difference * (1 / 6 + difference / 24))
    excess = np.where(np.abs(difference) < 1e-3, series, np.expm1(difference) - difference)
    return np.log1p((weights * excess).sum(axis=-1))


def kl_floors(expected, unit):
    """Of the mean and of the largest: that of errors whose spread is four roundings of the row's largest logit."""
    largest = np.abs(expected.reshape(-1, expected.shape[-1]).astype(np.float64)).max(axis=-1)
    floors = (4 * unit * largest) ** 2 / 2
    return floors.mean(), floors.max()


def shortened(array):
    """Rounded to STORED_BITS."""
    mantissa, exponent = np.frexp(array)
    return np.ldexp(np.rint(np.ldexp(mantissa, STORED_BITS)), exponent - STORED_BITS).astype(array.dtype)
