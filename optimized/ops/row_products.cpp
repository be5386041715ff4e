// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/row_products.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/row_products.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace assay::optimized {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // cannot interleave

template <class D, class V>
HWY_INLINE void StoreFourSums(D /*d*/, V a, V b, V c, V e, float* to) {
  to[0] = hn::GetLane(a);
  to[1] = hn::GetLane(b);
  to[2] = hn::GetLane(c);
  to[3] = hn::GetLane(e);
}

#else

/// The sum of all blocks of four lanes.
template <class D, class V>
HWY_INLINE hn::Vec<hn::FixedTag<float, 4> > SumOfBlocks(D d, V v) {
  if constexpr (hn::MaxLanes(d) == 4) {
    return v;
  } else {
    const hn::Half<D> half;
    return SumOfBlocks(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

/// The sum of the lanes of each of four vectors, in a third of the steps that four sums one by one take.
template <class D, class V>
HWY_INLINE void StoreFourSums(D d, V a, V b, V c, V e, float* to) {
  const V ac = hn::Add(hn::InterleaveLower(d, a, c), hn::InterleaveUpper(d, a, c));  // a0+a2 c0+c2 a1+a3 c1+c3 ...
  const V be = hn::Add(hn::InterleaveLower(d, b, e), hn::InterleaveUpper(d, b, e));
  const V blocks = hn::Add(hn::InterleaveLower(d, ac, be), hn::InterleaveUpper(d, ac, be));
  hn::StoreU(SumOfBlocks(d, blocks), hn::FixedTag<float, 4>(), to);
}

#endif

/// Asks for the four rows that are `fetched_ahead` rows on, if there are so many: the processor's own prefetching ends
/// with a page, and a row of 128 takes an eighth of one. Halves the time of decoding over 4096 keys with d = 128 and 8
/// key heads (Zen 3).
constexpr std::size_t fetched_ahead = 16;

HWY_INLINE void FetchAhead(const float* rows, std::size_t row, std::size_t count, std::size_t head_dim) {
  if (row + fetched_ahead + 4 > count) return;
  const float* first = rows + (row + fetched_ahead) * head_dim;
  for (std::size_t i = 0; i < 4 * head_dim; i += 16) hwy::Prefetch(first + i);
}

/// The scores of Queries queries and four keys: each vector of a key is loaded once for all the queries.
template <std::size_t Queries>
HWY_INLINE void ScoreTile(const float* queries, const float* keys, std::size_t head_dim, float scale, float* scores,
                          std::size_t stride) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = head_dim / lanes * lanes;
  V sums[Queries][4];
  for (std::size_t r = 0; r < Queries; ++r) {
    for (std::size_t k = 0; k < 4; ++k) sums[r][k] = hn::Zero(d);
  }
  for (std::size_t i = 0; i < whole; i += lanes) {
    V key[4];
    for (std::size_t k = 0; k < 4; ++k) key[k] = hn::LoadU(d, keys + k * head_dim + i);
    for (std::size_t r = 0; r < Queries; ++r) {
      const V query = hn::LoadU(d, queries + r * head_dim + i);
      for (std::size_t k = 0; k < 4; ++k) sums[r][k] = hn::MulAdd(query, key[k], sums[r][k]);
    }
  }
  for (std::size_t r = 0; r < Queries; ++r) {
    float* to = scores + r * stride;
    StoreFourSums(d, sums[r][0], sums[r][1], sums[r][2], sums[r][3], to);
    for (std::size_t k = 0; k < 4; ++k) {
      for (std::size_t i = whole; i < head_dim; ++i) to[k] += queries[r * head_dim + i] * keys[k * head_dim + i];
    }
    for (std::size_t k = 0; k < 4; ++k) to[k] *= scale;
  }
}

float ScoreOne(const float* query, const float* key, std::size_t head_dim, float scale) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  const std::size_t whole = head_dim / lanes * lanes;
  auto sums = hn::Zero(d);
  for (std::size_t i = 0; i < whole; i += lanes) {
    sums = hn::MulAdd(hn::LoadU(d, query + i), hn::LoadU(d, key + i), sums);
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, sums));
  for (std::size_t i = whole; i < head_dim; ++i) sum += query[i] * key[i];
  return sum * scale;
}

void RowScores(const float* queries, std::size_t rows, const float* keys, std::size_t count, std::size_t head_dim,
               float scale, float* scores, std::size_t stride) {
  // Four keys for all queries, then the next four: the keys stream by once, in the order of memory.
  const std::size_t fours = count / 4 * 4;
  for (std::size_t key = 0; key < fours; key += 4) {
    const float* from = keys + key * head_dim;
    FetchAhead(keys, key, count, head_dim);
    std::size_t r = 0;
    for (; r + 2 <= rows; r += 2) {
      ScoreTile<2>(queries + r * head_dim, from, head_dim, scale, scores + r * stride + key, stride);
    }
    if (r < rows) ScoreTile<1>(queries + r * head_dim, from, head_dim, scale, scores + r * stride + key, stride);
  }
  for (std::size_t key = fours; key < count; ++key) {
    for (std::size_t r = 0; r < rows; ++r) {
      scores[r * stride + key] = ScoreOne(queries + r * head_dim, keys + key * head_dim, head_dim, scale);
    }
  }
}

/// Adds Keys values to the output of Queries queries, from column `first` on while whole vectors fit; returns the
/// column it came to.
template <std::size_t Queries, std::size_t Keys, class D>
HWY_INLINE std::size_t AddValues(D d, std::size_t first, const float* weights, std::size_t stride, const float* values,
                                 std::size_t head_dim, float* out) {
  using V = hn::Vec<D>;
  const std::size_t lanes = hn::Lanes(d);
  V weight[Queries][Keys];
  for (std::size_t r = 0; r < Queries; ++r) {
    for (std::size_t k = 0; k < Keys; ++k) weight[r][k] = hn::Set(d, weights[r * stride + k]);
  }
  for (; first + lanes <= head_dim; first += lanes) {
    V sums[Queries];
    for (std::size_t r = 0; r < Queries; ++r) sums[r] = hn::LoadU(d, out + r * head_dim + first);
    for (std::size_t k = 0; k < Keys; ++k) {
      const V value = hn::LoadU(d, values + k * head_dim + first);
      for (std::size_t r = 0; r < Queries; ++r) sums[r] = hn::MulAdd(weight[r][k], value, sums[r]);
    }
    for (std::size_t r = 0; r < Queries; ++r) hn::StoreU(sums[r], d, out + r * head_dim + first);
  }
  return first;
}

template <std::size_t Keys>
HWY_INLINE void AddValuesToAll(const float* weights, std::size_t stride, std::size_t rows, const float* values,
                               std::size_t head_dim, float* out) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> one;
  std::size_t r = 0;
  for (; r + 2 <= rows; r += 2) {
    const float* from = weights + r * stride;
    const std::size_t next = AddValues<2, Keys>(d, 0, from, stride, values, head_dim, out + r * head_dim);
    if (next < head_dim) AddValues<2, Keys>(one, next, from, stride, values, head_dim, out + r * head_dim);
  }
  if (r < rows) {
    const float* from = weights + r * stride;
    const std::size_t next = AddValues<1, Keys>(d, 0, from, stride, values, head_dim, out + r * head_dim);
    if (next < head_dim) AddValues<1, Keys>(one, next, from, stride, values, head_dim, out + r * head_dim);
  }
}

void WeightedValues(const float* weights, std::size_t stride, std::size_t rows, const float* values, std::size_t count,
                    std::size_t head_dim, float* out) {
  std::fill_n(out, rows * head_dim, 0.0F);
  const std::size_t fours = count / 4 * 4;
  for (std::size_t key = 0; key < fours; key += 4) {
    FetchAhead(values, key, count, head_dim);
    AddValuesToAll<4>(weights + key, stride, rows, values + key * head_dim, head_dim, out);
  }
  for (std::size_t key = fours; key < count; ++key) {
    AddValuesToAll<1>(weights + key, stride, rows, values + key * head_dim, head_dim, out);
  }
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
