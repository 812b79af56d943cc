# SPDX-License-Identifier: Apache-2.0
"""The same as `amaru`, for asyncio: `RpcClient`, `shared_memory_channel`, `server`."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import _native, _slots, arrays
from ._asynchronous import AsyncClientCall, AsyncConnection
from ._blocking import native_error, raise_for
from ._connection import message_of
from ._encoding import encode_message
from .client import CANCELLED, decode_result
from .errors import Metadata, RpcError, StatusCode

if TYPE_CHECKING:
    import grpc
    import numpy

__all__ = ["ResultStream", "RpcClient", "server", "shared_memory_channel"]
Result = TypeVar("Result")


class RpcClient:
    """A client of the endpoint of that name, for coroutines of one loop. See `amaru.RpcClient`.

    A task that is cancelled while it waits for a call cancels the call.
    """

    def __init__(
        self, name: str, *, timeout: float | None = None, max_message_bytes: int = 64 << 20
    ) -> None:
        self._connection = AsyncConnection(name, max_message_bytes)
        self._timeout = timeout
        self._decoders: dict[Any, Callable[[Any], Any]] = {}

    async def call(
        self, method: str, /, *arguments: Any, timeout: float | None = None, **named: Any
    ) -> Any:
        """The result of a method, called by position or by name."""
        return await self.invoke(method, message_of(arguments, named), timeout=timeout)

    async def invoke(
        self,
        method: str,
        arguments: Any = None,
        *,
        result_type: type[Result] | Any = Any,
        timeout: float | None = None,
        metadata: Metadata = (),
    ) -> Result:
        """The same, with the arguments as they are sent; see `amaru.RpcClient.invoke`."""
        call, channel = await self._start(method, timeout, metadata)
        with _cancelling(call):
            await call.send(encode_message(arguments, channel))
            call.half_close()
            return await self._only(call, result_type)

    def stream(
        self, method: str, /, *arguments: Any, timeout: float | None = None, **named: Any
    ) -> ResultStream[Any]:
        """The results of a method that is a generator, as they come."""
        return self.invoke_stream(method, message_of(arguments, named), timeout=timeout)

    def invoke_stream(
        self,
        method: str,
        arguments: Any = None,
        *,
        result_type: type[Result] | Any = Any,
        timeout: float | None = None,
        metadata: Metadata = (),
    ) -> ResultStream[Result]:
        """`stream` with the options of `invoke`."""

        async def begin(_: ResultStream[Result]) -> AsyncClientCall:
            call, channel = await self._start(method, timeout, metadata)
            await call.send(encode_message(arguments, channel))
            call.half_close()
            return call

        return ResultStream(begin, lambda reply: decode_result(self._decoders, result_type, reply))

    async def send(
        self, method: str, items: Iterable[Any] | AsyncIterable[Any], /, *,
        timeout: float | None = None, result_type: type[Result] | Any = Any,
        metadata: Metadata = (),
    ) -> Result:  # fmt: skip
        """The result of a method whose argument is a stream: sends the items, then waits."""
        call, channel = await self._start(method, timeout, metadata)
        with _cancelling(call):
            await _feed(call, channel, items)
            return await self._only(call, result_type)

    def exchange(
        self, method: str, items: Iterable[Any] | AsyncIterable[Any], /, *,
        timeout: float | None = None, result_type: type[Result] | Any = Any,
        metadata: Metadata = (),
    ) -> ResultStream[Result]:  # fmt: skip
        """The results of a method with streams both ways. A task takes the items; an exception of
        theirs ends the call, and is raised where the results are read.
        """

        async def begin(results: ResultStream[Result]) -> AsyncClientCall:
            call, channel = await self._start(method, timeout, metadata)
            results.watch(call, asyncio.create_task(_feed(call, channel, items)))
            return call

        return ResultStream(begin, lambda reply: decode_result(self._decoders, result_type, reply))

    async def allocate_array(
        self, shape: int | Sequence[int], dtype: Any = "f8"
    ) -> numpy.ndarray[Any, Any]:
        """An array, not yet set, in memory that the worker sees; see
        `amaru.RpcClient.allocate_array`.
        """
        try:
            channel = await self._connection.connect()
        except _native.NativeError as error:
            raise native_error(error) from None
        slot = _slots.allocate(channel, arrays.slot_bytes(shape, dtype))
        return arrays.array_over(slot, shape, dtype)

    async def close(self) -> None:
        """Ends what still runs with CANCELLED."""
        self._connection.close()

    async def __aenter__(self) -> RpcClient:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _start(
        self, method: str, timeout: float | None, metadata: Metadata
    ) -> tuple[AsyncClientCall, _native.Channel]:
        limit = self._timeout if timeout is None else timeout
        try:
            channel = await self._connection.connect()
            driver = self._connection.driver
            return AsyncClientCall(channel, driver, method, limit, metadata), channel
        except _native.NativeError as error:
            raise native_error(error) from None

    async def _only(self, call: AsyncClientCall, kind: Any) -> Any:
        replies = [reply async for reply in _replies(call)]
        if len(replies) != 1:
            raise RpcError(StatusCode.INTERNAL, f"{len(replies)} results where one is due")
        return decode_result(self._decoders, kind, replies[0])


class ResultStream(Generic[Result]):
    """The results of a call, as they come. It begins when it is first read; closed, it is
    cancelled.
    """

    def __init__(self, begin: Callable[[Any], Any], decode: Callable[[Any], Result]) -> None:
        self._begin = begin
        self._decode = decode
        self._call: AsyncClientCall | None = None
        self._task: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None

    def __aiter__(self) -> AsyncIterator[Result]:
        return self

    async def __anext__(self) -> Result:
        if self._call is None:
            self._call = await self._begin(self)
        with _cancelling(self._call, only=asyncio.CancelledError):
            reply = await self._call.receive()
        if reply is not None:
            return self._decode(reply)
        if self._failure is not None:
            raise self._failure
        assert self._call.status is not None
        raise_for(self._call.status)
        raise StopAsyncIteration

    def watch(self, call: AsyncClientCall, task: asyncio.Task[None]) -> None:
        """Ends the call when the task that feeds it fails."""
        self._task = task

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                self._failure = error
                call.cancel(CANCELLED)

        task.add_done_callback(ended)
        call.on_end.append(task.cancel)

    async def close(self) -> None:
        """Cancels the call, unless it has ended."""
        if self._call is not None:
            self._call.cancel(CANCELLED)

    async def __aenter__(self) -> ResultStream[Result]:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


@contextlib.contextmanager
def _cancelling(call: AsyncClientCall, only: type[BaseException] = BaseException) -> Any:
    """Cancels the call when what waits for it is left by an exception."""
    try:
        yield
    except only:
        call.cancel(CANCELLED)
        raise


async def _feed(call: AsyncClientCall, channel: _native.Channel, items: Any) -> None:
    if hasattr(items, "__aiter__"):
        async for item in items:
            if not await call.send(encode_message(item, channel)):
                return
    else:
        for item in items:
            if not await call.send(encode_message(item, channel)):
                return
    call.half_close()


async def _replies(call: AsyncClientCall) -> AsyncIterator[Any]:
    while (reply := await call.receive()) is not None:
        yield reply
    assert call.status is not None
    raise_for(call.status)


def shared_memory_channel(
    name: str,
    options: Sequence[tuple[str, Any]] | None = None,
    interceptors: Sequence[Any] | None = None,
) -> grpc.aio.Channel:
    """A channel of grpc.aio to the server of that name, for stubs that grpc_tools generated.

    ImportError when grpcio is not installed.
    """
    from ._grpc import aio_channel

    return aio_channel.shared_memory_channel(name, options, interceptors)


def server(*arguments: Any, name: str | None = None, **options: Any) -> grpc.aio.Server:
    """The same as `grpc.aio.server(...)`, whose clients may also come through shared memory.

    ImportError when grpcio is not installed.
    """
    from ._grpc import aio_server

    return aio_server.server(*arguments, name=name, **options)
