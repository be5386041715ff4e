// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reference/weight.hpp"

#include <cassert>
#include <cstring>

#include "reference/scalar.hpp"

namespace assay::reference {
namespace {

/// Reads without assuming alignment: a safetensors file promises none.
template <class Stored>
Stored load(const std::byte* bytes, std::size_t index) {
  Stored value;
  std::memcpy(&value, bytes + index * sizeof(Stored), sizeof(Stored));
  return value;
}

}  // namespace

WeightMatrix weight_matrix(const Weights& weights, const std::string& name) {
  const StoredTensor& tensor = weights.at(name);
  const std::size_t columns = tensor.shape.empty() ? 1 : tensor.shape.back();
  return {tensor.dtype, tensor.bytes.data(), elements(tensor.shape) / columns, columns};
}

std::optional<WeightMatrix> weight_matrix_if(bool present, const Weights& weights, const std::string& name) {
  if (!present) return std::nullopt;
  return weight_matrix(weights, name);
}

WeightMatrix rows_of(const WeightMatrix& matrix, std::size_t first, std::size_t count) {
  assert(first + count <= matrix.rows && "rows inside the matrix");
  return {matrix.dtype, matrix.data + first * matrix.columns * size_bytes(matrix.dtype), count, matrix.columns};
}

template <class T>
void read_row(const WeightMatrix& matrix, std::size_t row, std::span<T> out) {
  assert(row < matrix.rows && out.size() == matrix.columns && "a row of the matrix");
  const std::byte* bytes = matrix.data + row * matrix.columns * size_bytes(matrix.dtype);
  switch (matrix.dtype) {
    case DType::f64:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<T>(load<double>(bytes, i));
      return;
    case DType::f32:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = load<float>(bytes, i);
      return;
    case DType::f16:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = widen_f16(load<std::uint16_t>(bytes, i));
      return;
    case DType::bf16:
      for (std::size_t i = 0; i < out.size(); ++i) out[i] = widen_bf16(load<std::uint16_t>(bytes, i));
      return;
    case DType::i64:
    case DType::i32:
    case DType::u8:
      break;
  }
  assert(false && "the manifest admits floating point only");
}

template <class T>
std::vector<T> read_vector(const WeightMatrix& matrix) {
  assert(matrix.rows == 1 && "a tensor of one axis");
  std::vector<T> values(matrix.columns);
  read_row<T>(matrix, 0, values);
  return values;
}

template void read_row<float>(const WeightMatrix&, std::size_t, std::span<float>);
template void read_row<double>(const WeightMatrix&, std::size_t, std::span<double>);
template void read_row<Gauged>(const WeightMatrix&, std::size_t, std::span<Gauged>);
template std::vector<float> read_vector<float>(const WeightMatrix&);
template std::vector<double> read_vector<double>(const WeightMatrix&);
template std::vector<Gauged> read_vector<Gauged>(const WeightMatrix&);

}  // namespace assay::reference
