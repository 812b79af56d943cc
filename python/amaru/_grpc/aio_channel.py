# SPDX-License-Identifier: Apache-2.0
"""`aio.shared_memory_channel`: what stubs take for a channel of grpc.aio."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import grpc
from grpc import aio

from .. import _native
from .._asynchronous import AsyncConnection, Driver
from .._connection import RETRY_SECONDS, waited_in_vain
from . import terms
from .aio_call import (
    Options,
    StreamStreamCall,
    StreamUnaryCall,
    UnaryStreamCall,
    UnaryUnaryCall,
)
from .aio_interception import intercepted


def shared_memory_channel(
    name: str, options: terms.Options = None, interceptors: Sequence[Any] | None = None
) -> aio.Channel:
    """A channel of grpc.aio to the server of that name, for the loop that calls through it."""
    return Channel(name, terms.max_message_bytes(options), interceptors or ())


class Channel(aio.Channel):
    """The same as `grpc.aio.insecure_channel` returns, over shared memory."""

    def __init__(self, name: str, max_message_bytes: int, interceptors: Sequence[Any]) -> None:
        self._connection = AsyncConnection(name, max_message_bytes)
        self._calls: set[Any] = set()
        kinds = (
            aio.UnaryUnaryClientInterceptor, aio.UnaryStreamClientInterceptor,
            aio.StreamUnaryClientInterceptor, aio.StreamStreamClientInterceptor,
        )  # fmt: skip
        for each in interceptors:
            if not isinstance(each, kinds):
                raise ValueError(f"{each!r} is no client interceptor of grpc.aio")
        self._interceptors = tuple(
            tuple(each for each in interceptors if isinstance(each, kind)) for kind in kinds
        )

    @property
    def driver(self) -> Driver:
        return self._connection.driver

    def now(self) -> _native.Channel | None:
        """The native channel, when it is connected."""
        return self._connection.now()

    async def connect(self, timeout: float | None, wait: bool | None) -> _native.Channel:
        """The native channel. NativeError when nobody listens, in that time if it waits."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            try:
                return await self._connection.connect()
            except _native.NativeError as error:
                if not wait or error.code != 14:
                    raise
                left = RETRY_SECONDS if end is None else end - time.monotonic()
                if left <= 0:
                    raise waited_in_vain(error) from None
                await asyncio.sleep(min(left, RETRY_SECONDS))

    async def __aenter__(self) -> Channel:
        return self

    async def __aexit__(self, *_: Any) -> None:
        await self.close()

    async def close(self, grace: float | None = None) -> None:
        """Ends the calls that still run after `grace` seconds with CANCELLED."""
        running = [call for call in self._calls if not call.done()]
        if grace and running:
            await asyncio.wait(
                [asyncio.ensure_future(call.code()) for call in running], timeout=grace
            )
        for call in running:
            call.cancel()
        self._connection.close()

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        states = grpc.ChannelConnectivity
        if self._connection.is_closed:
            return states.SHUTDOWN
        if self.now() is not None:
            return states.READY
        if try_to_connect:
            self._connection.connect_soon()
        return states.IDLE

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        while self.get_state(try_to_connect=True) is last_observed_state:
            await asyncio.sleep(RETRY_SECONDS)

    async def channel_ready(self) -> None:
        await self.connect(None, True)

    def unary_unary(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> Any:  # fmt: skip
        return self._method(UnaryUnary, method, request_serializer, response_deserializer)

    def unary_stream(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> Any:  # fmt: skip
        return self._method(UnaryStream, method, request_serializer, response_deserializer)

    def stream_unary(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> Any:  # fmt: skip
        return self._method(StreamUnary, method, request_serializer, response_deserializer)

    def stream_stream(
        self, method: str, request_serializer: Any = None, response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> Any:  # fmt: skip
        return self._method(StreamStream, method, request_serializer, response_deserializer)

    def _method(self, kind: Any, method: str, serialize: Any, deserialize: Any) -> Any:
        return kind(self, method, serialize, deserialize, self._interceptors[kind.index])


class MultiCallable:
    """One method of one channel."""

    index: int
    call_type: Any

    def __init__(
        self, channel: Channel, method: str, serialize: Any, deserialize: Any, interceptors: Any
    ) -> None:
        self._channel = channel
        self._method = method
        self._serialize = serialize
        self._deserialize = deserialize
        self._interceptors = interceptors

    def _call(
        self, request: Any, timeout: float | None, metadata: Any, credentials: Any,
        wait_for_ready: bool | None,
    ) -> Any:  # fmt: skip
        if self._interceptors:
            details = aio.ClientCallDetails(
                self._method.encode(), timeout, aio.Metadata(*(metadata or ())), credentials,
                wait_for_ready,
            )  # fmt: skip
            call = intercepted(self, details, request)
        else:
            call = self.begin(request, self._method, timeout, metadata, credentials, wait_for_ready)
        calls = self._channel._calls
        if not call.done():
            calls.add(call)
            call.add_done_callback(calls.discard)
        return call

    def begin(
        self, request: Any, method: str, timeout: float | None, metadata: Any, credentials: Any,
        wait_for_ready: bool | None,
    ) -> Any:  # fmt: skip
        """Starts the call, past the interceptors."""
        options = Options(
            method, timeout, metadata, credentials, wait_for_ready, self._serialize,
            self._deserialize,
        )  # fmt: skip
        return self.call_type(self._channel, options, request)


class UnaryUnary(MultiCallable, aio.UnaryUnaryMultiCallable):
    index, call_type = 0, UnaryUnaryCall

    def __call__(
        self, request: Any, *, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        return self._call(request, timeout, metadata, credentials, wait_for_ready)


class UnaryStream(MultiCallable, aio.UnaryStreamMultiCallable):
    index, call_type = 1, UnaryStreamCall

    def __call__(
        self, request: Any, *, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        return self._call(request, timeout, metadata, credentials, wait_for_ready)


class StreamUnary(MultiCallable, aio.StreamUnaryMultiCallable):
    index, call_type = 2, StreamUnaryCall

    def __call__(
        self, request_iterator: Any = None, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        return self._call(request_iterator, timeout, metadata, credentials, wait_for_ready)


class StreamStream(MultiCallable, aio.StreamStreamMultiCallable):
    index, call_type = 3, StreamStreamCall

    def __call__(
        self, request_iterator: Any = None, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        return self._call(request_iterator, timeout, metadata, credentials, wait_for_ready)
