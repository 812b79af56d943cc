# SPDX-License-Identifier: Apache-2.0
"""The sum that the build ends with counts both kinds of tests, and never hides a failure."""

import subprocess
import sys
from pathlib import Path

import pytest

from count_tests import count

ROOT = Path(__file__).resolve().parents[2]

SWIFT = """\
◇ Test run started.
↳ Testing Library Version: 6.3.1
◇ Suite "Words" started.
◇ Test first() started.
✔ Test first() passed after 0.001 seconds.
◇ Test case passing 1 argument n -> 1 (Int) to many(n:) started.
✔ Test case passing 1 argument n -> 1 (Int) to many(n:) passed after 0.001 seconds.
✔ Test many(n:) with 3 test cases passed after 0.001 seconds.
✘ Test "a passed test" recorded an issue at A.swift:1:1: Expectation failed: a
✘ Test "a passed test" failed after 0.002 seconds with 1 issue.
✔ Suite "Words" passed after 0.003 seconds.
✘ Test run with 3 tests in 1 suite failed after 0.004 seconds with 1 issue.
"""
SWIFT_GREEN = """\
◇ Test run started.
✔ Test first() passed after 0.001 seconds.
✔ Test run with 1 test in 0 suites passed after 0.001 seconds.
"""
PYTEST = "==== 1 failed, 4 passed, 1 skipped, 2 errors in 0.12s ====\n"
PYTEST_QUIET = "12 passed, 1 warning in 63.20s (0:01:03)\n"


def test_both_kinds_are_added_up() -> None:
    total = count(SWIFT + SWIFT_GREEN + PYTEST + PYTEST_QUIET)
    assert (total.passed, total.failed, total.complaints) == (2 + 1 + 4 + 12, 1 + 3, [])


def test_colours_are_no_obstacle() -> None:
    assert count("\x1b[32m\x1b[1m12 passed\x1b[0m\x1b[32m in 0.1s\x1b[0m\n").passed == 12


def test_a_run_that_crashed_is_a_failure() -> None:
    crashed = SWIFT_GREEN.rsplit("✔", 1)[0] + "error: Exited with unexpected signal code 11\n"
    assert count(crashed).complaints == ["a Swift test run did not come to its end"]


@pytest.mark.parametrize(
    ("output", "also_failed", "last", "status"),
    [
        (SWIFT_GREEN, 0, "1 passed, 0 failed", 0),
        (SWIFT_GREEN, 1, "1 passed, 1 failed", 1),
        (SWIFT, 1, "2 passed, 1 failed", 1),
        ("error: no such module\n", 1, "0 passed, 1 failed", 1),
        ("", 0, "0 passed, 0 failed", 1),
    ],
)
def test_the_last_line_and_the_status_tell(
    tmp_path: Path, output: str, also_failed: int, last: str, status: int
) -> None:
    (tmp_path / "log").write_text(output, encoding="utf-8")
    program = [sys.executable, str(ROOT / "scripts/count_tests.py")]
    arguments = ["--also-failed", str(also_failed), str(tmp_path / "log")]
    ran = subprocess.run(program + arguments, capture_output=True, text=True)
    assert (ran.stdout.splitlines()[-1], ran.returncode) == (last, status)
