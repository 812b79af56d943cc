# SPDX-License-Identifier: Apache-2.0
"""Our reader of HTTP/1.1 beside h11 and httptools: what we take, they read in the same way.

`pytest --mutations 200000 --seed 2` tries more.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from http1_mutations import mutations
from http1_readers import Read, as_read, by_h11, by_httptools, ours

READERS = {"h11": by_h11, "httptools": by_httptools}
# The differences that are meant: an example, the reader, what it makes of it, and why.
MEANT = [
    # It does not forgive an empty line in front of a request (RFC 9112 2.2).
    (
        b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "h11",
        r"request \d+ is missing: no request line received",
    ),
    # It closes behind a request of HTTP/1.0, also when that asks for keep-alive.
    (
        b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
        "h11",
        r"request \d+ is missing: the connection is over",
    ),
    # It has a list of methods.
    (
        b"NEW / HTTP/1.1\r\nHost: a\r\n\r\n",
        "httptools",
        r"request \d+ is missing: HttpParserInvalidMethodError.*",
    ),
    # It reads the extensions of chunks, which we drop.
    (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0;\x80=\r\n\r\n",
        "httptools",
        r"request \d+ is not whole: .*Invalid character in chunk extensions.*",
    ),
]


def differences(mine: Read, other: Read) -> str:
    """How the other read what we took; empty when in the same way."""
    for number, request in enumerate(mine.requests):
        if number >= len(other.requests):
            return f"request {number} is missing: {other.refusal or 'not refused'}"
        theirs = other.requests[number]
        for part in ("method", "path", "authority", "fields"):
            if getattr(request, part) != getattr(theirs, part):
                return f"{part} of request {number}: {getattr(theirs, part)!r}"
        if request.is_whole and not theirs.is_whole:
            return f"request {number} is not whole: {other.refusal or 'not refused'}"
        if request.is_whole and request.body != theirs.body:
            return f"body of request {number}: {theirs.body!r}"
        if not theirs.body.startswith(request.body) and not request.body.startswith(theirs.body):
            return f"begin of body of request {number}: {theirs.body!r}"
    return ""


def test_what_we_take_others_read_in_the_same_way(
    door_tool: Path, pytestconfig: pytest.Config
) -> None:
    seed, count = pytestconfig.getoption("seed"), pytestconfig.getoption("mutations")
    inputs = list(mutations(seed, count))
    seen: Counter[str] = Counter()
    for data, reading in zip(inputs, ours(door_tool, inputs), strict=True):
        assert not reading.differs_in_pieces, data
        mine = as_read(reading)
        seen["refused" if mine.refusal else "taken"] += 1
        seen["requests"] += sum(request.is_whole for request in mine.requests)
        for name, read in READERS.items():
            difference = differences(mine, read(data))
            meant = any(
                reader == name and re.fullmatch(pattern, difference) for _, reader, pattern in MEANT
            )
            assert not difference or meant, f"{name} reads {data!r} in another way: {difference}"
    # The mutations are worth something: much is taken, and much refused.
    assert min(seen["taken"], seen["refused"]) > count // 5
    assert seen["requests"] > count // 4


@pytest.mark.parametrize(("data", "name", "pattern"), MEANT)
def test_a_difference_that_is_meant(door_tool: Path, data: bytes, name: str, pattern: str) -> None:
    (reading,) = ours(door_tool, [data])
    assert not reading.status
    assert re.fullmatch(pattern, differences(as_read(reading), READERS[name](data)))
