# SPDX-License-Identifier: Apache-2.0
"""Connect against a real server, over HTTP/1.1 and HTTP/2, in JSON and binary."""

import gzip
import http.client
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import Int64Value

from launch import Server, free_port
from raw_http2 import RawConnection

TIMEOUT = 30
WINDOW = 1 << 20
END = 2
ECHO = "/fault.v1.Fault/Again"
COUNT = "/fault.v1.Fault/Count"
NOTHING = "/fault.v1.Fault/Nothing"


class Door:
    """Calls the server in one of the two codecs over one of the two versions of HTTP."""

    def __init__(self, server: Server, version: str, codec: str) -> None:
        self.server, self.version, self.codec = server, version, codec

    def encode(self, message: Message) -> bytes:
        if self.codec == "json":
            return json_format.MessageToJson(message).encode()
        return message.SerializeToString()

    def value(self, data: bytes) -> int:
        if self.codec == "json":
            return json_format.Parse(data, Int64Value()).value
        return Int64Value.FromString(data).value

    def unary(
        self, path: str, body: bytes, fields: dict[str, str] | None = None
    ) -> tuple[dict[str, str], bytes]:
        return self.exchange(
            path, body, {"content-type": f"application/{self.codec}", **(fields or {})}
        )

    def stream(self, path: str, message: bytes) -> tuple[list[bytes], dict[str, Any]]:
        """The messages and the end of a call with one request."""
        body = struct.pack(">BI", 0, len(message)) + message
        kind = f"application/connect+{self.codec}"
        head, received = self.exchange(path, body, {"content-type": kind})
        assert (head[":status"], head["content-type"]) == ("200", kind)
        messages = []
        while True:
            flag, length = struct.unpack_from(">BI", received)
            piece, received = received[5 : 5 + length], received[5 + length :]
            if flag == END:
                assert received == b""
                return messages, json.loads(piece)
            assert flag == 0
            messages.append(piece)

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
        head = {name.lower(): value for name, value in response.getheaders()}
        return {":status": str(response.status), **head}, data


@pytest.fixture(scope="module")
def server(fault_tool: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("server") / "log"
    with Server([fault_tool, "serve", "--log", log, "--port", str(free_port())]) as server:
        yield server


@pytest.fixture(params=[(v, c) for v in ("1.1", "2") for c in ("json", "proto")])
def door(request: pytest.FixtureRequest, server: Server) -> Door:
    return Door(server, *request.param)


def test_a_unary_call(door: Door) -> None:
    head, body = door.unary(ECHO, door.encode(Int64Value(value=7)))
    assert (head[":status"], head["content-type"]) == ("200", f"application/{door.codec}")
    assert door.value(body) == 7


def test_a_stream(door: Door) -> None:
    messages, end = door.stream(COUNT, door.encode(Int64Value(value=1000)))
    assert [door.value(message) for message in messages] == list(range(1000))
    assert end == {}


def test_a_compressed_request(door: Door) -> None:
    sent = gzip.compress(door.encode(Int64Value(value=7)))
    head, body = door.unary(ECHO, sent, {"content-encoding": "gzip"})
    assert head[":status"] == "200"
    assert door.value(body) == 7


def test_an_error_is_json(door: Door) -> None:
    request = door.encode(Int64Value(value=7))
    head, body = door.unary(NOTHING, request)
    assert (head[":status"], head["content-type"]) == ("501", "application/json")
    assert json.loads(body)["code"] == "unimplemented"
    _, end = door.stream("/fault.v1.Fault/Missing", request)
    assert end["error"]["code"] == "unimplemented"


def test_a_malformed_message_is_the_callers_fault(door: Door) -> None:
    head, body = door.unary(ECHO, b"\xff")
    assert head[":status"] == "400"
    assert json.loads(body)["code"] == "invalid_argument"
