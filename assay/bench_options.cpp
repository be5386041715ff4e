// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/bench_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <sstream>
#include <vector>

#include "assay/engine_options.hpp"
#include "assay/optimized_engine.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

/// A float32 holds every position up to here.
constexpr std::size_t most_tokens = std::size_t{1} << 24U;
constexpr std::size_t most_rows = 4096;
constexpr std::size_t most_repetitions = 10000;

std::size_t parse_number(const std::string& option, std::string_view text, std::size_t least, std::size_t most) {
  std::size_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size() || number < least || number > most) {
    throw UsageError(fmt::format("{}: expected {} to {}, found \"{}\"", option, least, most, text));
  }
  return number;
}

/// "128,512", each number once.
std::vector<std::size_t> parse_numbers(const std::string& option, const std::string& text, std::size_t least,
                                       std::size_t most) {
  std::vector<std::size_t> numbers;
  std::set<std::size_t> seen;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::size_t number = parse_number(option, std::string_view(text).substr(begin, end - begin), least, most);
    if (!seen.insert(number).second)
      throw UsageError(fmt::format("{}: expected each number once, found {} twice", option, number));
    numbers.push_back(number);
    begin = end + 1;
  }
  return numbers;
}

po::options_description described(BenchOptions& options) {
  const std::string engine = has_optimized_engine() ? "optimized" : "reference";
  const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  po::options_description model("The model, one of", 80, 50);
  model.add_options()("checkpoint", po::value(&options.model.checkpoint)->value_name("DIR"), "a checkpoint on disk")(
      "like", po::value(&options.model.like)->value_name("NAME"),
      "the shape of a published one, random weights; --layers and --dtype go with it")(
      "golden", po::value(&options.model.golden)->value_name("FILE"),
      "that of a golden; its errors stand beside the times of --profile");
  po::options_description visible("Options", 80, 50);
  visible.add_options()("layers", text("N"), "only the first N layers of --like")(
      "dtype", text("D")->default_value("bf16"), "how --like's weights are stored: bf16 or f32")(
      "engine", text("E")->default_value(engine), "optimized or reference, in f32");
  add_optimized_options(visible);
  add_phimoe_longrope_option(visible);
  visible.add_options()("prompt", text("LIST")->default_value("128,512"), "tokens of a prompt")(
      "decode", text("N")->default_value("64"), "tokens decoded one by one; 0: none")(
      "depth", text("LIST")->default_value("0"), "tokens in the cache before")(
      "batch", text("LIST")->default_value("1"), "rows at once")("repeat", text("N")->default_value("5"),
                                                                 "samples of each row")(
      "profile", po::bool_switch(&options.profile),
      "time of each layer and group of operations, and its share of the roof")(
      "observe", po::bool_switch(&options.observe),
      "what it costs to compare every site of the largest prompt with values in memory, and to inject them")(
      "gates", po::value(&options.model.gates)->value_name("FILE"),
      "the gates of --golden; without it gates.json beside it")(
      "commit", po::value(&options.commit)->value_name("ID"),
      "whose engine this is: stands in --json, and beside the steps of a history")(
      "json", po::value(&options.json)->value_name("FILE"),
      "all samples, as Google Benchmark writes them; - for standard output")(
      "csv", po::value(&options.csv)->value_name("FILE"), "all samples, one a line")(
      "markdown", po::value(&options.markdown)->value_name("FILE"), "the table as Markdown")(
      "trace", po::value(&options.trace)->value_name("FILE"),
      "the profiled calls for a viewer of Chrome traces (Perfetto)")("help", "print this");
  model.add(visible);
  return model;
}

void check_model(const BenchModelOptions& model, const po::variables_map& values) {
  if (model.checkpoint.empty() && model.like.empty() && model.golden.empty()) {
    throw UsageError("expected a model: --checkpoint DIR, --like NAME or --golden FILE, found none");
  }
  if (!model.like.empty() && !(model.checkpoint.empty() && model.golden.empty())) {
    throw UsageError("--like: expected no --checkpoint or --golden beside it, found one");
  }
  if (model.like.empty() && (values.contains("layers") || !values["dtype"].defaulted())) {
    throw UsageError("--layers, --dtype: expected --like with them, found none");
  }
  if (model.golden.empty() && !model.gates.empty()) throw UsageError("--gates: expected --golden with it, found none");
}

void check_files(const BenchOptions& options) {
  const std::array files{options.json, options.csv, options.markdown, options.trace};
  for (const std::string& file : files) {
    if (!file.empty() && std::ranges::count(files, file) > 1) {
      throw UsageError(fmt::format("expected a file of its own for each report, found \"{}\" twice", file));
    }
  }
}

}  // namespace

bool BenchOptions::prints() const { return json != "-" && csv != "-" && markdown != "-" && trace != "-"; }

std::optional<BenchOptions> parse_bench_options(const Arguments& arguments) {
  BenchOptions options;
  const po::options_description all = described(options);
  const po::variables_map values = parse_options(arguments, all, {});
  if (values.contains("help")) {
    std::ostringstream text;
    text << all;
    fmt::print(
        "Usage: assay bench (--checkpoint DIR | --like NAME | --golden FILE) [options]\n\n"
        "Times prompts and decoding, after it has held the outputs against the reference\n"
        "engine; every timed call must give the bits of the checked one, or its number\n"
        "is INVALID (exit code 1).\n\n{}",
        text.str());
    return std::nullopt;
  }
  const auto text = [&](const char* option) { return values[option].as<std::string>(); };
  check_model(options.model, values);
  check_files(options);
  if (values.contains("layers")) options.model.layers = parse_number("--layers", text("layers"), 1, most_rows);
  options.model.dtype = one_of("--dtype", text("dtype"), {"bf16", "f32"}) == "bf16" ? DType::bf16 : DType::f32;
  options.model.phimoe_longrope = phimoe_longrope_option(values);
  const std::string engine = one_of("--engine", text("engine"), {"reference", "optimized"});
  options.settings = engine_settings(values, engines_named(engine).front(), Precision::f32);
  options.wanted = {.prompts = parse_numbers("--prompt", text("prompt"), 1, most_tokens),
                    .decode = parse_number("--decode", text("decode"), 0, most_tokens),
                    .depths = parse_numbers("--depth", text("depth"), 0, most_tokens),
                    .batches = parse_numbers("--batch", text("batch"), 1, most_rows)};
  options.repeat = parse_number("--repeat", text("repeat"), 1, most_repetitions);
  options.profile = options.profile || !options.trace.empty();
  return options;
}

}  // namespace assay
