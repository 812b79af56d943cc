# SPDX-License-Identifier: Apache-2.0
"""The example's Python client, run by the commands that its README gives, and the demo."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import CLIENT, INVENTORY, ROOT, STUBS
from launch import Server, ServerFailed, free_port

PATIENCE_SECONDS = 300
MANUAL = (
    "uv run python -m grpc_tools.protoc -I../proto --python_out=./src "
    "--grpc_python_out=./src ../proto/inventory.proto"
)


def run(command: list[str | Path], **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, **more)  # type: ignore[call-overload]


def client(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(STUBS)}
    return run([sys.executable, CLIENT / "src/client.py", *arguments], env=environment)


def test_it_can_be_run_again_and_again_against_one_store(server: Server) -> None:
    for runs in (1, 2, 3):
        ran = client("--target", server.target)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert f"{4 * runs} items in stock, 4 of them added now" in ran.stdout
        for code in ("NOT_FOUND", "ALREADY_EXISTS", "INVALID_ARGUMENT"):
            assert code in ran.stdout


def test_verbose_prints_the_wire(server: Server) -> None:
    ran = client("--target", server.target, "--verbose")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "-> call       POST /inventory.Inventory/AddItem" in ran.stdout
    assert "<- trailers   grpc-status: 5 (NOT_FOUND)" in ran.stdout
    assert "<- in all     4 messages" in ran.stdout


def test_without_a_server_it_says_how_to_start_one() -> None:
    ran = client("--target", f"127.0.0.1:{free_port()}")
    assert ran.returncode == 1
    assert "no server answers" in ran.stderr
    assert "make run" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_help_and_wrong_usage() -> None:
    assert "--target" in client("--help").stdout
    assert client("--colour").returncode == 2


def test_the_demo_ends_with_0_and_shows_both_directions(inventory_server: Path) -> None:
    ran = run([sys.executable, ROOT / "scripts/demo.py", "--server", inventory_server])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "-> call" in ran.stdout
    assert "<- message" in ran.stdout
    assert "ended with 0" in ran.stdout


def test_the_demo_fails_when_the_server_does() -> None:
    ran = run([sys.executable, ROOT / "scripts/demo.py", "--server", "/bin/false"])
    assert ran.returncode == 1
    assert "before it listened" in ran.stderr


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(ServerFailed, match="/no/such/server cannot be started"):
        Server(["/no/such/server"])


def index_of_pip() -> dict[str, str]:
    """uv does not read pip's settings: a mirror that is set there is handed on."""
    ask = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    index = run(ask).stdout.strip() or os.environ.get("PIP_INDEX_URL", "")
    return {"UV_DEFAULT_INDEX": index} if index else {}


@pytest.mark.parametrize("generate", ["uv run python generate_stubs.py", MANUAL])
def test_the_commands_of_the_readme_work(server: Server, tmp_path: Path, generate: str) -> None:
    shutil.copytree(INVENTORY / "proto", tmp_path / "proto")
    folder = tmp_path / "python_client"
    shutil.copytree(CLIENT, folder, ignore=shutil.ignore_patterns("*_pb2*", ".venv", "uv.lock"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **index_of_pip(), "PATH": path}
    environment.pop("VIRTUAL_ENV", None)
    call = f"uv run python src/client.py --target {server.target}"
    for number, command in enumerate(["uv sync", generate, call]):
        # Once synchronised, nothing needs the network any more.
        offline = {"UV_OFFLINE": "1"} if number else {}
        ran = run(command.split(), cwd=folder, env=environment | offline)
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
    assert (folder / "src/inventory_pb2.py").exists()
    assert (folder / "src/inventory_pb2_grpc.py").exists()
