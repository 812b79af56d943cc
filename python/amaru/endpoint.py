# SPDX-License-Identifier: Apache-2.0
"""`RpcEndpoint`: Python functions that Swift and Python call through shared memory."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

from . import _native, _slots, arrays
from ._dispatch import Method, unimplemented
from ._worker import Worker, current_call
from .decorators import marked

if TYPE_CHECKING:
    import numpy

Function = TypeVar("Function", bound=Callable[..., Any])


class RpcEndpoint:
    """Methods under one name on this machine.

    Register functions, then `listen()`. Type hints are checked: an argument of another type, one
    that is missing and one that nobody knows end the call with INVALID_ARGUMENT, which names it.

    name: 1 to 64 characters of `A-Z a-z 0-9 . _ -`. debug: errors carry the traceback to the
    caller. max_message_bytes: of one request. max_concurrent_calls: of one client. threads: how
    many handlers may read client streams at once.

    Register before `listen()`. `stop()` may be called from any thread; nothing else may.
    """

    def __init__(
        self,
        name: str,
        *,
        debug: bool = False,
        max_message_bytes: int = 64 << 20,
        max_concurrent_calls: int = 1000,
        threads: int = 64,
    ) -> None:
        self.name = name
        self.debug = debug
        self.methods: dict[str, Method] = {}
        self._max_message_bytes = max_message_bytes
        self._max_concurrent_calls = max_concurrent_calls
        self._threads = threads
        self._worker: Worker | None = None
        self._is_stopped = False

    @overload
    def register(self, name: Function, /) -> Function: ...
    @overload
    def register(
        self, name: str, function: Function, /, *, request_model: Any = None
    ) -> Function: ...
    @overload
    def register(
        self, name: str | None = None, /, *, request_model: Any = None
    ) -> Callable[[Function], Function]: ...
    def register(
        self, name: Any = None, function: Any = None, /, *, request_model: Any = None
    ) -> Any:
        """Serves a function: `@endpoint.register()`, `@endpoint.register("name")`,
        `register("name", f)`.

        request_model: a Pydantic model that checks the arguments. The function gets its fields by
        name, or the model itself when that is the type of its only argument.

        A generator is a stream of results; an argument `Iterator[T]` (`AsyncIterator[T]` in `async
        def`) is the caller's stream. ValueError when the name is taken or wrong, TypeError when
        the function's hints cannot be decoded.
        """
        if callable(name):
            return self._add(name.__name__, name, request_model)
        if function is not None:
            return self._add(name, function, request_model)

        def decorate(decorated: Any) -> Any:
            return self._add(name or decorated.__name__, decorated, request_model)

        return decorate

    def register_class(self, instance: Any, *, prefix: str = "") -> Any:
        """Serves the methods that `@rpc_method` marks. A class is instantiated without arguments.

        prefix: goes before each name, such as `math.`. Returns the instance.
        """
        if isinstance(instance, type):
            instance = instance()
        found = list(marked(instance))
        if not found:
            raise ValueError(f"{type(instance).__name__} has no method with @rpc_method")
        for name, method, model in found:
            self._add(prefix + name, method, model)
        return instance

    def dispatch(self, method: str, message: bytes = b"") -> bytes:
        """What a call of a synchronous unary method would return: for tests and measurements.

        message: the arguments in MessagePack. RpcError or the handler's own exception when it
        fails.
        """
        found = self.methods.get(method)
        if found is None:
            raise unimplemented(method, self.methods)
        if not found.is_immediate:
            raise TypeError(f"{method} is asynchronous or a stream")
        return found.dispatch(message)

    def listen(self, *, grace: float = 30, announce: bool = True) -> None:
        """Serves until Ctrl-C, SIGTERM or `stop()`; then waits for running calls to end.

        grace: seconds after which they are no longer waited for. announce: writes a line to
        standard error when clients can connect. OSError when another process has the name.

        With an `async def` among the handlers this runs an asyncio loop; inside one, await
        `serve()`.
        """
        if any(method.is_async for method in self.methods.values()):
            asyncio.run(self.serve(grace=grace, announce=announce))
            return
        worker = self._open(announce)
        try:
            worker.run(grace)
        finally:
            self._worker = None

    async def serve(self, *, grace: float = 30, announce: bool = True) -> None:
        """`listen()` on the running asyncio loop."""
        worker = self._open(announce)
        try:
            await worker.serve(grace)
        finally:
            self._worker = None

    def stop(self) -> None:
        """Ends `listen()` and `serve()` when the running calls have ended. From any thread."""
        self._is_stopped = True
        if (worker := self._worker) is not None:
            worker.stop()

    def allocate_array(
        self, shape: int | Sequence[int], dtype: Any = "f8"
    ) -> numpy.ndarray[Any, Any]:
        """An array, not yet set, in memory that the caller of this method sees: returned from the
        handler, alone or inside of a result, it is sent without a copy.

        Only one per message is; a second one is copied. RuntimeError outside of a handler.
        """
        return arrays.array_over(self.allocate(arrays.slot_bytes(shape, dtype)), shape, dtype)

    def allocate(self, size: int) -> Any:
        """A writable buffer that the caller of this method sees, or one of our own when none is
        free.
        """
        target = current_call.get() or (self._worker and self._worker.listener)
        if target is None:
            raise RuntimeError(
                "memory is allocated for the call that a handler answers; none is now"
            )
        return _slots.allocate(target, size)

    def _add(self, name: str, function: Any, request_model: Any) -> Any:
        if self._worker is not None:
            raise RuntimeError("methods are registered before listen()")
        if not name or len(name.encode()) > 1024:
            raise ValueError("a method's name has 1 to 1024 bytes")
        if name in self.methods:
            raise ValueError(f"{self.name} has a method {name!r} already")
        self.methods[name] = Method(name, function, self.allocate, request_model)
        return function

    def _open(self, announce: bool) -> Worker:
        if self._worker is not None:
            raise RuntimeError(f"{self.name} listens already")
        listener = _native.Listener(
            self.name,
            max_message_bytes=self._max_message_bytes,
            max_concurrent_calls=self._max_concurrent_calls,
        )
        self._worker = Worker(listener, self.methods, debug=self.debug, threads=self._threads)
        if self._is_stopped:
            self._worker.stop()
        if announce:
            print(f"listening on shm:{self.name}", file=sys.stderr, flush=True)
        return self._worker
