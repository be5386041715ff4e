// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The cases of this build for script/regress: a list of them, samples on request, and single calls under valgrind.
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <typeinfo>
#include <vector>

#include "bench/micro/driver/cases.hpp"
#include "bench/micro/driver/server.hpp"
#include "model/error.hpp"

namespace {

using assay::Error;
using namespace assay::bench::micro;

constexpr std::string_view usage =
    "usage: micro_driver --list [--set all|regress]   one a line: name, FLOP, bytes\n"
    "       micro_driver --types [--set all|regress]  one a line: name, mangled class\n"
    "       micro_driver --serve                      answers requests, a line each\n"
    "       micro_driver --once NAME [--calls N]      valgrind: one call, then N in\n"
    "                                                 assay_measured_region\n";

struct Options {
  enum class Mode { help, list, types, serve, once } mode = Mode::help;
  bool regress_only = false;
  std::string name;
  std::uint64_t calls = 1;
};

std::uint64_t call_count(std::string_view text) {
  constexpr std::uint64_t most = 1'000'000'000;
  std::uint64_t count = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (status != std::errc{} || end != text.data() + text.size() || count < 1 || count > most) {
    throw Error(fmt::format("--calls: expected 1 to {}, found '{}'", most, text));
  }
  return count;
}

class Parser {
 public:
  explicit Parser(std::span<char*> arguments) : arguments_(arguments.begin() + 1, arguments.end()) {}

  Options parse() {
    while (next_ < arguments_.size()) take(arguments_[next_++]);
    if (options_.mode == Options::Mode::help && !help_)
      throw Error("expected --list, --types, --serve or --once, found nothing");
    if (options_.regress_only && options_.mode != Options::Mode::list && options_.mode != Options::Mode::types) {
      throw Error("--set: expected --list or --types with it");
    }
    if (calls_ && options_.mode != Options::Mode::once) throw Error("--calls: expected --once with it");
    return options_;
  }

 private:
  void take(std::string_view argument) {
    if (argument == "--help" || argument == "-h") return void(help_ = true);
    if (argument == "--list") return set_mode(Options::Mode::list);
    if (argument == "--types") return set_mode(Options::Mode::types);
    if (argument == "--serve") return set_mode(Options::Mode::serve);
    if (argument == "--once") {
      options_.name = value_of(argument);
      return set_mode(Options::Mode::once);
    }
    if (argument == "--calls") {
      options_.calls = call_count(value_of(argument));
      calls_ = true;
      return;
    }
    if (argument == "--set") {
      const std::string_view set = value_of(argument);
      if (set != "all" && set != "regress") throw Error(fmt::format("--set: expected all or regress, found '{}'", set));
      options_.regress_only = set == "regress";
      return;
    }
    throw Error(fmt::format("expected --list, --types, --serve or --once, found '{}'", argument));
  }

  void set_mode(Options::Mode mode) {
    if (options_.mode != Options::Mode::help) {
      throw Error("expected one of --list, --types, --serve and --once, found two");
    }
    options_.mode = mode;
  }

  std::string_view value_of(std::string_view option) {
    if (next_ == arguments_.size()) throw Error(fmt::format("{}: expected a value after it, found none", option));
    return arguments_[next_++];
  }

  std::vector<std::string_view> arguments_;
  std::size_t next_ = 0;
  bool help_ = false;
  bool calls_ = false;
  Options options_;
};

void list(const Case& listed) { fmt::print("{}\t{:.0f}\t{:.0f}\n", listed.name, listed.cost.flops, listed.cost.bytes); }

/// For script/regress, which finds out by it what code a case runs.
void print_type(const Case& listed) {
  const std::unique_ptr<Operation> operation = listed.make();
  const Operation& made = *operation;
  fmt::print("{}\t{}\n", listed.name, typeid(made).name());
}

template <class Print>
void for_each(const Registry& registry, bool regress_only, const Print& print) {
  if (regress_only) {
    for (const Case* listed : regress_set(registry)) print(*listed);
  } else {
    for (const Case& listed : registry.cases()) print(listed);
  }
}

void call_once(const Registry& registry, const Options& options) {
  const std::unique_ptr<Operation> operation = registry.at(options.name).make();
  operation->call();
  assay_measured_region(operation.get(), options.calls);
}

void run(const Options& options) {
  if (options.mode == Options::Mode::help) return fmt::print("{}", usage);
  const Registry registry = all_cases();
  switch (options.mode) {
    case Options::Mode::list:
      return for_each(registry, options.regress_only, list);
    case Options::Mode::types:
      return for_each(registry, options.regress_only, print_type);
    case Options::Mode::serve:
      return serve(registry, std::cin, std::cout);
    case Options::Mode::once:
      return call_once(registry, options);
    case Options::Mode::help:
      return;
  }
}

}  // namespace

int main(int count, char** values) {
  try {
    run(Parser({values, static_cast<std::size_t>(count)}).parse());
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 2;
  }
}
