// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "bench/statistics/history.hpp"
#include "reports/bench/comparison_json.hpp"
#include "reports/bench/history_console.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;

bench::History one_step() {
  bench::History history;
  history.folder = "results";
  history.warnings = {"02.json: benchmark \"b\" is left out: wrong"};
  bench::Trend trend;
  trend.name = "prefill/tokens:512";
  trend.points = {{"2026-03-01T00:00:00Z", "c1", "01.json", 0.1, 0.09, 0.11, 5},
                  {"2026-03-02T00:00:00Z", "", "02.json", 0.12, 0.11, 0.13, 7}};
  trend.steps = {{1, 1.2, 1e-9}};
  history.groups = {{{{"cpu", "A"}, {"cores", "2"}}, {{"threads", "2"}}, 2, {trend}}, {{}, {}, 1, {}}};
  return history;
}

TEST(HistoryConsole, HasALineForEachRowAndStep) {
  EXPECT_EQ(history_console(one_step(), {}), R"(warning: 02.json: benchmark "b" is left out: wrong

cores 2, cpu A; threads 2
benchmark                                 results   first    last  change steps
prefill/tokens:512                              2  100 ms  120 ms  +20.0%     1
    step of +20.0% at 2026-03-02T00:00:00Z (02.json), p <0.0001

machine and settings unknown
benchmark                                 results   first    last  change steps
)");
}

TEST(HistoryJson, HasTheKeysOfTheContract) {
  const json::value document = json::parse(history_json(one_step()));
  EXPECT_EQ(document.at("schema"), "assay.history/1");
  EXPECT_EQ(document.at("folder"), "results");
  EXPECT_EQ(document.at("warnings").as_array().size(), 1U);
  const json::value& group = document.at("groups").as_array()[0];
  EXPECT_EQ(group.at("machine").at("cpu"), "A");
  EXPECT_EQ(group.at("settings").at("threads"), "2");
  EXPECT_EQ(group.at("results"), 2);
  const json::value& row = group.at("rows").as_array()[0];
  EXPECT_EQ(row.at("points").as_array()[1].at("seconds"), 0.12);
  EXPECT_EQ(row.at("points").as_array()[0].at("commit"), "c1");
  EXPECT_EQ(row.at("steps").as_array()[0].at("place"), 1);
  EXPECT_EQ(row.at("steps").as_array()[0].at("ratio"), 1.2);
}

}  // namespace
}  // namespace assay::reports
