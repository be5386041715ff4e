# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Commits of a small project become programs, and which of their rows run the same code."""
import json
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from bench.regress import builds, code
from bench.regress.driver import cases
from golden.generate.errors import CannotError

PRESETS = {
    "version": 6,
    "configurePresets": [{
        "name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build/release",
        "cacheVariables": {"CMAKE_BUILD_TYPE": "Release"},
    }],
}
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(small LANGUAGES CXX)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
add_library(ops STATIC ops.cpp)
add_executable(PROGRAM main.cpp)
target_link_libraries(PROGRAM PRIVATE ops)
"""
OPS = "int route(int x) { return 3 * x; }\nint norm(int x) { return x / 7; }\n"
MAIN = """#include <cstdio>
#include <cstring>
#include <typeinfo>
int route(int);
int norm(int);
struct Operation { virtual ~Operation() = default; virtual int call(int x) = 0; };
struct Router : Operation { int call(int x) override { return route(x); } };
struct Norm : Operation { int call(int x) override { return norm(x); } };
Operation* (*const makers[2])() = {[]() -> Operation* { return new Router; }, []() -> Operation* { return new Norm; }};
int main(int, char** arguments) {
  const char* const names[2] = {"router", "norm"};
  for (int i = 0; i < 2; ++i) {
    const bool types = std::strcmp(arguments[1], "--types") == 0;
    std::printf("%s\\t%s\\n", names[i], types ? typeid(*makers[i]()).name() : "1\\t2");
  }
}
"""


@unittest.skipIf(any(shutil.which(tool) is None for tool in ("git", "cmake", "ninja", "g++")), "needs a compiler")
class BuildsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = Path(cls.enterClassContext(tempfile.TemporaryDirectory())).resolve()
        cls.enterClassContext(mock.patch.object(builds, "ROOT", cls.root))
        cls.git("init", "--quiet")
        cls.write("CMakePresets.json", json.dumps(PRESETS))
        cls.write(".gitignore", "/build/\n")
        cls.write("ops.cpp", OPS)
        cls.write("main.cpp", MAIN)
        cls.commit("no-driver", "CMakeLists.txt", PROJECT.replace("PROGRAM", "other"))
        cls.commit("first", "CMakeLists.txt", PROJECT.replace("PROGRAM", "micro_driver"))
        cls.commit("other-words", "README", "words\n")
        cls.commit("slower-router", "ops.cpp", OPS.replace("3 * x", "5 * x * x"))
        cls.commit("broken", "ops.cpp", "int route(int x) { return y; }\n")
        cls.git("checkout", "--quiet", "slower-router")
        cls.built = {ref: builds.build_commit(ref) for ref in ("first", "other-words", "slower-router")}

    @classmethod
    def git(cls, *arguments):
        who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=cls.root, check=True, capture_output=True)

    @classmethod
    def write(cls, name, text):
        (cls.root / name).write_text(text)

    @classmethod
    def commit(cls, tag, name, text):
        cls.write(name, text)
        cls.git("add", "--all")
        cls.git("commit", "--quiet", "--message", f"a title of {tag}")
        cls.git("tag", tag)

    def same_rows(self, base, head):
        """The rows whose code is the same."""
        of_base, of_head = code.hashes(base, head, cases(base.driver, "regress"), "regress")
        self.assertEqual(set(of_base), {"router", "norm"})
        self.assertNotIn(None, of_base.values())
        return {name for name in of_base if of_base[name] == of_head[name]}

    def test_a_build_is_called_by_commit_and_title(self):
        build = self.built["first"]
        self.assertEqual(build.label, f"{build.commit[:10]} a title of first")
        self.assertTrue(build.driver.is_file())

    def test_a_commit_that_changes_no_code_has_the_same_code_in_all_rows(self):
        base, head = self.built["first"], self.built["other-words"]
        self.assertEqual(base.driver.read_bytes(), head.driver.read_bytes())
        self.assertEqual(self.same_rows(base, head), {"router", "norm"})

    def test_a_commit_that_changes_one_op_leaves_the_others_the_same(self):
        self.assertEqual(self.same_rows(self.built["first"], self.built["slower-router"]), {"norm"})

    def test_the_working_tree_is_built_as_it_lies_there(self):
        self.write("ops.cpp", OPS.replace("x / 7", "x / 9"))
        self.addCleanup(self.git, "checkout", "--quiet", "ops.cpp")
        self.assertTrue(builds.uncommitted())
        build = builds.build_working_tree()
        self.assertTrue(build.label.startswith("the working tree upon "))
        self.assertTrue(build.commit.endswith("+"))
        self.assertEqual(self.same_rows(self.built["first"], build), {"router"})

    def test_what_is_no_commit_is_refused(self):
        for ref in ("nothing", "--all", ""):
            with self.assertRaisesRegex(CannotError, f"^{ref}: expected a commit of "):
                builds.resolve(ref)

    def test_a_commit_without_the_driver_is_refused(self):
        with self.assertRaisesRegex(CannotError, "a title of no-driver: expected a program micro_driver to build, found none"):
            builds.build_commit("no-driver")

    def test_a_commit_that_does_not_build_says_why(self):
        with self.assertRaisesRegex(CannotError, "a title of broken: expected it to build, found: .*error: .y. was not"):
            builds.build_commit("broken")

    def test_of_many_checked_out_commits_the_oldest_go(self):
        with mock.patch.object(builds, "KEPT", 0):
            builds.forget_old({build.commit for build in self.built.values()})
        left = {path.name for path in (self.root / "build" / "regress").iterdir()} - {builds.WORKING_TREE}
        self.assertEqual(left, {build.commit for build in self.built.values()})
