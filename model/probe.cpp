// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/probe.hpp"

namespace assay {

void Probe::emit(Site site, const MutableValues& values, const Shape& shape) const {
  const ProbePoint point{site, info(site).scope == SiteScope::layer ? layer_ : std::nullopt};
  if (observer_ != nullptr) {
    const ConstValues constant =
        std::visit([]<class T>(std::span<T> span) { return ConstValues(std::span<const T>(span)); }, values);
    observer_->observe(point, {constant, shape});
  }
  if (injector_ != nullptr) injector_->inject(point, {values, shape});
}

}  // namespace assay
