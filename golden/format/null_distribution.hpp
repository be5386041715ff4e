// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The null distribution of a golden: what the float32 (or bfloat16) run of transformers and other runs that are equally
// right were off by (golden/FORMAT.md).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "golden/format/golden_file.hpp"

namespace assay::golden {

/// Of one site of one call, over all runs.
struct SiteNoise {
  double max_abs = 0;              ///< root mean square of the largest |e|
  std::span<const float> rows;     ///< root mean square of ||e|| of each row (golden/format/site_matrix.hpp)
  std::span<const float> columns;  ///< the same of each column
};

/// KL(softmax expected, softmax of a run) over the rows of the logits of one call, in nats: means over all runs.
struct LogitsNoise {
  double mean = 0;
  double max = 0;
};

class NullDistribution {
 public:
  /// Fewer runs are no distribution.
  static constexpr std::size_t least_runs = 16;

  /// Nothing where the golden has none of `yardstick` (hf32 or hf_bf16). Throws Error on what is no distribution: too
  /// few runs, a wrong shape, a value that is negative or not finite.
  [[nodiscard]] static std::optional<NullDistribution> read(const GoldenFile& golden, Values yardstick);

  [[nodiscard]] std::size_t runs() const { return runs_; }

  /// Nothing for a site without noise (has_noise) or that the golden does not hold.
  [[nodiscard]] std::optional<SiteNoise> find(CallIndex call, const ProbePoint& point) const;
  [[nodiscard]] std::optional<LogitsNoise> logits(CallIndex call) const { return calls_[call.value].logits; }

 private:
  struct Place {
    ProbePoint point;
    double max_abs = 0;
    std::size_t first_row = 0;
    std::size_t rows = 0;
    std::size_t first_column = 0;
    std::size_t columns = 0;
  };
  struct OfCall {
    std::vector<Place> sites;
    std::vector<float> rows;
    std::vector<float> columns;
    std::optional<LogitsNoise> logits;
  };

  [[nodiscard]] OfCall read_call(const GoldenFile& golden, CallIndex call, Values yardstick) const;

  std::size_t runs_ = 0;
  std::vector<OfCall> calls_;
};

/// The same of a generation: of the logits of each step and row.
struct GenerationNoise {
  double max_abs = 0;       ///< root mean square over all runs of the largest |e|
  std::vector<float> rows;  // [N * B]: root mean square of ||e|| of each step and row
};

/// Nothing where the golden has none. `steps` and `rows` are those of its generation. Throws Error as
/// NullDistribution::read.
[[nodiscard]] std::optional<GenerationNoise> read_generation_noise(const GoldenFile& golden, std::size_t steps,
                                                                   std::size_t rows);

/// The hash that the gates of a golden name (golden/FORMAT.md, "Gates").
[[nodiscard]] std::string null_sha256(const GoldenFile& golden);

}  // namespace assay::golden
