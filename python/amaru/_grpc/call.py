# SPDX-License-Identifier: Apache-2.0
"""A call on the client's side, as grpcio's multi-callables return and raise it."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any

import grpc

from .._blocking import BlockingClientCall, Status
from . import terms

_LOG = logging.getLogger("amaru.grpc")
CANCELLED: Status = (1, "Locally cancelled by application!", b"", ())


class SharedMemoryCall(grpc.RpcError, grpc.Call, grpc.Future):
    """The state of one call: `grpc.Call`, `grpc.Future`, an iterator of responses, and the error.

    Any thread may use it. Without `call` it ended before it began, with `status`.
    """

    def __init__(
        self,
        call: BlockingClientCall | None,
        deserialize: Callable[[bytes], Any] | None,
        status: Status | None = None,
        watch: Callable[[BlockingClientCall], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._call = call
        self._deserialize = deserialize
        self._own_status = status
        self._watch = watch
        self._response: Any = None
        self._has_response = False
        self._lock = threading.Lock()

    # Responses

    def __iter__(self) -> SharedMemoryCall:
        return self

    def __next__(self) -> Any:
        return self._next()

    def next(self) -> Any:
        """The next response; StopIteration behind the last, this object when the call failed."""
        return self._next()

    def _next(self) -> Any:
        message = self._call.receive() if self._call is not None else None
        if message is None:
            if self._finished()[0] == 0:
                raise StopIteration
            raise self
        return self._read(message)

    def _read(self, message: Any) -> Any:
        try:
            return terms.transform(self._deserialize, terms.as_bytes(message))
        except Exception as error:
            _LOG.exception("Exception deserializing response!")
            self._end((13, f"Exception deserializing response! {error}", b"", ()))
            raise self from error

    def _finished(self) -> Status:
        status = self._status()
        if status is None:
            assert self._call is not None
            self._call.wait_until(lambda: False)
            status = self._status()
        assert status is not None
        return status

    def _status(self) -> Status | None:
        return self._own_status or (self._call.status if self._call is not None else None)

    def _end(self, status: Status) -> bool:
        if self._call is not None and not self._call.cancel(status):
            if self._call.status is None or self._call.status[0] == 0:
                self._own_status = status
            return False
        self._own_status = status
        return True

    # grpc.RpcContext and grpc.Call

    def is_active(self) -> bool:
        return self._status() is None

    def time_remaining(self) -> float | None:
        return self._call.time_remaining() if self._call is not None else None

    def cancel(self) -> bool:
        return self._end(CANCELLED)

    def add_callback(self, callback: Callable[[], None]) -> bool:
        if self._call is None or not self._call.when_ended(callback):
            return False
        self._watch(self._call)
        return True

    def initial_metadata(self) -> Any:
        if self._call is None:
            return ()
        native = self._call.call
        self._call.wait_until(lambda: native.initial_metadata is not None)
        return terms.given_metadata(native.initial_metadata or ())

    def trailing_metadata(self) -> Any:
        return terms.join_details(self._finished())

    def code(self) -> grpc.StatusCode:
        return terms.code_of(self._finished()[0])

    def details(self) -> str:
        return self._finished()[1]

    def debug_error_string(self) -> str:
        status = self._finished()
        return f"{terms.code_of(status[0]).name}: {status[1]} (shared memory)"

    # grpc.Future

    def cancelled(self) -> bool:
        status = self._status()
        return status is not None and status[0] == 1

    def running(self) -> bool:
        return self._status() is None

    def done(self) -> bool:
        return self._status() is not None

    def result(self, timeout: float | None = None) -> Any:
        self._wait(timeout)
        self._take_response()
        status = self._finished()
        if status[0] == 0:
            return self._response
        if status is CANCELLED:
            raise grpc.FutureCancelledError
        raise self

    def exception(self, timeout: float | None = None) -> Exception | None:
        self._wait(timeout)
        with contextlib.suppress(grpc.RpcError):
            self._take_response()
        status = self._finished()
        if status[0] == 0:
            return None
        if status is CANCELLED:
            raise grpc.FutureCancelledError
        return self

    def traceback(self, timeout: float | None = None) -> Any:
        error = self.exception(timeout)
        return None if error is None else error.__traceback__

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        def run() -> None:
            try:
                fn(self)
            except Exception:
                _LOG.exception("a callback failed")

        if not self.add_callback(run):
            run()

    def _wait(self, timeout: float | None) -> None:
        if self._status() is not None or self._call is None:
            return
        if not self._call.wait_until(lambda: False, timeout):
            raise grpc.FutureTimeoutError

    def _take_response(self) -> None:
        """Reads the one response of a unary call, once."""
        with self._lock:
            if self._has_response or self._call is None or self._finished()[0] != 0:
                return
            message = self._call.receive()
            if message is None:
                self._end((13, "the server sent no response", b"", ()))
                return
            self._response = self._read(message)
            self._has_response = True

    # The error

    def __str__(self) -> str:
        status = self._status()
        if status is None:
            return "<SharedMemoryCall that runs>"
        code = terms.code_of(status[0])
        return f'<SharedMemoryCall that ended with: status = {code}, details = "{status[1]}">'

    __repr__ = __str__
