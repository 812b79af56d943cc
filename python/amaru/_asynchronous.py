# SPDX-License-Identifier: Apache-2.0
"""Calls for asyncio, and how a loop drives a listener or a channel."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from . import _native
from ._blocking import EXPIRED, Status, status_of, write
from ._connection import Connection
from .errors import Metadata, RpcError, StatusCode


class Change:
    """Wakes every coroutine that waits for it, when it is set."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[asyncio.Future[None]] = []

    async def wait(self) -> None:
        waiting = self._loop.create_future()
        self._waiting.append(waiting)
        try:
            await waiting
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)

    def set(self) -> None:
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)


class Driver:
    """Lets an event loop poll a listener or a channel, and flush it once per turn.

    react: called on the loop after each poll that had something to do.
    """

    def __init__(
        self,
        end: _native.Listener | _native.Channel,
        react: Callable[[Any], None] = lambda _: None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.listener: Any = end
        self._end = end
        self._react = react
        self._will_flush = False
        self._fileno: int | None = end.fileno()
        self.loop.add_reader(self._fileno, self.poll)

    def poll(self) -> None:
        """Does what came."""
        if self._fileno is not None:
            self._react(self._end.poll(0))
            self._end.flush()

    def flush_soon(self) -> None:
        """Sends, at the end of this turn of the loop, what was written in it."""
        if not self._will_flush:
            self._will_flush = True
            self.loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._will_flush = False
        if self._fileno is not None:
            with contextlib.suppress(_native.NativeError):
                self._end.flush()

    def close(self) -> None:
        """Leaves the loop; the end itself stays open."""
        if self._fileno is not None and not self.loop.is_closed():
            self.loop.remove_reader(self._fileno)
        self._fileno = None


class AsyncServerCall:
    """A call that coroutines answer on the loop that polls the listener."""

    def __init__(self, call: _native.ServerCall, driver: Driver) -> None:
        self.call = call
        self.driver = driver
        self.is_finished = False
        self.task: asyncio.Task[Any] | None = None
        self.on_end: list[Callable[[], object]] = []
        self._changed = Change(driver.loop)
        self._timer: asyncio.TimerHandle | None = None
        self.end_time: float | None = None
        if (remaining := call.deadline) is not None:
            self.end_time = driver.loop.time() + remaining
            self._timer = driver.loop.call_at(self.end_time, self._expire)
        call.on_change = self._change

    @property
    def is_active(self) -> bool:
        return not (self.is_finished or self.call.is_cancelled)

    def time_remaining(self) -> float | None:
        """Seconds until the deadline; never negative."""
        if self.end_time is None:
            return None
        return max(self.end_time - self.driver.loop.time(), 0.0)

    async def receive(self) -> Any:
        """The next message, or None behind the last one. RpcError when the call has ended."""
        while True:
            if not self.is_active:
                raise RpcError(StatusCode.CANCELLED, "the call has ended")
            if (message := self.call.take()) is not None:
                self.driver.flush_soon()
                return message
            if self.call.is_half_closed:
                return None
            await self._changed.wait()

    async def send(self, message: Any) -> None:
        """Writes a message when there is room. RpcError when the call has ended."""
        while self.is_active and not self.call.has_room:
            await self._changed.wait()
        if not self.is_active:
            raise RpcError(StatusCode.CANCELLED, "the call has ended")
        write(self.call, message)
        self.driver.flush_soon()

    def send_head(self, metadata: Metadata) -> None:
        self.call.write_head(metadata)
        self.driver.flush_soon()

    def finish(self, code: int, message: str, details: bytes, trailers: Metadata = ()) -> None:
        """Ends the call. A second one does nothing."""
        if self.is_finished:
            return
        self.is_finished = True
        self.call.finish(code, message, details, trailers)
        self.driver.flush_soon()
        self._end()

    def release(self) -> None:
        """Leaves the native call to somebody else, who has ended it."""
        self.is_finished = True
        self._end()

    def _expire(self) -> None:
        if self.is_active:
            self.finish(*EXPIRED)
            self._cancel_task()

    def _change(self) -> None:
        self._changed.set()
        if self.call.is_cancelled and not self.is_finished:
            self.is_finished = True
            self._end()
            self._cancel_task()

    def _cancel_task(self) -> None:
        if self.task is not None and not self.task.done():
            self.task.cancel()

    def _end(self) -> None:
        self._changed.set()
        if self._timer is not None:
            self._timer.cancel()
        for action in self.on_end:
            action()
        self.on_end.clear()


class AsyncClientCall:
    """A call on a channel that the running loop polls."""

    def __init__(
        self, channel: _native.Channel, driver: Driver, method: str, timeout: float | None,
        metadata: Metadata,
    ) -> None:  # fmt: skip
        self.driver = driver
        self.on_end: list[Callable[[], object]] = []
        self._ended: Status | None = None
        self._changed = Change(driver.loop)
        self._was_active = True
        self.end_time = None if timeout is None else driver.loop.time() + timeout
        self.call = channel.start(method, timeout, metadata)
        self.call.on_change = self._change
        self._timer = None
        if self.end_time is not None:
            self._timer = driver.loop.call_at(self.end_time, self.cancel, EXPIRED)
        driver.flush_soon()

    @property
    def status(self) -> Status | None:
        """How the call ended, once it did."""
        return self._ended or self.call.status

    def time_remaining(self) -> float | None:
        """Seconds until the deadline; never negative."""
        if self.end_time is None:
            return None
        return max(self.end_time - self.driver.loop.time(), 0.0)

    async def send(self, message: Any) -> bool:
        """Writes a message when there is room. False when the call has ended."""
        while self.status is None and not self.call.has_room:
            await self._changed.wait()
        return self.status is None and self.write(message)

    def write(self, message: Any) -> bool:
        """Writes a message whatever the room. False when it is too large: the call has ended."""
        try:
            self.call.write(message)
        except _native.NativeError as error:
            self.cancel(status_of(error))
            return False
        self.driver.flush_soon()
        return True

    def half_close(self) -> None:
        """Says that there are no more messages."""
        if self.status is None:
            self.call.half_close()
            self.driver.flush_soon()

    async def receive(self) -> Any:
        """The next message, or None at the end of the call, whose status is then known."""
        while True:
            ended = self.status is not None
            if self._ended is not None:  # nothing is read behind a cancellation of our own
                return None
            if (message := self.call.take()) is not None:
                self.driver.flush_soon()
                return message
            if ended:
                return None
            await self._changed.wait()

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        """Waits until the condition holds or the call has ended."""
        while self.status is None and not condition():
            await self._changed.wait()

    def cancel(self, status: Status) -> bool:
        """Ends the call from this side. False when it has ended already."""
        if self.status is not None:
            return False
        self._ended = status
        self.call.cancel()
        self.driver.flush_soon()
        self._change()
        return True

    def _change(self) -> None:
        self._changed.set()
        if self._was_active and self.status is not None:
            self._was_active = False
            if self._timer is not None:
                self._timer.cancel()
            for action in self.on_end:
                action()
            self.on_end.clear()


class AsyncConnection:
    """The channel of a client on one loop, opened at its first call and again after a loss.

    RuntimeError when another loop uses it.
    """

    def __init__(self, name: str, max_message_bytes: int) -> None:
        self._connection = Connection(name, max_message_bytes)
        self._channel: _native.Channel | None = None
        self._driver: Driver | None = None
        self._opening: asyncio.Task[_native.Channel] | None = None

    @property
    def is_closed(self) -> bool:
        return self._connection.is_closed

    @property
    def driver(self) -> Driver:
        assert self._driver is not None
        return self._driver

    def now(self) -> _native.Channel | None:
        """The channel, when it is connected."""
        if self._channel is None or not self._channel.is_alive:
            return None
        if self.driver.loop is not asyncio.get_running_loop():
            raise RuntimeError("the channel belongs to another event loop")
        return self._channel

    async def connect(self) -> _native.Channel:
        """The channel. NativeError when nobody listens."""
        if (channel := self.now()) is not None:
            return channel
        return await asyncio.shield(self.connect_soon())

    def connect_soon(self) -> asyncio.Task[_native.Channel]:
        """Begins to connect, once for all who ask."""
        if self._opening is None or self._opening.done():
            self._opening = asyncio.get_running_loop().create_task(self._open())
            # Somebody who only looks at the state does not await it.
            self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._opening

    async def _open(self) -> _native.Channel:
        # In a thread, for the handshake waits for the server.
        channel = await asyncio.to_thread(self._connection.channel)
        if self._driver is not None:
            self._driver.close()
        self._channel = channel
        self._driver = Driver(channel)
        return channel

    def close(self) -> None:
        """Ends all calls with CANCELLED."""
        if self._driver is not None:
            self._driver.close()
        self._channel = None
        self._connection.close()
