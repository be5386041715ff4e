// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/experts.hpp"

#include <algorithm>

#include "optimized/ops/weighted_sum.hpp"

namespace assay::optimized {

Experts::Experts(std::vector<Expert> experts, std::size_t width, std::size_t experts_per_token,
                 const ActivationFunction& act_fn)
    : experts_(std::move(experts)), width_(width), experts_per_token_(experts_per_token), act_fn_(act_fn) {
  tasks_.reserve(experts_.size());
}

Experts::Buffers Experts::take(const CallExtents& extents, std::size_t hidden_size, Slices& memory) const {
  const std::size_t tokens = extents.tokens();
  const std::size_t rows = tokens * experts_per_token_;
  Buffers buffers{};
  buffers.token_of = memory.take<std::uint32_t>(rows);
  buffers.row_of = {memory.take<std::uint32_t>(rows), {tokens, experts_per_token_}};
  buffers.first_row = memory.take<std::size_t>(experts_.size() + 1);
  buffers.act = dense(memory.take<float>(rows * width_), rows, width_);
  buffers.outs = dense(memory.take<float>(rows * hidden_size), rows, hidden_size);
  return buffers;
}

void Experts::plan(const CallExtents& extents, std::size_t hidden_size, Slices& memory) const {
  const std::size_t mark = memory.mark();
  static_cast<void>(take(extents, hidden_size, memory));
  memory.release(mark);
}

/// A counting sort: the rows of an expert keep the order of their tokens.
void Experts::sort_by_expert(const Routing& routing, const Buffers& buffers) const {
  std::fill_n(buffers.first_row, experts_.size() + 1, std::size_t{0});
  for (const std::int64_t expert : routing.experts.flat()) ++buffers.first_row[static_cast<std::size_t>(expert) + 1];
  for (std::size_t e = 0; e < experts_.size(); ++e) buffers.first_row[e + 1] += buffers.first_row[e];
  for (std::size_t token = 0; token < routing.experts.extent(0); ++token) {
    for (std::size_t slot = 0; slot < experts_per_token_; ++slot) {
      const std::size_t row = buffers.first_row[static_cast<std::size_t>(routing.experts(token, slot))]++;
      buffers.token_of[row] = static_cast<std::uint32_t>(token);
      buffers.row_of(token, slot) = static_cast<std::uint32_t>(row);
    }
  }
  // Each entry has moved on to the beginning of the next expert.
  std::copy_backward(buffers.first_row, buffers.first_row + experts_.size(), buffers.first_row + experts_.size() + 1);
  buffers.first_row[0] = 0;
}

void Experts::forward(Rows<const float> hidden, const Routing& routing, CallContext& context, const Show& show,
                      Rows<float> out) {
  const std::size_t mark = context.memory.mark();
  const Buffers buffers = take(context.extents, hidden.width, context.memory);
  sort_by_expert(routing, buffers);
  const auto for_each_busy_expert = [&](const auto& visit) {
    for (std::size_t e = 0; e < experts_.size(); ++e) {
      const std::size_t first = buffers.first_row[e];
      const std::size_t count = buffers.first_row[e + 1] - first;
      if (count > 0) visit(experts_[e], first, count);
    }
  };
  const auto by_slot = [&](Rows<float> rows) {
    return [&buffers, rows](std::size_t slot) { return rows[buffers.row_of.flat()[slot]]; };
  };
  const std::size_t tokens = hidden.count;

  tasks_.clear();
  for_each_busy_expert([&](const Expert& expert, std::size_t first, std::size_t count) {
    tasks_.push_back({.weight = &expert.gate_up,
                      .x = hidden,
                      .gather = buffers.token_of + first,
                      .y = buffers.act.part(first, count),
                      .act = &act_fn_});
  });
  context.multiply(tasks_);
                                                                  show.rows<3>(Site::expert_act, {tokens, experts_per_token_, width_}, by_slot(buffers.act));
  tasks_.clear();
  for_each_busy_expert([&](const Expert& expert, std::size_t first, std::size_t count) {
    tasks_.push_back(
        {.weight = &expert.down, .x = buffers.act.part(first, count), .y = buffers.outs.part(first, count)});
  });
  context.multiply(tasks_);
                                                                  show.rows<3>(Site::expert_out, {tokens, experts_per_token_, hidden.width}, by_slot(buffers.outs));
  combine_experts(buffers.outs, buffers.row_of, routing.weights, out, context.threads);
                                                                  show(Site::moe_out, out);
  context.memory.release(mark);
}

}  // namespace assay::optimized
