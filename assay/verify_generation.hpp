// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Runs the generation of a golden through an engine, freely and with the golden's draws, and judges it.
#pragma once

#include <functional>

#include "golden/format/recorded_generation.hpp"
#include "golden/judge/generation.hpp"
#include "model/engine.hpp"

namespace assay {

/// `progress` is told the part of the steps that are made. The engine has the precision of the exam. Throws Error as
/// generation::generate does.
[[nodiscard]] golden::GenerationResult verify_generation(const golden::RecordedGeneration& golden, Engine& engine,
                                                         const Config& config, const golden::GenerationExam& exam,
                                                         const std::function<void(double fraction)>& progress);

}  // namespace assay
