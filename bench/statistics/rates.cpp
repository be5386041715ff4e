// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/statistics/rates.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "bench/result/fields.hpp"
#include "bench/statistics/proportion.hpp"
#include "model/error.hpp"
#include "model/files/json.hpp"

namespace assay::bench {
namespace {

std::optional<std::size_t> bound(const Fields& fields, std::string_view key) {
  if (!fields.has(key)) return std::nullopt;
  return fields.count(key);
}

Rate read_rate(const Fields& fields) {
  fields.expect_only({"name", "hits", "trials", "at_least", "at_most", "missed"});
  Rate rate;
  rate.name = fields.text("name");
  rate.hits = fields.count("hits");
  rate.trials = fields.count("trials");
  if (rate.trials == 0) fields.refuse("trials", "at least 1", "0");
  if (rate.hits > rate.trials) fields.refuse("hits", fmt::format("at most {}, the trials", rate.trials));
  rate.at_least = bound(fields, "at_least");
  rate.at_most = bound(fields, "at_most");
  rate.missed = fields.strings("missed");
  return rate;
}

}  // namespace

bool holds(const Rate& rate) {
  return (!rate.at_least || rate.hits >= *rate.at_least) && (!rate.at_most || rate.hits <= *rate.at_most);
}

bool all_hold(const Rates& rates) { return std::ranges::all_of(rates.rates, holds); }

Interval interval_of(const Rate& rate) { return proportion_interval(rate.hits, rate.trials); }

Rates parse_rates(std::string_view text, const std::string& origin) {
  const boost::json::value value = parse_json(text, origin, DuplicateKeys::refused);
  const Fields file(value, origin);
  if (file.text("schema") != rates_schema) file.refuse("schema", fmt::format("\"{}\"", rates_schema));
  file.expect_only({"schema", "facts", "rates"});
  Rates rates;
  rates.facts = file.strings("facts");
  for (const Fields& rate : file.objects("rates")) rates.rates.push_back(read_rate(rate));
  if (rates.rates.empty()) throw Error(fmt::format("{}: rates: expected at least one, found none", origin));
  return rates;
}

}  // namespace assay::bench
