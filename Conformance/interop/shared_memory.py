#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the methods of gRPC's Python interop client over shared memory, against its own service.

`shared_memory.py TREE`, where scripts/interop.sh unpacked the source; `--serve NAME` is the other
process. Stubs and service are upstream's as they are: only the channel and the server are ours.
"""

import argparse
import os
import sys
import time
import traceback
from concurrent import futures
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "python")]

import amaru
from launch import Server

# They need an account of a cloud.
CLOUD = {"compute_engine_creds", "oauth2_auth_token", "jwt_token_creds", "per_rpc_creds"}


def serve(name: str) -> None:
    from src.proto.grpc.testing import test_pb2_grpc  # type: ignore[import-not-found]
    from tests.interop import service  # type: ignore[import-not-found]

    server = amaru.server(futures.ThreadPoolExecutor(max_workers=32), name=name)
    test_pb2_grpc.add_TestServiceServicer_to_server(service.TestService(), server)
    server.start()
    print(f"listening on shm:{name}", flush=True)
    server.wait_for_termination()


def run_cases(tree: Path) -> int:
    """How many cases failed."""
    from src.proto.grpc.testing import test_pb2_grpc
    from tests.interop import methods  # type: ignore[import-not-found]

    failed = 0
    name = f"interop-{os.getpid()}"
    cases = [case for case in methods.TestCase if case.value not in CLOUD]
    command = [sys.executable, __file__, str(tree), "--serve", name]
    with Server(command), amaru.shared_memory_channel(name) as channel:
        stubs = {
            "unimplemented_service": test_pb2_grpc.UnimplementedServiceStub(channel),
        }
        usual = test_pb2_grpc.TestServiceStub(channel)
        for case in cases:
            started = time.monotonic()
            error = ""
            try:
                case.test_interoperability(stubs.get(case.value, usual), None)
            except Exception:
                error = traceback.format_exc()
                failed += 1
            seconds = time.monotonic() - started
            result = "FAILED" if error else "passed"
            print(f"{case.value:<34} grpc    amaru   shm {result}  {seconds:5.1f} s", flush=True)
            if error:
                print(error)
    print(f"interop over shared memory: {len(cases) - failed} passed, {failed} failed")
    return failed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tree", type=Path)
    parser.add_argument("--serve", metavar="NAME")
    options = parser.parse_args()
    sys.path.insert(0, str(options.tree))
    if options.serve:
        serve(options.serve)
        return 0
    return min(run_cases(options.tree), 1)


if __name__ == "__main__":
    sys.exit(main())
