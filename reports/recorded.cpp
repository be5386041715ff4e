// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/recorded.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "reports/text.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;

json::array texts(const std::vector<std::string>& words) {
  json::array array;
  for (const std::string& word : words) array.emplace_back(json::string(valid_utf8(word)));
  return array;
}

}  // namespace

std::string not_in_dump_text(const golden::CaseResult& result) {
  if (result.not_in_dump.empty()) return "";
  return fmt::format("not in the dump: {}", fmt::join(result.not_in_dump, ", "));
}

std::vector<Fact> recorded_facts(const golden::CaseResult& result) {
  std::vector<Fact> out;
  if (result.actual.empty()) return out;
  if (result.witness == golden::Witness::dump) {
    out.push_back({"witness", "a dump, so no truth and no null distribution: the limits are fixed ones"});
  }
  if (std::string absent = not_in_dump_text(result); !absent.empty()) out.push_back({"absent", std::move(absent)});
  for (const std::string& note : result.notes) out.push_back({"note", printable(note)});
  return out;
}

void add_recorded(json::object& object, const golden::CaseResult& result) {
  object["actual"] = result.actual.empty() ? json::value(nullptr) : json::value(valid_utf8(result.actual));
  object["not_in_dump"] = texts(result.not_in_dump);
  object["notes"] = texts(result.notes);
}

}  // namespace assay::reports
