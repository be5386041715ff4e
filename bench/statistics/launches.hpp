// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which samples belong together: how many in a row come from one launch of the process, and how many are one value.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "bench/result/result.hpp"

namespace assay::bench {

/// The setting "samples_per_launch"; 1 where it is not there. Throws Error, naming `file`, where it is no number.
[[nodiscard]] std::size_t samples_per_launch(const Result& result, const std::string& file);

/// The setting "samples_per_pair": of so many samples in a row the quickest stands for all; 1 where it is not there.
/// Throws Error, naming `file`, where it is no number, or none that samples_per_launch is a multiple of.
[[nodiscard]] std::size_t samples_per_pair(const Result& result, const std::string& file);

/// The quickest (real time) of every `group` samples; groups are whole.
[[nodiscard]] std::vector<Sample> quickest_of_each(std::span<const Sample> samples, std::size_t group);

}  // namespace assay::bench
