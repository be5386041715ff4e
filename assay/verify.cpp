// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay verify: goldens in, verdicts out.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>

#include "assay/engine_options.hpp"
#include "assay/engines.hpp"
#include "assay/gates_option.hpp"
#include "assay/phimoe_longrope.hpp"
#include "assay/positions.hpp"
#include "assay/report_options.hpp"
#include "assay/verbs.hpp"
#include "assay/verify_generation.hpp"
#include "golden/format/recorded_generation.hpp"
#include "golden/judge/examination.hpp"
#include "golden/judge/gauge.hpp"
#include "golden/judge/layer_errors.hpp"
#include "golden/judge/triangle.hpp"
#include "model/error.hpp"
#include "model/process_memory.hpp"
#include "reference/engine.hpp"
#include "reports/console.hpp"
#include "reports/progress.hpp"
#include "reports/triangle.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

struct VerifyOptions {
  std::vector<std::string> goldens;
  std::vector<EngineSettings> runs;
  golden::Mode mode = golden::Mode::free;
  golden::Rows rows = golden::Rows::all;
  golden::Selection selection;
  std::optional<PhimoeLongrope> phimoe_longrope;
  std::string checkpoint;
  std::string gates;
  ReportOptions reports;
  bool quiet = false;
};

po::options_description describe_options(VerifyOptions& options) {
  po::options_description description("Options", 80, 50);
  description.add_options()("engine", po::value<std::string>()->value_name("E")->default_value("reference"),
                            "reference, optimized or all")(
      "precision", po::value<std::string>()->value_name("P"),
      "f32 or f64; without it both (the optimized engine has f32 only)");
  add_optimized_options(description);
  add_phimoe_longrope_option(description);
  description.add_options()(
      "mode", po::value<std::string>()->value_name("M")->default_value("free"),
      "free: the engine goes on with its own values; injected: every site is replaced by the golden one once it is "
      "judged, so that each shows its own error; routing: only the choices of experts are")(
      "gates", po::value(&options.gates)->value_name("FILE"),
      "what float32 engines may be off by; without it gates.json beside the golden")(
      "sites", po::value(&options.selection.sites)->value_name("GLOB"),
      "judge only these sites, e.g. 'router_*,logits'")("layers", po::value<std::string>()->value_name("A:B"),
                                                        "judge only layers A to B-1")(
      "real-rows", "leave out what belongs to tokens that attention_mask marks as padding")(
      "checkpoint", po::value(&options.checkpoint)->value_name("DIR"),
      "the weights of goldens that hold none, where they are not where they were");
  add_report_options(description, options.reports);
  description.add_options()("quiet", po::bool_switch(&options.quiet), "print only cases that do not hold")(
      "help", "print this");
  return description;
}

void print_help(const po::options_description& description) {
  fmt::print(
      "Usage: assay verify GOLDEN... [options]\n\n"
      "Runs every call of every golden through an engine, compares every site with what\n"
      "transformers computed, and says where the first one differs. GOLDEN is a file, or\n"
      "a folder of .h5 files.\n\n");
  std::ostringstream text;
  text << description;
  fmt::print("{}\nExit code: 0 holds; 1 differs; 2 cannot judge; 3 vacuous, missing or stale.\n", text.str());
}

/// Files as they are, folders as their .h5 files in order of name.
std::vector<std::string> expand(const std::vector<std::string>& arguments) {
  std::vector<std::string> files;
  for (const std::string& argument : arguments) {
    std::error_code error;
    if (!std::filesystem::is_directory(argument, error)) {
      files.push_back(argument);
      continue;
    }
    std::vector<std::string> inside;
    for (const auto& entry : std::filesystem::directory_iterator(argument, error)) {
      if (entry.path().extension() == ".h5") inside.push_back(entry.path().string());
    }
    if (error) throw Error(fmt::format("{}: expected a readable folder: {}", argument, error.message()));
    if (inside.empty()) throw Error(fmt::format("{}: expected .h5 files, found none", argument));
    std::ranges::sort(inside);
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

std::optional<VerifyOptions> parse(const Arguments& arguments) {
  VerifyOptions options;
  po::options_description visible = describe_options(options);
  po::options_description all;
  all.add(visible).add_options()("golden", po::value(&options.goldens));
  const po::variables_map values =
      parse_options(arguments, all, po::positional_options_description().add("golden", -1));
  if (values.contains("help")) {
    print_help(visible);
    return std::nullopt;
  }
  if (options.goldens.empty()) throw UsageError("expected at least one golden, found none");
  options.goldens = expand(options.goldens);
  options.runs = engine_runs(values);
  options.phimoe_longrope = phimoe_longrope_option(values);
  const std::string mode = one_of("--mode", values["mode"].as<std::string>(), {"free", "injected", "routing"});
  for (const golden::Mode known : {golden::Mode::free, golden::Mode::injected, golden::Mode::routing}) {
    if (mode == golden::name(known)) options.mode = known;
  }
  if (values.contains("real-rows")) options.rows = golden::Rows::real;
  check_report_options(options.reports);
  golden::check_site_patterns(options.selection.sites);
  if (values.contains("layers")) golden::parse_layers(values["layers"].as<std::string>(), options.selection);
  return options;
}

std::string command(const VerifyOptions& options, const golden::GoldenFile& golden, const EngineSettings& settings) {
  std::string text =
      fmt::format("assay verify {} --engine {} --precision {}{}{} --mode {}", shell_quoted(golden.file()),
                  settings.name, name(settings.precision), optimized_arguments(settings),
                  phimoe_longrope_argument(golden.config(), options.phimoe_longrope), name(options.mode));
  if (options.rows == golden::Rows::real) text += " --real-rows";
  if (!options.gates.empty()) text += " --gates " + shell_quoted(options.gates);
  if (!options.checkpoint.empty()) text += " --checkpoint " + shell_quoted(options.checkpoint);
  return text;
}

/// Runs what was asked for, a result at a time.
class Verifier {
 public:
  explicit Verifier(const VerifyOptions& options)
      : options_(options),
        style_{isatty(STDOUT_FILENO) != 0 ? reports::Colour::always : reports::Colour::never,
               options.quiet ? reports::Show::broken : reports::Show::all},
        lines_(style_),
        draws_triangles_(options.runs.size() > 1 && options.runs.back().name == "optimized"),
        progress_(stderr, isatty(STDERR_FILENO) != 0),
        gates_(options.gates) {}

  golden::Verification run() {
    for (const std::string& path : options_.goldens) load(path);
    refuse_an_idle_option();
    for (const EngineSettings& settings : options_.runs) {
      for (Loaded& loaded : loaded_) run_engine(loaded, settings);
    }
    if (prints()) {
      fmt::print("{}{}", reports::triangle_table(verification_.triangles, style_),
                 reports::summary(verification_, style_));
    }
    return std::move(verification_);
  }

 private:
  /// A golden that can be run.
  struct Loaded {
    std::unique_ptr<golden::GoldenFile> golden;
    GoldenWeights weights;
    std::optional<golden::RecordedGeneration> generation;
    FoundGates gates;
    FoundGenerationGates generation_gates;
    std::unique_ptr<golden::ValueRecord> reference_values;  ///< in float32, where the optimized engine runs as well
    std::size_t reference_result = 0;                       ///< the place of that run among the results
  };

  /// Of several goldens, --phimoe-longrope is for those of a PhiMoE; at least one must be.
  void refuse_an_idle_option() const {
    const auto is_phimoe = [](const Loaded& loaded) {
      return std::holds_alternative<PhimoeConfig>(loaded.golden->config());
    };
    if (loaded_.empty() || std::ranges::any_of(loaded_, is_phimoe)) return;
    require_phimoe(loaded_.front().golden->config(), options_.phimoe_longrope);
  }

  void load(const std::string& path) {
    progress_.update(0.0, "reading " + path);
    golden::CaseResult result = blank(path);
    result.case_name = std::filesystem::path(path).stem().string();
    try {
      auto golden = std::make_unique<golden::GoldenFile>(path);
      if (golden->kind() != golden::Kind::golden) {
        throw Error(fmt::format("{}: kind: expected \"golden\", found \"dump\"", path));
      }
      progress_.clear();
      for (const std::string& warning : golden->warnings()) fmt::print(stderr, "warning: {}\n", warning);
      result.case_name = golden->case_name();
      result.model_type = model_type(golden->config());
      verification_.provenance[path] = golden->provenance();
      GoldenWeights weights = load_weights(*golden, options_.checkpoint);
      if (weights.stale.empty()) {
        if (const std::string warning = position_warning(*golden); !warning.empty()) {
          fmt::print(stderr, "warning: {}\n", warning);
        }
        std::optional<golden::RecordedGeneration> generation =
            golden::read_generation(golden->reader(), golden->config());
        FoundGates gates = gates_.find(*golden, golden::Values::hf32);
        FoundGenerationGates of_generation;
        if (generation) of_generation = gates_.find(*golden, *generation);
        loaded_.push_back({std::move(golden), std::move(weights), std::move(generation), std::move(gates),
                           std::move(of_generation), nullptr, 0});
        return;
      }
      result.verdict = golden::Verdict::stale;
      result.error = weights.stale;
    } catch (const std::exception& error) {
      result.error = error.what();
    }
    add(std::move(result));
  }

  void run_engine(Loaded& loaded, const EngineSettings& settings) {
    const bool draws_triangle = draws_triangles_ && !loaded.golden->calls().empty();
    if (settings.name == "reference" && settings.precision == Precision::f32 && draws_triangle) {
      loaded.reference_values = std::make_unique<golden::ValueRecord>();
      loaded.reference_result = verification_.results.size();
      add(judge(loaded, settings, loaded.reference_values.get()));
    } else if (settings.name == "optimized" && loaded.reference_values) {
      golden::DirectComparison between(*loaded.reference_values);
      add(judge(loaded, settings, &between));
      verification_.triangles.push_back(golden::triangle_of(verification_.results[loaded.reference_result],
                                                            verification_.results.back(), between.sites()));
      loaded.reference_values.reset();
    } else {
      add(judge(loaded, settings, nullptr));
    }
  }

  [[nodiscard]] golden::CaseResult judge(const Loaded& loaded, const EngineSettings& settings,
                                         golden::JudgeListener* listener) {
    const golden::GoldenFile& golden = *loaded.golden;
    golden::CaseResult result = blank(golden.file());
    result.case_name = golden.case_name();
    result.model_type = model_type(golden.config());
    static_cast<golden::EngineRun&>(result) = engine_run(settings);
    // A float64 engine is held against the truth itself.
    const auto needs_gates = [&](bool has_truth) { return settings.precision == Precision::f32 || !has_truth; };
    const bool is_gated = !golden.calls().empty() && needs_gates(golden.has(golden::Values::truth));
    const bool goes_on = loaded.generation && judges_all();
    const bool is_generation_gated = goes_on && needs_gates(loaded.generation->has_truth);
    if (is_gated && !loaded.gates.calibration) {
      result.verdict = loaded.gates.verdict;
      result.error = loaded.gates.reason;
      return result;
    }
    if (is_generation_gated && !loaded.generation_gates.calibration) {
      result.verdict = loaded.generation_gates.verdict;
      result.error = loaded.generation_gates.reason;
      return result;
    }
    try {
      const std::unique_ptr<Engine> engine = make_engine(
          settings, with_phimoe_longrope(golden.config(), options_.phimoe_longrope), loaded.weights.weights);
      golden::ExamOptions exam;
      exam.precision = settings.precision;
      exam.mode = options_.mode;
      exam.rows = options_.rows;
      exam.selection = options_.selection;
      exam.listener = listener;
      if (is_gated) exam.calibration = &*loaded.gates.calibration;
      const std::optional<golden::GaugeRecord> gauges = gauges_for(loaded, settings, *engine);
      if (gauges) exam.gauges = &*gauges;
      const auto show = [&](double fraction, const std::string& where) {
        progress_.update(
            fraction, fmt::format("{} {} {} {}", golden.case_name(), settings.name, name(settings.precision), where));
      };
      result = golden::examine(golden, *engine, exam, command(options_, golden, settings), show);
      if (result.verdict == golden::Verdict::fail && options_.mode == golden::Mode::free && judges_all()) {
        result.layers = layers_of(result, golden, *engine, exam, show);
      }
      if (goes_on) {
        golden::GenerationExam of_generation{
            .precision = exam.precision,
            .size = golden::model_size(exam.tolerances, parameter_count(golden.config())),
            .tolerances = exam.tolerances};
        if (is_generation_gated) of_generation.calibration = loaded.generation_gates.calibration;
        judge_generation(*loaded.generation, golden, *engine, of_generation, result);
      }
      if (result.generation) result.generation->command = command(options_, golden, settings);
    } catch (const std::exception& error) {
      // One golden that cannot be run must not cost the verdicts of the others.
      result.error = error.what();
      result.verdict = golden::Verdict::invalid;
    }
    static_cast<golden::EngineRun&>(result) = engine_run(settings);
    return result;
  }

  /// What rounding may do to each element, where the engine is asked for its own errors alone.
  [[nodiscard]] std::optional<golden::GaugeRecord> gauges_for(const Loaded& loaded, const EngineSettings& settings,
                                                              const Engine& engine) const {
    const golden::GoldenFile& golden = *loaded.golden;
    if (options_.mode != golden::Mode::injected || settings.precision != Precision::f32) return std::nullopt;
    if (golden.calls().empty() || !golden.has(golden::Values::truth)) return std::nullopt;
    const std::unique_ptr<Engine> gauge_engine = reference::make_gauge_engine(
        with_phimoe_longrope(golden.config(), options_.phimoe_longrope), loaded.weights.weights);
    return golden::GaugeRecord(golden, *gauge_engine, golden::not_provided_by(engine));
  }

  /// Which layer made the error: the engine runs again, with the golden's values as every site's inputs.
  [[nodiscard]] static std::vector<golden::LayerErrors> layers_of(const golden::CaseResult& free,
                                                                  const golden::GoldenFile& golden, Engine& engine,
                                                                  golden::ExamOptions exam,
                                                                  const golden::ProgressCallback& show) {
    exam.mode = golden::Mode::injected;
    exam.listener = nullptr;
    const golden::CaseResult injected = golden::examine(golden, engine, exam, "", show);
    return golden::layer_errors(free.sites, injected.sites);
  }

  /// A generation is no site: who asks for some sites or layers does not ask for it.
  [[nodiscard]] bool judges_all() const { return options_.selection == golden::Selection{}; }

  /// Adds to what the sites of the golden's calls have given.
  void judge_generation(const golden::RecordedGeneration& generation, const golden::GoldenFile& golden, Engine& engine,
                        const golden::GenerationExam& exam, golden::CaseResult& result) {
    const auto start = std::chrono::steady_clock::now();
    result.generation = verify_generation(generation, engine, golden.config(), exam, [&](double fraction) {
      progress_.update(fraction, fmt::format("{} {} generation", golden.case_name(), engine.engine_name()));
    });
    if (golden.calls().empty()) {
      result.verdict = result.generation->verdict;
      result.witness = generation.has_truth ? golden::Witness::truth : golden::Witness::hf32;
    } else {
      result.verdict = golden::worse(result.verdict, result.generation->verdict);
    }
    result.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    result.peak_rss_bytes = process_memory().peak_rss_bytes;
  }

  /// INVALID until something better is known.
  [[nodiscard]] golden::CaseResult blank(const std::string& path) const {
    golden::CaseResult result;
    result.golden = path;
    static_cast<golden::EngineRun&>(result) = engine_run(options_.runs.front());
    result.mode = options_.mode;
    result.rows = options_.rows;
    return result;
  }

  void add(golden::CaseResult result) {
    progress_.clear();
    if (!result.error.empty()) fmt::print(stderr, "error: {}\n", result.error);
    if (prints()) fmt::print("{}", lines_.next(result));
    std::fflush(stdout);
    verification_.results.push_back(std::move(result));
  }

  /// Where a report goes to standard output, nothing else does.
  [[nodiscard]] bool prints() const { return options_.reports.prints(); }

  const VerifyOptions& options_;
  reports::Style style_;
  reports::CaseLines lines_;
  bool draws_triangles_;  ///< where both engines run
  reports::Progress progress_;
  GatesFinder gates_;
  std::vector<Loaded> loaded_;
  golden::Verification verification_;
};

}  // namespace

int verify(const Arguments& arguments) {
  const std::optional<VerifyOptions> options = parse(arguments);
  if (!options) return 0;
  Reports reports(options->reports);
  const golden::Verification verification = Verifier(*options).run();
  reports.write(verification);
  return golden::exit_code(golden::verdict_of(verification));
}

}  // namespace assay
