// SPDX-FileCopyrightText: The Assay authors
// SPDX-License-Identifier: Apache-2.0
#include "reports/html/assets.hpp"

// The assembler reads the files; CMake names them. A byte behind each, so that an empty one has an address of its own.
asm(".pushsection .rodata\n"
    ".global assay_page_style, assay_page_style_end\n"
    "assay_page_style:\n"
    ".incbin \"" ASSAY_PAGE_STYLE
    "\"\n"
    "assay_page_style_end: .byte 0\n"
    ".global assay_page_script, assay_page_script_end\n"
    "assay_page_script:\n"
    ".incbin \"" ASSAY_PAGE_SCRIPT
    "\"\n"
    "assay_page_script_end: .byte 0\n"
    ".global assay_chart_script, assay_chart_script_end\n"
    "assay_chart_script:\n"
    ".incbin \"" ASSAY_CHART_SCRIPT
    "\"\n"
    "assay_chart_script_end: .byte 0\n"
    ".popsection\n");

extern "C" {
extern const char assay_page_style[];
extern const char assay_page_style_end[];
extern const char assay_page_script[];
extern const char assay_page_script_end[];
extern const char assay_chart_script[];
extern const char assay_chart_script_end[];
}

namespace assay::reports {

std::string_view page_style() { return {assay_page_style, assay_page_style_end}; }

std::string_view page_script() { return {assay_page_script, assay_page_script_end}; }

std::string_view chart_script() { return {assay_chart_script, assay_chart_script_end}; }

}  // namespace assay::reports
