// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay run: a checkpoint goes on with token ids, greedily or by sampling, and what that costs.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <optional>
#include <sstream>

#include "assay/decoding_options.hpp"
#include "assay/engine_options.hpp"
#include "assay/optimized_engine.hpp"
#include "assay/phimoe_longrope.hpp"
#include "assay/positions.hpp"
#include "assay/prompts.hpp"
#include "assay/report_file.hpp"
#include "assay/run_report.hpp"
#include "assay/verbs.hpp"
#include "generation/special_tokens.hpp"
#include "model/error.hpp"
#include "model/files/checkpoint.hpp"
#include "model/process_memory.hpp"
#include "reports/progress.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

/// A float32 holds every position up to here.
constexpr std::size_t most_tokens = std::size_t{1} << 24;

struct RunOptions {
  std::string checkpoint;
  std::vector<Prompt> prompts;
  bool batch = false;
  std::size_t max_new_tokens = 0;
  DecodingOptions decoding;
  EngineSettings settings;
  std::optional<PhimoeLongrope> phimoe_longrope;
  bool ignore_eos = false;
  bool warm_up = false;
  std::string json;
};

std::size_t parse_max_new_tokens(const std::string& value) {
  std::size_t tokens = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, tokens);
  if (error != std::errc{} || rest != end || tokens == 0 || tokens > most_tokens) {
    throw UsageError(fmt::format("--max-new-tokens: expected 1 to {}, found \"{}\"", most_tokens, value));
  }
  return tokens;
}

std::size_t longest(const std::vector<Prompt>& prompts) {
  std::size_t tokens = 0;
  for (const Prompt& prompt : prompts) tokens = std::max(tokens, prompt.ids.size());
  return tokens;
}

std::optional<RunOptions> parse(const Arguments& arguments) {
  RunOptions options;
  const std::string engine = has_optimized_engine() ? "optimized" : "reference";
  po::options_description visible("Options", 80, 50);
  visible.add_options()("ids", po::value<std::string>()->value_name("IDS"),
                        "the prompt: token ids 1,2,3, or @FILE with such ids")(
      "prompts", po::value<std::string>()->value_name("FILE"),
      "prompts, one a line, run one after the other; lines that start with # are skipped")(
      "batch", po::bool_switch(&options.batch), "run the prompts at once, padded on the left")(
      "max-new-tokens", po::value<std::string>()->value_name("N"), "how many tokens to make for a prompt");
  add_decoding_options(visible);
  visible.add_options()("engine", po::value<std::string>()->value_name("E")->default_value(engine),
                        "optimized or reference, in f32");
  add_optimized_options(visible);
  add_phimoe_longrope_option(visible);
  visible.add_options()("ignore-eos", po::bool_switch(&options.ignore_eos), "go on behind eos_token_id")(
      "warm-up", po::bool_switch(&options.warm_up),
      "go through the prompts and two tokens once before what is timed, so that memory and caches are in place")(
      "json", po::value(&options.json)->value_name("FILE"), "write the ids and figures as JSON; - for standard output")(
      "help", "print this");
  po::options_description all;
  all.add(visible).add_options()("checkpoint", po::value(&options.checkpoint));
  const po::variables_map values =
      parse_options(arguments, all, po::positional_options_description().add("checkpoint", 1));
  if (values.contains("help")) {
    std::ostringstream text;
    text << visible;
    fmt::print(
        "Usage: assay run CHECKPOINT_DIR (--ids IDS | --prompts FILE) --max-new-tokens N\n"
        "       [--batch] [options]\n\n"
        "Goes on with the token ids as transformers' generate does: greedily, or by\n"
        "sampling where one of its options is given; says what it cost: tokens a second,\n"
        "time to the first token, load time and memory.\n\n{}",
        text.str());
    return std::nullopt;
  }
  if (options.checkpoint.empty()) throw UsageError("expected a checkpoint folder, found none");
  if (values.contains("ids") && values.contains("prompts")) {
    throw UsageError("--ids: expected none beside --prompts, found both");
  }
  if (!values.contains("ids") && !values.contains("prompts")) {
    throw UsageError("--ids: expected token ids, or --prompts, found neither");
  }
  if (!values.contains("max-new-tokens")) throw UsageError("--max-new-tokens: expected a number, found none");
  options.max_new_tokens = parse_max_new_tokens(values["max-new-tokens"].as<std::string>());
  const std::string name = one_of("--engine", values["engine"].as<std::string>(), {"reference", "optimized"});
  options.settings = engine_settings(values, engines_named(name).front(), Precision::f32);
  options.phimoe_longrope = phimoe_longrope_option(values);
  options.decoding = decoding_options(values);
  if (values.contains("ids")) {
    options.prompts = {{"--ids", parse_ids("--ids", values["ids"].as<std::string>())}};
  } else {
    options.prompts = read_prompts(values["prompts"].as<std::string>());
  }
  if (longest(options.prompts) > most_tokens - options.max_new_tokens) {
    throw UsageError(fmt::format("--max-new-tokens: expected up to {} tokens with those of the prompt, found {}",
                                 most_tokens, longest(options.prompts) + options.max_new_tokens));
  }
  return options;
}

void warn_of_positions(const RunOptions& options, const Config& config) {
  // The last token is made and not fed back.
  const auto last = static_cast<std::int64_t>(longest(options.prompts) + options.max_new_tokens) - 2;
  if (const std::string warning = position_warning(config, last, options.checkpoint); !warning.empty()) {
    fmt::print(stderr, "warning: {}\n", warning);
  }
}

/// The prompts of one call of generate.
struct Batch {
  std::vector<std::size_t> prompt_tokens;
  generation::SeededDraws draws;
  generation::Plan plan;
};

/// One batch with all prompts, or one a prompt. A prompt gets the draws of its number either way.
std::vector<Batch> make_batches(const RunOptions& options, const generation::SpecialTokens& special) {
  const std::size_t together = options.batch ? options.prompts.size() : 1;
  std::vector<Batch> batches;
  for (std::size_t first = 0; first < options.prompts.size(); first += together) {
    std::vector<std::vector<std::int64_t>> prompts;
    std::vector<std::size_t> prompt_tokens;
    for (std::size_t i = first; i < first + together; ++i) {
      prompts.push_back(options.prompts[i].ids);
      prompt_tokens.push_back(options.prompts[i].ids.size());
    }
    generation::Plan plan;
    plan.prompts = generation::left_pad(prompts, special.pad());
    plan.max_new_tokens = options.max_new_tokens;
    if (!options.ignore_eos) plan.eos_token_id = special.eos_token_id;
    plan.pad_token_id = special.pad();
    plan.decoding = options.decoding.decoding;
    batches.push_back(
        {std::move(prompt_tokens), generation::SeededDraws(options.decoding.seed, first), std::move(plan)});
  }
  for (Batch& batch : batches) batch.plan.draws = &batch.draws;
  return batches;
}

RunResult run_checkpoint(const RunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  reports::Progress progress(stderr, isatty(STDERR_FILENO) != 0);
  if (!std::filesystem::is_directory(options.checkpoint)) {
    throw Error(fmt::format("{}: expected a checkpoint folder, found none", options.checkpoint));
  }
  progress.update(0.0, "loading " + options.checkpoint);
  const Checkpoint checkpoint(options.checkpoint);
  const Config config = with_phimoe_longrope(parse_config(checkpoint.config_text(), checkpoint.config_path().string()),
                                             options.phimoe_longrope);
  require_phimoe(config, options.phimoe_longrope);
  for (const Prompt& prompt : options.prompts) check_ids(prompt, config);
  const std::vector<Batch> batches =
      make_batches(options, generation::special_tokens(std::filesystem::path(options.checkpoint), config));
  progress.clear();
  warn_of_positions(options, config);
  const Weights weights = resolve_weights(config, checkpoint);
  const std::unique_ptr<Engine> engine = make_engine(options.settings, config, weights);
  generation::reserve(*engine, config, batches.front().plan);

  RunResult result;
  result.load_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.resident_bytes = process_memory().rss_bytes;
  result.checkpoint = options.checkpoint;
  result.model_type = model_type(config);
  result.engine = engine_run(options.settings);
  if (options.settings.name == "optimized") result.kernel = blis_text();
  result.batch = options.batch;
  result.decoding = options.decoding;
  result.use_cache = can_cache(config);
  result.packed_bytes = engine->memory().weights;
  if (options.warm_up) {
    progress.update(0.0, "warming up");
    for (const Batch& batch : batches) {
      generation::Plan rehearsal = batch.plan;
      rehearsal.max_new_tokens = std::min<std::size_t>(3, rehearsal.max_new_tokens);
      rehearsal.eos_token_id.clear();
      static_cast<void>(generation::generate(*engine, config, rehearsal));
    }
  }
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const generation::Plan& plan = batches[i].plan;
    // Between two prompts the clock stands still.
    if (i > 0) generation::reserve(*engine, config, plan);
    const std::string where = batches.size() == 1 ? "" : fmt::format("prompt {} of {}: ", i + 1, batches.size());
    progress.update(0.0, fmt::format("{}prefill of {} tokens", where, plan.prompts.tokens()));
    generation::Listeners listeners;
    listeners.progress = [&](std::size_t steps) {
      progress.update(static_cast<double>(steps) / static_cast<double>(plan.max_new_tokens),
                      fmt::format("{}{} of {} tokens", where, steps, plan.max_new_tokens));
    };
    result.batches.push_back({batches[i].prompt_tokens, generation::generate(*engine, config, plan, listeners)});
  }
  result.peak_rss_bytes = process_memory().peak_rss_bytes;
  return result;
}

}  // namespace

int run(const Arguments& arguments) {
  const std::optional<RunOptions> options = parse(arguments);
  if (!options) return 0;
  ReportFile json(options->json);
  const RunResult result = run_checkpoint(*options);
  // With --json - standard output belongs to the JSON.
  if (options->json != "-") fmt::print("{}", run_table(result));
  if (!options->json.empty()) json.write(run_json(result));
  return 0;
}

}  // namespace assay
