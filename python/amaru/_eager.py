# SPDX-License-Identifier: Apache-2.0
"""Coroutines that run at once, and become tasks of the loop only when they have to wait.

Most handlers never wait, and are done without a turn of the loop. For the others `current_task()`
must be the same before and after the first wait, as `asyncio.timeout()` and `TaskGroup` ask for
it: so the first step runs under the name of a spare task, which adopts the coroutine when that
waits.
"""

from __future__ import annotations

import asyncio
import contextvars
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any

Done = Callable[[Any, BaseException | None], None]


class _Adopted:
    """A coroutine that has begun, and what it waits for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.coroutine: Coroutine[Any, Any, Any] | None = None
        self.awaited: Any = None
        self.ready: asyncio.Future[None] = loop.create_future()


@types.coroutine
def _go_on(adopted: _Adopted) -> Generator[Any, Any, Any]:
    yield from adopted.ready
    coroutine, awaited = adopted.coroutine, adopted.awaited
    assert coroutine is not None
    while True:
        try:
            value = yield awaited
        except GeneratorExit:
            coroutine.close()
            raise
        except BaseException as error:
            step: Callable[[Any], Any] = coroutine.throw
            value = error
        else:
            step = coroutine.send
        try:
            awaited = step(value)
        except StopIteration as stop:
            return stop.value


class EagerTasks:
    """Runs coroutines on one loop, from its own thread, outside of any task."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._spare: tuple[asyncio.Task[Any], _Adopted, contextvars.Context] | None = None
        self._running: set[asyncio.Task[Any]] = set()
        self._clean = contextvars.copy_context()

    def run(self, coroutine: Coroutine[Any, Any, Any], done: Done) -> asyncio.Task[Any] | None:
        """Runs the first step. When the coroutine ended in it, `done(result, error)` has been
        called.

        Otherwise the task that goes on with it, and `done` is called at its end.
        """
        task, adopted, context = self._spare or self._make()
        self._spare = None
        asyncio.tasks._enter_task(self._loop, task)
        try:
            adopted.awaited = context.run(coroutine.send, None)
        except StopIteration as stop:
            outcome: tuple[Any, BaseException | None] = stop.value, None
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            outcome = None, error
        else:
            adopted.coroutine = coroutine
            adopted.ready.set_result(None)
            self._running.add(task)
            task.add_done_callback(lambda task: self._finish(task, done))
            return task
        finally:
            asyncio.tasks._leave_task(self._loop, task)
        if context == self._clean and not task.cancelling():
            self._spare = task, adopted, context
        else:
            task.cancel()
        done(*outcome)
        return None

    async def close(self) -> None:
        """Cancels what still runs, and waits for its end."""
        tasks = list(self._running)
        if self._spare is not None:
            tasks.append(self._spare[0])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _make(self) -> tuple[asyncio.Task[Any], _Adopted, contextvars.Context]:
        adopted = _Adopted(self._loop)
        context = self._clean.copy()
        task = asyncio.Task(_go_on(adopted), loop=self._loop, context=context)
        return task, adopted, context

    def _finish(self, task: asyncio.Task[Any], done: Done) -> None:
        self._running.discard(task)
        if task.cancelled():
            done(None, asyncio.CancelledError())
        elif (error := task.exception()) is not None:
            done(None, error)
        else:
            done(task.result(), None)
