# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The classes of transformers that goldens are made of, by model_type. Names only, no torch."""

ARCHITECTURES = {
    "granitemoe": "GraniteMoeForCausalLM", "granitemoeshared": "GraniteMoeSharedForCausalLM",
    "granitemoehybrid": "GraniteMoeHybridForCausalLM", "phimoe": "PhimoeForCausalLM",
}
BARE_MODELS = {
    model_type: name.replace("ForCausalLM", "Model") for model_type, name in ARCHITECTURES.items()
}
CLASSIFIER = "PhimoeForSequenceClassification"  # the one of its kind
