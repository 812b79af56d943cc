# SPDX-License-Identifier: Apache-2.0
"""Runs the interop server of gRPC's Python source: shows that a failing case is not the runner's.

That server does not look at the compression flags, so the compression cases fail against it.
"""

import argparse
import sys
from concurrent import futures
from pathlib import Path

import grpc

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("tree", type=Path, help="where scripts/interop.sh unpacked the source")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--use-tls", action="store_true")
parser.add_argument("--tls-cert", type=Path, help="the certificate chain, in PEM")
parser.add_argument("--tls-key", type=Path)
options = parser.parse_args()
sys.path.insert(0, str(options.tree))

from src.proto.grpc.testing import test_pb2_grpc  # type: ignore[import-not-found]
from tests.interop import service  # type: ignore[import-not-found]

server = grpc.server(futures.ThreadPoolExecutor(max_workers=32))
test_pb2_grpc.add_TestServiceServicer_to_server(service.TestService(), server)
address = f"127.0.0.1:{options.port}"
if options.use_tls:
    pair = (options.tls_key.read_bytes(), options.tls_cert.read_bytes())
    server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
else:
    server.add_insecure_port(address)
server.start()
print(f"listening on 127.0.0.1:{options.port}", flush=True)
server.wait_for_termination()
