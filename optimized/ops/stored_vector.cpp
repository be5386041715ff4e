// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/ops/stored_vector.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "optimized/ops/stored_vector.cpp"
#include <hwy/foreach_target.h>  // before highway.h
#include <hwy/highway.h>

#include <fmt/core.h>

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "model/dtype.hpp"
#include "model/error.hpp"
#include "optimized/ops/vectors_inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace assay::optimized::HWY_NAMESPACE {

/// As many elements of type T as `d` has lanes. They are read as bytes, as they are not aligned.
template <class T, class D>
HWY_INLINE auto load_unaligned(D d, const std::byte* bytes) {
  const hn::Rebind<T, D> stored;
  if constexpr (hn::MaxLanes(d) == 1) {
    T element;  // vectors of one lane cannot be seen as others
    std::memcpy(&element, bytes, sizeof(element));
    return hn::LoadU(stored, &element);
  } else {
    const hn::Repartition<std::uint8_t, decltype(stored)> raw;
    return hn::BitCast(stored, hn::LoadU(raw, reinterpret_cast<const std::uint8_t*>(bytes)));
  }
}

/// Rounded to the nearest. Highway's scalar conversion would turn an infinity into the largest float.
template <class D>
HWY_INLINE auto narrowed(D d, hn::Vec<hn::Rebind<double, D>> value) {
  if constexpr (hn::MaxLanes(d) == 1) {
    return hn::Set(d, static_cast<float>(hn::GetLane(value)));
  } else {
    return hn::DemoteTo(d, value);
  }
}

/// Exact. Highway's scalar conversion has no infinities and no NaN.
template <class D>
HWY_INLINE auto widened_f16(D d, const std::byte* bytes) {
  if constexpr (hn::MaxLanes(d) == 1) {
    return hn::Set(d, assay::widen_f16(hn::GetLane(load_unaligned<std::uint16_t>(d, bytes))));
  } else {
    return hn::PromoteTo(d, load_unaligned<hwy::float16_t>(d, bytes));
  }
}

void widen_from_f64(const std::byte* bytes, float multiplier, float* out, std::size_t count) {
  for_each_vector(hn::ScalableTag<double>(), 0, count, [&](auto wide, std::size_t i) {
    const hn::Rebind<float, decltype(wide)> d;
    const auto value = narrowed(d, load_unaligned<double>(wide, bytes + i * sizeof(double)));
    hn::StoreU(hn::Mul(value, hn::Set(d, multiplier)), d, out + i);
  });
}

void widen_from_f32(const std::byte* bytes, float multiplier, float* out, std::size_t count) {
  for_each_vector(hn::ScalableTag<float>(), 0, count, [&](auto d, std::size_t i) {
    hn::StoreU(hn::Mul(load_unaligned<float>(d, bytes + i * sizeof(float)), hn::Set(d, multiplier)), d, out + i);
  });
}

void widen_from_f16(const std::byte* bytes, float multiplier, float* out, std::size_t count) {
  for_each_vector(hn::ScalableTag<float>(), 0, count, [&](auto d, std::size_t i) {
    const auto value = widened_f16(d, bytes + i * sizeof(hwy::float16_t));
    hn::StoreU(hn::Mul(value, hn::Set(d, multiplier)), d, out + i);
  });
}

void widen_from_bf16(const std::byte* bytes, float multiplier, float* out, std::size_t count) {
  for_each_vector(hn::ScalableTag<float>(), 0, count, [&](auto d, std::size_t i) {
    const hn::Rebind<std::uint32_t, decltype(d)> bits;
    const auto upper = hn::PromoteTo(bits, load_unaligned<std::uint16_t>(d, bytes + i * sizeof(std::uint16_t)));
    const auto value = hn::BitCast(d, hn::ShiftLeft<16>(upper));
    hn::StoreU(hn::Mul(value, hn::Set(d, multiplier)), d, out + i);
  });
}

}  // namespace assay::optimized::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace assay::optimized {

HWY_EXPORT(widen_from_f64);
HWY_EXPORT(widen_from_f32);
HWY_EXPORT(widen_from_f16);
HWY_EXPORT(widen_from_bf16);

void widen_scaled(const StoredTensor& tensor, std::size_t first_element, float multiplier, std::span<float> out) {
  const std::size_t first_byte = first_element * size_bytes(tensor.dtype);
  assert(first_byte + out.size() * size_bytes(tensor.dtype) <= tensor.bytes.size() && "elements of the tensor");
  const std::byte* bytes = tensor.bytes.data() + first_byte;
  switch (tensor.dtype) {
    case DType::f64:
      return HWY_DYNAMIC_DISPATCH(widen_from_f64)(bytes, multiplier, out.data(), out.size());
    case DType::f32:
      return HWY_DYNAMIC_DISPATCH(widen_from_f32)(bytes, multiplier, out.data(), out.size());
    case DType::f16:
      return HWY_DYNAMIC_DISPATCH(widen_from_f16)(bytes, multiplier, out.data(), out.size());
    case DType::bf16:
      return HWY_DYNAMIC_DISPATCH(widen_from_bf16)(bytes, multiplier, out.data(), out.size());
    case DType::i64:
    case DType::i32:
    case DType::u8:
      break;
  }
  throw Error(fmt::format("{}: expected a weight of f64, f32, f16 or bf16, found {}{}", tensor.file, name(tensor.dtype),
                          to_string(tensor.shape)));
}

void widen(const StoredTensor& tensor, std::size_t first_element, std::span<float> out) {
  widen_scaled(tensor, first_element, 1.0F, out);  // times one changes no bit
}

std::vector<float> read_vector(const StoredTensor& tensor) {
  std::vector<float> values(elements(tensor.shape));
  widen(tensor, 0, values);
  return values;
}

}  // namespace assay::optimized
#endif  // HWY_ONCE
