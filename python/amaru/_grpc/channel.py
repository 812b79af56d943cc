# SPDX-License-Identifier: Apache-2.0
"""`shared_memory_channel`: what stubs that grpc_tools generated take for a channel."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import grpc

from .. import _native
from .._blocking import BlockingClientCall, status_of
from .._connection import RETRY_SECONDS, Connection
from . import terms
from .call import SharedMemoryCall

_LOG = logging.getLogger("amaru.grpc")


def shared_memory_channel(name: str, options: terms.Options = None) -> grpc.Channel:
    """A channel to the server of that name, for stubs and `grpc.intercept_channel`.

    It connects at its first call, and again when a server that had gone is back. options: of
    gRPC's, `grpc.max_receive_message_length` counts.
    """
    return Channel(name, terms.max_message_bytes(options))


class Channel(grpc.Channel):
    """The same as `grpc.insecure_channel` returns, over shared memory. Any thread may use it."""

    def __init__(self, name: str, max_message_bytes: int) -> None:
        self._connection = Connection(name, max_message_bytes)
        self._watcher = Watcher()
        self._subscriptions: dict[Any, threading.Event] = {}

    def unary_unary(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> grpc.UnaryUnaryMultiCallable:
        return UnaryUnary(self, method, request_serializer, response_deserializer)

    def unary_stream(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> grpc.UnaryStreamMultiCallable:
        return UnaryStream(self, method, request_serializer, response_deserializer)

    def stream_unary(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> grpc.StreamUnaryMultiCallable:
        return StreamUnary(self, method, request_serializer, response_deserializer)

    def stream_stream(
        self,
        method: str,
        request_serializer: Any = None,
        response_deserializer: Any = None,
        _registered_method: bool | None = False,
    ) -> grpc.StreamStreamMultiCallable:
        return StreamStream(self, method, request_serializer, response_deserializer)

    def subscribe(self, callback: Any, try_to_connect: bool | None = False) -> None:
        """Tells the callback of the channel's state, from a thread, until `unsubscribe`."""
        ended = self._subscriptions[callback] = threading.Event()
        arguments = (callback, bool(try_to_connect), ended)
        threading.Thread(target=self._tell, args=arguments, daemon=True).start()

    def unsubscribe(self, callback: Any) -> None:
        if (ended := self._subscriptions.pop(callback, None)) is not None:
            ended.set()

    def close(self) -> None:
        for callback in list(self._subscriptions):
            self.unsubscribe(callback)
        self._connection.close()
        self._watcher.close()

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def _tell(self, callback: Any, try_to_connect: bool, ended: threading.Event) -> None:
        last = None
        while not ended.is_set():
            state = grpc.ChannelConnectivity.IDLE
            if try_to_connect:
                try:
                    self._connection.channel()
                except _native.NativeError:
                    state = grpc.ChannelConnectivity.TRANSIENT_FAILURE
            if self._connection.is_ready:
                state = grpc.ChannelConnectivity.READY
            if state is not last:
                callback(last := state)
            ended.wait(RETRY_SECONDS)


class MultiCallable:
    """One method of one channel."""

    def __init__(self, channel: Channel, method: str, serialize: Any, deserialize: Any) -> None:
        self._connection = channel._connection
        self._watcher = channel._watcher
        self._method = terms.wire_method(method)
        self._serialize = serialize
        self._deserialize = deserialize

    def _failed(self, *status: Any) -> SharedMemoryCall:
        return SharedMemoryCall(None, self._deserialize, (*status, b"", ())[:4])

    def _write(self, request: Any) -> bytes:
        try:
            return terms.transform(self._serialize, request)
        except Exception as error:
            _LOG.exception("Exception serializing request!")
            raise self._failed(13, f"Exception serializing request! {error}") from error

    def _start(
        self, timeout: float | None, metadata: Any, credentials: Any, wait_for_ready: bool | None
    ) -> SharedMemoryCall:
        """A call without messages, or one that failed already."""
        if credentials is not None:
            return self._failed(
                16, "call credentials need a secure channel; give what they add as metadata"
            )
        sent = terms.wire_metadata(metadata)
        if timeout is not None and timeout <= 0:
            return self._failed(4, "Deadline Exceeded")
        try:
            end = None if timeout is None else time.monotonic() + timeout
            channel = terms.open_channel(self._connection, timeout, wait_for_ready)
            left = None if end is None else max(end - time.monotonic(), 0.0)
            call = BlockingClientCall(channel, self._method, left, sent)
        except _native.NativeError as error:
            return self._failed(*status_of(error))
        return SharedMemoryCall(call, self._deserialize, None, self._watcher.watch)

    def _start_one(self, request: Any, *options: Any) -> SharedMemoryCall:
        message = self._write(request)
        started = self._start(*options)
        if started._call is not None:
            started._call.send(message)
            started._call.half_close()
        return started

    def _start_many(
        self, requests: Iterable[Any] | Iterator[Any], *options: Any
    ) -> SharedMemoryCall:
        started = self._start(*options)
        if started._call is None:
            return started
        call = started._call

        def failed(error: BaseException) -> None:
            if call.status is None:
                _LOG.error("Exception iterating requests!", exc_info=error)
                started._end((2, "Exception iterating requests!", b"", ()))

        call.feed((self._write(request) for request in requests), failed)
        return started


class UnaryUnary(MultiCallable, grpc.UnaryUnaryMultiCallable):
    def __call__(
        self, request: Any, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        if credentials is not None or (timeout is not None and timeout <= 0):
            return self._start(timeout, metadata, credentials, wait_for_ready).result()
        message = self._write(request)
        sent = terms.wire_metadata(metadata) if metadata else ()
        try:
            channel = terms.open_channel(self._connection, timeout, wait_for_ready)
            reply = channel.call(self._method, message, timeout, sent)
        except _native.NativeError as error:
            raise self._failed(*status_of(error)) from None
        if self._deserialize is None:
            return terms.as_bytes(reply)
        try:
            return self._deserialize(terms.as_bytes(reply))
        except Exception as error:
            _LOG.exception("Exception deserializing response!")
            raise self._failed(13, f"Exception deserializing response! {error}") from error

    def with_call(
        self, request: Any, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        call = self._start_one(request, timeout, metadata, credentials, wait_for_ready)
        return call.result(), call

    def future(
        self, request: Any, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        return self._start_one(request, timeout, metadata, credentials, wait_for_ready)


class UnaryStream(MultiCallable, grpc.UnaryStreamMultiCallable):
    def __call__(
        self, request: Any, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        return self._start_one(request, timeout, metadata, credentials, wait_for_ready)


class StreamUnary(MultiCallable, grpc.StreamUnaryMultiCallable):
    def __call__(
        self, request_iterator: Any, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        call = self._start_many(request_iterator, timeout, metadata, credentials, wait_for_ready)
        return call.result()

    def with_call(
        self, request_iterator: Any, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        call = self._start_many(request_iterator, timeout, metadata, credentials, wait_for_ready)
        return call.result(), call

    def future(
        self, request_iterator: Any, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        return self._start_many(request_iterator, timeout, metadata, credentials, wait_for_ready)


class StreamStream(MultiCallable, grpc.StreamStreamMultiCallable):
    def __call__(
        self, request_iterator: Any, timeout: float | None = None, metadata: Any = None,
        credentials: Any = None, wait_for_ready: bool | None = None, compression: Any = None,
    ) -> Any:  # fmt: skip
        return self._start_many(request_iterator, timeout, metadata, credentials, wait_for_ready)


class Watcher:
    """A thread that polls for calls whose callbacks nobody waits for. It sleeps when there are
    none.
    """

    def __init__(self) -> None:
        self._calls: set[BlockingClientCall] = set()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def watch(self, call: BlockingClientCall) -> None:
        """Sees to it that the call's end is noticed."""
        with self._changed:
            if self._is_closed:
                return
            self._calls.add(call)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="amaru-watch", daemon=True)
                self._thread.start()
            self._changed.notify()
        # It may be polling for a call that has more time.
        call.channel.wake()

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._calls or self._is_closed)
                if self._is_closed and not self._calls:
                    return
                # The one that ends first, so that its deadline is seen in time.
                call = min(self._calls, key=lambda each: each.end_time or float("inf"))
            self._wait_beside(call, len(self._calls))
            with self._changed:
                self._calls = {each for each in self._calls if each.status is None}

    def _wait_beside(self, call: BlockingClientCall, known: int) -> None:
        """Polls until one of the calls ended, or there is another one."""
        call.wait_until(
            lambda: (
                len(self._calls) != known or any(each.status is not None for each in self._calls)
            )
        )
