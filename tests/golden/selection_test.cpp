// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/judge/selection.hpp"

#include <gtest/gtest.h>

#include "tests/support/error_of.hpp"

namespace assay::golden {
namespace {

using test::error_of;

ProbePoint at(Site site, std::size_t layer) { return {site, LayerIndex{layer}}; }
ProbePoint of_model(Site site) { return {site, std::nullopt}; }

Selection with_layers(std::string_view text) {
  Selection selection;
  parse_layers(text, selection);
  return selection;
}

TEST(Selection, TakesEverythingByDefault) {
  const Selection all;
  for (const SiteInfo& site : all_sites()) {
    EXPECT_TRUE(
        all.includes({site.site, site.scope == SiteScope::layer ? std::optional(LayerIndex{7}) : std::nullopt}));
  }
}

TEST(Selection, TakesAnyOfItsPatternsWhole) {
  const Selection selection{.sites = "router_*,logits,q_?ope"};
  EXPECT_TRUE(selection.includes(at(Site::router_weights, 0)));
  EXPECT_TRUE(selection.includes(at(Site::router_logits, 0)));
  EXPECT_TRUE(selection.includes(of_model(Site::logits)));
  EXPECT_TRUE(selection.includes(at(Site::q_rope, 0)));
  EXPECT_FALSE(selection.includes(at(Site::q_proj, 0)));
  EXPECT_FALSE(selection.includes(at(Site::k_rope, 0)));
  EXPECT_FALSE(Selection{.sites = "logit"}.includes(of_model(Site::logits)));
}

TEST(Selection, ARangeOfLayersLeavesOutTheModelsOwnSites) {
  const Selection selection = with_layers("1:3");
  EXPECT_FALSE(selection.includes(at(Site::q_proj, 0)));
  EXPECT_TRUE(selection.includes(at(Site::q_proj, 1)));
  EXPECT_TRUE(selection.includes(at(Site::q_proj, 2)));
  EXPECT_FALSE(selection.includes(at(Site::q_proj, 3)));
  EXPECT_FALSE(selection.includes(of_model(Site::logits)));
}

TEST(Selection, LayersMayBeOpenAtEitherEndOrAlone) {
  EXPECT_TRUE(with_layers("2:").includes(at(Site::q_proj, 1000)));
  EXPECT_FALSE(with_layers("2:").includes(at(Site::q_proj, 1)));
  EXPECT_TRUE(with_layers(":2").includes(at(Site::q_proj, 1)));
  EXPECT_FALSE(with_layers(":2").includes(at(Site::q_proj, 2)));
  EXPECT_TRUE(with_layers("2").includes(at(Site::q_proj, 2)));
  EXPECT_FALSE(with_layers("2").includes(at(Site::q_proj, 3)));
  EXPECT_FALSE(with_layers("2").includes(at(Site::q_proj, 1)));
}

TEST(Selection, RefusesAPatternThatMatchesNothing) {
  EXPECT_EQ(error_of([] { check_site_patterns("logits,qproj"); }),
            "--sites: expected a pattern that matches a site, found \"qproj\"");
  EXPECT_EQ(error_of([] { check_site_patterns(""); }), "--sites: expected a pattern that matches a site, found \"\"");
  EXPECT_EQ(error_of([] { check_site_patterns("logits,"); }),
            "--sites: expected a pattern that matches a site, found \"\"");
  EXPECT_NO_THROW(check_site_patterns("*_proj,logits"));
}

TEST(Selection, RefusesLayersThatAreNoRange) {
  for (const char* text : {"", "x", "1:x", "-1:2", "1:2:3", "1-2", "99999999999999999999999", " 1", "1 "}) {
    EXPECT_EQ(error_of([&] { (void)with_layers(text); }),
              std::string("--layers: expected A:B with layer numbers, found \"") + text + "\"");
  }
  for (const char* text : {"3:3", "3:2", "0:0", ":0"}) {
    EXPECT_EQ(error_of([&] { (void)with_layers(text); }),
              std::string("--layers: expected A:B with A below B, found \"") + text + "\"");
  }
}

}  // namespace
}  // namespace assay::golden
