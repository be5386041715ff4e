// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/probe.hpp"

namespace assay {

ProbePoint Probe::point(Site site) const {
  return {site, info(site).scope == SiteScope::layer ? layer_ : std::nullopt};
}

void Probe::operator()(Site site, const MutableRows& value) const { injector_->inject_rows(point(site), value); }

void Probe::emit(Site site, const MutableSiteValue& value) const {
  if (observer_ != nullptr) {
    const ConstValues constant =
        std::visit([]<class T>(std::span<T> span) { return ConstValues(std::span<const T>(span)); }, value.values);
    observer_->observe(point(site), {constant, value.shape, value.gauges});
  }
  if (injector_ != nullptr) injector_->inject(point(site), value);
}

}  // namespace assay
