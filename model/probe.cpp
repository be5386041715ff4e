// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/probe.hpp"

namespace assay {

void Probe::emit(Site site, const MutableSiteValue& value) const {
  const ProbePoint point{site, info(site).scope == SiteScope::layer ? layer_ : std::nullopt};
  if (observer_ != nullptr) {
    const ConstValues constant =
        std::visit([]<class T>(std::span<T> span) { return ConstValues(std::span<const T>(span)); }, value.values);
    observer_->observe(point, {constant, value.shape, value.gauges});
  }
  if (injector_ != nullptr) injector_->inject(point, value);
}

}  // namespace assay
