// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/json.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <boost/json/object.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <random>

#include "tests/support/error_of.hpp"

namespace assay {
namespace {

namespace json = boost::json;

json::value read(std::string_view text) { return parse_json(text, "a.json"); }
std::string complaint(std::string_view text) {
  return test::error_of([&] { (void)read(text); });
}

TEST(Json, ReadsEveryKindOfValue) {
  const json::value value = read(R"({"s": "x", "i": -3, "d": 0.5, "b": true, "n": null, "a": [1, 2]})");
  EXPECT_EQ(value.at("s").as_string(), "x");
  EXPECT_EQ(value.at("i").as_int64(), -3);
  EXPECT_EQ(value.at("d").as_double(), 0.5);
  EXPECT_TRUE(value.at("b").as_bool());
  EXPECT_TRUE(value.at("n").is_null());
  EXPECT_EQ(value.at("a").as_array().size(), 2U);
}

TEST(Json, RoundsDecimalsExactly) {
  std::mt19937_64 random(20240607);
  for (int round = 0; round < 20000; ++round) {
    const double number = std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 150);
    const std::string text = fmt::format("{:.17e}", number);
    ASSERT_EQ(read(text).as_double(), number) << text;
  }
  EXPECT_EQ(read("1.243163121016122").as_double(), 1.243163121016122);
  EXPECT_EQ(read("[1e-06]").at(0).as_double(), 1e-06);
  EXPECT_EQ(read("0.1234567890123456789012345678901234567890").as_double(), 0.1234567890123456789012345678901234567890);
}

TEST(Json, TellsAFloatFromAnInteger) {
  EXPECT_TRUE(read("1").is_int64());
  EXPECT_TRUE(read("1.0").is_double());
  EXPECT_TRUE(read("1e0").is_double());
}

TEST(Json, TakesTheBareSpecialNumbersOfPython) {
  const json::value value = read(R"({"a": [NaN, Infinity , -Infinity], "b": "NaN and Infinity"})");
  EXPECT_TRUE(std::isnan(value.at("a").at(0).as_double()));
  EXPECT_EQ(value.at("a").at(1).as_double(), INFINITY);
  EXPECT_EQ(value.at("a").at(2).as_double(), -INFINITY);
  EXPECT_EQ(value.at("b").as_string(), "NaN and Infinity");
  EXPECT_EQ(read("Infinity\n").as_double(), INFINITY);
}

TEST(Json, TakesTheSpecialNumbersOfTransformers) {
  EXPECT_EQ(read(R"([{"__float__": "Infinity"}])").at(0).as_double(), INFINITY);
  EXPECT_TRUE(read(R"([{"__float__": "inf"}])").at(0).is_object());
  EXPECT_TRUE(read(R"([{"__float__": "NaN", "other": 1}])").at(0).is_object());
}

TEST(Json, DoesNotLookForSpecialNumbersInsideStrings) {
  EXPECT_EQ(read(R"(["\"NaN\\", -1])").at(0).as_string(), R"("NaN\)");
}

TEST(Json, KeepsTheLastOfDuplicateKeysAsPythonDoes) { EXPECT_EQ(read(R"({"a": 1, "a": 2})").at("a").as_int64(), 2); }

TEST(Json, RefusesDuplicateKeysWhereAsked) {
  EXPECT_EQ(test::error_of([] {
              (void)parse_json(R"({"a": {"b": 1}, "b": 1, "a": 2})", "a.json", DuplicateKeys::refused);
            }).substr(0, 8),
            "a.json: ");
  EXPECT_NE(test::error_of([] {
              (void)parse_json(R"({"x": 1, "x": 2})", "a.json", DuplicateKeys::refused);
            }).find("not valid JSON: the key \"x\" twice"),
            std::string::npos);
}

TEST(Json, PointsAtTheLineAndColumnOfAMistake) {
  EXPECT_EQ(complaint("{\n  \"a\": nul\n}"), "a.json: line 2, column 8: not valid JSON: syntax error");
}

TEST(Json, PointsBehindSpecialNumbersToo) {
  EXPECT_EQ(complaint("[Infinity, x]"), "a.json: line 1, column 12: not valid JSON: syntax error");
}

TEST(Json, RefusesWhatPythonRefuses) {
  for (const std::string_view text :
       {"",     " ",          "{",        "[1,]",   "{\"a\":1,}", "{'a':1}", "[1] x",         "[1][2]",      "// c\n1",
        "01",   "+1",         ".5",       "1.",     "nan",        "inf",     "Infinit",       "InfinityNaN", "1NaN",
        "-NaN", "--Infinity", "{NaN: 1}", "\"\n\"", "\"\\x\"",    "[1 2]",   "\xEF\xBB\xBF{}"}) {
    EXPECT_NE(complaint(text).find("not valid JSON"), std::string::npos) << text;
  }
}

TEST(Json, RefusesInvalidUtf8) {
  EXPECT_NE(complaint("\"\xFF\"").find("not valid JSON"), std::string::npos);
  EXPECT_NE(complaint("\"\xC0\xAF\"").find("not valid JSON"), std::string::npos);
}

TEST(Json, RefusesAbsurdNesting) {
  EXPECT_NE(complaint(std::string(100000, '[')).find("not valid JSON"), std::string::npos);
  EXPECT_TRUE(read(std::string(60, '[') + std::string(60, ']')).is_array());
}

TEST(Json, WritesIndentedTextInTheOrderOfInsertion) {
  const json::value value = read(R"({"z": [1, 2.0, "q\"\n"], "a": {}, "m": {"t": true, "n": null}, "e": []})");
  EXPECT_EQ(pretty_json(value), R"({
  "z": [
    1,
    2.0,
    "q\"\n"
  ],
  "a": {},
  "m": {
    "t": true,
    "n": null
  },
  "e": []
}
)");
}

TEST(Json, WritesNumbersThatReadBackTheSame) {
  for (const char* text : {"0.1", "1e-06", "1.243163121016122", "-0.0", "1e+300", "Infinity", "-Infinity", "5e-324"}) {
    const json::value value = read(text);
    const json::value again = read(pretty_json(value));
    ASSERT_TRUE(again.is_double()) << text;
    EXPECT_EQ(again.as_double(), value.as_double()) << text;
  }
  EXPECT_EQ(pretty_json(read("NaN")), "NaN\n");
}

}  // namespace
}  // namespace assay
