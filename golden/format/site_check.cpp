// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "golden/format/site_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "golden/format/schema.hpp"
#include "golden/format/stored_values.hpp"
#include "model/error.hpp"

namespace assay::golden {
namespace {

constexpr std::size_t most_problems_shown = 20;

DType dtype_of(Site site, DType floating) {
  switch (info(site).kind) {
    case SiteKind::value:
    case SiteKind::state:
      return floating;
    case SiteKind::constant:
      return DType::f32;
    case SiteKind::mask:
      return DType::u8;
    case SiteKind::routing:
      return DType::i64;
  }
  return floating;
}

bool has(const std::vector<PlannedSite>& sites, Site site) {
  return std::ranges::any_of(sites, [=](const PlannedSite& planned) { return planned.point.site == site; });
}

}  // namespace

std::vector<Site> judged_by(Site site) {
  switch (site) {
    case Site::router_weights:
    case Site::expert_gate_up:
    case Site::expert_act:
    case Site::expert_out:
      return {Site::router_experts};
    case Site::router_experts:
      return {Site::router_logits};
    case Site::aux_loss:
      return {Site::router_logits};
    case Site::loss:
      return {Site::logits, Site::pooled_logits};
    default:
      return {};
  }
}

std::string margin_path(CallIndex call, std::string_view group, LayerIndex layer) {
  return fmt::format("{}/{}/layers/{:03}/router_margin", call_path(call), group, layer.value);
}

bool SiteCheck::records(Site site) const { return std::ranges::find(not_recorded_, site) == not_recorded_.end(); }

void SiteCheck::requirements(const std::vector<PlannedSite>& sites) const {
  const auto require = [&](Site site, Site needed) {
    if (!has(sites, site) || !records(site) || !has(sites, needed) || records(needed)) return;
    throw Error(fmt::format("{}: attribute not_recorded: expected no {}, by which {} is judged, found it",
                            reader_.file(), name(needed), name(site)));
  };
  for (const SiteInfo& site : all_sites()) {
    for (const Site needed : judged_by(site.site)) require(site.site, needed);
  }
  // The load balancing loss is a part of the loss where it is asked for.
  if (has(sites, Site::aux_loss)) require(Site::loss, Site::router_logits);
}

void SiteCheck::values(CallIndex call, const std::vector<PlannedSite>& sites, std::string_view group, DType floating) {
  for (const PlannedSite& site : sites) {
    const std::string path = site_path(call, group, site.point);
    if (!records(site.point.site)) {
      if (reader_.has(path))
        problems_.push_back(fmt::format("{}: expected none, as not_recorded says, found one", path));
      continue;
    }
    dataset(path, dtype_of(site.point.site, floating), site.shape);
  }
}

void SiteCheck::dump_values(CallIndex call, const std::vector<PlannedSite>& sites, std::string_view group) {
  for (const PlannedSite& site : sites) {
    const std::string path = site_path(call, group, site.point);
    if (!reader_.has(path)) continue;
    const SiteKind kind = info(site.point.site).kind;
    const Hdf5Reader::Dataset found = reader_.describe(path);
    if (may_hold(kind, found.dtype) && found.shape == site.shape) continue;
    problems_.push_back(fmt::format("{}: expected {} {}, found {} {}", path, to_string(site.shape), dtypes_of(kind),
                                    to_string(found.shape), name(found.dtype)));
  }
}

void SiteCheck::margins(CallIndex call, const std::vector<PlannedSite>& sites, std::string_view group) {
  for (const PlannedSite& site : sites) {
    if (site.point.site == Site::router_logits && records(Site::router_logits)) {
      dataset(margin_path(call, group, *site.point.layer), DType::f64, {site.shape[0]});
    }
  }
}

void SiteCheck::dataset(const std::string& path, DType dtype, const Shape& shape) {
  if (!reader_.has(path)) {
    problems_.push_back(fmt::format("{}: expected {} {}, found none", path, to_string(shape), name(dtype)));
    return;
  }
  const Hdf5Reader::Dataset found = reader_.describe(path);
  if (found.dtype != dtype || found.shape != shape) {
    problems_.push_back(fmt::format("{}: expected {} {}, found {} {}", path, to_string(shape), name(dtype),
                                    to_string(found.shape), name(found.dtype)));
  }
}

void SiteCheck::throw_if_any() const {
  if (problems_.empty()) return;
  if (problems_.size() == 1) throw Error(fmt::format("{}: {}", reader_.file(), problems_.front()));
  std::string text =
      fmt::format("{}: expected every site of its config, found {} wrong", reader_.file(), problems_.size());
  for (std::size_t i = 0; i < std::min(problems_.size(), most_problems_shown); ++i) text += "\n  " + problems_[i];
  if (problems_.size() > most_problems_shown) {
    text += fmt::format("\n  and {} more", problems_.size() - most_problems_shown);
  }
  throw Error(text);
}

}  // namespace assay::golden
