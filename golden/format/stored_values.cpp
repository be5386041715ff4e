// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/stored_values.hpp"

#include <cassert>
#include <cstring>

namespace assay::golden {
namespace {

/// Element after element as T, through `widen`.
template <class T, class Out, class Widen>
std::vector<Out> each(std::span<const std::byte> bytes, Widen widen) {
  std::vector<Out> values(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    T stored{};
    std::memcpy(&stored, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = static_cast<Out>(widen(stored));
  }
  return values;
}

constexpr auto as_it_is = [](auto stored) { return stored; };

}  // namespace

bool may_hold(SiteKind kind, DType dtype) {
  switch (kind) {
    case SiteKind::value:
    case SiteKind::state:
    case SiteKind::constant:
      return dtype == DType::f64 || dtype == DType::f32 || dtype == DType::bf16 || dtype == DType::f16;
    case SiteKind::mask:
      return dtype == DType::u8 || dtype == DType::i64 || dtype == DType::i32;
    case SiteKind::routing:
      return dtype == DType::i64 || dtype == DType::i32;
  }
  return false;
}

std::string_view dtypes_of(SiteKind kind) {
  if (kind == SiteKind::routing) return "i64 or i32";
  return kind == SiteKind::mask ? "u8, i64 or i32" : "f64, f32, bf16 or f16";
}

std::vector<double> widened(std::span<const std::byte> bytes, DType dtype) {
  switch (dtype) {
    case DType::f64:
      return each<double, double>(bytes, as_it_is);
    case DType::f32:
      return each<float, double>(bytes, as_it_is);
    case DType::bf16:
      return each<std::uint16_t, double>(bytes, widen_bf16);
    case DType::f16:
      return each<std::uint16_t, double>(bytes, widen_f16);
    case DType::i64:
    case DType::i32:
    case DType::u8:
      break;
  }
  assert(false && "a floating-point dtype");
  return {};
}

std::vector<std::int64_t> widened_integers(std::span<const std::byte> bytes, DType dtype) {
  switch (dtype) {
    case DType::i64:
      return each<std::int64_t, std::int64_t>(bytes, as_it_is);
    case DType::i32:
      return each<std::int32_t, std::int64_t>(bytes, as_it_is);
    case DType::u8:
      return each<std::uint8_t, std::int64_t>(bytes, as_it_is);
    case DType::f64:
    case DType::f32:
    case DType::bf16:
    case DType::f16:
      break;
  }
  assert(false && "an integer dtype");
  return {};
}

}  // namespace assay::golden
