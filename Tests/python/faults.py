# SPDX-License-Identifier: Apache-2.0
"""What the tests of faults share: servers that log their calls, and a load."""

import json
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from launch import Server, free_port

RETRIES: dict[str, Any] = {
    "maxAttempts": 5,
    "initialBackoff": "0.01s",
    "maxBackoff": "0.5s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}


def config(folder: Path, again: dict[str, Any], both: dict[str, Any] | None = None) -> Path:
    """A service config: `again` for calls that may be repeated, `both` for those and the others."""
    path = folder / "config.json"
    name = {"service": "fault.v1.Fault"}
    methods: list[dict[str, Any]] = [{"name": [{**name, "method": "Again"}], **again}]
    if both:
        methods[0] |= both
        methods.append({"name": [name], **both})
    path.write_text(json.dumps({"methodConfig": methods}))
    return path


class Backend:
    """A server on a port of its own, which may be killed and started anew."""

    def __init__(self, tool: Path, folder: Path, *flags: str | Path) -> None:
        self.port = free_port()
        self.log = folder / f"{self.port}.log"
        self.command = [tool, "serve", "--port", str(self.port), "--log", self.log, *flags]
        self.server = Server(self.command)

    def start(self) -> None:
        self.server = Server(self.command)

    @property
    def begun(self) -> list[int]:
        """The numbers of the calls whose handler has begun, each as often as it did."""
        return [int(line) for line in self.log.read_text().splitlines()]


class Load:
    """A load that runs; its lines `second N` tell how far it is."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []

    def _read(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the load has ended:\n" + "\n".join(self.lines)
        self.lines.append(line.strip())
        return line.strip()

    def wait_for_second(self, number: int) -> None:
        while self._read() != f"second {number}":
            pass

    def outcome(self) -> dict[str, Any]:
        """What became of the calls, when the last has ended."""
        while not (line := self._read()).startswith("{"):
            pass
        assert self.process.wait(60) == 0
        found: dict[str, Any] = json.loads(line)
        return found


def target(backends: Sequence[Backend]) -> str:
    return "ipv4:" + ",".join(f"127.0.0.1:{backend.port}" for backend in backends)


def begun_twice(backends: Sequence[Backend]) -> list[int]:
    """The calls of `Once`, which have even numbers, that more than one handler has begun."""
    counts = Counter(number for backend in backends for number in backend.begun)
    return [number for number, count in counts.items() if count > 1 and number % 2 == 0]
