// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// A golden whose calls have every input, flag and cache of the format. Its values are made up: it is for those who read
// and write goldens, not for engines.
#pragma once

#include "tests/support/golden_copy.hpp"

namespace assay::test {

/// Four calls to a hybrid of an attention and a Mamba2 layer: one with labels and all outputs, one of embeddings with
/// chosen logits, one that goes on with a cache of the caller's, one of packed sequences.
class WholeApiGolden : public GoldenCopy {
 public:
  WholeApiGolden();
};

}  // namespace assay::test
