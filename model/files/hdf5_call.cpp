// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "model/files/hdf5_call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "model/error.hpp"

namespace assay {

Hdf5Handle::Hdf5Handle(Hdf5Handle&& other) noexcept : id_(other.id_), closer_(other.closer_) { other.id_ = -1; }

Hdf5Handle::~Hdf5Handle() {
  if (id_ < 0) return;
  const hdf5::QuietErrors quiet;
  closer_(id_);
}

std::string hdf5_version() {
  hdf5::forgo_closing_at_exit();
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}

namespace hdf5 {

void forgo_closing_at_exit() { [[maybe_unused]] static const herr_t once = H5dont_atexit(); }

QuietErrors::QuietErrors() {
  forgo_closing_at_exit();
  H5Eget_auto2(H5E_DEFAULT, &function_, &data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5Eclear2(H5E_DEFAULT);
}

QuietErrors::~QuietErrors() { H5Eset_auto2(H5E_DEFAULT, function_, data_); }

namespace {

/// The library's file drivers say it in two lines with a time, a descriptor and an address; what the system said is
/// among them.
std::string in_short(const std::string& reason) {
  constexpr std::string_view system_says = "error message = '";
  const std::size_t first_part = std::min(reason.find(": time = "), reason.find('\n'));
  std::string text = reason.substr(0, first_part);
  const std::size_t said = reason.find(system_says);
  if (first_part == std::string::npos || said == std::string::npos) return text;
  const std::size_t start = said + system_says.size();
  return text + ": " + reason.substr(start, reason.find('\'', start) - start);
}

}  // namespace

std::string last_reason() {
  std::string reason = "unknown reason";
  const auto take = [](unsigned, const H5E_error2_t* error, void* into) -> herr_t {
    if (error->desc != nullptr && *error->desc != '\0') *static_cast<std::string*>(into) = error->desc;
    return 0;
  };
  // Downward ends with the innermost function, which knows the reason.
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, take, &reason);
  return in_short(reason);
}

void fail(const std::string& file, const std::string& object, const std::string& what) {
  if (object.empty() || object == "/") throw Error(fmt::format("{}: {}", file, what));
  throw Error(fmt::format("{}: {}: {}", file, object, what));
}

Hdf5Handle file_type(DType dtype) {
  switch (dtype) {
    case DType::f64:
      return {H5Tcopy(H5T_IEEE_F64LE), H5Tclose};
    case DType::f32:
      return {H5Tcopy(H5T_IEEE_F32LE), H5Tclose};
    case DType::i64:
      return {H5Tcopy(H5T_STD_I64LE), H5Tclose};
    case DType::i32:
      return {H5Tcopy(H5T_STD_I32LE), H5Tclose};
    case DType::u8:
      return {H5Tcopy(H5T_STD_U8LE), H5Tclose};
    case DType::bf16:
      return {H5Tcopy(H5T_STD_U16LE), H5Tclose};
    case DType::f16: {
      // IEEE binary16: sign 15, exponent 10 to 14 with bias 15, fraction 0 to 9.
      Hdf5Handle half{H5Tcopy(H5T_IEEE_F32LE), H5Tclose};
      H5Tset_fields(half.id(), 15, 10, 5, 0, 10);
      H5Tset_size(half.id(), 2);
      H5Tset_ebias(half.id(), 15);
      return half;
    }
  }
  return {-1, H5Tclose};
}

std::optional<DType> dtype_of(hid_t type, bool logical_bf16) {
  if (logical_bf16) return H5Tequal(type, H5T_STD_U16LE) > 0 ? std::optional(DType::bf16) : std::nullopt;
  for (const DType dtype : {DType::f64, DType::f32, DType::i64, DType::i32, DType::u8, DType::f16}) {
    if (H5Tequal(type, file_type(dtype).id()) > 0) return dtype;
  }
  return std::nullopt;
}

}  // namespace hdf5
}  // namespace assay
