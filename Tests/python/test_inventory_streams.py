# SPDX-License-Identifier: Apache-2.0
"""ListItems as a stream: flow control, cancellation, deadlines and a graceful end."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import inventory_pb2 as pb
import pytest
from hyperframe.frame import RstStreamFrame
from inventory_pb2_grpc import InventoryStub

from conftest import Connect, Serve
from launch import Server, free_port
from raw_http2 import RawConnection

TIMEOUT = 60
COUNT = 10_000
LIST = "/inventory.Inventory/ListItems"
GET = "/inventory.Inventory/GetItem"
CANCEL = 8


def item(number: int) -> pb.Item:
    return pb.Item(name=f"{number:06}" + "-" * 250, quantity=number, price=number / 4)


def fill(channel: grpc.Channel) -> InventoryStub:
    """Adds 10,000 items with names as long as they may be."""
    stub = InventoryStub(channel)
    for first in range(0, COUNT, 100):
        requests = [pb.AddItemRequest(item=item(first + number)) for number in range(100)]
        for future in [stub.AddItem.future(request, timeout=TIMEOUT) for request in requests]:
            future.result()
    return stub


@pytest.fixture(scope="module")
def server(inventory_server: Path) -> Iterator[Server]:
    """One full server for all tests here that leave it running."""
    command = [inventory_server, "--port", str(free_port()), "--data", ":memory:"]
    with Server(command) as server, grpc.insecure_channel(server.target) as channel:
        fill(channel)
        yield server


@pytest.fixture
def stub(server: Server, connect: Connect) -> InventoryStub:
    return InventoryStub(connect(server))


def resident_bytes(server: Server) -> int:
    status = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))


def test_a_big_list_arrives_whole_and_in_order(stub: InventoryStub) -> None:
    listed = list(stub.ListItems(pb.ListItemsRequest(), timeout=TIMEOUT))
    assert listed == [item(number) for number in range(COUNT)]


def test_a_slow_reader_gets_all_and_never_more_than_its_credit(
    server: Server, stub: InventoryStub
) -> None:
    assert stub.GetItem(pb.GetItemRequest(name=item(0).name)) == item(0)
    with RawConnection(server.target, window=0) as connection:
        stream = connection.call(LIST, pb.ListItemsRequest())
        call = connection.calls[stream]
        connection.ping()
        assert call.data == b""
        credit = 0
        # Odd steps, so that envelopes, messages and frames are cut everywhere.
        for step in (1, 4, 1, 263, 1_009, 16_411):
            connection.credit(stream, step)
            credit += step
            while len(call.data) < credit:
                connection.read()
            connection.ping()
            assert len(call.data) == credit
        connection.credit(stream, 1 << 24)
        connection.credit(0, 1 << 24)
        connection.until_end(stream)
        assert call.status == 0
        listed = [pb.Item.FromString(message) for message in call.messages()]
    assert listed == [item(number) for number in range(COUNT)]


def test_stalled_readers_do_not_fill_the_servers_memory(
    server: Server, stub: InventoryStub
) -> None:
    list_bytes = sum(item(number).ByteSize() + 5 for number in range(COUNT))
    stalled = 50
    list(stub.ListItems(pb.ListItemsRequest(), timeout=TIMEOUT))
    before = resident_bytes(server)
    with RawConnection(server.target, window=0) as connection:
        for _ in range(stalled):
            connection.call(LIST, pb.ListItemsRequest())
        # The server has taken these up when it has answered later calls many times.
        connection.ping()
        for number in range(500):
            stub.GetItem(pb.GetItemRequest(name=item(number).name), timeout=TIMEOUT)
        grown = resident_bytes(server) - before
    assert grown < stalled * list_bytes / 4


def test_a_cancelled_list_frees_its_place(stub: InventoryStub) -> None:
    # More than the streams that one connection may have at a time, were they to stay.
    for _ in range(250):
        call = stub.ListItems(pb.ListItemsRequest(), timeout=TIMEOUT)
        assert next(call) == item(0)
        call.cancel()
        with pytest.raises((grpc.RpcError, grpc.FutureCancelledError)):
            for _ in call:
                pass
        assert call.code() is grpc.StatusCode.CANCELLED
    assert stub.GetItem(pb.GetItemRequest(name=item(7).name), timeout=TIMEOUT) == item(7)


def test_nothing_follows_a_reset(server: Server, stub: InventoryStub) -> None:
    assert stub.GetItem(pb.GetItemRequest(name=item(0).name)) == item(0)
    with RawConnection(server.target, window=1_000) as connection:
        stream = connection.call(LIST, pb.ListItemsRequest())
        call = connection.calls[stream]
        while len(call.data) < 1_000:
            connection.read()
        connection.send(RstStreamFrame(stream, error_code=CANCEL))
        connection.ping()
        received = len(call.data)
        other = connection.call(GET, pb.GetItemRequest(name=item(1).name))
        assert connection.until_end(other).status == 0
        assert len(call.data) == received
        assert not call.ended


def test_the_server_ends_a_call_at_its_deadline(server: Server, stub: InventoryStub) -> None:
    assert stub.GetItem(pb.GetItemRequest(name=item(0).name)) == item(0)
    with RawConnection(server.target, window=0) as connection:
        # This client never reads: only the server's own clock can end the call.
        stream = connection.call(LIST, pb.ListItemsRequest(), metadata={"grpc-timeout": "100m"})
        call = connection.until_end(stream)
        assert call.reset is not None or call.status == grpc.StatusCode.DEADLINE_EXCEEDED.value[0]
        assert call.messages() == []
        other = connection.call("/inventory.Inventory/Nothing", pb.ListItemsRequest())
        unimplemented = grpc.StatusCode.UNIMPLEMENTED.value[0]
        assert connection.until_end(other).status == unimplemented


def test_a_running_stream_is_finished_after_sigterm_and_new_calls_are_refused(
    serve: Serve, connect: Connect
) -> None:
    server = serve()
    fill(connect(server))
    with RawConnection(server.target, window=5_000) as connection:
        stream = connection.call(LIST, pb.ListItemsRequest())
        call = connection.calls[stream]
        while not call.data:
            connection.read()
        server.terminate()
        while connection.goaway is None:
            connection.read()
        newcomer = InventoryStub(connect(server))
        with pytest.raises(grpc.RpcError) as caught:
            newcomer.GetItem(pb.GetItemRequest(name=item(0).name), timeout=TIMEOUT)
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert server.process.poll() is None
        connection.credit(stream, 1 << 24)
        connection.credit(0, 1 << 24)
        assert connection.until_end(stream).status == 0
        assert len(call.messages()) == COUNT
    assert server.wait() == 0
