// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
// What Google Benchmark 1.7.1 printed for rms_norm of micro_reference, with --benchmark_repetitions=3.
#pragma once

#include <string_view>

namespace assay::test {

inline constexpr std::string_view google_output = R"json({
  "context": {
    "date": "2026-03-01T10:45:19+00:00",
    "host_name": "host",
    "executable": "bin/micro_reference",
    "num_cpus": 2,
    "mhz_per_cpu": 2596,
    "cpu_scaling_enabled": false,
    "caches": [
      {
        "type": "Data",
        "level": 1,
        "size": 32768,
        "num_sharing": 1
      },
      {
        "type": "Instruction",
        "level": 1,
        "size": 32768,
        "num_sharing": 1
      },
      {
        "type": "Unified",
        "level": 2,
        "size": 1048576,
        "num_sharing": 1
      },
      {
        "type": "Unified",
        "level": 3,
        "size": 33554432,
        "num_sharing": 2
      }
    ],
    "load_avg": [2.74951,1.46973,1.20703],
    "library_build_type": "debug"
  },
  "benchmarks": [
    {
      "name": "rms_norm<float>/32/1024",
      "family_index": 0,
      "per_family_instance_index": 0,
      "run_name": "rms_norm<float>/32/1024",
      "run_type": "iteration",
      "repetitions": 3,
      "repetition_index": 0,
      "threads": 1,
      "iterations": 304,
      "real_time": 2.0409687499971753e+02,
      "cpu_time": 4.6021789473684215e+01,
      "time_unit": "us",
      "items_per_second": 7.1201055792793798e+08
    },
    {
      "name": "rms_norm<float>/32/1024",
      "family_index": 0,
      "per_family_instance_index": 0,
      "run_name": "rms_norm<float>/32/1024",
      "run_type": "iteration",
      "repetitions": 3,
      "repetition_index": 1,
      "threads": 1,
      "iterations": 304,
      "real_time": 2.3134591776253825e+02,
      "cpu_time": 4.5862305921052638e+01,
      "time_unit": "us",
      "items_per_second": 7.1448653402658880e+08
    },
    {
      "name": "rms_norm<float>/32/1024",
      "family_index": 0,
      "per_family_instance_index": 0,
      "run_name": "rms_norm<float>/32/1024",
      "run_type": "iteration",
      "repetitions": 3,
      "repetition_index": 2,
      "threads": 1,
      "iterations": 304,
      "real_time": 1.7762927631574593e+02,
      "cpu_time": 4.5785516447368408e+01,
      "time_unit": "us",
      "items_per_second": 7.1568483971711075e+08
    },
    {
      "name": "rms_norm<float>/32/1024_mean",
      "family_index": 0,
      "per_family_instance_index": 0,
      "run_name": "rms_norm<float>/32/1024",
      "run_type": "aggregate",
      "repetitions": 3,
      "threads": 1,
      "aggregate_name": "mean",
      "aggregate_unit": "time",
      "iterations": 3,
      "real_time": 2.0435735635933386e+02,
      "cpu_time": 4.5889870614035090e+01,
      "time_unit": "us",
      "items_per_second": 7.1406064389054585e+08
    },
    {
      "name": "rms_norm<float>/32/1024_median",
      "family_index": 0,
      "per_family_instance_index": 0,
      "run_name": "rms_norm<float>/32/1024",
      "run_type": "aggregate",
      "repetitions": 3,
      "threads": 1,
      "aggregate_name": "median",
      "aggregate_unit": "time",
      "iterations": 3,
      "real_time": 2.0409687499971753e+02,
      "cpu_time": 4.5862305921052638e+01,
      "time_unit": "us",
      "items_per_second": 7.1448653402658880e+08
    },
    {
      "name": "rms_norm<float>/32/1024_stddev",
      "family_index": 0,
      "per_family_instance_index": 0,
      "run_name": "rms_norm<float>/32/1024",
      "run_type": "aggregate",
      "repetitions": 3,
      "threads": 1,
      "aggregate_name": "stddev",
      "aggregate_unit": "time",
      "iterations": 3,
      "real_time": 2.6859268046334368e+01,
      "cpu_time": 1.2052425052835580e-01,
      "time_unit": "us",
      "items_per_second": 1.8737992081714626e+06
    },
    {
      "name": "rms_norm<float>/32/1024_cv",
      "family_index": 0,
      "per_family_instance_index": 0,
      "run_name": "rms_norm<float>/32/1024",
      "run_type": "aggregate",
      "repetitions": 3,
      "threads": 1,
      "aggregate_name": "cv",
      "aggregate_unit": "percentage",
      "iterations": 3,
      "real_time": 1.3143284159101223e-01,
      "cpu_time": 2.6263802646568002e-03,
      "time_unit": "us",
      "items_per_second": 2.6241457559712340e-03
    }
  ]
}
)json";

}  // namespace assay::test
