# SPDX-License-Identifier: Apache-2.0
"""The contract of Inventory, call by call, with grpcio as the client."""

import math
from concurrent.futures import ThreadPoolExecutor

import grpc
import inventory_pb2 as pb
import pytest
from inventory_pb2_grpc import InventoryStub

from conftest import Connect
from launch import Server

TIMEOUT = 30
LONGEST = 256


@pytest.fixture
def stub(channel: grpc.Channel) -> InventoryStub:
    return InventoryStub(channel)


def add(stub: InventoryStub, name: str, quantity: int = 1, price: float = 1) -> pb.Item:
    item = pb.Item(name=name, quantity=quantity, price=price)
    return stub.AddItem(pb.AddItemRequest(item=item), timeout=TIMEOUT).item


def get(stub: InventoryStub, name: str) -> pb.Item:
    return stub.GetItem(pb.GetItemRequest(name=name), timeout=TIMEOUT)


def names(stub: InventoryStub) -> list[str]:
    return [item.name for item in stub.ListItems(pb.ListItemsRequest(), timeout=TIMEOUT)]


ITEMS = [
    pb.Item(name="bolt", quantity=3, price=0.15),
    pb.Item(name="zero"),
    pb.Item(name="most", quantity=2**31 - 1, price=1.7976931348623157e308),
    pb.Item(name="least", quantity=1, price=5e-324),
    pb.Item(name="a" * LONGEST),
    pb.Item(name="é" * (LONGEST // 2)),
    pb.Item(name="winged serpent 🐍"),
    pb.Item(name=" spaces \t and\nlines "),
    pb.Item(name="nul\x00inside"),
    pb.Item(name="'; drop table items; --"),
]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: ascii(item.name[:12]))
def test_an_item_comes_back_as_it_was_added(stub: InventoryStub, item: pb.Item) -> None:
    confirmed = stub.AddItem(pb.AddItemRequest(item=item), timeout=TIMEOUT).item
    assert confirmed == item
    assert get(stub, item.name) == item
    assert list(stub.ListItems(pb.ListItemsRequest(), timeout=TIMEOUT)) == [item]


def test_a_missing_item_is_not_found(stub: InventoryStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        get(stub, "nothing")
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert "nothing" in caught.value.details()


def test_a_second_item_of_a_name_is_refused_and_the_first_stays(stub: InventoryStub) -> None:
    first = add(stub, "bolt", 1, 2)
    with pytest.raises(grpc.RpcError) as caught:
        add(stub, "bolt", 3, 4)
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS
    assert "bolt" in caught.value.details()
    assert get(stub, "bolt") == first


INVALID = {
    "no item": pb.AddItemRequest(),
    "an empty name": pb.AddItemRequest(item=pb.Item(quantity=1)),
    "one byte too many": pb.AddItemRequest(item=pb.Item(name="a" * (LONGEST + 1))),
    "one byte too many, of two": pb.AddItemRequest(item=pb.Item(name="é" * (LONGEST // 2) + "a")),
    "quantity -1": pb.AddItemRequest(item=pb.Item(name="a", quantity=-1)),
    "the least quantity": pb.AddItemRequest(item=pb.Item(name="a", quantity=-(2**31))),
    "a price below zero": pb.AddItemRequest(item=pb.Item(name="a", price=-5e-324)),
    "a price that is NaN": pb.AddItemRequest(item=pb.Item(name="a", price=math.nan)),
    "an endless price": pb.AddItemRequest(item=pb.Item(name="a", price=math.inf)),
    "an endless debt": pb.AddItemRequest(item=pb.Item(name="a", price=-math.inf)),
}


@pytest.mark.parametrize("request_", INVALID.values(), ids=INVALID.keys())
def test_what_is_outside_the_limits_is_refused(
    stub: InventoryStub, request_: pb.AddItemRequest
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        stub.AddItem(request_, timeout=TIMEOUT)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.details()
    assert names(stub) == []


@pytest.mark.parametrize("name", ["", "a" * (LONGEST + 1)], ids=["empty", "too long"])
def test_a_name_that_no_item_can_have_is_no_argument(stub: InventoryStub, name: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        get(stub, name)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_names_are_compared_and_ordered_by_their_bytes(stub: InventoryStub) -> None:
    # The first two look alike, and are canonically equivalent in Unicode.
    composed, decomposed = "\u00e9", "e\u0301"
    for name in [composed, "z", "Z", decomposed, "\U0001f40d", "\uff21", "a\x00", "a"]:
        add(stub, name)
    assert get(stub, composed).name.encode() == composed.encode()
    assert get(stub, decomposed).name.encode() == decomposed.encode()
    listed = [name.encode() for name in names(stub)]
    assert len(listed) == 8
    assert listed == sorted(listed)


def test_an_empty_inventory_lists_nothing(stub: InventoryStub) -> None:
    call = stub.ListItems(pb.ListItemsRequest(), timeout=TIMEOUT)
    assert list(call) == []
    assert call.code() is grpc.StatusCode.OK


def test_of_many_clients_that_add_one_name_just_one_wins(
    server: Server, connect: Connect, stub: InventoryStub
) -> None:
    clients = [InventoryStub(connect(server)) for _ in range(8)]
    contested = [f"item-{number:02}" for number in range(25)]

    def add_all(client: int) -> list[grpc.StatusCode]:
        codes = []
        for name in contested:
            try:
                add(clients[client], name, quantity=client)
                codes.append(grpc.StatusCode.OK)
            except grpc.RpcError as error:
                codes.append(error.code())
        return codes

    with ThreadPoolExecutor(len(clients)) as pool:
        outcomes = list(pool.map(add_all, range(len(clients))))
    lost = {grpc.StatusCode.ALREADY_EXISTS}
    for index, name in enumerate(contested):
        codes = [outcome[index] for outcome in outcomes]
        assert codes.count(grpc.StatusCode.OK) == 1
        assert set(codes) - {grpc.StatusCode.OK} == lost
        assert get(stub, name).quantity == codes.index(grpc.StatusCode.OK)
    assert names(stub) == contested


def test_an_unknown_method_is_unimplemented(channel: grpc.Channel, stub: InventoryStub) -> None:
    for path in ("/inventory.Inventory/RemoveItem", "/inventory.Other/AddItem"):
        with pytest.raises(grpc.RpcError) as caught:
            channel.unary_unary(path)(b"", timeout=TIMEOUT)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED
    assert names(stub) == []


@pytest.mark.parametrize("body", [b"\xff", b"\x0a\x05\x0a\x01a", b"\x0a\x03\x0a\x01\xff"])
def test_a_request_that_is_no_message_is_refused(
    channel: grpc.Channel, stub: InventoryStub, body: bytes
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary("/inventory.Inventory/AddItem")(body, timeout=TIMEOUT)
    refusals = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL}
    assert caught.value.code() in refusals
    assert names(stub) == []


def test_a_message_over_the_limit_is_refused(stub: InventoryStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        add(stub, "a" * (4 << 20))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert names(stub) == []
