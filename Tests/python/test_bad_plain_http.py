# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a request of plain HTTP and JSON, or with the path of any request."""

import gzip
import json

import pytest

from doors.answer import answer
from launch import Server

JSON = ("content-type", "application/json")
GZIP = ("content-encoding", "gzip")
BOMB = gzip.compress(bytes(50_000_000))
LIMIT = "65536 bytes"


# Only the exact path is a method of RPC: nothing is decoded or tidied up before it is looked for.
# Plain HTTP says that there is no such route, or what is wrong with the path.
@pytest.mark.parametrize(
    "path",
    [
        "/doors.v1.Doors/../doors.v1.Doors/Echo",
        "/grpc/doorservice/../doorservice/echo",
        "/grpc/doorservice/%2e%2e/echo",
        "/grpc/doorservice%2Fecho",
        "/grpc/doorservice/echo%00",
        "/grpc/doorservice/echo%",
        "/grpc/doorservice/echo/",
        "/grpc/DoorService/Echo",
        "//grpc/doorservice/echo",
        "/v1/letters/..:echo",
        "/v1/letters/%2e%2e:echo",
        "/v1/letters/1/2:echo",
        "/v1/letters/%ff:echo",
        "/v1/letters/5%3Aecho",
        "/doors.v1.Doors/%2e%2e/Echo",
        "/doors.v1.Doors%2FEcho",
        "/doors.v1.Doors/%45cho",
        "//doors.v1.Doors/Echo",
        "/doors.v1.Doors/Echo/",
        "/doors.v1.Doors/Echo%00",
        "/doors.v1.Doors/Echo;x",
        "/DOORS.V1.DOORS/ECHO",
        "/",
    ],
)
def test_a_path_that_is_almost_right(door_server: Server, version: str, path: str) -> None:
    found = answer(door_server, version, "POST", path, [JSON], b"{}")
    said = json.loads(found.body)
    assert (found.status, said.get("code")) in [(400, None), (404, None), (501, "unimplemented")]
    assert said.get("detail") or said.get("message")


ROUTE = "/grpc/doorservice/"
LINES = ("content-type", "application/x-ndjson")


@pytest.mark.parametrize(
    ("method", "path", "fields", "body", "status", "words"),
    [
        ("POST", ROUTE + "echo", [JSON], b'{"count":[]}', 400, "at count: expected an integer"),
        (
            "POST",
            ROUTE + "echo",
            [JSON],
            b'{"text":"a","text":"b"}',
            400,
            'key "text" came already',
        ),
        ("POST", ROUTE + "echo", [JSON], b'{"enclosed":[' * 4000, 400, "nested too deeply"),
        ("POST", ROUTE + "echo", [JSON], b"null", 400, "expected an object"),
        ("POST", ROUTE + "echo", [JSON], b'{"text":"' + b"x" * 70_000, 429, LIMIT),
        ("POST", ROUTE + "echo", [JSON, GZIP], b"{}", 400, "compressed message is malformed"),
        ("POST", ROUTE + "echo", [JSON, GZIP], BOMB, 429, LIMIT),
        ("POST", ROUTE + "echo", [JSON, ("content-encoding", "br")], b"{}", 501, "'br'"),
        ("POST", ROUTE + "echo", [JSON, ("grpc-timeout", "x")], b"{}", 400, "'x'"),
        ("POST", ROUTE + "echo", [("content-type", "text/plain")], b"a", 415, "text/plain"),
        ("POST", ROUTE + "echo", [LINES], b"{}\n{}", 415, "application/json"),
        ("GET", ROUTE + "echo?count=x", [], b"", 400, "'count' must be a number"),
        ("GET", ROUTE + "echo?count=" + "9" * 20, [], b"", 400, "'count' must be a number"),
        ("GET", ROUTE + "echo?nope=1", [], b"", 400, "'nope' is not known"),
        ("GET", ROUTE + "echo?failure.code=x", [], b"", 400, "'failure.code' must be a number"),
        ("GET", ROUTE + "echo?" + "failure." * 200 + "code=1", [], b"", 400, "is not known"),
        ("GET", ROUTE + "echo?enclosed=1", [], b"", 400, "'enclosed' is a list of messages"),
        ("GET", ROUTE + "echo?data=!!", [], b"", 400, "'data' must be base64"),
        ("GET", ROUTE + "echo?text=a&text=b", [], b"", 400, "'text' came twice"),
        ("GET", ROUTE + "echo?text=%zz", [], b"", 400, "is not percent-encoded"),
        ("GET", ROUTE + "echo?text=%ff", [], b"", 400, "is not percent-encoded UTF-8"),
        ("POST", ROUTE + "join", [LINES], b'{}\n{"count":[]}\n', 400, "at count"),
        ("POST", ROUTE + "join", [LINES], b'{}\n{"text":', 400, "the text ends too early"),
        ("POST", ROUTE + "join", [LINES], b"{}\0\n", 400, "the text goes on"),
        ("POST", ROUTE + "join", [LINES], b"{}\n" + b"x" * 70_000, 429, LIMIT),
        ("POST", ROUTE + "join", [LINES, GZIP], gzip.compress(b"{}"), 415, "cannot be compressed"),
        ("POST", "/v1/letters/x:echo", [JSON], b"{}", 400, "count"),
        ("POST", "/v1/letters/" + "9" * 20 + ":echo", [JSON], b"{}", 400, "count"),
        ("POST", "/v1/letters/1%2F2:echo", [JSON], b"{}", 400, "count"),
    ],
)
def test_plain_http(
    door_server: Server,
    version: str,
    method: str,
    path: str,
    fields: list[tuple[str, str]],
    body: bytes,
    status: int,
    words: str,
) -> None:
    found = answer(door_server, version, method, path, fields, body)
    assert found.status == status
    assert words in json.loads(found.body)["detail"]
