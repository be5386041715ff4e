# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0

# No symbol of LIBRARY, defined or not, matches FORBIDDEN.
execute_process(COMMAND ${NM} ${LIBRARY} OUTPUT_VARIABLE symbols RESULT_VARIABLE status)
if(NOT status EQUAL 0 OR symbols STREQUAL "")
  message(FATAL_ERROR "${NM} ${LIBRARY}: expected symbols, found none")
endif()
string(REGEX MATCHALL "[^ \n]*(${FORBIDDEN})[^ \n]*" found "${symbols}")
if(found)
  list(REMOVE_DUPLICATES found)
  list(JOIN found "\n  " text)
  message(FATAL_ERROR "${LIBRARY} has forbidden symbols:\n  ${text}")
endif()
