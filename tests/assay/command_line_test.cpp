// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

TEST(CommandLine, HelpListsTheVerbs) {
  for (const char* word : {"--help", "-h", "help"}) {
    const ChildResult result = assay_program({word});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.err, "");
    for (const char* verb : {"verify", "dump", "inspect", "run", "selftest"})
      EXPECT_NE(result.out.find(verb), std::string::npos);
  }
}

TEST(CommandLine, EveryVerbHasItsOwnHelp) {
  for (const char* verb : {"verify", "dump", "inspect", "run", "selftest"}) {
    const ChildResult result = assay_program({verb, "--help"});
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_TRUE(result.out.starts_with(std::string("Usage: assay ") + verb)) << result.out;
    EXPECT_NE(result.out.find("--help"), std::string::npos);
  }
  EXPECT_NE(assay_program({"verify", "--help"})
                .out.find("Exit code: 0 holds; 1 differs; 2 cannot judge; 3 vacuous, missing or stale."),
            std::string::npos);
}

TEST(CommandLine, VersionNamesTheProgramAndItsLibraries) {
  const ChildResult result = assay_program({"--version"});
  EXPECT_EQ(result.exit_code, 0);
  for (const char* part : {"assay ", "HDF5 ", "Boost ", "compiler "})
    EXPECT_NE(result.out.find(part), std::string::npos);
}

struct Usage {
  const char* name;
  std::vector<std::string> arguments;
  std::string complaint;

  friend void PrintTo(const Usage& usage, std::ostream* out) { *out << usage.name; }
};

class WrongUsage : public testing::TestWithParam<Usage> {};

TEST_P(WrongUsage, IsOneLineAndExitCode2) {
  const ChildResult result = assay_program(GetParam().arguments);
  expect_cannot_judge(result, GetParam().complaint);
  EXPECT_EQ(result.out, "");
}

const std::string any = golden_argument("granitemoe_prefill");

INSTANTIATE_TEST_SUITE_P(
    Of, WrongUsage,
    testing::Values(
        Usage{"NoVerb", {}, "expected a verb, found none (assay --help)"},
        Usage{"UnknownVerb", {"verfy"}, "expected a verb, found \"verfy\"; nearest: verify (assay --help)"},
        Usage{"FarFromEveryVerb", {"benchmarking"}, "expected a verb, found \"benchmarking\" (assay --help)"},
        Usage{"UnknownOption",
              {"verify", any, "--precison", "f64"},
              "verify: --precison: expected a known option, found none of that name; nearest: --precision (assay "
              "--help)"},
        Usage{"OptionThatIsAPrefix",
              {"verify", any, "--check", "x"},
              "verify: --check: expected a known option, found none of that name (assay --help)"},
        Usage{"NoGolden", {"verify"}, "verify: expected at least one golden, found none (assay --help)"},
        Usage{"UnknownEngine",
              {"verify", any, "--engine", "refrence"},
              "verify: --engine: expected reference|optimized|all, found \"refrence\"; nearest: reference (assay "
              "--help)"},
        Usage{"UnknownPrecision",
              {"verify", any, "--precision", "f16"},
              "verify: --precision: expected f32|f64, found \"f16\"; nearest: f32 (assay --help)"},
        Usage{"NoThreads",
              {"verify", any, "--engine", "all", "--threads", "0"},
              "verify: --threads: expected 1 to 1024, found \"0\" (assay --help)"},
        Usage{"NegativeThreads",
              {"verify", any, "--engine", "all", "--threads=-1"},
              "verify: --threads: expected 1 to 1024, found \"-1\" (assay --help)"},
        Usage{"WordForThreads",
              {"dump", any, "--engine", "reference", "--out", "x", "--threads", "two"},
              "dump: --threads: expected 1 to 1024, found \"two\" (assay --help)"},
        Usage{"TooManyThreads",
              {"verify", any, "--engine", "all", "--threads", "1025"},
              "verify: --threads: expected 1 to 1024, found \"1025\" (assay --help)"},
        Usage{"UnknownWeights",
              {"verify", any, "--engine", "all", "--weights", "f16"},
              "verify: --weights: expected f32|bf16, found \"f16\"; nearest: bf16 (assay --help)"},
        Usage{"ThreadsForTheReference",
              {"verify", any, "--threads", "1"},
              "verify: --threads: expected a run of the optimized engine, found only the reference, which has none "
              "(assay --help)"},
        Usage{"WeightsForTheReference",
              {"dump", any, "--engine", "reference", "--out", "x", "--weights", "f32"},
              "dump: --weights: expected a run of the optimized engine, found only the reference, which takes them as "
              "stored (assay --help)"},
        Usage{"ThreadsForFloat64",
              {"verify", any, "--engine", "all", "--precision", "f64", "--threads", "1"},
              "verify: --threads: expected a run of the optimized engine, found only the reference, which has none "
              "(assay --help)"},
        Usage{"UnknownMode",
              {"verify", any, "--mode", "forced"},
              "verify: --mode: expected free|injected|routing, found \"forced\" (assay --help)"},
        Usage{"UnknownSite",
              {"verify", any, "--sites", "qproj"},
              "--sites: expected a pattern that matches a site, found \"qproj\""},
        Usage{"NoLayers", {"verify", any, "--layers", "x"}, "--layers: expected A:B with layer numbers, found \"x\""},
        Usage{"DumpWithoutGolden",
              {"dump", "--engine", "reference", "--out", "x"},
              "dump: expected a golden, found none (assay --help)"},
        Usage{"DumpWithoutEngine",
              {"dump", any, "--out", "x"},
              "dump: --engine: expected reference or optimized, found none (assay --help)"},
        Usage{"DumpWithoutOut",
              {"dump", any, "--engine", "reference"},
              "dump: --out: expected a file to write, found none (assay --help)"},
        Usage{"RunNothing",
              {"run", "--ids", "1", "--max-new-tokens", "1"},
              "run: expected a checkpoint folder, found none (assay --help)"},
        Usage{"RunWithoutIds",
              {"run", "x", "--max-new-tokens", "1"},
              "run: --ids: expected token ids, or --prompts, found neither (assay --help)"},
        Usage{"RunWithoutCount",
              {"run", "x", "--ids", "1"},
              "run: --max-new-tokens: expected a number, found none (assay --help)"},
        Usage{"RunWithAnUnknownEngine",
              {"run", "x", "--ids", "1", "--max-new-tokens", "1", "--engine", "all"},
              "run: --engine: expected reference|optimized, found \"all\" (assay --help)"},
        Usage{"RunWithThreadsForTheReference",
              {"run", "x", "--ids", "1", "--max-new-tokens", "1", "--engine", "reference", "--threads", "2"},
              "run: --threads: expected a run of the optimized engine, found only the reference, which has none "
              "(assay --help)"},
        Usage{"InspectNothing", {"inspect"}, "inspect: expected a file or a folder, found none (assay --help)"}),
    [](const auto& of_usage) { return std::string(of_usage.param.name); });

TEST(CommandLine, AnOptionWithoutItsValueOrGivenTwiceIsWrongUsage) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"verify", any, "--json"},
                                                    {"verify", any, "--mode", "free", "--mode", "free"},
                                                    {"dump", any, any, "--engine", "reference", "--out", "x"},
                                                    {"inspect", any, any}}) {
    const ChildResult result = assay_program(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_TRUE(result.err.starts_with("error: " + arguments[0] + ": ")) << result.err;
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_EQ(result.out, "");
  }
}

}  // namespace
}  // namespace assay::test
