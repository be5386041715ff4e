// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/driver/server.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <exception>
#include <istream>
#include <map>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "bench/micro/driver/timing.hpp"
#include "model/error.hpp"

namespace assay::bench::micro {
namespace {

double factor_of(const std::string& text) {
  double factor = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, factor);
  if (status != std::errc{} || rest != end || !(factor >= 1) || !std::isfinite(factor)) {
    throw Error(fmt::format("slow: expected a factor of 1 or more, found '{}'", text));
  }
  return factor;
}

std::uint64_t iterations_of(const std::string& text) {
  constexpr std::uint64_t most = 1'000'000'000;
  std::uint64_t iterations = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, status] = std::from_chars(text.data(), end, iterations);
  if (status != std::errc{} || rest != end || iterations < 1 || iterations > most) {
    throw Error(fmt::format("prepare: expected 1 to {} calls of a sample, found '{}'", most, text));
  }
  return iterations;
}

class Server {
 public:
  explicit Server(const Registry& registry) : registry_(registry) {}

  /// Of a line that is not "quit".
  std::string answer(const std::vector<std::string>& words) {
    const std::string& verb = words.front();
    const std::size_t wanted = verb == "slow" ? 3 : 2;
    const bool has_iterations = verb == "prepare" && words.size() == 3;
    if (words.size() != wanted && !has_iterations) {
      throw Error(fmt::format("{}: expected {} after it, found '{}'", verb,
                              wanted == 3 ? "a name and a factor" : "a name",
                              fmt::join(words.begin() + 1, words.end(), " ")));
    }
    const std::string& name = words[1];
    if (verb == "prepare") return prepare(name, has_iterations ? iterations_of(words[2]) : 0);
    if (verb == "sample") return sample(prepared(verb, name));
    if (verb == "digest") return fmt::format("ok {:016x}", prepared(verb, name).digest());
    if (verb == "slow") {
      prepared(verb, name).slow_down(factor_of(words[2]));
      return "ok";
    }
    if (verb == "release") {
      static_cast<void>(prepared(verb, name));
      prepared_.erase(name);
      return "ok";
    }
    throw Error(fmt::format("expected prepare, sample, digest, slow, release or quit, found '{}'", verb));
  }

 private:
  /// 0 iterations: as many as the operation finds.
  std::string prepare(const std::string& name, std::uint64_t wanted_iterations) {
    const Case& wanted = registry_.at(name);
    prepared_.erase(name);  // first: memory need not hold both
    auto timed = wanted_iterations == 0 ? std::make_unique<TimedOperation>(wanted)
                                        : std::make_unique<TimedOperation>(wanted, wanted_iterations);
    const std::uint64_t iterations = timed->iterations();
    prepared_[name] = std::move(timed);
    return fmt::format("ok {}", iterations);
  }

  static std::string sample(TimedOperation& timed) {
    const Sample sample = timed.sample();
    return fmt::format("ok {:.3f} {:.3f} {}", sample.real_seconds * 1e9, sample.cpu_seconds * 1e9, sample.iterations);
  }

  TimedOperation& prepared(const std::string& verb, const std::string& name) {
    const auto found = prepared_.find(name);
    if (found != prepared_.end()) return *found->second;
    static_cast<void>(registry_.at(name));
    throw Error(fmt::format("{}: expected a case that is prepared, found {}", verb, name));
  }

  const Registry& registry_;
  std::map<std::string, std::unique_ptr<TimedOperation>> prepared_;
};

}  // namespace

void serve(const Registry& registry, std::istream& in, std::ostream& out) {
  Server server(registry);
  for (std::string line; std::getline(in, line);) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    if (words.size() == 1 && words.front() == "quit") {
      out << "ok\n" << std::flush;
      return;
    }
    try {
      if (words.empty()) throw Error("expected a command, found an empty line");
      out << server.answer(words) << '\n' << std::flush;
    } catch (const std::exception& error) {
      out << "error " << error.what() << '\n' << std::flush;
    }
  }
}

}  // namespace assay::bench::micro
