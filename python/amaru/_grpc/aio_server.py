# SPDX-License-Identifier: Apache-2.0
"""`aio.server()`: a grpc.aio.Server whose clients may also come through shared memory."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

from grpc import aio

from .. import _native
from .._asynchronous import AsyncServerCall, Driver
from .._blocking import BlockingServerCall
from .._eager import EagerTasks
from ..errors import RpcError
from . import terms
from .aio_call import is_asynchronous
from .aio_context import AioContext
from .context import Aborted, Context
from .handlers import (
    CallDetails,
    Handlers,
    behaviour,
    check_interceptors,
    details_of,
    listen,
    name_of,
)
from .server import read_request, run_handler, write_response


def server(
    migration_thread_pool: Executor | None = None,
    handlers: Sequence[Any] | None = None,
    interceptors: Sequence[Any] | None = None,
    options: terms.Options = None,
    maximum_concurrent_rpcs: int | None = None,
    compression: Any = None,
    *,
    name: str | None = None,
) -> aio.Server:
    """The same as `grpc.aio.server`, for `add_XServicer_to_server`.

    name: clients in this machine reach it with a shared memory channel to it. So does
    `add_insecure_port("shm:NAME")`; other addresses are served as by `grpc.aio.server`.
    """
    made = Server(
        migration_thread_pool, handlers, interceptors, options, maximum_concurrent_rpcs, compression
    )
    if name is not None:
        made.listen(name)
    return made


class Server(aio.Server):
    """Handlers run on the loop; those that are not `async def`, in the thread pool."""

    def __init__(
        self,
        pool: Executor | None,
        handlers: Sequence[Any] | None,
        interceptors: Sequence[Any] | None,
        options: terms.Options,
        maximum_concurrent_rpcs: int | None,
        compression: Any,
    ) -> None:
        self._pool = pool
        self._handlers = Handlers(handlers)
        self._interceptors = check_interceptors(interceptors, aio.ServerInterceptor)
        self._options = options
        self._most = maximum_concurrent_rpcs
        self._compression = compression
        self._listeners: list[_native.Listener] = []
        self._drivers: list[Driver] = []
        self._sockets: aio.Server | None = None
        self._calls: set[AsyncServerCall | BlockingServerCall] = set()
        self._tasks: EagerTasks | None = None
        self._idle: asyncio.Event | None = None
        self._ended: asyncio.Event | None = None
        self._is_stopping = False

    def add_generic_rpc_handlers(self, generic_rpc_handlers: Sequence[Any]) -> None:
        self._handlers.add_generic(generic_rpc_handlers)
        if self._sockets is not None:
            self._sockets.add_generic_rpc_handlers(tuple(generic_rpc_handlers))

    def add_registered_method_handlers(self, service_name: str, method_handlers: Any) -> None:
        self._handlers.add_registered(service_name, method_handlers)
        if self._sockets is not None:
            self._sockets.add_registered_method_handlers(service_name, method_handlers)

    def add_insecure_port(self, address: str) -> int:
        """`shm:NAME`, or an address that `grpc.aio.server` takes; the port, 1 for a name."""
        if (name := name_of(address)) is None:
            return self._over_sockets().add_insecure_port(address)
        self.listen(name)
        return 1

    def add_secure_port(self, address: str, server_credentials: Any) -> int:
        """As of `grpc.aio.server`; shared memory needs no TLS, for only this user can connect."""
        if name_of(address) is not None:
            raise ValueError("shared memory has no credentials: use add_insecure_port")
        return self._over_sockets().add_secure_port(address, server_credentials)

    def listen(self, name: str) -> None:
        """Takes a name. RuntimeError when another process has it."""
        self._listeners.append(listen(name, self._options, self._most))

    async def start(self) -> None:
        if self._tasks is not None:
            raise aio.UsageError("the server was started already")
        self._tasks = EagerTasks(asyncio.get_running_loop())
        self._idle, self._ended = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._drivers = [
            Driver(listener, functools.partial(self._begin_all, listener))
            for listener in self._listeners
        ]
        if self._sockets is not None:
            await self._sockets.start()

    async def stop(self, grace: float | None) -> None:
        """No new calls; returns when those that run have ended, or were cancelled after `grace`."""
        if self._tasks is None or self._ended is None or self._idle is None:
            for listener in self._listeners:
                listener.close()
            return
        is_first, self._is_stopping = not self._is_stopping, True
        if not is_first:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), grace or 0)
            self._end_calls()
            await self._ended.wait()
            return
        for listener in self._listeners:
            listener.drain()
        sockets = None
        if self._sockets is not None:
            sockets = asyncio.ensure_future(self._sockets.stop(grace))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), grace or 0)
        self._end_calls()
        await self._tasks.close()
        for driver, listener in zip(self._drivers, self._listeners, strict=True):
            driver.close()
            listener.flush()
            listener.close()
        if sockets is not None:
            await sockets
        self._ended.set()

    async def wait_for_termination(self, timeout: float | None = None) -> bool:
        """Waits until the server stopped; whether it did before the time was over."""
        if self._ended is None:
            raise aio.UsageError("the server was not started")
        try:
            await asyncio.wait_for(self._ended.wait(), timeout)
        except TimeoutError:
            return False
        return True

    def _over_sockets(self) -> aio.Server:
        if self._sockets is None:
            self._sockets = aio.server(
                self._pool, self._handlers.generic, self._interceptors, self._options,
                self._most, self._compression,
            )  # fmt: skip
            for path, handler in self._handlers.registered.items():
                _, service, method = path.split("/")
                self._sockets.add_registered_method_handlers(service, {method: handler})
        return self._sockets

    def _end_calls(self) -> None:
        for call in list(self._calls):
            if call.is_active:
                call.finish(14, "the server is shutting down", b"")
            if isinstance(call, AsyncServerCall) and call.task is not None:
                call.task.cancel()

    def _begin_all(self, listener: _native.Listener, calls: list[_native.ServerCall]) -> None:
        assert self._tasks is not None
        assert self._idle is not None
        driver = self._drivers[self._listeners.index(listener)]
        for native in calls:
            call = AsyncServerCall(native, driver)
            if self._most is not None and len(self._calls) >= self._most:
                call.finish(8, "Concurrent RPC limit exceeded!", b"")
                continue
            self._calls.add(call)
            self._idle.clear()
            context = AioContext(call)

            def done(
                _: Any, error: Any, call: AsyncServerCall = call, context: AioContext = context
            ) -> None:
                if isinstance(error, asyncio.CancelledError):
                    call.finish(1, "the handler was cancelled", b"")
                elif error is not None:
                    context.state.fail(error, f"Unexpected {type(error)}:")
                self._remove(call)

            call.task = self._tasks.run(self._answer(call, context), done)

    def _remove(self, call: AsyncServerCall | BlockingServerCall) -> None:
        self._calls.discard(call)
        if not self._calls and self._idle is not None:
            self._idle.set()

    async def _answer(self, call: AsyncServerCall, context: AioContext) -> None:
        handler = await self._find(details_of(call.call))
        if handler is None:
            call.finish(12, "Method not found!", b"")
            return
        context.handler = handler
        function = behaviour(handler)
        if not is_asynchronous(function):
            await self._answer_in_thread(call, handler)
            return
        if handler.request_streaming:
            argument: Any = context.requests()
        else:
            message = await call.receive()
            if message is None:
                raise RpcError(13, "the call has no request")
            argument = read_request(message, handler.request_deserializer)
        if inspect.isasyncgenfunction(function):
            async with contextlib.aclosing(function(argument, context)) as responses:
                async for response in responses:
                    await context.write(response)
        else:
            response = await function(argument, context)
            if not handler.response_streaming and call.is_active:
                await call.send(write_response(response, handler.response_serializer))
        if call.is_active:
            context.state.finish()

    async def _answer_in_thread(self, call: AsyncServerCall, handler: Any) -> None:
        """A handler that is no coroutine, as grpc.aio lets one migrate."""
        blocking = BlockingServerCall(call.call, call.driver.listener)
        context = Context(blocking)
        self._calls.add(blocking)
        try:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._pool, run_handler, blocking, context, handler)
        except (Aborted, Exception) as error:
            context.state.fail(error, "Exception calling application:")
        finally:
            self._calls.discard(blocking)
            call.release()

    async def _find(self, details: CallDetails) -> Any:
        if not self._interceptors:
            return self._handlers.find(details)

        async def through(rest: list[Any], details: CallDetails) -> Any:
            if not rest:
                return self._handlers.find(details)

            async def go_on(changed: CallDetails) -> Any:
                return await through(rest[1:], changed)

            return await rest[0].intercept_service(go_on, details)

        return await through(self._interceptors, details)
