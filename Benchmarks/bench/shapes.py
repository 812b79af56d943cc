# SPDX-License-Identifier: Apache-2.0
"""The loads: which method, how many clients, how many calls at a time on each."""

import struct
from dataclasses import dataclass

TEXT = "the winged serpent of the andes speaks swift and python, at once"
assert len(TEXT) == 64
STREAMED = 100


def message(text: str) -> bytes:
    """A gRPC message: 5 bytes of envelope, then echo.Msg with field 1, length-delimited."""
    encoded = text.encode()
    length = len(encoded)
    prefix = bytes([0x0A])
    while length >= 0x80:
        prefix += bytes([length & 0x7F | 0x80])
        length >>= 7
    body = prefix + bytes([length]) + encoded
    return struct.pack(">BI", 0, len(body)) + body


@dataclass(frozen=True)
class Shape:
    """One load: a method of echo.Echo, or a path. `messages` is what the figures are divided by
    (1 for unary calls)."""

    name: str
    method: str
    clients: int
    streams: int
    request: bytes
    response: bytes
    messages: int = 1
    one_core: bool = False
    fields: tuple[tuple[str, str], ...] = (
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    )

    @property
    def path(self) -> str:
        return self.method if self.method.startswith("/") else f"/echo.Echo/{self.method}"


ONE = message(TEXT)
MANY = ONE * STREAMED

SHAPES = [
    Shape("10x10", "Get", 10, 10, ONE, ONE),
    Shape("1x100", "Get", 1, 100, ONE, ONE),
    Shape("100x1", "Get", 100, 1, ONE, ONE),
    Shape("1x1", "Get", 1, 1, ONE, ONE),
    Shape("1x1-one-core", "Get", 1, 1, ONE, ONE, one_core=True),
    Shape("expand", "Expand", 10, 10, message(f"repeat:{STREAMED}:{TEXT}"), MANY, STREAMED),
    Shape("collect", "Collect", 10, 10, MANY, message(" ".join([TEXT] * STREAMED)), STREAMED),
    Shape("update", "Update", 10, 10, MANY, MANY, STREAMED),
]
IDLE = "idle-memory"
