// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/entries.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "bench/statistics/summary.hpp"
#include "model/error.hpp"

namespace assay::bench {
namespace {

namespace json = boost::json;

constexpr double nanoseconds = 1e9;

/// What an entry may say beside its counters, in some version.
constexpr std::array<std::string_view, 20> keys{"name",
                                                "family_index",
                                                "per_family_instance_index",
                                                "run_name",
                                                "run_type",
                                                "repetitions",
                                                "threads",
                                                "repetition_index",
                                                "iterations",
                                                "real_time",
                                                "cpu_time",
                                                "time_unit",
                                                "label",
                                                "error_occurred",
                                                "error_message",
                                                "skipped",
                                                "skip_message",
                                                "aggregate_name",
                                                "aggregate_unit",
                                                "big_o"};

bool is_key(std::string_view name) { return std::ranges::find(keys, name) != keys.end(); }

json::object entry_of(const Row& row, std::size_t index, std::string_view type) {
  json::object entry;
  entry["name"] = row.name;
  entry["family_index"] = index;
  entry["per_family_instance_index"] = 0;
  entry["run_name"] = row.name;
  entry["run_type"] = type;
  entry["repetitions"] = row.samples.size();
  return entry;
}

void add_times(json::object& entry, std::uint64_t iterations, double real, double cpu) {
  entry["iterations"] = iterations;
  entry["real_time"] = real;
  entry["cpu_time"] = cpu;
  entry["time_unit"] = "ns";
}

void add_counters(json::object& entry, const Row& row) {
  for (const auto& [name, value] : row.counters) entry[name] = json_number(value);
}

json::object sample_entry(const Row& row, std::size_t index, std::size_t repetition) {
  json::object entry = entry_of(row, index, "iteration");
  entry["repetition_index"] = repetition;
  entry["threads"] = row.threads;
  if (!row.invalid.empty()) {
    entry["error_occurred"] = true;
    entry["error_message"] = row.invalid;
  }
  const Sample sample = row.samples.empty() ? Sample{0, 0, 0} : row.samples[repetition];
  add_times(entry, sample.iterations, sample.real_seconds * nanoseconds, sample.cpu_seconds * nanoseconds);
  add_counters(entry, row);
  return entry;
}

void add_aggregate(json::array& entries, const Row& row, std::size_t index, std::string_view name, double real,
                   double cpu) {
  json::object entry = entry_of(row, index, "aggregate");
  entry["name"] = fmt::format("{}_{}", row.name, name);
  entry["threads"] = row.threads;
  entry["aggregate_name"] = name;
  entry["aggregate_unit"] = name == "cv" ? "percentage" : "time";
  add_times(entry, row.samples.size(), real, cpu);
  if (name == "mean" || name == "median") add_counters(entry, row);
  entries.push_back(std::move(entry));
}

void add_aggregates(json::array& entries, const Row& row, std::size_t index) {
  std::vector<double> real = real_seconds(row.samples);
  std::vector<double> cpu = cpu_seconds(row.samples);
  for (double& seconds : real) seconds *= nanoseconds;
  for (double& seconds : cpu) seconds *= nanoseconds;
  const auto variation = [](const std::vector<double>& times) {
    return mean(times) == 0 ? 0 : standard_deviation(times) / mean(times);
  };
  add_aggregate(entries, row, index, "mean", mean(real), mean(cpu));
  add_aggregate(entries, row, index, "median", median(real), median(cpu));
  add_aggregate(entries, row, index, "stddev", standard_deviation(real), standard_deviation(cpu));
  add_aggregate(entries, row, index, "cv", variation(real), variation(cpu));
}

double units_per_second(const Fields& entry) {
  const std::string unit = entry.text("time_unit");
  if (unit == "ns") return 1e9;
  if (unit == "us") return 1e6;
  if (unit == "ms") return 1e3;
  if (unit == "s") return 1;
  entry.refuse("time_unit", "ns|us|ms|s");
}

/// Google Benchmark's names of what Row::counters has names for.
std::string counter_name(std::string_view key) {
  if (key == "bytes_per_second") return "bytes/s";
  if (key == "items_per_second") return "items/s";
  if (key == "allocs_per_iter") return "allocations";
  return std::string(key);
}

/// Why the entry does not count; "" where it does.
std::string complaint(const Fields& entry) {
  if (entry.has("error_occurred") && entry.boolean("error_occurred")) {
    const std::string message = entry.has("error_message") ? entry.text("error_message") : "";
    return message.empty() ? "an error without a message" : message;
  }
  if (entry.has("skipped") && entry.boolean("skipped")) {
    return "skipped: " + (entry.has("skip_message") ? entry.text("skip_message") : "no reason given");
  }
  return "";
}

/// A row whose entries are being read.
struct Reading {
  Row row;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> identity;
  std::uint64_t repetitions = 0;  ///< 0: not said
  std::size_t entries = 0;
  std::map<std::string, std::vector<double>> counters;
};

/// Two benchmarks of one name show in their indices only.
void check_identity(const Fields& entry, Reading& reading) {
  if (!entry.has("family_index") || !entry.has("per_family_instance_index")) return;
  const std::pair identity(entry.count("family_index"), entry.count("per_family_instance_index"));
  if (reading.identity && *reading.identity != identity) {
    throw Error(fmt::format("{}: expected one benchmark of that name, found two", entry.where()));
  }
  reading.identity = identity;
}

void check_repetition(const Fields& entry, Reading& reading) {
  if (entry.has("repetitions")) reading.repetitions = entry.count("repetitions");
  if (!entry.has("repetition_index")) return;
  const std::uint64_t index = entry.count("repetition_index");
  if (index != reading.entries) {
    entry.refuse("repetition_index", fmt::to_string(reading.entries), fmt::to_string(index));
  }
}

void read_counters(const Fields& entry, Reading& reading) {
  for (const auto& member : entry.all()) {
    if (is_key(member.key())) continue;
    if (!is_number(member.value())) entry.refuse(member.key(), "a number, as of every counter");
    reading.counters[counter_name(member.key())].push_back(entry.number(member.key()));
  }
}

void read_sample(const Fields& entry, Reading& reading) {
  const std::string invalid = complaint(entry);
  if (!invalid.empty()) reading.row.invalid = invalid;
  check_identity(entry, reading);
  check_repetition(entry, reading);
  ++reading.entries;
  if (entry.has("threads")) reading.row.threads = entry.count("threads");
  read_counters(entry, reading);
  if (!invalid.empty() && (!entry.has("real_time") || entry.number("real_time") == 0)) return;
  const double units = units_per_second(entry);
  Sample sample;
  sample.iterations = entry.count("iterations");
  if (sample.iterations == 0) entry.refuse("iterations", "at least 1", "0");
  const double real = entry.number("real_time");
  expect_time(entry, "real_time", real);
  sample.real_seconds = real / units;
  sample.cpu_seconds = entry.amount("cpu_time") / units;
  reading.row.samples.push_back(sample);
}

Row finished(Reading reading, const std::string& file) {
  Row& row = reading.row;
  if (row.invalid.empty() && reading.repetitions != 0 && reading.repetitions != reading.entries) {
    throw Error(fmt::format("{}: expected {} samples, as its repetitions say, found {}", row_place(file, row.name),
                            reading.repetitions, reading.entries));
  }
  for (auto& [name, values] : reading.counters) row.counters[name] = median(std::move(values));
  return std::move(row);
}

}  // namespace

json::array to_entries(const std::vector<Row>& rows) {
  json::array entries;
  std::set<std::string> names;
  for (std::size_t index = 0; index < rows.size(); ++index) {
    const Row& row = rows[index];
    if (!names.insert(row.name).second) {
      throw Error(fmt::format("benchmark \"{}\": expected one of that name, found two", row.name));
    }
    if (row.samples.empty() && row.invalid.empty()) {
      throw Error(fmt::format("benchmark \"{}\": expected samples, found none", row.name));
    }
    for (const auto& counter : row.counters) {
      if (!is_key(counter.first)) continue;
      throw Error(
          fmt::format("benchmark \"{}\": expected another name of a counter than {}, which is a key of Google "
                      "Benchmark's JSON",
                      row.name, counter.first));
    }
    for (std::size_t i = 0; i < std::max<std::size_t>(row.samples.size(), 1); ++i) {
      entries.push_back(sample_entry(row, index, i));
    }
    if (row.invalid.empty() && row.samples.size() > 1) add_aggregates(entries, row, index);
  }
  return entries;
}

std::vector<Row> read_entries(const Fields& file) {
  std::vector<Reading> readings;
  std::vector<std::string> aggregates;
  for (const Fields& unnamed : file.objects("benchmarks")) {
    const std::string name = unnamed.text("name");
    const Fields entry(unnamed.all(), row_place(file.where(), name));
    const std::string type = entry.text("run_type");
    if (type == "aggregate") {
      aggregates.push_back(entry.has("run_name") ? entry.text("run_name") : name);
      continue;
    }
    if (type != "iteration") entry.refuse("run_type", "iteration|aggregate");
    auto reading = std::ranges::find_if(readings, [&](const Reading& known) { return known.row.name == name; });
    if (reading == readings.end()) {
      reading = readings.insert(readings.end(), Reading{});
      reading->row.name = name;
    }
    read_sample(entry, *reading);
  }
  for (const std::string& name : aggregates) {
    if (std::ranges::any_of(readings, [&](const Reading& known) { return known.row.name == name; })) continue;
    throw Error(fmt::format("{}: expected samples, found only aggregates of them", row_place(file.where(), name)));
  }
  if (readings.empty()) throw Error(fmt::format("{}: benchmarks: expected at least one, found none", file.where()));
  std::vector<Row> rows;
  for (Reading& reading : readings) rows.push_back(finished(std::move(reading), file.where()));
  return rows;
}

std::string row_place(const std::string& file, const std::string& name) {
  return fmt::format("{}: benchmark \"{}\"", file, name);
}

void expect_time(const Fields& fields, std::string_view key, double seconds) {
  if (!(seconds > 0) || std::isinf(seconds)) {
    fields.refuse(key, "a finite time above 0", fmt::format("{}", seconds));
  }
}

}  // namespace assay::bench
