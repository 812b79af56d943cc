# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a request is said clearly, is the caller's fault, and costs nobody else."""

import base64
import gzip
import json
import struct

import pytest

from doors.answer import answer
from doors.codec import Envelopes
from launch import Server

ECHO = "/doors.v1.Doors/Echo"
REPEAT = "/doors.v1.Doors/Repeat"
JOIN = "/doors.v1.Doors/Join"
JSON = ("content-type", "application/json")
PROTO = ("content-type", "application/proto")
GZIP = ("content-encoding", "gzip")
BOMB = gzip.compress(bytes(50_000_000))
LIMIT = "65536 bytes"


def envelope(message: bytes, flag: int = 0, length: int | None = None) -> bytes:
    return struct.pack(">BI", flag, len(message) if length is None else length) + message


def nested(depth: int) -> bytes:
    """A letter in letters, in binary."""
    data = b""
    for _ in range(depth):
        size, length = b"", len(data)
        while length > 127:
            size += bytes([length & 127 | 128])
            length >>= 7
        data = b"\x2a" + size + bytes([length]) + data
    return data


# The body, and what the answer says of it.
MALFORMED_JSON = [
    (b'{"enclosed":[' * 4000, "nested too deeply"),
    (b'{"nope":' + b"[" * 20_000, "nested too deeply"),
    (b'{"text":"a","text":"b"}', 'line 1, column 13: the key "text" came already'),
    (b'{\n "text":"\xff"}', "at text: the text is not valid UTF-8"),
    (b'{"text":"\xc0\x80"}', "at text: the text is not valid UTF-8"),
    (b'{"text":"\\ud800"}', "at text: the escape is invalid"),
    (b'{"text":"\x01"}', "at text: a control character must be escaped"),
    (b'{"count":1e400}', "at count: the number is out of range"),
    (b'{"count":9223372036854775808}', "at count: the number is out of range"),
    (b'{"count":"9223372036854775808"}', "at count: the number is out of range"),
    (b'{"count":' + b"9" * 60_000 + b"}", "at count: the number is out of range"),
    (b'{"count":1.5}', "at count: the number is not an integer"),
    (b'{"count":NaN}', "at count: expected an integer"),
    (b'{"compresses":"yes"}', "at compresses: expected true or false"),
    (b'{"data":"!!"}', "at data: the text is not base64"),
    (b'{"failure":{"code":"x"}}', "at failure.code: expected an integer"),
    (b'{"enclosed":[{},{"count":{}}]}', "at enclosed[1].count: expected an integer"),
    (b"{} {}", "the text goes on after the message"),
    (b"{}\0", "the text goes on after the message"),
    (b'{"text":"a",}', "expected a key"),
    (b'{"text":"a', "at text: the text ends too early"),
    (b"", "the text ends too early"),
    (b"null", "expected an object"),
    (b"[]", "expected an object"),
    (b"\xef\xbb\xbf{}", "expected an object"),
]


@pytest.mark.parametrize(("body", "words"), MALFORMED_JSON)
def test_malformed_json(door_server: Server, version: str, body: bytes, words: str) -> None:
    found = answer(door_server, version, "POST", ECHO, [JSON], body)
    assert (found.status, found.error[0]) == (400, "invalid_argument")
    assert words in found.error[1]
    assert len(found.error[1]) < 4000


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"\xff", "truncated"),
        (b"\n\x7f", "truncated"),
        (b"\n\x01\xff", "not valid UTF-8"),
        (b"\x0b", "unbalanced group"),
        (nested(3000), "nested too deeply"),
    ],
)
def test_malformed_binary(door_server: Server, version: str, body: bytes, words: str) -> None:
    found = answer(door_server, version, "POST", ECHO, [PROTO], body)
    assert (found.status, found.error[0]) == (400, "invalid_argument")
    assert words in found.error[1]


@pytest.mark.parametrize(
    ("fields", "body", "status", "code", "words"),
    [
        ([JSON], b'{"text":"' + b"x" * 70_000 + b'"}', 429, "resource_exhausted", LIMIT),
        ([PROTO, GZIP], BOMB, 429, "resource_exhausted", LIMIT),
        ([PROTO, GZIP], gzip.compress(bytes(80_000)), 429, "resource_exhausted", LIMIT),
        ([JSON, GZIP], b"{}", 400, "invalid_argument", "compressed message is malformed"),
        ([JSON, GZIP], gzip.compress(b"{}")[:-3], 400, "invalid_argument", "malformed"),
        ([JSON, GZIP], gzip.compress(b"{}") + b"x", 400, "invalid_argument", "malformed"),
        ([JSON, GZIP], b"", 400, "invalid_argument", "the text ends too early"),
        ([JSON, ("content-encoding", "br")], b"{}", 501, "unimplemented", "'br'"),
        ([JSON, ("content-encoding", "gzip, gzip")], b"{}", 501, "unimplemented", "gzip, gzip"),
        ([JSON, ("connect-protocol-version", "2")], b"{}", 400, "invalid_argument", "version '2'"),
        ([JSON, ("connect-timeout-ms", "1s")], b"{}", 400, "invalid_argument", "'1s'"),
        ([JSON, ("connect-timeout-ms", "-1")], b"{}", 400, "invalid_argument", "'-1'"),
    ],
)
def test_a_unary_request(
    door_server: Server,
    version: str,
    fields: list[tuple[str, str]],
    body: bytes,
    status: int,
    code: str,
    words: str,
) -> None:
    found = answer(door_server, version, "POST", ECHO, fields, body)
    assert (found.status, found.error[0]) == (status, code)
    assert words in found.error[1]


@pytest.mark.parametrize(
    ("query", "status", "code", "words"),
    [
        ("connect=v1&encoding=json", 400, "invalid_argument", "'message' is missing"),
        ("connect=v1&message=%7B%7D", 400, "invalid_argument", "'encoding' is missing"),
        ("encoding=xml&message=x", 400, "invalid_argument", "unknown encoding 'xml'"),
        ("encoding=proto&base64=1&message=!!!", 400, "invalid_argument", "'message' is not base64"),
        ("encoding=proto&base64=1&message=A", 400, "invalid_argument", "'message' is not base64"),
        ("encoding=json&base64=2&message=%7B%7D", 400, "invalid_argument", "'base64' must be 1"),
        ("encoding=json&message=%7", 400, "invalid_argument", "in the parameter 'message'"),
        ("encoding=json&message=%zz", 400, "invalid_argument", "in the parameter 'message'"),
        ("encoding=json&message=%ff", 400, "invalid_argument", "line 1, column 1"),
        ("encoding=json&message=1&message=2", 400, "invalid_argument", "'message' came twice"),
        ("encoding=json&message=%7B%7D&compression=br", 501, "unimplemented", "'br'"),
        ("encoding=json&message=%7B%7D&compression=gzip", 400, "invalid_argument", "malformed"),
        ("connect=v2&encoding=json&message=%7B%7D", 400, "invalid_argument", "version '2'"),
        ("encoding=json&message=%7B%22count%22:[]%7D", 400, "invalid_argument", "at count"),
    ],
)
def test_a_get(
    door_server: Server, version: str, query: str, status: int, code: str, words: str
) -> None:
    found = answer(door_server, version, "GET", f"{ECHO}?{query}", [])
    assert (found.status, found.error[0]) == (status, code)
    assert words in found.error[1]


def test_a_bomb_in_a_query(door_server: Server, version: str) -> None:
    message = base64.urlsafe_b64encode(gzip.compress(bytes(5_000_000))).decode().rstrip("=")
    path = f"{ECHO}?encoding=proto&base64=1&compression=gzip&message={message}"
    found = answer(door_server, version, "GET", path, [])
    assert (found.status, found.error[0]) == (429, "resource_exhausted")


OK = envelope(b"{}")
COMPRESSED = ("connect-content-encoding", "gzip")


@pytest.mark.parametrize(
    ("path", "body", "fields", "code", "words"),
    [
        (REPEAT, envelope(b"{}", 4), [], "invalid_argument", "unknown flag 4"),
        (REPEAT, envelope(b"{}", 255), [], "invalid_argument", "unknown flag 255"),
        (JOIN, OK + envelope(b"{}", 2) + OK, [], "invalid_argument", "unknown flag 2"),
        (REPEAT, envelope(b"{}", length=10), [], "invalid_argument", "ended inside a message"),
        (REPEAT, b"\0\0", [], "invalid_argument", "ended inside a message"),
        (REPEAT, b"", [], "invalid_argument", "takes one message, and 0 came"),
        (REPEAT, OK * 2, [], "invalid_argument", "takes one message, and 2 came"),
        (REPEAT, envelope(b"{}", length=2**32 - 1), [], "resource_exhausted", LIMIT),
        (JOIN, OK + envelope(b"x" * 70_000), [], "resource_exhausted", LIMIT),
        (
            REPEAT,
            envelope(b"{}", 1),
            [],
            "invalid_argument",
            "nor connect-content-encoding says how",
        ),
        (REPEAT, envelope(b"{}", 1), [COMPRESSED], "invalid_argument", "malformed"),
        (REPEAT, envelope(BOMB, 1), [COMPRESSED], "resource_exhausted", LIMIT),
        (REPEAT, envelope(b'{"count":[]}'), [], "invalid_argument", "at count"),
    ],
)
def test_a_stream_of_connect(
    door_server: Server,
    version: str,
    path: str,
    body: bytes,
    fields: list[tuple[str, str]],
    code: str,
    words: str,
) -> None:
    kind = ("content-type", "application/connect+json")
    found = answer(door_server, version, "POST", path, [kind, *fields], body)
    assert (found.status, found.end[0]) == (200, code)
    assert words in found.end[1]


# gRPC has INTERNAL for what cannot be read ("Status codes and their use in gRPC").
@pytest.mark.parametrize(
    ("body", "fields", "status", "words"),
    [
        (envelope(b"{}", 4), [], "13", "unknown flag 4"),
        (envelope(b"{}", 0x80), [], "13", "unknown flag 128"),
        (envelope(b"{}", 1), [], "13", "nor connect-content-encoding says how"),
        (b"\0\0", [], "13", "ended inside a message"),
        (b"", [], "13", "takes one message, and 0 came"),
        (OK * 2, [], "13", "takes one message, and 2 came"),
        (envelope(b'{"count":[]}'), [], "13", "at count"),
        (envelope(b"{}", length=2**32 - 1), [], "8", LIMIT),
        (envelope(BOMB, 1), [("grpc-encoding", "gzip")], "8", LIMIT),
        (OK, [("grpc-encoding", "br")], "12", "'br'"),
        (OK, [("grpc-timeout", "x")], "13", "'x'"),
    ],
)
def test_grpc_web(
    door_server: Server,
    version: str,
    body: bytes,
    fields: list[tuple[str, str]],
    status: str,
    words: str,
) -> None:
    kind = ("content-type", "application/grpc-web+json")
    found = answer(door_server, version, "POST", ECHO, [kind, *fields], body)
    assert (found.status, found.fields["grpc-status"]) == (200, status)
    assert words in found.fields["grpc-message"]


# The two messages of a stream, each padded by itself.
TEXT = base64.b64encode(envelope(b'{"text":"a"}')) + base64.b64encode(envelope(b"{}"))


@pytest.mark.parametrize("cut", range(len(TEXT) + 1))
def test_grpc_web_text_that_is_cut(door_server: Server, version: str, cut: int) -> None:
    kind = ("content-type", "application/grpc-web-text+json")
    found = answer(door_server, version, "POST", JOIN, [kind], TEXT[:cut])
    # Where a message ends, the request may; all the padding at its end may be missing.
    ends = {0: 0, 23: 1, 24: 1, len(TEXT) - 2: 2, len(TEXT): 2}
    if cut in ends:
        groups = [found.body[at : at + 4] for at in range(0, len(found.body), 4)]
        received = b"".join(base64.b64decode(group) for group in groups)
        (_, letter), (flag, trailers) = Envelopes().add(received)
        assert int(json.loads(letter).get("count", 0)) == ends[cut]
        assert (flag, trailers) == (0x80, b"grpc-status: 0\r\n")
    else:
        assert found.fields["grpc-status"] == "13"
        words = ("not base64", "ended inside a message")
        assert any(word in found.fields["grpc-message"] for word in words)


@pytest.mark.parametrize("text", [b"!!!!", b"AAAA=AAA", b"AA=A", b"A===", b"\xff" * 8])
def test_grpc_web_text_that_is_none(door_server: Server, version: str, text: bytes) -> None:
    kind = ("content-type", "application/grpc-web-text")
    found = answer(door_server, version, "POST", ECHO, [kind], text)
    assert found.fields["grpc-status"] == "13"
    assert "not base64" in found.fields["grpc-message"]


@pytest.mark.parametrize(
    ("method", "status"), [("PUT", 405), ("TRACE", 405), ("HEAD", 404), ("OPTIONS", 404)]
)
def test_other_methods(door_server: Server, version: str, method: str, status: int) -> None:
    fields = [JSON] if status == 405 else []
    found = answer(door_server, version, method, ECHO, fields)
    assert found.status == status
    assert (found.body == b"") == (method == "HEAD")
    if status == 405:
        assert found.fields["allow"] == "POST"
