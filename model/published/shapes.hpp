// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// config.json of the published checkpoints, for models of their shapes without their files. The build puts the files of
// this folder into the program; golden/generate/shapes.py reads the same ones.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/dtype.hpp"

namespace assay {

/// In alphabetical order.
[[nodiscard]] std::vector<std::string> published_names();

/// A config.json of the published shape `name`. Without its ending (-base, -instruct) a name means the one there is, or
/// the base model. With `layers` the first so many, of a hybrid so that both kinds of layer are among them where both
/// exist and `layers` > 1. `torch_dtype` is `dtype`. Throws Error: a name that is not known, with those that are, and
/// more layers than the model has.
[[nodiscard]] std::string published_config(std::string_view name, std::optional<std::size_t> layers, DType dtype);

}  // namespace assay
