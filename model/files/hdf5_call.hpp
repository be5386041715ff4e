// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Inside model/files only: calls of the HDF5 C library that throw instead of returning a negative number.
#pragma once

#include <hdf5.h>

#include <string>

#include "model/files/hdf5.hpp"

namespace assay::hdf5 {

/// To be called before anything else of the library: at the end of the process it must not try to close what a damaged
/// file left open inside it, fail, and print that. Every handle of ours is closed by its owner.
void forgo_closing_at_exit();

/// Turns off the library's own printing for as long as it lives, and forgets its old complaints.
class QuietErrors {
 public:
  QuietErrors();
  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;
  ~QuietErrors();

 private:
  H5E_auto2_t function_ = nullptr;
  void* data_ = nullptr;
};

/// The innermost reason on the library's error stack.
[[nodiscard]] std::string last_reason();

/// Throws Error("FILE: OBJECT: DOING: REASON") where `status` is negative; returns it otherwise.
template <class Status>
Status check(Status status, const std::string& file, const std::string& object, const std::string& doing);

[[noreturn]] void fail(const std::string& file, const std::string& object, const std::string& what);

/// The file type for a stored dtype (bf16 as 16-bit integers), without ownership or with.
[[nodiscard]] Hdf5Handle file_type(DType dtype);

/// Which dtype a file type is; bf16 is told apart by its attribute. Nothing for types that no golden has.
[[nodiscard]] std::optional<DType> dtype_of(hid_t type, bool logical_bf16);

template <class Status>
Status check(Status status, const std::string& file, const std::string& object, const std::string& doing) {
  if (status < 0) fail(file, object, doing + ": " + last_reason());
  return status;
}

}  // namespace assay::hdf5
