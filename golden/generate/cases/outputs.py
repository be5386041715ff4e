# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Cases of what a model returns: logits that are kept, the tuples, losses, and models with another head or none."""
from golden.generate.architectures import BARE_MODELS, CLASSIFIER
from golden.generate.cases.tiny import besides, case
from golden.generate.features import ALL, HYBRID, MOE, PHIMOE, SHARED
from golden.generate.prompts import Prompt

NONE_BUT_THE_LAST = besides("layer_out")
EVERYTHING = ("hidden_states", "attentions", "router_logits")


def of(architecture):
    def add(name, purpose, prompt, *covers, config=None, committed=(), not_recorded=NONE_BUT_THE_LAST):
        return case(
            architecture, name, purpose, config or {}, prompt, covers, committed=architecture in committed,
            not_recorded=not_recorded,
        )

    yield add(
        "logits_to_keep", "the last logits, a number of them or those of a list, also in a continuation", (
            Prompt(tokens=5, steps=(3,), logits_to_keep=2),
            Prompt(tokens=5, use_cache=False, logits_positions=(4, 0, -2, 0)),
        ),
        "logits_to_keep", "logits_positions", committed=(MOE, HYBRID),
    )
    yield add(
        "tuples", "hidden states, attentions and router logits, in a prefill, a single token and a continuation",
        Prompt(tokens=4, steps=(1, 2), outputs=EVERYTHING), "hidden_states", "attentions", "router_logits", "aux_loss",
        config={} if architecture == HYBRID else {"num_hidden_layers": 2}, committed=(SHARED, HYBRID, PHIMOE),
        not_recorded=besides("embed_out", "attn_probs", "layer_out"),
    )
    yield add(
        "loss", "labels of all tokens", Prompt(tokens=5, use_cache=False, labels="all"), "loss", committed=(SHARED,),
    )
    yield add(
        "loss_holes", "labels with -100 among them, in a padded batch",
        Prompt(tokens=6, use_cache=False, labels="holes", left_pads=(2, 0)), "loss", "loss_holes",
        committed=(MOE, PHIMOE),
    )
    yield add(
        "num_items_in_batch", "a sum of losses over a number of the caller",
        Prompt(tokens=5, use_cache=False, labels="holes", num_items_in_batch=17), "num_items_in_batch",
        committed=(HYBRID,),
    )
    yield add(
        "aux_loss", "the balance of the experts, under a mask and without, and its part in the loss", (
            Prompt(tokens=5, use_cache=False, outputs=("router_logits",)),
            Prompt(tokens=5, use_cache=False, outputs=("router_logits",), left_pads=(3, 0), labels="all"),
        ),
        "aux_loss", "aux_loss_mask", "router_aux_loss_coef", config={"router_aux_loss_coef": 0.37},
        committed=(SHARED, HYBRID, PHIMOE),
    )
    yield add(
        "output_router_logits", "router logits because the config says so",
        Prompt(tokens=4, use_cache=False, labels="all"), "output_router_logits", "router_aux_loss_coef",
        config={"output_router_logits": True}, committed=(MOE,),
    )
    yield add(
        "bare", "the model without its head, in a cache", Prompt(tokens=4, steps=(1,), outputs=("hidden_states",)),
        "last_hidden_state", "hidden_states", config={"architectures": [BARE_MODELS[architecture]]}, committed=ALL,
    )
    if architecture == PHIMOE:
        yield from of_classifier(add)


def of_classifier(add):
    def classify(name, purpose, prompt, *covers, committed=(), labels=3, **config):
        fields = {"architectures": [CLASSIFIER], "id2label": {str(i): f"label {i}" for i in range(labels)}}
        return add(
            f"classify_{name}", purpose, prompt, "classification", *covers, config=fields | config, committed=committed,
        )

    yield classify(
        "right_pad", "classes; the last token that is no pad, pads on the right",
        Prompt(batch=3, tokens=5, use_cache=False, pad_ids=True, right_pads=(2, 0, 3), labels="classes"),
        "pooling_right", "single_label", committed=(PHIMOE,),
    )
    yield classify(
        "left_pad", "several labels at once; pads on the left and a row of pads",
        Prompt(batch=3, tokens=5, steps=(), use_cache=False, pad_ids=True, left_pads=(2, 0, 5), labels="floats"),
        "pooling_left", "multi_label", committed=(PHIMOE,),
    )
    yield classify(
        "embeds", "the last token of embeddings, whatever the mask says",
        Prompt(tokens=4, use_cache=False, embeds=True, right_pads=(2, 0), labels="classes"), "pooling_embeds",
        "single_label", committed=(PHIMOE,),
    )
    yield classify(
        "no_pad", "no pad id: the last token of one row", Prompt(batch=1, tokens=4, use_cache=False, labels="floats"),
        "pooling_no_pad", "regression", labels=1, pad_token_id=None, committed=(PHIMOE,),
    )
    yield classify(
        "regression", "one label: the squared error", Prompt(batch=3, tokens=3, use_cache=False, labels="floats"),
        "regression", labels=1, committed=(PHIMOE,),
    )
    yield classify(
        "problem_type", "a regression of several labels because the config says so",
        Prompt(tokens=4, use_cache=False, labels="floats", outputs=("hidden_states", "attentions")),
        "regression_several", problem_type="regression", committed=(PHIMOE,),
    )
    yield classify(
        "one_class_set", "classes because the config says so", Prompt(tokens=3, use_cache=False, labels="classes"),
        "single_label", problem_type="single_label_classification",
    )
    yield classify(
        "multi_label_set", "several labels because the config says so",
        Prompt(tokens=3, use_cache=False, labels="floats"), "multi_label", problem_type="multi_label_classification",
    )
    yield classify(
        "cache", "pooling of a prefill and of single tokens", Prompt(tokens=3, steps=(1,)), "prefill",
    )


CASES = [made for architecture in ALL for made in of(architecture)]
