# SPDX-License-Identifier: Apache-2.0
"""MessagePack of values and arguments: what msgspec does not know by itself."""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable
from typing import Any, get_args, get_origin

from msgspec.msgpack import Decoder, Encoder, Ext

from . import _slots, arrays
from .validation import is_model


def encode_hook(value: Any) -> Any:
    """Values of optional packages as what msgspec encodes. TypeError for what nobody knows."""
    if arrays.is_array(value):
        raise arrays.ArrayFound
    if is_model(type(value)):
        return value.model_dump()
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        return value.item()
    raise TypeError(f"a {_name(type(value))} cannot be sent")


encode: Callable[[Any], bytes] = Encoder(enc_hook=encode_hook).encode


def encode_message(value: Any, target: Any = None) -> Any:
    """The message of a value: bytes, or a slot lent by the target that arrays were put into."""
    try:
        return encode(value)
    except arrays.ArrayFound:
        allocate = None if target is None else functools.partial(_slots.allocate, target)
        return arrays.encode_with_arrays(value, encode_hook, allocate, _slots.is_slot)


def extension_hook(code: int, data: memoryview) -> Any:
    """Arrays; other extensions stay what they are."""
    return arrays.decode_array(data) if code == arrays.EXTENSION else Ext(code, bytes(data))


def decode_hook(kind: Any, value: Any) -> Any:
    """Checks arrays and makes models, dataclasses apart, which msgspec knows."""
    if is_model(kind):
        return kind.model_validate(value)
    numpy = sys.modules.get("numpy")
    if numpy is None or (get_origin(kind) or kind) is not numpy.ndarray:
        if isinstance(kind, type) and isinstance(value, kind):
            return value
        raise TypeError(f"`{_name(kind)}` is no type that can be received")
    if not isinstance(value, numpy.ndarray):
        raise TypeError(f"Expected an array, got `{_name(type(value))}`")
    element = _element(kind)
    if element is not None and not numpy.issubdtype(value.dtype, element):
        raise TypeError(f"Expected an array of {_name(element)}, got {value.dtype}")
    return value


def _element(kind: Any) -> Any:
    """T of `NDArray[T]`; None for any."""
    match get_args(kind):
        case (_, dtype) if (element := (get_args(dtype) or (Any,))[0]) is not Any:
            return element if isinstance(element, type) else None
    return None


def decoder(kind: Any) -> Callable[[Any], Any]:
    """A function that decodes a message as that type. TypeError when the type cannot be decoded."""
    return Decoder(kind, dec_hook=decode_hook, ext_hook=extension_hook).decode


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", None) or str(kind)


def is_structured(kind: Any) -> bool:
    """Whether a value of the type is a map with known names."""
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and (
        is_model(origin)
        or dataclasses.is_dataclass(origin)
        or hasattr(origin, "__struct_fields__")
        or hasattr(origin, "__total__")
    )
