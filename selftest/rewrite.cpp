// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/rewrite.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

namespace assay::selftest {

void Seen::record(const Moment& moment, const MutableSiteValue& value) { values_[moment.point.site] = floats(value); }

const std::vector<double>& Seen::operator()(Site site) const { return values_.at(site); }

namespace {

/// `site` as `recompute` makes it of what was seen so far.
Touch rewriting(Site site, Recompute recompute) {
  return [=, seen = std::make_shared<Seen>()](const Moment& moment, MutableSiteValue& value) {
    seen->record(moment, value);
    if (!moment.is(site)) return;
    std::vector<double> numbers = floats(value);
    recompute(moment, *seen, numbers);
    set_floats(value, numbers);
  };
}

Touch changing(const Moment& where, std::function<void(Matrix&)> change) {
  return [=](const Moment& moment, MutableSiteValue& value) {
    if (moment != where) return;
    Matrix matrix{floats(value), 1, value.shape.back()};
    matrix.rows = matrix.values.size() / matrix.columns;
    change(matrix);
    set_floats(value, matrix.values);
  };
}

}  // namespace

void emit_instead(BrokenModel& model, Site site, Recompute recompute) {
  model.meddling.before = rewriting(site, std::move(recompute));
}

void go_on_with(BrokenModel& model, Site site, Recompute recompute) {
  model.meddling.after = rewriting(site, std::move(recompute));
}

double Matrix::sigma() const {
  double squares = 0.0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares / static_cast<double>(values.size()));
}

void emit_at(BrokenModel& model, const Moment& where, std::function<void(Matrix&)> change) {
  model.meddling.before = changing(where, std::move(change));
}

void go_on_at(BrokenModel& model, const Moment& where, std::function<void(Matrix&)> change) {
  model.meddling.after = changing(where, std::move(change));
}

void emit_one_call_late(BrokenModel& model, Site site) {
  model.meddling.before = [=, late = std::make_shared<std::map<std::size_t, std::vector<double>>>()](
                              const Moment& moment, MutableSiteValue& value) {
    if (!moment.is(site)) return;
    std::vector<double>& before = (*late)[moment.point.layer->value];
    const std::vector<double> now = floats(value);
    if (before.size() == now.size()) set_floats(value, before);
    before = now;
  };
}

void swap_blocks(std::vector<double>& values, std::size_t stride, std::size_t block, std::size_t a, std::size_t b) {
  for (std::size_t start = 0; start < values.size(); start += stride) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(start + a * block);
    const auto second = values.begin() + static_cast<std::ptrdiff_t>(start + b * block);
    std::swap_ranges(first, first + static_cast<std::ptrdiff_t>(block), second);
  }
}

}  // namespace assay::selftest
