// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "model/error.hpp"
#include "model/files/hdf5.hpp"
#include "model/files/hdf5_call.hpp"
#include "model/files/sha256.hpp"

namespace assay {
namespace {

using hdf5::check;
using hdf5::fail;
using hdf5::QuietErrors;

template <class T>
constexpr DType dtype_for() {
  if constexpr (std::is_same_v<T, double>) return DType::f64;
  if constexpr (std::is_same_v<T, float>) return DType::f32;
  if constexpr (std::is_same_v<T, std::int64_t>) return DType::i64;
  if constexpr (std::is_same_v<T, std::uint8_t>) return DType::u8;
}

Hdf5Handle open_for_reading(const std::string& file) {
  const QuietErrors quiet;
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) fail(file, "", "expected an HDF5 file, found no such file");
  if (H5Fis_hdf5(file.c_str()) <= 0) fail(file, "", "expected an HDF5 file, found something else");
  return {check(H5Fopen(file.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), file, "", "cannot open"), H5Fclose};
}

Hdf5Handle open_attribute(const std::string& file, hid_t handle, const std::string& object, const std::string& name) {
  return {check(H5Aopen_by_name(handle, object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), file, object,
                fmt::format("cannot open attribute {}", name)),
          H5Aclose};
}

std::string read_string(const std::string& file, const std::string& object, const std::string& name, hid_t attribute,
                        hid_t type) {
  const std::string doing = fmt::format("cannot read attribute {}", name);
  if (H5Tis_variable_str(type) > 0) {
    const Hdf5Handle memory{H5Tcopy(H5T_C_S1), H5Tclose};
    H5Tset_size(memory.id(), H5T_VARIABLE);
    H5Tset_cset(memory.id(), H5Tget_cset(type));
    char* text = nullptr;
    check(H5Aread(attribute, memory.id(), static_cast<void*>(&text)), file, object, doing);
    std::string value = text == nullptr ? "" : text;
    H5free_memory(text);
    return value;
  }
  std::string value(H5Tget_size(type), '\0');
  check(H5Aread(attribute, type, value.data()), file, object, doing);
  // A fixed-length string need not be terminated; it may be padded.
  value.resize(std::min(value.size(), value.find('\0')));
  return value;
}

/// An int64 or a double; none where the attribute is absent.
template <class T>
std::optional<T> number_attribute(const std::string& file, hid_t handle, const std::string& object,
                                  const std::string& name) {
  const QuietErrors quiet;
  constexpr bool is_integer = std::is_same_v<T, std::int64_t>;
  const htri_t exists = H5Aexists_by_name(handle, object.c_str(), name.c_str(), H5P_DEFAULT);
  if (check(exists, file, object, fmt::format("cannot look for attribute {}", name)) == 0) return std::nullopt;
  const Hdf5Handle attribute = open_attribute(file, handle, object, name);
  const Hdf5Handle type{H5Aget_type(attribute.id()), H5Tclose};
  const Hdf5Handle space{H5Aget_space(attribute.id()), H5Sclose};
  if (H5Tget_class(type.id()) != (is_integer ? H5T_INTEGER : H5T_FLOAT) ||
      H5Sget_simple_extent_npoints(space.id()) != 1) {
    fail(file, object,
         fmt::format("attribute {}: expected one {}, found something else", name, is_integer ? "integer" : "number"));
  }
  T value{};
  check(H5Aread(attribute.id(), is_integer ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE, &value), file, object,
        fmt::format("cannot read attribute {}", name));
  return value;
}

std::string read_one_string(const std::string& file, const std::string& object, const std::string& name,
                            const Hdf5Handle& attribute) {
  const Hdf5Handle type{H5Aget_type(attribute.id()), H5Tclose};
  const Hdf5Handle space{H5Aget_space(attribute.id()), H5Sclose};
  if (H5Tget_class(type.id()) != H5T_STRING || H5Sget_simple_extent_npoints(space.id()) != 1) {
    fail(file, object, fmt::format("attribute {}: expected one string, found something else", name));
  }
  return read_string(file, object, name, attribute.id(), type.id());
}

/// Of an open dataset, without a walk along its path.
std::optional<std::string> string_attribute_of(const std::string& file, const std::string& dataset,
                                               const Hdf5Handle& handle, const std::string& name) {
  const htri_t exists = H5Aexists(handle.id(), name.c_str());
  if (check(exists, file, dataset, fmt::format("cannot look for attribute {}", name)) == 0) return std::nullopt;
  const Hdf5Handle attribute{check(H5Aopen(handle.id(), name.c_str(), H5P_DEFAULT), file, dataset,
                                   fmt::format("cannot open attribute {}", name)),
                             H5Aclose};
  return read_one_string(file, dataset, name, attribute);
}

}  // namespace

Hdf5Reader::Hdf5Reader(const std::filesystem::path& path) : file_(path.string()), handle_(open_for_reading(file_)) {}

bool Hdf5Reader::has(const std::string& object) const {
  const QuietErrors quiet;
  // Every link on the way must exist before the last may be asked for.
  for (std::size_t end = object.find('/', 1);; end = object.find('/', end + 1)) {
    const std::string prefix = object.substr(0, end);
    if (prefix != "/" && H5Lexists(handle_.id(), prefix.c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) return true;
  }
}

bool Hdf5Reader::is_group(const std::string& object) const {
  const QuietErrors quiet;
  const Hdf5Handle handle{check(H5Oopen(handle_.id(), object.c_str(), H5P_DEFAULT), file_, object, "cannot open"),
                          H5Oclose};
  return H5Iget_type(handle.id()) == H5I_GROUP;
}

std::vector<std::string> Hdf5Reader::children(const std::string& group) const {
  const QuietErrors quiet;
  const Hdf5Handle handle{check(H5Gopen2(handle_.id(), group.c_str(), H5P_DEFAULT), file_, group, "cannot open group"),
                          H5Gclose};
  std::vector<std::string> names;
  const auto take = [](hid_t, const char* name, const H5L_info_t*, void* into) -> herr_t {
    static_cast<std::vector<std::string>*>(into)->emplace_back(name);
    return 0;
  };
  hsize_t position = 0;
  // In the library's own order: to sort, HDF5 1.10.8 builds a table first, and frees what it never filled where the
  // group is damaged.
  check(H5Literate(handle.id(), H5_INDEX_NAME, H5_ITER_NATIVE, &position, take, &names), file_, group, "cannot list");
  std::ranges::sort(names);
  return names;
}

std::optional<std::string> Hdf5Reader::string_attribute(const std::string& object, const std::string& name) const {
  const QuietErrors quiet;
  const htri_t exists = H5Aexists_by_name(handle_.id(), object.c_str(), name.c_str(), H5P_DEFAULT);
  if (check(exists, file_, object, fmt::format("cannot look for attribute {}", name)) == 0) return std::nullopt;
  return read_one_string(file_, object, name, open_attribute(file_, handle_.id(), object, name));
}

std::optional<std::string> Hdf5Reader::attribute_text(const std::string& object, const std::string& name) const {
  {
    const QuietErrors quiet;
    const htri_t exists = H5Aexists_by_name(handle_.id(), object.c_str(), name.c_str(), H5P_DEFAULT);
    if (check(exists, file_, object, fmt::format("cannot look for attribute {}", name)) == 0) return std::nullopt;
    const Hdf5Handle attribute = open_attribute(file_, handle_.id(), object, name);
    const Hdf5Handle type{H5Aget_type(attribute.id()), H5Tclose};
    if (H5Tget_class(type.id()) == H5T_STRING) return read_one_string(file_, object, name, attribute);
  }
  return fmt::to_string(integer_attribute(object, name).value());
}

std::optional<std::int64_t> Hdf5Reader::integer_attribute(const std::string& object, const std::string& name) const {
  return number_attribute<std::int64_t>(file_, handle_.id(), object, name);
}

std::optional<double> Hdf5Reader::float_attribute(const std::string& object, const std::string& name) const {
  return number_attribute<double>(file_, handle_.id(), object, name);
}

Hdf5Handle Hdf5Reader::open_dataset(const std::string& dataset) const {
  return {check(H5Dopen2(handle_.id(), dataset.c_str(), H5P_DEFAULT), file_, dataset, "cannot open dataset"), H5Dclose};
}

Hdf5Reader::Dataset Hdf5Reader::describe(const std::string& dataset) const {
  const QuietErrors quiet;
  return describe(dataset, open_dataset(dataset));
}

Hdf5Reader::Dataset Hdf5Reader::describe(const std::string& dataset, const Hdf5Handle& handle) const {
  Dataset result;
  const Hdf5Handle type{check(H5Dget_type(handle.id()), file_, dataset, "cannot read the type"), H5Tclose};
  const auto logical = string_attribute_of(file_, dataset, handle, "logical_dtype");
  const auto dtype = hdf5::dtype_of(type.id(), logical == "bfloat16");
  if (!dtype || (logical && logical != "bfloat16")) {
    fail(file_, dataset,
         "expected float64, float32, float16, int64, int32, uint8, or uint16 with logical_dtype bfloat16, "
         "found another type");
  }
  result.dtype = *dtype;

  const Hdf5Handle space{check(H5Dget_space(handle.id()), file_, dataset, "cannot read the shape"), H5Sclose};
  const int rank = H5Sget_simple_extent_ndims(space.id());
  if (H5Sget_simple_extent_type(space.id()) != H5S_SIMPLE && rank != 0) {
    fail(file_, dataset, "expected a simple dataspace, found another");
  }
  std::vector<hsize_t> extents(static_cast<std::size_t>(std::max(rank, 0)));
  H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr);
  result.shape.assign(extents.begin(), extents.end());

  const Hdf5Handle properties{check(H5Dget_create_plist(handle.id()), file_, dataset, "cannot read the layout"),
                              H5Pclose};
  result.chunked = H5Pget_layout(properties.id()) == H5D_CHUNKED;
  for (int i = 0; i < H5Pget_nfilters(properties.id()); ++i) {
    unsigned flags = 0;
    std::size_t values = 0;
    const H5Z_filter_t filter =
        H5Pget_filter2(properties.id(), static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, nullptr);
    if (filter == H5Z_FILTER_FLETCHER32) result.fletcher32 = true;
  }
  return result;
}

namespace {

/// The size in bytes, which must not wrap around however wild the shape.
double wanted_bytes(const Hdf5Reader::Dataset& about) {
  double bytes = static_cast<double>(size_bytes(about.dtype));
  for (const std::size_t extent : about.shape) bytes *= static_cast<double>(extent);
  return bytes;
}

/// HDF5 reads chunks that were never written as zeros, and no checksum contradicts.
void check_chunks(const std::string& file, const std::string& dataset, hid_t handle, const Shape& shape) {
  const Hdf5Handle properties{check(H5Dget_create_plist(handle), file, dataset, "cannot read the layout"), H5Pclose};
  std::vector<hsize_t> chunk(shape.size());
  check(H5Pget_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data()), file, dataset,
        "cannot read the layout");
  hsize_t expected = 1;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) expected *= (shape[axis] + chunk[axis] - 1) / chunk[axis];
  const Hdf5Handle space{check(H5Dget_space(handle), file, dataset, "cannot read the shape"), H5Sclose};
  hsize_t found = 0;
  check(H5Dget_num_chunks(handle, space.id(), &found), file, dataset, "cannot count the chunks");
  if (found != expected) fail(file, dataset, fmt::format("expected {} chunks, found {}", expected, found));
}

}  // namespace

std::vector<std::byte> Hdf5Reader::read_bytes(const std::string& dataset) const {
  const QuietErrors quiet;
  const Hdf5Handle handle = open_dataset(dataset);
  return read_bytes(dataset, handle, describe(dataset, handle));
}

std::vector<std::byte> Hdf5Reader::read_bytes(const std::string& dataset, const Hdf5Handle& handle,
                                              const Dataset& about) const {
  // A damaged extent must not make us allocate what cannot be there: deflate shrinks a thousandfold at the very best.
  std::error_code error;
  const std::uintmax_t file_bytes = std::filesystem::file_size(file_, error);
  if (error || wanted_bytes(about) > 1100.0 * static_cast<double>(file_bytes)) {
    fail(file_, dataset,
         fmt::format("expected data that a file of {} bytes can hold, found {}", file_bytes, to_string(about.shape)));
  }
  if (about.chunked) check_chunks(file_, dataset, handle.id(), about.shape);
  std::vector<std::byte> bytes(elements(about.shape) * size_bytes(about.dtype));
  const Hdf5Handle type = hdf5::file_type(about.dtype);
  if (!bytes.empty()) {
    check(H5Dread(handle.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), file_, dataset,
          "checksum or read error");
  }
  if (about.chunked) {
    if (!about.fletcher32 && wants_checksums_) {
      fail(file_, dataset, "expected chunked data with fletcher32, found none");
    }
    return bytes;
  }
  const auto expected = string_attribute_of(file_, dataset, handle, "sha256");
  if (!expected && !wants_checksums_) return bytes;
  if (!expected) fail(file_, dataset, "expected an attribute sha256 on contiguous data, found none");
  const std::string actual = sha256(bytes);
  if (*expected != actual) {
    fail(file_, dataset, fmt::format("checksum: expected sha256 {:.16}..., found {:.16}...", *expected, actual));
  }
  return bytes;
}

template <class T>
std::vector<T> Hdf5Reader::read(const std::string& dataset) const {
  const QuietErrors quiet;
  const Hdf5Handle handle = open_dataset(dataset);
  const Dataset about = describe(dataset, handle);
  if (about.dtype != dtype_for<T>()) {
    fail(file_, dataset, fmt::format("expected {}, found {}", name(dtype_for<T>()), name(about.dtype)));
  }
  const std::vector<std::byte> bytes = read_bytes(dataset, handle, about);
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

template std::vector<double> Hdf5Reader::read<double>(const std::string&) const;
template std::vector<float> Hdf5Reader::read<float>(const std::string&) const;
template std::vector<std::int64_t> Hdf5Reader::read<std::int64_t>(const std::string&) const;
template std::vector<std::uint8_t> Hdf5Reader::read<std::uint8_t>(const std::string&) const;

}  // namespace assay
