# SPDX-License-Identifier: Apache-2.0
"""The server's command line: what it accepts, and one clear line for what it does not."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import Serve
from launch import Server, free_port

PATIENCE_SECONDS = 60
WRONG_USAGE = 2
CANNOT_SERVE = 1


def run(server: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [server, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)


def only_line(ran: subprocess.CompletedProcess[str]) -> str:
    """The one line that says what is wrong; a usage line may follow it."""
    assert ran.stdout == ""
    lines = [line for line in ran.stderr.splitlines() if not line.lower().startswith("usage:")]
    assert len(lines) == 1, ran.stderr
    return lines[0]


USAGE = {
    "an unknown flag": (["--colour", "red"], "--colour"),
    "a stray word": (["stray"], "stray"),
    "a flag without its value": (["--port"], "--port"),
    "a port that is no number": (["--port", "http"], "http"),
    "a port below the range": (["--port", "-1"], "-1"),
    "a port above the range": (["--port", "65536"], "65536"),
}


@pytest.mark.parametrize(("arguments", "named"), USAGE.values(), ids=USAGE.keys())
def test_wrong_usage_is_named_in_one_line(
    inventory_server: Path, arguments: list[str], named: str
) -> None:
    ran = run(inventory_server, "--data", ":memory:", *arguments)
    assert ran.returncode == WRONG_USAGE
    assert named in only_line(ran)


def test_help_names_every_flag(inventory_server: Path) -> None:
    ran = run(inventory_server, "--help")
    assert ran.returncode == 0
    for flag in ("--host", "--port", "--data"):
        assert flag in ran.stdout


@pytest.fixture
def taken_port() -> Iterator[str]:
    with socket.socket() as listener:
        port = free_port()
        listener.bind(("127.0.0.1", port))
        listener.listen()
        yield str(port)


def test_a_port_that_another_program_has_is_named(inventory_server: Path, taken_port: str) -> None:
    ran = run(inventory_server, "--port", taken_port, "--data", ":memory:")
    assert ran.returncode == CANNOT_SERVE
    assert taken_port in only_line(ran)


def test_two_servers_do_not_share_a_port(inventory_server: Path, server: Server) -> None:
    port = server.target.rpartition(":")[2]
    ran = run(inventory_server, "--port", port, "--data", ":memory:")
    assert ran.returncode == CANNOT_SERVE
    assert port in only_line(ran)


def test_a_data_file_that_cannot_be_written_is_named(
    inventory_server: Path, tmp_path: Path
) -> None:
    data = tmp_path / "no such folder" / "inventory.db"
    ran = run(inventory_server, "--port", str(free_port()), "--data", data)
    assert ran.returncode == CANNOT_SERVE
    assert str(data) in only_line(ran)


def test_a_data_file_that_is_something_else_is_named(
    inventory_server: Path, tmp_path: Path
) -> None:
    data = tmp_path / "notes.txt"
    data.write_text("not a database\n" * 100)
    ran = run(inventory_server, "--port", str(free_port()), "--data", data)
    assert ran.returncode == CANNOT_SERVE
    assert str(data) in only_line(ran)
    assert data.read_text() == "not a database\n" * 100


def test_port_0_takes_a_free_port_and_says_which(inventory_server: Path) -> None:
    with Server([inventory_server, "--port", "0", "--data", ":memory:"]) as server:
        host, _, port = server.target.rpartition(":")
        assert host == "127.0.0.1"
        with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS):
            pass
        assert server.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_an_idle_server_with_0(serve: Serve, number: int) -> None:
    server = serve()
    server.process.send_signal(number)
    assert server.wait() == 0
    assert not [line for line in server.output[1:] if "error" in line.lower()]
