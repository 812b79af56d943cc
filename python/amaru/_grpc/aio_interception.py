# SPDX-License-Identifier: Apache-2.0
"""Client interceptors of grpc.aio: the call that they lead to, seen before it is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from typing import Any

import grpc
from grpc import aio

NAMES = (
    "intercept_unary_unary",
    "intercept_unary_stream",
    "intercept_stream_unary",
    "intercept_stream_stream",
)


def intercepted(method: Any, details: aio.ClientCallDetails, request: Any) -> Any:
    """A call through the interceptors of a multi-callable, the first one outermost."""
    kind = (UnaryUnary, UnaryStream, StreamUnary, StreamStream)[method.index]
    return kind(method, details, request)


class InterceptedCall(aio.Call):
    """Passes everything on to the call that the interceptors returned."""

    def __init__(self, method: Any, details: aio.ClientCallDetails, request: Any) -> None:
        self._method = method
        self._writes: asyncio.Queue[Any] | None = None
        if method.index >= 2 and request is None:
            self._writes = asyncio.Queue(maxsize=1)
            request = self._written()
        self._callbacks: list[Callable[[Any], None]] = []
        interceptors = [getattr(each, NAMES[method.index]) for each in method._interceptors]
        self._task = asyncio.get_running_loop().create_task(
            self._through(interceptors, details, request)
        )
        self._task.add_done_callback(self._arrived)

    async def _through(self, rest: list[Any], details: Any, request: Any) -> Any:
        if not rest:
            name = details.method
            return self._method.begin(
                request, name.decode() if isinstance(name, bytes) else name, details.timeout,
                details.metadata, details.credentials, details.wait_for_ready,
            )  # fmt: skip

        async def go_on(changed: Any, same: Any) -> Any:
            return await self._through(rest[1:], changed, same)

        return await rest[0](go_on, details, request)

    async def _written(self) -> AsyncIterator[Any]:
        assert self._writes is not None
        while (request := await self._writes.get()) is not aio.EOF:
            yield request

    def _arrived(self, task: asyncio.Task[Any]) -> None:
        call = self._inner()
        for callback in self._callbacks:
            if call is None:
                callback(self)
            else:
                call.add_done_callback(lambda _, each=callback: each(self))
        self._callbacks.clear()
        if not task.cancelled():
            task.exception()  # it is raised where the call is awaited

    def _inner(self) -> Any:
        """The call, once it is there; an interceptor may have given a plain response instead."""
        if not self._task.done() or self._task.cancelled() or self._task.exception() is not None:
            return None
        result = self._task.result()
        return result if isinstance(result, aio.Call) else None

    def cancel(self) -> bool:
        if not self._task.done():
            return self._task.cancel()
        call = self._inner()
        return call.cancel() if call is not None else False

    def cancelled(self) -> bool:
        call = self._inner()
        return call.cancelled() if call is not None else self._task.cancelled()

    def done(self) -> bool:
        call = self._inner()
        return call.done() if call is not None else self._task.done()

    def time_remaining(self) -> float | None:
        call = self._inner()
        return call.time_remaining() if call is not None else None

    def add_done_callback(self, callback: Any) -> None:
        if not self._task.done():
            self._callbacks.append(callback)
        elif (call := self._inner()) is not None:
            call.add_done_callback(lambda _: callback(self))
        else:
            callback(self)

    async def _ask(self, question: str, otherwise: Any) -> Any:
        try:
            result = await asyncio.shield(self._task)
        except aio.AioRpcError as error:
            return getattr(error, question)()
        return await getattr(result, question)() if isinstance(result, aio.Call) else otherwise

    async def initial_metadata(self) -> Any:
        return await self._ask("initial_metadata", aio.Metadata())

    async def trailing_metadata(self) -> Any:
        return await self._ask("trailing_metadata", aio.Metadata())

    async def code(self) -> grpc.StatusCode:
        return await self._ask("code", grpc.StatusCode.OK)

    async def details(self) -> str:
        return await self._ask("details", "")

    async def debug_error_string(self) -> str:
        return await self._ask("debug_error_string", "")

    async def wait_for_connection(self) -> None:
        await self._ask("wait_for_connection", None)


class Awaited(InterceptedCall):
    def __await__(self) -> Generator[Any, None, Any]:
        return self._result().__await__()

    async def _result(self) -> Any:
        try:
            result = await self._task
            return await result if isinstance(result, aio.Call) else result
        except asyncio.CancelledError:
            self.cancel()
            raise


class Iterated(InterceptedCall):
    def __aiter__(self) -> AsyncIterator[Any]:
        return self._iterate()

    async def _iterate(self) -> AsyncIterator[Any]:
        async for response in await self._task:
            yield response

    async def read(self) -> Any:
        return await (await asyncio.shield(self._task)).read()


class Written(InterceptedCall):
    async def write(self, request: Any) -> None:
        if self._writes is None:
            raise aio.UsageError("The request was given as an iterator")
        if self.done():
            raise asyncio.InvalidStateError("RPC already finished.")
        await self._writes.put(request)

    async def done_writing(self) -> None:
        if self._writes is None:
            raise aio.UsageError("The request was given as an iterator")
        if not self.done():
            await self._writes.put(aio.EOF)


class UnaryUnary(Awaited, aio.UnaryUnaryCall):
    pass


class UnaryStream(Iterated, aio.UnaryStreamCall):
    pass


class StreamUnary(Awaited, Written, aio.StreamUnaryCall):
    pass


class StreamStream(Iterated, Written, aio.StreamStreamCall):
    pass
