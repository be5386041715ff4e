// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// Which sites a call of a model has, in the order of execution, and their shapes. It is the completeness check of
// goldens, dumps and engines; it derives its extents by itself, so that no engine can agree with its own mistake.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/call.hpp"
#include "model/config/config.hpp"
#include "model/ids.hpp"
#include "model/probe.hpp"
#include "model/site.hpp"

namespace assay {

struct CallGeometry {
  std::size_t batch = 0;
  std::size_t tokens = 0;
  std::size_t past = 0;           ///< tokens seen before this call
  std::size_t position_rows = 1;  ///< 1, or batch where the caller gave a row of position ids for each
  bool use_cache = false;
  std::size_t kept_logits = 0;        ///< tokens of a row whose logits are wanted; 0: all
  bool output_hidden_states = false;  ///< Site::hidden_states
  bool output_attentions = false;     ///< Site::attentions
  bool aux_loss = false;              ///< Site::aux_loss
  bool loss = false;                  ///< Site::loss
};

/// Of a call that `check_call` has found good.
[[nodiscard]] CallGeometry geometry_of(const Call& call, const Past& past);

struct PlannedSite {
  ProbePoint point;
  Shape shape;
};

[[nodiscard]] std::vector<PlannedSite> plan_sites(const Config& config, const CallGeometry& call);

/// "layer 3 q_proj", or "logits" for a site of the model.
[[nodiscard]] std::string to_string(const ProbePoint& point);

}  // namespace assay
