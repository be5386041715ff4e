// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/bench_errors.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "assay/gates_option.hpp"
#include "bench/cost/cost.hpp"
#include "golden/judge/examination.hpp"
#include "model/error.hpp"

namespace assay {

void add_errors(const golden::GoldenFile& golden, const std::string& gates, Engine& engine,
                std::vector<bench::LedgerRow>& ledger) {
  if (golden.calls().empty())
    throw Error(fmt::format("{}: expected calls with sites, found only a generation", golden.file()));
  const FoundGates found = GatesFinder(gates).find(golden, golden::Values::hf32);
  if (!found.calibration) throw Error(found.reason);
  golden::ExamOptions exam;
  exam.precision = engine.precision();
  exam.calibration = &*found.calibration;
  const golden::CaseResult result = golden::examine(golden, engine, exam, "", [](double, const std::string&) {});
  for (const golden::SiteResult& site : result.sites) {
    const bench::Mixing mixing = site.layer ? bench::mixing_of(golden.config(), *site.layer) : bench::Mixing::none;
    const std::string_view group = name(bench::group_of(site.site, mixing));
    for (bench::LedgerRow& row : ledger) {
      if (row.group != group || row.layer.has_value() != site.layer.has_value()) continue;
      if (row.layer && *row.layer != site.layer->value) continue;
      row.error = std::max(row.error.value_or(0), site.metrics.rel_l2);
      row.used = std::max(row.used.value_or(0), golden::share_used(site));
    }
  }
}

}  // namespace assay
