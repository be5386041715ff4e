# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
set(problems)
foreach(room model reference optimized golden bench reports selftest assay tests)
  file(GLOB_RECURSE files ${ROOT}/${room}/*.hpp ${ROOT}/${room}/*.cpp ${ROOT}/${room}/*.py
    ${ROOT}/${room}/*.js ${ROOT}/${room}/*.css)
  foreach(file IN LISTS files)
    file(READ ${file} text)
    string(REGEX MATCHALL "\n" ends "${text}")
    list(LENGTH ends lines)
    if(lines GREATER 400)
      file(RELATIVE_PATH name ${ROOT} ${file})
      list(APPEND problems "${name}: ${lines} lines")
    endif()
  endforeach()
endforeach()

if(problems)
  list(JOIN problems "\n  " text)
  message(FATAL_ERROR "files of more than 400 lines:\n  ${text}")
endif()
