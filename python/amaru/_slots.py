# SPDX-License-Identifier: Apache-2.0
"""Memory that both sides of a connection see."""

from __future__ import annotations

from typing import Any

from . import _native


def allocate(target: Any, size: int) -> Any:
    """A slot lent by a channel, call or listener, or a buffer of our own when none is free."""
    try:
        slot = _native.allocate(target, size)
    except _native.NativeError:
        return bytearray(size)
    return bytearray(size) if slot is None else slot


def is_slot(buffer: Any) -> bool:
    """Whether `allocate` lent the buffer."""
    return isinstance(buffer, _native.WritableSlot)
