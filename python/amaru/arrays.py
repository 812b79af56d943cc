# SPDX-License-Identifier: Apache-2.0
"""Arrays as MessagePack values, laid out so that they can be used where they lie.

docs/protocols/shared-memory.md, Arrays, has the bytes. A message with one array that was allocated
for its connection is sent in the memory that was filled; any other array is copied once, into a
slot.
"""

from __future__ import annotations

import math
import secrets
import struct
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.msgpack import Encoder, Ext

if TYPE_CHECKING:
    import numpy

EXTENSION = 65
ALIGNMENT = 64
# In front of the data of an array that is filled in place: for the rest of its message.
RESERVED = 1024
MAX_DIMENSIONS = 32
_HEAD = struct.Struct("<cBBxI")
_EXT32 = struct.Struct(">BIb")
# Element types: kind and bytes of one, as NumPy names them, and the format of memoryview.
FORMATS = {
    "b1": "?", "i1": "b", "i2": "h", "i4": "i", "i8": "q",
    "u1": "B", "u2": "H", "u4": "I", "u8": "Q",
    "f2": "e", "f4": "f", "f8": "d", "c8": None, "c16": None,
}  # fmt: skip
_TOKEN = secrets.token_bytes(24)


class ArrayFound(Exception):
    """Tells an encoder without room for arrays that its value holds one."""


def require_numpy() -> Any:
    """The module numpy. ImportError with the cure when it is not there."""
    try:
        import numpy
    except ImportError:
        raise ImportError("arrays need NumPy: pip install 'amaru[numpy]'") from None
    return numpy


def is_array(value: Any) -> bool:
    """Whether the value is a NumPy array; NumPy is not imported for it."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.ndarray)


def decode_array(data: memoryview) -> Any:
    """The array of an extension's bytes, over these bytes: read-only when they are.

    A NumPy array, or without NumPy a memoryview with format and shape. ValueError when the bytes
    are none.
    """
    kind, itemsize, dimensions, offset = _unpack_head(data)
    name = f"{kind}{itemsize}"
    if name not in FORMATS:
        raise ValueError(f"an array of elements {name!r}, which do not exist")
    if dimensions > MAX_DIMENSIONS:
        raise ValueError(f"an array of {dimensions} dimensions; at most {MAX_DIMENSIONS} are read")
    if not _HEAD.size + 8 * dimensions <= offset <= len(data):
        raise ValueError("an array's head is longer than its bytes")
    shape = struct.unpack_from(f"<{dimensions}Q", data, _HEAD.size)
    # Python's integers do not wrap, so that no product is small by overflow.
    if math.prod(shape) * itemsize != len(data) - offset:
        raise ValueError(f"an array of shape {shape} and {len(data) - offset} bytes of {name}")
    try:
        import numpy
    except ImportError:
        elements: Any = data[offset:]
        code = FORMATS[name]
        # A memoryview has no complex numbers, and none of its dimensions is 0.
        if code is None or 0 in shape:
            return elements
        return elements.cast(code, shape) if shape else elements.cast(code)
    return numpy.ndarray(shape, numpy.dtype(f"<{name}"), data, offset)


def _unpack_head(data: memoryview) -> tuple[str, int, int, int]:
    if len(data) < _HEAD.size:
        raise ValueError("an array's head is longer than its bytes")
    kind, itemsize, dimensions, offset = _HEAD.unpack_from(data)
    return kind.decode("latin-1"), itemsize, dimensions, offset


def element_name(dtype: numpy.dtype[Any]) -> str:
    """The wire's name of an element type, such as `f8`. TypeError when it has none."""
    name = f"{dtype.kind}{dtype.itemsize}"
    if name not in FORMATS:
        raise TypeError(
            f"an array of {dtype} cannot be sent: booleans, integers, float16 to float64, "
            "complex64 and complex128 can"
        )
    return name


def array_head(name: str, shape: Sequence[int], nbytes: int, position: int) -> bytes:
    """Extension header and head of an array whose message has `position` bytes before it.

    Padding takes the data to a multiple of `ALIGNMENT` in the message.
    """
    plain = _EXT32.size + _HEAD.size + 8 * len(shape)
    return padded_head(name, shape, nbytes, plain + -(position + plain) % ALIGNMENT)


def padded_head(name: str, shape: Sequence[int], nbytes: int, length: int) -> bytes:
    """The same, with exactly `length` bytes before the data."""
    offset = length - _EXT32.size
    kind, itemsize = name[0].encode(), int(name[1:])
    head = _EXT32.pack(0xC9, offset + nbytes, EXTENSION)
    head += _HEAD.pack(kind, itemsize, len(shape), offset)
    head += struct.pack(f"<{len(shape)}Q", *shape)
    return head + bytes(length - len(head))


def encode_with_arrays(
    value: Any,
    hook: Callable[[Any], Any],
    allocate: Callable[[int], Any] | None = None,
    is_slot: Callable[[Any], bool] = lambda _: False,
) -> Any:
    """The message of a value that holds arrays.

    hook: encodes what msgspec does not know. allocate: a lent slot of that many bytes to write the
    message into; without one it is written to new bytes. is_slot: whether a buffer is a slot lent
    for the same connection.

    Encoding is done with a random token in place of each array, which then tells where they belong.
    """
    arrays: list[Any] = []

    def mark(each: Any) -> Any:
        if is_array(each):
            arrays.append(each)
            return Ext(EXTENSION, _TOKEN)
        return hook(each)

    placeholder = msgspec.msgpack.encode(Ext(EXTENSION, _TOKEN))
    parts = Encoder(enc_hook=mark).encode(value).split(placeholder)
    if len(parts) != len(arrays) + 1:
        raise ValueError("the message holds the token of an array")
    names = [element_name(array.dtype) for array in arrays]
    if len(arrays) == 1 and is_slot(slot := owner(arrays[0])):
        lent = _complete(slot, parts, arrays[0], names[0])
        if lent is not None:
            return lent
    return _write(parts, arrays, names, allocate)


def _complete(slot: Any, parts: list[bytes], array: Any, name: str) -> Any:
    """Writes the message around an array in its slot. None when it does not fit around."""
    numpy = sys.modules["numpy"]
    view = memoryview(slot).cast("B")
    before, after = parts
    head_bytes = RESERVED - len(before)
    start = numpy.frombuffer(view, "u1").__array_interface__["data"][0]
    end = RESERVED + array.nbytes
    if (
        array.__array_interface__["data"][0] != start + RESERVED
        or not array.flags.c_contiguous
        or head_bytes < _EXT32.size + _HEAD.size + 8 * array.ndim
        or end + len(after) > len(view)
        or array.dtype.byteorder == ">"
    ):
        return None
    view[:RESERVED] = before + padded_head(name, array.shape, array.nbytes, head_bytes)
    view[end : end + len(after)] = after
    return view[: end + len(after)]


def _write(
    parts: list[bytes], arrays: list[Any], names: list[str], allocate: Callable[[int], Any] | None
) -> Any:
    numpy = sys.modules["numpy"]
    pieces: list[tuple[bytes, Any, str]] = []
    size = 0
    for part, array, name in zip(parts, arrays, names, strict=False):
        size += len(part)
        head = array_head(name, array.shape, array.nbytes, size)
        size += len(head) + array.nbytes
        pieces.append((part + head, array, name))
    size += len(parts[-1])
    target = allocate(size) if allocate else bytearray(size)
    view = memoryview(target).cast("B")
    at = 0
    for head, array, name in pieces:
        view[at : at + len(head)] = head
        at += len(head)
        numpy.copyto(numpy.ndarray(array.shape, f"<{name}", view, at), array)
        at += array.nbytes
    view[at:size] = parts[-1]
    return target if len(view) == size else view[:size]


def array_over(slot: Any, shape: int | Sequence[int], dtype: Any) -> numpy.ndarray[Any, Any]:
    """A writable array over a slot, behind the room for the rest of its message."""
    return require_numpy().ndarray(shape, dtype, memoryview(slot).cast("B"), RESERVED)


def slot_bytes(shape: int | Sequence[int], dtype: Any) -> int:
    """How large a slot an array needs to be sent without a copy."""
    numpy = require_numpy()
    sizes = (shape,) if isinstance(shape, int) else tuple(shape)
    element = numpy.dtype(dtype)
    element_name(element)
    return RESERVED + math.prod(sizes) * element.itemsize + RESERVED


def owner(array: Any) -> Any:
    """The object whose memory an array shows."""
    base = array.base
    while base is not None and is_array(base):
        base = base.base
    return base.obj if isinstance(base, memoryview) else base
