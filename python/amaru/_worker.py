# SPDX-License-Identifier: Apache-2.0
"""The loops behind an endpoint: a plain one, and one on asyncio when a handler is asynchronous.

Synchronous handlers run on the thread of the loop, one after another; those that read a client
stream run in threads, for they wait for what the loop reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import _native
from ._asynchronous import AsyncServerCall, Driver
from ._binding import Kind
from ._blocking import EXPIRED, BlockingServerCall, write
from ._dispatch import Method, status_of, unimplemented
from ._eager import EagerTasks

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# The call that a handler answers now; none in one that is answered inside `poll`.
current_call: contextvars.ContextVar[Any] = contextvars.ContextVar("amaru_call", default=None)


class Worker:
    """Answers the calls of one listener."""

    def __init__(
        self, listener: _native.Listener, methods: dict[str, Method], *, debug: bool, threads: int
    ) -> None:
        self.listener = listener
        self.methods = methods
        self.debug = debug
        self.is_stopping = False
        self._threads: ThreadPoolExecutor | None = None
        self._blocking: set[BlockingServerCall] = set()
        self._thread_count = threads
        self._driver: Driver | None = None
        self._tasks: EagerTasks | None = None
        self._stopped: asyncio.Event | None = None
        self._drained = asyncio.Event()
        listener.on_error = self._status_of
        for name, method in methods.items():
            if method.is_immediate:
                listener.register(name, method.dispatch)

    def run(self, grace: float) -> None:
        """Serves on this thread until `stop`, then until no call runs or `grace` is over."""
        with _signals(self.stop):
            while not self.is_stopping:
                self._begin_all(self.listener.poll(None))
            end = time.monotonic() + grace
            while self.listener.active and (left := end - time.monotonic()) > 0:
                self._begin_all(self.listener.poll(left))
        self._close()

    async def serve(self, grace: float) -> None:
        """The same, on the running loop."""
        loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        self._driver = Driver(self.listener, self._begin_all)
        self._tasks = EagerTasks(loop)
        if self.is_stopping:  # told so before it served
            self._stopped.set()
        with _loop_signals(loop, self.stop):
            try:
                await self._stopped.wait()
                self._see_end()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._drained.wait(), grace)
            finally:
                await self._tasks.close()
                self._driver.close()
                self._close()

    def stop(self) -> None:
        """No new calls; `run` and `serve` return when no call runs any more. From any thread."""
        self.is_stopping = True
        self.listener.drain()
        self.listener.wake()
        if self._stopped is not None and self._driver is not None:
            self._driver.loop.call_soon_threadsafe(self._stopped.set)

    def _close(self) -> None:
        for call in list(self._blocking):
            call.finish(14, "the worker is shutting down", b"")
        self.listener.flush()
        self.listener.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _status_of(self, error: BaseException) -> tuple[int, str, bytes]:
        return status_of(error, debug=self.debug)

    def _begin_all(self, calls: list[_native.ServerCall]) -> None:
        for call in calls:
            self._begin(call)
        self._see_end()

    def _see_end(self) -> None:
        if self.is_stopping and not self.listener.active:
            self._drained.set()

    def _begin(self, call: _native.ServerCall) -> None:
        method = self.methods.get(call.method)
        if method is None:
            call.finish(*self._status_of(unimplemented(call.method, self.methods)))
        elif method.is_async:
            self._begin_async(AsyncServerCall(call, self._require_driver()), method)
        elif method.kind in (Kind.CLIENT_STREAM, Kind.BOTH_STREAMS):
            self._begin_thread(BlockingServerCall(call, self.listener), method)
        else:
            SteppedCall(call, method, self).change()

    def _require_driver(self) -> Driver:
        assert self._driver is not None, "an endpoint with asynchronous handlers runs on asyncio"
        return self._driver

    # Handlers in threads

    def _begin_thread(self, call: BlockingServerCall, method: Method) -> None:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._thread_count, "amaru-handler")
        self._blocking.add(call)
        self._threads.submit(contextvars.copy_context().run, self._answer, call, method)

    def _answer(self, call: BlockingServerCall, method: Method) -> None:
        current_call.set(call.call)
        try:
            items = map(method.item, iter(call.receive, None))
            result = method.call(items)
            if method.kind is Kind.BOTH_STREAMS:
                with contextlib.closing(result):
                    for item in result:
                        call.send(method.encode(item))
            else:
                call.send(method.encode(result))
            call.finish(0, "", b"")
        except BaseException as error:
            call.finish(*self._status_of(error))
        finally:
            self._blocking.discard(call)
            if self.is_stopping:
                self.listener.wake()

    # Handlers on asyncio

    def _begin_async(self, call: AsyncServerCall, method: Method) -> None:
        assert self._tasks is not None

        def done(_: Any, error: BaseException | None) -> None:
            if error is None:
                call.finish(0, "", b"")
            elif isinstance(error, asyncio.CancelledError) and not call.is_finished:
                call.finish(1, "the handler was cancelled", b"")
            else:
                call.finish(*self._status_of(error))
            self._see_end()

        call.task = self._tasks.run(self._answer_async(call, method), done)

    async def _answer_async(self, call: AsyncServerCall, method: Method) -> None:
        current_call.set(call.call)
        if method.kind in (Kind.CLIENT_STREAM, Kind.BOTH_STREAMS):
            arguments: tuple[Any, ...] = (_items(call, method),)
        else:
            message = await call.receive()
            arguments = method.arguments(b"" if message is None else message)
        if method.kind in (Kind.UNARY, Kind.CLIENT_STREAM):
            await call.send(method.encode(await method.call(*arguments)))
            return
        async with contextlib.aclosing(method.call(*arguments)) as results:
            async for result in results:
                await call.send(method.encode(result))


class SteppedCall:
    """A generator whose items are sent as there is room, on the thread of the loop."""

    def __init__(self, call: _native.ServerCall, method: Method, worker: Worker) -> None:
        self._call = call
        self._method = method
        self._worker = worker
        self._items: Iterator[Any] | None = None
        self._is_running = False
        call.on_change = self.change

    def change(self) -> None:
        """Goes on as far as it can."""
        if self._is_running:  # a flush below came back here
            return
        self._is_running = True
        token = current_call.set(self._call)
        try:
            if self._call.is_cancelled:
                self._close()
            elif self._items is not None or self._start():
                self._send()
        except Exception as error:
            self._close()
            self._call.finish(*self._worker._status_of(error))
        finally:
            current_call.reset(token)
            self._is_running = False

    def _start(self) -> bool:
        message = self._call.take()
        if message is None and not self._call.is_half_closed:
            return False
        arguments = self._method.arguments(b"" if message is None else message)
        self._items = iter(self._method.call(*arguments))
        return True

    def _send(self) -> None:
        assert self._items is not None
        flushed = time.monotonic()
        while self._call.has_room and not self._call.is_cancelled:
            remaining = self._call.deadline
            if remaining is not None and remaining <= 0:
                self._close()
                self._call.finish(*EXPIRED)
                return
            try:
                item = next(self._items)
            except StopIteration:
                self._call.finish()
                return
            write(self._call, self._method.encode(item))
            # A slow generator's items go out one by one, a fast one's together.
            if (now := time.monotonic()) - flushed > 0.0005:
                self._worker.listener.flush()
                flushed = now

    def _close(self) -> None:
        if self._items is not None and hasattr(self._items, "close"):
            self._items.close()


async def _items(call: AsyncServerCall, method: Method) -> Any:
    while (message := await call.receive()) is not None:
        yield method.item(message)


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C and SIGTERM stop; a second one ends the process as if nobody had listened."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {each: signal.getsignal(each) for each in SIGNALS}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def handle(*_: Any) -> None:
        restore()
        stop()

    for number in SIGNALS:
        signal.signal(number, handle)
    try:
        yield
    finally:
        restore()


@contextlib.contextmanager
def _loop_signals(loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def remove() -> None:
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    def handle() -> None:
        remove()
        stop()

    for number in SIGNALS:
        loop.add_signal_handler(number, handle)
    try:
        yield
    finally:
        remove()
