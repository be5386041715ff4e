# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""A running micro_driver: one line asks, one line answers (bench/micro/driver has the other end)."""
import math
import os
import selectors
import subprocess
import tempfile
from dataclasses import dataclass

from bench.regress.processes import first_error, run
from golden.generate.errors import CannotError

ANSWER_SECONDS = 300
# Nothing of the caller's environment changes what is timed, and it has one size on both sides. In huge pages, where a
# machine has them, neighbours in memory are neighbours in the caches too: launches differ less.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin", "LC_ALL": "C", "OMP_NUM_THREADS": "1", "BLIS_NUM_THREADS": "1",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


@dataclass(frozen=True)
class Case:
    name: str
    flops: float  # of one call
    bytes: float  # moved at least, of one call


@dataclass(frozen=True)
class Sample:
    """Nanoseconds of one call, of `iterations` timed as one."""

    real: float
    cpu: float
    iterations: int


def cases(program, chosen_set):
    """[Case] of a set, in the driver's order."""
    listed = run([str(program), "--list", "--set", chosen_set], env=ENVIRONMENT)
    found = []
    for line in listed.splitlines():
        try:
            name, flops, moved = line.split("\t")
            found.append(Case(name, float(flops), float(moved)))
        except ValueError as error:
            raise CannotError(f"{program.name} --list: expected NAME, FLOPS, BYTES, found {line!r}") from error
    if not found:
        raise CannotError(f"{program.name} --list --set {chosen_set}: expected at least one row, found none")
    return found


def types(program, chosen_set):
    """{row: mangled name of the C++ class that runs it}; empty where the driver is too old to say."""
    command = [str(program), "--types", "--set", chosen_set]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    return dict(line.split("\t") for line in done.stdout.splitlines()) if done.returncode == 0 else {}


class Driver:
    """Lives on one core. Every failure is a CannotError that names `side`."""

    def __init__(self, side, program, core):
        self.side = side
        self._complaints = tempfile.TemporaryFile(mode="w+")
        try:
            self._process = subprocess.Popen(
                [str(program), "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints,
                env=ENVIRONMENT, preexec_fn=lambda: os.sched_setaffinity(0, {core}),
            )
        except OSError as error:
            raise CannotError(f"{side}: {program}: expected a program to run, found: {error.strerror}") from error
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._process.stdout, selectors.EVENT_READ)

    @property
    def pid(self):
        return self._process.pid

    def prepare(self, name, iterations=None):
        """How many calls a sample is: as many as are wanted, or take 15 ms."""
        return int(self._ask("prepare", name, *([] if iterations is None else [str(iterations)]))[0])

    def sample(self, name):
        answer = self._ask("sample", name)
        try:
            sample = Sample(float(answer[0]), float(answer[1]), int(answer[2]))
        except (ValueError, IndexError) as error:
            raise CannotError(f"{self.side}: sample {name}: expected REAL CPU ITERATIONS, found {answer}") from error
        if not (0 < sample.real < math.inf and 0 <= sample.cpu < math.inf and sample.iterations > 0):
            raise CannotError(f"{self.side}: sample {name}: expected a time above 0, found {sample.real}")
        return sample

    def digest(self, name):
        return self._ask("digest", name)[0]

    def slow(self, name, factor):
        self._ask("slow", name, str(factor))

    def release(self, name):
        self._ask("release", name)

    def close(self):
        """Ends the process, gently where it listens."""
        try:
            self._process.stdin.write(b"quit\n")
            self._process.stdin.close()
        except OSError:
            pass
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._selector.close()
        self._complaints.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _ask(self, *words):
        line = " ".join(words)
        try:
            self._process.stdin.write(line.encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            self._fail(line, f"its process has ended: {self._complaint()}")
        if not self._selector.select(ANSWER_SECONDS):
            self._fail(line, f"no answer in {ANSWER_SECONDS} seconds")
        answer = self._process.stdout.readline().decode().split()
        if not answer:
            self._fail(line, f"the end of its process: {self._complaint()}")
        if answer[0] != "ok":
            self._fail(line, " ".join(answer))
        return answer[1:]

    def _fail(self, line, found):
        raise CannotError(f"{self.side}: {line}: expected an answer, found {found}")

    def _complaint(self):
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            status = None
        self._complaints.seek(0)
        said = self._complaints.read()
        return first_error(said) if said.strip() else f"exit status {status}"
