// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Writes pages of hand-made results, for the tests that open them in a browser: page_samples SAMPLE FILE, where SAMPLE
// is failing, large, many, or one of tests/pages/bench_pages.hpp.
#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "golden/judge/triangle.hpp"
#include "model/files/atomic_file.hpp"
#include "reports/html/html.hpp"
#include "tests/pages/bench_pages.hpp"
#include "tests/reports/samples.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;
using golden::Decision;
using golden::Measure;
using golden::Origin;
using golden::SiteResult;
using golden::Verdict;

/// Errors about `share` of the limit, as noise has them: a hump over some bins.
void fill_bins(SiteResult& site, double share) {
  const int peak = static_cast<int>(golden::limit_bin) + static_cast<int>(std::floor(std::log2(share) / 2)) - 2;
  for (int bin = 0; bin < static_cast<int>(site.metrics.error_bins.size()); ++bin) {
    const double away = bin - peak;
    const double count = 600 * std::exp(-away * away / 3);
    site.metrics.error_bins[static_cast<std::size_t>(bin)] = static_cast<std::uint32_t>(count);
  }
  site.metrics.equal = 40;
}

SiteResult site_of(Site which, std::size_t layer, double share) {
  const Verdict verdict = share > 1 ? Verdict::fail : share > 0.9 ? Verdict::marginal : Verdict::pass;
  const double limit = 2e-7 * (1 + 0.1 * static_cast<double>(layer));
  SiteResult site = samples::site(which, layer, verdict, share * limit);
  site.limit_rel_l2 = limit;
  site.limit_max_abs = 5 * site.limit_rel_l2;
  site.ratios = {{Measure::tensor, 2 * share, 2.5, 0, 0}, {Measure::row, 3.1 * share, 3.1, 4, 12}};
  fill_bins(site, share);
  return site;
}

/// A healthy float32 run; where the layers reach `broken`, moe_out goes wrong and all behind it inherits that.
CaseResult model_of(std::size_t layers, std::size_t broken) {
  CaseResult result = samples::with_verdict(broken < layers ? Verdict::fail : Verdict::pass);
  result.precision = Precision::f32;
  result.sites = {site_of(Site::embed_out, 0, 0.05)};
  result.routing.clear();
  for (std::size_t layer = 0; layer < layers; ++layer) {
    double share = 0;
    for (const SiteInfo& info : all_sites()) {
      if (info.scope != SiteScope::layer || info.kind == SiteKind::mask) continue;
      const auto number = static_cast<double>(info.site);
      share = 0.2 + 0.15 * std::sin(number * 1.7 + static_cast<double>(layer));
      if (info.site == Site::router_logits && layer == 1) share = 0.95;
      const bool behind = layer > broken || (layer == broken && info.site >= Site::moe_out);
      if (behind) share = 3000 / static_cast<double>(1 + (layer - broken) * (layer - broken)) + 1.5;
      result.sites.push_back(site_of(info.site, layer, share));
    }
    const bool wrong = layer == broken;
    result.routing.push_back({CallIndex{0}, LayerIndex{layer}, 12, wrong ? 11U : 12U, 0, wrong ? 1U : 0U, 0.02, 3e-5});
    const Origin origin = layer == broken ? Origin::introduced : layer > broken ? Origin::inherited : Origin::clean;
    const double in = layer > broken ? 1500.0 : 0.2;
    const double own = wrong ? 2900.0 : 0.3;
    result.layers.push_back({CallIndex{0}, LayerIndex{layer}, in, share, own, Site::moe_out, origin});
  }
  result.sites.push_back(site_of(Site::logits, 0, broken < layers ? 40 : 0.3));
  result.decisions.clear();
  result.end_to_end = {{CallIndex{0}, 1.2e-9, 2e-9, 6e-9, 8e-9, 12, 12, 0, 0}};
  result.first_divergence.reset();
  if (broken < layers) {
    const auto first = std::ranges::find(result.sites, Verdict::fail, &SiteResult::verdict);
    result.first_divergence = {*first, fmt::format("assay verify golden/data/phimoe_cache.h5 --engine reference "
                                                   "--precision f32 --mode free --sites moe_out --layers {}:{}",
                                                   broken, broken + 1)};
    result.decisions = {{CallIndex{0}, LayerIndex{broken}, 4, "top k", Decision::wrong, 0.12, 3e-5, {0, 2}, {0, 5}}};
    result.end_to_end[0] = {CallIndex{0}, 3e-3, 2e-9, 0.2, 8e-9, 12, 10, 1, 1};
  }
  return result;
}

CaseResult named(CaseResult result, const std::string& name, const std::string& engine) {
  result.case_name = name;
  result.golden = fmt::format("golden/data/{}.h5", name);
  result.engine = engine;
  return result;
}

golden::Verification failing() {
  const CaseResult reference = named(model_of(12, 12), "phimoe_cache", "reference");
  const CaseResult optimized = named(model_of(12, 5), "phimoe_cache", "optimized");
  golden::Verification verification{{reference, optimized}};
  verification.triangles = {
      golden::triangle_of(reference, optimized, {samples::site(Site::moe_out, 5, Verdict::fail, 0.5)})};
  verification.provenance[reference.golden] = "{\n \"torch\": \"2.13.0\",\n \"transformers\": \"5.23.0\"\n}";
  return verification;
}

golden::Verification many() {
  golden::Verification verification;
  for (std::size_t i = 0; i < 300; ++i) {
    const Verdict verdict = i % 60 == 7 ? Verdict::fail : i % 90 == 11 ? Verdict::marginal : Verdict::pass;
    verification.results.push_back(named(samples::with_verdict(verdict), fmt::format("case_{:03}", i), "reference"));
  }
  return verification;
}

std::optional<golden::Verification> verification(std::string_view sample) {
  if (sample == "failing") return failing();
  if (sample == "large") return golden::Verification{{named(model_of(400, 217), "deep_model", "reference")}};
  if (sample == "many") return many();
  return std::nullopt;
}

std::optional<std::string> page(std::string_view sample) {
  if (const auto verified = verification(sample)) return to_html(*verified, "assay, a sample\n");
  return samples::bench_page(sample);
}

}  // namespace
}  // namespace assay::reports

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "error: expected a sample and a file\n");
    return 2;
  }
  if (!assay::reports::can_draw_charts()) {
    fmt::print(stderr, "error: built without the scripts that draw charts: run script/setup and build again\n");
    return 2;
  }
  const std::optional<std::string> page = assay::reports::page(argv[1]);
  if (!page) {
    fmt::print(stderr, "error: {}: expected one of the samples, found another name\n", argv[1]);
    return 2;
  }
  assay::write_text_file(argv[2], *page);
  return 0;
}
