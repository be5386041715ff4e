// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/ssm.hpp"

#include <vector>

#include "reference/scalar.hpp"

namespace assay::reference {

template <class T>
void ssm_scan(View<const T, 2> conv_out, View<const T, 2> dt, const WeightMatrix& a_log, const WeightMatrix& d_skip,
              const SsmExtents& extents, View<T, 3> state, View<T, 2> y) {
  const std::vector<T> log_decay = read_vector<T>(a_log);
  const std::vector<T> skip = read_vector<T>(d_skip);
  const std::size_t inner = extents.heads * extents.head_dim;
  const std::size_t heads_per_group = extents.heads / extents.groups;
  std::vector<Wide<T>> row(extents.state);
  for (std::size_t head = 0; head < extents.heads; ++head) {
    const Wide<T> a = -exp(widen(log_decay[head]));
    const std::size_t first_b = inner + (head / heads_per_group) * extents.state;
    const std::size_t first_c = first_b + extents.groups * extents.state;
    for (std::size_t p = 0; p < extents.head_dim; ++p) {
      const std::size_t channel = head * extents.head_dim + p;
      // The state is a sum over time: double within the call, rounded once at its end.
      for (std::size_t n = 0; n < row.size(); ++n) row[n] = widen(state(head, p, n));
      for (std::size_t t = 0; t < y.extent(0); ++t) {
        const Wide<T> step = widen(dt(t, head));
        const Wide<T> decay = exp(step * a);
        const Wide<T> x = widen(conv_out(t, channel));
        Wide<T> sum = 0.0;
        for (std::size_t n = 0; n < row.size(); ++n) {
          row[n] = decay * row[n] + step * x * widen(conv_out(t, first_b + n));
          sum += widen(conv_out(t, first_c + n)) * row[n];
        }
        y(t, channel) = narrow<T>(sum + widen(skip[head]) * x);
      }
      for (std::size_t n = 0; n < row.size(); ++n) state(head, p, n) = narrow<T>(row[n]);
    }
  }
}

template void ssm_scan<float>(View<const float, 2>, View<const float, 2>, const WeightMatrix&, const WeightMatrix&,
                              const SsmExtents&, View<float, 3>, View<float, 2>);
template void ssm_scan<double>(View<const double, 2>, View<const double, 2>, const WeightMatrix&, const WeightMatrix&,
                               const SsmExtents&, View<double, 3>, View<double, 2>);
template void ssm_scan<Gauged>(View<const Gauged, 2>, View<const Gauged, 2>, const WeightMatrix&, const WeightMatrix&,
                               const SsmExtents&, View<Gauged, 3>, View<Gauged, 2>);

}  // namespace assay::reference
