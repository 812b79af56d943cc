# SPDX-License-Identifier: Apache-2.0
"""What the tests share: the stubs, the server's binary, and servers that end with their test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import grpc
import pytest

from amaru_process import Worker
from launch import Server, free_port

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = ROOT / "Examples/inventory"
CLIENT = INVENTORY / "python_client"
USERS = ROOT / "Examples/users"
GREETER = ROOT / "Examples/greeter"
DOORS = ROOT / "Tests/DoorTool"
EXAMPLES_BUILD = ROOT / "Examples/.build"
STUBS = ROOT / ".cache/test-stubs"

# The test modules import the stubs, so they have to be there before any is collected.
for generate in (CLIENT / "generate_stubs.py", USERS / "python/generate_stubs.py"):
    subprocess.run(
        [sys.executable, generate, "--out", STUBS], check=True, stdout=subprocess.DEVNULL
    )
command = [
    sys.executable,
    "-m",
    "grpc_tools.protoc",
    f"-I{DOORS}",
    f"-I{ROOT / 'proto/well-known'}",
]
command += [f"--python_out={STUBS}", f"--pyi_out={STUBS}", DOORS / "doors.proto"]
subprocess.run(command, check=True)
sys.path.insert(0, str(STUBS))


# Until the native part of the package is built, nothing of the package can be imported.
if not any((ROOT / "python/amaru").glob("_native*.so")):
    collect_ignore_glob = ["test_amaru_*.py"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--mutations", type=int, default=3000, help="how many requests are mutated")
    parser.addoption("--seed", type=int, default=1, help="the seed of the mutations")


class Serve(Protocol):
    """Starts a server on a free port."""

    def __call__(self, data: Path | str = ":memory:", *flags: Path | str) -> Server: ...


@pytest.fixture(scope="session")
def inventory_server() -> Path:
    return binary("AMARU_INVENTORY_SERVER", INVENTORY, "inventory-server")


@pytest.fixture(scope="session")
def users_server() -> Path:
    return binary("AMARU_USERS_SERVER", USERS, "users-server")


@pytest.fixture(scope="session")
def greeter_server() -> Path:
    return binary("AMARU_GREETER_SERVER", GREETER, "greeter-server")


@pytest.fixture(scope="session")
def examples_server() -> Path:
    return binary("AMARU_EXAMPLES_SERVER", ROOT / "Examples", "examples-server")


@pytest.fixture(scope="session")
def users_client() -> Path:
    return binary("AMARU_USERS_CLIENT", USERS, "users-client")


def binary(variable: str, package: Path, product: str) -> Path:
    """The binary that the variable names, or the release one, which is built when it is missing."""
    if named := os.environ.get(variable):
        return Path(named)
    built = EXAMPLES_BUILD / "release" / product
    if not built.exists():
        build = ["swift", "build", "-c", "release", "--product", product]
        folders = ["--package-path", package, "--scratch-path", EXAMPLES_BUILD]
        subprocess.run([*build, *folders], check=True)
    return built


@pytest.fixture(scope="session")
def fault_tool() -> Path:
    """What the tests of faults run: AMARU_FAULT_TOOL, or what is built beside the Swift tests."""
    return tool("AMARU_FAULT_TOOL", "fault-tool")


@pytest.fixture(scope="session")
def door_tool() -> Path:
    """What the tests of doors run: AMARU_DOOR_TOOL, or what is built beside the Swift tests."""
    return tool("AMARU_DOOR_TOOL", "door-tool")


@pytest.fixture(scope="module")
def door_server(door_tool: Path) -> Iterator[Server]:
    """A server of `doors.v1.Doors`, which lives on and keeps its memory, whatever it is sent."""
    with Server([door_tool, "serve", "--port", str(free_port())]) as server:
        yield server
        assert server.process.poll() is None
        lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
        peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
        assert peak < 100_000, "over 100 MB"


@pytest.fixture(params=["1.1", "2"])
def version(request: pytest.FixtureRequest) -> str:
    """Each version of HTTP."""
    return request.param


def tool(variable: str, product: str) -> Path:
    if named := os.environ.get(variable):
        return Path(named)
    build = ["swift", "build", "--product", product, "--package-path", ROOT]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    return ROOT / ".build/debug" / product


@pytest.fixture
def serve(inventory_server: Path) -> Iterator[Serve]:
    yield from starter(inventory_server)


@pytest.fixture
def serve_users(users_server: Path) -> Iterator[Serve]:
    yield from starter(users_server)


def starter(server: Path) -> Iterator[Serve]:
    """Starts servers of one kind, and ends them with the test."""
    servers: list[Server] = []

    def start(data: Path | str = ":memory:", *flags: Path | str) -> Server:
        command = [server, "--host", "127.0.0.1", "--port", str(free_port())]
        servers.append(Server([*command, "--data", str(data), *flags]))
        return servers[-1]

    yield start
    for started in servers:
        started.kill()


@pytest.fixture
def server(serve: Serve) -> Server:
    """A fresh server that keeps its items in memory."""
    return serve()


@pytest.fixture
def connect() -> Iterator["Connect"]:
    channels: list[grpc.Channel] = []

    def open_channel(server: Server) -> grpc.Channel:
        # Channels to one target share a connection unless told otherwise; each client is its own.
        options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
        channels.append(grpc.insecure_channel(server.target, options=options))
        return channels[-1]

    yield open_channel
    for channel in channels:
        channel.close()


class Connect(Protocol):
    """Opens a channel to a server, with a connection of its own."""

    def __call__(self, server: Server) -> grpc.Channel: ...


@pytest.fixture
def channel(server: Server, connect: Connect) -> grpc.Channel:
    return connect(server)


@pytest.fixture
def worker() -> Iterator[Worker]:
    """A worker of `amaru_worker.py`."""
    with Worker() as started:
        yield started
