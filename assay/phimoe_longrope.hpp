// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// --phimoe-longrope hf5|hf4: which of transformers' two behaviours a PhiMoE is to have (model/config/phimoe.hpp).
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <optional>
#include <string>

#include "model/config/config.hpp"

namespace assay {

void add_phimoe_longrope_option(boost::program_options::options_description& description);

/// Nothing where the option is not given. Throws UsageError of anything but hf5 and hf4.
[[nodiscard]] std::optional<PhimoeLongrope> phimoe_longrope_option(const boost::program_options::variables_map& values);

/// The config with the behaviour that was asked for, if any was. Another model than a PhiMoE has none.
[[nodiscard]] Config with_phimoe_longrope(Config config, std::optional<PhimoeLongrope> asked);

/// Throws UsageError where a behaviour was asked for and the model is no PhiMoE.
void require_phimoe(const Config& config, std::optional<PhimoeLongrope> asked);

/// " --phimoe-longrope hf4" where it was asked for and means something.
[[nodiscard]] std::string phimoe_longrope_argument(const Config& config, std::optional<PhimoeLongrope> asked);

}  // namespace assay
