// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Results made by hand.
#pragma once

#include <string>
#include <vector>

#include "bench/result/result.hpp"

namespace assay::test {

/// A row with one sample a value; CPU time is as long.
inline bench::Row row_of(const std::string& name, const std::vector<double>& seconds) {
  bench::Row row;
  row.name = name;
  for (const double value : seconds) row.samples.push_back({value, value, 1});
  return row;
}

/// A result in which every member has a value that no other has.
inline bench::Result full_result() {
  bench::Result result;
  result.date = "2026-03-01T12:30:00+00:00";
  result.program = "assay 0.1.0";
  result.commit = "72b2bf5";
  result.machine = {{"cores", "2"}, {"cpu", "A \"fast\" one"}};
  result.settings = {{"engine", "optimized"}, {"model", "granite"}};
  result.pairing = "2026-03-01T12:30:00 7";
  result.noise = {12.5, 0.25, 0.125, 77, 3};
  result.roofs = {1.1e11, 2.2e10};
  bench::Row prefill = row_of("prefill/tokens:512", {0.1 + 0.2, 1.0 / 3, 0.123456789012345678});
  prefill.samples[0] = {1.0 / 7, 2.0 / 7, 5};
  prefill.control = {{0.1, 0.2, 1}, {0.3, 0.4, 2}, {1.0 / 9, 0, 3}};
  prefill.threads = 2;
  prefill.counters = {{"tokens/s", 1024.1}, {"share_of_roof", 0.7}};
  prefill.instructions = 3740364;
  prefill.code = "9f86d081";
  prefill.digest = "00c0ffee";
  bench::Row decode = row_of("decode", {1e-9});
  bench::Row wrong = row_of("wrong", {0.5, 0.25});
  wrong.invalid = "digest 12ab is not 34cd";
  bench::Row refused;
  refused.name = "refused";
  refused.invalid = "no such engine";
  result.rows = {prefill, decode, wrong, refused};
  result.memory = {{"load", 100, 90, 80}, {"prefill", 200, 190, 0}};
  result.bytes = {{"cache", 11}, {"weights", 12345678901}};
  result.ledger = {{"prefill", 3, "router", 0.5, 1e9, 1e6, 1e-7, std::nullopt},
                   {"decode", std::nullopt, "logits", 0.25, 0, 2, std::nullopt, 0.5}};
  result.experts = {{"decode", 1, {0, 18446744073709551615U, 7}}};
  return result;
}

}  // namespace assay::test
