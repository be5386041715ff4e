// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Typed reading of what a caller gave: tensors of a known rank and attributes of a known range. Every refusal names the
// file, the object and what was found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "model/files/hdf5.hpp"
#include "model/past_key_values.hpp"
#include "model/tensor.hpp"

namespace assay::golden {

/// A dataset of T exactly, of this rank and without an empty axis; floats are finite. Throws Error.
template <class T, std::size_t Rank>
[[nodiscard]] Tensor<T, Rank> read_tensor(const Hdf5Reader& reader, const std::string& dataset);

/// Nothing where the dataset is absent.
template <class T, std::size_t Rank>
[[nodiscard]] std::optional<Tensor<T, Rank>> read_tensor_if(const Hdf5Reader& reader, const std::string& dataset) {
  if (!reader.has(dataset)) return std::nullopt;
  return read_tensor<T, Rank>(reader, dataset);
}

/// Throws Error where the attribute is absent.
[[nodiscard]] std::int64_t required_integer(const Hdf5Reader& reader, const std::string& object,
                                            const std::string& name);

/// A number from 0 up; 0 where the attribute is absent. Throws Error.
[[nodiscard]] std::int64_t count_or_zero(const Hdf5Reader& reader, const std::string& object, const std::string& name);

/// 0 or 1; 0 where the attribute is absent. Throws Error.
[[nodiscard]] bool flag_or_zero(const Hdf5Reader& reader, const std::string& object, const std::string& name);

/// As flag_or_zero, of an attribute that must be there.
[[nodiscard]] bool required_flag(const Hdf5Reader& reader, const std::string& object, const std::string& name);

/// The group `past_key_values` of a call. Throws Error on layers with a gap, unknown names and an unlikely number of
/// tokens; whether the cache is one of the model is check_call's to say.
[[nodiscard]] PastKeyValues read_past_key_values(const Hdf5Reader& reader, const std::string& group);

}  // namespace assay::golden
