// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "selftest/broken_model.hpp"

#include <cmath>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "model/config/manifest.hpp"
#include "reference/engine.hpp"

namespace assay::selftest {
namespace {

template <class T>
T element(const StoredTensor& tensor, std::size_t index) {
  T value{};
  std::memcpy(&value, tensor.bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

std::vector<double> widened(const StoredTensor& tensor) {
  std::vector<double> values(elements(tensor.shape));
  for (std::size_t i = 0; i < values.size(); ++i) {
    switch (tensor.dtype) {
      case DType::f64:
        values[i] = element<double>(tensor, i);
        break;
      case DType::f32:
        values[i] = static_cast<double>(element<float>(tensor, i));
        break;
      case DType::bf16:
        values[i] = static_cast<double>(widen_bf16(element<std::uint16_t>(tensor, i)));
        break;
      case DType::f16:
        values[i] = static_cast<double>(widen_f16(element<std::uint16_t>(tensor, i)));
        break;
      default:
        throw std::logic_error("mutant: weights are floating point");
    }
  }
  return values;
}

}  // namespace

BrokenModel::BrokenModel(const golden::GoldenFile& golden) : golden_(golden), config_(golden.config()) {
  const golden::EmbeddedWeights source(golden);
  const Weights weights = resolve_weights(config_, source);
  for (const auto& [name, tensor] : weights.all()) {
    values_[name] = widened(tensor);
    shapes_[name] = tensor.shape;
  }
}

GraniteMoeConfig& BrokenModel::granite() {
  if (auto* hybrid = std::get_if<GraniteMoeHybridConfig>(&config_)) return *hybrid;
  if (auto* shared = std::get_if<GraniteMoeSharedConfig>(&config_)) return *shared;
  return std::get<GraniteMoeConfig>(config_);
}

TransformerConfig& BrokenModel::common_config() {
  return std::visit([](auto& alternative) -> TransformerConfig& { return alternative; }, config_);
}

std::vector<double>& BrokenModel::weight(const std::string& name) {
  const auto found = values_.find(name);
  if (found == values_.end()) throw std::logic_error("mutant: no weight " + name);
  return found->second;
}

double BrokenModel::noise(const Moment& where) const {
  const std::vector<double> truth = golden_.values(where.call, golden::Values::truth, where.point);
  const std::vector<double> hf32 = golden_.values(where.call, golden::Values::hf32, where.point);
  double squares = 0.0;
  for (std::size_t i = 0; i < truth.size(); ++i) squares += (hf32[i] - truth[i]) * (hf32[i] - truth[i]);
  return std::sqrt(squares / static_cast<double>(truth.size()));
}

/// Stored float64 holds the smaller types exactly.
Weights BrokenModel::stored() const {
  std::map<std::string, StoredTensor> tensors;
  for (const auto& [name, values] : values_) {
    tensors[name] = {DType::f64, shapes_.at(name), std::as_bytes(std::span(values)), golden_.file()};
  }
  return Weights(std::move(tensors));
}

golden::GaugeRecord BrokenModel::measured_gauges() const {
  const Weights weights = stored();
  const std::unique_ptr<Engine> reference = reference::make_gauge_engine(config_, weights);
  return {golden_, *reference, golden::not_provided_by(*reference)};
}

golden::CaseResult BrokenModel::judged(Precision precision, golden::Mode mode, golden::JudgeListener* listener) const {
  const Weights weights = stored();
  const std::unique_ptr<Engine> reference = reference::make_engine(config_, weights, precision);
  MeddledEngine engine(*reference, meddling);
  golden::ExamOptions options;
  options.precision = precision;
  options.mode = mode;
  options.listener = listener;
  if (precision == Precision::f32) options.calibration = calibration;
  if (precision == Precision::f32 && mode == golden::Mode::injected) options.gauges = gauges;
  return golden::examine(golden_, engine, options, "assay verify " + golden_.file(), {});
}

std::vector<std::vector<double>> BrokenModel::outputs(Precision precision) const {
  const Weights weights = stored();
  const std::unique_ptr<Engine> reference = reference::make_engine(config_, weights, precision);
  MeddledEngine engine(*reference, meddling);
  std::vector<std::vector<double>> outputs;
  for (const golden::RecordedCall& recorded : golden_.calls()) {
    const SiteValue value = engine.forward(recorded.call(), Probe());
    outputs.push_back(
        std::visit([](auto span) { return std::vector<double>(span.begin(), span.end()); }, value.values));
  }
  return outputs;
}

}  // namespace assay::selftest
