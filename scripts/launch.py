# SPDX-License-Identifier: Apache-2.0
"""Starts a server of ours, waits for its word that it listens, and ends it by its process id."""

import os
import queue
import random
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

READY = "listening on "
# Below the range that the kernel takes for outgoing connections, so that none has it by chance.
PORTS = range(20_000, 32_000)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on."""
    for port in random.sample(PORTS, 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port between 20000 and 32000")


class ServerFailed(Exception):
    """The server ended, or kept silent, before it listened."""


class Server:
    """A server process. The first line `listening on HOST:PORT` of its output says it is ready."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        patience_seconds: float = 60,
    ) -> None:
        self.command = [str(word) for word in command]
        self.output: list[str] = []
        self._ready: queue.Queue[str | None] = queue.Queue()
        try:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                env={**os.environ, **(environment or {})},
            )
        except OSError as error:
            raise ServerFailed(f"{self.command[0]} cannot be started: {error.strerror}") from error
        # Read to the end, or a talkative server would stand still when the pipe is full.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.target = self._wait(patience_seconds)

    @property
    def pid(self) -> int:
        return self.process.pid

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output.append(line.rstrip("\n"))
            if line.startswith(READY):
                self._ready.put(line.removeprefix(READY).strip())
        self._ready.put(None)

    def _wait(self, patience_seconds: float) -> str:
        try:
            target = self._ready.get(timeout=patience_seconds)
        except queue.Empty:
            target = None
        if target is None:
            code = self.process.poll()
            self.kill()
            said = "\n  ".join(self.output) or "(nothing)"
            state = "kept silent" if code is None else f"ended with {code}"
            raise ServerFailed(f"{self.command[0]} {state} before it listened:\n  {said}")
        return target

    def terminate(self) -> None:
        """Asks it to stop (SIGTERM) and returns at once."""
        self.process.send_signal(signal.SIGTERM)

    def stop(self, patience_seconds: float = 60) -> int:
        """Asks it to stop, waits, and returns the exit status; negative for a signal."""
        if self.process.poll() is None:
            self.terminate()
        return self.wait(patience_seconds)

    def wait(self, patience_seconds: float = 60) -> int:
        """Waits for the end and returns the exit status; kills it when patience runs out."""
        try:
            status = self.process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerFailed(f"{self.command[0]} did not end on SIGTERM") from None
        self._reader.join()
        return status

    def kill(self) -> None:
        """Ends it without notice (SIGKILL)."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
