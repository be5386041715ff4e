// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "model/files/hdf5.hpp"
#include "model/files/hdf5_call.hpp"
#include "model/files/sha256.hpp"

namespace assay {
namespace {

using hdf5::check;
using hdf5::QuietErrors;

constexpr std::size_t chunked_from_bytes = 512;
constexpr std::size_t largest_chunk_bytes = 1 << 20;

Hdf5Handle create_file(const std::string& file) {
  const QuietErrors quiet;
  const Hdf5Handle access{H5Pcreate(H5P_FILE_ACCESS), H5Pclose};
  H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  const Hdf5Handle creation{H5Pcreate(H5P_FILE_CREATE), H5Pclose};
  H5Pset_obj_track_times(creation.id(), false);
  return {check(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, creation.id(), access.id()), file, "", "cannot create"),
          H5Fclose};
}

/// One chunk holds as many whole rows of the first axis as fit; a row larger than a chunk is cut along the next axis.
std::vector<hsize_t> chunk_of(const Shape& shape, std::size_t element_bytes) {
  std::vector<hsize_t> chunk(shape.begin(), shape.end());
  std::size_t bytes = element_bytes * elements(shape);
  for (std::size_t axis = 0; axis < chunk.size() && bytes > largest_chunk_bytes; ++axis) {
    const std::size_t row_bytes = bytes / chunk[axis];
    chunk[axis] = std::max<std::size_t>(1, largest_chunk_bytes / row_bytes);
    bytes = row_bytes * chunk[axis];
  }
  return chunk;
}

}  // namespace

Hdf5Writer::Hdf5Writer(const std::filesystem::path& path) : file_(path.string()), handle_(create_file(file_)) {}

void Hdf5Writer::group(const std::string& path) {
  const QuietErrors quiet;
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    const std::string prefix = path.substr(0, end);
    if (H5Lexists(handle_->id(), prefix.c_str(), H5P_DEFAULT) <= 0) {
      const Hdf5Handle creation{H5Pcreate(H5P_GROUP_CREATE), H5Pclose};
      H5Pset_obj_track_times(creation.id(), false);
      const Hdf5Handle made{check(H5Gcreate2(handle_->id(), prefix.c_str(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
                                  file_, prefix, "cannot create group"),
                            H5Gclose};
    }
    if (end == std::string::npos) return;
  }
}

void Hdf5Writer::attribute(const std::string& object, const std::string& name, std::string_view value) {
  const QuietErrors quiet;
  const Hdf5Handle type{H5Tcopy(H5T_C_S1), H5Tclose};
  H5Tset_size(type.id(), std::max<std::size_t>(1, value.size()));
  H5Tset_strpad(type.id(), H5T_STR_NULLPAD);
  H5Tset_cset(type.id(), H5T_CSET_UTF8);
  const Hdf5Handle space{H5Screate(H5S_SCALAR), H5Sclose};
  const std::string doing = fmt::format("cannot write attribute {}", name);
  const Hdf5Handle made{check(H5Acreate_by_name(handle_->id(), object.c_str(), name.c_str(), type.id(), space.id(),
                                                H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                              file_, object, doing),
                        H5Aclose};
  const std::string padded = value.empty() ? std::string(1, '\0') : std::string(value);
  check(H5Awrite(made.id(), type.id(), padded.data()), file_, object, doing);
}

void Hdf5Writer::attribute(const std::string& object, const std::string& name, std::int64_t value) {
  const QuietErrors quiet;
  const Hdf5Handle space{H5Screate(H5S_SCALAR), H5Sclose};
  const std::string doing = fmt::format("cannot write attribute {}", name);
  const Hdf5Handle made{check(H5Acreate_by_name(handle_->id(), object.c_str(), name.c_str(), H5T_STD_I64LE, space.id(),
                                                H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                              file_, object, doing),
                        H5Aclose};
  check(H5Awrite(made.id(), H5T_NATIVE_INT64, &value), file_, object, doing);
}

void Hdf5Writer::float_attribute(const std::string& object, const std::string& name, double value) {
  const QuietErrors quiet;
  const Hdf5Handle space{H5Screate(H5S_SCALAR), H5Sclose};
  const std::string doing = fmt::format("cannot write attribute {}", name);
  const Hdf5Handle made{check(H5Acreate_by_name(handle_->id(), object.c_str(), name.c_str(), H5T_IEEE_F64LE, space.id(),
                                                H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                              file_, object, doing),
                        H5Aclose};
  check(H5Awrite(made.id(), H5T_NATIVE_DOUBLE, &value), file_, object, doing);
}

void Hdf5Writer::dataset(const std::string& path, DType dtype, const Shape& shape, std::span<const std::byte> bytes) {
  assert(bytes.size() == elements(shape) * size_bytes(dtype) && "the bytes of the shape");
  const QuietErrors quiet;
  if (const std::size_t slash = path.rfind('/'); slash != 0 && slash != std::string::npos) group(path.substr(0, slash));
  const Hdf5Handle type = hdf5::file_type(dtype);
  std::vector<hsize_t> extents(shape.begin(), shape.end());
  const Hdf5Handle space{H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose};
  const Hdf5Handle creation{H5Pcreate(H5P_DATASET_CREATE), H5Pclose};
  H5Pset_obj_track_times(creation.id(), false);
  const bool chunked = bytes.size() >= chunked_from_bytes;
  if (chunked) {
    const std::vector<hsize_t> chunk = chunk_of(shape, size_bytes(dtype));
    H5Pset_chunk(creation.id(), static_cast<int>(chunk.size()), chunk.data());
    H5Pset_shuffle(creation.id());
    H5Pset_deflate(creation.id(), 1);
    H5Pset_fletcher32(creation.id());
  }
  {
    const Hdf5Handle made{
        check(H5Dcreate2(handle_->id(), path.c_str(), type.id(), space.id(), H5P_DEFAULT, creation.id(), H5P_DEFAULT),
              file_, path, "cannot create dataset"),
        H5Dclose};
    check(H5Dwrite(made.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), file_, path, "cannot write");
  }
  if (!chunked) attribute(path, "sha256", sha256(bytes));
  if (dtype == DType::bf16) attribute(path, "logical_dtype", "bfloat16");
}

template <class T>
void Hdf5Writer::dataset(const std::string& path, const Shape& shape, std::span<const T> values) {
  DType dtype = DType::u8;
  if constexpr (std::is_same_v<T, double>) dtype = DType::f64;
  if constexpr (std::is_same_v<T, float>) dtype = DType::f32;
  if constexpr (std::is_same_v<T, std::int64_t>) dtype = DType::i64;
  dataset(path, dtype, shape, std::as_bytes(values));
}

void Hdf5Writer::close() {
  const QuietErrors quiet;
  check(H5Fflush(handle_->id(), H5F_SCOPE_GLOBAL), file_, "", "cannot write to disk");
  handle_.reset();
}

template void Hdf5Writer::dataset<double>(const std::string&, const Shape&, std::span<const double>);
template void Hdf5Writer::dataset<float>(const std::string&, const Shape&, std::span<const float>);
template void Hdf5Writer::dataset<std::int64_t>(const std::string&, const Shape&, std::span<const std::int64_t>);
template void Hdf5Writer::dataset<std::uint8_t>(const std::string&, const Shape&, std::span<const std::uint8_t>);

}  // namespace assay
