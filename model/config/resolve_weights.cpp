// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Finds the tensors of a manifest in a source under either of the two namings, and reports all that is wrong at once.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "model/config/manifest.hpp"
#include "model/error.hpp"

namespace assay {
namespace {

constexpr std::size_t max_problems = 20;
constexpr const char* embedding_name = "model.embed_tokens.weight";
constexpr const char* head_name = "lm_head.weight";

/// A place where a tensor of the manifest may be stored under transformers' own names of 5.23.0: the whole of
/// `name`, or a run of rows of it.
struct NativePlace {
  std::string name;
  Shape shape;                    ///< of the stored tensor
  std::size_t first_element = 0;  ///< where ours begins in it
};

/// How 5.23.0 names tensors inside when save_original_format=False.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> renamed = {{
    {"block_sparse_moe.input_linear.weight", "block_sparse_moe.experts.gate_up_proj"},
    {"block_sparse_moe.output_linear.weight", "block_sparse_moe.experts.down_proj"},
    {"block_sparse_moe.router.layer.weight", "block_sparse_moe.router.weight"},
    {"block_sparse_moe.gate.weight", "mlp.router.weight"},
}};

/// model.layers.3.block_sparse_moe.experts.5.w1.weight -> rows of model.layers.3.mlp.experts.gate_up_proj;
/// model.layers.3.block_sparse_moe.experts.act_fn.weight of phimoe -> model.layers.3.mlp.experts.act_fn.weight.
std::optional<NativePlace> native_expert(const ExpectedTensor& expected, std::size_t experts) {
  constexpr std::string_view marker = "block_sparse_moe.experts.";
  const std::size_t at = expected.name.find(marker);
  if (at == std::string::npos) return std::nullopt;
  const std::string layer = expected.name.substr(0, at);
  const std::string rest = expected.name.substr(at + marker.size());
  if (rest.starts_with("act_fn.")) return NativePlace{layer + "mlp.experts." + rest, expected.shape, 0};
  const std::size_t expert = std::stoul(rest);
  const std::string_view matrix = std::string_view(rest).substr(rest.find('.') + 1);
  const std::size_t rows = expected.shape[0];
  const std::size_t columns = expected.shape[1];
  if (matrix == "w2.weight") {
    return NativePlace{layer + "mlp.experts.down_proj", {experts, rows, columns}, expert * rows * columns};
  }
  const std::size_t half = matrix == "w1.weight" ? 0 : 1;  // gate first, then up
  return NativePlace{
      layer + "mlp.experts.gate_up_proj", {experts, 2 * rows, columns}, (2 * expert + half) * rows * columns};
}

std::optional<NativePlace> native_place(const ExpectedTensor& expected, std::size_t experts) {
  for (const auto& [older, newer] : renamed) {
    if (!expected.name.ends_with(older)) continue;
    const std::string layer = expected.name.substr(0, expected.name.size() - older.size());
    return NativePlace{layer + std::string(newer), expected.shape, 0};
  }
  return native_expert(expected, experts);
}

bool is_weight_dtype(DType dtype) {
  return dtype == DType::f64 || dtype == DType::f32 || dtype == DType::f16 || dtype == DType::bf16;
}

/// The tensors of a source under the names of a model with a head. A bare model is saved without "model.".
std::map<std::string, StoredTensor> with_prefix(const std::map<std::string, StoredTensor>& source, Head head) {
  constexpr std::string_view prefix = "model.";
  const auto has_prefix = [](const auto& tensor) { return tensor.first.starts_with(prefix); };
  if (head != Head::none || std::ranges::any_of(source, has_prefix)) return source;
  std::map<std::string, StoredTensor> renamed_source;
  for (const auto& [name, tensor] : source) renamed_source.emplace(std::string(prefix) + name, tensor);
  return renamed_source;
}

class Resolver {
 public:
  Resolver(const Config& config, const TensorSource& source)
      : source_(with_prefix(source.tensors(), common(config).head)), experts_(common(config).num_local_experts) {}

  void resolve(const ExpectedTensor& expected) {
    const std::optional<NativePlace> native = native_place(expected, experts_);
    const auto plain = source_.find(expected.name);
    const auto other = native ? source_.find(native->name) : source_.end();
    if (plain != source_.end() && other != source_.end()) {
      used_.insert(native->name);
      report(expected.name, "stored once", fmt::format("also as {}", native->name));
    }
    if (plain != source_.end()) {
      used_.insert(expected.name);
      if (fits(expected.name, expected.shape, plain->second)) found_.emplace(expected.name, plain->second);
    } else if (other != source_.end()) {
      const bool first_use = used_.insert(native->name).second;
      if (!first_use && misfits_.contains(native->name)) return;
      if (!fits(native->name, native->shape, other->second)) return;
      found_.emplace(expected.name, part(other->second, *native, expected.shape));
    } else {
      report(expected.name, to_string(expected.shape), "nothing");
    }
  }

  /// Tied: either of the two may be missing. Both present are both kept, as transformers 5.23.0 does.
  void resolve_tied(const Shape& shape) {
    const bool embedding = source_.contains(embedding_name);
    const bool head = source_.contains(head_name);
    if (embedding || !head) resolve({embedding_name, shape});
    if (head) resolve({head_name, shape});
    if (!embedding && found_.contains(head_name)) found_.emplace(embedding_name, found_.at(head_name));
    if (!head && found_.contains(embedding_name)) found_.emplace(head_name, found_.at(embedding_name));
  }

  void report_extra() {
    for (const auto& [name, tensor] : source_) {
      if (used_.contains(name) || name.ends_with("rotary_emb.inv_freq")) continue;
      report(name, "no such tensor", describe(tensor));
    }
  }

  [[nodiscard]] std::map<std::string, StoredTensor> release() { return std::move(found_); }
  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }

 private:
  static std::string describe(const StoredTensor& tensor) {
    return fmt::format("{} {} ({})", to_string(tensor.shape), name(tensor.dtype), tensor.file);
  }

  void report(const std::string& tensor, std::string_view expected, std::string_view found) {
    problems_.push_back(fmt::format("{}: expected {}, found {}", tensor, expected, found));
  }

  bool fits(const std::string& stored_name, const Shape& shape, const StoredTensor& stored) {
    if (stored.shape == shape && is_weight_dtype(stored.dtype)) return true;
    misfits_.insert(stored_name);
    report(stored_name, fmt::format("{} f64, f32, f16 or bf16", to_string(shape)), describe(stored));
    return false;
  }

  static StoredTensor part(const StoredTensor& whole, const NativePlace& place, const Shape& shape) {
    const std::size_t element_bytes = size_bytes(whole.dtype);
    StoredTensor tensor = whole;
    tensor.shape = shape;
    tensor.bytes = whole.bytes.subspan(place.first_element * element_bytes, elements(shape) * element_bytes);
    return tensor;
  }

  const std::map<std::string, StoredTensor> source_;
  std::size_t experts_;
  std::map<std::string, StoredTensor> found_;
  std::set<std::string> used_;
  std::set<std::string> misfits_;
  std::vector<std::string> problems_;
};

}  // namespace

Weights resolve_weights(const Config& config, const TensorSource& source) {
  const TransformerConfig& base = common(config);
  Resolver resolver(config, source);
  for (const ExpectedTensor& expected : manifest(config)) {
    if (base.tie_word_embeddings && base.head == Head::causal_lm && expected.name == embedding_name) {
      resolver.resolve_tied(expected.shape);
    } else {
      resolver.resolve(expected);
    }
  }
  resolver.report_extra();

  const std::vector<std::string>& problems = resolver.problems();
  if (!problems.empty()) {
    std::string message = fmt::format("{}: {} {} not as the {} config says:", source.where(), problems.size(),
                                      problems.size() == 1 ? "tensor is" : "tensors are", model_type(config));
    for (std::size_t index = 0; index < std::min(problems.size(), max_problems); ++index) {
      message += "\n  " + problems[index];
    }
    if (problems.size() > max_problems) message += fmt::format("\n  and {} more", problems.size() - max_problems);
    throw Error(message);
  }
  return Weights(resolver.release());
}

}  // namespace assay
