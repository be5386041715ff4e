// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/throughput/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace assay::bench {
namespace {

/// How much further than a valid float32 computation an engine may be from the truth.
constexpr double noise_factor = 10.0;
/// Half a unit in the last place of a float32, for where the peer happens to be exact.
constexpr double unit = 0x1p-24;
constexpr double most_disagreement = 1e-4;

struct Outputs {
  std::vector<double> hidden;
  std::vector<double> logits;
};

Outputs outputs_of(Engine& engine, const Config& config, std::size_t batch, std::size_t tokens) {
  std::vector<std::int64_t> ids;
  for (std::size_t row = 0; row < batch; ++row) {
    for (std::size_t i = 0; i < tokens; ++i) ids.push_back(token_id(row, i, common(config).vocab_size));
  }
  Call call;
  call.input_ids = {ids.data(), {batch, tokens}};
  Witness witness(config);
  engine.reset();
  Outputs outputs;
  const SiteValue logits = engine.forward(call, Probe(&witness));
  std::visit([&](const auto& values) { outputs.logits.assign(values.begin(), values.end()); }, logits.values);
  for (std::size_t row = 0; row < batch; ++row) {
    for (std::size_t i = 0; i < tokens; ++i) {
      const std::span<const double> hidden = witness.hidden(row, i);
      outputs.hidden.insert(outputs.hidden.end(), hidden.begin(), hidden.end());
    }
  }
  return outputs;
}

/// NaN where a number is one.
double relative_error(std::span<const double> found, std::span<const double> expected) {
  if (found.size() != expected.size()) return NAN;
  double difference = 0;
  double size = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += (found[i] - expected[i]) * (found[i] - expected[i]);
    size += expected[i] * expected[i];
  }
  return std::sqrt(difference / size);
}

}  // namespace

Yardstick::Yardstick(const References& references, const Config& config, std::size_t batch, std::size_t tokens)
    : config_(config), batch_(batch), tokens_(tokens) {
  Outputs truth = outputs_of(references.truth, config, batch, tokens);
  const Outputs peer = outputs_of(references.peer, config, batch, tokens);
  hidden_ = std::move(truth.hidden);
  logits_ = std::move(truth.logits);
  hidden_noise_ = relative_error(peer.hidden, hidden_);
  logits_noise_ = relative_error(peer.logits, logits_);
}

Yardstick::Finding Yardstick::judge(std::string_view what, double error, double noise) const {
  const double limit = noise_factor * std::max(noise, unit);
  if (error <= limit) return {error, limit, ""};
  return {error, limit,
          fmt::format("{} of the first {} tokens: expected within {:.1e} of the float64 reference, found {:.1e}", what,
                      tokens_, limit, error)};
}

Yardstick::Finding Yardstick::examine(Engine& engine) const {
  const Outputs found = outputs_of(engine, config_, batch_, tokens_);
  const Finding hidden = judge("final norm", relative_error(found.hidden, hidden_), hidden_noise_);
  const Finding logits = judge("logits", relative_error(found.logits, logits_), logits_noise_);
  return hidden.complaint.empty() ? logits : hidden;
}

Yardstick::Finding Yardstick::examine(const Witness& run) const {
  const std::size_t width = common(config_).hidden_size;
  const std::size_t tokens = std::min(tokens_, run.tokens());
  std::vector<double> found;
  std::vector<double> expected;
  for (std::size_t row = 0; row < batch_; ++row) {
    for (std::size_t i = 0; i < tokens; ++i) {
      const std::span<const double> hidden = run.hidden(row, i);
      const std::span<const double> truth = std::span(hidden_).subspan((row * tokens_ + i) * width, width);
      found.insert(found.end(), hidden.begin(), hidden.end());
      expected.insert(expected.end(), truth.begin(), truth.end());
    }
  }
  return judge("final norm", relative_error(found, expected), hidden_noise_);
}

std::string disagreement(const Witness& one, const Witness& other, std::size_t batch) {
  const std::size_t tokens = std::min(one.tokens(), other.tokens());
  for (std::size_t row = 0; row < batch; ++row) {
    std::vector<double> errors;
    for (std::size_t i = 0; i < tokens; ++i) {
      const double error = relative_error(one.hidden(row, i), other.hidden(row, i));
      errors.push_back(std::isnan(error) ? HUGE_VAL : error);
    }
    const auto middle = errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
    std::ranges::nth_element(errors, middle);
    if (!errors.empty() && !(*middle <= most_disagreement)) {
      return fmt::format(
          "row {}: expected the same tokens to give the same final norm within {:.0e}, found {:.1e} (median of {})",
          row, most_disagreement, *middle, tokens);
    }
  }
  return "";
}

}  // namespace assay::bench
