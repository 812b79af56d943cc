# SPDX-License-Identifier: Apache-2.0
"""Stubs of grpc_tools on asyncio over shared memory; each test runs over TCP by grpc.aio, too."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any

import grpc
import pytest
import users_pb2 as pb
import users_pb2_grpc as services
from grpc import aio
from grpc_status import rpc_status

import amaru
from amaru_process import Worker, free_name

PATIENCE = 60
Code = grpc.StatusCode
Open = Callable[..., aio.Channel]
Body = Callable[[services.UserServiceStub], Awaitable[None]]


@pytest.fixture(scope="module", params=["threads", "asyncio"])
def users(request: pytest.FixtureRequest) -> Iterator[Worker]:
    flags = ["--asynchronous"] * (request.param == "asyncio")
    with Worker(*flags, program="amaru_users.py") as started:
        yield started


@pytest.fixture(params=["shared memory", "TCP"])
def open_channel(users: Worker, request: pytest.FixtureRequest) -> Open:
    def tcp(interceptors: Sequence[Any] | None = None) -> aio.Channel:
        options = [("grpc.enable_http_proxy", 0)]
        return aio.insecure_channel(users.target, options, interceptors=interceptors)

    def shared(interceptors: Sequence[Any] | None = None) -> aio.Channel:
        return amaru.aio.shared_memory_channel(users.name, interceptors=interceptors)

    return tcp if request.param == "TCP" else shared


@pytest.fixture
def run(open_channel: Open) -> Callable[[Body], None]:
    """Runs a test's coroutine with a stub of its own."""

    def run_body(body: Body) -> None:
        async def main() -> None:
            async with open_channel() as channel:
                await asyncio.wait_for(body(services.UserServiceStub(channel)), PATIENCE)

        asyncio.run(main())

    return run_body


async def caught(call: Awaitable[Any]) -> aio.AioRpcError:
    with pytest.raises(aio.AioRpcError) as raised:
        await call
    return raised.value


def get(number: int) -> pb.GetUserRequest:
    return pb.GetUserRequest(id=number)


async def messages(count: int) -> AsyncIterator[pb.ChatMessage]:
    for index in range(count):
        await asyncio.sleep(0)
        yield pb.ChatMessage(content=f"m{index}")


def test_the_four_kinds(run: Any) -> None:
    async def body(stub: services.UserServiceStub) -> None:
        assert (await stub.GetUser(get(7))).name == "user 7"
        listed = stub.ListUsers(pb.ListUsersRequest(limit=2000))
        assert [user.id async for user in listed] == [*range(2000)]
        names = [pb.CreateUserRequest(name=f"n{index}") for index in range(500)]
        assert (await stub.CreateUsers(iter(names))).users[499].name == "n499"
        chat = stub.ChatStream(messages(100))
        assert [m.content async for m in chat] == [f"M{index}" for index in range(100)]
        assert await chat.code() is Code.OK

    run(body)


def test_reading_and_writing_by_hand(run: Any) -> None:
    async def body(stub: services.UserServiceStub) -> None:
        chat = stub.ChatStream()
        for index in range(50):
            await chat.write(pb.ChatMessage(content=f"m{index}"))
            assert (await chat.read()).content == f"M{index}"
        await chat.done_writing()
        assert await chat.read() is aio.EOF
        assert (await chat.code(), chat.done()) == (Code.OK, True)
        with pytest.raises(asyncio.InvalidStateError):
            await chat.write(pb.ChatMessage())
        create = stub.CreateUsers()
        await create.write(pb.CreateUserRequest(name="a"))
        await create.done_writing()
        assert [user.name for user in (await create).users] == ["a"]
        given = stub.ChatStream(messages(1))
        with pytest.raises(aio.UsageError):
            await given.write(pb.ChatMessage())
        assert await given.read()

    run(body)


def test_codes_details_and_metadata(run: Any) -> None:
    async def body(stub: services.UserServiceStub) -> None:
        error = await caught(stub.GetUser(get(100)))
        assert (error.code(), error.details()) == (Code.NOT_FOUND, "no such user")
        assert error.trailing_metadata()["x-why"] == "gone"
        assert error.trailing_metadata()["x-bin"] == b"\x00\xff"
        error = await caught(stub.GetUser(get(101)))
        assert error.code() is Code.UNKNOWN
        assert "kaput" in error.details()
        assert (await caught(stub.GetUser(get(103)))).code() is Code.ALREADY_EXISTS
        rich = stub.GetUser(get(104))
        await caught(rich)
        status = await rpc_status.aio.from_call(rich)
        assert b"NO_USER" in status.details[0].value
        metadata = (("x-one", "1"), ("x-bin", b"\x00\xff"))
        call = stub.GetUser(get(105), metadata=metadata, timeout=PATIENCE)
        assert (await call).name == repr(sorted(metadata))
        assert (await call.initial_metadata())["x-head"] == "1"
        assert (await call.trailing_metadata())["x-tail"] == "2"
        failing = stub.ListUsers(pb.ListUsersRequest(limit=10, after_id=1))
        assert [(await failing.read()).id for _ in range(3)] == [0, 1, 2]
        assert (await caught(failing.read())).code() is Code.DATA_LOSS

    run(body)


def test_deadlines_and_cancellation(run: Any) -> None:
    async def body(stub: services.UserServiceStub) -> None:
        assert (await caught(stub.GetUser(get(102), timeout=0.05))).code() is Code.DEADLINE_EXCEEDED
        users = stub.ListUsers(pb.ListUsersRequest())
        assert [(await users.read()).id for _ in range(100)] == list(range(100))
        assert users.cancel()
        assert users.cancelled()
        with pytest.raises(asyncio.CancelledError):
            await users.read()
        assert await users.code() is Code.CANCELLED
        assert (await stub.GetUser(get(107))).id == 1, "the handler's callback was called"
        call = stub.GetUser(get(102))
        waiting = asyncio.ensure_future(await_it(call))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert call.cancelled()

    run(body)


async def await_it(call: Any) -> Any:
    return await call


def test_callbacks(run: Any) -> None:
    async def body(stub: services.UserServiceStub) -> None:
        ended: asyncio.Queue[Any] = asyncio.Queue()
        call = stub.GetUser(get(7))
        call.add_done_callback(ended.put_nowait)
        assert await ended.get() is call
        call.add_done_callback(ended.put_nowait)
        assert await ended.get() is call

    run(body)


def test_many_calls_at_once(run: Any) -> None:
    async def body(stub: services.UserServiceStub) -> None:
        found = await asyncio.gather(*[stub.GetUser(get(1000 + index)) for index in range(30)])
        assert [user.id for user in found] == [1000 + index for index in range(30)]

    run(body)


class Adding(aio.UnaryUnaryClientInterceptor):
    async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        return await continuation(
            details._replace(metadata=aio.Metadata(("x-added", "1"))), request
        )


class More(aio.UnaryStreamClientInterceptor):
    async def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        return await continuation(details, pb.ListUsersRequest(limit=request.limit + 1))


class Counting(aio.StreamStreamClientInterceptor):
    def __init__(self) -> None:
        self.count = 0

    async def intercept_stream_stream(self, continuation: Any, details: Any, requests: Any) -> Any:
        async def counted() -> AsyncIterator[Any]:
            async for request in requests:
                self.count += 1
                yield request

        return await continuation(details, counted())


class Answering(aio.StreamUnaryClientInterceptor):
    async def intercept_stream_unary(self, continuation: Any, details: Any, requests: Any) -> Any:
        call = await continuation(details, requests)
        assert len((await call).users) == 2
        return call


def test_interceptors(open_channel: Open) -> None:
    async def main() -> None:
        counting = Counting()
        async with open_channel(interceptors=[Adding(), More(), counting, Answering()]) as channel:
            stub = services.UserServiceStub(channel)
            call = stub.GetUser(get(105))
            assert (await call).name == "[('x-added', '1')]"
            assert await call.code() is Code.OK
            assert (await caught(stub.GetUser(get(100)))).code() is Code.NOT_FOUND
            assert len([user async for user in stub.ListUsers(pb.ListUsersRequest(limit=2))]) == 3
            chat = stub.ChatStream()
            await chat.write(pb.ChatMessage(content="a"))
            assert (await chat.read()).content == "A"
            await chat.done_writing()
            assert await chat.read() is aio.EOF
            assert counting.count == 1
            names = [pb.CreateUserRequest(name=name) for name in "ab"]
            assert len((await stub.CreateUsers(iter(names))).users) == 2

    asyncio.run(main())


def test_servers_refuse_by_interceptor(run: Any) -> None:
    async def body(stub: services.UserServiceStub) -> None:
        error = await caught(stub.GetUser(get(1), metadata=(("x-guard", "refuse"),)))
        assert error.code() is Code.PERMISSION_DENIED

    run(body)


def test_a_server_that_comes_is_waited_for_and_one_that_goes_is_noticed() -> None:
    async def main() -> None:
        name = free_name()
        async with amaru.aio.shared_memory_channel(name) as channel:
            stub = services.UserServiceStub(channel)
            assert (await caught(stub.GetUser(get(1)))).code() is Code.UNAVAILABLE
            error = await caught(stub.GetUser(get(1), timeout=0.1, wait_for_ready=True))
            assert error.code() is Code.DEADLINE_EXCEEDED
            assert channel.get_state() is grpc.ChannelConnectivity.IDLE
            waiting = asyncio.ensure_future(await_it(stub.GetUser(get(1), wait_for_ready=True)))
            server = await asyncio.to_thread(start, name)
            try:
                assert (await asyncio.wait_for(waiting, PATIENCE)).id == 1
                await asyncio.wait_for(channel.channel_ready(), PATIENCE)
                assert channel.get_state() is grpc.ChannelConnectivity.READY
                users = stub.ListUsers(pb.ListUsersRequest())
                await users.read()
            finally:
                await asyncio.to_thread(server.kill)
            with pytest.raises(aio.AioRpcError) as raised:
                async for _ in users:
                    pass
            assert raised.value.code() is Code.UNAVAILABLE

    asyncio.run(main())


def start(name: str) -> Worker:
    return Worker(program="amaru_users.py", name=name)


def test_a_channel_that_is_closed_ends_its_calls(users: Worker) -> None:
    async def main() -> None:
        channel = amaru.aio.shared_memory_channel(users.name)
        listed = services.UserServiceStub(channel).ListUsers(pb.ListUsersRequest())
        await listed.read()
        await channel.close()
        assert await listed.code() is Code.CANCELLED
        assert channel.get_state() is grpc.ChannelConnectivity.SHUTDOWN

    asyncio.run(main())


def test_a_loop_of_another_thread_is_refused(users: Worker) -> None:
    async def use(channel: aio.Channel) -> None:
        await services.UserServiceStub(channel).GetUser(get(1))

    async def main() -> None:
        channel = amaru.aio.shared_memory_channel(users.name)
        await use(channel)
        errors = []

        def elsewhere() -> None:
            try:
                asyncio.run(use(channel))
            except RuntimeError as error:
                errors.append(str(error))

        thread = threading.Thread(target=elsewhere)
        await asyncio.to_thread(lambda: (thread.start(), thread.join()))
        assert "another event loop" in errors[0]
        await channel.close()

    asyncio.run(main())
