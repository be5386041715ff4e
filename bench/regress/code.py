# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Which rows run the same compiled code in two builds. Never says so of code that differs; may fail to say so of code
that does not, and then the row is measured."""
from bench.regress.closure import CodeGraph, loaded_hash
from bench.regress.driver import types


def hashes(base, head, cases, chosen_set):
    """({row: hash} of base, of head) of two builds; a row without a hash is not known."""
    whole = [loaded_hash(build.driver) for build in (base, head)]
    if whole[0] == whole[1]:
        return tuple({case.name: whole[0] for case in cases} for _ in whole)
    return tuple(row_hashes(build, cases, chosen_set) for build in (base, head))


def row_hashes(build, cases, chosen_set):
    classes = types(build.driver, chosen_set)
    graph = CodeGraph(build.directory, build.objects())
    found = {}
    for case in cases:
        if case.name in classes:
            code = graph.hash_of_class(classes[case.name])
            # The shape is data of the list of cases, and shows in what a call costs.
            found[case.name] = code and f"{code}:{case.flops:g}:{case.bytes:g}"
    return found
