# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The worker of transformers: one dtype and one kernel of the experts, with the attention that it chooses itself."""
import time

from bench.peers import worker

DTYPES = {"f32": "float32", "bf16": "bfloat16"}
EXPERTS = ("eager", "grouped_mm", "batched_mm")


def main():
    parser = worker.options("measures transformers")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--weights", choices=DTYPES, required=True)
    parser.add_argument("--experts", choices=EXPERTS, help="left out for a model without experts")
    options = parser.parse_args()

    import torch
    import transformers

    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    kernel = {} if options.experts is None else {"experts_implementation": options.experts}
    start = time.perf_counter()
    model = transformers.AutoModelForCausalLM.from_pretrained(
        options.checkpoint, dtype=getattr(torch, DTYPES[options.weights]), local_files_only=True, **kernel
    ).eval()
    load_seconds = time.perf_counter() - start
    cache = None

    def reset():
        nonlocal cache
        cache = transformers.DynamicCache(config=model.config)

    def step(ids):
        output = model(torch.tensor([ids]), past_key_values=cache, use_cache=True, logits_to_keep=1)
        return output.logits[0, -1].float().numpy()

    times = worker.measure(reset, step, worker.read_ids(options.ids), options.decode)
    version = f"transformers {transformers.__version__}, torch {torch.__version__}"
    worker.report(times, load_seconds, version, options.logits)


if __name__ == "__main__":
    worker.run_worker(main)
