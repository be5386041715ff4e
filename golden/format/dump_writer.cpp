// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/dump_writer.hpp"

#include <algorithm>
#include <string>

#include "golden/format/schema.hpp"

namespace assay::golden {
namespace {

void write_text(Hdf5Writer& writer, const std::string& path, const std::string& text) {
  writer.dataset(path, DType::u8, {text.size()}, std::as_bytes(std::span(text)));
}

void write_ids(Hdf5Writer& writer, const std::string& path, const Tensor<std::int64_t, 2>& ids) {
  writer.dataset<std::int64_t>(path, ids.view().shape(), ids.view().flat());
}

}  // namespace

DumpWriter::DumpWriter(const std::filesystem::path& path, const GoldenFile& golden, std::string_view engine,
                       Precision precision, Selection selection)
    : golden_(golden), selection_(std::move(selection)), writer_(path) {
  write_root(engine, precision);
  write_calls();
}

void DumpWriter::write_root(std::string_view engine, Precision precision) {
  writer_.attribute("/", "schema", schema);
  writer_.attribute("/", "schema_version", schema_version);
  writer_.attribute("/", "kind", "dump");
  writer_.attribute("/", "case", golden_.case_name());
  writer_.attribute("/", "model_type", model_type(golden_.config()));
  writer_.attribute("/", "seed", golden_.seed());
  writer_.attribute("/", "weights", "none");
  writer_.attribute("/", "engine", engine);
  writer_.attribute("/", "precision", name(precision));
  write_text(writer_, "/config", golden_.config_text());
  write_text(writer_, "/provenance", golden_.provenance());
}

void DumpWriter::write_calls() {
  for (std::size_t i = 0; i < golden_.calls().size(); ++i) {
    const RecordedCall& call = golden_.calls()[i];
    const std::string path = call_path(CallIndex{i});
    writer_.group(path);
    writer_.attribute(path, "continues", call.continues ? static_cast<std::int64_t>(i) - 1 : -1);
    writer_.attribute(path, "use_cache", std::int64_t{call.use_cache ? 1 : 0});
    write_ids(writer_, path + "/inputs/input_ids", call.input_ids);
    if (call.attention_mask) write_ids(writer_, path + "/inputs/attention_mask", *call.attention_mask);
    if (call.position_ids) write_ids(writer_, path + "/inputs/position_ids", *call.position_ids);
  }
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
