# SPDX-License-Identifier: Apache-2.0
"""Times msgpack and msgspec on the values of amaru-messagepack-bench; a line of JSON for each.

Usage: messagepack_peers.py ITEM-FILE
"""

import json
import pathlib
import sys
import time
from collections.abc import Callable

import msgpack
import msgspec


class Pair(msgspec.Struct):
    a: int
    b: int


class Item(msgspec.Struct):
    id: int
    name: str
    email: str
    active: bool
    rating: float
    tags: list[str]
    scores: list[float]
    counts: list[int]
    blob: bytes
    parent: int | None


def best(operation: Callable[[], object], batch_size: int = 20_000) -> float:
    """Nanoseconds of CPU time per operation, the best of many batches."""
    times = []
    for _ in range(25):
        start = time.process_time_ns()
        for _ in range(batch_size):
            operation()
        times.append(time.process_time_ns() - start)
    return min(times) / batch_size


data = pathlib.Path(sys.argv[1]).read_bytes()
item = msgspec.msgpack.decode(data, type=Item)
encoder = msgspec.msgpack.Encoder()
decoders = {kind: msgspec.msgpack.Decoder(kind) for kind in (Pair, Item)}
assert encoder.encode(item) == data
fields = msgpack.unpackb(data)
small = Pair(10, 20)
small_data = encoder.encode(small)


def encode(value: object) -> Callable[[], object]:
    return lambda: encoder.encode(value)


def decode(kind: type, data: bytes) -> Callable[[], object]:
    return lambda: decoders[kind].decode(data)


overhead = best(lambda: None)
figures = {
    "msgspec": {
        "pair_encode_ns": best(encode(small)),
        "pair_decode_ns": best(decode(Pair, small_data)),
        "item_encode_ns": best(encode(item), 5_000),
        "item_decode_ns": best(decode(Item, data), 5_000),
    },
    "msgpack": {
        "pair_encode_ns": best(lambda: msgpack.packb({"a": 10, "b": 20})),
        "pair_decode_ns": best(lambda: msgpack.unpackb(small_data)),
        "item_encode_ns": best(lambda: msgpack.packb(fields), 5_000),
        "item_decode_ns": best(lambda: msgpack.unpackb(data), 5_000),
    },
}
for name, row in figures.items():
    # Without what an empty function costs to call from Python.
    print(name, json.dumps({key: value - overhead for key, value in row.items()}))
