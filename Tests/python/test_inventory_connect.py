# SPDX-License-Identifier: Apache-2.0
"""Connect against the inventory server, over HTTP/1.1 and HTTP/2, in JSON and binary."""

import gzip
import http.client
import json
import struct
from typing import Any

import grpc
import inventory_pb2 as pb
import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from inventory_pb2_grpc import InventoryStub

from launch import Server
from raw_http2 import RawConnection

TIMEOUT = 30
WINDOW = 1 << 20
END = 2
ADD = "/inventory.Inventory/AddItem"
GET = "/inventory.Inventory/GetItem"
LIST = "/inventory.Inventory/ListItems"
ITEM = pb.Item(name="a", quantity=1, price=0.5)


class Door:
    """Calls the server in one of the two codecs over one of the two versions of HTTP."""

    def __init__(self, server: Server, version: str, codec: str) -> None:
        self.server, self.version, self.codec = server, version, codec

    def encode(self, message: Message) -> bytes:
        if self.codec == "json":
            return json_format.MessageToJson(message).encode()
        return message.SerializeToString()

    def item(self, data: bytes) -> pb.Item:
        if self.codec == "json":
            return json_format.Parse(data, pb.Item())
        return pb.Item.FromString(data)

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


@pytest.fixture(params=[(v, c) for v in ("1.1", "2") for c in ("json", "proto")])
def door(request: pytest.FixtureRequest, server: Server) -> Door:
    return Door(server, *request.param)


def test_what_one_door_adds_all_see(door: Door, channel: grpc.Channel) -> None:
    head, _ = door.unary(ADD, door.encode(pb.AddItemRequest(item=ITEM)))
    assert head[":status"] == "200"
    assert head["content-type"] == f"application/{door.codec}"
    listed = list(InventoryStub(channel).ListItems(pb.ListItemsRequest(), timeout=TIMEOUT))
    assert listed == [ITEM]
    messages, end = door.stream(LIST, door.encode(pb.ListItemsRequest()))
    assert [door.item(message) for message in messages] == [ITEM]
    assert end == {}


def test_a_compressed_request(door: Door) -> None:
    body = gzip.compress(door.encode(pb.AddItemRequest(item=ITEM)))
    head, _ = door.unary(ADD, body, {"content-encoding": "gzip"})
    assert head[":status"] == "200"


def test_an_error_is_json(door: Door) -> None:
    head, body = door.unary("/inventory.Inventory/Nothing", door.encode(pb.ListItemsRequest()))
    assert (head[":status"], head["content-type"]) == ("501", "application/json")
    assert json.loads(body)["code"] == "unimplemented"
    _, end = door.stream("/inventory.Inventory/Nothing", door.encode(pb.ListItemsRequest()))
    assert end["error"]["code"] == "unimplemented"


def test_a_malformed_message_is_the_callers_fault(door: Door) -> None:
    head, body = door.unary(GET, b"\xff")
    assert head[":status"] == "400"
    assert json.loads(body)["code"] == "invalid_argument"
