# SPDX-License-Identifier: Apache-2.0
"""gRPC's words for codes, metadata and options, and ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import grpc

from .. import _native
from .._blocking import Status
from .._connection import Connection
from .._status import clip, encode_status
from ..errors import Metadata

CODES = {code.value[0]: code for code in grpc.StatusCode}
DETAILS_KEY = "grpc-status-details-bin"
Options = Sequence[tuple[str, Any]] | None


class Metadatum(NamedTuple):
    """One entry of metadata, as grpcio gives it."""

    key: str
    value: str | bytes


def wire_method(method: str | bytes) -> str:
    """`package.Service/Method`, without the slash that gRPC puts in front."""
    name = method.decode() if isinstance(method, bytes) else method
    return name.removeprefix("/")


def wire_metadata(metadata: Iterable[Any] | None) -> Metadata:
    """Metadata as it is sent. ValueError or TypeError for what gRPC refuses, too."""
    if not metadata:
        return ()
    return tuple(_entry(key, value) for key, value in metadata)


def _entry(key: Any, value: Any) -> tuple[str, str | bytes]:
    if isinstance(key, bytes):
        key = key.decode("ascii")
    if key != key.lower() or not key:
        raise ValueError(f"metadata was invalid: the key {key!r} has to be lower case")
    if key.endswith("-bin"):
        if not isinstance(value, (bytes, bytearray)):
            raise TypeError(f"metadata was invalid: the value of {key!r} has to be bytes")
        return key, bytes(value)
    return key, value.decode("ascii") if isinstance(value, bytes) else value


def given_metadata(metadata: Iterable[tuple[str, str | bytes]]) -> tuple[Metadatum, ...]:
    return tuple(Metadatum(key, value) for key, value in metadata)


def split_details(trailers: Metadata) -> tuple[bytes, Metadata]:
    """The bytes of a `google.rpc.Status`, which have a field of their own in a status frame."""
    details = next((value for key, value in trailers if key == DETAILS_KEY), b"")
    assert isinstance(details, bytes)
    return details, tuple(entry for entry in trailers if entry[0] != DETAILS_KEY)


def join_details(status: Status) -> tuple[Metadatum, ...]:
    """Trailing metadata as grpcio shows it."""
    trailers = given_metadata(status[3])
    return (*trailers, Metadatum(DETAILS_KEY, status[2])) if status[2] else trailers


def code_of(number: int) -> grpc.StatusCode:
    return CODES.get(number, grpc.StatusCode.UNKNOWN)


def number_of(code: Any) -> int:
    """The number of a `grpc.StatusCode`; UNKNOWN for what is none, as grpcio does."""
    return code.value[0] if isinstance(code, grpc.StatusCode) else 2


def text_of(details: Any) -> str:
    """The message of a status, cut to what its frame takes."""
    if isinstance(details, bytes):
        details = details.decode("utf-8", "replace")
    return clip(str(details or "")).decode("utf-8")


def rpc_error_status(error: Any) -> Status:
    """Of an `amaru.RpcError` that a servicer raised."""
    code = int(error.code)
    details = encode_status(code, error.message, error.details)
    return code, text_of(error.message), details, tuple(error.metadata)


def max_message_bytes(options: Options) -> int:
    """What `grpc.max_receive_message_length` says; gRPC's own default is 4 MiB, and -1 no limit."""
    for key, value in options or ():
        if key == "grpc.max_receive_message_length":
            return value if value >= 0 else (1 << 31) - 1
    return 4 << 20


def open_channel(
    connection: Connection, timeout: float | None, wait_for_ready: bool | None
) -> _native.Channel:
    """The channel for a call. NativeError when there is none, in the call's time if it waits."""
    if not wait_for_ready:
        return connection.channel()
    return connection.wait_for_channel(None if timeout is None else time.monotonic() + timeout)


def as_bytes(message: Any) -> bytes:
    return message if isinstance(message, bytes) else bytes(message)


def transform(function: Callable[[Any], Any] | None, value: Any) -> Any:
    """Applies a serializer or deserializer; none leaves bytes as they are."""
    return value if function is None else function(value)
