# SPDX-License-Identifier: Apache-2.0
"""`make run` beneath make: all examples in one server, each over gRPC and over HTTP."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import grpc
import inventory_pb2
import inventory_pb2_grpc
import pytest
import users_pb2
import users_pb2_grpc

from conftest import Connect
from launch import Server, free_port
from namespace import in_namespace
from test_users_chat import Member

PATIENCE_SECONDS = 60
IN_MEMORY = ["--items", ":memory:", "--users", ":memory:"]


@pytest.fixture
def server(examples_server: Path) -> Iterator[Server]:
    ports = ["--port", str(free_port()), "--http-port", str(free_port())]
    with Server([examples_server, *ports, *IN_MEMORY]) as server:
        yield server


def http_address(server: Server) -> str:
    return f"http://127.0.0.1:{server.command[4]}"


def post(address: str, message: dict[str, object]) -> object:
    body = json.dumps(message).encode()
    request = urllib.request.Request(address, body, {"content-type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=PATIENCE_SECONDS) as answer:
        return json.loads(answer.read())


def test_what_one_door_stores_another_shows(server: Server) -> None:
    address = http_address(server)
    with grpc.insecure_channel(server.target, [("grpc.enable_http_proxy", 0)]) as channel:
        items = inventory_pb2_grpc.InventoryStub(channel)
        item = inventory_pb2.Item(name="bolt", quantity=7, price=1.5)
        items.AddItem(inventory_pb2.AddItemRequest(item=item), timeout=PATIENCE_SECONDS)
        found = post(f"{address}/grpc/inventoryservice/getitem", {"name": "bolt"})
        assert found == {"name": "bolt", "quantity": 7, "price": 1.5}
        user = {"name": "Ada", "email": "ada@example.com"}
        post(f"{address}/grpc/usersservice/createuser", user)
        users = users_pb2_grpc.UserServiceStub(channel)
        request = users_pb2.GetUserRequest(id=1)
        assert users.GetUser(request, timeout=PATIENCE_SECONDS).email == "ada@example.com"
    greeted = post(f"{address}/grpc/greeterservice/sayhello", {"name": "World"})
    assert greeted == {"message": "Hello, World!"}
    assert server.stop() == 0


def test_both_ports_have_every_door(server: Server) -> None:
    for address in (http_address(server), f"http://{server.target}"):
        for path in ("/Greeter/SayHello", "/grpc/greeterservice/sayhello"):
            assert post(address + path, {"name": "World"}) == {"message": "Hello, World!"}


def test_the_ports_are_50051_and_8000(examples_server: Path) -> None:
    flags = " ".join(IN_MEMORY)
    script = f"""
        coproc SERVER {{ exec {examples_server} {flags} 2>&1; }}
        pid=$SERVER_PID
        read -r one <&"${{SERVER[0]}}"; read -r other <&"${{SERVER[0]}}"
        printf '%s\\n' "$one" "$other"
        kill $pid
    """
    lines = in_namespace(script).stdout.splitlines()
    assert lines == ["listening on 127.0.0.1:50051", "listening on 127.0.0.1:8000"]


def test_a_chat_ends_with_the_server(server: Server, connect: Connect) -> None:
    member = Member(connect(server), "ada").join()
    server.terminate()
    assert "shuts down" in member.fail().details()
    assert server.wait() == 0
