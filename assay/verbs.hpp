// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The verbs of the program; each lives in a file of its own name. They return the exit code and throw Error or
// UsageError.
#pragma once

#include "assay/options.hpp"

namespace assay {

/// Runs every call of every golden through an engine and judges every site.
int verify(const Arguments& arguments);

/// Writes an engine's own values of every site, in the layout of a golden.
int dump(const Arguments& arguments);

/// Judges recorded values by a golden or by other recorded values.
int diff(const Arguments& arguments);

/// Shows what is inside a golden, a dump or a checkpoint.
int inspect(const Arguments& arguments);

/// Goes on with token ids, greedily, and measures it.
int run(const Arguments& arguments);

/// Times prompts and decoding, and checks what is timed. (`bench` is the room.)
int benchmark(const Arguments& arguments);

/// Tests the judge with engines that are wrong. (`selftest` is the room.)
int self_test(const Arguments& arguments);

/// Compares stored results of benchmarks, or shows them. (`reports` is the room.)
int report(const Arguments& arguments);

}  // namespace assay
