# SPDX-License-Identifier: Apache-2.0
"""What the flags of the Greeter example switch on, and what is said of mistakes."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from certificates import Authority
from conftest import GREETER
from launch import Server, free_port

PATIENCE_SECONDS = 60
ROUTE = "/grpc/greeterservice/sayhello?name=World"
ANSWER = {"message": "Hello, World!"}


class Greeter(Server):
    """A server with ports of its own, unless the flags name some."""

    def __init__(self, binary: Path, *flags: str | Path) -> None:
        self.port, self.http_port = str(free_port()), str(free_port())
        ports = ["--port", self.port, "--http-port", self.http_port]
        super().__init__([binary, *ports, *flags])


@pytest.fixture
def start(greeter_server: Path) -> Iterator["type[Greeter]"]:
    servers: list[Greeter] = []

    def begin(*flags: str | Path) -> Greeter:
        servers.append(Greeter(greeter_server, *flags))
        return servers[-1]

    yield begin  # type: ignore[misc]
    for server in servers:
        server.kill()


def curl(*words: str | Path) -> str:
    command = ["curl", "-sS", "--noproxy", "*", *words]
    ran = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, timeout=PATIENCE_SECONDS
    )
    return ran.stdout


def say_hello(channel: grpc.Channel) -> bytes:
    return channel.unary_unary("/Greeter/SayHello")(b"\n\x05World", timeout=PATIENCE_SECONDS)


def test_one_port_has_all(start: "type[Greeter]") -> None:
    port = str(free_port())
    server = start("--port", port, "--http-port", port)
    assert [line for line in server.output if "listening" in line] == [
        f"listening on 127.0.0.1:{port}"
    ]
    assert json.loads(curl(f"http://127.0.0.1:{port}{ROUTE}")) == ANSWER
    with grpc.insecure_channel(server.target, [("grpc.enable_http_proxy", 0)]) as channel:
        assert say_hello(channel).endswith(b"Hello, World!")


def test_a_certificate_is_shown_on_both_ports(start: "type[Greeter]", tmp_path: Path) -> None:
    authority = Authority(tmp_path / "authority")
    server = start(*authority.issue("server").flags)
    for version in ("--http1.1", "--http2"):
        address = f"https://localhost:{server.http_port}{ROUTE}"
        assert json.loads(curl(version, "--cacert", authority.pem, address)) == ANSWER
    credentials = grpc.ssl_channel_credentials(authority.pem.read_bytes())
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.secure_channel(f"localhost:{server.port}", credentials, options) as channel:
        assert say_hello(channel).endswith(b"Hello, World!")


def test_metrics_and_the_access_log_know_the_calls_of_both_ports(start: "type[Greeter]") -> None:
    metrics = free_port()
    server = start("--metrics", f"127.0.0.1:{metrics}", "--access-log", "json")
    curl(f"http://127.0.0.1:{server.http_port}{ROUTE}")
    with grpc.insecure_channel(server.target, [("grpc.enable_http_proxy", 0)]) as channel:
        say_hello(channel)
    text = curl(f"http://127.0.0.1:{metrics}/metrics")
    started = re.findall(r"grpc_server_call_started_total\{(.*)\} (\d+)", text)
    assert sum(int(count) for labels, count in started if "SayHello" in labels) == 2
    assert server.stop() == 0
    assert len([line for line in server.output if "SayHello" in line]) == 2


@pytest.mark.parametrize("flag", ["--port", "--http-port"])
def test_a_port_that_is_taken_is_named(start: "type[Greeter]", flag: str) -> None:
    server = start()
    taken = server.port if flag == "--port" else server.http_port
    other = "--http-port" if flag == "--port" else "--port"
    command = [server.command[0], flag, taken, other, str(free_port())]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert ran.returncode == 1
    assert f"cannot listen on 127.0.0.1:{taken}: Address already in use" in ran.stderr
    assert "choose another address" in ran.stderr


def test_a_server_that_was_not_started_is_missed_with_the_cure() -> None:
    target = f"127.0.0.1:{free_port()}"
    command = [sys.executable, GREETER / "python_client/four_kinds.py", "--target", target]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert ran.returncode == 1
    assert target in ran.stderr
    assert "make run" in ran.stderr


@pytest.mark.parametrize(
    "flags", [["--http-port", "65536"], ["--socket", "s"], ["--colour", "red"]]
)
def test_wrong_usage_names_the_flag(greeter_server: Path, flags: list[str]) -> None:
    command = [greeter_server, *flags]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    assert ran.returncode == 2
    assert flags[0] in ran.stderr.splitlines()[0]
