# SPDX-License-Identifier: Apache-2.0
"""Calls the Inventory service: adds items, gets some, lists all, and shows how errors arrive.

Every answer is checked. The exit status is 0 when all were as the contract says, 1 when one was
not or the server could not be reached, 2 when the command line is wrong.
"""

import argparse
import math
import secrets
import sys
from collections.abc import Callable, Sequence

try:
    import grpc
except ImportError:
    sys.exit("grpcio is not installed: run `uv sync` here, then `uv run python src/client.py`")
try:
    import inventory_pb2 as pb
    import inventory_pb2_grpc
except ModuleNotFoundError as error:
    if not (error.name or "").startswith("inventory_pb2"):
        raise
    sys.exit("the stubs are not there: run `uv run python generate_stubs.py` first")

from wire import WirePrinter

TIMEOUT_SECONDS = 10
LONGEST_NAME_BYTES = 256


class UnexpectedAnswer(Exception):
    """The server answered otherwise than the contract says."""


def add_items(stub: inventory_pb2_grpc.InventoryStub, run: str) -> list[pb.Item]:
    """Adds four items; the names carry `run`, so that no earlier run has them."""
    items = [
        pb.Item(name=f"anchor-{run}", quantity=2, price=149.5),
        pb.Item(name=f"bolt-{run}", quantity=1200, price=0.15),
        pb.Item(name=f"café-{run}", quantity=7, price=3.2),  # names are UTF-8
        pb.Item(name=f"relic-{run}"),  # zeros are values as good as others
    ]
    print("Adding items:")
    for item in items:
        response = stub.AddItem(pb.AddItemRequest(item=item), timeout=TIMEOUT_SECONDS)
        if response.item != item:
            raise UnexpectedAnswer(f"AddItem confirmed {response.item} in place of {item}")
        print(f"  added {show(response.item)}")
    return items


def get_item(stub: inventory_pb2_grpc.InventoryStub, item: pb.Item) -> None:
    """Gets an item that is there."""
    found = stub.GetItem(pb.GetItemRequest(name=item.name), timeout=TIMEOUT_SECONDS)
    if found != item:
        raise UnexpectedAnswer(f"GetItem returned {found} in place of {item}")
    print(f"Getting one:\n  found {show(found)}")


def list_items(stub: inventory_pb2_grpc.InventoryStub, expected: Sequence[pb.Item]) -> None:
    """Reads the stream, a message at a time: the next is awaited when the loop asks for it."""
    print("Listing all:")
    mine: list[pb.Item] = []
    count = 0
    last_name = b""
    names = {item.name for item in expected}
    for item in stub.ListItems(pb.ListItemsRequest(), timeout=60):
        count += 1
        if item.name.encode() <= last_name:
            raise UnexpectedAnswer(f"{item.name!r} is out of order")
        last_name = item.name.encode()
        if item.name in names:
            mine.append(item)
            print(f"  {show(item)}")
    if mine != list(expected):
        raise UnexpectedAnswer(f"ListItems sent {len(mine)} of the {len(expected)} items added")
    print(f"  {count} items in stock, {len(mine)} of them added now")


def show_errors(stub: inventory_pb2_grpc.InventoryStub, present: pb.Item) -> None:
    """Makes the calls that must fail, and prints how: a code to act on, and words to read."""

    def add(**fields: str | float) -> Callable[[], object]:
        request = pb.AddItemRequest(item=pb.Item(**fields))  # type: ignore[arg-type]
        return lambda: stub.AddItem(request, timeout=TIMEOUT_SECONDS)

    def get(name: str) -> Callable[[], object]:
        return lambda: stub.GetItem(pb.GetItemRequest(name=name), timeout=TIMEOUT_SECONDS)

    new = f"never-{secrets.token_hex(4)}"
    not_found = grpc.StatusCode.NOT_FOUND
    exists = grpc.StatusCode.ALREADY_EXISTS
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    print("Calls that must fail:")
    expect(not_found, "an item that is not there", get(new))
    expect(exists, "a name that is taken", add(name=present.name, quantity=1, price=1))
    expect(invalid, "no item at all", lambda: stub.AddItem(pb.AddItemRequest(), timeout=10))
    expect(invalid, "an empty name", add(name="", quantity=1, price=1))
    expect(invalid, "a name that is too long", add(name="n" * (LONGEST_NAME_BYTES + 1)))
    expect(invalid, "a negative quantity", add(name=new, quantity=-1, price=1))
    expect(invalid, "a negative price", add(name=new, quantity=1, price=-0.01))
    expect(invalid, "a price that is not a number", add(name=new, quantity=1, price=math.nan))
    expect(invalid, "a price without end", add(name=new, quantity=1, price=math.inf))
    expect(not_found, "none of them was stored", get(new))


def expect(code: grpc.StatusCode, what: str, call: Callable[[], object]) -> None:
    """Makes a call that has to fail with `code`."""
    try:
        answer = call()
    except grpc.RpcError as error:
        if error.code() is not code:
            raise
        print(f"  {what}: {error.code().name}, {error.details()!r}")
        if not error.details():
            raise UnexpectedAnswer(f"{what}: {code.name} without details") from error
        return
    raise UnexpectedAnswer(f"{what}: {code.name} was expected, the answer is {answer!r}")


def show(item: pb.Item) -> str:
    return f"{item.name}: {item.quantity} at {item.price:.2f}"


def run(target: str, verbose: bool) -> None:
    # The server is asked directly, whatever proxy the environment names.
    options = [("grpc.enable_http_proxy", 0)]
    with grpc.insecure_channel(target, options=options) as plain:
        channel = grpc.intercept_channel(plain, WirePrinter()) if verbose else plain
        stub = inventory_pb2_grpc.InventoryStub(channel)
        items = add_items(stub, run=secrets.token_hex(4))
        get_item(stub, items[0])
        show_errors(stub, present=items[0])
        list_items(stub, items)
    print("All answers were as the contract says.")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    where = "host:port of the server (default: %(default)s)"
    parser.add_argument("--target", default="127.0.0.1:50051", help=where)
    parser.add_argument("--verbose", action="store_true", help="print what passes over the wire")
    arguments = parser.parse_args()
    try:
        run(arguments.target, arguments.verbose)
    except UnexpectedAnswer as error:
        print(f"unexpected: {error}", file=sys.stderr)
        return 1
    except grpc.RpcError as error:
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            print(f"no server answers at {arguments.target}: {error.details()}", file=sys.stderr)
            print("start it with `make run` at the root of the project", file=sys.stderr)
        else:
            print(f"unexpected: {error.code()} {error.details()!r}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
