// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The reports of assay verify, and that none is written over what was there unless it is whole.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "golden/format/golden_file.hpp"
#include "reports/html/html.hpp"
#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

namespace json = boost::json;

void expect_keys(const json::value& value, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) EXPECT_TRUE(value.as_object().contains(key)) << key;
}

TEST(VerifyReport, TheJsonHasTheKeysOfTheContract) {
  GoldenCopy copy("granitemoe_prefill");
  copy.edit<double>("/calls/000/truth/logits", [](auto& values) { values[0] += 1.0; });
  const ChildResult result = assay_program({"verify", copy.file(), "--json", "-", "--precision", "f64"});
  EXPECT_EQ(result.exit_code, 1);
  const json::value document = json_of(result.out);
  EXPECT_EQ(document.at("schema"), "assay.verify/1");
  EXPECT_EQ(document.at("verdict"), "FAIL");
  ASSERT_EQ(document.at("results").as_array().size(), 1U);
  const json::value& one = document.at("results").as_array()[0];
  expect_keys(one, {"golden", "case", "model_type", "engine", "precision", "mode", "verdict", "first_divergence",
                    "seconds", "peak_rss_bytes", "sites"});
  EXPECT_EQ(one.at("golden"), json::string(copy.file()));
  EXPECT_EQ(one.at("case"), "granitemoe_prefill");
  EXPECT_EQ(one.at("model_type"), "granitemoe");
  EXPECT_EQ(one.at("engine"), "reference");
  EXPECT_EQ(one.at("precision"), "f64");
  EXPECT_EQ(one.at("mode"), "free");
  EXPECT_GT(one.at("seconds").to_number<double>(), 0.0);
  EXPECT_GT(one.at("peak_rss_bytes").to_number<double>(), 1e6);
  const json::value& divergence = one.at("first_divergence");
  EXPECT_EQ(divergence.at("call"), 0);
  EXPECT_TRUE(divergence.at("layer").is_null());
  EXPECT_EQ(divergence.at("site"), "logits");
  EXPECT_EQ(divergence.at("index"), json::array({0, 0, 0}));
  EXPECT_NEAR(divergence.at("expected").to_number<double>() - divergence.at("actual").to_number<double>(), 1.0, 1e-9);
  const json::array& sites = one.at("sites").as_array();
  EXPECT_EQ(sites.size(), golden::GoldenFile(copy.path()).calls()[0].sites.size());
  for (const json::value& site : sites) {
    expect_keys(site, {"call", "layer", "site", "verdict", "elements", "max_abs", "rel_l2", "max_ulp", "cosine",
                       "worst_index", "expected", "actual"});
    EXPECT_EQ(site.at("verdict"), site.at("site") == "logits" ? "FAIL" : "PASS");
    EXPECT_GT(site.at("elements").to_number<int>(), 0);
  }
}

TEST(VerifyReport, AllFilesAreWritten) {
  const TemporaryFolder folder;
  const auto file = [&](const char* name) { return (folder.path() / name).string(); };
  const ChildResult result =
      assay_program({"verify", golden_argument("granitemoe_prefill"), "--json", file("r.json"), "--markdown",
                     file("r.md"), "--junit", file("r.xml"), "--sarif", file("r.sarif"), "--quiet"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(json_of(text_of(file("r.json"))).at("results").as_array().size(), 2U);
  EXPECT_NE(text_of(file("r.md")).find("granitemoe_prefill"), std::string::npos);
  EXPECT_TRUE(text_of(file("r.xml")).starts_with("<?xml")) << text_of(file("r.xml"));
  EXPECT_EQ(json_of(text_of(file("r.sarif"))).at("version"), "2.1.0");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 4) << "nothing else is left behind";
}

TEST(VerifyReport, AnnotationsComeBehindTheTable) {
  GoldenCopy copy("granitemoe_prefill");
  copy.edit<double>("/calls/000/truth/logits", [](auto& values) { values[0] += 1.0; });
  const ChildResult result = assay_program({"verify", copy.file(), "--github", "--precision", "f64"});
  EXPECT_EQ(result.exit_code, 1);
  const std::size_t summary = result.out.find("1 case: 1 FAIL");
  const std::size_t annotation = result.out.find("\n::error file=" + copy.file() + ",title=FAIL granitemoe_prefill");
  ASSERT_NE(annotation, std::string::npos) << result.out;
  EXPECT_LT(summary, annotation);
  EXPECT_NE(result.out.find("%0Areproduce: assay verify ", annotation), std::string::npos) << result.out;
}

TEST(VerifyReport, AnnotationsDoNotMixWithAReport) {
  const ChildResult result =
      assay_program({"verify", golden_argument("granitemoe_prefill"), "--github", "--json", "-"});
  expect_cannot_judge(result,
                      "verify: --github: expected standard output for its lines, found a report that goes there "
                      "(assay --help)");
}

TEST(VerifyReport, APageIsWrittenWhereItsChartsCanBeDrawnAndElseRefused) {
  const TemporaryFolder folder;
  const std::string file = (folder.path() / "r.html").string();
  const ChildResult result =
      assay_program({"verify", golden_argument("granitemoe_prefill"), "--precision", "f64", "--html", file});
  if (!reports::can_draw_charts()) {
    expect_cannot_judge(result,
                        "--html: expected the scripts that draw charts, this program was built without: run "
                        "script/setup, then script/build release");
    return;
  }
  EXPECT_EQ(result.exit_code, 0);
  const std::string page = text_of(file);
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  EXPECT_NE(page.find("granitemoe_prefill"), std::string::npos);
  EXPECT_NE(page.find("&quot;transformers&quot;: &quot;5."), std::string::npos) << "the golden's provenance";
}

class UnwritableReport : public testing::TestWithParam<std::string> {};

TEST_P(UnwritableReport, IsFoundOutBeforeAnyRun) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "none" / "report").string();
  const ChildResult result = assay_program({"verify", golden_argument("granitemoe_prefill"), GetParam(), path});
  expect_cannot_judge(result, path + ": cannot be written: No such file or directory");
  EXPECT_EQ(result.out, "") << "nothing was run";
}

TEST_P(UnwritableReport, ThatIsAFolderIsRefused) {
  const TemporaryFolder folder;
  const std::string path = folder.path().string();
  expect_cannot_judge(assay_program({"verify", golden_argument("granitemoe_prefill"), GetParam(), path}),
                      path + ": cannot be written: expected a regular file or none, found a folder");
}

TEST_P(UnwritableReport, LeavesTheFileThatWasThereAlone) {
  const TemporaryFolder folder;
  const std::string path = folder.add("report", "what was there").string();
  // The disk is full at 100 bytes.
  const ChildResult result = assay_program(
      {"verify", golden_argument("granitemoe_prefill"), GetParam(), path, "--precision", "f64", "--quiet"},
      {.file_bytes = 100, .folder = {}});
  EXPECT_EQ(result.exit_code, 2) << result.out << result.err;
  EXPECT_TRUE(result.err.starts_with("error: " + path)) << result.err;
  EXPECT_NE(result.err.find("cannot be written: File too large"), std::string::npos) << result.err;
  EXPECT_EQ(text_of(path), "what was there");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1) << "nothing else is left behind";
}

INSTANTIATE_TEST_SUITE_P(Of, UnwritableReport, testing::Values("--json", "--markdown", "--junit", "--sarif"),
                         [](const auto& of_option) { return of_option.param.substr(2); });

}  // namespace
}  // namespace assay::test
