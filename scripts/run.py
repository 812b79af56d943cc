#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs several servers until Ctrl-C, SIGTERM, or the end of one of them, and then ends all.

    scripts/run.py SERVER [FLAG]... -- SERVER [FLAG]... [-- ...]

What they print appears with the server's name in front. Exits 0 when all ended well after a signal.
"""

import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

GROUP = "--"


def commands(words: list[str]) -> list[list[str]]:
    """The words between the separators."""
    found: list[list[str]] = [[]]
    for word in words:
        if word == GROUP:
            found.append([])
        else:
            found[-1].append(word)
    return [command for command in found if command]


class Servers:
    """Processes that begin and end together. A signal is handed on to each of them once."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[str]] = []
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.was_told = False

    def start(self, command: list[str]) -> None:
        name = Path(command[0]).name
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # The terminal's Ctrl-C reaches this program alone, which hands it on: once, not twice.
            start_new_session=True,
        )
        self._processes.append(process)
        threading.Thread(target=self._print, args=(name, process)).start()

    def _print(self, name: str, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            # The server's own lines bear its name already.
            shown = line if line.startswith(f"{name}: ") else f"{name}: {line}"
            sys.stdout.write(shown.rstrip("\n") + "\n")
            sys.stdout.flush()
        process.wait()
        self._ended.put(name)

    def tell(self, number: int, _: object = None) -> None:
        """Hands a signal on to all that run."""
        self.was_told = True
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(number)

    def wait(self) -> int:
        """Waits for the first end, ends the others, and returns the exit status."""
        if self._processes:
            first = self._ended.get()
            if not self.was_told:
                print(f"run: {first} ended; ending the others", flush=True)
                self.tell(signal.SIGTERM)
                self.was_told = False
            for _ in self._processes[1:]:
                self._ended.get()
        failed = any(process.returncode for process in self._processes)
        return 0 if self.was_told and not failed else 1


def main() -> int:
    servers = Servers()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, servers.tell)
    for command in commands(sys.argv[1:]):
        try:
            servers.start(command)
        except OSError as error:
            print(f"run: {command[0]} cannot be started: {error.strerror}", file=sys.stderr)
            servers.tell(signal.SIGTERM)
            servers.was_told = False
            servers.wait()
            return 1
    return servers.wait()


if __name__ == "__main__":
    sys.exit(main())
