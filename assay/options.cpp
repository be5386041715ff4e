// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>

namespace assay {
namespace {

namespace po = boost::program_options;

}  // namespace

po::variables_map parse_options(const Arguments& arguments, const po::options_description& options,
                                const po::positional_options_description& positional) {
  namespace style = po::command_line_style;
  try {
    po::variables_map values;
    // No guessing: --check must not mean --checkpoint.
    po::store(po::command_line_parser(arguments)
                  .options(options)
                  .positional(positional)
                  .style(style::unix_style & ~style::allow_guessing)
                  .run(),
              values);
    po::notify(values);
    return values;
  } catch (const po::unknown_option& error) {
    std::vector<std::string> known;
    for (const auto& option : options.options()) known.push_back("--" + option->long_name());
    std::string name = error.get_option_name();
    if (!name.starts_with("-")) name = "--" + name;
    const std::string near = nearest(name, known);
    throw UsageError(
        near.empty() ? fmt::format("{}: expected a known option, found none of that name", name)
                     : fmt::format("{}: expected a known option, found none of that name; nearest: {}", name, near));
  } catch (const po::error& error) {
    throw UsageError(error.what());
  }
}

std::string one_of(const std::string& option, const std::string& value, const std::vector<std::string>& allowed) {
  if (std::ranges::find(allowed, value) != allowed.end()) return value;
  const std::string near = nearest(value, allowed);
  throw UsageError(fmt::format("{}: expected {}, found \"{}\"{}", option, fmt::join(allowed, "|"), value,
                               near.empty() ? "" : fmt::format("; nearest: {}", near)));
}

Precision parse_precision(const std::string& value) {
  return one_of("--precision", value, {"f32", "f64"}) == "f32" ? Precision::f32 : Precision::f64;
}

std::string shell_quoted(const std::string& word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./:=,+@%").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::ranges::all_of(word, plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace assay
