// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/ops/ssm.hpp"

#include <cmath>
#include <vector>

namespace assay::reference {

template <class T>
void ssm_scan(View<const T, 2> conv_out, View<const T, 2> dt, const WeightMatrix& a_log, const WeightMatrix& d_skip,
              const SsmExtents& extents, View<T, 3> state, View<T, 2> y) {
  const std::vector<T> log_decay = read_vector<T>(a_log);
  const std::vector<T> skip = read_vector<T>(d_skip);
  const std::size_t inner = extents.heads * extents.head_dim;
  const std::size_t heads_per_group = extents.heads / extents.groups;
  std::vector<double> row(extents.state);
  for (std::size_t head = 0; head < extents.heads; ++head) {
    const double a = -std::exp(static_cast<double>(log_decay[head]));
    const std::size_t first_b = inner + (head / heads_per_group) * extents.state;
    const std::size_t first_c = first_b + extents.groups * extents.state;
    for (std::size_t p = 0; p < extents.head_dim; ++p) {
      const std::size_t channel = head * extents.head_dim + p;
      // The state is a sum over time: double within the call, rounded once at its end.
      for (std::size_t n = 0; n < row.size(); ++n) row[n] = static_cast<double>(state(head, p, n));
      for (std::size_t t = 0; t < y.extent(0); ++t) {
        const double step = static_cast<double>(dt(t, head));
        const double decay = std::exp(step * a);
        const double x = static_cast<double>(conv_out(t, channel));
        double sum = 0.0;
        for (std::size_t n = 0; n < row.size(); ++n) {
          row[n] = decay * row[n] + step * x * static_cast<double>(conv_out(t, first_b + n));
          sum += static_cast<double>(conv_out(t, first_c + n)) * row[n];
        }
        y(t, channel) = static_cast<T>(sum + static_cast<double>(skip[head]) * x);
      }
      for (std::size_t n = 0; n < row.size(); ++n) state(head, p, n) = static_cast<T>(row[n]);
    }
  }
}

template void ssm_scan<float>(View<const float, 2>, View<const float, 2>, const WeightMatrix&, const WeightMatrix&,
                              const SsmExtents&, View<float, 3>, View<float, 2>);
template void ssm_scan<double>(View<const double, 2>, View<const double, 2>, const WeightMatrix&, const WeightMatrix&,
                               const SsmExtents&, View<double, 3>, View<double, 2>);

}  // namespace assay::reference
