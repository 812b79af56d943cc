# SPDX-License-Identifier: Apache-2.0
"""The Users service by grpcio's interfaces, over shared memory and TCP at once.

`amaru_users.py NAME [--asynchronous]`; the same answers from threads and from coroutines.
"""

import argparse
import asyncio
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc import code_pb2, error_details_pb2, status_pb2
from grpc_status import rpc_status

import amaru

STUBS = Path(__file__).resolve().parents[2] / ".cache/test-stubs"
sys.path.insert(0, str(STUBS))

import users_pb2 as pb  # noqa: E402
import users_pb2_grpc as services  # noqa: E402

ended = threading.Event()
NOT_FOUND, ABORTED, LEAVES, SLOW, CODE, RICH, METADATA, LARGE, ENDED = range(100, 109)


def rich_status() -> grpc.Status:
    detail = AnyMessage()
    detail.Pack(error_details_pb2.ErrorInfo(reason="NO_USER", domain="shop"))
    status = status_pb2.Status(code=code_pb2.NOT_FOUND, message="no user", details=[detail])
    return rpc_status.to_status(status)


def described(context: Any) -> pb.UserResponse:
    """What a handler sees of its call."""
    metadata = {key: value for key, value in context.invocation_metadata() if key[:2] == "x-"}
    left = context.time_remaining()
    has_deadline = left is not None and 0 < left < 1000
    return pb.UserResponse(name=repr(sorted(metadata.items())), email=repr(has_deadline))


class Users(services.UserServiceServicer):
    def GetUser(self, request: Any, context: grpc.ServicerContext) -> Any:
        match request.id:
            case 100:
                context.set_trailing_metadata((("x-why", "gone"), ("x-bin", b"\x00\xff")))
                context.abort(grpc.StatusCode.NOT_FOUND, "no such user")
            case 101:
                raise ValueError("kaput")
            case 102:
                time.sleep(2)
            case 103:
                context.set_code(grpc.StatusCode.ALREADY_EXISTS)
                context.set_details("twice")
            case 104:
                context.abort_with_status(rich_status())
            case 105:
                context.send_initial_metadata((("x-head", "1"),))
                context.set_trailing_metadata((("x-tail", "2"),))
                return described(context)
            case 106:
                return pb.UserResponse(name="x" * (3 << 20))
            case 107:
                return pb.UserResponse(id=int(ended.wait(60)))
        return pb.UserResponse(id=request.id, name=f"user {request.id}")

    def CreateUser(self, request: Any, context: grpc.ServicerContext) -> Any:
        return pb.UserResponse(name=request.name, email=request.email)

    def ListUsers(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        ended.clear()
        context.add_callback(ended.set)
        for number in range(request.limit or sys.maxsize):
            if number == 3 and request.after_id:
                context.abort(grpc.StatusCode.DATA_LOSS, "no more")
            yield pb.UserResponse(id=number)

    def CreateUsers(self, request_iterator: Any, context: grpc.ServicerContext) -> Any:
        return pb.CreateUsersResponse(
            users=[pb.UserResponse(name=request.name) for request in request_iterator]
        )

    def ChatStream(self, request_iterator: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        for message in request_iterator:
            yield pb.ChatMessage(content=message.content.upper())


class AsyncUsers(services.UserServiceServicer):
    async def GetUser(self, request: Any, context: grpc.aio.ServicerContext) -> Any:
        match request.id:
            case 100:
                trailers = (("x-why", "gone"), ("x-bin", b"\x00\xff"))
                await context.abort(grpc.StatusCode.NOT_FOUND, "no such user", trailers)
            case 101:
                raise ValueError("kaput")
            case 102:
                await asyncio.sleep(2)
            case 103:
                context.set_code(grpc.StatusCode.ALREADY_EXISTS)
                context.set_details("twice")
            case 104:
                await context.abort_with_status(rich_status())
            case 105:
                await context.send_initial_metadata((("x-head", "1"),))
                context.set_trailing_metadata((("x-tail", "2"),))
                return described(context)
            case 106:
                return pb.UserResponse(name="x" * (3 << 20))
            case 107:
                return pb.UserResponse(id=int(await asyncio.to_thread(ended.wait, 60)))
        return pb.UserResponse(id=request.id, name=f"user {request.id}")

    def CreateUser(self, request: Any, context: grpc.ServicerContext) -> Any:
        return pb.UserResponse(name=request.name, email=request.email)

    async def ListUsers(self, request: Any, context: Any) -> AsyncIterator[Any]:
        ended.clear()
        context.add_done_callback(lambda _: ended.set())
        for number in range(request.limit or sys.maxsize):
            if number == 3 and request.after_id:
                await context.abort(grpc.StatusCode.DATA_LOSS, "no more")
            yield pb.UserResponse(id=number)

    async def CreateUsers(self, request_iterator: Any, context: grpc.aio.ServicerContext) -> Any:
        return pb.CreateUsersResponse(
            users=[pb.UserResponse(name=request.name) async for request in request_iterator]
        )

    async def ChatStream(self, request_iterator: Any, context: grpc.aio.ServicerContext) -> None:
        while (message := await context.read()) is not grpc.aio.EOF:
            await context.write(pb.ChatMessage(content=message.content.upper()))


class Guard(grpc.ServerInterceptor):
    """Refuses what has no business here."""

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        if ("x-guard", "refuse") in details.invocation_metadata:
            return grpc.unary_unary_rpc_method_handler(
                lambda _, context: context.abort(grpc.StatusCode.PERMISSION_DENIED, details.method)
            )
        return continuation(details)


class AsyncGuard(grpc.aio.ServerInterceptor):
    """The same, in a coroutine."""

    async def intercept_service(self, continuation: Any, details: Any) -> Any:
        if ("x-guard", "refuse") in details.invocation_metadata:

            async def refuse(_: Any, context: Any) -> None:
                await context.abort(grpc.StatusCode.PERMISSION_DENIED, details.method)

            return grpc.unary_unary_rpc_method_handler(refuse)
        return await continuation(details)


def serve(name: str) -> None:
    pool = futures.ThreadPoolExecutor(50)
    server = amaru.server(pool, None, [Guard()], maximum_concurrent_rpcs=40, name=name)
    services.add_UserServiceServicer_to_server(Users(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    signal.signal(signal.SIGTERM, lambda *_: server.stop(30))
    print(f"listening on 127.0.0.1:{port}", flush=True)
    assert server.wait_for_termination() is False
    print("stopped", flush=True)


async def serve_asynchronously(name: str) -> None:
    server = amaru.aio.server(interceptors=[AsyncGuard()], maximum_concurrent_rpcs=40, name=name)
    services.add_UserServiceServicer_to_server(AsyncUsers(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    stopping = []
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(
        signal.SIGTERM, lambda: stopping.append(loop.create_task(server.stop(30)))
    )
    print(f"listening on 127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()
    print("stopped", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--asynchronous", action="store_true")
    options = parser.parse_args()
    if options.asynchronous:
        asyncio.run(serve_asynchronously(options.name))
    else:
        serve(options.name)


if __name__ == "__main__":
    main()
