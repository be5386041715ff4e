// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/recorded_generation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "model/error.hpp"

namespace assay::golden {
namespace {

const std::string group = "/generation";

class GenerationReader {
 public:
  GenerationReader(const Hdf5Reader& reader, const Config& config)
      : reader_(reader), vocab_size_(common(config).vocab_size) {}

  RecordedGeneration read() {
    read_attributes();
    read_inputs();
    read_sequences();
    read_values();
    return std::move(result_);
  }

 private:
  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    throw Error(fmt::format("{}: {}", reader_.file(), fmt::format(format, std::forward<Args>(args)...)));
  }

  [[nodiscard]] std::int64_t integer(const std::string& name, std::int64_t least) const {
    const auto value = reader_.integer_attribute(group, name);
    if (!value) refuse("{}: attribute {}: expected an integer, found none", group, name);
    if (*value < least) refuse("{}: attribute {}: expected {} or more, found {}", group, name, least, *value);
    return *value;
  }

  template <class Holds>
  [[nodiscard]] std::optional<double> number(const std::string& name, std::string_view expected, Holds holds) const {
    const auto value = reader_.float_attribute(group, name);
    if (value && !holds(*value)) refuse("{}: attribute {}: expected {}, found {}", group, name, expected, *value);
    return value;
  }

  void read_attributes() {
    result_.max_new_tokens = static_cast<std::size_t>(integer("max_new_tokens", 1));
    const std::int64_t do_sample = integer("do_sample", 0);
    if (do_sample > 1) refuse("{}: attribute do_sample: expected 0 or 1, found {}", group, do_sample);
    result_.do_sample = do_sample == 1;
    if (const std::int64_t pad = integer("pad_token_id", -1); pad >= 0) {
      check_token(group + ": attribute pad_token_id", pad);
      result_.pad_token_id = pad;
    }
    if (reader_.integer_attribute(group, "top_k")) result_.top_k = static_cast<std::size_t>(integer("top_k", 1));
    // Written so that a NaN fails.
    const auto is_above_0 = [](double value) { return value > 0.0 && std::isfinite(value); };
    result_.temperature = number("temperature", "a finite number above 0", is_above_0);
    result_.repetition_penalty = number("repetition_penalty", "a finite number above 0", is_above_0);
    result_.top_p = number("top_p", "a number above 0, up to 1", [](double p) { return p > 0.0 && p <= 1.0; });
    result_.min_p = number("min_p", "a number from 0 to 1", [](double p) { return p >= 0.0 && p <= 1.0; });
    if (reader_.has(group + "/eos_token_id")) {
      result_.eos_token_id = reader_.read<std::int64_t>(group + "/eos_token_id");
      if (result_.eos_token_id.empty()) refuse("{}/eos_token_id: expected an id or no such dataset, found none", group);
    }
  }

  void read_inputs() {
    result_.input_ids = matrix<std::int64_t>("inputs/input_ids");
    result_.attention_mask = matrix<std::int64_t>("inputs/attention_mask");
    expect_shape("inputs/attention_mask", result_.attention_mask.view().shape(), result_.input_ids.view().shape());
    for (const std::int64_t id : result_.input_ids.view().flat()) check_token(group + "/inputs/input_ids", id);
    for (const std::int64_t value : result_.attention_mask.view().flat()) {
      if (value != 0 && value != 1) refuse("{}/inputs/attention_mask: expected only 0 and 1, found {}", group, value);
    }
  }

  void read_sequences() {
    result_.sequences = matrix<std::int64_t>("sequences");
    const std::size_t width = result_.width();
    const std::size_t most = width + result_.max_new_tokens;
    const Shape found = result_.sequences.view().shape();
    if (found[0] != result_.rows() || found[1] <= width || found[1] > most) {
      refuse("{}/sequences: expected [{}, {} to {}], found {}", group, result_.rows(), width + 1, most,
             to_string(found));
    }
    for (const std::int64_t id : result_.sequences.view().flat()) check_token(group + "/sequences", id);
    std::size_t ended = 0;
    for (std::size_t b = 0; b < result_.rows(); ++b) {
      for (std::size_t l = 0; l < width; ++l) {
        if (result_.sequences(b, l) == result_.input_ids(b, l)) continue;
        refuse("{}/sequences[{}, {}]: expected {} as in input_ids, found {}", group, b, l, result_.input_ids(b, l),
               result_.sequences(b, l));
      }
      if (check_end(b)) ++ended;
    }
    const bool is_whole = result_.steps() == result_.max_new_tokens || ended == result_.rows();
    if (!is_whole)
      refuse(
          "{}/sequences: expected {} steps, or an end of every row, found {} steps and {} of {} rows "
          "ended",
          group, result_.max_new_tokens, result_.steps(), ended, result_.rows());
    if (!result_.do_sample) return;
    result_.uniform = matrix<double>("inputs/uniform");
    expect_shape("inputs/uniform", result_.uniform.view().shape(), {result_.steps(), result_.rows()});
    for (const double draw : result_.uniform.view().flat()) {
      if (!(draw >= 0.0 && draw < 1.0)) refuse("{}/inputs/uniform: expected 0 or more, below 1, found {}", group, draw);
    }
  }

  /// Whether the row has come to an end of text; behind it there are pads.
  [[nodiscard]] bool check_end(std::size_t b) const {
    const auto& ends = result_.eos_token_id;
    bool ended = false;
    for (std::size_t step = 0; step < result_.steps(); ++step) {
      const std::int64_t token = result_.token(step, b);
      if (ended && token != result_.pad_token_id.value_or(ends.front())) {
        refuse("{}/sequences[{}, {}]: expected {}, the pad behind an end of text, found {}", group, b,
               result_.width() + step, result_.pad_token_id.value_or(ends.front()), token);
      }
      ended = ended || std::ranges::find(ends, token) != ends.end();
    }
    return ended;
  }

  void read_values() {
    result_.has_truth = reader_.has(group + "/truth");
    result_.hf32_logits = cube<float>("hf32/logits");
    if (result_.has_truth) result_.truth_logits = cube<double>("truth/logits");
    if (!result_.do_sample) return;
    result_.hf32_probs = cube<float>("hf32/probs");
    check_probs("hf32/probs", result_.hf32_probs);
    if (!result_.has_truth) return;
    result_.truth_probs = cube<double>("truth/probs");
    check_probs("truth/probs", result_.truth_probs);
  }

  /// [N, B, V] of T, widened.
  template <class T>
  [[nodiscard]] Tensor<double, 3> cube(const std::string& name) const {
    const std::string path = existing(name);
    expect_shape(name, reader_.describe(path).shape, {result_.steps(), result_.rows(), vocab_size_});
    const std::vector<T> values = reader_.read<T>(path);
    Tensor<double, 3> tensor({result_.steps(), result_.rows(), vocab_size_});
    std::ranges::copy(values, tensor.view().flat().begin());
    for (const double value : tensor.view().flat()) {
      if (!std::isfinite(value)) refuse("{}: expected finite numbers, found {}", path, value);
    }
    return tensor;
  }

  template <class T>
  [[nodiscard]] Tensor<T, 2> matrix(const std::string& name) const {
    const std::string path = existing(name);
    const Shape shape = reader_.describe(path).shape;
    if (shape.size() != 2 || shape[0] == 0 || shape[1] == 0) {
      refuse("{}: expected two axes, found {}", path, to_string(shape));
    }
    const std::vector<T> values = reader_.read<T>(path);
    Tensor<T, 2> tensor({shape[0], shape[1]});
    std::ranges::copy(values, tensor.view().flat().begin());
    return tensor;
  }

  /// Every row is a distribution, to float32.
  void check_probs(const std::string& name, const Tensor<double, 3>& probs) const {
    const auto values = probs.view().flat();
    for (std::size_t first = 0; first < values.size(); first += vocab_size_) {
      double sum = 0;
      for (const double p : values.subspan(first, vocab_size_)) {
        if (!(p >= 0.0)) refuse("{}/{}: expected probabilities, found {}", group, name, p);
        sum += p;
      }
      if (!(std::abs(sum - 1.0) < 1e-5)) refuse("{}/{}: expected rows that sum to 1, found {}", group, name, sum);
    }
  }

  [[nodiscard]] std::string existing(const std::string& name) const {
    std::string path = group + "/" + name;
    if (!reader_.has(path)) refuse("{}: expected a dataset, found none", path);
    return path;
  }

  void expect_shape(const std::string& name, const Shape& found, const Shape& expected) const {
    if (found != expected) refuse("{}/{}: expected {}, found {}", group, name, to_string(expected), to_string(found));
  }

  void check_token(const std::string& where, std::int64_t id) const {
    if (id >= 0 && id < static_cast<std::int64_t>(vocab_size_)) return;
    refuse("{}: expected 0 to {} (vocab_size {}), found {}", where, vocab_size_ - 1, vocab_size_, id);
  }

  const Hdf5Reader& reader_;
  std::size_t vocab_size_;
  RecordedGeneration result_;
};

}  // namespace

std::span<const double> RecordedGeneration::logits(std::size_t step, std::size_t row) const {
  return (has_truth ? truth_logits : hf32_logits).view()[step][row].flat();
}

std::span<const double> RecordedGeneration::probs(std::size_t step, std::size_t row) const {
  return (has_truth ? truth_probs : hf32_probs).view()[step][row].flat();
}

std::optional<RecordedGeneration> read_generation(const Hdf5Reader& reader, const Config& config) {
  if (!reader.has(group)) return std::nullopt;
  return GenerationReader(reader, config).read();
}

}  // namespace assay::golden
