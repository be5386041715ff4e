# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""Makes many goldens into one directory, several processes at once, a thread each. What a golden holds does not depend
on which process made it, or after which other."""
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from golden.generate import runtime
from golden.generate.errors import CannotError


def make_many(make, names, directory, jobs):
    """make(name, path) writes one golden and returns what to print of it. Prints a line a golden, in the order of the
    names; raises where one cannot be made, after all others."""
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotError(f"--out {directory}: expected to be able to write there, found: {error.strerror}") from error
    run_many([(name, make, (name, directory / f"{name}.h5")) for name in names], jobs)


def run_many(tasks, jobs):
    """tasks: (name, function, arguments); a function returns what to print. Prints a line a task, in their order;
    raises where one fails, after all others."""
    jobs = min(jobs or os.cpu_count() or 1, len(tasks))
    if not tasks:
        return
    failures = []
    # Forked, so that torch and transformers are imported once.
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        futures = [(name, pool.submit(attempt, function, *arguments)) for name, function, arguments in tasks]
        for name, future in futures:
            done, text = future.result()
            if not done:
                failures.append(f"{name}: {text}")
            print(text if done else f"failed  {name}: {text}", flush=True)
    if failures:
        raise CannotError(f"{len(failures)} of {len(tasks)} goldens: expected to be made, found {failures[0]}")


def attempt(function, *arguments):
    runtime.prepare()  # in this process: the number of threads is not inherited
    try:
        return True, function(*arguments)
    except CannotError as error:
        return False, str(error)
