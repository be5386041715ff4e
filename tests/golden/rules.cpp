// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/golden/rules.hpp"

#include <algorithm>
#include <memory>

namespace assay::test {

void Seen::record(const Moment& moment, const MutableSiteValue& value) { values_[moment.point.site] = floats(value); }

const std::vector<double>& Seen::operator()(Site site) const { return values_.at(site); }

void emit_instead(BrokenModel& model, Site site, Recompute recompute) {
  model.meddling.before = [=, seen = std::make_shared<Seen>()](const Moment& moment, MutableSiteValue& value) {
    seen->record(moment, value);
    if (!moment.is(site)) return;
    std::vector<double> numbers = floats(value);
    recompute(moment, *seen, numbers);
    set_floats(value, numbers);
  };
}

void go_on_with(BrokenModel& model, Site site, Recompute recompute) {
  model.meddling.after = [=, seen = std::make_shared<Seen>()](const Moment& moment, MutableSiteValue& value) {
    seen->record(moment, value);
    if (!moment.is(site)) return;
    std::vector<double> numbers = floats(value);
    recompute(moment, *seen, numbers);
    set_floats(value, numbers);
  };
}

void swap_blocks(std::vector<double>& values, std::size_t stride, std::size_t block, std::size_t a, std::size_t b) {
  for (std::size_t start = 0; start < values.size(); start += stride) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(start + a * block);
    const auto second = values.begin() + static_cast<std::ptrdiff_t>(start + b * block);
    std::swap_ranges(first, first + static_cast<std::ptrdiff_t>(block), second);
  }
}

}  // namespace assay::test
