# SPDX-License-Identifier: Apache-2.0
"""Calls on the client's side, as the multi-callables of grpc.aio return them."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Callable, Generator
from typing import TYPE_CHECKING, Any

import grpc
from grpc import aio

from .. import _native
from .._asynchronous import AsyncClientCall
from .._blocking import Status, status_of
from ..errors import Metadata
from . import terms
from .call import CANCELLED

if TYPE_CHECKING:
    from .aio_channel import Channel

_LOG = logging.getLogger("amaru.grpc")


class Options:
    """What a call was given beside its requests."""

    def __init__(
        self, method: str, timeout: float | None, metadata: Any, credentials: Any,
        wait_for_ready: bool | None, serialize: Any, deserialize: Any,
    ) -> None:  # fmt: skip
        self.method = terms.wire_method(method)
        self.timeout = timeout
        self.metadata: Metadata = terms.wire_metadata(metadata)
        self.credentials = credentials
        self.wait_for_ready = wait_for_ready
        self.serialize = serialize
        self.deserialize = deserialize


class BaseCall(aio.Call):
    """The state of one call, confined to its loop.

    It starts at once when the channel is connected, else in a task that connects first.
    """

    def __init__(self, channel: Channel, options: Options) -> None:
        self._options = options
        self._channel = channel
        self._loop = asyncio.get_running_loop()
        self._call: AsyncClientCall | None = None
        self._own_status: Status | None = None
        self._callbacks: list[Callable[[Any], None]] = []
        self._tasks: list[asyncio.Task[Any]] = []
        self._start_time = self._loop.time()
        if options.credentials is not None:
            self._end(
                (16, "call credentials need a secure channel; give them as metadata", b"", ())
            )
        elif options.timeout is not None and options.timeout <= 0:
            self._end((4, "Deadline Exceeded", b"", ()))
        elif (native := channel.now()) is not None:
            self._start(native)
        else:
            self._connecting = self._loop.create_task(self._connect())
            self._tasks.append(self._connecting)

    _connecting: asyncio.Task[None] | None = None

    async def _connect(self) -> None:
        try:
            left = self.time_remaining()
            native = await self._channel.connect(left, self._options.wait_for_ready)
            if self._own_status is None:
                self._start(native)
        except _native.NativeError as error:
            self._end(status_of(error))
        finally:
            self._connecting = None

    def _start(self, native: _native.Channel) -> None:
        options = self._options
        left = self.time_remaining()
        try:
            driver = self._channel.driver
            self._call = AsyncClientCall(native, driver, options.method, left, options.metadata)
        except _native.NativeError as error:
            self._end(status_of(error))
            return
        self._call.on_end.append(self._run_callbacks)
        self._send_requests()

    def _send_requests(self) -> None:
        """Begins to send what the call has to send."""

    async def _started(self) -> None:
        if self._connecting is not None:
            await asyncio.shield(self._connecting)

    def _write(self, request: Any) -> bytes:
        try:
            return terms.transform(self._options.serialize, request)
        except Exception as error:
            _LOG.exception("Exception serializing request!")
            self._end((13, f"Exception serializing request! {error}", b"", ()))
            raise self._error() from error

    def _read(self, message: Any) -> Any:
        try:
            return terms.transform(self._options.deserialize, terms.as_bytes(message))
        except Exception as error:
            _LOG.exception("Exception deserializing response!")
            self._end((13, f"Exception deserializing response! {error}", b"", ()))
            raise self._error() from error

    def _status(self) -> Status | None:
        return self._own_status or (self._call.status if self._call is not None else None)

    def _end(self, status: Status) -> bool:
        if self._status() is not None:
            if self._call is not None and self._status()[0] == 0:  # type: ignore[index]
                self._own_status = status
            return False
        self._own_status = status
        if self._call is not None:
            self._call.cancel(status)
        else:
            self._run_callbacks()
        return True

    def _run_callbacks(self) -> None:
        for callback in self._callbacks:
            self._loop.call_soon(callback, self)
        self._callbacks.clear()

    async def _finished(self) -> Status:
        await self._started()
        if self._call is not None:
            await self._call.wait_until(lambda: False)
        status = self._status()
        assert status is not None
        return status

    def _error(self) -> BaseException:
        status = self._status()
        assert status is not None
        if status is CANCELLED:
            return asyncio.CancelledError()
        text = f"{terms.code_of(status[0]).name}: {status[1]} (shared memory)"
        trailing = aio.Metadata(*terms.join_details(status))
        return aio.AioRpcError(terms.code_of(status[0]), self._head(), trailing, status[1], text)

    def _head(self) -> aio.Metadata:
        native = self._call.call.initial_metadata if self._call is not None else None
        return aio.Metadata(*(native or ()))

    def cancel(self) -> bool:
        return self._end(CANCELLED)

    def cancelled(self) -> bool:
        status = self._status()
        return status is not None and status[0] == 1

    def done(self) -> bool:
        return self._status() is not None

    def time_remaining(self) -> float | None:
        timeout = self._options.timeout
        if timeout is None:
            return None
        return max(self._start_time + timeout - self._loop.time(), 0.0)

    def add_done_callback(self, callback: Any) -> None:
        if self._status() is not None:
            self._loop.call_soon(callback, self)
        else:
            self._callbacks.append(callback)

    async def initial_metadata(self) -> aio.Metadata:
        await self._started()
        if self._call is not None:
            native = self._call.call
            await self._call.wait_until(lambda: native.initial_metadata is not None)
        return self._head()

    async def trailing_metadata(self) -> aio.Metadata:
        return aio.Metadata(*terms.join_details(await self._finished()))

    async def code(self) -> grpc.StatusCode:
        return terms.code_of((await self._finished())[0])

    async def details(self) -> str:
        return (await self._finished())[1]

    async def debug_error_string(self) -> str:
        status = await self._finished()
        return f"{terms.code_of(status[0]).name}: {status[1]} (shared memory)"

    async def wait_for_connection(self) -> None:
        await self._started()
        if self._own_status is not None:
            raise self._error()


class UnaryRequest(BaseCall):
    """A call with one request."""

    def __init__(self, channel: Channel, options: Options, request: Any) -> None:
        self._request = request
        super().__init__(channel, options)

    def _send_requests(self) -> None:
        assert self._call is not None
        try:
            message = self._write(self._request)
        except Exception:
            return  # the status tells
        # A call that has just begun has room for its first message.
        if self._call.write(message):
            self._call.half_close()


class StreamRequest(BaseCall):
    """A call whose requests come from an iterator, or from `write`."""

    def __init__(self, channel: Channel, options: Options, requests: Any) -> None:
        self._requests = requests
        self._is_half_closed = False
        super().__init__(channel, options)

    def _send_requests(self) -> None:
        if self._requests is not None:
            self._tasks.append(self._loop.create_task(self._feed()))

    async def _feed(self) -> None:
        try:
            if hasattr(self._requests, "__aiter__"):
                async for request in self._requests:
                    if not await self._send(request):
                        return
            else:
                for request in self._requests:
                    if not await self._send(request):
                        return
            self._close_half()
        except (asyncio.CancelledError, grpc.RpcError):
            self.cancel()
        except Exception:
            _LOG.exception("Exception iterating requests!")
            self._end((2, "Exception iterating requests!", b"", ()))

    async def _send(self, request: Any) -> bool:
        message = self._write(request)
        assert self._call is not None
        return await self._call.send(message)

    def _close_half(self) -> None:
        self._is_half_closed = True
        if self._call is not None:
            self._call.half_close()

    async def write(self, request: Any) -> None:
        """Sends a request. asyncio.InvalidStateError when the call has ended or was half-closed."""
        if self._requests is not None:
            raise aio.UsageError("The request was given as an iterator")
        await self._started()
        if self._is_half_closed:
            raise asyncio.InvalidStateError("RPC is half closed")
        if self._status() is None and await self._send(request):
            return
        status = self._status()
        if status is not None and status[0] != 0:
            raise self._error()
        raise asyncio.InvalidStateError("RPC already finished.")

    async def done_writing(self) -> None:
        if self._requests is not None:
            raise aio.UsageError("The request was given as an iterator")
        await self._started()
        if self._status() is None and not self._is_half_closed:
            self._close_half()


class UnaryResponse(BaseCall):
    """A call with one response."""

    _response: asyncio.Task[Any] | None = None

    def __await__(self) -> Generator[Any, None, Any]:
        if self._response is None:
            self._response = self._loop.create_task(self._receive())
        try:
            return (yield from asyncio.shield(self._response).__await__())
        except asyncio.CancelledError:
            self.cancel()
            raise

    async def _receive(self) -> Any:
        await self._started()
        message = await self._call.receive() if self._call is not None else None
        if message is None:
            if (await self._finished())[0] == 0:
                self._end((13, "the server sent no response", b"", ()))
            raise self._error()
        response = self._read(message)
        if (await self._finished())[0] != 0:
            raise self._error()
        return response


class StreamResponse(BaseCall):
    """A call with any number of responses."""

    _iterator: AsyncIterator[Any] | None = None

    def __aiter__(self) -> AsyncIterator[Any]:
        if self._iterator is None:
            self._iterator = self._iterate()
        return self._iterator

    async def _iterate(self) -> AsyncIterator[Any]:
        while (response := await self.read()) is not aio.EOF:
            yield response

    async def read(self) -> Any:
        """The next response, or `grpc.aio.EOF` behind the last one."""
        try:
            await self._started()
            message = await self._call.receive() if self._call is not None else None
        except asyncio.CancelledError:
            self.cancel()
            raise
        if message is not None:
            return self._read(message)
        if (await self._finished())[0] == 0:
            return aio.EOF
        raise self._error()


class UnaryUnaryCall(UnaryRequest, UnaryResponse, aio.UnaryUnaryCall):
    pass


class UnaryStreamCall(UnaryRequest, StreamResponse, aio.UnaryStreamCall):
    pass


class StreamUnaryCall(StreamRequest, UnaryResponse, aio.StreamUnaryCall):
    pass


class StreamStreamCall(StreamRequest, StreamResponse, aio.StreamStreamCall):
    pass


def is_asynchronous(function: Any) -> bool:
    """Whether a handler is `async def`, with or without `yield`."""
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
