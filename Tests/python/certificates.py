# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made by the command `openssl`."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
NAMES = "DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, in PEM files."""

    pem: Path
    key: Path

    @property
    def flags(self) -> list[str | Path]:
        """What has the Inventory server show it."""
        return ["--tls-cert", self.pem, "--tls-key", self.key]

    def copy_to(self, other: "Certificate") -> None:
        """Puts both files in place of another's, each all at once."""
        for source, target in ((self.key, other.key), (self.pem, other.pem)):
            new = target.with_suffix(".new")
            shutil.copyfile(source, new)
            new.replace(target)


class Authority:
    """Signs certificates, and has its files in a folder of its own."""

    def __init__(self, folder: Path, name: str = "Test Authority") -> None:
        folder.mkdir()
        self.folder = folder
        self.key = folder / "ca.key"
        self.pem = folder / "ca.pem"
        made = ["-keyout", self.key, "-out", self.pem, "-subj", f"/CN={name}"]
        _openssl("req", "-x509", *NEW_KEY, *made, "-days", "30")

    def issue(self, name: str, *, days: int = 30, names: str = NAMES) -> Certificate:
        """A certificate for `name`, expired when `days` is negative."""
        made = Certificate(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        request = self.folder / f"{name}.csr"
        extensions = self.folder / f"{name}.txt"
        extensions.write_text(f"subjectAltName={names}\n")
        _openssl(
            "req", "-new", *NEW_KEY, "-keyout", made.key, "-out", request, "-subj", f"/CN={name}"
        )
        signer = ["-CA", self.pem, "-CAkey", self.key, "-CAcreateserial", "-days", str(days)]
        _openssl("x509", "-req", "-in", request, *signer, "-extfile", extensions, "-out", made.pem)
        return made


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
