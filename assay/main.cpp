// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// The program: finds the verb, and turns every exception into one line and an exit code.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <span>

#include "assay/verbs.hpp"
#include "assay/version.hpp"
#include "model/error.hpp"

namespace assay {
namespace {

/// Usage, unreadable or invalid input: it could not be judged.
constexpr int cannot_judge = 2;

struct Verb {
  std::string_view name;
  std::string_view summary;
  int (*run)(const Arguments&);
};

constexpr std::array verbs{
    Verb{"verify", "run goldens through an engine and judge every site", verify},
    Verb{"dump", "write an engine's own values of every site", dump},
    Verb{"diff", "judge recorded values of any engine, without running it", diff},
    Verb{"inspect", "show what is inside a golden, a dump or a checkpoint", inspect},
    Verb{"run", "go on with token ids, greedily, and measure it", run},
    Verb{"bench", "time prompts and decoding, layer by layer, with outputs checked", benchmark},
    Verb{"report", "compare results of benchmarks, or show how they went", report},
    Verb{"selftest", "test the judge with engines that have one thing wrong", self_test},
};

void print_help() {
  fmt::print(
      "Usage: assay VERB [arguments]\n\n"
      "Tests inference engines against gold: Hugging Face transformers, number by number.\n\n");
  for (const Verb& verb : verbs) fmt::print("  {:<8} {}\n", verb.name, verb.summary);
  fmt::print(
      "\n  assay VERB --help     what a verb takes\n  assay --version       versions of the program and its "
      "libraries\n");
}

int run_verb(std::span<char*> words) {
  if (words.empty()) throw UsageError("expected a verb, found none");
  const std::string first = words.front();
  if (first == "--help" || first == "-h" || first == "help") {
    print_help();
    return 0;
  }
  if (first == "--version") {
    fmt::print("{}", version_text());
    return 0;
  }
  const auto verb = std::ranges::find(verbs, first, &Verb::name);
  if (verb == verbs.end()) {
    std::vector<std::string> names;
    for (const Verb& known : verbs) names.emplace_back(known.name);
    const std::string near = nearest(first, names);
    throw UsageError(fmt::format("expected a verb, found \"{}\"{}", first, near.empty() ? "" : "; nearest: " + near));
  }
  try {
    return verb->run(Arguments(words.begin() + 1, words.end()));
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("{}: {}", verb->name, error.what()));
  }
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  try {
    return assay::run_verb(std::span(argv + 1, argv + argc));
  } catch (const assay::UsageError& error) {
    fmt::print(stderr, "error: {} (assay --help)\n", error.what());
  } catch (const assay::Error& error) {
    fmt::print(stderr, "error: {}\n", error.what());
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "error: expected enough memory, found none left\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
  }
  return assay::cannot_judge;
}
