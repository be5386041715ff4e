// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/decoding_options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "assay/options.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

/// The number behind an option, if it is given and holds what is expected of it.
template <class T, class Holds>
std::optional<T> number(const po::variables_map& values, const std::string& option, std::string_view expected,
                        Holds holds) {
  if (!values.contains(option)) return std::nullopt;
  const std::string& text = values[option].as<std::string>();
  T value{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || rest != end || !holds(value)) {
    throw UsageError(fmt::format("--{}: expected {}, found \"{}\"", option, expected, text));
  }
  return value;
}

}  // namespace

void add_decoding_options(po::options_description& description) {
  const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  description.add_options()("temperature", text("X"), "sample: scores are divided by it (1 without the option)")(
      "top-k", text("K"), "sample: from the K most probable tokens (50 without the option)")(
      "top-p", text("X"), "sample: from the most probable tokens that make up this part (1 without the option)")(
      "min-p", text("X"), "sample: from tokens at least this part as probable as the most probable one")(
      "seed", text("S"), "sample: the seed of the draws (0 without the option)")(
      "repetition-penalty", text("X"), "scores of tokens that were there before are divided by it; greedy by itself");
}

DecodingOptions decoding_options(const po::variables_map& values) {
  // Written so that a NaN fails.
  const auto is_above_0 = [](double value) { return value > 0.0 && std::isfinite(value); };
  const auto is_part = [](double value) { return value > 0.0 && value <= 1.0; };
  const auto is_part_or_0 = [](double value) { return value >= 0.0 && value <= 1.0; };

  const auto temperature = number<double>(values, "temperature", "a finite number above 0", is_above_0);
  const auto top_k =
      number<std::size_t>(values, "top-k", "an integer from 1 up", [](std::size_t value) { return value > 0; });
  const auto top_p = number<double>(values, "top-p", "a number above 0, up to 1", is_part);
  const auto min_p = number<double>(values, "min-p", "a number from 0 to 1", is_part_or_0);
  const auto seed =
      number<std::uint64_t>(values, "seed", "an integer from 0 to 2^64 - 1", [](std::uint64_t) { return true; });

  DecodingOptions options;
  options.seed = seed.value_or(0);
  options.decoding.repetition_penalty =
      number<double>(values, "repetition-penalty", "a finite number above 0", is_above_0).value_or(1.0);
  if (temperature || top_k || top_p || min_p || seed) {
    generation::Sampling& sampling = options.decoding.sampling.emplace();
    sampling.temperature = temperature.value_or(sampling.temperature);
    sampling.top_k = top_k.value_or(sampling.top_k);
    sampling.top_p = top_p.value_or(sampling.top_p);
    sampling.min_p = min_p;
  }
  return options;
}

}  // namespace assay
