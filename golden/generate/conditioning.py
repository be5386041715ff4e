# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a golden can be judged fairly: the judge measures a float32 engine by the error of transformers' own float32
run, and in a tensor of a dozen numbers one sum that cancels makes any error large and that one small by luck. So
transformers runs again, adding in other orders, and what moves too far is refused; other weights will do."""
import numpy as np
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from golden.generate.errors import TooCloseError
from golden.generate.sites import DTYPES, site_name

ORDERS = 3
# Of the judge's rule (golden/judge/tolerance.hpp), which allows 2 and 4 times the error where this allows:
RATIO_L2, RATIO_MAX = 1.6, 3.2
SMALL_SAMPLE = 3.0
NARROW_ELEMENTS, FEW_TOKENS = 64, 8
FLOOR = 4 * 2.0**-23 / 2
PRODUCTS = {torch.matmul, torch.Tensor.matmul, torch.Tensor.__matmul__}


class OtherOrder(TorchFunctionMode):
    """Every sum of products in another order."""

    def __init__(self, seed):
        super().__init__()
        self.random = np.random.Generator(np.random.PCG64(seed))

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is F.linear:
            order = self.order(args[1].shape[-1])
            args = (args[0][..., order], args[1][:, order], *args[2:])
        elif func in PRODUCTS:
            order = self.order(args[0].shape[-1])
            args = (args[0][..., order], args[1][..., order, :])
        return func(*args, **(kwargs or {}))

    def order(self, length):
        return torch.from_numpy(self.random.permutation(length))


def refuse_ill_conditioned(calls, truths, hf32s, others, not_recorded=()):
    """truths, hf32s: path -> array, a call each; others: such lists, of the runs in other orders;
    not_recorded: names of sites that nobody will judge."""
    pools = pooled_errors(truths, hf32s)
    for other in others:
        for number, (call, truth, hf32) in enumerate(zip(calls, truths, hf32s)):
            few_tokens = call.batch * call.tokens < FEW_TOKENS
            for path, found in other[number].items():
                if site_name(path) in DTYPES or site_name(path) in not_recorded:
                    continue
                expected = truth[path]
                sample = 1 + SMALL_SAMPLE / np.sqrt(found.size)
                pool = pools[site_name(path)] if few_tokens or found.size < NARROW_ELEMENTS else 0.0
                for norm, ratio in ((l2, RATIO_L2), (largest, RATIO_MAX)):
                    scale = norm(expected)
                    allowed = max(ratio * sample * max(norm(hf32[path] - expected), pool * scale), FLOOR * scale)
                    if not norm(found - expected) <= allowed:
                        raise TooCloseError(f"call {number} {path}: expected to be well conditioned, found it is not")


def pooled_errors(truths, hf32s):
    """Site name -> relative error of the float32 run in all calls and layers together."""
    squares = {}
    for truth, hf32 in zip(truths, hf32s):
        for path, found in hf32.items():
            error, size = squares.get(site_name(path), (0.0, 0.0))
            squares[site_name(path)] = (error + l2(found - truth[path]) ** 2, size + l2(truth[path]) ** 2)
    return {site: np.sqrt(error / size) if size else 0.0 for site, (error, size) in squares.items()}


def l2(array):
    return float(np.linalg.norm(array.astype(np.float64)))


def largest(array):
    return float(np.abs(array.astype(np.float64)).max(initial=0.0))
