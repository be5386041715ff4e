// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blis/weight_packer.hpp"

#include <cstring>
#include <fstream>
#include <sstream>

#include "model/files/checkpoint.hpp"
#include "optimized/blis/microkernel.hpp"
#include "tests/optimized/stored_matrix.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"
#include "tests/support/safetensors_file.hpp"
#include "tests/support/temporary_folder.hpp"

namespace assay::optimized::blis {
namespace {

using test::error_of;
using test::OddlyStored;
using test::StoredMatrix;
using test::TemporaryFolder;

/// Output `r` of panel `panel` at input `k`.
float at(const PackedMatrix& matrix, std::size_t panel, std::size_t k, std::size_t r) {
  const std::byte* const inputs = matrix.panel(panel, k);
  if (matrix.storage() == WeightStorage::f32) {
    float value = 0;
    std::memcpy(&value, inputs + r * sizeof value, sizeof value);
    return value;
  }
  std::uint16_t bits = 0;
  std::memcpy(&bits, inputs + r * sizeof bits, sizeof bits);
  return widen_bf16(bits);
}

/// Panel `panel` holds `count` outputs, number r and input k of them being right(r, k), and zeros behind them.
template <class Right>
void expect_panel(const PackedMatrix& matrix, std::size_t panel, std::size_t count, const Right& right) {
  for (std::size_t k = 0; k < matrix.inputs(); ++k) {
    for (std::size_t r = 0; r < microkernel().wide(); ++r) {
      const float expected = r < count ? static_cast<float>(right(r, k)) : 0.0F;
      ASSERT_EQ(at(matrix, panel, k, r), expected) << "panel " << panel << ", input " << k << ", output " << r;
    }
  }
}

/// All of a matrix with one part.
template <class Right>
void expect_packed(const PackedMatrix& matrix, std::size_t outputs, const Right& right) {
  const std::size_t wide = microkernel().wide();
  ASSERT_EQ(matrix.panels(), (outputs + wide - 1) / wide);
  for (std::size_t panel = 0; panel < matrix.panels(); ++panel) {
    const std::size_t first = panel * wide;
    EXPECT_EQ(matrix.outputs(panel).first, first);
    EXPECT_EQ(matrix.outputs(panel).count, std::min(wide, outputs - first));
    expect_panel(matrix, panel, matrix.outputs(panel).count,
                 [&](std::size_t r, std::size_t k) { return right(first + r, k); });
  }
}

constexpr WeightStorage storages[] = {WeightStorage::f32, WeightStorage::bf16};

TEST(WeightPacker, PacksPanelsInputByInputAndPadsTheLastWithZeros) {
  for (const WeightStorage storage : storages) {
    for (const std::size_t outputs : {1U, 15U, 16U, 17U, 100U}) {
      for (const std::size_t inputs : {1U, 63U, 64U, 65U, 300U}) {
        const StoredMatrix weight(outputs, inputs, 1);
        WeightPacker packer(storage);
        const PackedMatrix matrix = packer.add({weight.rows()});
        packer.pack(Threads(3));
        EXPECT_FALSE(matrix.gated());
        EXPECT_EQ(matrix.inputs(), inputs);
        expect_packed(matrix, outputs, [&](std::size_t r, std::size_t k) { return weight.at(r, k); });
      }
    }
  }
}

TEST(WeightPacker, ReadsEveryStoredTypeAtAnyAddress) {
  // Of 17 outputs and 3 inputs; quarters that every type holds.
  std::vector<double> f64(51);
  for (std::size_t i = 0; i < f64.size(); ++i) f64[i] = (static_cast<double>(i) - 25) / 4;
  const std::vector<float> f32(f64.begin(), f64.end());
  std::vector<std::uint16_t> bf16;
  for (const float value : f32) bf16.push_back(static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16U));
  std::vector<std::uint16_t> f16;
  for (const float value : f32) {
    // Of a normal number or zero: the exponent's bias is 15 instead of 127, and ten bits of fraction are left.
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t exponent = (bits >> 23U & 0xFFU) - 112U;
    f16.push_back(static_cast<std::uint16_t>(bits >> 16U & 0x8000U));
    if (value != 0) f16.back() = static_cast<std::uint16_t>(f16.back() | exponent << 10U | (bits >> 13U & 0x3FFU));
  }
  const Shape shape{17, 3};
  for (const WeightStorage storage : storages) {
    for (const OddlyStored& stored : {OddlyStored(DType::f64, shape, f64), OddlyStored(DType::f32, shape, f32),
                                      OddlyStored(DType::f16, shape, f16), OddlyStored(DType::bf16, shape, bf16)}) {
      const StoredTensor tensor = stored.tensor();
      if (storage == WeightStorage::bf16 && tensor.dtype == DType::f64) continue;
      SCOPED_TRACE(testing::Message() << name(tensor.dtype) << " as " << name(storage));
      WeightPacker packer(storage);
      const PackedMatrix matrix = packer.add({all_rows(tensor, "w")});
      packer.pack(Threads(1));
      expect_packed(matrix, 17, [&](std::size_t r, std::size_t k) { return f64[r * 3 + k]; });
    }
  }
}

TEST(WeightPacker, TakesSomeRowsOfATensorWithLeadingAxes) {
  // [E, 2I, D] = [3, 40, 5]: the second expert's gate and up projection.
  std::vector<float> values(600);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 251);
  const OddlyStored stored(DType::f32, {3, 40, 5}, values);
  const StoredTensor tensor = stored.tensor();
  EXPECT_EQ(all_rows(tensor, "w").count, 120U);
  for (const WeightStorage storage : storages) {
    WeightPacker packer(storage);
    const PackedMatrix matrix = packer.add_gated({&tensor, 40, 20, "w"}, {&tensor, 60, 20, "w"});
    packer.pack(Threads(2));
    EXPECT_TRUE(matrix.gated());
    const std::size_t wide = microkernel().wide();
    const std::size_t pairs = (20 + wide - 1) / wide;
    ASSERT_EQ(matrix.panels(), 2 * pairs);
    for (std::size_t panel = 0; panel < matrix.panels(); ++panel) {
      const std::size_t first = panel / 2 * wide;
      EXPECT_EQ(matrix.outputs(panel).first, first);
      EXPECT_EQ(matrix.outputs(panel).count, std::min(wide, 20 - first));
      const std::size_t row = (panel % 2 == 0 ? 40 : 60) + first;
      expect_panel(matrix, panel, matrix.outputs(panel).count,
                   [&](std::size_t r, std::size_t k) { return values[(row + r) * 5 + k]; });
    }
  }
}

TEST(WeightPacker, GivesEachPartPanelsOfItsOwn) {
  const StoredMatrix query(33, 6, 2);
  const StoredMatrix key(7, 6, 3);
  WeightPacker packer(WeightStorage::f32);
  const PackedMatrix matrix = packer.add({query.rows(), key.rows()});
  packer.pack(Threads(1));
  const std::size_t wide = microkernel().wide();
  const std::size_t of_query = (33 + wide - 1) / wide;
  ASSERT_EQ(matrix.panels(), of_query + 1);
  EXPECT_EQ(matrix.outputs(of_query).first, 33U);
  EXPECT_EQ(matrix.outputs(of_query).count, 7U);
  expect_panel(matrix, of_query, 7, [&](std::size_t r, std::size_t k) { return key.at(r, k); });
  expect_panel(matrix, 0, std::min<std::size_t>(wide, 33),
               [&](std::size_t r, std::size_t k) { return query.at(r, k); });
}

TEST(WeightPacker, CountsTheBytesOfItsPanelsAndTheWidestInput) {
  const StoredMatrix narrow(17, 3, 4);
  const StoredMatrix long_rows(1, 300, 5);
  for (const WeightStorage storage : storages) {
    WeightPacker packer(storage);
    EXPECT_EQ(packer.bytes(), 0U);
    const PackedMatrix first = packer.add({narrow.rows()});
    const PackedMatrix second = packer.add({long_rows.rows()});
    const PackedMatrix pair = packer.add_gated(narrow.rows(), narrow.rows());
    packer.pack(Threads(1));
    const auto lines = [](std::size_t bytes) { return (bytes + 63) / 64 * 64; };
    const std::size_t wide = microkernel().wide();
    EXPECT_EQ(first.bytes(), (17 + wide - 1) / wide * 3 * wide * size_bytes(storage));
    EXPECT_EQ(second.bytes(), 300 * wide * size_bytes(storage));
    EXPECT_EQ(pair.bytes(), 2 * first.bytes());
    EXPECT_EQ(packer.bytes(), lines(first.bytes()) + lines(second.bytes()) + lines(pair.bytes()));
    EXPECT_EQ(packer.widest_input(), 300U);
  }
}

/// What bfloat16 storage says of a tensor; "" where it takes it.
template <class Element>
std::string refusal_of(DType dtype, const std::vector<Element>& values) {
  const OddlyStored stored(dtype, {1, values.size()}, values);
  const StoredTensor tensor = stored.tensor();
  WeightPacker packer(WeightStorage::bf16);
  (void)packer.add({all_rows(tensor, "model.layers.3.mlp.weight")});
  return error_of([&] { packer.pack(Threads(2)); });
}

TEST(WeightPacker, RefusesToRoundAWeightToBfloat16) {
  const std::string opening = "model.layers.3.mlp.weight: expected weights that bfloat16 holds exactly, found ";
  EXPECT_EQ(refusal_of<float>(DType::f32, {1.0F, 0.1F, 2.0F}), opening + "f32 that it would round (model.safetensors)");
  EXPECT_EQ(refusal_of<std::uint16_t>(DType::f16, {0x3C00, 0x3C01}),
            opening + "f16 that it would round (model.safetensors)");
  EXPECT_EQ(refusal_of<double>(DType::f64, {1.0, 1.0 + 0x1p-40}),
            opening + "f64 that it would round (model.safetensors)");
}

/// The resident memory of the mapping that `address` is in, in bytes.
std::size_t resident_at(const std::byte* address) {
  std::ifstream file("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    std::uintptr_t first = 0;
    std::uintptr_t last = 0;
    char dash = 0;
    std::istringstream words(line);
    std::size_t kibibytes = 0;
    std::string key;
    if (words >> std::hex >> first >> dash >> last && dash == '-') inside = first <= wanted && wanted < last;
    std::istringstream fields(line);
    if (inside && fields >> key >> kibibytes && key == "Rss:") return kibibytes * 1024;
  }
  ADD_FAILURE() << "no such mapping";
  return 0;
}

TEST(WeightPacker, DropsThePagesOfAMappedFileThatStayReadable) {
  // A tensor of half a mebibyte; every element is 0x3C3C of bfloat16.
  const TemporaryFolder folder;
  folder.add("config.json", test::granite_moe_text());
  folder.add("model.safetensors", test::safetensors({{"w", {512, 512}}}, "BF16", '\x3C'));
  const Checkpoint checkpoint(folder.path());
  const StoredTensor mapped = checkpoint.tensors().at("w");
  StoredTensor kept = mapped;
  kept.mapped = false;
  ASSERT_TRUE(mapped.mapped);
  const float value = widen_bf16(0x3C3C);
  for (const WeightStorage storage : storages) {
    for (const StoredTensor* tensor : {static_cast<const StoredTensor*>(&kept), &mapped}) {
      WeightPacker packer(storage);
      const PackedMatrix matrix = packer.add({all_rows(*tensor, "w")});
      packer.pack(Threads(2));
      expect_packed(matrix, 512, [&](std::size_t, std::size_t) { return value; });
      const std::size_t resident = resident_at(mapped.bytes.data());
      if (tensor->mapped) {
        // The system maps some pages around each that is touched, also those that another thread has dropped.
        EXPECT_LT(resident, mapped.bytes.size() / 2);
      } else {
        EXPECT_GE(resident, mapped.bytes.size());
      }
      EXPECT_EQ(std::ranges::count(tensor->bytes, std::byte{0x3C}), 2 * 512 * 512) << "still readable";
    }
  }
}

}  // namespace
}  // namespace assay::optimized::blis
