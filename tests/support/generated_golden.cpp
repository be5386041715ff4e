// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/generated_golden.hpp"

#include <algorithm>

#include "generation/choice.hpp"
#include "generation/generate.hpp"
#include "generation/special_tokens.hpp"
#include "golden/format/golden_file.hpp"
#include "model/config/manifest.hpp"
#include "reference/engine.hpp"

namespace assay::test {
namespace {

using golden::RecordedGeneration;

generation::Decoding decoding_of(const RecordedGeneration& how) {
  generation::Decoding decoding;
  decoding.repetition_penalty = how.repetition_penalty.value_or(1.0);
  if (how.do_sample) {
    decoding.sampling = generation::Sampling{.temperature = how.temperature.value_or(1.0),
                                             .top_k = how.top_k.value_or(50),
                                             .top_p = how.top_p.value_or(1.0),
                                             .min_p = how.min_p};
  }
  return decoding;
}

std::vector<double> widened(const ConstValues& values) {
  return std::visit([](auto span) { return std::vector<double>(span.begin(), span.end()); }, values);
}

Tensor<double, 3> cube(std::size_t steps, std::size_t rows, const std::vector<double>& values) {
  Tensor<double, 3> tensor({steps, rows, steps * rows == 0 ? 0 : values.size() / (steps * rows)});
  std::ranges::copy(values, tensor.view().flat().begin());
  return tensor;
}

/// The float32 run: sequences, logits, probabilities.
void run_model(Engine& engine, const Config& config, RecordedGeneration& run) {
  generation::Plan plan;
  plan.prompts = {run.input_ids, run.attention_mask};
  plan.max_new_tokens = run.max_new_tokens;
  plan.eos_token_id = run.eos_token_id;
  plan.pad_token_id = generation::SpecialTokens{run.eos_token_id, run.pad_token_id}.pad();
  plan.decoding = decoding_of(run);
  const generation::GivenDraws draws(run.uniform.view());
  plan.draws = &draws;
  std::vector<double> logits;
  std::vector<double> probs;
  generation::Listeners listeners;
  listeners.chosen = [&](const generation::Chosen& chosen) {
    for (const double value : widened(chosen.logits)) logits.push_back(value);
    for (const double value : widened(chosen.probabilities)) probs.push_back(value);
  };
  const generation::Generation generation = generation::generate(engine, config, plan, listeners);
  const std::size_t steps = generation.steps();
  run.sequences = Tensor<std::int64_t, 2>({run.rows(), run.width() + steps});
  for (std::size_t b = 0; b < run.rows(); ++b) {
    for (std::size_t l = 0; l < run.width(); ++l) run.sequences(b, l) = run.input_ids(b, l);
    for (std::size_t s = 0; s < steps; ++s) run.sequences(b, run.width() + s) = generation.rows[b].ids[s];
  }
  run.hf32_logits = cube(steps, run.rows(), logits);
  if (!run.do_sample) return;
  run.hf32_probs = cube(steps, run.rows(), probs);
  Tensor<double, 2> used({steps, run.rows()});
  std::copy_n(run.uniform.view().flat().begin(), steps * run.rows(), used.view().flat().begin());
  run.uniform = used;
}

/// The logits of the same tokens from a call over all of them, and what is drawn from.
void add_truth(Engine& engine, RecordedGeneration& run) {
  const std::size_t rows = run.rows();
  const std::size_t steps = run.steps();
  const std::size_t length = run.width() + steps - 1;
  Tensor<std::int64_t, 2> ids({rows, length});
  Tensor<std::int64_t, 2> mask({rows, length});
  Tensor<std::int64_t, 2> positions({rows, length});
  for (std::size_t b = 0; b < rows; ++b) {
    std::int64_t seen = 0;
    for (std::size_t l = 0; l < length; ++l) {
      ids(b, l) = run.sequences(b, l);
      mask(b, l) = l < run.width() ? run.attention_mask(b, l) : 1;
      positions(b, l) = mask(b, l) == 0 ? 0 : seen++;
    }
  }
  Call call;
  call.input_ids = ids.view();
  call.attention_mask = mask.view();
  call.position_ids = positions.view();
  call.logits_to_keep = steps;
  const std::vector<double> logits = widened(engine.forward(call, Probe()).values);
  const std::size_t vocab_size = run.vocab_size();
  run.has_truth = true;
  run.truth_logits = Tensor<double, 3>({steps, rows, vocab_size});
  if (run.do_sample) run.truth_probs = Tensor<double, 3>({steps, rows, vocab_size});
  generation::TokenChooser chooser(decoding_of(run), rows, vocab_size);
  for (std::size_t b = 0; b < rows; ++b) {
    for (std::size_t l = 0; l < run.width(); ++l) {
      if (mask(b, l) == 1) chooser.saw(b, ids(b, l));
    }
    for (std::size_t s = 0; s < steps; ++s) {
      const std::span<double> row = run.truth_logits.view()[s][b].flat();
      std::copy_n(&logits[(b * steps + s) * vocab_size], vocab_size, row.begin());
      static_cast<void>(chooser.choose(b, std::span<const double>(row), 0.0));
      if (run.do_sample) {
        std::ranges::copy(widened(chooser.probabilities()), run.truth_probs.view()[s][b].flat().begin());
      }
      chooser.saw(b, run.token(s, b));
    }
  }
}

template <class T, class From>
void write(GoldenCopy& copy, const std::string& name, DType dtype, const From& tensor) {
  const auto flat = tensor.view().flat();
  const std::vector<T> values(flat.begin(), flat.end());
  copy.dataset("/generation/" + name, dtype, tensor.view().shape(), std::as_bytes(std::span(values)));
}

}  // namespace

RecordedGeneration recorded_run(const GoldenCopy& copy, RecordedGeneration how) {
  const golden::GoldenFile file(copy.path());
  const golden::EmbeddedWeights source(file);
  const Weights weights = resolve_weights(file.config(), source);
  run_model(*reference::make_engine(file.config(), weights, Precision::f32), file.config(), how);
  add_truth(*reference::make_engine(file.config(), weights, Precision::f64), how);
  return how;
}

void set_prompts(RecordedGeneration& generation, const std::vector<std::vector<std::int64_t>>& prompts) {
  generation::PaddedPrompts padded = generation::left_pad(prompts, 0);
  generation.input_ids = std::move(padded.input_ids);
  generation.attention_mask = std::move(padded.attention_mask);
}

void write_generation(GoldenCopy& copy, const RecordedGeneration& run) {
  const std::string group = "/generation";
  if (Hdf5Reader(copy.path()).has(group)) copy.remove(group);
  copy.group(group + "/inputs");
  copy.group(group + "/hf32");
  copy.attribute(group, "max_new_tokens", static_cast<std::int64_t>(run.max_new_tokens));
  copy.attribute(group, "do_sample", std::int64_t{run.do_sample ? 1 : 0});
  copy.attribute(group, "pad_token_id", run.pad_token_id.value_or(-1));
  if (run.top_k) copy.attribute(group, "top_k", static_cast<std::int64_t>(*run.top_k));
  if (run.temperature) copy.float_attribute(group, "temperature", *run.temperature);
  if (run.top_p) copy.float_attribute(group, "top_p", *run.top_p);
  if (run.min_p) copy.float_attribute(group, "min_p", *run.min_p);
  if (run.repetition_penalty) copy.float_attribute(group, "repetition_penalty", *run.repetition_penalty);
  if (!run.eos_token_id.empty()) {
    copy.dataset(group + "/eos_token_id", DType::i64, {run.eos_token_id.size()},
                 std::as_bytes(std::span(run.eos_token_id)));
  }
  write<std::int64_t>(copy, "inputs/input_ids", DType::i64, run.input_ids);
  write<std::int64_t>(copy, "inputs/attention_mask", DType::i64, run.attention_mask);
  write<std::int64_t>(copy, "sequences", DType::i64, run.sequences);
  write<float>(copy, "hf32/logits", DType::f32, run.hf32_logits);
  if (run.do_sample) {
    write<double>(copy, "inputs/uniform", DType::f64, run.uniform);
    write<float>(copy, "hf32/probs", DType::f32, run.hf32_probs);
  }
  if (!run.has_truth) return;
  copy.group(group + "/truth");
  write<double>(copy, "truth/logits", DType::f64, run.truth_logits);
  if (run.do_sample) write<double>(copy, "truth/probs", DType::f64, run.truth_probs);
}

}  // namespace assay::test
