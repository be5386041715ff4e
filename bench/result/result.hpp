// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What a benchmark found: raw samples by row, and all that is needed to judge whether two results may be compared.
// bench/result/json.hpp says how it stands in a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace assay::bench {

/// `iterations` calls timed as one. The times are of one call.
struct Sample {
  double real_seconds = 0;
  double cpu_seconds = 0;  ///< of all threads of the process
  std::uint64_t iterations = 1;
};

/// One benchmark. Samples stand in the order in which they were taken.
struct Row {
  std::string name;  ///< "prefill/tokens:512/batch:1", unique in its result
  std::vector<Sample> samples;
  /// The same program in a second process, one sample beside each of `samples`: what two equal programs differ by on
  /// this machine. Empty where no control was run.
  std::vector<Sample> control;
  std::size_t threads = 1;
  /// Figures of the row by the name of their unit: "tokens/s", "FLOP/s", "bytes/s", "share_of_roof", "allocations",
  /// "flops", "bytes" (the last two of one call).
  std::map<std::string, double> counters;
  /// Instructions of one call as callgrind counts them.
  std::optional<double> instructions;
  /// A hash of the compiled code that the row runs; "" where nobody took one.
  std::string code;
  /// A hash of what a call computes; "" where nobody took one. Two that differ are told, not judged.
  std::string digest;
  /// Why the times say nothing: the output of a timed call was wrong. "" for a row that counts.
  std::string invalid;
};

/// Memory of the process while one thing was done.
struct MemoryPhase {
  std::string name;                 ///< "load", "warm-up", "prefill", "decode"
  std::size_t peak_bytes = 0;       ///< the most that was resident (VmHWM), mapped files included
  std::size_t after_bytes = 0;      ///< resident at its end (VmRSS)
  std::size_t explained_bytes = 0;  ///< what program and engine say they hold then; 0: they say nothing
};

/// Bytes by kind at the end of a run: "weights", "cache", "workspace", "checkpoint", "program".
using BytesByKind = std::map<std::string, std::size_t>;

/// One line of the profile: a group of sites in a layer, in one phase.
struct LedgerRow {
  std::string phase;                 ///< "prefill" or "decode"
  std::optional<std::size_t> layer;  ///< none for what the model does once
  std::string group;                 ///< "attention", "router", "experts", ...
  double seconds = 0;                ///< self time of one call of the phase
  double flops = 0;                  ///< of one call
  double bytes = 0;                  ///< moved at least, of one call
  std::optional<double> error;       ///< relative, of the worst site of the group against the golden
  std::optional<double> used;        ///< the largest share that an error or ratio is of its limit
};

/// How often each expert of a layer was chosen.
struct ExpertLoad {
  std::string phase;
  std::size_t layer = 0;
  std::vector<std::uint64_t> tokens;  ///< by expert
};

/// Measured beside the rows.
struct Roofs {
  double flops_per_second = 0;  ///< of all threads of the run together; 0: not measured
  double bytes_per_second = 0;
};

/// Who else wanted the machine while the run took place.
struct Noise {
  double seconds = 0;         ///< of the run
  double steal_seconds = 0;   ///< taken by the host, over all cores (/proc/stat)
  double pressure_share = 0;  ///< of the time somebody waited for a core (/proc/pressure/cpu, some)
  std::uint64_t involuntary_switches = 0;
  std::uint64_t major_faults = 0;
};

struct Result {
  std::string date;     ///< ISO 8601 with offset
  std::string program;  ///< "assay 0.1.0"
  std::string commit;   ///< of the program that was timed; "" where unknown
  /// What two results must have in common to be compared: of the machine ("cpu", "cores", "kernel", "compiler"), ...
  std::map<std::string, std::string> machine;
  /// ... and of the run ("model", "layers", "engine", "weights", "threads", ...).
  std::map<std::string, std::string> settings;
  /// Results of the same pairing were taken in turns: sample i of a row in one belongs to sample i in the other.
  std::string pairing;
  Noise noise;
  Roofs roofs;
  std::vector<Row> rows;
  std::vector<MemoryPhase> memory;
  BytesByKind bytes;
  std::vector<LedgerRow> ledger;
  std::vector<ExpertLoad> experts;
};

}  // namespace assay::bench
