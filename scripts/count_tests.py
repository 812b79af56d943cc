#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the tests in the output of `swift test` and `pytest`: `N passed, N failed`.

Exits 1 when none passed, when one failed, or when a test program ended without its summary.
"""

import argparse
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# Swift Testing: `✔ Test name() passed after 0.1 seconds.`; the symbols are not relied on.
SWIFT_TEST = re.compile(
    r"^\W+Test (?!run with \d+ tests?\b|case )(.+?) (passed|failed) after [\d.]+ seconds"
)
SWIFT_START = re.compile(r"^\W+Test run started\.")
SWIFT_END = re.compile(r"^\W+Test run with \d+ tests?\b.* (passed|failed) after")
PYTEST_END = re.compile(r"^=*\s*((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s\b")
PYTEST_FAILED = {"failed", "error", "errors"}


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    complaints: list[str] = field(default_factory=list)


def count(text: str) -> Count:
    """Adds up every test run in `text`, Swift's and Python's."""
    total = Count()
    running = False
    for line in COLOUR.sub("", text).splitlines():
        if SWIFT_START.match(line):
            if running:
                total.complaints.append("a Swift test run did not come to its end")
            running = True
        elif match := SWIFT_END.match(line):
            running = False
            if match[1] == "failed" and total.failed == 0:
                total.complaints.append("a Swift test run failed outside its tests")
        elif match := SWIFT_TEST.match(line):
            total.passed += match[2] == "passed"
            total.failed += match[2] == "failed"
        elif match := PYTEST_END.match(line):
            for part in match[1].split(", "):
                number, word = part.split()
                total.passed += int(number) if word == "passed" else 0
                total.failed += int(number) if word in PYTEST_FAILED else 0
    if running:
        total.complaints.append("a Swift test run did not come to its end")
    return total


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--also-failed", type=int, default=0, help="failures seen elsewhere")
    parser.add_argument("output", type=Path, nargs="+", help="files with the output")
    options = parser.parse_args()
    text = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in options.output)
    total = count(text)
    for complaint in total.complaints:
        print(f"count_tests: {complaint}", file=sys.stderr)
    failed = total.failed + len(total.complaints)
    # Something failed, but no test did: a build, a lint, a crash. It counts as one.
    failed = max(failed, min(options.also_failed, 1))
    print(f"{total.passed} passed, {failed} failed")
    return 1 if failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
