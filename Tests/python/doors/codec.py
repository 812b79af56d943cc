# SPDX-License-Identifier: Apache-2.0
"""Messages as bytes: binary or JSON, alone, compressed and in envelopes."""

import gzip
import struct
from collections.abc import Iterator

from doors_pb2 import Letter
from google.protobuf import json_format

COMPRESSED = 1


def encode(letter: Letter, codec: str) -> bytes:
    if codec == "json":
        return json_format.MessageToJson(letter, indent=None).encode()
    return letter.SerializeToString()


def decode(data: bytes, codec: str) -> Letter:
    if codec == "json":
        return json_format.Parse(data, Letter())
    return Letter.FromString(data)


def envelope(message: bytes, *, compresses: bool = False, flag: int = 0) -> bytes:
    if compresses:
        message = gzip.compress(message)
        flag |= COMPRESSED
    return struct.pack(">BI", flag, len(message)) + message


class Envelopes:
    """Takes the pieces of a body, and gives the envelopes that are whole."""

    def __init__(self) -> None:
        self._rest = b""

    def add(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        self._rest += piece
        while len(self._rest) >= 5:
            flag, length = struct.unpack_from(">BI", self._rest)
            if len(self._rest) < 5 + length:
                return
            message, self._rest = self._rest[5 : 5 + length], self._rest[5 + length :]
            if flag & COMPRESSED:
                message = gzip.decompress(message)
            yield flag, message

    @property
    def is_empty(self) -> bool:
        return not self._rest
