# SPDX-License-Identifier: Apache-2.0
"""What the flags of the Users example switch on: tokens, metrics, the access log, the breaker."""

import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
import users_pb2 as pb
import users_pb2_grpc

from conftest import STUBS, USERS, Connect, Serve

PATIENCE_SECONDS = 120
SECRET = b"a secret that has 32 bytes or more"

Sign = Callable[[bytes], bytes]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def token(algorithm: str, sign: Sign, **claims: object) -> str:
    """A JSON Web Token (RFC 7519) that is valid for an hour, unless the claims say otherwise."""
    parts = [{"alg": algorithm}, {"exp": int(time.time()) + 3600, **claims}]
    signed = b".".join(encoded(json.dumps(part).encode()) for part in parts)
    return (signed + b"." + encoded(sign(signed))).decode()


def hs256(text: bytes) -> bytes:
    return hmac.digest(SECRET, text, hashlib.sha256)


@pytest.fixture(params=["swift", "python"])
def either(request: pytest.FixtureRequest, users_client: Path) -> Run:
    clients = {"swift": [users_client], "python": [sys.executable, USERS / "python/client.py"]}
    environment = {**os.environ, "PYTHONPATH": str(STUBS)}

    def run(*words: str | Path) -> "subprocess.CompletedProcess[str]":
        command = [*clients[request.param], *words]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )

    return run


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret"
    file.write_bytes(SECRET)
    return file


def test_both_clients_need_a_token_and_send_it(
    either: Run, serve_users: Serve, secret: Path, tmp_path: Path
) -> None:
    server = serve_users(":memory:", "--jwt-secret", secret, "--jwt-audience", "users")
    ran = either("--target", server.target)
    assert ran.returncode == 1
    assert "UNAUTHENTICATED" in ran.stderr
    file = tmp_path / "token"
    file.write_text(token("HS256", hs256, aud="users"))
    ran = either("--target", server.target, "--token", file)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "claims", [{"aud": "others"}, {"aud": "users", "exp": 1}, {}], ids=["other", "expired", "none"]
)
def test_a_token_for_others_or_from_long_ago_is_refused(
    serve_users: Serve, secret: Path, connect: Connect, claims: dict[str, object]
) -> None:
    server = serve_users(":memory:", "--jwt-secret", secret, "--jwt-audience", "users")
    stub = users_pb2_grpc.UserServiceStub(connect(server))
    metadata = [("authorization", "Bearer " + token("HS256", hs256, **claims))]
    with pytest.raises(grpc.RpcError) as caught:
        stub.GetUser(pb.GetUserRequest(id=1), metadata=metadata, timeout=60)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def forged() -> str:
    """A good token with another user in its claims."""
    head, _, signature = token("HS256", hs256, aud="users").split(".")
    claims = json.dumps({"exp": int(time.time()) + 3600, "aud": "users", "sub": "somebody else"})
    return ".".join([head, encoded(claims.encode()).decode(), signature])


# Clocks may differ by 30 seconds; a minute lies on the safe side of it.
BAD_TOKENS: dict[str, tuple[Callable[[], str], grpc.StatusCode]] = {
    "forged": (forged, grpc.StatusCode.UNAUTHENTICATED),
    "alg none": (
        lambda: token("none", lambda _: b"", aud="users"),
        grpc.StatusCode.UNAUTHENTICATED,
    ),
    "other secret": (
        lambda: token("HS256", lambda text: hmac.digest(b"x" * 32, text, "sha256"), aud="users"),
        grpc.StatusCode.UNAUTHENTICATED,
    ),
    "a clock far ahead": (
        lambda: token("HS256", hs256, aud="users", nbf=int(time.time()) + 600),
        grpc.StatusCode.UNAUTHENTICATED,
    ),
    "a clock far behind": (
        lambda: token("HS256", hs256, aud="users", exp=int(time.time()) - 600),
        grpc.StatusCode.UNAUTHENTICATED,
    ),
    "over the token's limit": (
        lambda: token("HS256", hs256, aud="users", more="x" * 7000),
        grpc.StatusCode.UNAUTHENTICATED,
    ),
    "over the header list's limit": (
        lambda: token("HS256", hs256, aud="users", more="x" * 13_000),
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    ),
}


def test_bad_tokens_are_refused_and_good_ones_within_the_leeway_taken(
    serve_users: Serve, secret: Path, connect: Connect
) -> None:
    server = serve_users(":memory:", "--jwt-secret", secret, "--jwt-audience", "users")
    stub = users_pb2_grpc.UserServiceStub(connect(server))

    def ask(signed: str) -> grpc.StatusCode:
        with pytest.raises(grpc.RpcError) as caught:
            stub.GetUser(
                pb.GetUserRequest(id=1),
                metadata=[("authorization", f"Bearer {signed}")],
                timeout=60,
            )
        return caught.value.code()

    for name, (make, code) in BAD_TOKENS.items():
        assert ask(make()) is code, name
    # There is no such user: the token was good.
    for claims in ({}, {"exp": int(time.time()) - 5}, {"nbf": int(time.time()) + 20}):
        assert ask(token("HS256", hs256, aud="users", **claims)) is grpc.StatusCode.NOT_FOUND


def test_public_keys_are_read_from_pem(
    serve_users: Serve, connect: Connect, tmp_path: Path
) -> None:
    private, public = tmp_path / "private.pem", tmp_path / "public.pem"

    def openssl(*words: str | Path, typed: bytes = b"") -> bytes:
        return subprocess.run(
            ["openssl", *words], input=typed, check=True, capture_output=True
        ).stdout

    openssl("genrsa", "-out", private, "2048")
    openssl("rsa", "-in", private, "-pubout", "-out", public)
    server = serve_users(":memory:", "--jwt-keys", public)
    stub = users_pb2_grpc.UserServiceStub(connect(server))

    def create(signed: str) -> int:
        metadata = [("authorization", f"Bearer {signed}")]
        request = pb.CreateUserRequest(name="Ada", email="ada@example.com")
        return stub.CreateUser(request, metadata=metadata, timeout=60).id

    with pytest.raises(grpc.RpcError):
        create(token("HS256", hs256))
    assert (
        create(
            token("RS256", lambda text: openssl("dgst", "-sha256", "-sign", private, typed=text))
        )
        == 1
    )


@pytest.mark.parametrize(
    "flags", [["--jwt-keys", "a", "--jwt-secret", "b"], ["--jwt-audience", "users"]]
)
def test_flags_that_do_not_fit_are_named(users_server: Path, flags: list[str]) -> None:
    ran = subprocess.run([users_server, *flags], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 2
    assert flags[0] in ran.stderr.splitlines()[0]


def test_a_key_file_that_is_missing_is_named(users_server: Path) -> None:
    command = [users_server, "--data", ":memory:", "--jwt-keys", "/no/such/keys.pem"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "/no/such/keys.pem" in ran.stderr


def test_metrics_count_the_calls(serve_users: Serve, connect: Connect) -> None:
    server = serve_users(":memory:", "--metrics", "127.0.0.1:0")
    stub = users_pb2_grpc.UserServiceStub(connect(server))
    for _ in range(3):
        list(stub.ListUsers(pb.ListUsersRequest(), timeout=60))
    address = next(line for line in server.output if line.startswith("metrics on "))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(address.removeprefix("metrics on "), timeout=60) as answer:
        text = answer.read().decode()
    started = re.findall(r"grpc_server_call_started_total\{(.*)\} (\d+)", text)
    assert [count for labels, count in started if "ListUsers" in labels] == ["3"]


def test_the_access_log_has_a_line_for_each_call(serve_users: Serve, connect: Connect) -> None:
    server = serve_users(":memory:", "--access-log", "json")
    stub = users_pb2_grpc.UserServiceStub(connect(server))
    list(stub.ListUsers(pb.ListUsersRequest(), timeout=60))
    assert server.stop() == 0
    # The server's own lines have the same form; those before and after are for who started it.
    lines = [json.loads(line) for line in server.output if not line.startswith("listening on ")]
    assert [line["message"].partition(" ")[0] for line in lines] == ["the", "call", "signal"]
    assert "ListUsers" in lines[1]["method"]


@pytest.fixture
def broken() -> Iterator[str]:
    """A server that fails, but for the one user that the load begins with."""

    class Broken(users_pb2_grpc.UserServiceServicer):
        def ListUsers(  # noqa: N802
            self, request: pb.ListUsersRequest, context: grpc.ServicerContext
        ) -> Iterator[pb.UserResponse]:
            if request.limit != 1:
                context.abort(grpc.StatusCode.INTERNAL, "broken")
            yield pb.UserResponse(id=1)

        def GetUser(self, request: object, context: grpc.ServicerContext) -> None:  # noqa: N802
            del request
            context.abort(grpc.StatusCode.INTERNAL, "broken")

    server = grpc.server(ThreadPoolExecutor(8))
    users_pb2_grpc.add_UserServiceServicer_to_server(Broken(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None)


def test_the_breaker_takes_calls_from_a_server_that_fails(
    users_client: Path, broken: str, serve_users: Serve
) -> None:
    well = serve_users()
    with grpc.insecure_channel(well.target, [("grpc.enable_http_proxy", 0)]) as channel:
        request = pb.CreateUserRequest(name="Ada", email="ada@example.com")
        assert users_pb2_grpc.UserServiceStub(channel).CreateUser(request, timeout=60).id == 1
    target = f"ipv4:{broken},{well.target}"
    flags = [
        "--target",
        target,
        "--balancer",
        "round_robin",
        "load",
        "--rate",
        "100",
        "--seconds",
        "4",
    ]

    def failures(*more: str) -> int:
        command = [users_client, *more, *flags]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS)
        assert "in all: " in ran.stdout, ran.stdout + ran.stderr
        (count,) = re.findall(r"in all: \d+ ok, (\d+) failed", ran.stdout)
        return int(count)

    assert 0 < failures("--breaker") < failures()
