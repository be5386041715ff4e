// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Damage of one byte and truncation: a golden is refused, or every value it gives is the value it had. Never a crash.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "golden/format/golden_file.hpp"
#include "model/error.hpp"
#include "model/files/atomic_file.hpp"
#include "tests/support/golden_copy.hpp"
#include "tests/support/whole_api_golden.hpp"

namespace assay::test {
namespace {

using golden::GoldenFile;
using golden::Values;

/// Everything that a golden says, in one comparable heap.
struct Content {
  std::string texts;
  std::vector<std::int64_t> inputs;
  std::vector<double> values;
  std::vector<std::byte> weights;

  bool operator==(const Content&) const = default;
};

void read_inputs(const golden::RecordedCall& recorded, Content& content) {
  const Call call = recorded.call();
  std::vector<std::int64_t>& inputs = content.inputs;
  const auto integers = [&](const auto& view) {
    for (const std::size_t extent : view.extents()) inputs.push_back(static_cast<std::int64_t>(extent));
    if (view.elements() > 0) inputs.insert(inputs.end(), view.flat().begin(), view.flat().end());
  };
  const auto floats = [&](const auto& view) {
    for (const std::size_t extent : view.extents()) inputs.push_back(static_cast<std::int64_t>(extent));
    if (view.elements() > 0) content.values.insert(content.values.end(), view.flat().begin(), view.flat().end());
  };
  integers(call.input_ids);
  for (const auto& ids : {call.attention_mask, call.position_ids, call.labels}) {
    if (ids) integers(*ids);
  }
  if (call.logits_positions) integers(*call.logits_positions);
  if (call.inputs_embeds) floats(*call.inputs_embeds);
  if (call.float_labels) floats(*call.float_labels);
  if (call.packed) {
    integers(call.packed->seq_idx);
    integers(call.packed->cu_seq_lens_q);
    integers(call.packed->cu_seq_lens_k);
    inputs.insert(inputs.end(), {call.packed->max_length_q, call.packed->max_length_k});
  }
  if (call.past_key_values != nullptr) {
    inputs.push_back(static_cast<std::int64_t>(call.past_key_values->tokens));
    for (const LayerPast& layer : call.past_key_values->layers) {
      floats(layer.keys.view());
      floats(layer.values.view());
      floats(layer.conv_state.view());
      floats(layer.ssm_state.view());
    }
  }
  inputs.insert(inputs.end(), {call.use_cache, call.continues, static_cast<std::int64_t>(call.logits_to_keep),
                               call.num_items_in_batch.value_or(0), call.output_hidden_states, call.output_attentions,
                               call.output_router_logits});
}

void read_site(const GoldenFile& golden, CallIndex call, const ProbePoint& point, std::vector<double>& values) {
  if (!golden.records(point.site)) return;
  const SiteKind kind = info(point.site).kind;
  for (const Values which : {Values::truth, Values::hf32}) {
    if (kind == SiteKind::mask || kind == SiteKind::routing) {
      const auto integers = golden.integers(call, which, point);
      values.insert(values.end(), integers.begin(), integers.end());
    } else {
      const auto floats = golden.values(call, which, point);
      values.insert(values.end(), floats.begin(), floats.end());
    }
  }
  if (point.site != Site::router_logits) return;
  const auto margin = golden.router_margin(call, *point.layer);
  values.insert(values.end(), margin.begin(), margin.end());
}

Content content_of(const std::filesystem::path& path) {
  const GoldenFile golden(path);
  Content content;
  content.texts = golden.case_name() + "|" + golden.config_text() + "|" + golden.provenance() + "|" +
                  std::to_string(golden.seed()) + "|" + (golden.has_embedded_weights() ? "embedded" : "elsewhere") +
                  "|" + to_string(golden.not_recorded());
  for (std::size_t i = 0; i < golden.calls().size(); ++i) {
    read_inputs(golden.calls()[i], content);
    for (const PlannedSite& site : golden.calls()[i].sites) read_site(golden, CallIndex{i}, site.point, content.values);
  }
  const golden::EmbeddedWeights weights(golden);
  for (const auto& [name, tensor] : weights.tensors()) {
    content.texts += "|" + name;
    content.weights.insert(content.weights.end(), tensor.bytes.begin(), tensor.bytes.end());
  }
  return content;
}

enum class Outcome { refused, unharmed, wrong };

Outcome outcome(const std::filesystem::path& path, const Content& original) {
  try {
    return content_of(path) == original ? Outcome::unharmed : Outcome::wrong;
  } catch (const Error&) {
    return Outcome::refused;
  }
}

class DamagedGolden : public testing::Test {
 protected:
  DamagedGolden() : bytes_(read_text_file(source_)), original_(content_of(source_)) {}

  [[nodiscard]] Outcome with_byte(std::size_t at, char value) {
    std::string damaged = bytes_;
    damaged[at] = value;
    return outcome(folder_.add("damaged.h5", damaged), original_);
  }

  std::filesystem::path source_ = committed_golden("granitemoehybrid_prefill");
  std::string bytes_;
  Content original_;
  TemporaryFolder folder_;
};

TEST_F(DamagedGolden, TheFileItselfIsUnharmed) { EXPECT_EQ(outcome(source_, original_), Outcome::unharmed); }

TEST_F(DamagedGolden, AFlippedByteIsRefusedOrHarmless) {
  std::vector<std::size_t> offsets;
  for (std::size_t at = 0; at < 512; ++at) offsets.push_back(at);
  for (std::size_t i = 0; i < 300; ++i) offsets.push_back(512 + i * (bytes_.size() - 513) / 299);
  std::map<Outcome, std::size_t> count;
  for (const std::size_t at : offsets) {
    // Which bit changes with the offset, so that all kinds of damage come up.
    const auto mask = static_cast<char>(1U << (at % 8));
    const Outcome found = with_byte(at, static_cast<char>(bytes_[at] ^ mask));
    ++count[found];
    ASSERT_NE(found, Outcome::wrong) << "offset " << at;
  }
  // Some bytes of an HDF5 file mean nothing; most mean something.
  EXPECT_GT(count[Outcome::refused], offsets.size() / 2);
}

TEST_F(DamagedGolden, AByteThatBecomesItsOppositeIsRefusedOrHarmless) {
  for (std::size_t i = 0; i < 60; ++i) {
    const std::size_t at = 7 + i * (bytes_.size() - 8) / 59;
    ASSERT_NE(with_byte(at, static_cast<char>(~bytes_[at])), Outcome::wrong) << "offset " << at;
  }
}

TEST_F(DamagedGolden, ATruncatedFileIsRefused) {
  for (std::size_t i = 0; i < 50; ++i) {
    const std::size_t length = i * (bytes_.size() - 1) / 49;
    const auto path = folder_.add("damaged.h5", std::string_view(bytes_).substr(0, length));
    ASSERT_EQ(outcome(path, original_), Outcome::refused) << "length " << length;
  }
}

/// The same for every input, flag and cache of the format.
TEST(DamagedWholeApiGolden, AFlippedByteIsRefusedOrHarmless) {
  const WholeApiGolden whole;
  const std::string bytes = read_text_file(whole.path());
  const Content original = content_of(whole.path());
  const TemporaryFolder folder;
  std::size_t refused = 0;
  constexpr std::size_t samples = 80;
  for (std::size_t i = 0; i < samples; ++i) {
    const std::size_t at = 11 + i * (bytes.size() - 12) / (samples - 1);
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ static_cast<char>(1U << (at % 8)));
    const Outcome found = outcome(folder.add("damaged.h5", damaged), original);
    ASSERT_NE(found, Outcome::wrong) << "offset " << at;
    if (found == Outcome::refused) ++refused;
  }
  EXPECT_GT(refused, 0U);
}

TEST_F(DamagedGolden, SomethingAppendedIsRefusedOrHarmless) {
  EXPECT_NE(outcome(folder_.add("damaged.h5", bytes_ + std::string(1000, 'x')), original_), Outcome::wrong);
}

}  // namespace
}  // namespace assay::test
