# SPDX-License-Identifier: Apache-2.0
"""The Greeter example as its README shows it, and the Python programs beside it."""

from pathlib import Path

from conftest import GREETER, ROOT
from demo_greeter import commands
from namespace import in_namespace

# Starts the server in $SERVER on its own ports and waits until it listens.
SERVED = """
coproc GREETER { exec "$SERVER" 2>&1; }
trap "kill $GREETER_PID" EXIT
until read -r line <&"${GREETER[0]}"; [[ $line == 'listening on '* ]]; do :; done
"""


def test_every_command_of_the_readme_prints_what_it_says(greeter_server: Path) -> None:
    assert len(commands()) >= 17
    demo = f"python {ROOT}/scripts/demo_greeter.py --port 50051 --http-port 8000"
    ran = in_namespace(f'{demo} --server "$SERVER"', SERVER=str(greeter_server))
    for command, printed in commands():
        assert f"\n$ {command}\n{printed}\n" in ran.stdout
    assert "WRONG" not in ran.stdout


def test_the_python_programs_run_as_they_stand(greeter_server: Path, tmp_path: Path) -> None:
    out = f"--python_out={tmp_path} --grpc_python_out={tmp_path}"
    ran = in_namespace(
        f"{SERVED}\ncd {GREETER}/python_client\n"
        f"python -m grpc_tools.protoc -I../proto {out} greeter.proto\n"
        f"python hello.py\npython four_kinds.py",
        SERVER=str(greeter_server),
        PYTHONPATH=str(tmp_path),
    )
    assert ran.stdout.splitlines() == [
        "Hello, World!",
        "Greet: ¡Hola, World!",
        "GreetAgain: 1 Hello, World!",
        "GreetAgain: 2 Hello, World!",
        "GreetTogether: Rimaykullayki, Ada, Grace, Inti!",
        "Chat: 1 Hello, Ada!",
        "Chat: 2 ¡Hola, Grace!",
        "Chat: 3 Rimaykullayki, Inti!",
    ]
