// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/mamba2.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "optimized/ops/conv.hpp"
#include "optimized/ops/norm.hpp"
#include "optimized/ops/ssm_step.hpp"
#include "optimized/ops/stored_vector.hpp"
#include "optimized/ops/time_steps.hpp"

namespace assay::optimized {
namespace {

/// Zeroes the rows of padding tokens.
void mask_padding(Rows<float> x, const std::uint8_t* pad_mask) {
  if (pad_mask == nullptr) return;
  for (std::size_t token = 0; token < x.count; ++token) {
    if (pad_mask[token] == 0) std::fill_n(x[token], x.width, 0.0F);
  }
}

std::vector<float> read_vector_if(bool present, const Weights& weights, const std::string& name) {
  return present ? read_vector(weights.at(name)) : std::vector<float>();
}

const float* data_or_null(const std::vector<float>& values) { return values.empty() ? nullptr : values.data(); }

/// [C, 1, K] -> [K, C]: neighbouring channels are computed together.
std::vector<float> tap_major(const std::vector<float>& stored, std::size_t channels, std::size_t taps) {
  std::vector<float> turned(stored.size());
  for (std::size_t channel = 0; channel < channels; ++channel) {
    for (std::size_t tap = 0; tap < taps; ++tap) turned[tap * channels + channel] = stored[channel * taps + tap];
  }
  return turned;
}

/// A = -exp(A_log)
std::vector<float> decay_of(std::vector<float> a_log) {
  for (float& value : a_log) value = static_cast<float>(-std::exp(static_cast<double>(value)));
  return a_log;
}

}  // namespace

Mamba2::Mamba2(const Weights& weights, const std::string& prefix, const GraniteMoeHybridConfig& config,
               blis::WeightPacker& packer)
    : extents_{config.mamba_n_heads, config.mamba_d_head, config.mamba_n_groups, config.mamba_d_state},
      inner_(config.mamba_n_heads * config.mamba_d_head),
      channels_(inner_ + 2 * config.mamba_n_groups * config.mamba_d_state),
      taps_(config.mamba_d_conv),
      eps_(config.rms_norm_eps),
      act_{.kind = config.hidden_act},
      time_step_min_(config.time_step_limit_min),
      time_step_max_(config.time_step_limit_max),
      in_proj_(packer.add({blis::all_rows(weights.at(prefix + "in_proj.weight"), prefix + "in_proj.weight")})),
      out_proj_(packer.add({blis::all_rows(weights.at(prefix + "out_proj.weight"), prefix + "out_proj.weight")})),
      in_proj_bias_(read_vector_if(config.mamba_proj_bias, weights, prefix + "in_proj.bias")),
      out_proj_bias_(read_vector_if(config.mamba_proj_bias, weights, prefix + "out_proj.bias")),
      conv_(tap_major(read_vector(weights.at(prefix + "conv1d.weight")), channels_, taps_)),
      conv_bias_(read_vector_if(config.mamba_conv_bias, weights, prefix + "conv1d.bias")),
      dt_bias_(read_vector(weights.at(prefix + "dt_bias"))),
      decay_(decay_of(read_vector(weights.at(prefix + "A_log")))),
      d_(read_vector(weights.at(prefix + "D"))),
      norm_(read_vector(weights.at(prefix + "norm.weight"))) {}

Mamba2::Buffers Mamba2::take(const CallExtents& extents, const Threads& threads, Slices& memory) const {
  const std::size_t tokens = extents.tokens();
  const auto rows = [&](std::size_t width) { return dense(memory.take<float>(tokens * width), tokens, width); };
  Buffers buffers{};
  buffers.projected = rows(inner_ + channels_ + extents_.heads);
  buffers.conv = rows(channels_);
  buffers.dt = rows(extents_.heads);
  buffers.y = rows(inner_);
  buffers.normed = rows(inner_);
  buffers.scratch = memory.take<float>(threads.count() * ssm_scan_scratch(extents_, extents.length, extents.sequences));
  return buffers;
}

void Mamba2::plan(const CallExtents& extents, const Threads& threads, Slices& memory) const {
  const std::size_t mark = memory.mark();
  static_cast<void>(take(extents, threads, memory));
  memory.release(mark);
}

void Mamba2::reserve(std::size_t batch, std::size_t /*length*/, std::size_t /*cache_tokens*/) { make_room(batch); }

void Mamba2::make_room(std::size_t batch) {
  if (batch <= room_) return;
  conv_history_ = AlignedBuffer(batch * taps_ * channels_ * sizeof(float));
  state_ = AlignedBuffer(batch * inner_ * extents_.state * sizeof(float));
  room_ = batch;
  holds_state_ = false;
}

/// conv_state is [B, C, K], the history [B, K, C].
void Mamba2::load_cache(const LayerPast& past, std::size_t /*length*/) {
  const std::size_t batch = past.ssm_state.extent(0);
  make_room(batch);
  const View<const float, 3> columns = past.conv_state.view();
  for (std::size_t b = 0; b < batch; ++b) {
    for (std::size_t tap = 0; tap < taps_; ++tap) {
      for (std::size_t channel = 0; channel < channels_; ++channel) {
        history(b)[tap][channel] = columns(b, channel, tap);
      }
    }
  }
  std::ranges::copy(past.ssm_state.view().flat(), state_.as<float>());
  holds_state_ = true;
}

Rows<float> Mamba2::history(std::size_t b) const {
  return dense(conv_history_.as<float>() + b * taps_ * channels_, taps_, channels_);
}

void Mamba2::forward(Rows<float> hidden, CallContext& context, const Show& show, Rows<float> out) {
  const CallExtents& extents = context.extents;
  const std::size_t mark = context.memory.mark();
  const Buffers buffers = take(extents, context.threads, context.memory);
  make_room(extents.batch);
  if (!holds_state_) {
    std::fill_n(conv_history_.as<float>(), extents.batch * taps_ * channels_, 0.0F);
    std::fill_n(state_.as<float>(), extents.batch * inner_ * extents_.state, 0.0F);
  }

  mask_padding(hidden, context.pad_mask);
  context.multiply({.weight = &in_proj_,
                    .x = hidden,
                    .y = buffers.projected,
                    .bias = data_or_null(in_proj_bias_)});                show(Site::in_proj, buffers.projected);
  convolve(buffers, context, show);

  // A single token that continues a cache is not clamped: the decode path of transformers 5.23.0 has no clamp.
  const bool clamps = extents.length > 1 || !context.continues;
  const Rows<float> raw_steps = buffers.projected.columns(inner_ + channels_, extents_.heads);
  time_steps(raw_steps, dt_bias_, clamps ? time_step_min_ : 0.0,
             clamps ? time_step_max_ : std::numeric_limits<double>::infinity(), buffers.dt, context.threads);
                                                                          show(Site::ssm_dt, buffers.dt);
  scan(buffers, context);                                                 show(Site::ssm_out, buffers.y);
  if (extents.use_cache) {
    show(Site::ssm_state, View<float, 4>(state_.as<float>(), {extents.batch, extents_.heads, extents_.head_dim,
                                                              extents_.state}));
  }
  holds_state_ = extents.use_cache;

  gated_rms_norm(buffers.y, buffers.projected.columns(0, inner_), norm_, extents_.groups, eps_, buffers.normed,
                 context.threads);                                        show(Site::gated_norm_out, buffers.normed);
  context.multiply({.weight = &out_proj_,
                    .x = buffers.normed,
                    .y = out,
                    .bias = data_or_null(out_proj_bias_)});               show(Site::mixer_out, out);
  context.memory.release(mark);
}

void Mamba2::convolve(const Buffers& buffers, const CallContext& context, const Show& show) {
  const CallExtents& extents = context.extents;
  const Rows<float> input = buffers.projected.columns(inner_, channels_);
  if (!context.cu_seq_lens.empty()) {
    // Every sequence begins with the zeros that a call without a cache begins with; its end is nobody's past.
    for (std::size_t i = 0; i < extents.sequences; ++i) {
      const auto first = static_cast<std::size_t>(context.cu_seq_lens[i]);
      const std::size_t count = static_cast<std::size_t>(context.cu_seq_lens[i + 1]) - first;
      causal_conv(input.part(first, count), history(0), conv_.data(), data_or_null(conv_bias_), act_,
                  buffers.conv.part(first, count), context.threads);
    }
                                                                          show(Site::conv_out, buffers.conv);
    return;
  }
  for (std::size_t b = 0; b < extents.batch; ++b) {
    const Rows<float> tokens = input.part(b * extents.length, extents.length);
    causal_conv(tokens, history(b), conv_.data(), data_or_null(conv_bias_), act_,
                buffers.conv.part(b * extents.length, extents.length), context.threads);
    update_conv_history(tokens, history(b));
  }
                                                                          show(Site::conv_out, buffers.conv);
  mask_padding(buffers.conv, context.pad_mask);
  if (extents.use_cache)                                                  show_conv_state(extents, show);
}

void Mamba2::scan(const Buffers& buffers, const CallContext& context) {
  const CallExtents& extents = context.extents;
  const std::size_t groups_width = extents_.groups * extents_.state;
  const Rows<float> x = buffers.conv.columns(0, inner_);
  const Rows<float> b_columns = buffers.conv.columns(inner_, groups_width);
  const Rows<float> c_columns = buffers.conv.columns(inner_ + groups_width, groups_width);
  if (extents.length == 1) {
    ssm_step(x, b_columns, c_columns, buffers.dt, decay_, d_, extents_, state_.as<float>(), buffers.y, context.threads);
    return;
  }
  for (std::size_t b = 0; b < extents.batch; ++b) {
    const std::size_t first = b * extents.length;
    ssm_scan(x.part(first, extents.length), b_columns.part(first, extents.length),
             c_columns.part(first, extents.length), buffers.dt.part(first, extents.length), decay_, d_, extents_,
             context.cu_seq_lens, state_.as<float>() + b * inner_ * extents_.state, buffers.y.part(first, extents.length), buffers.scratch,
             context.threads);
  }
}

/// The site is [B, C, K], the history [B, K, C].
void Mamba2::show_conv_state(const CallExtents& extents, const Show& show) const {
  if (!show.active()) return show.reached(Site::conv_state);
  std::vector<float> turned(extents.batch * channels_ * taps_);
  const auto each = [&](const auto& visit) {
    for (std::size_t b = 0; b < extents.batch; ++b) {
      for (std::size_t tap = 0; tap < taps_; ++tap) {
        for (std::size_t channel = 0; channel < channels_; ++channel) {
          visit(turned[(b * channels_ + channel) * taps_ + tap], history(b)[tap][channel]);
        }
      }
    }
  };
  each([](float& shown, float& kept) { shown = kept; });
  show(Site::conv_state, View<float, 3>(turned.data(), {extents.batch, channels_, taps_}));
  each([](float& shown, float& kept) { kept = shown; });
}

}  // namespace assay::optimized
