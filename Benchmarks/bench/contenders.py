# SPDX-License-Identifier: Apache-2.0
"""The servers that are compared: how each is built, started, found to be ready, and verified."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.shapes import SHAPES, Shape
from launch import Server, free_port
from raw_http2 import RawConnection

ROOT = Path(__file__).resolve().parents[2]
BENCHMARKS = ROOT / "Benchmarks"
CACHE = ROOT / ".cache/bench"
CONTRACT = BENCHMARKS / "Sources/amaru-bench-server"
OURS = BENCHMARKS / ".build/release/amaru-bench-server"
PATIENCE_SECONDS = 60
MUCH = 1 << 28


class WrongAnswer(Exception):
    """A server does not do what is measured, so that its figures would mean nothing."""


@dataclass(frozen=True)
class Contender:
    name: str
    prepare: Callable[[], None]
    command: Callable[[int], list[str]]
    version: Callable[[], str]
    # nghttpd says nothing when it is ready.
    speaks: bool = True


def output(*command: str) -> str:
    ran = subprocess.run(command, capture_output=True, text=True)
    return (ran.stdout + ran.stderr).strip().split("\n")[0]


def build_ours() -> None:
    build = ["swift", "build", "-c", "release", "--product", OURS.name]
    subprocess.run([*build, "--package-path", str(BENCHMARKS)], check=True)


def write_files() -> None:
    """What nghttpd answers a POST with: a file of the very bytes that the others send."""
    folder = CACHE / "files/echo.Echo"
    folder.mkdir(parents=True, exist_ok=True)
    for shape in SHAPES:
        (folder / shape.method).write_bytes(shape.response)


def build_cpp() -> None:
    script = BENCHMARKS / "peers/grpc_cpp/build.sh"
    subprocess.run(["bash", str(script), str(CACHE / "grpc_cpp")], check=True)


def generate_stubs() -> None:
    stubs = CACHE / "stubs"
    stubs.mkdir(parents=True, exist_ok=True)
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"-I{CONTRACT}", f"--python_out={stubs}"]
    subprocess.run([*protoc, f"--grpc_python_out={stubs}", f"{CONTRACT}/echo.proto"], check=True)


def nghttpd_command(port: int) -> list[str]:
    files = str(CACHE / "files")
    options = ["--no-tls", "--address=127.0.0.1", f"--htdocs={files}", "--trailer=grpc-status: 0"]
    return ["nghttpd", *options, str(port)]


def grpcio_command(port: int) -> list[str]:
    program = str(BENCHMARKS / "peers/grpcio_echo.py")
    return [sys.executable, program, "--port", str(port), "--stubs", str(CACHE / "stubs")]


CONTENDERS = [
    Contender(
        "amaru",
        build_ours,
        lambda port: [str(OURS), "--port", str(port), "--loops", "1"],
        lambda: output("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
    ),
    Contender(
        "nghttpd",
        write_files,
        nghttpd_command,
        lambda: output("nghttpd", "--version"),
        speaks=False,
    ),
    Contender(
        "grpc-c++",
        build_cpp,
        lambda port: [str(CACHE / "grpc_cpp/server"), str(port)],
        lambda: output("dpkg-query", "-W", "-f", "${Package} ${Version}", "libgrpc++-dev"),
    ),
    Contender(
        "grpcio",
        generate_stubs,
        grpcio_command,
        lambda: output(sys.executable, "-c", "import grpc; print('grpcio', grpc.__version__)"),
    ),
]


class Quiet(Server):
    """A server that prints nothing: it is ready when it accepts a connection on its port."""

    def __init__(self, command: list[str], port: int, environment: dict[str, str]) -> None:
        self._port = port
        super().__init__(command, environment=environment, patience_seconds=PATIENCE_SECONDS)

    def _wait(self, patience_seconds: float) -> str:
        port = self._port
        end = time.monotonic() + patience_seconds
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return f"127.0.0.1:{port}"
            except OSError:
                time.sleep(0.02)
        self._ready.put(None)
        return super()._wait(1)


def start(contender: Contender, core: int | None) -> Server:
    """Starts a server, on one core when there is one to give it."""
    pin = [] if core is None else ["taskset", "--cpu-list", str(core)]
    environment = {"GRPC_VERBOSITY": "ERROR", "no_proxy": "*"}
    port = free_port()
    command = [*pin, *contender.command(port)]
    if not contender.speaks:
        return Quiet(command, port, environment)
    return Server(command, environment=environment, patience_seconds=PATIENCE_SECONDS)


def verify(target: str, shape: Shape) -> None:
    """Makes one real call and compares every byte of the answer."""
    with RawConnection(target, window=MUCH) as connection:
        connection.credit(0, MUCH)
        stream = connection.open(shape.path, metadata=dict(shape.fields))
        # h2load sends whole messages too, one after the other in one body.
        connection.message_bytes(stream, shape.request, end=True)
        call = connection.until_end(stream)
    if call.header(":status") != "200" or call.status not in (0, None):
        raise WrongAnswer(f"{shape.path}: grpc-status {call.status}, {call.header('grpc-message')}")
    if bytes(call.data) != shape.response:
        raise WrongAnswer(f"{shape.path}: {len(call.data)} bytes, not the ones expected")


def raise_file_limit(wanted: int) -> int:
    """Lets this process and its children open `wanted` files, or as many as are allowed."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))
    return max(soft, limit)


def cores() -> list[int]:
    return sorted(os.sched_getaffinity(0))
