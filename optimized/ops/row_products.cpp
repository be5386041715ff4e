// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/row_products.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/row_products.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::optimized {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The scores of Rows queries and Keys keys: each vector of a key is loaded once for all the queries.
template <std::size_t Rows, std::size_t Keys>
HWY_INLINE void ScoreTile(const float* queries, const float* keys, std::size_t head_dim, float scale, float* scores,
                          std::size_t stride) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = head_dim / lanes * lanes;
  V sums[Rows][Keys];
  for (std::size_t r = 0; r < Rows; ++r) {
    for (std::size_t k = 0; k < Keys; ++k) sums[r][k] = hn::Zero(d);
  }
  for (std::size_t i = 0; i < whole; i += lanes) {
    V key[Keys];
    for (std::size_t k = 0; k < Keys; ++k) key[k] = hn::LoadU(d, keys + k * head_dim + i);
    for (std::size_t r = 0; r < Rows; ++r) {
      const V query = hn::LoadU(d, queries + r * head_dim + i);
      for (std::size_t k = 0; k < Keys; ++k) sums[r][k] = hn::MulAdd(query, key[k], sums[r][k]);
    }
  }
  for (std::size_t r = 0; r < Rows; ++r) {
    for (std::size_t k = 0; k < Keys; ++k) {
      float sum = hn::GetLane(hn::SumOfLanes(d, sums[r][k]));
      for (std::size_t i = whole; i < head_dim; ++i) sum += queries[r * head_dim + i] * keys[k * head_dim + i];
      scores[r * stride + k] = sum * scale;
    }
  }
}

template <std::size_t Rows>
void ScoreRows(const float* queries, const float* keys, std::size_t count, std::size_t head_dim, float scale,
               float* scores, std::size_t stride) {
  std::size_t key = 0;
  for (; key + 4 <= count; key += 4) {
    ScoreTile<Rows, 4>(queries, keys + key * head_dim, head_dim, scale, scores + key, stride);
  }
  for (; key < count; ++key) {
    ScoreTile<Rows, 1>(queries, keys + key * head_dim, head_dim, scale, scores + key, stride);
  }
}

void RowScores(const float* queries, std::size_t rows, const float* keys, std::size_t count, std::size_t head_dim,
               float scale, float* scores, std::size_t stride) {
  std::size_t r = 0;
  for (; r + 2 <= rows; r += 2) {
    ScoreRows<2>(queries + r * head_dim, keys, count, head_dim, scale, scores + r * stride, stride);
  }
  if (r < rows) ScoreRows<1>(queries + r * head_dim, keys, count, head_dim, scale, scores + r * stride, stride);
}

/// Rows queries and a few vectors of columns, from `first` on while whole tiles fit; returns the column it came to.
template <std::size_t Rows, std::size_t Vectors, class D>
HWY_INLINE std::size_t WeightedColumns(D d, std::size_t first, const float* weights, std::size_t stride,
                                       const float* values, std::size_t count, std::size_t head_dim, float* out) {
  using V = hn::Vec<D>;
  const std::size_t lanes = hn::Lanes(d);
  for (; first + Vectors * lanes <= head_dim; first += Vectors * lanes) {
    V sums[Rows][Vectors];
    for (std::size_t r = 0; r < Rows; ++r) {
      for (std::size_t v = 0; v < Vectors; ++v) sums[r][v] = hn::Zero(d);
    }
    for (std::size_t key = 0; key < count; ++key) {
      V value[Vectors];
      for (std::size_t v = 0; v < Vectors; ++v) value[v] = hn::LoadU(d, values + key * head_dim + first + v * lanes);
      for (std::size_t r = 0; r < Rows; ++r) {
        const V weight = hn::Set(d, weights[r * stride + key]);
        for (std::size_t v = 0; v < Vectors; ++v) sums[r][v] = hn::MulAdd(weight, value[v], sums[r][v]);
      }
    }
    for (std::size_t r = 0; r < Rows; ++r) {
      for (std::size_t v = 0; v < Vectors; ++v) hn::StoreU(sums[r][v], d, out + r * head_dim + first + v * lanes);
    }
  }
  return first;
}

template <std::size_t Rows>
void WeightRows(const float* weights, std::size_t stride, const float* values, std::size_t count, std::size_t head_dim,
                float* out) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> one;
  std::size_t first = WeightedColumns<Rows, 4>(d, 0, weights, stride, values, count, head_dim, out);
  first = WeightedColumns<Rows, 1>(d, first, weights, stride, values, count, head_dim, out);
  first = WeightedColumns<Rows, 4>(one, first, weights, stride, values, count, head_dim, out);
  WeightedColumns<Rows, 1>(one, first, weights, stride, values, count, head_dim, out);
}

void WeightedValues(const float* weights, std::size_t stride, std::size_t rows, const float* values, std::size_t count,
                    std::size_t head_dim, float* out) {
  std::size_t r = 0;
  for (; r + 2 <= rows; r += 2) {
    WeightRows<2>(weights + r * stride, stride, values, count, head_dim, out + r * head_dim);
  }
  if (r < rows) WeightRows<1>(weights + r * stride, stride, values, count, head_dim, out + r * head_dim);
}

}  // namespace HWY_NAMESPACE
}  // namespace assay::optimized
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(RowScores);
HWY_EXPORT(WeightedValues);

void row_scores(const float* queries, std::size_t rows, const float* keys, std::size_t count, std::size_t head_dim,
                float scale, float* scores, std::size_t stride) {
  HWY_DYNAMIC_DISPATCH(RowScores)(queries, rows, keys, count, head_dim, scale, scores, stride);
}

void weighted_values(const float* weights, std::size_t stride, std::size_t rows, const float* values, std::size_t count,
                     std::size_t head_dim, float* out) {
  HWY_DYNAMIC_DISPATCH(WeightedValues)(weights, stride, rows, values, count, head_dim, out);
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
