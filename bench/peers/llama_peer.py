# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The worker of llama.cpp, through the C interface that the PyPI package llama-cpp-python opens. The cache is float32:
its default is float16, and arithmetic is to be float32 everywhere; so is its flash attention off, which computes in
float16 on a CPU and moves logits by 4e-3, where without it they are within 3e-6 of those of transformers. With BF16
weights llama.cpp rounds activations to bfloat16 before a product; that is its only way."""
import time

import numpy as np

from bench.peers import worker

PHYSICAL_BATCH = 512  # llama.cpp's own default
GGML_TYPE_F32 = 0


def main():
    parser = worker.options("measures llama.cpp")
    parser.add_argument("--gguf", required=True)
    parser.add_argument("--vocabulary", type=int, required=True)
    options = parser.parse_args()

    import llama_cpp as llama

    messages = []
    keep = llama.llama_log_callback(lambda level, text, _: messages.append(text.decode(errors="replace")))
    llama.llama_log_set(keep, None)
    llama.llama_backend_init()
    ids = worker.read_ids(options.ids)
    start = time.perf_counter()
    model = llama.llama_model_load_from_file(options.gguf.encode(), llama.llama_model_default_params())
    if not model:
        raise RuntimeError("llama.cpp could not load the model: " + first_error(messages))
    context = llama.llama_init_from_model(model, context_parameters(llama, options, len(ids)))
    if not context:
        raise RuntimeError("llama.cpp could not make a context: " + first_error(messages))
    load_seconds = time.perf_counter() - start

    def reset():
        llama.llama_memory_clear(llama.llama_get_memory(context), True)

    def step(tokens):
        array = (llama.llama_token * len(tokens))(*tokens)
        status = llama.llama_decode(context, llama.llama_batch_get_one(array, len(tokens)))
        if status != 0:
            raise RuntimeError(f"llama_decode returned {status}: {first_error(messages)}")
        return np.ctypeslib.as_array(llama.llama_get_logits_ith(context, -1), shape=(options.vocabulary,))

    times = worker.measure(reset, step, ids, options.decode)
    worker.report(times, load_seconds, f"llama-cpp-python {llama.__version__}", options.logits)


def context_parameters(llama, options, prompt):
    parameters = llama.llama_context_default_params()
    parameters.n_ctx = (prompt + options.decode + 1 + 255) // 256 * 256
    parameters.n_batch = max(prompt, PHYSICAL_BATCH)
    parameters.n_ubatch = PHYSICAL_BATCH
    parameters.n_threads = parameters.n_threads_batch = options.threads
    parameters.type_k = parameters.type_v = GGML_TYPE_F32
    parameters.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
    parameters.no_perf = True
    return parameters


def first_error(messages):
    errors = [text.strip() for text in messages if "error" in text or "fail" in text]
    return errors[0] if errors else "no message"


if __name__ == "__main__":
    worker.run_worker(main)
