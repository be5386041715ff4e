// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "optimized/blocks/show.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

namespace assay::optimized {
namespace {

/// Keeps what it sees and adds 1000 to it.
class Changer final : public Observer, public Injector {
 public:
  void observe(const ProbePoint& point, const SiteValue& value) override {
    point_ = point;
    shape_ = value.shape;
    const auto floats = std::get<std::span<const float>>(value.values);
    values_.assign(floats.begin(), floats.end());
    ++times_;
  }
  void inject(const ProbePoint&, const MutableSiteValue& value) override {
    for (float& number : std::get<std::span<float>>(value.values)) number += 1000.0F;
  }

  [[nodiscard]] Probe probe() { return Probe(this, this); }
  [[nodiscard]] const ProbePoint& point() const { return point_; }
  [[nodiscard]] const Shape& shape() const { return shape_; }
  [[nodiscard]] const std::vector<float>& values() const { return values_; }
  [[nodiscard]] int times() const { return times_; }

 private:
  ProbePoint point_{};
  Shape shape_;
  std::vector<float> values_;
  int times_ = 0;
};

/// Where what is shown in another layout lies.
ShowBuffer buffer;

/// 0, 1, 2, ...: every element tells where it was.
std::vector<float> counted(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

TEST(Show, ShowsDenseRowsInPlaceAsBatchAndToken) {
  std::vector<float> values = counted(24);
  Changer changer;
  Show(changer.probe(), 2, 3, &buffer)(Site::embed_out, dense(values.data(), 6, 4));
  EXPECT_EQ(changer.point(), (ProbePoint{Site::embed_out, std::nullopt}));
  EXPECT_EQ(changer.shape(), (Shape{2, 3, 4}));
  EXPECT_EQ(changer.values(), counted(24));
  for (std::size_t i = 0; i < 24; ++i) EXPECT_EQ(values[i], static_cast<float>(i) + 1000.0F);
}

TEST(Show, CopiesStridedRowsThereAndBackAndLeavesTheRestAlone) {
  std::vector<float> values = counted(24);
  Changer changer;
  // Columns 1 and 2 of four.
  Show(changer.probe(), 2, 3, &buffer).in(LayerIndex{5})(Site::q_proj, dense(values.data(), 6, 4).columns(1, 2));
  EXPECT_EQ(changer.point(), (ProbePoint{Site::q_proj, LayerIndex{5}}));
  EXPECT_EQ(changer.shape(), (Shape{2, 3, 2}));
  EXPECT_EQ(changer.values(), (std::vector<float>{1, 2, 5, 6, 9, 10, 13, 14, 17, 18, 21, 22}));
  for (std::size_t i = 0; i < 24; ++i) {
    const bool shown = i % 4 == 1 || i % 4 == 2;
    EXPECT_EQ(values[i], static_cast<float>(i) + (shown ? 1000.0F : 0.0F));
  }
}

TEST(Show, PutsTheHeadsOfARowBeforeItsTokens) {
  // [B * L, heads * d] = [2 * 3, 2 * 2], in rows of five.
  std::vector<float> values = counted(30);
  Changer changer;
  Show(changer.probe(), 2, 3, &buffer).heads(Site::q_rope, dense(values.data(), 6, 5).columns(0, 4), 2);
  EXPECT_EQ(changer.shape(), (Shape{2, 2, 3, 2}));
  EXPECT_EQ(changer.values(), (std::vector<float>{0,  1,  5,  6,  10, 11, 2,  3,  7,  8,  12, 13,
                                                  15, 16, 20, 21, 25, 26, 17, 18, 22, 23, 27, 28}));
  for (std::size_t i = 0; i < 30; ++i) {
    EXPECT_EQ(values[i], static_cast<float>(i) + (i % 5 < 4 ? 1000.0F : 0.0F));
  }
}

TEST(Show, GathersRowsFromWhereverTheyAre) {
  std::vector<float> values = counted(12);
  const std::size_t places[] = {2, 0, 1};
  Changer changer;
  Show(changer.probe(), 3, 1, &buffer).rows<3>(Site::expert_out, {3, 1, 4}, [&](std::size_t row) {
    return values.data() + 4 * places[row];
  });
  EXPECT_EQ(changer.values(), (std::vector<float>{8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7}));
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(values[i], static_cast<float>(i) + 1000.0F);
}

TEST(Show, LeavesRowsWhereTheyAreForAnInjectorThatTakesThemSo) {
  std::vector<float> values = counted(12);
  const std::size_t places[] = {2, 0, 1};
  class RowTaker final : public Injector {
   public:
    void inject(const ProbePoint&, const MutableSiteValue&) override { throw std::logic_error("copied"); }
    [[nodiscard]] bool takes_rows() const override { return true; }
    void inject_rows(const ProbePoint& point, const MutableRows& value) override {
      EXPECT_EQ(point, (ProbePoint{Site::expert_out, LayerIndex{7}}));
      EXPECT_EQ(value.shape, (Shape{3, 1, 4}));
      EXPECT_EQ(value.width, 4U);
      for (float* row : value.rows) rows.push_back(row);
    }
    std::vector<float*> rows;
  } taker;
  const auto show_to = [&](const Probe& probe) {
    Show(probe, 3, 1, &buffer).in(LayerIndex{7}).rows<3>(Site::expert_out, {3, 1, 4}, [&](std::size_t row) {
      return values.data() + 4 * places[row];
    });
  };
  show_to(Probe(nullptr, &taker));
  EXPECT_EQ(taker.rows, (std::vector<float*>{&values[8], &values[0], &values[4]}));
  // An observer beside it wants the value dense, and both see the same.
  Changer reader;
  EXPECT_THROW(show_to(Probe(&reader, &taker)), std::logic_error);
}

TEST(Show, CopiesNothingBackForAnObserverThatOnlyReads) {
  std::vector<float> values = counted(4);
  class Reader final : public Observer {
   public:
    void observe(const ProbePoint&, const SiteValue& value) override {
      seen = std::get<std::span<const float>>(value.values)[1];
    }
    float seen = 0;
  } reader;
  std::size_t asked = 0;
  Show(Probe(&reader), 2, 1, &buffer).rows<3>(Site::expert_out, {2, 1, 2}, [&](std::size_t row) {
    ++asked;
    return values.data() + 2 * row;
  });
  EXPECT_EQ(reader.seen, 1.0F);
  EXPECT_EQ(asked, 2U);
}

TEST(Show, TouchesNothingWhereNobodyLooks) {
  const Show show(Probe(), 2, 3, &buffer);
  EXPECT_FALSE(show.active());
  show(Site::q_proj, Rows<float>{nullptr, 6, 2, 4});
  show.heads(Site::q_rope, Rows<float>{nullptr, 6, 4, 5}, 2);
  show.rows<3>(Site::expert_out, {3, 1, 4}, [](std::size_t) -> float* { throw std::logic_error("asked for a row"); });
  Changer changer;
  EXPECT_TRUE(Show(changer.probe(), 2, 3, &buffer).active());
  EXPECT_EQ(changer.times(), 0);
}

}  // namespace
}  // namespace assay::optimized
