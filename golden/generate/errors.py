# SPDX-FileCopyrightText: The Assay authors
# SPDX-License-Identifier: Apache-2.0
"""The two ways in which the generator stops: it cannot do what was asked, or what it found differs."""


class CannotError(Exception):
    """Bad input or a broken environment; exit status 2. Text: "<file or key>: expected ..., found ..."."""

    exit_status = 2


class TooCloseError(CannotError):
    """Random numbers that fell too near to another decision, or to nothing; other seeds may do."""


class VacuousError(TooCloseError):
    """A site of zeros. Mostly the inputs make it one, and other weights do not help."""


class DiffersError(Exception):
    """A golden that does not repeat; exit status 1."""

    exit_status = 1


def one_line(error):
    """The text of a foreign exception, fit for an error message of ours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines)[:300] or type(error).__name__
