# SPDX-License-Identifier: Apache-2.0
"""MessagePack beside `msgpack` and `msgspec`: what they write is read, and written bit for bit."""

import datetime
import random
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import msgspec
import pytest

ROOT = Path(__file__).resolve().parents[2]
VALUE, RECORD, CODABLE = range(3)
UTC = datetime.timezone.utc


class Point(msgspec.Struct):
    x: int
    y: float


class Record(msgspec.Struct):
    """The record of Conformance/messagepack/Sources/messagepack-testee/Record.swift."""

    number: int
    unsigned: int
    small: int
    flag: bool
    single: float
    double: float
    text: str
    data: bytes
    doubles: list[float]
    integers: list[int]
    names: dict[str, int]
    numbers: dict[int, str]
    maybe: str | None
    time: datetime.datetime
    points: list[Point]


class Program:
    """The Swift program; it answers each request before it reads the next."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, kind: int, payload: bytes) -> tuple[bool, bytes]:
        """Gives whether the payload was taken, and it written again, or the error's text."""
        self.process.stdin.write(struct.pack("<IB", len(payload) + 1, kind) + payload)
        self.process.stdin.flush()
        (length,) = struct.unpack("<I", self.read(4))
        body = self.read(length)
        return body[0] == 0, body[1:]

    def again(self, kind: int, payload: bytes) -> bytes:
        """The payload written again, which must be taken."""
        good, answer = self.ask(kind, payload)
        assert good, (answer.decode(), payload.hex())
        return answer

    def read(self, count: int) -> bytes:
        data = self.process.stdout.read(count)
        assert len(data) == count, f"the testee ended with status {self.process.wait()}"
        return data


@pytest.fixture(scope="module")
def testee() -> Iterator[Program]:
    build = ["swift", "build", "--package-path", ROOT / "Conformance/messagepack"]
    build += ["--product", "messagepack-testee"]
    subprocess.run(build, check=True, capture_output=True)
    folder = subprocess.run(
        [*build, "--show-bin-path"], check=True, capture_output=True, text=True
    ).stdout.strip()
    one = Program(Path(folder) / "messagepack-testee")
    yield one
    one.process.stdin.close()
    assert one.process.wait(timeout=30) == 0


def integer(r: random.Random, low: int = -(2**63), high: int = 2**64 - 1) -> int:
    """Often near a power of two, where the formats change."""
    if r.random() < 0.3:
        return min(max(r.randint(-40, 300), low), high)
    number = (1 << r.randint(0, 64)) + r.randint(-2, 2)
    return min(max(-number if r.random() < 0.5 else number, low), high)


def text(r: random.Random) -> str:
    letters = r.choice(["abc", "aé", "日本\u0000", "🏳️a", "a"])
    count = r.choice([0, 1, 5, 20, 31, 32, 33, 255, 256, 300])
    return "".join(r.choices(letters, k=count))


def size(r: random.Random) -> int:
    return (
        r.choice([0, 1, 2, 3, 4, 8, 15, 16, 17, 255, 256]) if r.random() < 0.3 else r.randint(0, 4)
    )


def double(r: random.Random) -> float:
    if r.random() < 0.5:
        return r.choice([0.0, -0.0, 1.5, float("inf"), float("-inf"), 1e308, 5e-324])
    (value,) = struct.unpack(">d", r.randbytes(8))
    return 0.25 if value != value else value


def single(r: random.Random) -> float:
    (value,) = struct.unpack(">f", r.randbytes(4))
    return 0.25 if value != value else value


def timestamp(r: random.Random) -> msgpack.Timestamp:
    bits = r.choice([32, 34, 35, 62])
    seconds = r.randrange(1 << bits) * r.choice([1, 1, -1])
    return msgpack.Timestamp(seconds, r.choice([0, r.randrange(10**9)]))


def moment(r: random.Random) -> datetime.datetime:
    start = datetime.datetime(1, 1, 2, tzinfo=UTC)
    return start + datetime.timedelta(
        seconds=r.randrange(315_000_000_000), microseconds=r.choice([0, r.randrange(10**6)])
    )


def scalar(r: random.Random, library: str) -> Any:
    kind = r.randrange(8)
    if kind < 3:
        return [None, r.random() < 0.5, integer(r)][kind]
    if kind < 6:
        number = single if "32-bit" in library else double
        return [number, text, lambda r: r.randbytes(size(r))][kind - 3](r)
    code, data = r.randrange(128), r.randbytes(size(r))
    if library.startswith("msgpack"):
        return timestamp(r) if kind == 6 else msgpack.ExtType(code, data)
    return moment(r) if kind == 6 else msgspec.msgpack.Ext(code, data)


def document(r: random.Random, library: str, depth: int = 0) -> Any:
    if depth > 4 or r.random() < 0.3 + 0.15 * depth:
        return scalar(r, library)
    count = size(r) if depth > 0 else r.randint(1, 8)
    # A large container holds small values.
    inner = 9 if count > 8 else depth + 1
    if r.random() < 0.5:
        return [document(r, library, inner) for _ in range(count)]
    keys = [r.choice([text, integer, lambda r: r.randbytes(3)])(r) for _ in range(count)]
    return {key: document(r, library, inner) for key in keys}


def wide(r: random.Random, value: Any) -> bytes:
    """A value in formats that are longer than they need to be."""

    def head(formats: list[tuple[int, str]], count: int) -> bytes:
        fitting = [one for one in formats if count < 1 << 8 * struct.calcsize(one[1])]
        first, layout = r.choice(fitting)
        return bytes([first]) + struct.pack(layout, count)

    if isinstance(value, bool) or value is None or isinstance(value, float):
        return msgpack.packb(value)
    if isinstance(value, int):
        formats = [(0xCC, ">B"), (0xCD, ">H"), (0xCE, ">I"), (0xCF, ">Q")]
        formats += [(0xD0, ">b"), (0xD1, ">h"), (0xD2, ">i"), (0xD3, ">q")]
        while True:
            first, layout = r.choice(formats)
            try:
                return bytes([first]) + struct.pack(layout, value)
            except struct.error:
                continue
    if isinstance(value, str):
        data = value.encode()
        return head([(0xD9, ">B"), (0xDA, ">H"), (0xDB, ">I")], len(data)) + data
    if isinstance(value, bytes):
        return head([(0xC4, ">B"), (0xC5, ">H"), (0xC6, ">I")], len(value)) + value
    if isinstance(value, list):
        body = b"".join(wide(r, one) for one in value)
        return head([(0xDC, ">H"), (0xDD, ">I")], len(value)) + body
    if isinstance(value, dict):
        body = b"".join(wide(r, key) + wide(r, one) for key, one in value.items())
        return head([(0xDE, ">H"), (0xDF, ">I")], len(value)) + body
    if isinstance(value, msgpack.Timestamp):
        return b"\xc7\x0c\xff" + struct.pack(">Iq", value.nanoseconds, value.seconds)
    formats = [(0xC7, ">B"), (0xC8, ">H"), (0xC9, ">I")]
    return head(formats, len(value.data)) + bytes([value.code]) + value.data


def test_documents_of_msgpack_are_written_again_bit_for_bit(testee: Program) -> None:
    r = random.Random("msgpack")
    for index in range(2000):
        is_single = index % 2 == 0
        value = document(r, "msgpack with 32-bit floats" if is_single else "msgpack")
        data = msgpack.packb(value, use_single_float=is_single)
        assert testee.again(VALUE, data) == data


def test_documents_of_msgspec_are_written_again_bit_for_bit(testee: Program) -> None:
    r = random.Random("msgspec")
    for _ in range(2000):
        data = msgspec.msgpack.encode(document(r, "msgspec"))
        assert testee.again(VALUE, data) == data


def test_longer_formats_are_written_in_the_shortest(testee: Program) -> None:
    r = random.Random("wide")
    for _ in range(1000):
        value = document(r, "msgpack")
        assert testee.again(VALUE, wide(r, value)) == msgpack.packb(value)


def unpack(data: bytes) -> Any:
    """With maps as lists of pairs, whose keys may be lists; and with extensions of every type."""
    return msgpack.unpackb(
        data,
        strict_map_key=False,
        object_pairs_hook=list,
        ext_hook=lambda code, body: (code, body),
    )


def test_changed_bytes_are_taken_or_refused_as_by_msgpack(testee: Program) -> None:
    r = random.Random("changed")
    refused = 0
    for _ in range(3000):
        changed = bytearray(msgpack.packb(document(r, "msgpack", 2)))
        for _ in range(r.randint(1, 3)):
            if not changed or r.random() < 0.2:
                del changed[r.randint(0, len(changed)) :]
            else:
                changed[r.randrange(len(changed))] = r.choice([r.randrange(256), 0xC1, 0xFF, 0xD6])
        good, answer = testee.ask(VALUE, bytes(changed))
        refused += not good
        try:
            expected = unpack(changed)
        except (ValueError, msgpack.UnpackException):
            assert not good, changed.hex()
            continue
        assert good, (answer.decode(), changed.hex())
        # NaN is not equal to itself, but looks the same.
        assert repr(unpack(answer)) == repr(expected)
    assert refused > 300


def record(r: random.Random) -> Record:
    count = size(r)
    return Record(
        number=integer(r, high=2**63 - 1),
        unsigned=integer(r, low=0),
        small=r.randint(-128, 127),
        flag=r.random() < 0.5,
        single=single(r),
        double=double(r),
        text=text(r),
        data=r.randbytes(size(r)),
        doubles=[double(r) for _ in range(count)],
        integers=[integer(r, high=2**63 - 1) for _ in range(count)],
        names={text(r): integer(r, high=2**63 - 1) for _ in range(3)},
        numbers={integer(r, high=2**63 - 1): text(r) for _ in range(3)},
        maybe=r.choice([None, text(r)]),
        time=moment(r),
        points=[Point(integer(r, high=2**63 - 1), double(r)) for _ in range(size(r))],
    )


@pytest.mark.parametrize("kind", [RECORD, CODABLE])
def test_records_go_both_ways(testee: Program, kind: int) -> None:
    r = random.Random(f"record {kind}")
    for _ in range(500):
        one = record(r)
        fields = msgspec.to_builtins(one, builtin_types=(datetime.datetime, bytes))
        for data in (
            msgspec.msgpack.encode(one),
            msgpack.packb(fields, datetime=True),
        ):
            answer = testee.again(kind, data)
            if kind == CODABLE and one.maybe is None:
                # An optional that is nil is left out by the compiler's code.
                assert b"maybe" not in answer
                named = msgpack.unpackb(answer, timestamp=3, strict_map_key=False)
                answer = msgspec.msgpack.encode({**named, "maybe": None})
            assert msgspec.msgpack.decode(answer, type=Record) == one
            named = msgpack.unpackb(answer, timestamp=3, strict_map_key=False)
            assert named == fields


def test_a_wrong_field_is_named(testee: Program) -> None:
    one = msgspec.to_builtins(record(random.Random(1)), builtin_types=(datetime.datetime, bytes))
    one["points"] = [{"x": 1, "y": 2}, {"x": "one", "y": 2}]
    for kind in (RECORD, CODABLE):
        good, answer = testee.ask(kind, msgpack.packb(one, datetime=True))
        assert not good
        assert answer.startswith(b"points[1].x: expected an integer, found a string, at byte ")
        good, answer = testee.ask(
            kind, msgpack.packb({**one, "points": [{"y": 2.5}]}, datetime=True)
        )
        assert not good
        assert answer.startswith(b"points[0].x: the key is missing, at byte ")
        good, answer = testee.ask(kind, msgpack.packb({**one, "small": 128}, datetime=True))
        assert not good
        assert answer.startswith(b"small: 128 does not fit into Int8, at byte ")
