# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0

# Finds BLIS (BLAS-like library instantiation software) and defines BLIS::BLIS.
# Debian's alternatives put blis.h and libblis.so where compilers look, whichever threading variant is installed.
find_path(BLIS_INCLUDE_DIR NAMES blis.h PATH_SUFFIXES blis)
find_library(BLIS_LIBRARY NAMES blis)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(BLIS REQUIRED_VARS BLIS_LIBRARY BLIS_INCLUDE_DIR)

if(BLIS_FOUND AND NOT TARGET BLIS::BLIS)
  add_library(BLIS::BLIS UNKNOWN IMPORTED)
  set_target_properties(BLIS::BLIS PROPERTIES
    IMPORTED_LOCATION ${BLIS_LIBRARY}
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${BLIS_INCLUDE_DIR})
endif()
mark_as_advanced(BLIS_INCLUDE_DIR BLIS_LIBRARY)
