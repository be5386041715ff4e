// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <set>

#include "bench/profile/profile.hpp"

namespace assay::bench {
namespace {

using boost::json::array;
using boost::json::object;
using Clock = Timekeeper::Clock;

constexpr int process = 1;

class Trace {
 public:
  Trace(const std::vector<std::unique_ptr<Profile>>& profiles, const std::string& program) {
    name_track("process_name", 0, program);
    name_track("thread_name", 0, "thread 0: calls the engine");
    if (!profiles.empty() && !profiles.front()->calls().empty()) start_ = profiles.front()->calls().front().begin;
    for (const auto& profile : profiles) {
      for (const Profile::Call& call : profile->calls()) add(*profile, call);
    }
  }

  [[nodiscard]] std::string text() {
    object trace;
    trace["displayTimeUnit"] = "ms";
    trace["traceEvents"] = std::move(events_);
    return boost::json::serialize(trace) + "\n";
  }

 private:
  void name_track(std::string_view kind, std::size_t thread, const std::string& name) {
    events_.push_back(
        object{{"ph", "M"}, {"pid", process}, {"tid", thread}, {"name", kind}, {"args", object{{"name", name}}}});
  }

  void add(const Profile& profile, const Profile::Call& call) {
    complete(profile.phase(), "call", 0, call.begin, call.end, {});
    for (const Profile::Span& span : call.spans) {
      object about{{"site", name(span.point.site)}};
      if (span.point.layer) about["layer"] = span.point.layer->value;
      complete(name(profile.group_of(span.point)), "group", 0, span.begin, span.end, std::move(about));
    }
    for (const Profile::ThreadSpan& work : call.threads) {
      if (work.thread > 0 && named_.insert(work.thread).second) {
        name_track("thread_name", work.thread, "thread " + std::to_string(work.thread));
      }
      complete(name(group_at(profile, call, work.begin)), "work", work.thread, work.begin, work.end, {});
    }
  }

  /// Spans are in order and without gaps.
  [[nodiscard]] static Group group_at(const Profile& profile, const Profile::Call& call, Clock::time_point moment) {
    const auto later = std::ranges::upper_bound(call.spans, moment, {}, &Profile::Span::end);
    return profile.group_of(later == call.spans.end() ? call.spans.back().point : later->point);
  }

  void complete(std::string_view title, std::string_view kind, std::size_t thread, Clock::time_point begin,
                Clock::time_point end, object about) {
    const auto microseconds = [](Clock::duration duration) {
      return std::chrono::duration<double, std::micro>(duration).count();
    };
    object event{{"ph", "X"},
                 {"pid", process},
                 {"tid", thread},
                 {"name", title},
                 {"cat", kind},
                 {"ts", microseconds(begin - start_)},
                 {"dur", microseconds(end - begin)}};
    if (!about.empty()) event["args"] = std::move(about);
    events_.push_back(std::move(event));
  }

  Clock::time_point start_{};
  std::set<std::size_t> named_;
  array events_;
};

}  // namespace

std::string chrome_trace(const std::vector<std::unique_ptr<Profile>>& profiles, const std::string& program) {
  return Trace(profiles, program).text();
}

}  // namespace assay::bench
