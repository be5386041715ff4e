// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "model/config/manifest.hpp"
#include "model/files/safetensors.hpp"
#include "tests/support/config_text.hpp"
#include "tests/support/error_of.hpp"

namespace assay {
namespace {

using test::with;

/// Tensors in memory; every one has bytes of its own that count up from a different start.
class MemorySource : public TensorSource {
 public:
  void add(const std::string& name, const Shape& shape, DType dtype = DType::f32) {
    std::vector<std::byte>& bytes = storage_[name];
    bytes.resize(elements(shape) * size_bytes(dtype));
    for (std::size_t at = 0; at < bytes.size(); ++at) bytes[at] = static_cast<std::byte>(at + 7 * storage_.size());
    tensors_[name] = {dtype, shape, bytes, "w.safetensors"};
  }
  void add_all(const Config& config) {
    for (const ExpectedTensor& tensor : manifest(config)) add(tensor.name, tensor.shape);
  }
  void remove(const std::string& name) { tensors_.erase(name); }

  [[nodiscard]] const std::map<std::string, StoredTensor>& tensors() const override { return tensors_; }
  [[nodiscard]] const std::string& where() const override { return where_; }

 private:
  std::string where_ = "tiny";
  std::map<std::string, std::vector<std::byte>> storage_;
  std::map<std::string, StoredTensor> tensors_;
};

std::string complaint(const Config& config, const TensorSource& source) {
  return test::error_of([&] { (void)resolve_weights(config, source); });
}

/// Two layers, four experts: small enough to list.
Config granite(std::string_view members = R"("use_cache": true)") {
  return parse_config(with(with(test::granite_moe_text(), R"("num_hidden_layers": 1)"), members), "c");
}
Config phimoe() { return parse_config(with(test::phimoe_text(), R"("num_hidden_layers": 2)"), "c"); }

TEST(ResolveWeights, ShowsEveryTensorOfTheManifest) {
  for (const std::string& text : {test::granite_moe_text(), test::granite_moe_shared_text(),
                                  test::granite_moe_hybrid_text(), test::phimoe_text()}) {
    const Config config = parse_config(text, "c");
    MemorySource source;
    source.add_all(config);
    const Weights weights = resolve_weights(config, source);
    EXPECT_EQ(weights.all().size(), manifest(config).size());
    EXPECT_EQ(weights.at("model.norm.weight").bytes.data(), source.tensors().at("model.norm.weight").bytes.data());
  }
}

TEST(ResolveWeights, FindsWhatAnActivationLearnedUnderBothNames) {
  const Config config =
      parse_config(with(test::phimoe_text(), R"("num_hidden_layers": 1, "hidden_act": "prelu")"), "c");
  const std::string older = "model.layers.0.block_sparse_moe.experts.act_fn.weight";
  const std::string newer = "model.layers.0.mlp.experts.act_fn.weight";
  MemorySource source;
  source.add_all(config);
  EXPECT_EQ(resolve_weights(config, source).at(older).shape, Shape{1});
  source.remove(older);
  source.add(newer, {1});
  EXPECT_EQ(resolve_weights(config, source).at(older).bytes.data(), source.tensors().at(newer).bytes.data());
  source.remove(newer);
  EXPECT_EQ(complaint(config, source),
            "tiny: 1 tensor is not as the phimoe config says:\n  " + older + ": expected [1], found nothing");
}

TEST(ResolveWeights, TakesEveryFloatingPointType) {
  const Config config = granite();
  for (const DType dtype : {DType::f64, DType::f32, DType::f16, DType::bf16}) {
    MemorySource source;
    source.add_all(config);
    source.add("model.norm.weight", {48}, dtype);
    EXPECT_EQ(resolve_weights(config, source).at("model.norm.weight").dtype, dtype);
  }
}

TEST(ResolveWeights, ListsEverythingThatIsWrongAtOnce) {
  const Config config = granite();
  MemorySource source;
  source.add_all(config);
  source.remove("lm_head.weight");
  source.add("model.norm.weight", {16});
  source.add("model.layers.0.input_layernorm.weight", {48}, DType::i64);
  source.add("score.weight", {2, 48});
  EXPECT_EQ(complaint(config, source),
            "tiny: 4 tensors are not as the granitemoe config says:\n"
            "  model.layers.0.input_layernorm.weight: expected [48] f64, f32, f16 or bf16, found [48] i64 "
            "(w.safetensors)\n"
            "  model.norm.weight: expected [48] f64, f32, f16 or bf16, found [16] f32 (w.safetensors)\n"
            "  lm_head.weight: expected [97, 48], found nothing\n"
            "  score.weight: expected no such tensor, found [2, 48] f32 (w.safetensors)");
}

TEST(ResolveWeights, SaysOneTensorWhereItIsOne) {
  const Config config = granite();
  MemorySource source;
  source.add_all(config);
  source.remove("model.norm.weight");
  EXPECT_EQ(complaint(config, source),
            "tiny: 1 tensor is not as the granitemoe config says:\n  model.norm.weight: expected [48], found nothing");
}

TEST(ResolveWeights, StopsTheListAtTwentyLines) {
  const Config config = phimoe();
  const std::string message = complaint(config, MemorySource());
  // Two layers of 2 + 4 + 2 + 1 + 27 tensors, and four outside of them.
  EXPECT_TRUE(message.starts_with("tiny: 76 tensors are not as the phimoe config says:\n")) << message;
  EXPECT_TRUE(message.ends_with("\n  and 56 more")) << message;
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 21);
}

TEST(ResolveWeights, IgnoresStoredRotaryFrequencies) {
  const Config config = granite();
  MemorySource source;
  source.add_all(config);
  source.add("model.layers.0.self_attn.rotary_emb.inv_freq", {4});
  source.add("model.rotary_emb.inv_freq", {4});
  EXPECT_EQ(resolve_weights(config, source).all().size(), manifest(config).size());
}

TEST(ResolveWeights, FindsTheNativeNamesOfGranite) {
  const Config config = granite();
  MemorySource source;
  source.add_all(config);
  const std::string layer = "model.layers.0.block_sparse_moe.";
  for (const char* name : {"input_linear.weight", "output_linear.weight", "router.layer.weight"})
    source.remove(layer + name);
  source.add(layer + "experts.gate_up_proj", {9, 40, 48});
  source.add(layer + "experts.down_proj", {9, 48, 20});
  source.add(layer + "router.weight", {9, 48});
  const Weights weights = resolve_weights(config, source);
  EXPECT_EQ(weights.all().size(), manifest(config).size());
  EXPECT_EQ(weights.at(layer + "input_linear.weight").bytes.data(),
            source.tensors().at(layer + "experts.gate_up_proj").bytes.data());
}

/// The native storage of a PhiMoE: the experts of a layer in two tensors.
MemorySource native_phimoe(const Config& config) {
  MemorySource source;
  source.add_all(config);
  for (const ExpectedTensor& tensor : manifest(config)) {
    if (tensor.name.find("block_sparse_moe") != std::string::npos) source.remove(tensor.name);
  }
  for (const std::string layer : {"model.layers.0.mlp.", "model.layers.1.mlp."}) {
    source.add(layer + "router.weight", {9, 48});
    source.add(layer + "experts.gate_up_proj", {9, 40, 48}, DType::bf16);
    source.add(layer + "experts.down_proj", {9, 48, 20}, DType::bf16);
  }
  return source;
}

TEST(ResolveWeights, CutsTheFusedExpertsOfPhimoe) {
  const Config config = phimoe();
  const MemorySource source = native_phimoe(config);
  const Weights weights = resolve_weights(config, source);
  const std::byte* const gate_up = source.tensors().at("model.layers.1.mlp.experts.gate_up_proj").bytes.data();
  const std::byte* const down = source.tensors().at("model.layers.1.mlp.experts.down_proj").bytes.data();
  const StoredTensor& w1 = weights.at("model.layers.1.block_sparse_moe.experts.5.w1.weight");
  const StoredTensor& w3 = weights.at("model.layers.1.block_sparse_moe.experts.5.w3.weight");
  const StoredTensor& w2 = weights.at("model.layers.1.block_sparse_moe.experts.5.w2.weight");
  // Expert 5 begins after five times 40 rows of 48; gate before up.
  EXPECT_EQ(w1.bytes.data(), &gate_up[std::size_t{2} * 5 * 40 * 48]);
  EXPECT_EQ(w3.bytes.data(), &gate_up[std::size_t{2} * (5 * 40 + 20) * 48]);
  EXPECT_EQ(w2.bytes.data(), &down[std::size_t{2} * 5 * 48 * 20]);
  EXPECT_EQ(w1.shape, (Shape{20, 48}));
  EXPECT_EQ(w2.shape, (Shape{48, 20}));
  EXPECT_EQ(w3.bytes.size(), 2U * 20U * 48U);
  EXPECT_EQ(w3.dtype, DType::bf16);
  EXPECT_EQ(weights.all().size(), manifest(config).size());
}

TEST(ResolveWeights, NamesAMisshapedFusedTensorOnce) {
  const Config config = phimoe();
  MemorySource source = native_phimoe(config);
  source.add("model.layers.0.mlp.experts.down_proj", {9, 20, 48});
  EXPECT_EQ(complaint(config, source),
            "tiny: 1 tensor is not as the phimoe config says:\n  model.layers.0.mlp.experts.down_proj: "
            "expected [9, 48, 20] f64, f32, f16 or bf16, found [9, 20, 48] f32 (w.safetensors)");
}

TEST(ResolveWeights, RefusesATensorUnderBothNames) {
  const Config config = granite();
  MemorySource source;
  source.add_all(config);
  source.add("model.layers.0.block_sparse_moe.router.weight", {9, 48});
  EXPECT_EQ(complaint(config, source),
            "tiny: 1 tensor is not as the granitemoe config says:\n"
            "  model.layers.0.block_sparse_moe.router.layer.weight: expected stored once, found also as "
            "model.layers.0.block_sparse_moe.router.weight");
}

constexpr const char* embedding = "model.embed_tokens.weight";
constexpr const char* head = "lm_head.weight";

TEST(ResolveWeights, TiesTheHeadToTheEmbedding) {
  const Config config = granite(R"("tie_word_embeddings": true)");
  MemorySource source;
  source.add_all(config);
  const Weights weights = resolve_weights(config, source);
  EXPECT_EQ(weights.at(head).bytes.data(), source.tensors().at(embedding).bytes.data());
}

TEST(ResolveWeights, TiesTheEmbeddingToALonelyHead) {
  const Config config = granite(R"("tie_word_embeddings": true)");
  MemorySource source;
  source.add_all(config);
  source.remove(embedding);
  source.add(head, {97, 48});
  const Weights weights = resolve_weights(config, source);
  EXPECT_EQ(weights.at(embedding).bytes.data(), source.tensors().at(head).bytes.data());
  EXPECT_EQ(weights.at(head).bytes.data(), source.tensors().at(head).bytes.data());
}

TEST(ResolveWeights, KeepsBothWhereATiedFileHasBoth) {
  const Config config = granite(R"("tie_word_embeddings": true)");
  MemorySource source;
  source.add_all(config);
  source.add(head, {97, 48});
  const Weights weights = resolve_weights(config, source);
  EXPECT_EQ(weights.at(embedding).bytes.data(), source.tensors().at(embedding).bytes.data());
  EXPECT_EQ(weights.at(head).bytes.data(), source.tensors().at(head).bytes.data());
}

TEST(ResolveWeights, NamesTheEmbeddingWhereATiedFileHasNeither) {
  const Config config = granite(R"("tie_word_embeddings": true)");
  MemorySource source;
  source.add_all(config);
  source.remove(embedding);
  EXPECT_EQ(complaint(config, source),
            "tiny: 1 tensor is not as the granitemoe config says:\n"
            "  model.embed_tokens.weight: expected [97, 48], found nothing");
}

TEST(ResolveWeights, ChecksTheShapeOfATiedHead) {
  const Config config = granite(R"("tie_word_embeddings": true)");
  MemorySource source;
  source.add_all(config);
  source.add(head, {98, 48});
  EXPECT_EQ(complaint(config, source),
            "tiny: 1 tensor is not as the granitemoe config says:\n"
            "  lm_head.weight: expected [97, 48] f64, f32, f16 or bf16, found [98, 48] f32 (w.safetensors)");
}

}  // namespace
}  // namespace assay
