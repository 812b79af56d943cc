# SPDX-License-Identifier: Apache-2.0
"""Calls the UserService: a demo of the four kinds of RPC, and an interactive mode.

`demo` checks every answer. The exit status is 0 when all were as the contract says, 1 when one was
not or the server could not be reached, 2 when the command line is wrong.
"""

import argparse
import os
import sys
from pathlib import Path

try:
    import grpc
except ImportError:
    sys.exit("grpcio is not installed: run `uv sync` here, then `uv run python client.py`")
try:
    from interactive import Interactive
    from user_client import UserClient, explain, is_unreachable

    from demo import UnexpectedAnswer, run_demo
except ModuleNotFoundError as error:
    if not (error.name or "").startswith("users_pb2"):
        raise
    sys.exit("the stubs are not there: run `uv run python generate_stubs.py` first")


def read_token(parser: argparse.ArgumentParser, file: Path) -> str:
    """The token in a file, which must be one word."""
    words = file.read_bytes().split()
    if len(words) != 1 or not words[0].isascii():
        parser.error(f"--token: {file} holds no token: one word of ASCII is wanted")
    return words[0].decode()


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    modes = ["demo", "interactive"]
    parser.add_argument("mode", nargs="?", choices=modes, default="demo", help="default: demo")
    where = "host:port of the server (default: %(default)s)"
    parser.add_argument("--target", default="127.0.0.1:50051", help=where)
    parser.add_argument("--tls-ca", type=Path, metavar="FILE", help="speak TLS; trust these (PEM)")
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="show this certificate")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="the key of --tls-cert")
    parser.add_argument("--token", type=Path, metavar="FILE", help="send the bearer token in it")
    arguments = parser.parse_args()
    own = (arguments.tls_cert, arguments.tls_key)
    if any(own) and not (all(own) and arguments.tls_ca):
        parser.error("--tls-cert, --tls-key and --tls-ca belong together")
    if sys.stdin is None and arguments.mode == "interactive":
        parser.error("interactive: there is no standard input")
    try:
        token = read_token(parser, arguments.token) if arguments.token else ""
        client = UserClient(
            arguments.target,
            tls_ca=arguments.tls_ca,
            tls_own=own if all(own) else None,
            token=token,
        )
    except OSError as error:
        parser.error(f"{error.filename} cannot be read: {error.strerror}")
    with client:
        if arguments.mode == "interactive":
            return Interactive(client).run()
        try:
            run_demo(client)
        except UnexpectedAnswer as error:
            print(f"unexpected: {error}", file=sys.stderr)
            return 1
        except grpc.RpcError as error:
            print(explain(error, client.target), file=sys.stderr)
            if is_unreachable(error):
                print("start one with `make run` at the root of the project", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        # Whoever read the output is gone; Python must not try to write what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
