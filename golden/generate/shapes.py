# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""config.json of the published checkpoints, as their files spell it (transformers 4.x): the files of model/published, which
the program holds as well. Left out are two whose fields could not be confirmed: moe-7b-1b-active-shared-experts and
granite-4.0-tiny-preview. The factors of Phi-3.5-MoE's long rope are of the published kind, not the published ones."""
import json
from pathlib import Path

from golden.generate.errors import CannotError

ENDINGS = ("", "-base", "-instruct")
FOLDER = Path(__file__).resolve().parents[2] / "model" / "published"
SHAPES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


def stem(name):
    for ending in ENDINGS[1:]:
        name = name.removesuffix(ending)
    return name


def find_shape(name):
    """config.json fields of a checkpoint. Without its ending a name means the one there is, or the base model; a name
    with another ending is taken where base and instruct share their shape."""
    if name in SHAPES:
        return dict(SHAPES[name])
    candidates = [known for known in SHAPES if stem(known) == stem(name)]
    if len(candidates) == 1 or (candidates and name == stem(name)):
        return dict(SHAPES[candidates[0]])
    raise CannotError(f"--like {name}: expected one of {', '.join(SHAPES)}; found no such shape")


def with_layers(fields, layers):
    """The first `layers` layers; of a hybrid so that both kinds are among them where both exist."""
    known = fields["num_hidden_layers"]
    if not 1 <= layers <= known:
        raise CannotError(f"--layers: expected 1 to {known}, found {layers}")
    fields = fields | {"num_hidden_layers": layers}
    if "layer_types" in fields:
        kinds = fields["layer_types"]
        chosen = kinds[:layers]
        if layers > 1 and len(set(kinds)) > len(set(chosen)):
            chosen[-1] = "attention"  # the published order has the first attention layer deeper than that
        fields["layer_types"] = chosen
    return fields
