// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/dump_writer.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "golden/format/schema.hpp"
#include "golden/format/weights_hash.hpp"

namespace assay::golden {
namespace {

void write_text(Hdf5Writer& writer, const std::string& path, const std::string& text) {
  writer.dataset(path, DType::u8, {text.size()}, std::as_bytes(std::span(text)));
}

}  // namespace

DumpWriter::DumpWriter(const std::filesystem::path& path, const GoldenFile& golden, const EngineRun& run,
                       Selection selection)
    : golden_(golden), selection_(std::move(selection)), writer_(path) {
  write_root(run);
  write_calls();
}

void DumpWriter::declare(const Engine& engine) {
  std::set<Site> absent;
  for (const RecordedCall& call : golden_.calls()) {
    for (const PlannedSite& planned : call.sites) {
      if (selection_.includes(planned.point) && !engine.provides(planned.point.site)) absent.insert(planned.point.site);
    }
  }
  not_provided_.assign(absent.begin(), absent.end());
  if (!absent.empty()) writer_.attribute("/", "not_provided", assay::to_string(not_provided_));
}

void DumpWriter::declare(PhimoeLongrope longrope) {
  if (longrope != PhimoeLongrope::hf5) writer_.attribute("/", "phimoe_longrope", name(longrope));
}

void DumpWriter::write_root(const EngineRun& run) {
  writer_.attribute("/", "schema", schema);
  writer_.attribute("/", "schema_version", schema_version);
  writer_.attribute("/", "kind", "dump");
  writer_.attribute("/", "case", golden_.case_name());
  writer_.attribute("/", "model_type", model_type(golden_.config()));
  writer_.attribute("/", "seed", golden_.seed());
  writer_.attribute("/", "weights", "none");
  if (const auto hash = weights_sha256(golden_)) writer_.attribute("/", "weights_sha256", *hash);
  writer_.attribute("/", "engine", run.engine);
  writer_.attribute("/", "precision", name(run.precision));
  if (run.threads) writer_.attribute("/", "threads", static_cast<std::int64_t>(*run.threads));
  if (!run.weights.empty()) writer_.attribute("/", "engine_weights", run.weights);
  write_text(writer_, "/config", golden_.config_text());
  write_text(writer_, "/provenance", golden_.provenance());
}

void DumpWriter::write_calls() {
  for (std::size_t i = 0; i < golden_.calls().size(); ++i) write_call(writer_, CallIndex{i}, golden_.calls()[i]);
}

void DumpWriter::observe(const ProbePoint& point, const SiteValue& value) {
  if (!selection_.includes(point)) return;
  const std::string path = site_path(call_, name(Values::actual), point);
  std::visit([&]<class T>(std::span<const T> values) { writer_.dataset<T>(path, value.shape, values); }, value.values);
  const std::vector<PlannedSite>& plan = golden_.calls()[call_.value].sites;
  const auto place = std::ranges::find(plan, point, &PlannedSite::point);
  writer_.attribute(path, "order", static_cast<std::int64_t>(place - plan.begin()));
  ++sites_;
}

}  // namespace assay::golden
