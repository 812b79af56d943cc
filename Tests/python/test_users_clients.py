# SPDX-License-Identifier: Apache-2.0
"""The Users clients as commands: both demos, and what the Swift one does by its flags."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from certificates import Authority
from conftest import STUBS, USERS, Serve
from launch import Server, free_port
from test_client import index_of_pip

PATIENCE_SECONDS = 120

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def server(serve_users: Serve) -> Server:
    return serve_users()


@pytest.fixture
def swift(users_client: Path) -> Run:
    return lambda *words, **more: run(users_client, *words, **more)


@pytest.fixture
def python() -> Run:
    return lambda *words, **more: run(sys.executable, USERS / "python/client.py", *words, **more)


@pytest.fixture(params=["swift", "python"])
def either(request: pytest.FixtureRequest) -> Run:
    return request.getfixturevalue(request.param)


def run(*command: str | Path, typed: str = "") -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": str(STUBS), "USER": "ada"}
    return subprocess.run(
        command,
        input=typed,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        timeout=PATIENCE_SECONDS,
    )


def test_the_demo_can_be_run_again_and_again(either: Run, server: Server) -> None:
    for _ in range(3):
        ran = either("--target", server.target, "demo")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        for shown in ("Ada Lovelace", "Grace Hopper", "How are you?", "NOT_FOUND", "the contract"):
            assert shown in ran.stdout


def test_without_a_server_the_clients_say_how_to_start_one(either: Run) -> None:
    ran = either("--target", f"127.0.0.1:{free_port()}")
    assert ran.returncode == 1
    assert "make run" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_commands_can_be_piped_in(either: Run, server: Server) -> None:
    lines = ["create Ada Lovelace ada@example.com", "get 1", "list 5", "get x", "fly", "join attic"]
    batch = "batch A B a@b.co, Nobody nowhere"
    ran = either(
        "--target",
        server.target,
        "interactive",
        typed="\n".join([*lines, batch, "say hello", "help", "say bye"]),
    )
    # `get x` and `fly` could not be carried out, and nobody watched.
    assert ran.returncode == 1, ran.stderr
    assert ran.stdout.count("Ada Lovelace <ada@example.com>") == 3
    for shown in ("1 users", "usage: get ID", "fly is not a command", "* you are in attic"):
        assert shown in ran.stdout
    for shown in ("A B <a@b.co>", "local@domain", "ada: hello", "leave the chat"):
        assert shown in ran.stdout
    # The chat is left when the input ends, and what was said is heard before.
    assert ran.stdout.rstrip().endswith("ada: bye")


def test_piped_commands_that_go_well_end_with_0(either: Run, server: Server) -> None:
    talk = [f"say {number}" for number in range(2000)]
    ran = either("--target", server.target, "interactive", typed="\n".join(["join attic", *talk]))
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("[attic") == 2000


def test_quit_ends_the_piped_commands(either: Run, server: Server) -> None:
    ran = either("--target", server.target, "interactive", typed="quit\nget 1\n")
    assert ran.returncode == 0
    assert "NOT_FOUND" not in ran.stdout


def test_blanks_inside_a_text_stay_as_they_were_typed(either: Run, server: Server) -> None:
    lines = ["create  Ada   Lovelace   ada@example.com ", "join the  attic", "say a   b "]
    ran = either("--target", server.target, "interactive", typed="\n".join(lines))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for shown in ("Ada   Lovelace <ada@example.com>", "you are in the  attic", "ada: a   b\n"):
        assert shown in ran.stdout


def test_a_line_that_is_not_utf8_is_named(swift: Run, server: Server) -> None:
    ran = swift("--target", server.target, "interactive", typed="join attic\nsay a\udcffb\nsay c")
    assert ran.returncode == 1
    assert "the line is not valid UTF-8" in ran.stdout
    assert ran.stdout.rstrip().endswith("ada: c")


@pytest.mark.parametrize("words", [["demo"], ["list"], ["interactive"], ["load"], ["--help"]])
def test_output_that_nobody_can_read_ends_the_client(
    users_client: Path, server: Server, words: list[str]
) -> None:
    run(users_client, "--target", server.target, "create", "Ada", "ada@example.com")
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as output:
        # Python ignores SIGPIPE, and so does the client then.
        ran = subprocess.run(
            [users_client, "--target", server.target, *words],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            restore_signals=False,
            timeout=PATIENCE_SECONDS,
        )
    assert ran.returncode == 1
    assert "standard output cannot be written: Broken pipe" in ran.stderr


def test_single_commands_print_their_result(swift: Run, server: Server) -> None:
    target = ("--target", server.target)
    ran = swift(*target, "create", "Ada Lovelace", "ada@example.com")
    assert ran.returncode == 0, ran.stderr
    assert swift(*target, "get", "1").stdout == ran.stdout
    assert swift(*target, "list", "--limit", "7").stdout == ran.stdout
    for words, said in ((["get", "2"], "NOT_FOUND"), (["list", "--limit", "-1"], "limit is -1")):
        ran = swift(*target, *words)
        assert ran.returncode == 1
        assert said in ran.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--colour", "red"],
        ["--target"],
        ["fly"],
        ["get"],
        ["get", "x"],
        ["demo", "--limit", "1"],
        ["load", "--rate", "0"],
        ["load", "--rate", "10001"],
        ["--balancer", "random"],
        ["--tls-cert", "a.pem"],
    ],
)
def test_wrong_usage_is_named(swift: Run, words: list[str]) -> None:
    ran = swift(*words)
    assert ran.returncode == 2
    assert "usage:" in ran.stderr
    assert any(word in ran.stderr.splitlines()[0] for word in words)


@pytest.mark.parametrize("scheme", ["dns:///{}", "ipv4:{},{}", "{}"])
@pytest.mark.parametrize("balancer", ["pick_first", "round_robin", "least_requests"])
def test_targets_and_balancers(swift: Run, server: Server, scheme: str, balancer: str) -> None:
    target = scheme.format(server.target, server.target)
    flags = ["--target", target, "--balancer", balancer, "--retries"]
    ran = swift(*flags, "load", "--rate", "100", "--seconds", "1")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"in all: 100 ok, 0 failed | ipv4:{server.target} 100" in ran.stdout


def test_load_counts_the_calls_that_fail(users_client: Path, server: Server) -> None:
    flags = ["--target", server.target, "load", "--rate", "50", "--seconds", "4"]
    with subprocess.Popen([users_client, *flags], stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        assert client.stdout.readline().startswith("1 s: ")
        server.kill()
        rest = client.stdout.read()
    assert client.returncode == 1
    assert "failed: UNAVAILABLE" in rest
    assert " 0 failed" not in rest.splitlines()[-1]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def test_tls_is_spoken_by_both(either: Run, serve_users: Serve, authority: Authority) -> None:
    server = serve_users(":memory:", *authority.issue("server").flags)
    ran = either("--target", server.target, "--tls-ca", str(authority.pem))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    other = Authority(authority.folder.parent / "other")
    assert either("--target", server.target, "--tls-ca", str(other.pem)).returncode == 1
    assert either("--target", server.target).returncode == 1


def test_a_client_certificate_is_shown(
    either: Run, serve_users: Serve, authority: Authority
) -> None:
    flags = [*authority.issue("server").flags, "--tls-client-ca", authority.pem]
    server = serve_users(":memory:", *flags)
    secure = ["--target", server.target, "--tls-ca", str(authority.pem)]
    assert either(*secure).returncode == 1
    own = authority.issue("client")
    ran = either(*secure, "--tls-cert", str(own.pem), "--tls-key", str(own.key))
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_token_is_sent(either: Run, tmp_path: Path) -> None:
    seen: list[str] = []

    class Recorder(grpc.GenericRpcHandler):
        def service(self, details: grpc.HandlerCallDetails) -> None:
            seen.extend(v for k, v in details.invocation_metadata if k == "authorization")

    peer = grpc.server(ThreadPoolExecutor(1), handlers=[Recorder()])
    port = peer.add_insecure_port("127.0.0.1:0")
    peer.start()
    token = tmp_path / "token"
    token.write_text("abc.def\n")
    ran = either("--target", f"127.0.0.1:{port}", "--token", str(token))
    assert ran.returncode == 1
    assert "UNIMPLEMENTED" in ran.stderr
    assert seen == ["Bearer abc.def"]
    peer.stop(None)


def test_a_token_file_that_is_missing_is_named(either: Run, server: Server) -> None:
    ran = either("--target", server.target, "--token", "/no/such/token")
    assert ran.returncode != 0
    assert "/no/such/token" in ran.stderr


def test_no_call_fails_while_one_of_three_servers_is_killed(
    users_server: Path, users_client: Path
) -> None:
    script = USERS / "three_servers.py"
    binaries = ["--server", users_server, "--client", users_client]
    ran = run(sys.executable, script, *binaries, "--seconds", "9", "--rate", "100")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "kill -9" in ran.stdout
    assert "in all: 900 ok, 0 failed" in ran.stdout


def test_the_commands_of_the_readme_work(server: Server, tmp_path: Path) -> None:
    for folder in ("proto", "python"):
        ignored = shutil.ignore_patterns("*_pb2*", ".venv", "uv.lock", "__pycache__")
        shutil.copytree(USERS / folder, tmp_path / folder, ignore=ignored)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, **index_of_pip(), "PATH": path}
    environment.pop("VIRTUAL_ENV", None)
    call = f"uv run python client.py --target {server.target}"
    for number, command in enumerate(["uv sync", "uv run python generate_stubs.py", call]):
        # Once synchronised, nothing needs the network any more.
        offline = {"UV_OFFLINE": "1"} if number else {}
        ran = subprocess.run(
            command.split(),
            cwd=tmp_path / "python",
            env=environment | offline,
            capture_output=True,
            text=True,
            timeout=3 * PATIENCE_SECONDS,
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"


def test_three_servers_says_what_is_not_built() -> None:
    ran = run(sys.executable, USERS / "three_servers.py", "--server", "/no/such/server")
    assert ran.returncode == 1
    assert "make build" in ran.stderr
