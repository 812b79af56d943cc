# SPDX-License-Identifier: Apache-2.0
"""gRPC-Web against a real server, over HTTP/1.1 (http.client) and HTTP/2."""

import base64
import http.client
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.wrappers_pb2 import Int64Value

from launch import Server, free_port
from raw_http2 import RawConnection

TIMEOUT = 30
WINDOW = 1 << 20
TRAILERS = 0x80
ECHO = "/fault.v1.Fault/Again"
COUNT = "/fault.v1.Fault/Count"
NOTHING = "/fault.v1.Fault/Nothing"


def envelope(message: bytes) -> bytes:
    return struct.pack(">BI", 0, len(message)) + message


def frames(body: bytes) -> list[tuple[int, bytes]]:
    found = []
    while body:
        flag, length = struct.unpack_from(">BI", body)
        assert len(body) >= 5 + length
        found.append((flag, body[5 : 5 + length]))
        body = body[5 + length :]
    return found


def from_text(text: bytes) -> bytes:
    """Each group of four may have its own padding."""
    assert len(text) % 4 == 0
    groups = [text[at : at + 4] for at in range(0, len(text), 4)]
    return b"".join(base64.b64decode(group, validate=True) for group in groups)


class Door:
    """Calls the server in one of the two forms over one of the two versions of HTTP."""

    def __init__(self, server: Server, version: str, form: str) -> None:
        self.server, self.version = server, version
        self.is_text = form == "text"
        self.type = "application/grpc-web-text" if self.is_text else "application/grpc-web"

    def call(
        self, path: str, message: bytes, fields: dict[str, str] | None = None
    ) -> tuple[dict[str, str], list[bytes], dict[str, str]]:
        """The head, the messages and the trailers of the response."""
        body = envelope(message)
        # In two pieces, each with its padding.
        parts = [base64.b64encode(body[:4]), base64.b64encode(body[4:])]
        sent = b"".join(parts) if self.is_text else body
        head, received = self.exchange(path, sent, {"content-type": self.type, **(fields or {})})
        assert head["content-type"] == self.type + "+proto"
        found = frames(from_text(received) if self.is_text else received)
        if not found:
            return head, [], {}
        flag, block = found.pop()
        assert flag == TRAILERS
        assert [flag for flag, _ in found] == [0] * len(found)
        lines = block.decode().removesuffix("\r\n").split("\r\n")
        trailers = dict(line.split(": ", 1) for line in lines)
        return head, [message for _, message in found], trailers

    def exchange(
        self, path: str, body: bytes, fields: dict[str, str]
    ) -> tuple[dict[str, str], bytes]:
        if self.version == "2":
            with RawConnection(self.server.target, window=WINDOW) as connection:
                stream = connection.open(path, metadata=fields)
                connection.message_bytes(stream, body, end=True)
                call = connection.until_end(stream)
                return call.headers[0], bytes(call.data)
        connection = http.client.HTTPConnection(self.server.target, timeout=TIMEOUT)
        connection.request("POST", path, body, fields)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return {name.lower(): value for name, value in response.getheaders()}, data


@pytest.fixture(scope="module")
def server(fault_tool: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with Server([fault_tool, "serve", "--log", log, "--port", str(free_port())]) as server:
        yield server


@pytest.fixture(params=[(v, f) for v in ("1.1", "2") for f in ("binary", "text")])
def door(request: pytest.FixtureRequest, server: Server) -> Door:
    return Door(server, *request.param)


def test_a_unary_call(door: Door) -> None:
    request = Int64Value(value=7).SerializeToString()
    _, messages, trailers = door.call(ECHO, request)
    assert (messages, trailers) == ([request], {"grpc-status": "0"})


def test_a_stream(door: Door) -> None:
    _, messages, trailers = door.call(COUNT, Int64Value(value=1000).SerializeToString())
    assert [Int64Value.FromString(message).value for message in messages] == list(range(1000))
    assert trailers == {"grpc-status": "0"}


def test_an_error_is_in_the_head(door: Door) -> None:
    head, messages, trailers = door.call(NOTHING, b"")
    assert head["grpc-status"] == "12"
    assert "unknown method Nothing" in head["grpc-message"]
    assert (messages, trailers) == ([], {})


def test_a_malformed_message_is_an_error(door: Door) -> None:
    head, _, _ = door.call(ECHO, b"\xff")
    assert head["grpc-status"] == "13"
