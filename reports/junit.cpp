// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/junit.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <optional>

#include "reports/diagnosis.hpp"
#include "reports/facts.hpp"
#include "reports/figures.hpp"
#include "reports/text.hpp"

namespace assay::reports {
namespace {

using golden::CaseResult;
using golden::Verdict;

enum class Outcome { passed, failure, error };

Outcome outcome(Verdict verdict) {
  if (golden::exit_code(verdict) == 0) return Outcome::passed;
  return verdict == Verdict::fail ? Outcome::failure : Outcome::error;
}

std::string explanation(const CaseResult& result) {
  std::string text = facts_text(result);
  const std::string absent = not_provided_text(result.engine, result.not_provided);
  if (!absent.empty()) text += absent + "\n";
  const std::string unseen = not_recorded_text(result);
  return unseen.empty() ? text : text + unseen + "\n";
}

std::string content(const CaseResult& result) {
  const std::string text = xml_text(explanation(result));
  if (outcome(result.verdict) == Outcome::passed) {
    return text.empty() ? "" : fmt::format("      <system-out>{}</system-out>\n", text);
  }
  const std::string_view element = outcome(result.verdict) == Outcome::failure ? "failure" : "error";
  return fmt::format("      <{} type=\"{}\" message=\"{}\">{}</{}>\n", element, name(result.verdict),
                     xml_text(headline(result)), text, element);
}

std::string property(std::string_view name, const std::string& value) {
  return fmt::format("        <property name=\"{}\" value=\"{}\"/>\n", name, xml_text(value));
}

/// What stands beside a verdict, for servers that show the properties of a test case.
std::string properties(const CaseResult& result) {
  std::string text = property("verdict", std::string(name(result.verdict)));
  const std::optional<double> digits = verified_digits(result);
  if (digits) text += property("digits", digits_text(*digits));
  const std::string headroom = case_headroom_text(result);
  if (!headroom.empty()) text += property("headroom", headroom);
  if (const golden::SiteResult* const worst = worst_site(result)) {
    text += property("worst site", place_text(*worst));
    if (const std::string ratios = ratios_text(*worst); !ratios.empty()) text += property("noise", ratios);
  }
  if (!result.routing.empty()) text += property("routing", routing_text(result));
  for (const golden::EndToEnd& outcome : result.end_to_end) text += property("end to end", end_to_end_text(outcome));
  return "      <properties>\n" + text + "      </properties>\n";
}

std::string test_case(const CaseResult& result) {
  const std::string attributes =
      fmt::format("classname=\"{}\" name=\"{} {} {}\" time=\"{:.6f}\"", xml_text(printable(result.model_type)),
                  xml_text(case_text(result)), xml_text(engine_text(result)), mode_text(result), result.seconds);
  return fmt::format("    <testcase {}>\n{}{}    </testcase>\n", attributes, properties(result), content(result));
}

}  // namespace

std::string xml_text(std::string_view text) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  std::string escaped;
  const std::string valid = valid_utf8(text);
  for (std::size_t at = 0; at < valid.size(); ++at) {
    const char character = valid[at];
    const std::string_view three = std::string_view(valid).substr(at, 3);
    if (three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF") {  // U+FFFE, U+FFFF
      escaped += replacement;
      at += 2;
    } else if (character == '&') {
      escaped += "&amp;";
    } else if (character == '<') {
      escaped += "&lt;";
    } else if (character == '>') {
      escaped += "&gt;";
    } else if (character == '"') {
      escaped += "&quot;";
    } else if (character == '\r' || character == '\t') {
      escaped += character == '\r' ? "&#13;" : "&#9;";
    } else if (static_cast<unsigned char>(character) < 0x20 && character != '\n') {
      escaped += replacement;
    } else {
      escaped += character;
    }
  }
  return escaped;
}

std::string to_junit(const golden::Verification& verification) {
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::string cases;
  for (const CaseResult& result : verification.results) {
    if (outcome(result.verdict) == Outcome::failure) ++failures;
    if (outcome(result.verdict) == Outcome::error) ++errors;
    cases += test_case(result);
  }
  const std::string counts = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" time=\"{:.6f}\"",
                                         verification.results.size(), failures, errors, total_seconds(verification));
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"assay.verify\" {}>\n{}"
      "  </testsuite>\n</testsuites>\n",
      counts, cases);
}

}  // namespace assay::reports
