# SPDX-License-Identifier: Apache-2.0
"""The Greeter example as its README shows it, and the Python programs beside it."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import GREETER, STUBS

PATIENCE_SECONDS = 120
CLIENT = GREETER / "python_client"
# A network of its own, in which the ports of the README are free.
NAMESPACE = ["unshare", "--user", "--map-root-user", "--net", "bash", "-euc"]
SERVED = """
ip link set lo up
coproc SERVER { exec %s 2>&1; }
pid=$SERVER_PID
until read -r line <&"${SERVER[0]}"; [[ $line == 'listening on '* ]]; do :; done
trap 'kill $pid' EXIT
%s
"""


def run_beside_a_server(
    server: Path, script: str, *flags: str
) -> "subprocess.CompletedProcess[str]":
    """Runs a script of bash while a server listens on its default ports."""
    if subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode != 0:
        pytest.skip("network namespaces cannot be made here")
    command = shlex.join([str(server), *flags])
    return subprocess.run(
        [*NAMESPACE, SERVED % (command, script)],
        cwd=CLIENT,
        env={
            "PATH": f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHONPATH": str(STUBS),
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def examples() -> list[tuple[str, str]]:
    """The commands of the README's console blocks, each with what it says it prints."""
    text = (GREETER / "README.md").read_text(encoding="utf-8")
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = example.partition("\n")
            found.append((command, printed))
    return found


def test_every_command_of_the_readme_prints_what_it_says(greeter_server: Path) -> None:
    commands = examples()
    assert len(commands) >= 5
    mark = "-- next --"
    script = "\n".join(f"{command} || echo failed\necho; echo '{mark}'" for command, _ in commands)
    ran = run_beside_a_server(greeter_server, script)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    printed = ran.stdout.split(f"\n{mark}\n")
    assert [one.strip() for one in printed[:-1]] == [one.strip() for _, one in commands]


def test_the_python_programs_run_as_they_stand(greeter_server: Path, tmp_path: Path) -> None:
    out = f"--python_out={tmp_path} --grpc_python_out={tmp_path}"
    generate = f"python -m grpc_tools.protoc -I../proto {out} greeter.proto"
    script = f"{generate}\nPYTHONPATH={tmp_path} python hello.py\npython four_kinds.py"
    ran = run_beside_a_server(greeter_server, script)
    assert ran.returncode == 0, ran.stdout + ran.stderr
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
