# SPDX-License-Identifier: Apache-2.0
"""The channel of a client, opened at its first call and again when its server has come back."""

from __future__ import annotations

import os
import threading
import time
import weakref

from . import _native
from .errors import StatusCode

SCHEME = "shm:"
RETRY_SECONDS = 0.02


def failure(code: StatusCode, message: str) -> _native.NativeError:
    """An error like those of the native part."""
    error = _native.NativeError(code, message)
    error.code, error.message, error.details, error.trailing_metadata = code, message, b"", ()
    return error


def waited_in_vain(last: _native.NativeError) -> _native.NativeError:
    """The error of a call that waited for a server as long as it was given."""
    return failure(StatusCode.DEADLINE_EXCEEDED, f"nobody listened in time: {last.message}")


def plain_name(name: str) -> str:
    """The name behind `shm:`, or what was given."""
    return name.removeprefix(SCHEME)


class Connection:
    """One channel at a time, for any number of threads."""

    def __init__(self, name: str, max_message_bytes: int) -> None:
        self.name = plain_name(name)
        self.is_closed = False
        self._max_message_bytes = max_message_bytes
        self._channel: _native.Channel | None = None
        self._lock = threading.Lock()
        _connections.add(self)

    def channel(self) -> _native.Channel:
        """The channel. UNAVAILABLE when nobody listens, CANCELLED after `close`."""
        channel = self._channel
        if channel is not None and channel.is_alive:
            return channel
        with self._lock:
            if self.is_closed:
                raise failure(StatusCode.CANCELLED, "the channel is closed")
            channel = self._channel
            if channel is None or not channel.is_alive:
                self._channel = None
                channel = self._channel = _native.Channel(
                    self.name, max_message_bytes=self._max_message_bytes
                )
            return channel

    def wait_for_channel(self, end_time: float | None) -> _native.Channel:
        """The channel, as soon as somebody listens. end_time: of `time.monotonic()`."""
        while True:
            try:
                return self.channel()
            except _native.NativeError as error:
                if error.code != StatusCode.UNAVAILABLE:
                    raise
                left = RETRY_SECONDS if end_time is None else end_time - time.monotonic()
                if left <= 0:
                    raise waited_in_vain(error) from None
                time.sleep(min(left, RETRY_SECONDS))

    @property
    def is_ready(self) -> bool:
        """Whether a server is at the other end now."""
        return self._channel is not None and self._channel.is_alive

    def close(self) -> None:
        """Ends all calls with CANCELLED. A second one does nothing."""
        with self._lock:
            self.is_closed = True
            channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()

    def forget(self) -> None:
        """Leaves the parent's channel alone, in a forked child, which gets one of its own."""
        if self._channel is not None:
            _left_alone.append(self._channel)
        self._channel = None
        self._lock = threading.Lock()


_connections: weakref.WeakSet[Connection] = weakref.WeakSet()
_left_alone: list[_native.Channel] = []


def _forget_all() -> None:
    for connection in list(_connections):
        connection.forget()


os.register_at_fork(after_in_child=_forget_all)


def message_of(arguments: tuple[object, ...], named: dict[str, object]) -> object:
    """What a call sends: a map of named arguments, an array of positional ones, or nothing.

    TypeError for both at once.
    """
    if arguments and named:
        raise TypeError("arguments are given by position or by name, not both")
    return named or (list(arguments) if arguments else None)
