# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The protocol of micro_driver, seen from the side that asks."""
import os

from bench.regress import driver
from bench.regress.driver import Case, Driver
from golden.generate.errors import CannotError
from tests.regress.support import FolderTest

CORE = min(os.sched_getaffinity(0))


class DriverTest(FolderTest):
    def test_it_answers_what_is_asked(self):
        with Driver("head", self.driver(), CORE) as one:
            self.assertEqual(one.prepare("router"), 7)
            self.assertEqual(one.digest("router"), "abc")
            first = one.sample("router")
            one.slow("router", 2)
            second = one.sample("router")
            one.release("router")
        self.assertAlmostEqual(first.real, 1001)
        self.assertAlmostEqual(second.cpu, 2004)
        self.assertEqual(second.iterations, 7)

    def test_it_lists_its_cases(self):
        self.assertEqual(driver.cases(self.driver(), "regress")[0], Case("router", 2e6, 3e6))

    def test_a_list_that_is_none_is_an_error(self):
        for text, found in (("echo router", "found 'router'"), ("true", "expected at least one row, found none")):
            program = self.program("micro_driver", f"#!/bin/sh\n{text}\n")
            with self.assertRaisesRegex(CannotError, found):
                driver.cases(program, "regress")

    def test_a_driver_that_says_no_classes_has_none(self):
        self.assertEqual(driver.types(self.driver(), "regress"), {})

    def test_a_refusal_names_side_and_request(self):
        with Driver("head", self.driver(fails="prepare norm"), CORE) as one:
            with self.assertRaisesRegex(CannotError, "^head: prepare norm: expected an answer, found error no prepare"):
                one.prepare("norm")

    def test_a_process_that_ends_says_why(self):
        program = self.program("micro_driver", "#!/bin/sh\necho 'error: no memory' >&2\nexit 2\n")
        with Driver("base", program, CORE) as one:
            with self.assertRaisesRegex(CannotError, "^base: prepare norm: .*error: no memory"):
                one.prepare("norm")

    def test_times_that_are_none_are_refused(self):
        for answer in ("ok 0 0 1", "ok nan 1 1", "ok inf 1 1", "ok -1 1 1", "ok 1 1 0", "ok 1"):
            program = self.program("micro_driver", f"#!/bin/sh\nread line\necho {answer}\nread line\n")
            with Driver("base", program, CORE) as one, self.assertRaisesRegex(CannotError, "^base: sample norm: "):
                one.sample("norm")

    def test_an_answer_that_does_not_come_is_not_waited_for_for_ever(self):
        program = self.program("micro_driver", "#!/bin/sh\nread line\nread line\n")
        self.addCleanup(setattr, driver, "ANSWER_SECONDS", driver.ANSWER_SECONDS)
        driver.ANSWER_SECONDS = 0.05
        with Driver("base", program, CORE) as one, self.assertRaisesRegex(CannotError, "no answer in 0.05 seconds"):
            one.sample("norm")
