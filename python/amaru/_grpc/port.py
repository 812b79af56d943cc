# SPDX-License-Identifier: Apache-2.0
"""Who polls a listener of a server whose handlers run in a thread pool.

To hand each call from a polling thread to a thread of the pool costs more than the call. So the
thread of the pool that answered one goes on to poll, and answers the next itself: it *leads*.
The listener's own thread watches it, and takes over when a handler takes its time, so that the
other calls do not wait for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from .. import _native
from .._blocking import BlockingServerCall

# How long a handler may keep the others waiting, and a leader without calls stays one.
WATCH_SECONDS = 0.002
IDLE_SECONDS = 0.005
Answer = Callable[[BlockingServerCall, Callable[[], None]], None]


class Port:
    """A listener of a server, its own thread, and the thread of the pool that leads, if any.

    answer: answers a call on the calling thread; before it waits for messages, it calls what it is
    given beside. admit: whether one more call may run.
    """

    def __init__(
        self,
        listener: _native.Listener,
        pool: Executor,
        admit: Callable[[BlockingServerCall], bool],
        answer: Answer,
    ) -> None:
        self.listener = listener
        self._pool = pool
        self._admit = admit
        self._answer = answer
        self._changed = threading.Condition()
        self._leader: object | None = None
        self._is_busy = False
        self._turn = 0
        self._queued = 0
        self._is_stopping = False
        self._end_time = 0.0
        self._thread = threading.Thread(target=self._run, name="amaru-server", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, end_time: float) -> None:
        """No new calls; the thread ends with the last one, or at that time."""
        self._end_time = end_time
        if not self._is_stopping:
            self._is_stopping = True
            self.listener.drain()
        self.wake()

    def wake(self) -> None:
        """Has the thread look whether it is over."""
        with self._changed:
            self._changed.notify_all()
        if self._thread.is_alive():
            self.listener.wake()

    def join(self) -> None:
        if self._thread.ident is not None:
            self._thread.join()

    def close(self) -> None:
        self.listener.flush()
        self.listener.close()

    def _run(self) -> None:
        while not self._is_over():
            if self._leader is not None:
                self._watch()
                continue
            left = max(self._end_time - time.monotonic(), 0.0) if self._is_stopping else None
            calls = self._begin(self.listener.poll(left))
            if calls and not self._is_stopping:
                self._leader = leader = object()
                self._submit(self._lead, leader, calls.pop())
            for call in calls:
                self._submit(self._answer, call, _nothing)

    def _is_over(self) -> bool:
        if not self._is_stopping:
            return False
        return not self.listener.active or time.monotonic() >= self._end_time

    def _begin(self, calls: list[_native.ServerCall]) -> list[BlockingServerCall]:
        begun = [BlockingServerCall(call, self.listener) for call in calls]
        return [call for call in begun if self._admit(call)]

    def _submit(self, job: Callable[..., None], *arguments: Any) -> None:
        def run() -> None:
            with self._changed:
                self._queued -= 1
            job(*arguments)

        with self._changed:
            self._queued += 1
        self._pool.submit(run)

    def _watch(self) -> None:
        """Takes the lead from a leader that was busy with one call all the time."""
        with self._changed:
            turn = self._turn if self._is_busy else None
            self._changed.wait(WATCH_SECONDS)
            if self._is_stopping or (self._is_busy and self._turn == turn):
                self._leader = None

    def _lead(self, leader: object, call: BlockingServerCall) -> None:
        """On a thread of the pool: answers the call, then those that come."""
        while True:
            with self._changed:
                self._is_busy = self._leader is leader
                self._turn += 1
            self._answer(call, lambda: self._give_up(leader))
            with self._changed:
                if self._leader is not leader:
                    return
                self._is_busy = False
            end = time.monotonic() + IDLE_SECONDS
            calls: list[BlockingServerCall] = []
            # Calls that wait for a thread of the pool may wait for this one.
            while not calls and not self._queued and self._leader is leader:
                left = end - time.monotonic()
                if left <= 0:
                    break
                calls = self._begin(self.listener.poll(left))
            if not calls:
                self._give_up(leader)
                return
            call = calls.pop()
            for other in calls:
                self._submit(self._answer, other, _nothing)

    def _give_up(self, leader: object) -> None:
        with self._changed:
            if self._leader is leader:
                self._leader = None
                self._is_busy = False
                self._changed.notify_all()


def _nothing() -> None:
    pass
