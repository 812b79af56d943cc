# SPDX-License-Identifier: Apache-2.0
"""Stubs of grpc_tools over shared memory: each test runs over TCP by grpcio, too, as the measure.

The server is one process with both doors, from threads or on asyncio.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
import users_pb2 as pb
import users_pb2_grpc as services
from grpc_status import rpc_status

import amaru
from amaru_process import Worker, free_name

PATIENCE = 60
Code = grpc.StatusCode


@pytest.fixture(scope="module", params=["threads", "asyncio"])
def users(request: pytest.FixtureRequest) -> Iterator[Worker]:
    flags = ["--asynchronous"] * (request.param == "asyncio")
    with Worker(*flags, program="amaru_users.py") as started:
        yield started


@pytest.fixture(params=["shared memory", "TCP"])
def channel(users: Worker, request: pytest.FixtureRequest) -> Iterator[grpc.Channel]:
    options = [("grpc.enable_http_proxy", 0)]
    if request.param == "TCP":
        opened = grpc.insecure_channel(users.target, options)
    else:
        opened = amaru.shared_memory_channel(users.name, options)
    with opened:
        yield opened


@pytest.fixture
def stub(channel: grpc.Channel) -> services.UserServiceStub:
    return services.UserServiceStub(channel)


def caught(action: Callable[[], Any]) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as raised:
        action()
    assert isinstance(raised.value, grpc.Call)
    return raised.value


def get(number: int) -> pb.GetUserRequest:
    return pb.GetUserRequest(id=number)


def names(count: int) -> Iterator[pb.CreateUserRequest]:
    return (pb.CreateUserRequest(name=f"n{index}") for index in range(count))


def test_the_four_kinds(stub: services.UserServiceStub) -> None:
    assert stub.GetUser(get(7)).name == "user 7"
    assert [user.id for user in stub.ListUsers(pb.ListUsersRequest(limit=2000))] == [*range(2000)]
    created = stub.CreateUsers(names(2000)).users
    assert [user.name for user in created] == [f"n{index}" for index in range(2000)]
    chat = stub.ChatStream(pb.ChatMessage(content=f"hi {index}") for index in range(500))
    assert [message.content for message in chat] == [f"HI {index}" for index in range(500)]


def test_a_handler_that_is_no_coroutine(stub: services.UserServiceStub) -> None:
    assert stub.CreateUser(pb.CreateUserRequest(name="Ada", email="a@b")).email == "a@b"


def test_codes_details_and_trailers(stub: services.UserServiceStub) -> None:
    error = caught(lambda: stub.GetUser(get(100)))
    assert (error.code(), error.details()) == (Code.NOT_FOUND, "no such user")
    trailers = {entry.key: entry.value for entry in error.trailing_metadata()}
    assert trailers == {"x-why": "gone", "x-bin": b"\x00\xff"}
    error = caught(lambda: stub.GetUser(get(101)))
    assert error.code() is Code.UNKNOWN
    assert "kaput" in error.details()
    error = caught(lambda: stub.GetUser(get(103)))
    assert (error.code(), error.details()) == (Code.ALREADY_EXISTS, "twice")
    users = stub.ListUsers(pb.ListUsersRequest(limit=10, after_id=1))
    assert [next(users).id for _ in range(3)] == [0, 1, 2]
    error = caught(lambda: next(users))
    assert (error.code(), error.details()) == (Code.DATA_LOSS, "no more")
    assert users.code() is Code.DATA_LOSS


def test_rich_details_are_what_grpc_status_reads(stub: services.UserServiceStub) -> None:
    status = rpc_status.from_call(caught(lambda: stub.GetUser(get(104))))
    assert (status.code, status.message) == (5, "no user")
    assert b"NO_USER" in status.details[0].value


def test_metadata_both_ways_and_deadlines(stub: services.UserServiceStub) -> None:
    metadata = (("x-one", "1"), ("x-bin", b"\x00\xff"))
    user, call = stub.GetUser.with_call(get(105), timeout=PATIENCE, metadata=metadata)
    assert user.name == repr(sorted(metadata))
    assert user.email == "True"
    assert ("x-head", "1") in [tuple(entry) for entry in call.initial_metadata()]
    assert ("x-tail", "2") in [tuple(entry) for entry in call.trailing_metadata()]
    assert (call.code(), call.is_active()) == (Code.OK, False)
    assert stub.GetUser(get(105)).email == "False"


@pytest.mark.parametrize("metadata", [(("X-Upper", "1"),), (("x-bin", "text"),)])
def test_metadata_that_cannot_be_is_refused(stub: services.UserServiceStub, metadata: Any) -> None:
    with pytest.raises((ValueError, TypeError, grpc.RpcError)):
        stub.GetUser(get(1), metadata=metadata)


def test_a_deadline_passes(stub: services.UserServiceStub) -> None:
    assert caught(lambda: stub.GetUser(get(102), timeout=0.05)).code() is Code.DEADLINE_EXCEEDED
    error = caught(lambda: [*stub.ListUsers(pb.ListUsersRequest(), timeout=0.1)])
    assert error.code() is Code.DEADLINE_EXCEEDED


def test_a_stream_that_is_cancelled_ends_on_both_sides(stub: services.UserServiceStub) -> None:
    users = stub.ListUsers(pb.ListUsersRequest())
    assert [next(users).id for _ in range(1000)] == list(range(1000))
    assert users.is_active()
    users.cancel()
    assert caught(lambda: [*users]).code() is Code.CANCELLED
    assert users.cancelled()
    assert stub.GetUser(get(107)).id == 1, "the handler's callback was called"


def test_futures(stub: services.UserServiceStub) -> None:
    seen = threading.Event()
    future = stub.GetUser.future(get(7))
    future.add_done_callback(lambda done: done.result().id == 7 and seen.set())
    assert seen.wait(PATIENCE)
    assert (future.done(), future.running(), future.exception()) == (True, False, None)
    failed = stub.GetUser.future(get(100))
    assert failed.exception(PATIENCE).code() is Code.NOT_FOUND
    assert caught(failed.result).code() is Code.NOT_FOUND
    slow = stub.GetUser.future(get(102))
    with pytest.raises(grpc.FutureTimeoutError):
        slow.result(0.01)
    assert slow.cancel()
    with pytest.raises(grpc.FutureCancelledError):
        slow.result()
    assert stub.CreateUsers.future(names(10)).result().users[9].name == "n9"
    many = [stub.GetUser.future(get(index)) for index in range(30)]
    assert [each.result(PATIENCE).id for each in many] == list(range(30))


def test_callbacks_of_a_call(stub: services.UserServiceStub) -> None:
    ended = threading.Event()
    users = stub.ListUsers(pb.ListUsersRequest(limit=3))
    assert users.add_callback(ended.set) or users.done()
    assert len([*users]) == 3
    assert ended.wait(PATIENCE) or users.done()
    assert users.add_callback(ended.set) is False


def test_a_chat_answers_before_the_next_message(stub: services.UserServiceStub) -> None:
    turn = threading.Semaphore(1)

    def messages() -> Iterator[pb.ChatMessage]:
        for index in range(20):
            assert turn.acquire(timeout=PATIENCE)
            yield pb.ChatMessage(content=f"a{index}")

    answers = []
    for message in stub.ChatStream(messages()):
        answers.append(message.content)
        turn.release()
    assert answers == [f"A{index}" for index in range(20)]


def test_requests_that_cannot_be_had_end_the_call(stub: services.UserServiceStub) -> None:
    def broken() -> Iterator[pb.CreateUserRequest]:
        yield pb.CreateUserRequest(name="a")
        raise ValueError("no more")

    assert caught(lambda: stub.CreateUsers(broken())).code() is Code.UNKNOWN
    assert caught(lambda: [*stub.ChatStream(iter([7]))]).code() in (Code.INTERNAL, Code.UNKNOWN)
    assert caught(lambda: stub.GetUser(7)).code() is Code.INTERNAL


def test_a_method_that_nobody_serves(channel: grpc.Channel) -> None:
    unknown = channel.unary_unary("/users.v1.UserService/Nothing")
    assert caught(lambda: unknown(b"")).code() is Code.UNIMPLEMENTED
    raw = channel.unary_unary("/users.v1.UserService/GetUser")
    assert pb.UserResponse.FromString(raw(get(5).SerializeToString())).id == 5
    assert caught(lambda: raw(b"\xff\xff")).code() in (Code.INTERNAL, Code.UNKNOWN)


def test_large_messages(stub: services.UserServiceStub) -> None:
    assert len(stub.GetUser(get(106)).name) == 3 << 20
    name = "y" * (3 << 20)
    assert stub.CreateUser(pb.CreateUserRequest(name=name)).name == name
    too_large = pb.CreateUserRequest(name="z" * (4 << 20))
    assert caught(lambda: stub.CreateUser(too_large)).code() is Code.RESOURCE_EXHAUSTED


class Adding(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Adds metadata, and notes what came."""

    def __init__(self) -> None:
        self.codes: list[grpc.StatusCode] = []

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        outcome = continuation(details._replace(metadata=(("x-added", "1"),)), request)
        self.codes.append(outcome.code())
        return outcome

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        return continuation(details, pb.ListUsersRequest(limit=request.limit + 1))


def test_interceptors_of_both_sides(channel: grpc.Channel) -> None:
    adding = Adding()
    stub = services.UserServiceStub(grpc.intercept_channel(channel, adding))
    assert stub.GetUser(get(105)).name == "[('x-added', '1')]"
    assert caught(lambda: stub.GetUser(get(100))).code() is Code.NOT_FOUND
    assert stub.GetUser.future(get(3)).result().id == 3
    assert adding.codes == [Code.OK, Code.NOT_FOUND, Code.OK]
    assert len([*stub.ListUsers(pb.ListUsersRequest(limit=2))]) == 3
    plain = services.UserServiceStub(channel)
    error = caught(lambda: plain.GetUser(get(1), metadata=(("x-guard", "refuse"),)))
    assert error.code() is Code.PERMISSION_DENIED
    assert error.details() == "/users.v1.UserService/GetUser"


def test_threads_share_a_channel(stub: services.UserServiceStub) -> None:
    def work(thread: int) -> list[int]:
        if thread % 3 == 0:
            return [user.id for user in stub.ListUsers(pb.ListUsersRequest(limit=100))]
        return [stub.GetUser(get(1000 + number)).id for number in range(100)]

    with ThreadPoolExecutor(12) as threads:
        for thread, found in enumerate(threads.map(work, range(24))):
            assert found == [number + (1000 if thread % 3 else 0) for number in range(100)]


def test_more_calls_than_allowed_are_refused(stub: services.UserServiceStub) -> None:
    calls = [stub.ChatStream(iter(threading.Event().wait, True)) for _ in range(45)]
    deadline = time.monotonic() + PATIENCE
    error = None
    while error is None and time.monotonic() < deadline:
        try:
            stub.GetUser(get(1))
        except grpc.RpcError as refused:
            error = refused
    assert error.code() is Code.RESOURCE_EXHAUSTED
    for call in calls:
        call.cancel()
    assert wait_for_room(stub)


def wait_for_room(stub: services.UserServiceStub) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(grpc.RpcError):
            return stub.GetUser(get(1)).id == 1
    return False


def test_a_channel_says_when_it_is_ready(channel: grpc.Channel) -> None:
    grpc.channel_ready_future(channel).result(PATIENCE)


def test_a_closed_channel_ends_its_calls(users: Worker) -> None:
    channel = amaru.shared_memory_channel(users.name)
    calls = services.UserServiceStub(channel).ListUsers(pb.ListUsersRequest())
    next(calls)
    channel.close()
    assert caught(lambda: [*calls]).code() is Code.CANCELLED
    stub = services.UserServiceStub(channel)
    assert caught(lambda: stub.GetUser(get(1))).code() is Code.CANCELLED


def test_a_server_that_comes_back_is_found_by_the_same_channel() -> None:
    name = free_name()
    with amaru.shared_memory_channel(name) as channel:
        stub = services.UserServiceStub(channel)
        assert caught(lambda: stub.GetUser(get(1))).code() is Code.UNAVAILABLE
        error = caught(lambda: stub.GetUser(get(1), timeout=0.1, wait_for_ready=True))
        assert error.code() is Code.DEADLINE_EXCEEDED
        with ThreadPoolExecutor(1) as thread:
            waiting = thread.submit(stub.GetUser, get(1), timeout=PATIENCE, wait_for_ready=True)
            for _ in range(2):
                with Worker(program="amaru_users.py", name=name) as server:
                    assert waiting.result().id == 1
                    numbers = stub.ListUsers(pb.ListUsersRequest())
                    next(numbers)
                    server.kill()
                    assert caught(lambda calls=numbers: [*calls]).code() is Code.UNAVAILABLE
                assert caught(lambda: stub.GetUser(get(1))).code() is Code.UNAVAILABLE


def test_a_server_that_stops_lets_its_calls_end() -> None:
    for flags in ([], ["--asynchronous"]):
        with Worker(*flags, program="amaru_users.py") as server:
            with amaru.shared_memory_channel(server.name) as channel:
                stub = services.UserServiceStub(channel)
                last = threading.Event()

                def messages(last: threading.Event = last) -> Iterator[pb.ChatMessage]:
                    yield pb.ChatMessage(content="a")
                    assert last.wait(PATIENCE)
                    yield pb.ChatMessage(content="b")

                chat = stub.ChatStream(messages())
                assert next(chat).content == "A"
                server.terminate()
                last.set()
                assert [message.content for message in chat] == ["B"]
            assert server.wait(PATIENCE) == 0
            assert server.output[-1] == "stopped"


def test_a_name_that_is_taken_is_refused(users: Worker) -> None:
    with pytest.raises(RuntimeError, match=users.name):
        amaru.server().add_insecure_port(f"shm:{users.name}")
    with pytest.raises(ValueError, match="no credentials"):
        amaru.server().add_secure_port("shm:x", grpc.local_server_credentials())
