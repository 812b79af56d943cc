# SPDX-License-Identifier: Apache-2.0
"""A network of its own for a script, in which every port is free."""

import subprocess
import sys
from pathlib import Path

import pytest

PATIENCE_SECONDS = 120
NAMESPACE = ["unshare", "--user", "--map-root-user", "--net", "bash", "-euo", "pipefail", "-c"]


def in_namespace(script: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs a script of bash, which has to succeed, with the Python of the tests first in PATH."""
    if subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode != 0:
        pytest.skip("network namespaces cannot be made here")
    path = f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin"
    ran = subprocess.run(
        [*NAMESPACE, f"ip link set lo up\n{script}"],
        env={"PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran
