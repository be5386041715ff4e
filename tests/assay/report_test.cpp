// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay report: stored results compared, shown, and in the order of their dates.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "bench/result/json.hpp"
#include "reports/html/document.hpp"
#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

namespace json = boost::json;

using bench::Result;
using bench::Row;

/// Two rows of twenty samples in turns, around 1 ms and `decode` ms.
Result result_of(double decode) {
  Result result;
  result.date = "2026-03-01T12:30:00Z";
  result.program = "assay 0.1.0";
  result.machine = {{"cpu", "A"}};
  result.settings = {{"engine", "optimized"}};
  result.pairing = "turns";
  for (const auto& [name, milliseconds] : {std::pair("prefill", 1.0), std::pair("decode", decode)}) {
    Row row;
    row.name = name;
    for (int i = 0; i < 20; ++i) {
      const double seconds = milliseconds * 1e-3 * (1 + 0.002 * std::sin(i * i));
      row.samples.push_back({seconds, seconds, 1});
    }
    result.rows.push_back(row);
  }
  return result;
}

class Stored {
 public:
  std::string add(const std::string& name, const Result& result) const {
    return folder_.add(name, bench::to_json(result)).string();
  }
  std::string text(const std::string& name, const std::string& content) const {
    return folder_.add(name, content).string();
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  [[nodiscard]] std::string folder() const { return folder_.path().string(); }

 private:
  TemporaryFolder folder_;
};

TEST(Report, ExitsWithZeroWithoutRegression) {
  const Stored stored;
  const ChildResult result =
      assay_program({"report", stored.add("a.json", result_of(1)), stored.add("b.json", result_of(0.9))});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("SAME         prefill"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("IMPROVED     decode"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("\nIMPROVED     2 rows: 1 IMPROVED, 1 SAME\n"), std::string::npos) << result.out;
  EXPECT_EQ(result.err, "");
}

TEST(Report, ExitsWithOneForARegressionAndNamesTheRow) {
  const Stored stored;
  const ChildResult result =
      assay_program({"report", stored.add("a.json", result_of(1)), stored.add("b.json", result_of(1.1))});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  EXPECT_NE(result.out.find("REGRESSED    decode"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("\nREGRESSED    2 rows: 1 REGRESSED, 1 SAME\n"), std::string::npos) << result.out;
}

TEST(Report, ARegressionThatDoesNotShowAgainIsInconclusive) {
  const Stored stored;
  const std::string base = stored.add("a.json", result_of(1));
  const std::string slow = stored.add("b.json", result_of(1.1));
  const ChildResult confirmed = assay_program({"report", base, slow, "--confirmation", base, slow});
  EXPECT_EQ(confirmed.exit_code, 1);
  EXPECT_NE(confirmed.out.find("again: +10.0% ("), std::string::npos) << confirmed.out;
  const ChildResult not_confirmed = assay_program({"report", base, slow, "--confirmation", base, base});
  EXPECT_EQ(not_confirmed.exit_code, 4);
  EXPECT_NE(not_confirmed.out.find("not confirmed:"), std::string::npos) << not_confirmed.out;
  expect_cannot_judge(assay_program({"report", base, slow, "--confirmation", base}),
                      "report: --confirmation: expected BASE and NEW, found 1 files (assay --help)");
}

TEST(Report, ShowsTheRatesOfASelfTest) {
  const Stored stored;
  const auto rates = [&](int hits) {
    return stored.text("rates.json",
                       fmt::format(R"({{"schema": "assay.rates/1", "facts": [], "rates": [{{"name": "found",
        "hits": {}, "trials": 20, "at_least": 19, "missed": []}}]}})",
                                   hits));
  };
  const ChildResult result = assay_program({"report", "--rates", rates(19)});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("19 of 20"), std::string::npos) << result.out;
  EXPECT_EQ(assay_program({"report", "--rates", rates(18), "--json", stored.path("r.json")}).exit_code, 1);
  EXPECT_EQ(json_of(text_of(stored.path("r.json"))).at("schema"), "assay.rates/1");
  expect_cannot_judge(assay_program({"report", "--rates", rates(19), "--html", stored.path("r.html")}),
                      "report: --html: expected results to show or compare, found rates (assay --help)");
}

TEST(Report, ExitsWithFourWhereARowIsInconclusive) {
  const Stored stored;
  Result noisy = result_of(1);
  for (std::size_t i = 0; i < 20; ++i) noisy.rows[1].samples[i].real_seconds *= i % 2 == 0 ? 1.2 : 0.8;
  const ChildResult result = assay_program({"report", stored.add("a.json", result_of(1)), stored.add("b.json", noisy)});
  EXPECT_EQ(result.exit_code, 4) << result.out << result.err;
}

TEST(Report, ExitsWithTwoWhereAnOutputWasWrong) {
  const Stored stored;
  Result wrong = result_of(1);
  wrong.rows[1].invalid = "digest 1 is not 2";
  const ChildResult result = assay_program({"report", stored.add("a.json", result_of(1)), stored.add("b.json", wrong)});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.out.find("INVALID      decode\n    new: digest 1 is not 2\n"), std::string::npos) << result.out;
}

TEST(Report, WritesAllFormats) {
  const Stored stored;
  std::vector<std::string> arguments{"report",
                                     stored.add("a.json", result_of(1)),
                                     stored.add("b.json", result_of(1.1)),
                                     "--json",
                                     stored.path("r.json"),
                                     "--markdown",
                                     stored.path("r.md"),
                                     "--junit",
                                     stored.path("r.xml")};
  if (reports::can_draw_charts()) arguments.insert(arguments.end(), {"--html", stored.path("r.html")});
  EXPECT_EQ(assay_program(arguments).exit_code, 1);
  const json::value document = json_of(text_of(stored.path("r.json")));
  EXPECT_EQ(document.at("schema"), "assay.comparison/1");
  EXPECT_EQ(document.at("verdict"), "REGRESSED");
  EXPECT_EQ(document.at("rows").as_array()[1].at("name"), "decode");
  EXPECT_EQ(text_of(stored.path("r.md")).substr(0, 26), "## assay report: REGRESSED");
  EXPECT_NE(text_of(stored.path("r.xml")).find("failures=\"1\""), std::string::npos);
  if (reports::can_draw_charts()) {
    EXPECT_NE(text_of(stored.path("r.html")).find("REGRESSED"), std::string::npos);
  }
}

TEST(Report, GivesStandardOutputToTheReportThatGoesThere) {
  const Stored stored;
  const std::string file = stored.add("a.json", result_of(1));
  EXPECT_EQ(json_of(assay_program({"report", file, file, "--json", "-"}).out).at("verdict"), "SAME");
  EXPECT_EQ(assay_program({"report", file, file, "--json", "-", "--markdown", "-"}).exit_code, 2);
}

TEST(Report, RefusesOtherMachinesUnlessAskedAndThenSaysSo) {
  const Stored stored;
  Result other = result_of(1);
  other.machine["cpu"] = "B";
  const std::string a = stored.add("a.json", result_of(1));
  const std::string b = stored.add("b.json", other);
  expect_cannot_judge(assay_program({"report", a, b}),
                      fmt::format("{}, {}: expected the same machines, found cpu \"A\" and \"B\" (--across-machines "
                                  "compares them all the same)",
                                  a, b));
  const ChildResult result = assay_program({"report", a, b, "--across-machines", "--json", stored.path("r.json"),
                                            "--markdown", stored.path("r.md"), "--junit", stored.path("r.xml")});
  EXPECT_EQ(result.exit_code, 0);
  const std::string warning = "different machines, as asked for";
  EXPECT_NE(result.out.find("warning: " + warning), std::string::npos);
  for (const char* const name : {"r.json", "r.md", "r.xml"}) {
    EXPECT_NE(text_of(stored.path(name)).find(warning), std::string::npos) << name;
  }
}

TEST(Report, RefusesOtherSettingsUnlessAsked) {
  const Stored stored;
  Result other = result_of(1);
  other.settings["engine"] = "reference";
  const std::string a = stored.add("a.json", result_of(1));
  const std::string b = stored.add("b.json", other);
  EXPECT_EQ(assay_program({"report", a, b}).exit_code, 2);
  EXPECT_EQ(assay_program({"report", a, b, "--across-settings"}).exit_code, 0);
}

TEST(Report, NamesAllBenchmarksThatASideLacks) {
  const Stored stored;
  Result other = result_of(1);
  other.rows[1].name = "step";
  const std::string a = stored.add("a.json", result_of(1));
  const std::string b = stored.add("b.json", other);
  expect_cannot_judge(assay_program({"report", a, b}),
                      fmt::format("{}, {}: expected the same benchmarks in both, found only in {}: decode; only in {}: "
                                  "step",
                                  a, b, a, b));
}

TEST(Report, BadFilesAreOneLine) {
  const Stored stored;
  const std::string good = stored.add("a.json", result_of(1));
  const std::string empty = stored.text("empty.json", "");
  expect_cannot_judge(assay_program({"report", empty, good}),
                      empty + ": expected the JSON of a benchmark, found an empty file");
  const std::string half = stored.text("half.json", text_of(good).substr(0, 500));
  EXPECT_EQ(assay_program({"report", good, half}).exit_code, 2);
  const std::string missing = stored.path("none.json");
  expect_cannot_judge(assay_program({"report", missing}), missing + ": cannot be opened: No such file or directory");
}

TEST(Report, LeavesAnOldReportWhereNothingCouldBeJudged) {
  const Stored stored;
  const std::string good = stored.add("a.json", result_of(1));
  const std::string bad = stored.text("b.json", "{}");
  const std::string old = stored.text("r.json", "old");
  EXPECT_EQ(assay_program({"report", good, bad, "--json", old}).exit_code, 2);
  EXPECT_EQ(text_of(old), "old");
}

TEST(Report, ShowsOneResult) {
  const Stored stored;
  const std::string file = stored.add("a.json", result_of(1));
  const ChildResult result = assay_program({"report", file, "--json", stored.path("again.json")});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out, "");
  EXPECT_EQ(text_of(stored.path("again.json")), text_of(file));
  if (!reports::can_draw_charts()) return;
  EXPECT_EQ(assay_program({"report", file, "--html", stored.path("r.html")}).exit_code, 0);
  EXPECT_NE(text_of(stored.path("r.html")).find("decode"), std::string::npos);
}

TEST(Report, ShowsAFolderInTheOrderOfDates) {
  const Stored stored;
  for (int day = 1; day <= 12; ++day) {
    Result result = result_of(day <= 6 ? 1 : 1.2 + 0.001 * day);
    result.date = fmt::format("2026-03-{:02}T12:00:00Z", day);
    result.commit = fmt::format("c{}", day);
    stored.add(fmt::format("{:02}.json", 20 - day), result);
  }
  stored.text("notes.txt", "not looked at");
  const TemporaryFolder out;
  std::vector<std::string> arguments{"report", "--history", stored.folder(), "--json",
                                     (out.path() / "h.json").string()};
  if (reports::can_draw_charts()) arguments.insert(arguments.end(), {"--html", (out.path() / "h.html").string()});
  const ChildResult result = assay_program(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("step of +20.9% at 2026-03-07T12:00:00Z, commit c7 (13.json), p"), std::string::npos)
      << result.out;
  const json::value document = json_of(text_of(out.path() / "h.json"));
  EXPECT_EQ(document.at("schema"), "assay.history/1");
  EXPECT_EQ(document.at("groups").as_array()[0].at("rows").as_array()[1].at("steps").as_array()[0].at("place"), 6);
  if (reports::can_draw_charts()) {
    EXPECT_NE(text_of(out.path() / "h.html").find("decode"), std::string::npos);
  }
}

TEST(Report, AFolderHoldsResultsOnly) {
  const Stored stored;
  expect_cannot_judge(assay_program({"report", "--history", stored.folder()}),
                      stored.folder() + ": expected results of benchmarks, found none");
  const std::string bad = stored.text("x.json", R"({"schema": "assay.history/1"})");
  expect_cannot_judge(
      assay_program({"report", "--history", stored.folder()}),
      bad + ": schema: expected none at the top, as in the result of a benchmark, found \"assay.history/1\"");
  expect_cannot_judge(assay_program({"report", "--history", bad}), bad + ": expected a folder of results, found none");
}

TEST(Report, OptionsThatDoNotGoTogetherAreRefused) {
  const Stored stored;
  const std::string file = stored.add("a.json", result_of(1));
  expect_cannot_judge(
      assay_program({"report"}),
      "report: expected RESULT, BASE and NEW, --history DIR, or --rates FILE, found 0 files (assay --help)");
  expect_cannot_judge(assay_program({"report", file, "--history", stored.folder()}),
                      "report: --history: expected no other files, found 1 (assay --help)");
  expect_cannot_judge(assay_program({"report", file, "--junit", stored.path("r.xml")}),
                      "report: --junit: expected two results to compare, found one (assay --help)");
  expect_cannot_judge(assay_program({"report", "--history", stored.folder(), "--across-machines"}),
                      "report: --across-machines: expected two results to compare, found a history (assay --help)");
  expect_cannot_judge(assay_program({"report", "--history", stored.folder(), "--markdown", stored.path("r.md")}),
                      "report: --markdown: expected results to show or compare, found a history (assay --help)");
  expect_cannot_judge(assay_program({"report", "--history", stored.folder(), "--json", stored.path("h.json")}),
                      fmt::format("report: --json: expected a file outside of {}, found \"{}\" (assay --help)",
                                  stored.folder(), stored.path("h.json")));
}

}  // namespace
}  // namespace assay::test
