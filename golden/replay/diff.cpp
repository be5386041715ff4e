// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/replay/diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "golden/replay/comparability.hpp"
#include "golden/replay/lacking.hpp"
#include "golden/replay/replay_engine.hpp"
#include "model/error.hpp"

namespace assay::golden {
namespace {

/// What examine() would say of any dump of this golden.
CaseResult blank(const GoldenFile& expected, const ExamOptions& options) {
  CaseResult result;
  result.golden = expected.file();
  result.case_name = expected.case_name();
  result.model_type = model_type(expected.config());
  result.mode = options.mode;
  result.rows = options.rows;
  return result;
}

bool have_common_site(const GoldenFile& expected, const Dump& actual) {
  for (std::size_t call = 0; call < expected.calls().size(); ++call) {
    const std::vector<PlannedSite>& plan = expected.calls()[call].sites;
    if (std::ranges::any_of(plan, [&](const PlannedSite& planned) {
          return expected.records({call}, planned.point) && actual.shows({call}, planned.point);
        })) {
      return true;
    }
  }
  return false;
}

/// Sites of experts that the dump does not name.
std::vector<Site> without_experts(const GoldenFile& expected, const Dump& actual) {
  std::set<Site> sites;
  for (std::size_t call = 0; call < expected.calls().size(); ++call) {
    for (const PlannedSite& planned : expected.calls()[call].sites) {
      if (actual.holds({call}, planned.point) && !actual.shows({call}, planned.point)) sites.insert(planned.point.site);
    }
  }
  return {sites.begin(), sites.end()};
}

void add_names(const std::string& what, const std::vector<Site>& sites, std::vector<std::string>& notes) {
  if (!sites.empty()) notes.push_back(fmt::format("{}: {}", what, assay::to_string(sites)));
}

}  // namespace

CaseResult diff(const GoldenFile& expected, const Dump& actual, ExamOptions options, const std::string& command,
                const ProgressCallback& progress) {
  options.precision = actual.run().precision;
  options.mode = Mode::free;
  options.replays = false;
  if (options.precision == Precision::bf16 && expected.kind() == Kind::dump) {
    throw Error(fmt::format("{}: precision: expected f32 or f64 to be held against a dump, found bf16", actual.file()));
  }
  Comparability same = comparability(expected, actual.arrays());
  CaseResult result = blank(expected, options);
  std::vector<std::string> notes = std::move(same.notes);
  if (!same.refusal.empty()) {
    result.verdict = Verdict::stale;
    result.error = same.refusal;
  } else {
    add_names(fmt::format("not judged, for {} has no such site", expected.file()), actual.check(expected), notes);
    add_names("not judged, for the dump has no router_experts to tell their slots apart",
              without_experts(expected, actual), notes);
    if (have_common_site(expected, actual)) {
      ReplayEngine engine(expected, actual);
      result = examine(expected, engine, options, command, progress);
    } else {
      result.verdict = Verdict::vacuous;
      result.error =
          fmt::format("{}: expected at least one site that {} has, found none", actual.file(), expected.file());
    }
    result.not_in_dump = lacking(expected, actual, options.selection);
  }
  static_cast<EngineRun&>(result) = actual.run();
  result.actual = actual.file();
  result.notes = std::move(notes);
  return result;
}

}  // namespace assay::golden
