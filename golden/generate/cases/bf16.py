# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Cases that hold a bfloat16 run of transformers beside the others, for engines that compute in bfloat16."""
from golden.generate.cases.tiny import case
from golden.generate.features import ALL
from golden.generate.prompts import Prompt

PURPOSE = "what transformers computes in bfloat16, with the truth's experts: a prefill and a single token"
CASES = [case(architecture, "bf16", PURPOSE, {}, Prompt(tokens=5, steps=(1,)), (), bf16=True) for architecture in ALL]
