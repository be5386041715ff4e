// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/blocks/mamba2.hpp"

#include <algorithm>

#include "reference/blocks/residual.hpp"
#include "reference/ops/activation.hpp"
#include "reference/ops/conv.hpp"
#include "reference/ops/linear.hpp"
#include "reference/ops/norm.hpp"
#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

/// Zeroes the rows of padding tokens.
template <class T>
void mask_padding(Tensor<T, 3>& x, const Tensor<std::uint8_t, 2>& pad_mask) {
  if (pad_mask.empty()) return;
  for (std::size_t b = 0; b < x.extent(0); ++b) {
    for (std::size_t l = 0; l < x.extent(1); ++l) {
      if (pad_mask(b, l) == 0) std::ranges::fill(x.view()[b][l].flat(), T{0});
    }
  }
}

/// Some rows of a matrix.
template <class T>
View<T, 2> tokens(View<T, 2> x, const TokenRange& range) {
  return {x.data() + range.first * x.extent(1), {range.count, x.extent(1)}};
}

/// A packed sequence behind another starts from nothing.
template <class T, std::size_t Rank>
void start(const TokenRange& sequence, View<T, Rank> state) {
  if (sequence.first > 0) std::ranges::fill(state.flat(), T{0});
}

}  // namespace

template <class T>
Mamba2<T>::Mamba2(const Weights& weights, const std::string& prefix, const GraniteMoeHybridConfig& config)
    : extents_{config.mamba_n_heads, config.mamba_d_head, config.mamba_n_groups, config.mamba_d_state},
      inner_(config.mamba_n_heads * config.mamba_d_head),
      channels_(inner_ + 2 * config.mamba_n_groups * config.mamba_d_state),
      taps_(config.mamba_d_conv),
      eps_(config.rms_norm_eps),
      act_{.kind = config.hidden_act},
      time_step_min_(config.time_step_limit_min),
      time_step_max_(config.time_step_limit_max),
      in_proj_(weight_matrix(weights, prefix + "in_proj.weight")),
      in_proj_bias_(weight_matrix_if(config.mamba_proj_bias, weights, prefix + "in_proj.bias")),
      conv_(weight_matrix(weights, prefix + "conv1d.weight")),
      conv_bias_(weight_matrix_if(config.mamba_conv_bias, weights, prefix + "conv1d.bias")),
      dt_bias_(weight_matrix(weights, prefix + "dt_bias")),
      a_log_(weight_matrix(weights, prefix + "A_log")),
      d_(weight_matrix(weights, prefix + "D")),
      norm_(weight_matrix(weights, prefix + "norm.weight")),
      out_proj_(weight_matrix(weights, prefix + "out_proj.weight")),
      out_proj_bias_(weight_matrix_if(config.mamba_proj_bias, weights, prefix + "out_proj.bias")) {}

template <class T>
Tensor<T, 3> Mamba2<T>::forward(View<const T, 3> hidden, const CallContext<T>& context, Mamba2Cache<T>& cache,
                                const Probe& probe) const {
  const std::size_t batch = context.batch;
  const std::size_t length = context.length;
  if (cache.conv.empty()) {
    cache.conv = Tensor<T, 3>({batch, channels_, taps_});
    cache.ssm = Tensor<T, 4>({batch, extents_.heads, extents_.head_dim, extents_.state});
  }

  Tensor<T, 3> input({batch, length, hidden.extent(2)});
  std::ranges::copy(hidden.flat(), input.view().flat().begin());
  mask_padding(input, context.pad_mask);
  Tensor<T, 3> projected({batch, length, inner_ + channels_ + extents_.heads});
  linear<T>(rows(input), in_proj_, in_proj_bias_, rows(projected));       probe(Site::in_proj, projected.view());

  Tensor<T, 3> conv({batch, length, channels_});
  for (std::size_t b = 0; b < batch; ++b) {
    for (const TokenRange& sequence : context.sequences) {
      const View<T, 2> state = cache.conv.view()[b];
      start(sequence, state);
      const View<const T, 2> columns = tokens(projected.view()[b], sequence);
      causal_conv<T>(columns, inner_, state, conv_, conv_bias_, act_, tokens(conv.view()[b], sequence));
      update_conv_state<T>(columns, inner_, state);
    }
  }
                                                                          probe(Site::conv_out, conv.view());
  mask_padding(conv, context.pad_mask);
  if (context.use_cache)                                                  probe(Site::conv_state, cache.conv.view());

  // A single token that continues a cache is not clamped: the decode path of transformers 5.23.0 has no clamp.
  const bool clamps = length > 1 || !context.continues;
  Tensor<T, 3> dt = time_steps(projected, clamps);                        probe(Site::ssm_dt, dt.view());

  Tensor<T, 3> y({batch, length, inner_});
  for (std::size_t b = 0; b < batch; ++b) {
    for (const TokenRange& sequence : context.sequences) {
      const View<T, 3> state = cache.ssm.view()[b];
      start(sequence, state);
      ssm_scan<T>(tokens(conv.view()[b], sequence), tokens(dt.view()[b], sequence), a_log_, d_, extents_, state,
                  tokens(y.view()[b], sequence));
    }
  }
                                                                          probe(Site::ssm_out, y.view());
  if (context.use_cache)                                                  probe(Site::ssm_state, cache.ssm.view());

  Tensor<T, 3> normed({batch, length, inner_});
  gated_rms_norm<T>(rows(y), rows(projected), norm_, extents_.groups, eps_, rows(normed));
                                                                          probe(Site::gated_norm_out, normed.view());
  Tensor<T, 3> out({batch, length, hidden.extent(2)});
  linear<T>(rows(normed), out_proj_, out_proj_bias_, rows(out));          probe(Site::mixer_out, out.view());
  return out;
}

template <class T>
Tensor<T, 3> Mamba2<T>::time_steps(const Tensor<T, 3>& projected, bool clamps) const {
  const std::vector<T> bias = read_vector<T>(dt_bias_);
  const std::size_t first = inner_ + channels_;
  Tensor<T, 3> dt({projected.extent(0), projected.extent(1), extents_.heads});
  for (std::size_t b = 0; b < dt.extent(0); ++b) {
    for (std::size_t l = 0; l < dt.extent(1); ++l) {
      for (std::size_t head = 0; head < extents_.heads; ++head) {
        const Wide<T> raw = widen(projected(b, l, first + head)) + widen(bias[head]);
        const Wide<T> step = softplus(raw);
        dt(b, l, head) = narrow<T>(clamps ? clipped(step, time_step_min_, time_step_max_) : step);
      }
    }
  }
  return dt;
}

template class Mamba2<float>;
template class Mamba2<double>;
template class Mamba2<Gauged>;

}  // namespace assay::reference
