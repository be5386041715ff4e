// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/golden_copy.hpp"

#include "golden/format/golden_file.hpp"
#include "golden/format/schema.hpp"
#include "golden/format/site_check.hpp"

#include <hdf5.h>

#include <algorithm>
#include <stdexcept>

#include "model/files/hdf5.hpp"
#include "model/files/hdf5_call.hpp"

namespace assay::test {
namespace {

/// What HDF5 returns, which in a test helper must be right.
template <class Status>
Status ok(Status status, const std::string& doing) {
  if (status < 0) throw std::logic_error("test golden: cannot " + doing);
  return status;
}

Hdf5Handle open_file(const std::filesystem::path& path) {
  const Hdf5Handle access{H5Pcreate(H5P_FILE_ACCESS), H5Pclose};
  H5Pset_libver_bounds(access.id(), H5F_LIBVER_V110, H5F_LIBVER_V110);
  return {ok(H5Fopen(path.c_str(), H5F_ACC_RDWR, access.id()), "open " + path.string()), H5Fclose};
}

/// Every link on the way must exist before the last may be asked for.
bool exists(hid_t file, const std::string& object) {
  for (std::size_t end = object.find('/', 1);; end = object.find('/', end + 1)) {
    if (H5Lexists(file, object.substr(0, end).c_str(), H5P_DEFAULT) <= 0) return false;
    if (end == std::string::npos) return true;
  }
}

void remove_if(hid_t file, const std::string& object) {
  if (exists(file, object)) ok(H5Ldelete(file, object.c_str(), H5P_DEFAULT), "delete " + object);
}

/// Brings datasets over from another file.
void bring_over(const std::filesystem::path& from_path, const std::filesystem::path& path,
                const std::vector<std::string>& objects) {
  const Hdf5Handle from = open_file(from_path);
  const Hdf5Handle to = open_file(path);
  // With the groups above it.
  const Hdf5Handle links{H5Pcreate(H5P_LINK_CREATE), H5Pclose};
  H5Pset_create_intermediate_group(links.id(), 1);
  for (const std::string& object : objects) {
    remove_if(to.id(), object);
    ok(H5Ocopy(from.id(), object.c_str(), to.id(), object.c_str(), H5P_DEFAULT, links.id()), "copy " + object);
  }
}

/// Small numbers, again and again.
template <class T>
void write_pattern(Hdf5Writer& writer, const std::string& path, const Shape& shape, T first, T step) {
  std::vector<T> values(elements(shape));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(first + step * static_cast<T>(i % 7));
  writer.dataset<T>(path, shape, values);
}

void write_pattern(Hdf5Writer& writer, const std::string& path, std::string_view group, const PlannedSite& site) {
  const SiteKind kind = info(site.point.site).kind;
  if (kind == SiteKind::routing) return write_pattern<std::int64_t>(writer, path, site.shape, 0, 1);
  if (kind == SiteKind::mask) return write_pattern<std::uint8_t>(writer, path, site.shape, 1, 0);
  if (kind == SiteKind::constant || group == "hf32") return write_pattern<float>(writer, path, site.shape, 0.5, 0.25);
  write_pattern<double>(writer, path, site.shape, 0.5, 0.25);
}

void create(hid_t file, const std::string& path, DType dtype, const Shape& shape, hid_t properties,
            std::span<const std::byte> bytes) {
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  const Hdf5Handle type = hdf5::file_type(dtype);
  const Hdf5Handle space{
      ok(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), "make a space"), H5Sclose};
  const Hdf5Handle made{
      ok(H5Dcreate2(file, path.c_str(), type.id(), space.id(), H5P_DEFAULT, properties, H5P_DEFAULT), "create " + path),
      H5Dclose};
  if (bytes.empty()) return;
  ok(H5Dwrite(made.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), "write " + path);
}

std::vector<std::string> committed_with(const std::string& group) {
  std::vector<std::string> cases;
  for (const auto& entry : std::filesystem::directory_iterator(ASSAY_GOLDEN_DATA)) {
    if (entry.path().extension() != ".h5" || !Hdf5Reader(entry.path()).has(group)) continue;
    cases.push_back(entry.path().stem().string());
  }
  std::ranges::sort(cases);
  return cases;
}

}  // namespace

std::filesystem::path committed_gates() { return std::filesystem::path(ASSAY_GOLDEN_DATA) / "gates.json"; }

std::filesystem::path committed_golden(std::string_view case_name) {
  return std::filesystem::path(ASSAY_GOLDEN_DATA) / (std::string(case_name) + ".h5");
}

std::vector<std::string> committed_cases() { return committed_with("/calls"); }

std::vector<std::string> committed_generations() { return committed_with("/generation"); }

GoldenCopy::GoldenCopy(std::string_view case_name) : path_(folder_.path() / (std::string(case_name) + ".h5")) {
  std::filesystem::copy_file(committed_golden(case_name), path_);
  // Its gates beside it: what is changed in a copy is not its null distribution.
  std::filesystem::create_symlink(committed_gates(), folder_.path() / "gates.json");
  std::filesystem::permissions(path_, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
}

void GoldenCopy::remove(const std::string& object) {
  const Hdf5Handle file = open_file(path_);
  ok(H5Ldelete(file.id(), object.c_str(), H5P_DEFAULT), "delete " + object);
}

void GoldenCopy::remove_truth() {
  // Copied, so that the file is closed again before it is changed.
  const std::vector<golden::RecordedCall> calls = golden::GoldenFile(path_).calls();
  for (std::size_t call = 0; call < calls.size(); ++call) {
    for (const PlannedSite& site : calls[call].sites) {
      if (site.point.site != Site::router_logits) continue;
      move(golden::margin_path(CallIndex{call}, "truth", *site.point.layer),
           golden::margin_path(CallIndex{call}, "hf32", *site.point.layer));
    }
    remove(golden::call_path(CallIndex{call}) + "/truth");
  }
}

void GoldenCopy::move(const std::string& from, const std::string& to) {
  const Hdf5Handle file = open_file(path_);
  ok(H5Lmove(file.id(), from.c_str(), file.id(), to.c_str(), H5P_DEFAULT, H5P_DEFAULT), "move " + from);
}

void GoldenCopy::duplicate(const std::string& from, const std::string& to) {
  const Hdf5Handle file = open_file(path_);
  ok(H5Ocopy(file.id(), from.c_str(), file.id(), to.c_str(), H5P_DEFAULT, H5P_DEFAULT), "copy " + from);
}

void GoldenCopy::remove_attribute(const std::string& object, const std::string& name) {
  const Hdf5Handle file = open_file(path_);
  ok(H5Adelete_by_name(file.id(), object.c_str(), name.c_str(), H5P_DEFAULT), "delete attribute " + name);
}

void GoldenCopy::attribute(const std::string& object, const std::string& name, std::string_view value) {
  const Hdf5Handle file = open_file(path_);
  if (H5Aexists_by_name(file.id(), object.c_str(), name.c_str(), H5P_DEFAULT) > 0) {
    ok(H5Adelete_by_name(file.id(), object.c_str(), name.c_str(), H5P_DEFAULT), "delete attribute " + name);
  }
  const Hdf5Handle type{H5Tcopy(H5T_C_S1), H5Tclose};
  H5Tset_size(type.id(), std::max<std::size_t>(1, value.size()));
  const Hdf5Handle space{H5Screate(H5S_SCALAR), H5Sclose};
  const Hdf5Handle made{ok(H5Acreate_by_name(file.id(), object.c_str(), name.c_str(), type.id(), space.id(),
                                             H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                           "create attribute " + name),
                        H5Aclose};
  const std::string text = value.empty() ? std::string(1, '\0') : std::string(value);
  ok(H5Awrite(made.id(), type.id(), text.data()), "write attribute " + name);
}

void GoldenCopy::attribute(const std::string& object, const std::string& name, std::int64_t value) {
  const Hdf5Handle file = open_file(path_);
  if (H5Aexists_by_name(file.id(), object.c_str(), name.c_str(), H5P_DEFAULT) > 0) {
    ok(H5Adelete_by_name(file.id(), object.c_str(), name.c_str(), H5P_DEFAULT), "delete attribute " + name);
  }
  const Hdf5Handle space{H5Screate(H5S_SCALAR), H5Sclose};
  const Hdf5Handle made{ok(H5Acreate_by_name(file.id(), object.c_str(), name.c_str(), H5T_STD_I64LE, space.id(),
                                             H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                           "create attribute " + name),
                        H5Aclose};
  ok(H5Awrite(made.id(), H5T_NATIVE_INT64, &value), "write attribute " + name);
}

void GoldenCopy::float_attribute(const std::string& object, const std::string& name, double value) {
  const Hdf5Handle file = open_file(path_);
  if (H5Aexists_by_name(file.id(), object.c_str(), name.c_str(), H5P_DEFAULT) > 0) {
    ok(H5Adelete_by_name(file.id(), object.c_str(), name.c_str(), H5P_DEFAULT), "delete attribute " + name);
  }
  const Hdf5Handle space{H5Screate(H5S_SCALAR), H5Sclose};
  const Hdf5Handle made{ok(H5Acreate_by_name(file.id(), object.c_str(), name.c_str(), H5T_IEEE_F64LE, space.id(),
                                             H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                           "create attribute " + name),
                        H5Aclose};
  ok(H5Awrite(made.id(), H5T_NATIVE_DOUBLE, &value), "write attribute " + name);
}

void GoldenCopy::group(const std::string& path) {
  const Hdf5Handle file = open_file(path_);
  const Hdf5Handle creation{H5Pcreate(H5P_LINK_CREATE), H5Pclose};
  H5Pset_create_intermediate_group(creation.id(), 1);
  const Hdf5Handle made{
      ok(H5Gcreate2(file.id(), path.c_str(), creation.id(), H5P_DEFAULT, H5P_DEFAULT), "make " + path), H5Gclose};
}

void GoldenCopy::dataset(const std::string& path, DType dtype, const Shape& shape, std::span<const std::byte> bytes) {
  const std::filesystem::path scratch = folder_.path() / "scratch";
  {
    Hdf5Writer writer(scratch);
    writer.dataset(path, dtype, shape, bytes);
    writer.close();
  }
  bring_over(scratch, path_, {path});
}

void GoldenCopy::text(const std::string& path, std::string_view text) {
  dataset(path, DType::u8, {text.size()}, std::as_bytes(std::span(text)));
}

void GoldenCopy::unchecked_dataset(const std::string& path, DType dtype, const Shape& shape,
                                   std::span<const std::byte> bytes, Layout layout) {
  const Hdf5Handle file = open_file(path_);
  remove_if(file.id(), path);
  const Hdf5Handle properties{H5Pcreate(H5P_DATASET_CREATE), H5Pclose};
  const std::vector<hsize_t> chunk(shape.begin(), shape.end());
  if (layout == Layout::chunked) H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data());
  create(file.id(), path, dtype, shape, properties.id(), bytes);
}

void GoldenCopy::unwritten_dataset(const std::string& path, DType dtype, const Shape& shape) {
  const Hdf5Handle file = open_file(path_);
  remove_if(file.id(), path);
  const Hdf5Handle properties{H5Pcreate(H5P_DATASET_CREATE), H5Pclose};
  const std::vector<hsize_t> chunk(shape.size(), 1);
  H5Pset_chunk(properties.id(), static_cast<int>(chunk.size()), chunk.data());
  H5Pset_fletcher32(properties.id());
  create(file.id(), path, dtype, shape, properties.id(), {});
}

std::string GoldenCopy::text(const std::string& path) const {
  const std::vector<std::uint8_t> bytes = Hdf5Reader(path_).read<std::uint8_t>(path);
  return {bytes.begin(), bytes.end()};
}

void GoldenCopy::add_missing_sites() {
  const std::filesystem::path scratch = folder_.path() / "scratch";
  std::vector<std::string> added;
  {
    const Hdf5Reader reader(path_);
    const Config config = parse_config(text("/config"), file());
    Hdf5Writer writer(scratch);
    std::vector<golden::RecordedCall> calls;
    const auto is_new = [&](const std::string& path) {
      if (reader.has(path)) return false;
      added.push_back(path);
      return true;
    };
    for (std::size_t i = 0; reader.has(golden::call_path(CallIndex{i})); ++i) {
      const CallIndex call{i};
      calls.push_back(golden::read_call(reader, config, call, i == 0 ? nullptr : &calls.back()));
      for (const PlannedSite& site : calls.back().sites) {
        for (const std::string_view group : {"truth", "hf32"}) {
          const std::string path = golden::site_path(call, group, site.point);
          if (is_new(path)) write_pattern(writer, path, group, site);
        }
        if (site.point.site != Site::router_logits) continue;
        const std::string margin = golden::margin_path(call, "truth", *site.point.layer);
        if (is_new(margin)) write_pattern<double>(writer, margin, {site.shape[0]}, 1.0, 0.0);
      }
    }
    writer.close();
  }
  bring_over(scratch, path_, added);
}

template <class T>
void GoldenCopy::edit(const std::string& path, const std::function<void(std::vector<T>&)>& change) {
  std::vector<T> values;
  Hdf5Reader::Dataset about;
  {
    const Hdf5Reader reader(path_);
    about = reader.describe(path);
    values = reader.read<T>(path);
  }
  change(values);
  if (values.size() != elements(about.shape)) throw std::logic_error("test golden: an edit keeps the shape");
  dataset(path, about.dtype, about.shape, std::as_bytes(std::span(values)));
}

template void GoldenCopy::edit<double>(const std::string&, const std::function<void(std::vector<double>&)>&);
template void GoldenCopy::edit<float>(const std::string&, const std::function<void(std::vector<float>&)>&);
template void GoldenCopy::edit<std::int64_t>(const std::string&,
                                             const std::function<void(std::vector<std::int64_t>&)>&);
template void GoldenCopy::edit<std::uint8_t>(const std::string&,
                                             const std::function<void(std::vector<std::uint8_t>&)>&);

void GoldenCopy::edit_config(std::string_view from, std::string_view to) {
  std::string config = text("/config");
  const std::size_t at = config.find(from);
  if (at == std::string::npos || config.find(from, at + 1) != std::string::npos) {
    throw std::logic_error("test golden: expected once in /config: " + std::string(from));
  }
  text("/config", config.replace(at, from.size(), to));
}

}  // namespace assay::test
