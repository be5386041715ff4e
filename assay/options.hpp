// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Command lines: Boost.program_options, with a helpful complaint about what it does not know.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/positional_options.hpp>
#include <boost/program_options/variables_map.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "model/engine.hpp"
#include "model/nearest.hpp"

namespace assay {

/// The arguments behind the verb.
using Arguments = std::vector<std::string>;

/// What is wrong with a command line; main adds how to get help.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Reads `arguments`. Throws UsageError; an unknown option is named with the nearest known one.
[[nodiscard]] boost::program_options::variables_map parse_options(
    const Arguments& arguments, const boost::program_options::options_description& options,
    const boost::program_options::positional_options_description& positional);

/// `value` if it is among `allowed`; else a UsageError that lists them.
[[nodiscard]] std::string one_of(const std::string& option, const std::string& value,
                                 const std::vector<std::string>& allowed);

[[nodiscard]] Precision parse_precision(const std::string& value);

/// The word as a POSIX shell reads it back.
[[nodiscard]] std::string shell_quoted(const std::string& word);

}  // namespace assay
