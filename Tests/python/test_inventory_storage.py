# SPDX-License-Identifier: Apache-2.0
"""What is answered is kept: across SIGKILL, across restarts, and not at all in memory."""

from pathlib import Path

import grpc
import inventory_pb2 as pb
import pytest
from inventory_pb2_grpc import InventoryStub

from conftest import Connect, Serve

TIMEOUT = 30


def items(stub: InventoryStub) -> list[pb.Item]:
    return list(stub.ListItems(pb.ListItemsRequest(), timeout=TIMEOUT))


def test_an_item_that_was_confirmed_outlives_sigkill(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    data = tmp_path / "inventory.db"
    added: list[pb.Item] = []
    for number in range(5):
        server = serve(data)
        stub = InventoryStub(connect(server))
        assert items(stub) == added
        item = pb.Item(name=f"item-{number}", quantity=number, price=number / 8)
        stub.AddItem(pb.AddItemRequest(item=item), timeout=TIMEOUT)
        server.kill()
        added.append(item)
    assert items(InventoryStub(connect(serve(data)))) == added


def test_sigkill_under_load_loses_nothing_that_was_confirmed(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    data = tmp_path / "inventory.db"
    server = serve(data)
    stub = InventoryStub(connect(server))
    futures = []
    for number in range(400):
        request = pb.AddItemRequest(item=pb.Item(name=f"item-{number:03}", quantity=number))
        futures.append(stub.AddItem.future(request, timeout=TIMEOUT))
    futures[20].result()
    server.kill()
    confirmed = {future.result().item.name for future in futures if future.exception() is None}
    kept = {item.name: item.quantity for item in items(InventoryStub(connect(serve(data))))}
    assert "item-020" in confirmed
    assert confirmed <= kept.keys()
    assert all(int(name.removeprefix("item-")) == quantity for name, quantity in kept.items())


def test_a_restart_after_sigterm_knows_all_items(
    serve: Serve, connect: Connect, tmp_path: Path
) -> None:
    data = tmp_path / "a folder" / "inventory é.db"
    data.parent.mkdir()
    first = serve(data)
    item = pb.Item(name="anchor", quantity=2, price=149.5)
    InventoryStub(connect(first)).AddItem(pb.AddItemRequest(item=item), timeout=TIMEOUT)
    assert first.stop() == 0
    stub = InventoryStub(connect(serve(data)))
    assert stub.GetItem(pb.GetItemRequest(name="anchor"), timeout=TIMEOUT) == item
    with pytest.raises(grpc.RpcError) as caught:
        stub.AddItem(pb.AddItemRequest(item=item), timeout=TIMEOUT)
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS


def test_memory_keeps_nothing(serve: Serve, connect: Connect) -> None:
    first = serve(":memory:")
    request = pb.AddItemRequest(item=pb.Item(name="anchor"))
    InventoryStub(connect(first)).AddItem(request, timeout=TIMEOUT)
    assert first.stop() == 0
    assert items(InventoryStub(connect(serve(":memory:")))) == []
    assert not Path(":memory:").exists()
