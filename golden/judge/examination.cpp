// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/examination.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "model/process_memory.hpp"

namespace assay::golden {
namespace {

/// Watches a run from beside the examiner: how far it is, and how much memory it holds.
class Watcher : public Observer {
 public:
  Watcher(Examiner& examiner, std::size_t total, const ProgressCallback& progress)
      : examiner_(examiner), total_(total), progress_(progress) {}

  void observe(const ProbePoint& point, const SiteValue& value) override {
    examiner_.observe(point, value);
    peak_anonymous_bytes_ = std::max(peak_anonymous_bytes_, process_memory().anonymous_bytes);
    ++seen_;
    if (progress_) progress_(static_cast<double>(seen_) / static_cast<double>(total_), to_string(point));
  }

  [[nodiscard]] std::size_t peak_anonymous_bytes() const { return peak_anonymous_bytes_; }

 private:
  Examiner& examiner_;
  std::size_t total_;
  const ProgressCallback& progress_;
  std::size_t seen_ = 0;
  std::size_t peak_anonymous_bytes_ = 0;
};

ExamOptions with_declarations(ExamOptions options, const Engine& engine) {
  options.not_provided.merge(not_provided_by(engine));
  return options;
}

std::optional<Divergence> first_divergence(const std::vector<SiteResult>& sites, const std::string& command) {
  const auto first = std::ranges::find_if(
      sites, [](const SiteResult& site) { return site.verdict == Verdict::fail || site.verdict == Verdict::missing; });
  if (first == sites.end()) return std::nullopt;
  std::string only = fmt::format("{} --sites {}", command, name(first->site));
  if (first->layer) only += fmt::format(" --layers {}:{}", first->layer->value, first->layer->value + 1);
  return Divergence{*first, only};
}

}  // namespace

std::set<Site> not_provided_by(const Engine& engine) {
  std::set<Site> sites;
  for (const SiteInfo& site : all_sites()) {
    if (!engine.provides(site.site)) sites.insert(site.site);
  }
  return sites;
}

Verdict verdict_of(const std::vector<SiteResult>& sites) {
  Verdict verdict = Verdict::vacuous;
  for (const SiteResult& site : sites) {
    if (site.verdict == Verdict::vacuous) continue;
    verdict = verdict == Verdict::vacuous ? site.verdict : worse(verdict, site.verdict);
  }
  return verdict;
}

CaseResult examine(const GoldenFile& golden, Engine& engine, const ExamOptions& options, const std::string& command,
                   const ProgressCallback& progress) {
  const auto start = std::chrono::steady_clock::now();
  Examiner examiner(golden, with_declarations(options, engine));
  std::size_t total = 0;
  for (const RecordedCall& call : golden.calls()) total += call.sites.size();
  Watcher watcher(examiner, total, progress);
  const Probe probe(&watcher, &examiner);

  engine.reset();
  for (std::size_t i = 0; i < golden.calls().size(); ++i) {
    examiner.begin_call(CallIndex{i});
    engine.forward(golden.calls()[i].call(), probe);
    examiner.end_call();
    if (examiner.gave_up()) break;
  }

  CaseResult result;
  result.golden = golden.file();
  result.case_name = golden.case_name();
  result.model_type = model_type(golden.config());
  result.engine = engine.engine_name();
  result.precision = engine.precision();
  result.mode = options.mode;
  result.rows = options.rows;
  result.witness = examiner.witness();
  result.sites = examiner.results();
  result.verdict = verdict_of(result.sites);
  result.first_divergence = first_divergence(result.sites, command);
  result.not_provided = examiner.not_provided();
  result.not_recorded = examiner.not_recorded();
  result.tied_tokens = examiner.tied_tokens();
  result.contaminated_tokens = examiner.contaminated_tokens();
  result.routing = examiner.routing();
  result.decisions = examiner.decisions();
  result.end_to_end = examiner.end_to_end();
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.peak_rss_bytes = process_memory().peak_rss_bytes;
  result.peak_anonymous_bytes = watcher.peak_anonymous_bytes();
  return result;
}

}  // namespace assay::golden
