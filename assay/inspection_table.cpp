// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "assay/inspection.hpp"

namespace assay {
namespace {

namespace json = boost::json;

constexpr std::size_t columns = 80;

std::string text_of(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_double()) return fmt::format("{}", value.get_double());
  if (const json::array* list = value.if_array()) {
    std::string text;
    for (const json::value& entry : *list) text += (text.empty() ? "" : ",") + text_of(entry);
    return "[" + text + "]";
  }
  return json::serialize(value);
}

/// A list of names with repetitions counted: "mamba*10,attention,mamba*2".
std::string run_lengths(const json::array& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size();) {
    std::size_t end = i;
    while (end < names.size() && names[end] == names[i]) ++end;
    out += (i == 0 ? "" : ",") + text_of(names[i]) + (end - i > 1 ? fmt::format("*{}", end - i) : "");
    i = end;
  }
  return out;
}

/// "name  words", the words wrapped at 80 columns under each other.
std::string wrapped(const std::string& label, const std::vector<std::string>& words) {
  std::string out = fmt::format("{:<16}", label);
  std::size_t width = out.size();
  for (const std::string& word : words) {
    if (width > 16 && width + word.size() + 1 > columns) {
      out.pop_back();
      out += "\n" + std::string(16, ' ');
      width = 16;
    }
    out += word + " ";
    width += word.size() + 1;
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out + "\n";
}

std::string bytes_text(double bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, units[unit]);
}

/// "model.layers.*.norm.weight" of any layer.
std::string without_numbers(std::string_view name) {
  std::string out;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('.', start), name.size());
    const std::string_view part = name.substr(start, end - start);
    const bool number = !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
    out += number ? "*" : part;
    if (end < name.size()) out += '.';
    start = end + 1;
  }
  return out;
}

/// Tensors of the same name but for the layer and expert number, the same shape and dtype, on one line.
std::string tensor_lines(const json::array& tensors) {
  struct Group {
    std::size_t count = 0;
    std::string shape;
    std::string dtype;
  };
  std::map<std::string, Group> groups;
  double total_bytes = 0;
  for (const json::value& entry : tensors) {
    const json::object& tensor = entry.get_object();
    const std::string pattern = without_numbers(text_of(tensor.at("name")));
    const std::string shape = text_of(tensor.at("shape"));
    const std::string dtype = text_of(tensor.at("dtype"));
    Group& group = groups[fmt::format("{} {} {}", pattern, shape, dtype)];
    group = {group.count + 1, shape, dtype};
    total_bytes += tensor.at("bytes").to_number<double>();
  }
  std::string out = fmt::format("\n{} tensors, {}\n", tensors.size(), bytes_text(total_bytes));
  for (const auto& [key, group] : groups) {
    out += fmt::format("  {:<50} {:>16} {:<4} {:>4}\n", key.substr(0, key.find(' ')), group.shape, group.dtype,
                       group.count > 1 ? fmt::format("x{}", group.count) : "");
  }
  return out;
}

std::string yes_or_no(const json::value& value) { return value.get_bool() ? "yes" : "-"; }

/// What a call has beyond ids, a mask, positions and a cache of the calls before; "" as a rule.
std::string extras(const json::object& call) {
  std::vector<std::string> words;
  for (const auto& [name, shape] : call.at("inputs").get_object()) {
    if (name == "input_ids" || name == "attention_mask" || name == "position_ids") continue;
    words.push_back(fmt::format("{}{}", std::string_view(name), text_of(shape)));
  }
  for (const char* name : {"logits_to_keep", "num_items_in_batch"}) {
    if (const std::string number = text_of(call.at(name)); number != "0") {
      words.push_back(fmt::format("{}={}", name, number));
    }
  }
  for (const char* name : {"output_hidden_states", "output_attentions", "output_router_logits"}) {
    if (call.at(name).get_bool()) words.emplace_back(name);
  }
  return words.empty() ? "" : wrapped("", words);
}

std::string call_lines(const json::array& calls) {
  std::string out = fmt::format("\n{} calls\n  {:>4} {:>6} {:>7} {:>6} {:>6} {:>6} {:>10} {:>7}\n", calls.size(),
                                "call", "batch", "tokens", "past", "cache", "mask", "positions", "sites");
  for (const json::value& entry : calls) {
    const json::object& call = entry.get_object();
    out += fmt::format("  {:>4} {:>6} {:>7} {:>6} {:>6} {:>6} {:>10} {:>7}\n", text_of(call.at("call")),
                       text_of(call.at("batch")), text_of(call.at("tokens")), text_of(call.at("past")),
                       yes_or_no(call.at("use_cache")), yes_or_no(call.at("attention_mask")),
                       yes_or_no(call.at("position_ids")), call.at("sites").get_array().size());
    out += extras(call);
  }
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const json::value& entry : calls) {
    for (const json::value& site : entry.at("sites").get_array()) {
      std::string name = text_of(site.at("site"));
      if (seen.insert(name).second) names.push_back(std::move(name));
    }
  }
  return out + "\n" + wrapped("sites", names);
}

std::string generation_line(const json::object& generation) {
  std::vector<std::string> words;
  for (const auto& [key, value] : generation) {
    words.push_back(fmt::format("{}={}", std::string_view(key), text_of(value)));
  }
  return "\n" + wrapped("generation", words);
}

/// The names under `key` behind `label`; "" where there are none.
std::string name_list(const json::object& inspection, std::string_view key, const std::string& label) {
  const json::value* list = inspection.if_contains(key);
  if (list == nullptr || list->get_array().empty()) return "";
  std::vector<std::string> names;
  for (const json::value& name : list->get_array()) names.push_back(text_of(name));
  return wrapped(label, names);
}

std::string provenance_lines(const json::value& provenance) {
  std::vector<std::string> words;
  if (const json::object* object = provenance.if_object()) {
    for (const auto& [key, value] : *object) {
      if (!value.is_object() && !value.is_array())
        words.push_back(fmt::format("{}={}", std::string_view(key), text_of(value)));
    }
  }
  return words.empty() ? "" : wrapped("provenance", words);
}

std::string config_lines(const json::object& inspection) {
  std::vector<std::string> fields;
  for (const auto& [key, value] : inspection.at("config").get_object()) {
    const std::string text = key == "layer_types" ? run_lengths(value.get_array()) : text_of(value);
    fields.push_back(fmt::format("{}={}", std::string_view(key), text));
  }
  return wrapped("config", fields) + name_list(inspection, "ignored_keys", "ignored keys");
}

std::string array_lines(const json::array& arrays) {
  std::string out = fmt::format("\n{} arrays\n", arrays.size());
  for (const json::value& array : arrays) {
    out += fmt::format("  {:<50} {:>16} {:<4}\n", text_of(array.at("name")), text_of(array.at("shape")),
                       text_of(array.at("dtype")));
  }
  return out;
}

}  // namespace

std::string inspection_table(const json::object& inspection) {
  std::string out = wrapped(text_of(inspection.at("kind")), {text_of(inspection.at("path"))});
  for (const char* key : {"case", "engine", "precision", "threads", "engine_weights", "truth", "seed", "checkpoint",
                          "model_type", "parameters", "weights_sha256"}) {
    if (const json::value* value = inspection.if_contains(key)) out += wrapped(key, {text_of(*value)});
  }
  out += name_list(inspection, "not_provided", "not shown");
  out += name_list(inspection, "not_recorded", "not recorded");
  if (inspection.contains("config")) out += config_lines(inspection);
  if (const json::value* provenance = inspection.if_contains("provenance")) out += provenance_lines(*provenance);
  if (const json::value* tensors = inspection.if_contains("tensors")) out += tensor_lines(tensors->get_array());
  if (const json::value* arrays = inspection.if_contains("arrays")) out += array_lines(arrays->get_array());
  if (const json::value* calls = inspection.if_contains("calls")) out += call_lines(calls->get_array());
  if (const json::value* generation = inspection.if_contains("generation")) {
    out += generation_line(generation->get_object());
  }
  return out;
}

}  // namespace assay
