# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0

# How every target of the project is compiled. PUBLIC dependencies are not meant here: each room names its own.
function(assay_target_options target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    # gcc 12 warns of overlapping copies inside its own std::string (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
    $<$<BOOL:${ASSAY_WERROR}>:-Werror>)
  if(ASSAY_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${ASSAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${ASSAY_SANITIZE})
  endif()
endfunction()

# assay_precompile(target [header ...]): what nearly every source includes takes a third of the time to compile it. That each
# still includes what it uses shows in the dev preset, which compiles without.
function(assay_precompile target)
  target_precompile_headers(${target} PRIVATE
    <algorithm> <cmath> <filesystem> <fmt/format.h> <map> <optional> <string> <variant> <vector> ${ARGN})
endfunction()

# add_room(name SOURCES a.cpp ... [DEPENDS room-or-library ...] [PRIVATE library ...])
# One static library a room, assay_<name>. DEPENDS are what its headers show, PRIVATE what only its sources use.
function(add_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  set(target assay_${name})
  add_library(${target} STATIC ${ROOM_SOURCES})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PUBLIC ${ROOM_DEPENDS} PRIVATE ${ROOM_PRIVATE})
  assay_target_options(${target})
  assay_precompile(${target})
endfunction()
