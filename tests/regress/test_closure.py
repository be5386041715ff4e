# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Which change of a source changes the hash of which class. Compiles small sources, as the build does."""
import shutil
import subprocess
import unittest

from bench.regress.closure import CodeGraph, loaded_hash
from bench.regress.elf import ElfFile
from golden.generate.errors import CannotError
from tests.regress.support import FolderTest

OPERATION = """
struct Operation { virtual ~Operation() = default; virtual int call() = 0; };
"""
OPS = """
int table[4] = {1, 2, 3, 4};
static int scale(int x) __attribute__((noinline));
static int scale(int x) { return 3 * x; }
int route(int x) { return x < 0 ? throw "negative" : scale(x) + table[x & 3]; }
int normalize(int x) { return static_cast<int>(x / 1.25); }
int other(int x) { return x + 7; }
"""
CASES = OPERATION + """
int route(int);
int normalize(int);
int pack(int x) { return x * x - 5; }
namespace {
struct Router : Operation { int k; explicit Router(int x) : k(pack(x)) {} int call() override { return route(k); } };
struct Norm : Operation { int call() override { return normalize(4); } };
}
Operation* (*cases[2])(int) = {
    [](int x) -> Operation* { return new Router(x); }, [](int) -> Operation* { return new Norm; }};
"""
ROUTER, NORM = "N12_GLOBAL__N_16RouterE", "N12_GLOBAL__N_14NormE"


@unittest.skipIf(shutil.which("g++") is None, "needs g++")
class ClosureTest(FolderTest):
    def setUp(self):
        super().setUp()
        self.before = self.hashes("before", OPS, CASES)

    def hashes(self, name, ops, cases):
        """(of the router, of the norm)"""
        folder = self.folder / name
        folder.mkdir()
        for stem, text in (("ops", ops), ("cases", cases)):
            (folder / f"{stem}.cpp").write_text(text)
            self.compile(folder, "-c", f"{stem}.cpp", "-o", f"{stem}.o")
        graph = CodeGraph(folder, [folder / "ops.o", folder / "cases.o"])
        return graph.hash_of_class(ROUTER), graph.hash_of_class(NORM)

    def compile(self, folder, *arguments):
        flags = ["-std=c++20", "-O2", "-ffunction-sections", "-fdata-sections"]
        subprocess.run(["g++", *flags, *arguments], cwd=folder, check=True)

    def changes(self, old, new):
        """Whether the hashes change of (router, norm)."""
        self.assertIn(old, OPS + CASES)
        after = self.hashes("after", OPS.replace(old, new), CASES.replace(old, new))
        return tuple(one != other for one, other in zip(self.before, after))

    def test_the_same_source_has_the_same_hashes_and_two_classes_have_two(self):
        self.assertEqual(self.before, self.hashes("again", OPS, CASES))
        self.assertNotEqual(*self.before)
        self.assertNotIn(None, self.before)

    def test_code_that_no_row_reaches_changes_nothing(self):
        self.assertEqual(self.changes("x + 7", "x * 9 + 7"), (False, False))

    def test_what_an_op_calls_counts_in_the_rows_that_reach_it(self):
        self.assertEqual(self.changes("3 * x", "5 * x"), (True, False))

    def test_a_table_counts_in_the_rows_that_read_it(self):
        self.assertEqual(self.changes("1, 2, 3, 4", "1, 2, 3, 5"), (True, False))

    def test_a_constant_counts_in_the_rows_that_use_it(self):
        self.assertEqual(self.changes("1.25", "1.375"), (False, True))

    def test_what_a_throw_says_counts(self):
        self.assertEqual(self.changes('"negative"', '"below 0"'), (True, False))

    def test_what_makes_the_operands_counts(self):
        self.assertEqual(self.changes("x * x - 5", "x * x - 6"), (True, False))

    def test_a_class_that_is_not_there_has_no_hash(self):
        graph = CodeGraph(self.folder / "before", [self.folder / "before" / "ops.o"])
        self.assertIsNone(graph.hash_of_class(ROUTER))

    def test_programs_are_the_same_wherever_they_were_linked(self):
        hashes = set()
        for name, text in (("one", "3"), ("two", "3"), ("three", "4")):
            (self.folder / name).mkdir()
            (self.folder / name / "main.cpp").write_text(f"int main() {{ return {text}; }}\n")
            self.compile(self.folder / name, "main.cpp", "-o", "main")
            hashes.add(loaded_hash(self.folder / name / "main"))
        self.assertEqual(len(hashes), 2)


class ElfTest(FolderTest):
    def test_what_is_no_object_file_is_refused_by_name(self):
        for content in (b"", b"\x7fELF\x02\x01", b"!<arch>\n" * 20):
            path = self.folder / "a.o"
            path.write_bytes(content)
            with self.assertRaisesRegex(CannotError, "a.o: expected a 64-bit ELF file"):
                ElfFile(path)
