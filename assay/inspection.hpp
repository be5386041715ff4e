// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What `assay inspect` has to say, as one JSON object (schema assay.inspect/1) and as a table made from it.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "golden/format/golden_file.hpp"
#include "golden/replay/dump.hpp"
#include "model/files/checkpoint.hpp"

namespace assay {

/// Config, tensors, and whether the tensors are those of the config. Throws Error on a config that is refused, and
/// one that lists every wrong tensor.
[[nodiscard]] boost::json::object inspect_checkpoint(const Checkpoint& checkpoint);

/// Config, weights, calls with their sites, provenance.
[[nodiscard]] boost::json::object inspect_golden(const golden::GoldenFile& golden);

/// Of a dump that holds no config, so that its arrays are all that there is to say.
[[nodiscard]] boost::json::object inspect_dump(const golden::Dump& dump);

/// For people, at 80 columns.
[[nodiscard]] std::string inspection_table(const boost::json::object& inspection);

}  // namespace assay
