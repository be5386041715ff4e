// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/phimoe_longrope.hpp"

#include <fmt/format.h>

#include "assay/options.hpp"

namespace assay {
namespace {

constexpr const char* option = "phimoe-longrope";

}  // namespace

void add_phimoe_longrope_option(boost::program_options::options_description& description) {
  description.add_options()(option, boost::program_options::value<std::string>()->value_name("V"),
                            "longrope of a PhiMoE as in transformers 5.23.0 (hf5: always the short factors) or 4.56.2 "
                            "(hf4: the long ones beyond the original length)");
}

std::optional<PhimoeLongrope> phimoe_longrope_option(const boost::program_options::variables_map& values) {
  if (!values.contains(option)) return std::nullopt;
  return phimoe_longrope_from(one_of(fmt::format("--{}", option), values[option].as<std::string>(), {"hf5", "hf4"}));
}

Config with_phimoe_longrope(Config config, std::optional<PhimoeLongrope> asked) {
  auto* const phimoe = std::get_if<PhimoeConfig>(&config);
  if (phimoe != nullptr && asked) phimoe->longrope = *asked;
  return config;
}

void require_phimoe(const Config& config, std::optional<PhimoeLongrope> asked) {
  if (!asked || std::holds_alternative<PhimoeConfig>(config)) return;
  throw UsageError(fmt::format("--{}: expected a phimoe, found a {}", option, model_type(config)));
}

std::string phimoe_longrope_argument(const Config& config, std::optional<PhimoeLongrope> asked) {
  if (!asked || !std::holds_alternative<PhimoeConfig>(config)) return "";
  return fmt::format(" --{} {}", option, name(*asked));
}

}  // namespace assay
