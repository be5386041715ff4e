// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/result/json.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cstdint>

#include "bench/result/entries.hpp"
#include "bench/result/extras.hpp"
#include "bench/result/fields.hpp"
#include "model/error.hpp"
#include "model/files/atomic_file.hpp"
#include "model/files/json.hpp"

namespace assay::bench {
namespace {

namespace json = boost::json;

std::uint64_t whole_number(const std::map<std::string, std::string>& texts, const std::string& key) {
  const auto found = texts.find(key);
  std::uint64_t number = 0;
  if (found != texts.end()) std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return number;
}

/// Google's tools want these keys. The name of the host says nothing of the machine; that stands under "assay".
json::object context_of(const Result& result) {
  json::object context;
  context["date"] = result.date;
  context["host_name"] = "localhost";
  context["executable"] = result.program;
  context["num_cpus"] = whole_number(result.machine, "cores");
  context["mhz_per_cpu"] = 0;
  context["cpu_scaling_enabled"] = false;
  context["caches"] = json::array();
  context["load_avg"] = json::array();
  context["library_build_type"] = "release";
  return context;
}

std::string cache_text(const Fields& cache) {
  return fmt::format("L{} {} {} bytes of {}", cache.count("level"), cache.text("type"), cache.count("size"),
                     cache.count("num_sharing"));
}

/// What Google Benchmark says of machine and run. Left out is what differs from run to run of one machine: the name of
/// the host, the load, and the clock, which it measures.
void read_context(const Fields& context, Result& result) {
  if (context.has("executable")) result.program = context.text("executable");
  if (context.has("num_cpus")) result.machine["cores"] = fmt::to_string(context.count("num_cpus"));
  if (context.has("cpu_scaling_enabled")) {
    result.machine["cpu scaling"] = context.boolean("cpu_scaling_enabled") ? "enabled" : "disabled";
  }
  if (context.has("caches")) {
    std::string caches;
    for (const Fields& cache : context.objects("caches")) caches += (caches.empty() ? "" : ", ") + cache_text(cache);
    if (!caches.empty()) result.machine["caches"] = caches;
  }
  // Its own build type, and what --benchmark_context adds.
  for (const auto& member : context.all()) {
    const std::string_view key = member.key();
    if (!member.value().is_string() || key == "date" || key == "host_name" || key == "executable") continue;
    result.settings.emplace(key, context.text(key));
  }
}

}  // namespace

std::string to_json(const Result& result) {
  json::object file;
  file["context"] = context_of(result);
  file["benchmarks"] = to_entries(result.rows);
  file["assay"] = to_extras(result);
  return pretty_json(file);
}

Result parse_result(std::string_view text, const std::string& origin) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw Error(fmt::format("{}: expected the JSON of a benchmark, found an empty file", origin));
  }
  const json::value value = parse_json(text, origin, DuplicateKeys::refused);
  const Fields file(value, origin);
  if (file.has("schema")) file.refuse("schema", "none at the top, as in the result of a benchmark");
  Result result;
  const Fields context = file.object("context");
  if (context.has("date")) result.date = context.text("date");
  result.rows = read_entries(file);
  if (file.has("assay")) {
    read_extras(file, result);
  } else {
    read_context(context, result);
  }
  return result;
}

Result read_result(const std::string& path) { return parse_result(read_text_file(path), path); }

}  // namespace assay::bench
