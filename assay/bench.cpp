// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay bench: what prompts and decoding cost, with the outputs of what is timed checked.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "assay/bench_errors.hpp"
#include "assay/bench_model.hpp"
#include "assay/bench_options.hpp"
#include "assay/build_info.hpp"
#include "assay/engine_options.hpp"
#include "assay/optimized_engine.hpp"
#include "assay/report_file.hpp"
#include "assay/verbs.hpp"
#include "bench/machine/fingerprint.hpp"
#include "bench/machine/noise_meter.hpp"
#include "bench/memory/peak.hpp"
#include "bench/result/csv.hpp"
#include "bench/result/json.hpp"
#include "bench/throughput/measure.hpp"
#include "model/process_memory.hpp"
#include "reference/engine.hpp"
#include "reports/bench/result_console.hpp"
#include "reports/bench/result_markdown.hpp"
#include "reports/progress.hpp"

namespace assay {
namespace {

constexpr int wrong_outputs = 1;

std::string now() {
  return fmt::format("{:%FT%TZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

class Bench {
 public:
  explicit Bench(const BenchOptions& options) : options_(options), progress_(stderr, isatty(STDERR_FILENO) != 0) {}

  bench::Result run() {
    progress_.update(0.0, "measuring the roofs");
    result_.roofs = measure_roofs(options_.settings.threads);
    const bench::NoiseMeter noise;
    bench::PeakMeter memory;
    memory.begin();
    progress_.update(0.0, "loading");
    BenchModel model = load_bench_model(options_.model, options_.settings.threads);
    check_wanted(model, options_.wanted);
    const auto start = std::chrono::steady_clock::now();
    const std::unique_ptr<Engine> engine = make_engine(options_.settings, model.config, model.weights);
    const double load_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    memory.end("load", held(*engine, model));

    const std::unique_ptr<Engine> truth = reference::make_engine(model.config, model.weights, Precision::f64);
    const std::unique_ptr<Engine> peer = reference::make_engine(model.config, model.weights, Precision::f32);
    measured_ = bench::measure(*engine, model.config, {*truth, *peer}, measuring(model, *engine), memory);
    describe(model, *engine, memory);
    add_load(load_seconds);
    if (model.golden) {
      progress_.update(0.97, "judging " + options_.model.golden);
      add_errors(*model.golden, options_.model.gates, *engine, result_.ledger);
    }
    result_.noise = noise.noise();
    progress_.clear();
    return result_;
  }

  [[nodiscard]] const std::vector<std::unique_ptr<bench::Profile>>& profiles() const { return measured_.profiles; }

 private:
  /// Of a mapped file the pages that are resident; the kernel counts them by process only.
  [[nodiscard]] static std::size_t mapped_bytes(std::size_t at_first) {
    const ProcessMemory now = process_memory();
    const std::size_t of_files = now.rss_bytes - now.anonymous_bytes;
    return of_files > at_first ? of_files - at_first : 0;
  }

  [[nodiscard]] std::size_t held(Engine& engine, const BenchModel& model) const {
    const EngineMemory memory = engine.memory();
    return memory.weights + memory.cache + memory.workspace + model.bytes_in_memory + mapped_bytes(files_at_first_);
  }

  bench::Measuring measuring(const BenchModel& model, const Engine& engine) {
    bench::Measuring wanted;
    wanted.workloads = bench::workloads(options_.wanted);
    wanted.repeat = options_.repeat;
    wanted.threads = engine.engine_name() == "optimized" ? options_.settings.threads : 1;
    wanted.weight_bytes = size_bytes(engine.engine_name() == "optimized" ? options_.settings.weights
                                                                         : dtype_from_name(model.settings.at("dtype")));
    wanted.profile = options_.profile;
    wanted.observe = options_.observe;
    wanted.roofs = result_.roofs;
    wanted.held_beside = [this, &model] { return model.bytes_in_memory + mapped_bytes(files_at_first_); };
    wanted.progress = [this](double share, const std::string& what) { progress_.update(share, what); };
    return wanted;
  }

  static DType dtype_from_name(const std::string& text) {
    for (const DType dtype : {DType::f64, DType::f32, DType::f16, DType::bf16}) {
      if (name(dtype) == text) return dtype;
    }
    return DType::f32;
  }

  void describe(const BenchModel& model, Engine& engine, const bench::PeakMeter& memory) {
    result_.date = now();
    result_.program = fmt::format("assay {}", build::version);
    result_.commit = options_.commit;
    result_.machine = bench::fingerprint();
    result_.settings = model.settings;
    result_.settings["engine"] = engine.engine_name();
    if (engine.engine_name() == "optimized") {
      result_.machine["blis"] = blis_text();
      result_.settings["threads"] = fmt::format("{}", options_.settings.threads);
      result_.settings["weights"] = name(options_.settings.weights);
    }
    result_.rows = std::move(measured_.rows);
    if (measured_.observing) add_observing(*measured_.observing);
    result_.memory = memory.phases();
    const EngineMemory held = engine.memory();
    result_.bytes = {{"program", memory.program_bytes()},
                     {"weights", held.weights},
                     {"cache", held.cache},
                     {"workspace", held.workspace},
                     {"checkpoint", model.bytes_in_memory}};
    result_.ledger = std::move(measured_.ledger);
    result_.experts = std::move(measured_.experts);
  }

  void add_observing(bench::Observing& observing) {
    observing.observed.counters = {{"sites", static_cast<double>(observing.sites)},
                                   {"elements", static_cast<double>(observing.elements)},
                                   {"ratio_to_unobserved", observing.ratio}};
    observing.plain.threads = observing.observed.threads = options_.settings.threads;
    result_.rows.push_back(std::move(observing.plain));
    result_.rows.push_back(std::move(observing.observed));
  }

  void add_load(double seconds) {
    bench::Row load;
    load.name = "load";
    load.threads = options_.settings.threads;
    load.samples = {{seconds, seconds, 1}};
    load.counters["bytes"] = static_cast<double>(result_.bytes["weights"]);
    if (result_.bytes["weights"] > 0) load.counters["bytes/s"] = load.counters["bytes"] / seconds;
    result_.rows.push_back(std::move(load));
  }

  const BenchOptions& options_;
  reports::Progress progress_;
  std::size_t files_at_first_ = process_memory().rss_bytes - process_memory().anonymous_bytes;
  bench::Result result_;
  bench::Measured measured_;
};

}  // namespace

int benchmark(const Arguments& arguments) {
  const std::optional<BenchOptions> options = parse_bench_options(arguments);
  if (!options) return 0;
  ReportFile json(options->json);
  ReportFile csv(options->csv);
  ReportFile markdown(options->markdown);
  ReportFile trace(options->trace);
  Bench bench(*options);
  const bench::Result result = bench.run();
  if (options->prints()) {
    const auto colour = isatty(STDOUT_FILENO) != 0 ? reports::Colour::always : reports::Colour::never;
    fmt::print("{}", reports::result_table(result, {colour, reports::Show::all}));
  }
  if (!options->json.empty()) json.write(bench::to_json(result));
  if (!options->csv.empty()) csv.write(bench::to_csv(result));
  if (!options->markdown.empty()) markdown.write(reports::result_markdown(result));
  if (!options->trace.empty()) trace.write(bench::chrome_trace(bench.profiles(), result.program));
  const bool all_hold = std::ranges::all_of(result.rows, [](const bench::Row& row) { return row.invalid.empty(); });
  return all_hold ? 0 : wrong_outputs;
}

}  // namespace assay
