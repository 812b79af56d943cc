# SPDX-License-Identifier: Apache-2.0
"""Prints what a call sends and receives: method, metadata, messages with their sizes, status.

A client interceptor sees every call of its channel, whatever stub made it. This one changes
nothing on the way. gRPC puts 5 bytes before each message (a flag and the length), which the
sizes name apart.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import grpc
from google.protobuf import text_format
from google.protobuf.message import Message

ENVELOPE_BYTES = 5
SHOWN_MESSAGES = 5


class WirePrinter(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Prints unary and server-streaming calls by way of `write`, a line at a time."""

    def __init__(self, write: Callable[[str], None] = print) -> None:
        self._write = write

    def intercept_unary_unary(
        self,
        continuation: Callable[[grpc.ClientCallDetails, Message], Any],
        client_call_details: grpc.ClientCallDetails,
        request: Message,
    ) -> Any:
        self._request(client_call_details, request)
        call = continuation(client_call_details, request)
        self._metadata("<- headers", call.initial_metadata())
        if call.code() is grpc.StatusCode.OK:
            self._write(f"   <- message    {describe(call.result())}")
        self._status(call)
        return call

    def intercept_unary_stream(
        self,
        continuation: Callable[[grpc.ClientCallDetails, Message], Any],
        client_call_details: grpc.ClientCallDetails,
        request: Message,
    ) -> Any:
        self._request(client_call_details, request)
        return _PrintedStream(continuation(client_call_details, request), self)

    def _request(self, details: grpc.ClientCallDetails, request: Message) -> None:
        method = details.method.decode() if isinstance(details.method, bytes) else details.method
        self._write("")
        self._write(f"   -> call       POST {method}")
        timeout = [("grpc-timeout", f"{details.timeout:g} s")] if details.timeout else []
        self._metadata("-> headers", [*timeout, *(details.metadata or [])])
        self._write(f"   -> message    {describe(request)}")

    def _metadata(self, label: str, pairs: Iterable[tuple[str, str | bytes]] | None) -> None:
        for key, value in pairs or []:
            shown = value.hex(" ") if isinstance(value, bytes) else value
            self._write(f"   {label:<13} {key}: {shown}")

    def _status(self, call: Any) -> None:
        code = call.code()
        details = f" {call.details()!r}" if call.details() else ""
        self._write(f"   <- trailers   grpc-status: {code.value[0]} ({code.name}){details}")
        self._metadata("<- trailers", call.trailing_metadata())


class _PrintedStream:
    """The responses of a call, printed as they are read; everything else is the call's."""

    def __init__(self, call: Any, printer: WirePrinter) -> None:
        self._call = call
        self._printer = printer
        self._count = 0
        self._bytes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def __iter__(self) -> Iterator[Message]:
        return self

    def __next__(self) -> Message:
        try:
            message = next(self._call)
        except (StopIteration, grpc.RpcError):
            self._end()
            raise
        self._count += 1
        self._bytes += message.ByteSize() + ENVELOPE_BYTES
        if self._count <= SHOWN_MESSAGES:
            self._printer._write(f"   <- message {self._count:<2} {describe(message)}")
        return message

    def _end(self) -> None:
        if self._count > SHOWN_MESSAGES:
            self._printer._write(f"   <- ...        {self._count - SHOWN_MESSAGES} messages more")
        self._printer._write(f"   <- in all     {self._count} messages, {self._bytes} bytes")
        self._printer._status(self._call)


def describe(message: Message) -> str:
    """One line: `23 + 5 bytes [0a 04 ...]  inventory.Item { name: "bolt" }`."""
    text = text_format.MessageToString(message, as_one_line=True, as_utf8=True)
    if len(text) > 120:
        text = text[:117] + "..."
    data = message.SerializeToString()
    first = data[:12].hex(" ") + (" ..." if len(data) > 12 else "")
    fields = f"{{ {text} }}" if text else "{}"
    return (
        f"{len(data)} + {ENVELOPE_BYTES} bytes [{first}]  {message.DESCRIPTOR.full_name} {fields}"
    )
