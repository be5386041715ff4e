// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Small models of every architecture with weights made up from a counter, and runs of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/config/manifest.hpp"
#include "model/engine.hpp"
#include "tests/support/owned_call.hpp"

namespace assay::test {

struct SmallModel {
  std::string name;
  std::string config_text;
  bool packs_by_position = true;  ///< not the hybrid
};

/// The four architectures, and the variants whose path through the engine differs.
[[nodiscard]] std::vector<SmallModel> small_models();

/// Those without a language head: the bare models, and the classification of PhiMoE with the pad id 0.
[[nodiscard]] std::vector<SmallModel> models_of_other_heads();

/// Float32 values for every tensor of the manifest; equal for equal names, shapes and counters on every machine.
class MadeUpWeights {
 public:
  explicit MadeUpWeights(const Config& config);
  [[nodiscard]] Weights weights() const;
  [[nodiscard]] const std::vector<float>& values(const std::string& name) const;

 private:
  struct Named {
    ExpectedTensor tensor;
    std::vector<float> values;
  };
  std::vector<Named> tensors_;
};

/// A shown value, kept.
struct Seen {
  ProbePoint point;
  Shape shape;
  std::vector<double> values;
};

[[nodiscard]] std::vector<double> to_doubles(const ConstValues& values);

class Recorder final : public Observer {
 public:
  void observe(const ProbePoint& point, const SiteValue& value) override;
  [[nodiscard]] const std::vector<Seen>& seen() const { return seen_; }
  /// The value at a site of a layer, or at one of the model; the test fails where it was not shown.
  [[nodiscard]] const Seen& at(Site site, std::optional<LayerIndex> layer = std::nullopt) const;

 private:
  std::vector<Seen> seen_;
};

/// The logits of a call.
[[nodiscard]] std::vector<double> run(Engine& engine, const OwnedCall& call, const Probe& probe = Probe());

/// The logits of tokens first to first + count of row `row`, from those of a batch.
[[nodiscard]] std::vector<double> tokens_of(const std::vector<double>& logits, const OwnedCall& call, std::size_t row,
                                            std::size_t first, std::size_t count);

/// Columns first to first + count of the ids.
[[nodiscard]] Rows columns_of(const Rows& rows, std::size_t first, std::size_t count);

/// Every element within `relative` times the largest expected one.
void expect_close(const std::vector<double>& actual, const std::vector<double>& expected, double relative);

}  // namespace assay::test
