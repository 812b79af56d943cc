# SPDX-License-Identifier: Apache-2.0
"""`google.rpc.Status` and the details that we know, to protobuf bytes and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .errors import (
    PYTHON,
    AnyDetail,
    BadRequest,
    DebugInfo,
    Detail,
    ErrorInfo,
    FieldViolation,
    Metadata,
    RemoteError,
    RpcError,
    StatusCode,
)

# What a status frame takes (docs/protocols/shared-memory.md, Frames).
MAX_MESSAGE_BYTES = 16 * 1024
MAX_DETAILS_BYTES = 16 * 1024
_PREFIX = "type.googleapis.com/"
_ERROR_INFO = _PREFIX + "google.rpc.ErrorInfo"
_BAD_REQUEST = _PREFIX + "google.rpc.BadRequest"
_DEBUG_INFO = _PREFIX + "google.rpc.DebugInfo"


def encode_status(code: int, message: str, details: Iterable[Any]) -> bytes:
    """The bytes of a `Status`, or none when there are no details.

    What does not fit the frame is left out: a long message is cut, of the details the first stay.
    """
    packed = [_pack(detail) for detail in details]
    if not packed:
        return b""
    # The message stands in the frame beside the details, so a long one need not be here in full.
    status = b"\x08" + _varint(code) + _field(2, clip(message, 1024))
    for type_url, value in packed:
        item = _field(3, _field(1, type_url.encode()) + _field(2, value))
        if len(status) + len(item) <= MAX_DETAILS_BYTES:
            status += item
    return status


def decode_status(data: bytes) -> tuple[Any, ...]:
    """The details of a `Status`. None of them when the bytes are no `Status`."""
    try:
        return tuple(_unpack(value) for number, value in _fields(data) if number == 3)
    except (ValueError, IndexError, AttributeError, TypeError):
        return ()


def clip(text: str, most: int = MAX_MESSAGE_BYTES) -> bytes:
    """The text in UTF-8, cut at a character when it has more bytes than that."""
    data = text.encode("utf-8", "replace")
    if len(data) <= most:
        return data
    return data[: most - 3].decode("utf-8", "ignore").encode() + b"..."


def error_of(code: int, message: str, details: bytes, metadata: Metadata) -> RpcError:
    """What a client raises for a status that is not OK."""
    parsed = decode_status(details) if details else ()
    remote = any(isinstance(item, ErrorInfo) and item.domain == PYTHON for item in parsed)
    kind = RemoteError if remote else RpcError
    known = code if code in StatusCode.__members__.values() else StatusCode.UNKNOWN
    error = kind(known, message, details=parsed, metadata=metadata)
    if isinstance(error, RemoteError) and error.traceback:
        error.add_note(f"The handler's traceback:\n{error.traceback}")
    return error


def _pack(detail: Any) -> tuple[str, bytes]:
    match detail:
        case ErrorInfo(reason, domain, metadata):
            entries = (
                _field(3, _field(1, key.encode()) + _field(2, value.encode()))
                for key, value in metadata.items()
            )
            value = _field(1, reason.encode()) + _field(2, domain.encode()) + b"".join(entries)
            return _ERROR_INFO, value
        case BadRequest(violations):
            return _BAD_REQUEST, _some(
                _field(
                    1, _field(1, clip(each.field, 512)) + _field(2, clip(each.description, 2048))
                )
                for each in violations
            )
        case DebugInfo(entries, text):
            # The innermost frames tell the most, and come last.
            packed = [_field(1, clip(entry, 2048)) for entry in entries]
            kept = _some(reversed(packed), order=-1)
            return _DEBUG_INFO, kept + (_field(2, clip(text, 1024)) if text else b"")
        case AnyDetail(type_url, value):
            return type_url, value
    descriptor = getattr(detail, "DESCRIPTOR", None)
    if descriptor is None or not hasattr(detail, "SerializeToString"):
        raise TypeError(f"a {type(detail).__name__} is no detail of an error")
    return _PREFIX + descriptor.full_name, detail.SerializeToString()


def _some(items: Iterable[bytes], order: int = 1) -> bytes:
    """As many of the items as leave room for another detail in the frame."""
    kept: list[bytes] = []
    room = MAX_DETAILS_BYTES // 2
    for item in items:
        room -= len(item)
        if room < 0:
            break
        kept.append(item)
    return b"".join(kept[::order])


def _unpack(data: bytes) -> Detail:
    type_url, value = _text(data, 1), _last(data, 2)
    if type_url == _ERROR_INFO:
        entries = (entry for number, entry in _fields(value) if number == 3)
        metadata = {_text(entry, 1): _text(entry, 2) for entry in entries}
        return ErrorInfo(_text(value, 1), _text(value, 2), metadata)
    if type_url == _BAD_REQUEST:
        found = (entry for number, entry in _fields(value) if number == 1)
        return BadRequest(tuple(FieldViolation(_text(each, 1), _text(each, 2)) for each in found))
    if type_url == _DEBUG_INFO:
        stack = (entry for number, entry in _fields(value) if number == 1)
        return DebugInfo(tuple(entry.decode("utf-8") for entry in stack), _text(value, 2))
    return AnyDetail(type_url, value)


def _text(data: bytes, number: int) -> str:
    return _last(data, number).decode("utf-8")


def _last(data: bytes, number: int) -> bytes:
    """The last field of that number: protobuf's rule for one that comes twice."""
    found = b""
    for each, value in _fields(data):
        if each == number:
            found = value
    return found


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, data: bytes) -> bytes:
    return bytes((number << 3 | 2,)) + _varint(len(data)) + data


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields that have bytes, past all others. ValueError when the bytes are no message."""
    at = 0
    while at < len(data):
        key, at = _read_varint(data, at)
        match key & 7:
            case 0:
                _, at = _read_varint(data, at)
            case 1:
                at += 8
            case 2:
                length, at = _read_varint(data, at)
                if length > len(data) - at:
                    raise ValueError("a field ends behind the message")
                yield key >> 3, data[at : at + length]
                at += length
            case 5:
                at += 4
            case wire:
                raise ValueError(f"wire type {wire}")
    if at > len(data):
        raise ValueError("a field ends behind the message")


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("a varint of more than ten bytes")
