# SPDX-License-Identifier: Apache-2.0
"""The Users server over grpcio: its calls, their limits, and errors with details."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
import users_pb2 as pb
import users_pb2_grpc
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)
from grpc_status import rpc_status

from certificates import Authority
from conftest import Connect, Serve
from launch import Server, free_port

TIMEOUT_SECONDS = 60
MOST = 1000


@pytest.fixture
def server(serve_users: Serve) -> Server:
    return serve_users()


@pytest.fixture
def stub(channel: grpc.Channel) -> users_pb2_grpc.UserServiceStub:
    return users_pb2_grpc.UserServiceStub(channel)


def new(number: int) -> pb.CreateUserRequest:
    return pb.CreateUserRequest(name=f"user {number}", email=f"user{number}@example.com")


def create(stub: users_pb2_grpc.UserServiceStub, count: int) -> pb.CreateUsersResponse:
    return stub.CreateUsers((new(number) for number in range(count)), timeout=TIMEOUT_SECONDS)


def refused(call: Callable[[], object]) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return caught.value


def detail(error: grpc.RpcError, kind: type) -> object:
    """The one detail of an error."""
    (packed,) = rpc_status.from_call(error).details
    found = kind()
    assert packed.Unpack(found)
    return found


def violated(error: grpc.RpcError) -> list[str]:
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    request = detail(error, error_details_pb2.BadRequest)
    return [violation.field for violation in request.field_violations]


def test_a_created_user_is_found(stub: users_pb2_grpc.UserServiceStub) -> None:
    created = stub.CreateUser(new(1), timeout=TIMEOUT_SECONDS)
    assert (created.id, created.name, created.email) == (1, "user 1", "user1@example.com")
    assert created.created_time.seconds > 1_700_000_000
    assert stub.GetUser(pb.GetUserRequest(id=1), timeout=TIMEOUT_SECONDS) == created


def test_a_user_that_is_not_there_is_named(stub: users_pb2_grpc.UserServiceStub) -> None:
    error = refused(lambda: stub.GetUser(pb.GetUserRequest(id=7), timeout=TIMEOUT_SECONDS))
    assert error.code() is grpc.StatusCode.NOT_FOUND
    resource = detail(error, error_details_pb2.ResourceInfo)
    assert (resource.resource_type, resource.resource_name) == ("users.v1.User", "7")
    error = refused(lambda: stub.GetUser(pb.GetUserRequest(id=0), timeout=TIMEOUT_SECONDS))
    assert violated(error) == ["id"]


def test_a_taken_email_is_named_in_the_details(stub: users_pb2_grpc.UserServiceStub) -> None:
    stub.CreateUser(new(1), timeout=TIMEOUT_SECONDS)
    again = pb.CreateUserRequest(name="other", email="USER1@example.com")
    error = refused(lambda: stub.CreateUser(again, timeout=TIMEOUT_SECONDS))
    assert error.code() is grpc.StatusCode.ALREADY_EXISTS
    resource = detail(error, error_details_pb2.ResourceInfo)
    assert resource.resource_name == "USER1@example.com"


def test_of_many_creators_of_one_email_just_one_succeeds(
    stub: users_pb2_grpc.UserServiceStub,
) -> None:
    def attempt(_: int) -> grpc.StatusCode:
        try:
            stub.CreateUser(new(1), timeout=TIMEOUT_SECONDS)
        except grpc.RpcError as error:
            return error.code()
        return grpc.StatusCode.OK

    with ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(attempt, range(100)))
    assert codes.count(grpc.StatusCode.OK) == 1
    assert codes.count(grpc.StatusCode.ALREADY_EXISTS) == 99


def test_every_wrong_field_is_named(stub: users_pb2_grpc.UserServiceStub) -> None:
    request = pb.CreateUserRequest(name="", email="nobody")
    error = refused(lambda: stub.CreateUser(request, timeout=TIMEOUT_SECONDS))
    assert violated(error) == ["name", "email"]


def test_a_batch_reports_each_entry(stub: users_pb2_grpc.UserServiceStub) -> None:
    stub.CreateUser(new(1), timeout=TIMEOUT_SECONDS)
    wrong = pb.CreateUserRequest(name="x", email="x")
    response = stub.CreateUsers(iter([new(1), new(2), wrong, new(3), new(3)]), timeout=60)
    assert [user.name for user in response.users] == ["user 2", "user 3"]
    exists, invalid = grpc.StatusCode.ALREADY_EXISTS.value[0], 3
    failures = [(failure.index, failure.code) for failure in response.failures]
    assert failures == [(0, exists), (2, invalid), (4, exists)]
    assert "user1@example.com" in response.failures[0].message


def test_a_batch_has_its_limit(stub: users_pb2_grpc.UserServiceStub) -> None:
    error = refused(lambda: create(stub, MOST + 1))
    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert str(MOST) in error.details()
    # Nobody was created by that, and the most that is allowed is.
    assert len(create(stub, MOST).users) == MOST
    assert len(create(stub, 0).users) == 0


def test_a_list_has_its_limits_and_goes_on_after_an_id(
    stub: users_pb2_grpc.UserServiceStub,
) -> None:
    def ids(limit: int, after_id: int = 0) -> list[int]:
        request = pb.ListUsersRequest(limit=limit, after_id=after_id)
        return [user.id for user in stub.ListUsers(request, timeout=TIMEOUT_SECONDS)]

    everyone = [user.id for user in create(stub, MOST).users]
    everyone += [stub.CreateUser(new(MOST), timeout=TIMEOUT_SECONDS).id]
    assert ids(0) == everyone[:50]
    assert ids(1) == everyone[:1]
    assert ids(MOST) == everyone[:MOST]
    assert ids(2, everyone[149]) == everyone[150:152]
    assert ids(0, everyone[-1]) == []
    for limit in (-1, MOST + 1):
        error = refused(lambda limit=limit: ids(limit))
        assert violated(error) == ["limit"]
        assert str(limit) in error.details()


def test_health_and_reflection_are_served(channel: grpc.Channel) -> None:
    health = health_pb2_grpc.HealthStub(channel)
    request = health_pb2.HealthCheckRequest(service="users.v1.UserService")
    answer = health.Check(request, timeout=TIMEOUT_SECONDS)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    assert "users.v1.UserService" in ProtoReflectionDescriptorDatabase(channel).get_services()


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    return tmp_path / "users.db"


def test_servers_that_share_a_new_file_start_together_and_agree(
    users_server: Path, shared: Path, connect: Connect
) -> None:
    def start(_: int) -> Server:
        return Server([users_server, "--port", str(free_port()), "--data", shared])

    with ThreadPoolExecutor(4) as pool:
        servers = list(pool.map(start, range(4)))
    try:
        stubs = [users_pb2_grpc.UserServiceStub(connect(server)) for server in servers]

        def create_by(number: int) -> int:
            stub = stubs[number % len(stubs)]
            return stub.CreateUser(new(number), timeout=TIMEOUT_SECONDS).id

        with ThreadPoolExecutor(8) as pool:
            ids = sorted(pool.map(create_by, range(80)))
        for stub in stubs:
            users = stub.ListUsers(pb.ListUsersRequest(limit=MOST), timeout=TIMEOUT_SECONDS)
            assert [user.id for user in users] == ids
    finally:
        for server in servers:
            server.kill()


def test_what_was_confirmed_outlives_sigkill(
    serve_users: Serve, shared: Path, connect: Connect
) -> None:
    server = serve_users(shared)
    stub = users_pb2_grpc.UserServiceStub(connect(server))
    created = create(stub, 10).users
    server.kill()
    again = users_pb2_grpc.UserServiceStub(connect(serve_users(shared)))
    users = again.ListUsers(pb.ListUsersRequest(), timeout=TIMEOUT_SECONDS)
    assert list(users) == list(created)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


@pytest.fixture
def secure(serve_users: Serve, authority: Authority) -> Server:
    return serve_users(":memory:", *authority.issue("server").flags)


def test_tls_is_served(secure: Server, authority: Authority) -> None:
    credentials = grpc.ssl_channel_credentials(authority.pem.read_bytes())
    with grpc.secure_channel(secure.target, credentials) as channel:
        stub = users_pb2_grpc.UserServiceStub(channel)
        assert stub.CreateUser(new(1), timeout=TIMEOUT_SECONDS).id == 1


@pytest.mark.parametrize(
    ("flags", "named"),
    [(["--colour", "red"], "--colour"), (["--port", "x"], "--port"), (["--tls-key", "k"], "--tls")],
)
def test_wrong_usage_is_named(users_server: Path, flags: list[str], named: str) -> None:
    ran = subprocess.run([users_server, *flags], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 2
    assert named in ran.stderr.splitlines()[0]


def test_a_file_of_another_program_is_refused(users_server: Path, tmp_path: Path) -> None:
    data = tmp_path / "notes.txt"
    data.write_text("not a database\n" * 100)
    flags = ["--port", str(free_port()), "--data", data]
    ran = subprocess.run([users_server, *flags], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert str(data) in ran.stderr
