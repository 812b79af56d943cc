# SPDX-License-Identifier: Apache-2.0
"""`make run` and `make demo` beneath make: several servers that begin and end together."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, Serve
from launch import free_port

PATIENCE_SECONDS = 120
RUN = ROOT / "scripts/run.py"


class Running:
    """scripts/run.py, with what it has printed."""

    def __init__(self, *commands: list[str | Path]) -> None:
        words: list[str | Path] = [sys.executable, RUN]
        for command in commands:
            words += [*command, "--"]
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []

    def read_until(self, said: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if said in line:
                return
        raise AssertionError(f"{said!r} was never printed: {self.lines}")

    def end(self) -> int:
        """The exit status, once it has ended."""
        assert self.process.stdout is not None
        self.lines += self.process.stdout.read().splitlines()
        return self.process.wait(PATIENCE_SECONDS)


@pytest.fixture
def pair(inventory_server: Path, users_server: Path) -> list[list[str | Path]]:
    """The command lines of both servers."""
    flags: list[str | Path] = ["--data", ":memory:", "--port"]
    return [[binary, *flags, str(free_port())] for binary in (inventory_server, users_server)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_both_servers(pair: list[list[str | Path]], number: int) -> None:
    running = Running(*pair)
    for _ in pair:
        running.read_until("listening on 127.0.0.1:")
    running.process.send_signal(number)
    assert running.end() == 0
    listening = [line for line in running.lines if "listening on" in line]
    assert {line.split(":")[0] for line in listening} == {"inventory-server", "users-server"}
    # Each heard the signal once: a second one would have ended the calls at once.
    assert "at once" not in "\n".join(running.lines)


def test_when_one_cannot_serve_the_other_ends(
    pair: list[list[str | Path]], serve_users: Serve
) -> None:
    taken = serve_users().target.rpartition(":")[2]
    running = Running(pair[0], [*pair[1][:-1], taken])
    assert running.end() == 1
    said = "\n".join(running.lines)
    assert taken in said
    assert "run: users-server ended; ending the others" in said


def test_a_server_that_is_not_there_is_named(pair: list[list[str | Path]]) -> None:
    running = Running(pair[0], ["/no/such/server"])
    assert running.end() == 1
    assert "/no/such/server cannot be started" in "\n".join(running.lines)


def test_the_users_demo_runs_both_clients(users_server: Path, users_client: Path) -> None:
    script = ROOT / "scripts/demo_users.py"
    command = [sys.executable, script, "--server", users_server, "--client", users_client]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("All answers were as the contract says.") == 2
    assert "ended with 0" in ran.stdout


def test_the_users_demo_fails_when_its_server_does(users_client: Path) -> None:
    script = ROOT / "scripts/demo_users.py"
    command = [sys.executable, script, "--server", "/bin/false", "--client", users_client]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert ran.returncode == 1
    assert "before it listened" in ran.stderr
