# SPDX-License-Identifier: Apache-2.0
"""The generator against the .proto files that others have published."""

import re
import subprocess
import sys

from conftest import ROOT


def test_every_published_proto_generates_and_compiles() -> None:
    build = ["swift", "build", "--package-path", ROOT, "--product", "protoc-gen-amaru"]
    subprocess.run(build, check=True, capture_output=True)
    folder = subprocess.run(
        [*build[:4], "--show-bin-path"], check=True, capture_output=True, text=True
    ).stdout.strip()
    script = [sys.executable, f"{ROOT}/scripts/real_protos.py", f"{folder}/protoc-gen-amaru"]
    run = subprocess.run(script, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-4000:]
    count = re.search(r"^real_protos: (\d+) passed, 0 failed$", run.stdout, re.MULTILINE)
    assert count
    assert int(count[1]) >= 80
