// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// --phimoe-longrope of verify, dump and run.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "golden/format/golden_file.hpp"
#include "tests/assay/program.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using golden::Values;

/// phimoe_prefill with a longrope that 7 tokens go beyond. Its values are those of the default rope: it shows which
/// frequencies an engine has, and it must differ.
class LongropeOption : public testing::Test {
 protected:
  LongropeOption() {
    const auto config = boost::json::parse(copy.text("/config"));
    boost::json::object changed = config.as_object();
    const std::size_t heads = changed.at("num_attention_heads").to_number<std::size_t>();
    const std::size_t pairs = changed.at("hidden_size").to_number<std::size_t>() / heads / 2;
    changed["rope_parameters"] = {{"rope_type", "longrope"},
                                  {"rope_theta", 10000.0},
                                  {"short_factor", boost::json::array(pairs, 1.0)},
                                  {"long_factor", boost::json::array(pairs, 2.0)},
                                  {"original_max_position_embeddings", 4},
                                  {"short_mscale", 1.25},
                                  {"long_mscale", 0.75}};
    copy.text("/config", boost::json::serialize(changed));
  }

  /// The first inverse frequency of a dump with these options: 1, or 0.5 by the long factors.
  double first_frequency(const std::vector<std::string>& more) {
    const std::string out = (copy.folder().path() / "dump.h5").string();
    std::vector<std::string> arguments{"dump", copy.file(), "--engine", "reference", "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ChildResult result = assay_program(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const GoldenFile written(out);
    dumped_ = std::get<PhimoeConfig>(written.config()).longrope;
    return written.values(CallIndex{0}, Values::actual, {Site::rope_inv_freq, std::nullopt}).front();
  }

  GoldenCopy copy{"phimoe_prefill"};
  PhimoeLongrope dumped_ = PhimoeLongrope::hf5;
};

TEST_F(LongropeOption, OfADumpChoosesTheFactorsAndIsWrittenDown) {
  EXPECT_EQ(first_frequency({}), 1.0);
  EXPECT_EQ(dumped_, PhimoeLongrope::hf5);
  EXPECT_EQ(first_frequency({"--phimoe-longrope", "hf4"}), 0.5);
  EXPECT_EQ(dumped_, PhimoeLongrope::hf4);
}

TEST_F(LongropeOption, GoesBeforeTheAttributeOfTheGolden) {
  copy.attribute("/", "phimoe_longrope", "hf4");
  EXPECT_EQ(first_frequency({}), 0.5);
  EXPECT_EQ(first_frequency({"--phimoe-longrope", "hf5"}), 1.0);
}

TEST_F(LongropeOption, IsInTheCommandThatReproduces) {
  const ChildResult plain = assay_program({"verify", copy.file(), "--precision", "f64"});
  EXPECT_EQ(plain.exit_code, 1);
  EXPECT_EQ(plain.out.find("--phimoe-longrope"), std::string::npos) << plain.out;
  const ChildResult asked = assay_program({"verify", copy.file(), "--precision", "f64", "--phimoe-longrope", "hf4"});
  EXPECT_EQ(asked.exit_code, 1);
  EXPECT_NE(asked.out.find(" --phimoe-longrope hf4 --mode free"), std::string::npos) << asked.out;
}

TEST(PhimoeLongropeOption, IsForThePhimoesAmongSeveralGoldens) {
  const ChildResult mixed =
      assay_program({"verify", golden_argument("phimoe_bias"), golden_argument("granitemoe_prefill"), "--precision",
                     "f64", "--phimoe-longrope", "hf4"});
  EXPECT_EQ(mixed.exit_code, 0) << mixed.out << mixed.err;
}

TEST(PhimoeLongropeOption, IsRefusedWhereThereIsNoPhimoe) {
  const std::string message = ": --phimoe-longrope: expected a phimoe, found a granitemoe (assay --help)\n";
  const std::string golden = golden_argument("granitemoe_prefill");
  const ChildResult verified = assay_program({"verify", golden, "--phimoe-longrope", "hf5"});
  EXPECT_EQ(verified.exit_code, 2);
  EXPECT_EQ(verified.err, "error: verify" + message);
  const TemporaryFolder folder;
  const ChildResult dumped = assay_program({"dump", golden, "--engine", "reference", "--out",
                                            (folder.path() / "d.h5").string(), "--phimoe-longrope", "hf5"});
  EXPECT_EQ(dumped.exit_code, 2);
  EXPECT_EQ(dumped.err, "error: dump" + message);
  const CheckpointGolden checkpoint("granitemoe_prefill");
  const ChildResult ran = assay_program(
      {"run", checkpoint.checkpoint().string(), "--ids", "1,2", "--max-new-tokens", "1", "--phimoe-longrope", "hf4"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.err, "error: run" + message);
}

TEST(PhimoeLongropeOption, HasTwoValues) {
  const ChildResult result = assay_program({"verify", golden_argument("phimoe_bias"), "--phimoe-longrope", "hf6"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_TRUE(result.err.starts_with("error: verify: --phimoe-longrope: expected hf5|hf4, found \"hf6\""))
      << result.err;
}

}  // namespace
}  // namespace assay::test
