// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <utility>

#include "bench/result/roofline.hpp"
#include "reports/bench/pages/ledger_totals.hpp"
#include "reports/bench/pages/parts.hpp"
#include "reports/bench/pages/row_figures.hpp"
#include "reports/bench/pages/sections.hpp"
#include "reports/bench/quantities.hpp"
#include "reports/html/markup.hpp"
#include "reports/json_values.hpp"

namespace assay::reports {
namespace {

namespace json = boost::json;
using bench::Result;
using bench::Work;

struct Points {
  json::array drawn;
  std::size_t left_out = 0;  ///< without FLOP, bytes or time: they have no place on logarithmic axes

  /// `kind` is "row" or a phase; `share_of_time` is of the phase, 0 for rows.
  void add(const std::string& kind, const std::string& name, const Work& work, double share_of_time,
           const bench::Roofs& roofs) {
    if (!(work.flops > 0 && work.bytes > 0 && work.seconds > 0)) {
      ++left_out;
      return;
    }
    const std::optional<double> of_roof = share_of_roof(work, roofs);
    json::object point;
    point["kind"] = json_text(kind);
    point["name"] = json_text(name);
    point["intensity"] = drawn_number(work.flops / work.bytes);
    point["rate"] = drawn_number(work.flops / work.seconds);
    point["part"] = drawn_number(share_of_time);
    point["of roof"] = of_roof ? percent_text(*of_roof) : "";
    point["time"] = duration_text(work.seconds);
    drawn.push_back(std::move(point));
  }
};

Points points_of(const Result& result) {
  Points points;
  for (const bench::Row& row : result.rows) {
    // Rows that count nothing are not missed; times of wrong outputs are no measurement.
    if (row.invalid.empty() && (counter(row, "flops") || counter(row, "bytes"))) {
      points.add("row", row.name, work_of(row), 0, result.roofs);
    }
  }
  for (const GroupTotal& total : group_totals(result.ledger)) {
    points.add(total.phase, total.group, total.work, total.share, result.roofs);
  }
  return points;
}

std::string meaning_of(const Result& result, std::size_t left_out) {
  const bool peak = result.roofs.flops_per_second > 0;
  const bool bandwidth = result.roofs.bytes_per_second > 0;
  std::string text = "Arithmetic by how much of it there is for each byte that is moved at least.";
  if (peak && bandwidth) {
    text +=
        " The line is what the machine can do: on the slope memory is the limit, on the level arithmetic. What is "
        "above "
        "the slope had its bytes from a cache.";
  }
  if (!peak) text += " The peak of arithmetic was not measured.";
  if (!bandwidth) text += " The bandwidth of memory was not measured.";
  if (!result.ledger.empty()) text += " The larger a group's mark, the more of the time of its phase it takes.";
  if (left_out > 0) {
    text += fmt::format(" Not drawn, as they do no arithmetic, move no bytes or took no time: {} of rows and groups.",
                        left_out);
  }
  return text;
}

}  // namespace

std::string roofline_section(const Result& result) {
  Points points = points_of(result);
  if (points.drawn.empty()) return "";
  json::object data;
  data["peak"] = drawn_number(result.roofs.flops_per_second);
  data["bandwidth"] = drawn_number(result.roofs.bytes_per_second);
  data["points"] = std::move(points.drawn);
  return section_markup("roofline", "charts", "Roofline", meaning_of(result, points.left_out),
                        chart_markup("roofline", "FLOP per second by FLOP per byte, under the roofs of the machine") +
                            chart_data_markup(data));
}

}  // namespace assay::reports
