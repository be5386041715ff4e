# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The part of the command line that records engines into dumps: record-transformers, record-llama-cpp."""
import argparse
from pathlib import Path

from golden.generate.versions import DEFAULT

ATTENTIONS = ("eager", "sdpa", "flash_attention_2", "flash_attention_3", "flex_attention")
EXPERTS = ("eager", "batched_mm", "grouped_mm")
DTYPES = ("float32", "bfloat16")


def add_adapters(commands):
    own = commands.add_parser(
        "record-transformers", help="a golden's calls by transformers in any setting, as a dump"
    )
    add_paths(own)
    own.add_argument("--attention", choices=ATTENTIONS, default="eager")
    own.add_argument("--experts", choices=EXPERTS, default="eager")
    own.add_argument("--dtype", choices=DTYPES, default="float32", help="of weights and computing")
    own.add_argument("--compile", action="store_true", help="with torch.compile")
    own.add_argument("--threads", type=threads, metavar="N", default=1)
    own.set_defaults(run=record_transformers)

    llama = commands.add_parser("record-llama-cpp", help="a golden's calls by llama.cpp on the CPU, as a dump")
    add_paths(llama)
    llama.add_argument("--threads", type=threads, metavar="N", default=1)
    llama.add_argument("--cache", choices=("f32", "f16"), default="f32", help="of keys and values (default f32)")
    llama.set_defaults(run=record_llama)


def add_paths(parser):
    parser.add_argument("golden", type=Path, metavar="GOLDEN")
    parser.add_argument("--out", type=Path, metavar="DUMP", required=True)


def threads(text):
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"expected 1 to 1024, found {text!r}")
    return int(text)


def record_transformers(options):
    from golden.generate import runtime

    runtime.prepare(DEFAULT)
    from golden.generate.adapters.transformers_setting import Setting, record_setting

    setting = Setting(options.attention, options.experts, options.dtype, options.compile, options.threads)
    print(record_setting(options.golden, options.out, setting))


def record_llama(options):
    from golden.generate import runtime

    runtime.prepare(DEFAULT)
    from golden.generate.adapters.llama_cpp_engine import record_llama_cpp

    print(record_llama_cpp(options.golden, options.out, options.threads, options.cache))
