// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Reads a golden, or a dump of an engine in the same layout (golden/FORMAT.md). Opening checks everything that can
// be checked without reading the values: schema, config, inputs, and that every site is there with its shape and
// type. Values are read, and their checksums held, when they are asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "golden/format/recorded_call.hpp"
#include "model/config/config.hpp"
#include "model/files/hdf5.hpp"
#include "model/ids.hpp"
#include "model/site_plan.hpp"
#include "model/tensor_source.hpp"

namespace assay::golden {

enum class Kind { golden, dump };

/// Which of the values of a site: the pure float64 forward, the float32 model, the same run in bfloat16, or (in a
/// dump) the engine's own.
enum class Values { truth, hf32, hf_bf16, actual };

[[nodiscard]] std::string_view name(Values values);

/// A tensor of a checkpoint as a golden remembers it.
struct RecordedTensor {
  std::string dtype;
  Shape shape;
  std::string sha256;
};

/// The weights of a golden that holds none: where they were, and what they were.
struct RecordedCheckpoint {
  std::filesystem::path path;
  std::map<std::string, RecordedTensor> tensors;
};

class GoldenFile {
 public:
  /// Throws Error. All missing, misshaped and mistyped datasets are listed at once.
  explicit GoldenFile(const std::filesystem::path& path);

  [[nodiscard]] const std::string& file() const { return reader_.file(); }
  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const std::string& case_name() const { return case_name_; }
  [[nodiscard]] std::int64_t seed() const { return seed_; }
  [[nodiscard]] const std::string& config_text() const { return config_text_; }
  /// Of a PhiMoE with the behaviour that the attribute phimoe_longrope names.
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] const std::string& provenance() const { return provenance_; }
  /// At least one, but for a golden that holds a generation.
  [[nodiscard]] const std::vector<RecordedCall>& calls() const { return calls_; }
  [[nodiscard]] bool has(Values values) const;

  /// Nothing where the weights are embedded.
  [[nodiscard]] const std::optional<RecordedCheckpoint>& checkpoint() const { return checkpoint_; }
  [[nodiscard]] bool has_embedded_weights() const { return weights_ == "embedded"; }

  /// "reference" and "f64" and so on, of a dump.
  [[nodiscard]] const std::string& engine() const { return engine_; }
  [[nodiscard]] const std::string& precision() const { return precision_; }

  /// What the engine of a dump declared not to show.
  [[nodiscard]] const std::vector<Site>& not_provided() const { return not_provided_; }

  /// Sites that no call of a golden holds: they are neither judged nor missing.
  [[nodiscard]] const std::vector<Site>& not_recorded() const { return not_recorded_; }
  [[nodiscard]] bool records(Site site) const;
  /// Whether a planned site can be judged: of a golden as above; of a dump, which may hold any part, whether it holds
  /// the site and those that it is judged by.
  [[nodiscard]] bool records(CallIndex call, const ProbePoint& point) const;

  /// What an engine is held against: the truth; without one the float32 model; of a dump its own values.
  [[nodiscard]] Values witness() const;

  /// Whether float32 makes no rounding at a site of this golden, whatever it adds first: engines must have its values.
  [[nodiscard]] bool is_exact(Site site) const;

  /// What a newer minor version gives reason to say.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  /// A floating-point site, widened. Throws Error on a bad checksum and, but in a dump, on NaN or infinity.
  [[nodiscard]] std::vector<double> values(CallIndex call, Values which, const ProbePoint& point) const;

  /// A routing or mask site.
  [[nodiscard]] std::vector<std::int64_t> integers(CallIndex call, Values which, const ProbePoint& point) const;

  /// For each token: no routing decision can change while each of its logits moves by less than half of this. Of a
  /// dump from its router logits.
  [[nodiscard]] std::vector<double> router_margin(CallIndex call, LayerIndex layer) const;

  [[nodiscard]] const Hdf5Reader& reader() const { return reader_; }

 private:
  void read_root();
  void read_phimoe_longrope();
  void read_calls();
  void check_sites() const;
  [[nodiscard]] std::string text(const std::string& dataset) const;
  [[nodiscard]] bool holds(CallIndex call, Site site, const std::optional<LayerIndex>& layer) const;

  Hdf5Reader reader_;
  Kind kind_ = Kind::golden;
  std::string case_name_;
  std::int64_t seed_ = 0;
  std::string weights_;
  std::string engine_;
  std::string precision_;
  std::vector<Site> not_provided_;
  std::vector<Site> not_recorded_;
  std::vector<Site> exact_;
  std::string config_text_;
  Config config_;
  std::string provenance_;
  std::optional<RecordedCheckpoint> checkpoint_;
  bool has_truth_ = false;
  bool has_bf16_ = false;
  std::vector<RecordedCall> calls_;
  std::vector<std::string> warnings_;
};

/// The embedded weights of a golden, in memory.
class EmbeddedWeights : public TensorSource {
 public:
  explicit EmbeddedWeights(const GoldenFile& golden);

  [[nodiscard]] const std::map<std::string, StoredTensor>& tensors() const override { return tensors_; }
  [[nodiscard]] const std::string& where() const override { return where_; }

 private:
  std::string where_;
  std::vector<std::vector<std::byte>> bytes_;
  std::map<std::string, StoredTensor> tensors_;
};

}  // namespace assay::golden
