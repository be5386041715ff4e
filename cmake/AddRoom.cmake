# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0

# How every target of the project is compiled. PUBLIC dependencies are not meant here: each room names its own.
function(assay_target_options target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
    # Of sources that are compiled together one may name a local what another names a constant.
    $<$<NOT:$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wshadow>
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
set(assay_common_headers <algorithm> <cmath> <filesystem> <fmt/format.h> <map> <optional> <string> <variant> <vector>)
function(assay_precompile target)
  target_precompile_headers(${target} PRIVATE ${assay_common_headers} ${ARGN})
endfunction()

# assay_precompile_once(name OPTIONS flag ... HEADERS header ... LIBRARIES library ...): the common headers and these,
# compiled once for all targets that `target_precompile_headers(target REUSE_FROM name)` names. Those must define at least what
# these libraries define, and be compiled without OpenMP, or the compiler does not take it.
function(assay_precompile_once name)
  cmake_parse_arguments(ONCE "" "" "OPTIONS;HEADERS;LIBRARIES" ${ARGN})
  set(source ${PROJECT_BINARY_DIR}/generated/${name}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT "// Nothing but what is precompiled.\n" @ONLY)
  add_library(${name} OBJECT ${source})
  target_link_libraries(${name} PRIVATE ${ONCE_LIBRARIES})
  assay_target_options(${name})
  target_compile_options(${name} PRIVATE ${ONCE_OPTIONS})
  assay_precompile(${name} ${ONCE_HEADERS})
endfunction()

# assay_compile_together(target source ...): with CMAKE_UNITY_BUILD, as the presets release, asan and reference-only have
# it, up to eight sources of a folder are compiled as one: what they include costs more than what they say. The helpers of a
# folder must not share names, then. The preset dev compiles each source alone.
function(assay_compile_together target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
  foreach(source IN LISTS ARGN)
    get_filename_component(folder "${source}" DIRECTORY)
    string(MAKE_C_IDENTIFIER "${folder}" folder)
    list(LENGTH of_${folder} before)
    list(APPEND of_${folder} "${source}")
    math(EXPR group "${before} / 8")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP "${folder}_${group}")
  endforeach()
endfunction()

# add_room(name SOURCES a.cpp ... [DEPENDS room-or-library ...] [PRIVATE library ...])
# One static library a room, assay_<name>. DEPENDS are what its headers show, PRIVATE what only its sources use. With OpenMP,
# or optimised when others are not, it precompiles the common headers for itself.
function(add_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS;PRIVATE" ${ARGN})
  set(target assay_${name})
  add_library(${target} STATIC ${ROOM_SOURCES})
  assay_compile_together(${target} ${ROOM_SOURCES})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${target} PUBLIC ${ROOM_DEPENDS} PRIVATE ${ROOM_PRIVATE})
  assay_target_options(${target})
  # Under sanitizers only what computes is optimised: the compiler takes half the time for the rest.
  set(computes FALSE)
  if(ASSAY_SANITIZE AND name MATCHES "^(reference|optimized|golden)$")
    set(computes TRUE)
    target_compile_options(${target} PRIVATE -O1)
  endif()
  if(computes OR "${ROOM_DEPENDS};${ROOM_PRIVATE}" MATCHES "OpenMP|assay_optimized")
    assay_precompile(${target})
  else()
    target_precompile_headers(${target} REUSE_FROM assay_precompiled)
  endif()
endfunction()
