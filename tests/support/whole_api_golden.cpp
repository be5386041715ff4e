// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/whole_api_golden.hpp"

namespace assay::test {
namespace {

using Integers = std::vector<std::int64_t>;

std::vector<float> ramp(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = 0.125F * static_cast<float>(i % 11) - 0.5F;
  return values;
}

void add_call(GoldenCopy& copy, const std::string& path, std::int64_t use_cache) {
  copy.group(path + "/inputs");
  copy.attribute(path, "continues", std::int64_t{-1});
  copy.attribute(path, "use_cache", use_cache);
}

void add_labels_and_outputs(GoldenCopy& copy) {
  copy.numbers("/calls/000/inputs/labels", {2, 6}, Integers{-100, 3, 4, 5, 6, -100, -100, -100, 8, 9, 10, 11});
  copy.attribute("/calls/000", "num_items_in_batch", std::int64_t{5});
  for (const char* name : {"output_hidden_states", "output_attentions", "output_router_logits"}) {
    copy.attribute("/calls/000", name, std::int64_t{1});
  }
}

void add_embeds(GoldenCopy& copy) {
  add_call(copy, "/calls/001", 0);
  copy.numbers("/calls/001/inputs/inputs_embeds", {1, 3, 20}, ramp(60));
  copy.numbers("/calls/001/inputs/attention_mask", {1, 3}, Integers{0, 1, 1});
  copy.numbers("/calls/001/inputs/logits_positions", {2}, Integers{-1, 0});
}

void add_given_cache(GoldenCopy& copy) {
  add_call(copy, "/calls/002", 1);
  copy.attribute("/calls/002", "logits_to_keep", std::int64_t{1});
  copy.numbers("/calls/002/inputs/input_ids", {2, 2}, Integers{7, 8, 9, 10});
  const std::string past = "/calls/002/inputs/past_key_values";
  copy.group(past);
  copy.attribute(past, "tokens", std::int64_t{3});
  copy.numbers(past + "/layers/000/keys", {2, 3, 3, 4}, ramp(72));
  copy.numbers(past + "/layers/000/values", {2, 3, 3, 4}, ramp(72));
  copy.numbers(past + "/layers/001/conv_state", {2, 54, 4}, ramp(432));
  copy.numbers(past + "/layers/001/ssm_state", {2, 5, 8, 7}, ramp(560));
}

void add_packed(GoldenCopy& copy) {
  add_call(copy, "/calls/003", 0);
  copy.numbers("/calls/003/inputs/input_ids", {1, 5}, Integers{4, 5, 6, 7, 8});
  copy.numbers("/calls/003/inputs/position_ids", {1, 5}, Integers{0, 1, 0, 1, 2});
  copy.numbers("/calls/003/inputs/seq_idx", {1, 5}, Integers{0, 0, 1, 1, 1});
  copy.numbers("/calls/003/inputs/cu_seq_lens_q", {3}, Integers{0, 2, 5});
  copy.numbers("/calls/003/inputs/cu_seq_lens_k", {3}, Integers{0, 2, 5});
  copy.attribute("/calls/003", "max_length_q", std::int64_t{3});
  copy.attribute("/calls/003", "max_length_k", std::int64_t{3});
}

}  // namespace

WholeApiGolden::WholeApiGolden() : GoldenCopy("granitemoehybrid_prefill") {
  add_labels_and_outputs(*this);
  add_embeds(*this);
  add_given_cache(*this);
  add_packed(*this);
  add_missing_sites();
}

}  // namespace assay::test
