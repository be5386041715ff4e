// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// assay inspect: what is inside a golden, a dump or a checkpoint, as a table or as JSON.
#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <filesystem>
#include <optional>
#include <sstream>

#include "assay/inspection.hpp"
#include "assay/verbs.hpp"
#include "golden/format/golden_file.hpp"
#include "model/error.hpp"
#include "model/files/checkpoint.hpp"
#include "model/files/hdf5.hpp"
#include "model/files/json.hpp"

namespace assay {
namespace {

namespace po = boost::program_options;

struct InspectOptions {
  std::string path;
  bool json = false;
};

std::optional<InspectOptions> parse(const Arguments& arguments) {
  InspectOptions options;
  po::options_description visible("Options", 80, 50);
  visible.add_options()("json", po::bool_switch(&options.json), "print JSON instead of a table")("help", "print this");
  po::options_description all;
  all.add(visible).add_options()("path", po::value(&options.path));
  const po::variables_map values = parse_options(arguments, all, po::positional_options_description().add("path", 1));
  if (values.contains("help")) {
    std::ostringstream text;
    text << visible;
    fmt::print(
        "Usage: assay inspect FILE.h5|DUMP.safetensors|CHECKPOINT_DIR [options]\n\n"
        "Shows the config as it is understood (and the keys that are ignored, as transformers\n"
        "ignores them), the weights, and of a golden its calls and sites.\n\n{}",
        text.str());
    return std::nullopt;
  }
  if (options.path.empty()) throw UsageError("expected a file or a folder, found none");
  return options;
}

/// A dump as somebody else writes it: in safetensors, or without a config.
bool holds_arrays_alone(const std::filesystem::path& path) {
  if (path.extension() == ".safetensors") return true;
  const Hdf5Reader reader(path);
  return reader.string_attribute("/", "kind") == "dump" && !reader.has("/config");
}

}  // namespace

int inspect(const Arguments& arguments) {
  const std::optional<InspectOptions> options = parse(arguments);
  if (!options) return 0;
  boost::json::object what;
  if (std::filesystem::is_directory(options->path)) {
    what = inspect_checkpoint(Checkpoint(options->path));
  } else if (holds_arrays_alone(options->path)) {
    what = inspect_dump(golden::Dump(options->path));
  } else {
    what = inspect_golden(golden::GoldenFile(options->path));
  }
  fmt::print("{}", options->json ? pretty_json(what) : inspection_table(what));
  return 0;
}

}  // namespace assay
