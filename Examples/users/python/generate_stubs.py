# SPDX-License-Identifier: Apache-2.0
"""Generates users_pb2.py and users_pb2_grpc.py from ../proto/users.proto.

grpcio-tools carries its own protoc, so nothing else has to be installed. The same by hand:

    python -m grpc_tools.protoc -I../proto --python_out=. --grpc_python_out=. \\
        ../proto/users.proto
"""

import argparse
import sys
from importlib import resources
from pathlib import Path

HERE = Path(__file__).resolve().parent


def generate(out: Path) -> None:
    """Writes the modules into `out`; raises SystemExit when protoc refuses the contract."""
    try:
        from grpc_tools import protoc
    except ImportError:
        sys.exit("grpcio-tools is not installed: run `uv sync` here first")
    protos = HERE.parent / "proto"
    out.mkdir(parents=True, exist_ok=True)
    status = protoc.main(
        [
            "protoc",
            f"-I{protos}",
            f"-I{resources.files('grpc_tools') / '_proto'}",
            f"--python_out={out}",
            f"--pyi_out={out}",
            f"--grpc_python_out={out}",
            str(protos / "users.proto"),
        ]
    )
    if status != 0:
        sys.exit(f"protoc ended with {status}")
    for name in ("users_pb2.py", "users_pb2_grpc.py"):
        print(f"wrote {out / name}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE, help="default: beside this script")
    generate(parser.parse_args().out)
