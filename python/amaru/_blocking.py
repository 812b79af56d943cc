# SPDX-License-Identifier: Apache-2.0
"""Calls for threads: reading waits for a message, writing waits for room."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from . import _native
from ._status import error_of
from .errors import Metadata, RpcError, StatusCode

Status = tuple[int, str, bytes, Metadata]
EXPIRED: Status = (StatusCode.DEADLINE_EXCEEDED, "the deadline passed", b"", ())


class BlockingServerCall:
    """A call that a thread answers while another one polls the listener.

    It has ended when it is finished, was cancelled, or lost its caller.
    """

    def __init__(self, call: _native.ServerCall, listener: _native.Listener) -> None:
        self.call = call
        self.listener = listener
        self.is_finished = False
        self._on_end: list[Callable[[], object]] | None = []
        self._changed = threading.Condition(threading.RLock())
        remaining = call.deadline
        self.end_time = None if remaining is None else time.monotonic() + remaining
        call.on_change = self._change

    @property
    def is_active(self) -> bool:
        return not (self.is_finished or self.call.is_cancelled)

    def when_ended(self, action: Callable[[], object]) -> bool:
        """Runs the action once, at the end of the call. False when it has ended."""
        with self._changed:
            if self._on_end is None or not self.is_active:
                return False
            self._on_end.append(action)
            return True

    def time_remaining(self) -> float | None:
        """Seconds until the deadline; never negative."""
        return None if self.end_time is None else max(self.end_time - time.monotonic(), 0.0)

    def receive(self) -> Any:
        """The next message, or None behind the last one. RpcError when the call has ended."""
        with self._changed:
            while True:
                if not self.is_active:
                    raise RpcError(StatusCode.CANCELLED, "the call has ended")
                if (message := self.call.take()) is not None:
                    return message
                if self.call.is_half_closed:
                    return None
                # What was taken made room at the caller, who may wait for it.
                self.listener.flush()
                self._wait()

    def send(self, message: Any) -> None:
        """Writes a message when there is room. RpcError when the call has ended."""
        with self._changed:
            while self.is_active and not self.call.has_room:
                self._wait()
            if not self.is_active:
                raise RpcError(StatusCode.CANCELLED, "the call has ended")
            write(self.call, message)
        self.listener.flush()

    def send_head(self, metadata: Metadata) -> None:
        self.call.write_head(metadata)
        self.listener.flush()

    def finish(self, code: int, message: str, details: bytes, trailers: Metadata = ()) -> None:
        """Ends the call. A second one does nothing."""
        with self._changed:
            if self.is_finished:
                return
            self.is_finished = True
        if not self.call.is_cancelled:
            self.call.finish(code, message, details, trailers)
            self.listener.flush()
        self._change()

    def _wait(self) -> None:
        remaining = self.time_remaining()
        if remaining == 0:
            raise RpcError(*EXPIRED[:2])
        self._changed.wait(remaining)

    def _change(self) -> None:
        with self._changed:
            self._changed.notify_all()
        if not self.is_active:
            with self._changed:
                actions, self._on_end = self._on_end, None
            for action in actions or ():
                action()


class BlockingClientCall:
    """A call that its threads wait for by polling the channel; any number of calls share one."""

    def __init__(
        self, channel: _native.Channel, method: str, timeout: float | None, metadata: Metadata
    ) -> None:
        self.channel = channel
        self.end_time = None if timeout is None else time.monotonic() + timeout
        self._on_end: list[Callable[[], object]] = []
        self._lock = threading.Lock()
        self._ended: Status | None = None
        self._waiters: set[int] = set()
        self._changes = 0
        self._was_active = True
        self.call = channel.start(method, timeout, metadata)
        self.call.on_change = self._change

    @property
    def status(self) -> Status | None:
        """How the call ended, once it did."""
        return self._ended or self.call.status

    def when_ended(self, action: Callable[[], object]) -> bool:
        """Runs the action at the end of the call, on any thread. False when it has ended."""
        with self._lock:
            if self._was_active:
                self._on_end.append(action)
            return self._was_active

    def time_remaining(self) -> float | None:
        """Seconds until the deadline; never negative."""
        return None if self.end_time is None else max(self.end_time - time.monotonic(), 0.0)

    def send(self, message: Any) -> bool:
        """Writes a message when there is room. False when the call has ended."""
        if not self.call.has_room:
            self._wait(lambda: self.status is not None or self.call.has_room)
        if self.status is not None:
            return False
        try:
            self.call.write(message)
        except _native.NativeError as error:  # it is too large
            self.cancel(status_of(error))
            return False
        self.channel.flush()
        return True

    def half_close(self) -> None:
        """Says that there are no more messages."""
        if self.status is None:
            self.call.half_close()
            self.channel.flush()

    def feed(self, messages: Iterator[Any], failed: Callable[[BaseException], None]) -> None:
        """Sends what the iterator gives from a thread of its own, then closes this half."""

        def run() -> None:
            try:
                for message in messages:
                    if not self.send(message):
                        return
                self.half_close()
            except BaseException as error:
                failed(error)

        threading.Thread(target=run, name="amaru-requests", daemon=True).start()

    def receive(self) -> Any:
        """The next message, or None at the end of the call, whose status is then known."""
        while True:
            seen, ended = self._changes, self.status is not None
            if self._ended is not None:  # nothing is read behind a cancellation of our own
                return None
            if (message := self.call.take()) is not None:
                return message
            if ended:
                return None
            self._wait_for_change(seen)

    def _wait_for_change(self, seen: int) -> None:
        self._wait(lambda: self._changes != seen or self.status is not None)

    def wait_until(self, condition: Callable[[], bool], timeout: float | None = None) -> bool:
        """Polls until the condition holds, the call has ended, or the time is over."""
        return self._wait(lambda: self.status is not None or condition(), timeout)

    def cancel(self, status: Status) -> bool:
        """Ends the call from this side. False when it has ended already."""
        if self.status is not None:
            return False
        self._ended = status
        self.call.cancel()
        with contextlib.suppress(_native.NativeError):
            self.channel.flush()
        self._change()
        return True

    def _wait(self, condition: Callable[[], bool], timeout: float | None = None) -> bool:
        """Polls until the condition holds. False when the time was over first."""
        end = None if timeout is None else time.monotonic() + timeout
        me = threading.get_ident()
        while True:
            self._waiters.add(me)
            try:
                if condition():
                    return True
                remaining = self.time_remaining()
                if remaining == 0 and self.cancel(EXPIRED):
                    continue
                if end is not None:
                    left = max(end - time.monotonic(), 0.0)
                    if left == 0:
                        return False
                    remaining = left if remaining is None else min(left, remaining)
                self.channel.poll(remaining)
            except _native.NativeError as error:  # the channel was closed
                self._ended = self.status or status_of(error)
            finally:
                self._waiters.discard(me)

    def _change(self) -> None:
        self._changes += 1
        # The thread that polls is at work; one that has just looked must not sleep over this
        # change.
        if self._waiters - {threading.get_ident()}:
            self.channel.wake()
        if self._was_active and self.status is not None:
            with self._lock:
                actions, self._on_end = self._on_end, []
                self._was_active = False
            for action in actions:
                action()


def raise_for(status: Status) -> None:
    """RpcError unless the status is OK."""
    if status[0] != StatusCode.OK:
        raise error_of(*status)


def status_of(error: _native.NativeError) -> Status:
    """The status that a native error stands for."""
    return error.code, error.message, error.details, error.trailing_metadata


def native_error(error: _native.NativeError) -> RpcError:
    """The public error of a native one."""
    return error_of(*status_of(error))


def write(call: _native.ServerCall, message: Any) -> None:
    """Writes a response. RpcError when its caller does not take one that large."""
    try:
        call.write(message)
    except _native.NativeError as error:
        raise native_error(error) from None


def encoded(items: Iterable[Any], encode: Callable[[Any], Any]) -> Iterator[Any]:
    """The messages of a stream's items."""
    for item in items:
        yield encode(item)
