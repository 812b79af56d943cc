# SPDX-License-Identifier: Apache-2.0
"""Arrays in messages: their bytes, and their way through memory that both sides see."""

import os
import random
import subprocess
import sys
from typing import Any

import msgspec
import numpy
import pytest

import amaru
from amaru._encoding import decoder, encode_hook, encode_message
from amaru.arrays import (
    ALIGNMENT,
    FORMATS,
    RESERVED,
    array_over,
    decode_array,
    encode_with_arrays,
    slot_bytes,
)
from amaru_process import Worker

SHAPES: list[tuple[int, ...]] = [(), (0,), (1,), (5,), (2, 3), (0, 4), (2, 3, 4), (1,) * 32]
decode = decoder(Any)


def same(one: Any, other: Any) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and (one == other).all()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_element_type_and_shape_comes_back(name: str, shape: tuple[int, ...]) -> None:
    array = numpy.zeros(shape, name)
    array.reshape(-1)[:] = numpy.arange(array.size)
    back = decode(bytes(encode_message(array)))
    assert same(back, array)
    assert not back.flags.writeable


def test_the_bytes_are_those_of_the_documentation() -> None:
    message = bytes(encode_message(numpy.array([[1, 2], [3, 4]], "<i2")))
    assert message[:14] == bytes.fromhex("c9 00000042 41 69 02 02 00 3a000000")
    assert message[14:30] == (2).to_bytes(8, "little") * 2
    assert message[30:64] == bytes(34)
    assert message[64:] == bytes.fromhex("0100 0200 0300 0400")


def test_data_is_aligned_in_its_message_wherever_it_stands() -> None:
    arrays = [numpy.arange(size, dtype="f8") + size for size in range(1, 20)]
    for count in range(1, len(arrays)):
        value = {f"key{index}": array for index, array in enumerate(arrays[:count])}
        message = numpy.frombuffer(bytearray(encode_message({"a" * count: 1, **value})), "u1")
        start = message.__array_interface__["data"][0]
        back = decode(message)
        for key, array in value.items():
            assert same(back[key], array)
            assert (back[key].__array_interface__["data"][0] - start) % ALIGNMENT == 0


@pytest.mark.parametrize(
    "array",
    [
        numpy.arange(12).reshape(3, 4).T,
        numpy.arange(12)[::-2],
        numpy.arange(12, dtype=">i4"),
        numpy.asfortranarray(numpy.arange(12.0).reshape(3, 4)),
        numpy.broadcast_to(numpy.arange(3), (4, 3)),
    ],
    ids=["transposed", "reversed", "big-endian", "fortran", "broadcast"],
)
def test_arrays_in_another_order_are_straightened(array: Any) -> None:
    back = decode(bytes(encode_message([array])))[0]
    assert (back == array).all()
    assert back.shape == array.shape
    assert back.flags.c_contiguous


@pytest.mark.parametrize("dtype", ["M8[s]", "S4", "U4", "O", "i4,f8", "longdouble"])
def test_other_element_types_are_refused_by_name(dtype: str) -> None:
    with pytest.raises(TypeError, match="cannot be sent"):
        encode_message(numpy.zeros(3, dtype))


def test_a_message_in_a_buffer_with_room_around_its_array_is_not_copied() -> None:
    slot = bytearray(slot_bytes((3, 5), "f4"))
    array = array_over(slot, (3, 5), "f4")
    array[:] = numpy.arange(15).reshape(3, 5)

    def is_slot(buffer: Any) -> bool:
        return buffer is slot

    for value in (array, [array], {"before": "x" * 200, "data": array, "after": [1, 2, 3]}):
        message = encode_with_arrays(value, encode_hook, bytearray, is_slot)
        assert isinstance(message, memoryview)
        assert message.obj is slot
        assert message[RESERVED : RESERVED + 60] == array.tobytes()
        found = decode(bytes(message))
        found = found["data"] if isinstance(found, dict) else found
        assert same(found[0] if isinstance(found, list) else found, array)


def test_what_does_not_fit_around_its_array_is_copied() -> None:
    slot = bytearray(slot_bytes(4, "f8"))
    array = array_over(slot, 4, "f8")
    array[:] = 1
    for value in (
        {"before": "x" * RESERVED, "data": array},
        {"data": array, "after": "x" * RESERVED},
        [array, array],
        array[1:],
        array[::2],
    ):
        message = encode_with_arrays(value, encode_hook, bytearray, lambda each: each is slot)
        assert not (isinstance(message, memoryview) and message.obj is slot)
        assert decode(bytes(message)) is not None


def head(kind: bytes, itemsize: int, offset: int, *shape: int) -> bytes:
    dimensions = b"".join(each.to_bytes(8, "little") for each in shape)
    return kind + bytes([itemsize, len(shape), 0]) + offset.to_bytes(4, "little") + dimensions


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"i\x04\x01\x00",
        head(b"i", 4, 16, 2) + bytes(7),
        head(b"i", 4, 16, 2) + bytes(9),
        head(b"i", 3, 16, 2) + bytes(6),
        head(b"O", 8, 16, 1) + bytes(8),
        head(b"\xff", 8, 16, 1) + bytes(8),
        head(b"i", 4, 15, 2) + bytes(8),
        head(b"i", 4, 4000, 2) + bytes(8),
        head(b"i", 4, 24, 1 << 63, 4) + bytes(8),
        head(b"i", 4, 24, 1 << 62, 4),
        head(b"i", 4, 8 + 33 * 8, *[1] * 33) + bytes(4),
        head(b"i", 4, 8 + 255 * 8, *[1] * 255) + bytes(4),
    ],
)
def test_bytes_that_are_no_array_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="array"):
        decode_array(memoryview(body))
    with pytest.raises(ValueError, match="array"):
        decode(msgspec.msgpack.encode([msgspec.msgpack.Ext(65, body)]))


def test_changed_bytes_are_an_array_or_refused() -> None:
    whole = bytearray(encode_message({"a": numpy.arange(6, dtype="i2").reshape(2, 3)}))
    chance = random.Random(11)
    for _ in range(30_000):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 3)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            decode(changed)
        except (msgspec.DecodeError, ValueError, RecursionError):
            continue


def test_other_extensions_stay_what_they_are() -> None:
    extension = msgspec.msgpack.Ext(1, b"abc")
    assert decode(msgspec.msgpack.encode([extension])) == [extension]


def test_without_numpy_an_array_is_a_memoryview_with_its_shape() -> None:
    message = bytes(encode_message([numpy.arange(6, dtype="f4").reshape(2, 3), numpy.int8([])]))
    program = f"""
import sys
sys.modules["numpy"] = None
from typing import Any
from amaru._encoding import decoder
one, empty = decoder(Any)({message!r})
assert (one.format, one.shape, one.tolist()) == ("f", (2, 3), [[0, 1, 2], [3, 4, 5]])
assert len(empty) == 0
"""
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


def test_arrays_go_to_a_worker_and_back(worker: Worker) -> None:
    with amaru.RpcClient(worker.name) as client:
        matrix = numpy.arange(1 << 20, dtype="f4").reshape(1 << 10, 1 << 10)
        back = client.call("scale", matrix, 2)
        assert same(back, matrix * 2)
        assert not back.flags.writeable
        assert client.call("total", values=matrix[:, :3].T) == matrix[:, :3].sum()
        small = client.call("scale", values=numpy.float64([1, 2, 3]), factor=0.5)
        assert small.tolist() == [0.5, 1, 1.5]


def test_an_array_in_lent_memory_goes_there_and_one_filled_in_place_comes_back(
    worker: Worker,
) -> None:
    with amaru.RpcClient(worker.name) as client:
        for size in (1, 1000, 1 << 21):
            array = client.allocate_array(size, "f8")
            array[:] = numpy.arange(size)
            result = client.call("scale_in_place", values=array, factor=3)
            assert result["rows"] == size
            assert same(result["values"], numpy.arange(size) * 3.0)


def test_an_array_outlives_its_worker_and_its_client(worker: Worker) -> None:
    client = amaru.RpcClient(worker.name)
    result = client.call("scale", numpy.arange(1 << 18, dtype="f8"), 2)
    view = result[1000:]
    del result
    worker.process.kill()
    client.close()
    del client
    assert view[0] == 2000
    assert view.sum() == (numpy.arange(1000, 1 << 18) * 2.0).sum()


def test_memory_comes_back_when_the_last_array_over_it_dies(worker: Worker) -> None:
    with amaru.RpcClient(worker.name) as client:
        kept = [client.call("scale", numpy.full(100_000, n, "f8"), 1) for n in range(40)]
        assert [array[0] for array in kept] == list(range(40))
        del kept[::2]
        for n in range(300):
            assert client.call("scale", numpy.full(100_000, n, "f8"), 1)[99_999] == n
        assert [array[5] for array in kept] == list(range(1, 40, 2))


def test_bytes_are_seen_where_they_lie_when_asked_for(worker: Worker) -> None:
    with amaru.RpcClient(worker.name) as client:
        data = os.urandom(3 << 20)
        assert client.call("echo", data) == data
        assert client.call("echo", bytearray(data)) == data
        assert client.call("echo", memoryview(data)) == data
        view = client.invoke("echo", [data], result_type=memoryview)
        assert isinstance(view, memoryview)
        assert view.readonly
        assert view == data
