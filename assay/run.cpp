// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay run: a checkpoint goes on with token ids, greedily, and what that costs.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <optional>
#include <sstream>

#include "assay/engine_options.hpp"
#include "assay/generation.hpp"
#include "assay/optimized_engine.hpp"
#include "assay/phimoe_longrope.hpp"
#include "assay/positions.hpp"
#include "assay/report_file.hpp"
#include "assay/run_report.hpp"
#include "assay/verbs.hpp"
#include "golden/judge/process_memory.hpp"
#include "model/error.hpp"
#include "model/files/checkpoint.hpp"
#include "reports/progress.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

/// A float32 holds every position up to here.
constexpr std::size_t most_tokens = std::size_t{1} << 24;

struct RunOptions {
  std::string checkpoint;
  std::vector<std::int64_t> ids;
  std::size_t max_new_tokens = 0;
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

std::optional<RunOptions> parse(const Arguments& arguments) {
  RunOptions options;
  const std::string engine = has_optimized_engine() ? "optimized" : "reference";
  po::options_description visible("Options", 80, 50);
  visible.add_options()("ids", po::value<std::string>()->value_name("IDS"),
                        "the prompt: token ids 1,2,3, or @FILE with such ids")(
      "max-new-tokens", po::value<std::string>()->value_name("N"), "how many tokens to make")(
      "engine", po::value<std::string>()->value_name("E")->default_value(engine), "optimized or reference, in f32");
  add_optimized_options(visible);
  add_phimoe_longrope_option(visible);
  visible.add_options()("ignore-eos", po::bool_switch(&options.ignore_eos), "go on behind eos_token_id")(
      "warm-up", po::bool_switch(&options.warm_up),
      "go through the prompt and two tokens once before what is timed, so that memory and caches are in place")(
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
        "Usage: assay run CHECKPOINT_DIR --ids IDS --max-new-tokens N [options]\n\n"
        "Goes on with the token ids greedily, as transformers' generate(do_sample=False),\n"
        "and says what it cost: tokens a second, time to the first token, load time and\n"
        "memory.\n\n{}",
        text.str());
    return std::nullopt;
  }
  if (options.checkpoint.empty()) throw UsageError("expected a checkpoint folder, found none");
  if (!values.contains("ids")) throw UsageError("--ids: expected token ids, found none");
  if (!values.contains("max-new-tokens")) throw UsageError("--max-new-tokens: expected a number, found none");
  options.max_new_tokens = parse_max_new_tokens(values["max-new-tokens"].as<std::string>());
  const std::string name = one_of("--engine", values["engine"].as<std::string>(), {"reference", "optimized"});
  options.settings = engine_settings(values, engines_named(name).front(), Precision::f32);
  options.phimoe_longrope = phimoe_longrope_option(values);
  options.ids = parse_ids("--ids", values["ids"].as<std::string>());
  if (options.ids.size() > most_tokens - options.max_new_tokens) {
    throw UsageError(fmt::format("--max-new-tokens: expected up to {} tokens with those of the prompt, found {}",
                                 most_tokens, options.ids.size() + options.max_new_tokens));
  }
  return options;
}

void warn_of_positions(const RunOptions& options, const Config& config) {
  // The last token is made and not fed back.
  const auto last = static_cast<std::int64_t>(options.ids.size() + options.max_new_tokens) - 2;
  if (const std::string warning = position_warning(config, last, options.checkpoint); !warning.empty()) {
    fmt::print(stderr, "warning: {}\n", warning);
  }
}

RunResult run_checkpoint(const RunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  reports::Progress progress(stderr, isatty(STDERR_FILENO) != 0);
  if (!std::filesystem::is_directory(options.checkpoint)) {
    throw Error(fmt::format("{}: expected a checkpoint folder, found none", options.checkpoint));
  }
  progress.update(0.0, "loading " + options.checkpoint);
  const Checkpoint checkpoint(options.checkpoint);
  const Config config = with_phimoe_longrope(
      parse_config(checkpoint.config_text(), checkpoint.config_path().string()), options.phimoe_longrope);
  require_phimoe(config, options.phimoe_longrope);
  check_ids("--ids", options.ids, config);
  progress.clear();
  warn_of_positions(options, config);
  const Weights weights = resolve_weights(config, checkpoint);
  const std::unique_ptr<Engine> engine = make_engine(options.settings, config, weights);
  GenerationPlan plan{.prompt = options.ids, .max_new_tokens = options.max_new_tokens, .stop_ids = {}};
  if (!options.ignore_eos) plan.stop_ids = common(config).eos_token_id;
  reserve(*engine, config, plan);

  RunResult result;
  result.load_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.resident_bytes = golden::process_memory().rss_bytes;
  result.checkpoint = options.checkpoint;
  result.model_type = model_type(config);
  result.engine = engine_run(options.settings);
  if (options.settings.name == "optimized") result.kernel = blis_text();
  result.prompt_tokens = options.ids.size();
  result.use_cache = can_cache(config);
  result.packed_bytes = engine->weight_bytes();
  if (options.warm_up) {
    GenerationPlan rehearsal{.prompt = plan.prompt, .max_new_tokens = 3, .stop_ids = {}};
    rehearsal.max_new_tokens = std::min(rehearsal.max_new_tokens, plan.max_new_tokens);
    progress.update(0.0, "warming up");
    static_cast<void>(generate(*engine, config, rehearsal, {}));
  }
  progress.update(0.0, fmt::format("prefill of {} tokens", options.ids.size()));
  result.generation = generate(*engine, config, plan, [&](std::size_t made) {
    progress.update(static_cast<double>(made) / static_cast<double>(options.max_new_tokens),
                    fmt::format("{} of {} tokens", made, options.max_new_tokens));
  });
  result.peak_rss_bytes = golden::process_memory().peak_rss_bytes;
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
