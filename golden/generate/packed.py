# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Packed sequences of a hybrid, which transformers cannot compute on a CPU: its values of the sequences one by one,
joined along the tokens. Losses are taken of what was joined, by the functions of the library."""
import sys
from dataclasses import replace

import numpy as np
import torch

from golden.generate.errors import CannotError
from golden.generate.sites import ordered_sites


def split(call):
    """The call of each sequence."""
    return [
        replace(
            call, packed=None, labels=None, logits_to_keep=0, logits_positions=None, output_router_logits=False,
            **{
                name: getattr(call, name)[:, first:end]
                for name in ("input_ids", "inputs_embeds", "position_ids") if getattr(call, name) is not None
            },
        )
        for first, end in call.packed.borders
    ]


def join(model, layout, call, parts):
    """parts: what was captured of each sequence, path -> array."""
    shapes = ordered_sites(layout, replace(call, labels=None, output_router_logits=False))
    values = {
        path: join_site(path, letters.split(), [part[path] for part in parts])
        for path, letters in shapes.items() if path in parts[0]
    }
    if "logits" in values:
        add_losses(model, layout, call, values)
        kept = slice(-call.logits_to_keep, None) if call.logits_positions is None else call.logits_positions
        values["logits"] = values["logits"][:, kept]
    return values


def join_site(path, letters, parts):
    if "S" in letters:
        return block_diagonal(parts, letters.index("L"), letters.index("S"))
    for axis, letter in enumerate(letters):
        if letter in ("L", "T", "L'"):
            return np.concatenate(parts, axis=axis)
    if any(not np.array_equal(part, parts[0]) for part in parts):
        raise CannotError(f"{path}: expected the same in all packed sequences, found others; keep them short")
    return parts[0]


def block_diagonal(parts, rows, columns):
    """A token has neither score nor weight for the keys of another sequence."""
    shape = list(parts[0].shape)
    for axis in (rows, columns):
        shape[axis] = sum(part.shape[axis] for part in parts)
    whole = np.zeros(shape, dtype=parts[0].dtype)
    row = column = 0
    for part in parts:
        place = [slice(None)] * whole.ndim
        place[rows] = slice(row, row + part.shape[rows])
        place[columns] = slice(column, column + part.shape[columns])
        whole[tuple(place)] = part
        row += part.shape[rows]
        column += part.shape[columns]
    return whole


def add_losses(model, layout, call, values):
    aux_loss = 0.0
    if call.output_router_logits:
        logits = tuple(
            torch.from_numpy(values[f"layers/{index:03d}/router_logits"]) for index in range(len(layout.mixers))
        )
        balance = sys.modules[type(model).__module__].load_balancing_loss_func
        aux_loss = balance(logits, model.num_experts, model.num_experts_per_tok, None)
        values["aux_loss"] = aux_loss.numpy().reshape(1)
    if call.labels is not None:
        items = {"num_items_in_batch": call.num_items_in_batch} if call.num_items_in_batch else {}
        logits, labels = torch.from_numpy(values["logits"]), torch.from_numpy(call.labels)
        loss = model.loss_function(logits, labels, vocab_size=model.config.vocab_size, **items)
        loss += model.router_aux_loss_coef * aux_loss
        values["loss"] = loss.numpy().reshape(1)
