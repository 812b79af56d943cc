# SPDX-License-Identifier: Apache-2.0
"""`RpcClient`: calls the methods of an endpoint, from any number of threads."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from . import _native, _slots, arrays
from ._blocking import BlockingClientCall, encoded, native_error, raise_for
from ._connection import Connection, message_of
from ._encoding import decoder, encode_message
from .errors import Metadata, RpcError, StatusCode

if TYPE_CHECKING:
    import numpy

Result = TypeVar("Result")
CANCELLED = (StatusCode.CANCELLED, "cancelled by the caller", b"", ())


class RpcClient:
    """A client of the endpoint of that name, connected at its first call.

        with RpcClient("calculator") as client:
            client.call("add", 1, 2)            # by position
            client.call("add", a=1, b=2)        # by name
            for item in client.stream("count", 3): ...

    A call that fails raises `RpcError`: `RemoteError` for an exception of the handler, with its
    type and message; UNAVAILABLE when nobody listens or the worker died. The next call connects
    anew.

    timeout: seconds that each call may take, unless it says otherwise. max_message_bytes: of one
    result.
    """

    def __init__(
        self, name: str, *, timeout: float | None = None, max_message_bytes: int = 64 << 20
    ) -> None:
        self._connection = Connection(name, max_message_bytes)
        self._timeout = timeout
        self._decoders: dict[Any, Callable[[Any], Any]] = {}

    def call(
        self, method: str, /, *arguments: Any, timeout: float | None = None, **named: Any
    ) -> Any:
        """The result of a method, called by position or by name.

        An argument that is itself called `timeout` goes through `invoke`.
        """
        return self.invoke(method, message_of(arguments, named), timeout=timeout)

    def invoke(
        self,
        method: str,
        arguments: Any = None,
        *,
        result_type: type[Result] | Any = Any,
        timeout: float | None = None,
        metadata: Metadata = (),
    ) -> Result:
        """The same, with the arguments as they are sent: a dict by name, a list by position, None,
        or one value. result_type: what the result must be; DATA_LOSS when it is something else.
        """
        try:
            channel = self._connection.channel()
            message = encode_message(arguments, channel)
            reply = channel.call(method, message, self._limit(timeout), metadata)
        except _native.NativeError as error:
            raise native_error(error) from None
        return self._decode(result_type, reply)

    def stream(
        self, method: str, /, *arguments: Any, timeout: float | None = None, **named: Any
    ) -> ResultStream[Any]:
        """The results of a method that is a generator, as they come."""
        return self.invoke_stream(method, message_of(arguments, named), timeout=timeout)

    def invoke_stream(
        self,
        method: str,
        arguments: Any = None,
        *,
        result_type: type[Result] | Any = Any,
        timeout: float | None = None,
        metadata: Metadata = (),
    ) -> ResultStream[Result]:
        """`stream` with the options of `invoke`."""
        call = self._start(method, timeout, metadata)
        call.send(encode_message(arguments, call.channel))
        call.half_close()
        return ResultStream(call, lambda reply: self._decode(result_type, reply))

    def send(
        self, method: str, items: Iterable[Any], /, *, timeout: float | None = None,
        result_type: type[Result] | Any = Any, metadata: Metadata = (),
    ) -> Result:  # fmt: skip
        """The result of a method whose argument is a stream: sends the items, then waits."""
        call = self._start(method, timeout, metadata)
        try:
            for item in items:
                if not call.send(encode_message(item, call.channel)):
                    break
        except BaseException:
            call.cancel(CANCELLED)
            raise
        call.half_close()
        return ResultStream(call, lambda reply: self._decode(result_type, reply)).only()

    def exchange(
        self, method: str, items: Iterable[Any], /, *, timeout: float | None = None,
        result_type: type[Result] | Any = Any, metadata: Metadata = (),
    ) -> ResultStream[Result]:  # fmt: skip
        """The results of a method with streams both ways. The items are taken in a thread of their
        own; an exception of theirs ends the call, and is raised where the results are read.
        """
        call = self._start(method, timeout, metadata)
        results = ResultStream(call, lambda reply: self._decode(result_type, reply))
        messages = encoded(items, lambda item: encode_message(item, call.channel))
        call.feed(messages, results.fail)
        return results

    def allocate_array(
        self, shape: int | Sequence[int], dtype: Any = "f8"
    ) -> numpy.ndarray[Any, Any]:
        """An array, not yet set, in memory that the worker sees: as an argument of one call it is
        sent without a copy. Only one per message is; a second one is copied.
        """
        try:
            slot = _slots.allocate(self._connection.channel(), arrays.slot_bytes(shape, dtype))
        except _native.NativeError as error:
            raise native_error(error) from None
        return arrays.array_over(slot, shape, dtype)

    def close(self) -> None:
        """Ends what still runs with CANCELLED."""
        self._connection.close()

    def __enter__(self) -> RpcClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _limit(self, timeout: float | None) -> float | None:
        return self._timeout if timeout is None else timeout

    def _start(self, method: str, timeout: float | None, metadata: Metadata) -> BlockingClientCall:
        try:
            channel = self._connection.channel()
            return BlockingClientCall(channel, method, self._limit(timeout), metadata)
        except _native.NativeError as error:
            raise native_error(error) from None

    def _decode(self, kind: Any, reply: Any) -> Any:
        return decode_result(self._decoders, kind, reply)


class ResultStream(Generic[Result]):
    """The results of a call, as they come. Closed, or no longer used, it cancels the call."""

    def __init__(self, call: BlockingClientCall, decode: Callable[[Any], Result]) -> None:
        self._call = call
        self._decode = decode
        self._failure: BaseException | None = None
        # The channel keeps the call, so nobody would miss this object.
        weakref.finalize(self, call.cancel, CANCELLED).atexit = False

    def __iter__(self) -> Iterator[Result]:
        return self

    def __next__(self) -> Result:
        reply = self._call.receive()
        if reply is not None:
            return self._decode(reply)
        if self._failure is not None:
            raise self._failure
        status = self._call.status
        assert status is not None
        raise_for(status)
        raise StopIteration

    def only(self) -> Result:
        """The one result of a call that has one. INTERNAL when there is none."""
        results = list(self)
        if len(results) != 1:
            raise RpcError(StatusCode.INTERNAL, f"{len(results)} results where one is due")
        return results[0]

    def fail(self, error: BaseException) -> None:
        """Ends the call because the items could not be had."""
        self._failure = error
        self._call.cancel(CANCELLED)

    def close(self) -> None:
        """Cancels the call, unless it has ended."""
        self._call.cancel(CANCELLED)

    def __enter__(self) -> ResultStream[Result]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def decode_result(decoders: dict[Any, Callable[[Any], Any]], kind: Any, reply: Any) -> Any:
    """A result as the type that was asked for. DATA_LOSS when it is something else."""
    try:
        decode = decoders[kind]
    except KeyError:
        decode = decoders[kind] = decoder(kind)
    try:
        return decode(reply)
    except Exception as error:
        raise RpcError(StatusCode.DATA_LOSS, f"the result is not as asked for: {error}") from error
