// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The options that choose how tokens are chosen: --temperature, --top-k, --top-p, --min-p, --repetition-penalty,
// --seed.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <cstdint>

#include "generation/decoding.hpp"

namespace assay {

struct DecodingOptions {
  generation::Decoding decoding;
  std::uint64_t seed = 0;  ///< of the draws; means something only where decoding samples
};

void add_decoding_options(boost::program_options::options_description& description);

/// Samples where any option but --repetition-penalty is given. Throws UsageError of what is no number or out of range.
[[nodiscard]] DecodingOptions decoding_options(const boost::program_options::variables_map& values);

}  // namespace assay
