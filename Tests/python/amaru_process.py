# SPDX-License-Identifier: Apache-2.0
"""Starts processes that listen on shared memory, each under a name of its own."""

import itertools
import os
import sys
from pathlib import Path

from launch import Server

HERE = Path(__file__).parent
_numbers = itertools.count()


def free_name() -> str:
    """A name that nobody has: of this process, and counted."""
    return f"test-{os.getpid()}-{next(_numbers)}"


class Worker(Server):
    """A Python program of these tests that listens under `name`."""

    def __init__(self, *flags: str, program: str = "amaru_worker.py", name: str = "") -> None:
        self.name = name or free_name()
        environment = {"PYTHONPATH": ":".join(sys.path)}
        command = [sys.executable, HERE / program, self.name, *flags]
        super().__init__(command, environment=environment)
