// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "assay/version.hpp"

#include <fmt/format.h>

#include <boost/version.hpp>

#include "assay/build_info.hpp"
#include "assay/optimized_engine.hpp"
#include "golden/format/schema.hpp"
#include "model/files/hdf5.hpp"

namespace assay {

std::string version_text() {
  return fmt::format(
      "assay {}\n"
      "goldens   {} {}\n"
      "HDF5      {}\n"
      "Boost     {}.{}.{}\n"
      "BLIS      {}\n"
      "compiler  {}\n",
      build::version, golden::schema, golden::schema_version, hdf5_version(), BOOST_VERSION / 100000,
      BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100, blis_text(), build::compiler);
}

}  // namespace assay
