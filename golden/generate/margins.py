# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Router margins: how far each token is from another routing decision. Taken from the float64 run."""
import numpy as np

# golden/FORMAT.md: where no other decision exists the margin is the largest finite double.
NO_OTHER_DECISION = np.finfo(np.float64).max


def top_k_margin(logits, top_k):
    """logits [T, E] -> [T]: the gap between the k-th logit and the next."""
    ranked = -np.sort(-np.asarray(logits, dtype=np.float64), axis=-1)
    if top_k >= ranked.shape[-1]:
        return np.full(ranked.shape[0], NO_OTHER_DECISION)
    return ranked[:, top_k - 1] - ranked[:, top_k]


def sparsemixer_margin(logits, jitter):
    """logits [T, E] -> [T]: PhimoeTopKRouter at inference, `sparsemixer` of modeling_phimoe.py.

    An expert is dropped where (m - s)/f > 2*jitter with f = max(|s|, m); f > 0 but at ties, so the side it is on is the
    sign of (m - s) - 2*jitter*f. If every logit moves by less than x, m - s moves by less than 2x and f by less than x,
    hence the division by 1 + jitter. The winners themselves are never up for decision in their own band: m - s is 0.
    """
    scores = np.asarray(logits, dtype=np.float64)
    return np.array([_sparsemixer_margin(row, jitter) for row in scores]) / (1 + jitter)


def _sparsemixer_margin(scores, jitter):
    decisions = [NO_OTHER_DECISION]
    remaining = np.arange(scores.size)
    for _ in range(2):
        winner = remaining[np.argmax(scores[remaining])]
        best = scores[winner]
        remaining = remaining[remaining != winner]
        others = scores[remaining]
        factor = np.maximum(np.abs(others), best)
        decisions.extend(best - others)
        decisions.extend(np.abs((best - others) - 2 * jitter * factor))
    return min(decisions)


def router_margin(config, logits):
    """logits [T, E] of one layer -> [T]."""
    if config.model_type == "phimoe":
        return sparsemixer_margin(logits, config.router_jitter_noise)
    return top_k_margin(logits, config.num_experts_per_tok)


def has_order_tie(config, logits):
    """Two equal logits among the chosen: torch.topk leaves their order open, so the slots would mean nothing."""
    chosen = 2 if config.model_type == "phimoe" else config.num_experts_per_tok
    ranked = -np.sort(-np.asarray(logits), axis=-1)[:, : chosen + 1]
    return bool((ranked[:, 1:] == ranked[:, :-1]).any())
