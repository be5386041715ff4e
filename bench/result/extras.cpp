// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/extras.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "bench/result/entries.hpp"
#include "bench/result/json.hpp"
#include "bench/statistics/summary.hpp"
#include "model/error.hpp"

namespace assay::bench {
namespace {

namespace json = boost::json;

template <class Numbers>
json::array list_of(const Numbers& numbers) {
  return json::array(numbers.begin(), numbers.end());
}

json::object object_of(const std::map<std::string, std::string>& texts) {
  json::object object;
  for (const auto& [key, text] : texts) object[key] = text;
  return object;
}

json::value or_null(const std::optional<double>& number) { return number ? json_number(*number) : json::value(); }

json::array rows_of(const Result& result) {
  json::array rows;
  for (const Row& row : result.rows) {
    json::object object;
    object["name"] = row.name;
    object["real_seconds"] = list_of(real_seconds(row.samples));
    object["cpu_seconds"] = list_of(cpu_seconds(row.samples));
    if (!row.control.empty()) {
      std::vector<std::uint64_t> iterations;
      for (const Sample& sample : row.control) iterations.push_back(sample.iterations);
      object["control"] = json::object{{"iterations", list_of(iterations)},
                                       {"real_seconds", list_of(real_seconds(row.control))},
                                       {"cpu_seconds", list_of(cpu_seconds(row.control))}};
    }
    if (row.instructions) object["instructions"] = json_number(*row.instructions);
    if (!row.code.empty()) object["code"] = row.code;
    if (!row.digest.empty()) object["digest"] = row.digest;
    rows.push_back(std::move(object));
  }
  return rows;
}

json::array memory_of(const Result& result) {
  json::array phases;
  for (const MemoryPhase& phase : result.memory) {
    phases.push_back(json::object{{"name", phase.name},
                                  {"peak_bytes", phase.peak_bytes},
                                  {"after_bytes", phase.after_bytes},
                                  {"explained_bytes", phase.explained_bytes}});
  }
  return phases;
}

json::array ledger_of(const Result& result) {
  json::array lines;
  for (const LedgerRow& line : result.ledger) {
    lines.push_back(json::object{{"phase", line.phase},
                                 {"layer", line.layer ? json::value(*line.layer) : json::value()},
                                 {"group", line.group},
                                 {"seconds", line.seconds},
                                 {"flops", line.flops},
                                 {"bytes", line.bytes},
                                 {"error", or_null(line.error)},
                                 {"used", or_null(line.used)}});
  }
  return lines;
}

json::array experts_of(const Result& result) {
  json::array loads;
  for (const ExpertLoad& load : result.experts) {
    loads.push_back(json::object{{"phase", load.phase}, {"layer", load.layer}, {"tokens", list_of(load.tokens)}});
  }
  return loads;
}

/// Samples from lists of equal length.
std::vector<Sample> read_samples(const Fields& fields, const std::vector<std::uint64_t>& iterations) {
  const std::vector<double> real = fields.amounts("real_seconds");
  const std::vector<double> cpu = fields.amounts("cpu_seconds");
  for (const double seconds : real) expect_time(fields, "real_seconds", seconds);
  const auto expect_length = [&](std::string_view key, std::size_t length) {
    if (length == iterations.size()) return;
    fields.refuse(key, fmt::format("a list of {}", iterations.size()), fmt::format("a list of {}", length));
  };
  expect_length("real_seconds", real.size());
  expect_length("cpu_seconds", cpu.size());
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < real.size(); ++i) {
    if (iterations[i] == 0) fields.refuse("iterations", "at least 1", "0");
    samples.push_back({real[i], cpu[i], iterations[i]});
  }
  return samples;
}

bool agree(double a, double b) { return std::abs(a - b) <= 1e-12 * std::max(a, b); }

/// The entries have nanoseconds, which do not lead back to the very same seconds; but they must not say something else.
void check_entries(const Fields& fields, const Row& row, const std::vector<Sample>& exact) {
  for (std::size_t i = 0; i < exact.size(); ++i) {
    if (agree(exact[i].real_seconds, row.samples[i].real_seconds) &&
        agree(exact[i].cpu_seconds, row.samples[i].cpu_seconds)) {
      continue;
    }
    fields.refuse("real_seconds, cpu_seconds", fmt::format("the times of repetition_index {} in benchmarks", i),
                  "others");
  }
}

void read_row(const Fields& unnamed, const std::string& file, Result& result, std::set<std::string>& seen) {
  const std::string name = unnamed.text("name");
  const Fields fields(unnamed.all(), row_place(file, name) + ": assay");
  fields.expect_only({"name", "real_seconds", "cpu_seconds", "control", "instructions", "code", "digest"});
  const auto row = std::ranges::find(result.rows, name, &Row::name);
  if (row == result.rows.end()) {
    throw Error(fmt::format("{}: expected its samples in benchmarks, found none", row_place(file, name)));
  }
  if (!seen.insert(name).second) {
    throw Error(fmt::format("{}: expected one row of that name in assay, found two", row_place(file, name)));
  }
  std::vector<std::uint64_t> iterations;
  for (const Sample& sample : row->samples) iterations.push_back(sample.iterations);
  const std::vector<Sample> exact = read_samples(fields, iterations);
  check_entries(fields, *row, exact);
  row->samples = exact;
  if (fields.has("control")) {
    const Fields control = fields.object("control");
    control.expect_only({"iterations", "real_seconds", "cpu_seconds"});
    row->control = read_samples(control, control.counts("iterations"));
    if (row->control.size() != row->samples.size()) {
      fields.refuse("control", fmt::format("{} samples, as the row has", row->samples.size()),
                    fmt::to_string(row->control.size()));
    }
  }
  if (fields.has("instructions")) {
    row->instructions = fields.amount("instructions");
    if (*row->instructions == 0) fields.refuse("instructions", "a number above 0");
  }
  if (fields.has("code")) row->code = fields.text("code");
  if (fields.has("digest")) row->digest = fields.text("digest");
}

void read_rows(const Fields& extras, const std::string& file, Result& result) {
  std::set<std::string> seen;
  for (const Fields& row : extras.objects("rows")) read_row(row, file, result, seen);
  for (const Row& row : result.rows) {
    if (seen.contains(row.name)) continue;
    throw Error(fmt::format("{}: assay: expected a row of that name, found none", row_place(file, row.name)));
  }
}

void read_noise(const Fields& noise, Result& result) {
  noise.expect_only({"seconds", "steal_seconds", "pressure_share", "involuntary_switches", "major_faults"});
  result.noise = {noise.amount("seconds"), noise.amount("steal_seconds"), noise.amount("pressure_share"),
                  noise.count("involuntary_switches"), noise.count("major_faults")};
}

void read_memory(const Fields& extras, Result& result) {
  for (const Fields& phase : extras.objects("memory")) {
    phase.expect_only({"name", "peak_bytes", "after_bytes", "explained_bytes"});
    result.memory.push_back(
        {phase.text("name"), phase.count("peak_bytes"), phase.count("after_bytes"), phase.count("explained_bytes")});
  }
  const Fields bytes = extras.object("bytes");
  for (const auto& member : bytes.all()) result.bytes[member.key()] = bytes.count(member.key());
}

std::optional<double> number_or_null(const Fields& fields, std::string_view key) {
  if (fields.has(key) && fields.all().at(key).is_null()) return std::nullopt;
  return fields.number(key);
}

void read_ledger(const Fields& extras, Result& result) {
  for (const Fields& line : extras.objects("ledger")) {
    line.expect_only({"phase", "layer", "group", "seconds", "flops", "bytes", "error", "used"});
    LedgerRow row;
    row.phase = line.text("phase");
    if (!line.has("layer") || !line.all().at("layer").is_null()) row.layer = line.count("layer");
    row.group = line.text("group");
    row.seconds = line.amount("seconds");
    row.flops = line.amount("flops");
    row.bytes = line.amount("bytes");
    row.error = number_or_null(line, "error");
    row.used = number_or_null(line, "used");
    result.ledger.push_back(std::move(row));
  }
}

void read_experts(const Fields& extras, Result& result) {
  for (const Fields& load : extras.objects("experts")) {
    load.expect_only({"phase", "layer", "tokens"});
    result.experts.push_back({load.text("phase"), load.count("layer"), load.counts("tokens")});
  }
}

}  // namespace

json::object to_extras(const Result& result) {
  json::object extras;
  extras["schema"] = schema;
  extras["program"] = result.program;
  extras["commit"] = result.commit;
  extras["machine"] = object_of(result.machine);
  extras["settings"] = object_of(result.settings);
  extras["pairing"] = result.pairing;
  extras["noise"] = json::object{{"seconds", result.noise.seconds},
                                 {"steal_seconds", result.noise.steal_seconds},
                                 {"pressure_share", result.noise.pressure_share},
                                 {"involuntary_switches", result.noise.involuntary_switches},
                                 {"major_faults", result.noise.major_faults}};
  extras["roofs"] = json::object{{"flops_per_second", result.roofs.flops_per_second},
                                 {"bytes_per_second", result.roofs.bytes_per_second}};
  extras["rows"] = rows_of(result);
  extras["memory"] = memory_of(result);
  json::object bytes;
  for (const auto& [kind, count] : result.bytes) bytes[kind] = count;
  extras["bytes"] = std::move(bytes);
  extras["ledger"] = ledger_of(result);
  extras["experts"] = experts_of(result);
  return extras;
}

void read_extras(const Fields& file, Result& result) {
  const Fields extras = file.object("assay");
  if (extras.text("schema") != schema) extras.refuse("schema", fmt::format("\"{}\"", schema));
  extras.expect_only({"schema", "program", "commit", "machine", "settings", "pairing", "noise", "roofs", "rows",
                      "memory", "bytes", "ledger", "experts"});
  result.program = extras.text("program");
  result.commit = extras.text("commit");
  result.machine = extras.texts("machine");
  result.settings = extras.texts("settings");
  result.pairing = extras.text("pairing");
  read_noise(extras.object("noise"), result);
  const Fields roofs = extras.object("roofs");
  roofs.expect_only({"flops_per_second", "bytes_per_second"});
  result.roofs = {roofs.amount("flops_per_second"), roofs.amount("bytes_per_second")};
  read_rows(extras, file.where(), result);
  read_memory(extras, result);
  read_ledger(extras, result);
  read_experts(extras, result);
}

}  // namespace assay::bench
