# SPDX-License-Identifier: Apache-2.0
"""Calls each of the four kinds of RPC of greetings.v1.Greetings, and prints what comes.

grpcio reads the contract itself, so that there are no stubs to make.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc

# Where grpcio looks for contracts; it finds what they import beside the installed packages.
sys.path.append(str(Path(__file__).resolve().parent.parent / "proto"))
pb, services = grpc.protos_and_services("greetings.proto")

TIMEOUT_SECONDS = 10


def requests() -> Iterator["pb.GreetRequest"]:
    yield pb.GreetRequest(name="Ada")
    yield pb.GreetRequest(name="Grace", language=pb.LANGUAGE_SPANISH)
    yield pb.GreetRequest(name="Inti", language=pb.LANGUAGE_QUECHUA)


def call_all(target: str) -> None:
    # The server is asked directly, whatever proxy the environment names.
    with grpc.insecure_channel(target, [("grpc.enable_http_proxy", 0)]) as channel:
        stub = services.GreetingsStub(channel)
        request = pb.GreetRequest(name="World", language=pb.LANGUAGE_SPANISH)
        print("Greet:", stub.Greet(request, timeout=TIMEOUT_SECONDS).message)
        again = pb.GreetAgainRequest(name="World", count=2)
        for greeting in stub.GreetAgain(again, timeout=TIMEOUT_SECONDS):
            print(f"GreetAgain: {greeting.number} {greeting.message}")
        together = stub.GreetTogether(requests(), timeout=TIMEOUT_SECONDS)
        print("GreetTogether:", together.message)
        for greeting in stub.Chat(requests(), timeout=TIMEOUT_SECONDS):
            print(f"Chat: {greeting.number} {greeting.message}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", default="127.0.0.1:50051", help="default: %(default)s")
    options = parser.parse_args()
    try:
        call_all(options.target)
    except grpc.RpcError as error:
        print(f"four_kinds: {error.code().name}: {error.details()}", file=sys.stderr)
        if "failed to connect" in (error.details() or ""):
            print(f"start a server at {options.target}: `make run`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
