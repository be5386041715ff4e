// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/verify_generation.hpp"

#include "generation/generate.hpp"
#include "generation/special_tokens.hpp"

namespace assay {
namespace {

std::vector<double> widened(const ConstValues& values) {
  return std::visit([](auto span) { return std::vector<double>(span.begin(), span.end()); }, values);
}

generation::Plan plan_of(const golden::RecordedGeneration& golden) {
  generation::Plan plan;
  plan.prompts = {golden.input_ids, golden.attention_mask};
  // Where the golden ends an engine that agrees with it ends too; there are no draws for more.
  plan.max_new_tokens = golden.steps();
  plan.eos_token_id = golden.eos_token_id;
  plan.pad_token_id = generation::SpecialTokens{golden.eos_token_id, golden.pad_token_id}.pad();
  plan.decoding.repetition_penalty = golden.repetition_penalty.value_or(plan.decoding.repetition_penalty);
  if (golden.do_sample) {
    generation::Sampling& sampling = plan.decoding.sampling.emplace();
    sampling.temperature = golden.temperature.value_or(sampling.temperature);
    sampling.top_k = golden.top_k.value_or(sampling.top_k);
    sampling.top_p = golden.top_p.value_or(sampling.top_p);
    sampling.min_p = golden.min_p;
  }
  return plan;
}

}  // namespace

golden::GenerationResult verify_generation(const golden::RecordedGeneration& golden, Engine& engine,
                                           const Config& config, const golden::GenerationExam& exam,
                                           const std::function<void(double fraction)>& progress) {
  generation::Plan plan = plan_of(golden);
  const generation::GivenDraws draws(golden.uniform.view());
  plan.draws = &draws;
  golden::GenerationJudge judge(golden, exam);
  generation::Listeners listeners;
  listeners.progress = [&](std::size_t steps) {
    if (progress) progress(static_cast<double>(steps) / static_cast<double>(golden.steps()));
  };
  listeners.chosen = [&](const generation::Chosen& chosen) {
    judge.chosen(chosen.step, chosen.row, widened(chosen.logits), widened(chosen.probabilities), chosen.token);
  };
  generation::reserve(engine, config, plan);
  static_cast<void>(generation::generate(engine, config, plan, listeners));
  return judge.result();
}

}  // namespace assay
