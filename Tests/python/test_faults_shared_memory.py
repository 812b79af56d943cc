# SPDX-License-Identifier: Apache-2.0
"""Faults over shared memory, with real processes: either side killed at any point of its calls."""

import os
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from faults import RETRIES, Load, config
from launch import Server, ServerFailed

# Kills in a row of either side.
KILLS = 100
# Calls a second of one load.
RATE = 500

HELLO = struct.Struct("<8sIIQII")
Start = Callable[..., Server]


@pytest.fixture
def name(tmp_path: Path) -> str:
    return f"fault-{os.getpid()}-{tmp_path.name}"[:64]


@pytest.fixture
def start(fault_tool: Path, tmp_path: Path, name: str) -> Iterator[Start]:
    servers: list[Server] = []

    def one(*flags: str) -> Server:
        log = tmp_path / f"{len(servers)}.log"
        servers.append(Server([fault_tool, "serve", "--shared-memory", name, "--log", log, *flags]))
        return servers[-1]

    yield one
    for server in servers:
        server.kill()


def load(fault_tool: Path, name: str, *flags: str | Path) -> Load:
    return Load([fault_tool, "load", "--target", f"shm:{name}", "--rate", str(RATE), *flags])


def left_behind() -> set[Path]:
    """What is in the folders that shared memory could leave something in."""
    folders = [Path("/dev/shm"), Path(f"/run/user/{os.getuid()}")]
    return {entry for folder in folders if folder.is_dir() for entry in folder.iterdir()}


def descriptors_of(server: Server) -> int:
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


def abstract_names(name: str) -> list[str]:
    return [
        line
        for line in Path("/proc/net/unix").read_text().splitlines()
        if line.endswith(f"/{name}")
    ]


def settled_descriptors(server: Server, expected: int) -> int:
    """The descriptors of the server, once they are no more than that, or after a long time."""
    count = 0
    for _ in range(20_000):
        count = descriptors_of(server)
        if count <= expected:
            break
    return count


def test_a_server_killed_under_load_fails_only_the_calls_on_it(
    fault_tool: Path, tmp_path: Path, name: str, start: Start
) -> None:
    waiting = config(tmp_path, {"retryPolicy": RETRIES}, {"waitForReady": True})
    server = start("--delay", "10")
    run = load(fault_tool, name, "--seconds", "3", "--timeout", "60000", "--config", waiting)
    run.wait_for_second(1)
    server.kill()
    start("--delay", "10")
    outcome = run.outcome()
    assert outcome["Again"] == {"OK": 3 * RATE // 2}
    once = dict(outcome["Once"])
    assert once.pop("OK") + once.pop("UNAVAILABLE", 0) == 3 * RATE // 2
    assert not once


def test_a_server_is_killed_many_times_in_a_row(
    fault_tool: Path, tmp_path: Path, name: str, start: Start
) -> None:
    before = left_behind()
    waiting = config(tmp_path, {"retryPolicy": RETRIES}, {"waitForReady": True})
    run = load(
        fault_tool, name, "--mixed", "--seconds", "10", "--timeout", "120000", "--config", waiting
    )
    run.wait_for_second(0)
    for _ in range(KILLS):
        start().kill()
        assert abstract_names(name) == []
    start()
    outcome = run.outcome()
    for method in ("Once", "Again", "Chat", "Count"):
        assert set(outcome[method]) <= {"OK", "UNAVAILABLE", "CANCELLED"}, outcome
    assert outcome["Again"].get("OK", 0) > 0
    assert left_behind() <= before


def test_clients_are_killed_many_times_in_a_row(fault_tool: Path, name: str, start: Start) -> None:
    before = left_behind()
    server = start("--delay", "1")
    descriptors = descriptors_of(server)
    for _ in range(KILLS):
        run = load(fault_tool, name, "--mixed", "--seconds", "100")
        run.wait_for_second(0)
        run.process.kill()
        run.process.wait()
    assert settled_descriptors(server, descriptors) <= descriptors
    outcome = load(fault_tool, name, "--mixed", "--seconds", "1").outcome()
    assert outcome["Again"] == {"OK": RATE // 4}
    assert left_behind() <= before
    assert server.stop() == 0
    assert abstract_names(name) == []


def test_sixteen_clients_on_one_server(fault_tool: Path, name: str, start: Start) -> None:
    start()
    runs = [
        Load(
            [
                fault_tool,
                "load",
                "--target",
                f"shm:{name}",
                "--rate",
                "50",
                "--seconds",
                "2",
                "--timeout",
                "60000",
            ]
        )
        for _ in range(16)
    ]
    for run in runs:
        outcome = run.outcome()
        assert outcome["Again"] == {"OK": 50}
        assert outcome["Once"] == {"OK": 50}


def test_a_name_that_is_taken_is_named(name: str, start: Start) -> None:
    start()
    with pytest.raises(ServerFailed, match=f'another process listens as "{name}"'):
        start()


def answer_of(name: str, hello: bytes) -> tuple[int, int, str]:
    """Version, refusal and text with which the server answers a hello."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
        client.settimeout(60)
        client.connect(f"\0amaru/{os.geteuid()}/{name}")
        client.send(hello)
        answer = client.recv(4096)
        magic, version, result, _, _, length = HELLO.unpack_from(answer)
        assert magic == b"AMARUSHK"
        return version, result, answer[HELLO.size : HELLO.size + length].decode()


def test_another_version_is_named_at_both_ends(fault_tool: Path, name: str, start: Start) -> None:
    server = start()
    version, result, text = answer_of(name, HELLO.pack(b"AMARUSHK", 2, 0, 1, 0, 0))
    assert (version, result) == (1, 1)
    assert "version 2" in text
    server.kill()

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(f"\0amaru/{os.geteuid()}/{name}")
        listener.listen()
        listener.settimeout(60)
        command = [fault_tool, "load", "--target", f"shm:{name}", "--rate", "2", "--seconds", "1"]
        client = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        accepted, _ = listener.accept()
        with accepted:
            accepted.recv(4096)
            accepted.send(HELLO.pack(b"AMARUSHK", 7, 1, 1, 0, 0))
            output, _ = client.communicate(timeout=60)
    assert "the peer speaks version 7 of the shared-memory protocol, this side version 1" in output


@pytest.mark.parametrize("hello", [b"", b"x", b"AMARUSHK", HELLO.pack(b"AMARUSHM", 1, 0, 1, 0, 0)])
def test_a_malformed_hello_is_refused_and_others_are_served(
    fault_tool: Path, name: str, start: Start, hello: bytes
) -> None:
    start()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as client:
        client.settimeout(60)
        client.connect(f"\0amaru/{os.geteuid()}/{name}")
        client.send(hello or b"\0")
        while client.recv(4096):
            pass
    outcome = load(fault_tool, name, "--seconds", "1").outcome()
    assert outcome["Again"] == {"OK": RATE // 2}
