# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Commits become programs: each is checked out and built below build/regress, and kept for the next comparison."""
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.regress.processes import first_error, run
from golden.generate import progress
from golden.generate.errors import CannotError

ROOT = Path(__file__).resolve().parents[2]
TARGET = "micro_driver"
WORKING_TREE = "working-tree"
KEPT = 6  # checked-out commits; older ones go


@dataclass(frozen=True)
class Build:
    label: str  # what a reader calls it: "1a2b3c4 bench: a title"
    commit: str  # 40 digits, with "+" where files differ from it
    directory: Path  # CMake's

    @property
    def driver(self):
        return self.directory / "bin" / TARGET

    def objects(self):
        """The object files that the driver is linked from."""
        listed = run(["ninja", "-C", str(self.directory), "-t", "inputs", TARGET]).splitlines()
        return [self.directory / line for line in listed if line.endswith(".o")]


def resolve(ref):
    """The 40 digits of a commit."""
    try:
        return git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").strip()
    except CannotError as error:
        raise CannotError(f"{ref}: expected a commit of {ROOT.name}, found none") from error


def uncommitted():
    """Whether files that git knows differ from HEAD."""
    return bool(git("status", "--porcelain", "--untracked-files=no").strip())


def build_commit(ref):
    commit = resolve(ref)
    source = ROOT / "build" / "regress" / commit
    if not (source / "CMakeLists.txt").exists():
        progress.show(f"checking out {commit[:10]}")
        git("worktree", "prune")
        shutil.rmtree(source, ignore_errors=True)
        git("worktree", "add", "--detach", "--force", str(source), commit)
    os.utime(source)
    return compile_driver(source, source / "build" / "regress", commit, label_of(commit))


def build_working_tree():
    """The files as they lie there. Untracked ones take part where CMake names them."""
    commit = resolve("HEAD")
    directory = ROOT / "build" / "regress" / WORKING_TREE
    return compile_driver(ROOT, directory, commit + "+", f"the working tree upon {label_of(commit)}")


def compile_driver(source, directory, commit, label):
    """A release build as users have it, but with a section to every function (closure.py) and without paths."""
    flags = f"-ffunction-sections -fdata-sections -ffile-prefix-map={source}=. -ffile-prefix-map={directory}=build"
    progress.show(f"configuring {label}")
    # Sources are compiled one by one: what one row runs must not depend on what else is compiled with it.
    configure = ["cmake", "--preset", "release", "-S", str(source), "-B", str(directory), f"-DCMAKE_CXX_FLAGS={flags}",
                 "-DASSAY_TESTS=OFF", "-DCMAKE_UNITY_BUILD=OFF"]
    done = subprocess.run(configure, cwd=source, capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotError(f"{label}: expected CMake to configure it, found: {first_error(done.stdout + done.stderr)}")
    targets = run(["cmake", "--build", str(directory), "--target", "help"])
    if not any(line.split(":")[0] == TARGET for line in targets.splitlines()):
        raise CannotError(f"{label}: expected a program {TARGET} to build, found none: the commit is older than it")
    progress.show(f"building {label}")
    done = subprocess.run(["cmake", "--build", str(directory), "--target", TARGET], capture_output=True, text=True)
    if done.returncode != 0:
        raise CannotError(f"{label}: expected it to build, found: {first_error(done.stdout + done.stderr)}")
    return Build(label, commit, directory)


def label_of(commit):
    title = git("log", "-1", "--format=%s", commit).strip()
    return f"{commit[:10]} {title if len(title) <= 60 else title[:59] + '…'}"


def forget_old(kept):
    """Removes the checked-out commits that were not used for longest, but none of `kept`."""
    home = ROOT / "build" / "regress"
    commits = [path for path in home.iterdir() if len(path.name) == 40 and path.is_dir()]
    commits.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in commits[KEPT:]:
        if path.name not in kept:
            git("worktree", "remove", "--force", str(path))


def git(*arguments):
    return run(["git", "-C", str(ROOT), *arguments])
