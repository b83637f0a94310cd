# SPDX-License-Identifier: GPL-2.0
"""The one way to give up: a line that says what is wrong and how to mend it."""


class Failure(Exception):
    """phyr-convert prints it and ends with status 1."""
