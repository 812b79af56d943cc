# SPDX-License-Identifier: Apache-2.0
"""Generates and compiles every .proto file that others have published and that is to be had here:
those of PyPI's googleapis-common-protos and grpcio-tools' peers, and of the distribution's packages
grpc-proto and libprotobuf-dev.

Each proto package becomes a Swift module of one package in .cache/real-protos, so that names of
different packages do not meet, and files of one import those of others across modules.
Usage: real_protos.py GENERATOR [--scratch FOLDER]
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROTOC = Path(os.environ.get("PROTOC_PATH", ROOT / ".venv/bin/protoc"))


def sources() -> dict[str, list[Path]]:
    """The folders that imports start from, each with its files."""
    import google.rpc.status_pb2 as status  # of googleapis-common-protos

    googleapis = Path(status.__file__).parents[2]
    found = {
        str(googleapis): sorted(
            file
            for folder in ("api", "cloud", "gapic", "logging", "longrunning", "rpc", "type")
            for file in (googleapis / "google" / folder).rglob("*.proto")
        ),
        "/usr/share/grpc-proto": sorted(Path("/usr/share/grpc-proto").rglob("*.proto")),
        "/usr/include": sorted(Path("/usr/include/google/protobuf").rglob("*.proto")),
    }
    for root, files in found.items():
        if not files:
            sys.exit(f"real_protos: no .proto file in {root}; run `make setup` again")
    return found


def package(text: str) -> str:
    match = re.search(r"^package\s+([\w.]+)\s*;", text, re.MULTILINE)
    return match[1] if match else "no_package"


def module(package: str) -> str:
    return "Protos" + "".join(
        word[:1].upper() + word[1:] for part in package.split(".") for word in part.split("_")
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("generator")
    parser.add_argument("--scratch", default=str(ROOT / ".cache/real-protos/build"))
    arguments = parser.parse_args()

    work = ROOT / ".cache/real-protos"
    shutil.rmtree(work / "Sources", ignore_errors=True)
    roots = sources()
    runtime = ROOT / "proto/well-known"
    modules: dict[str, list[str]] = {}  # module -> import paths
    module_of: dict[str, str] = {}
    imports: dict[str, list[str]] = {}
    for root, files in roots.items():
        for file in files:
            path = str(file.relative_to(root))
            # What other files of the same package are imported beside is the runtime's own.
            if path.startswith(("google/api/", "google/rpc/")) and (runtime / path).exists():
                continue
            text = file.read_text()
            imports[path] = re.findall(r'^import\s+(?:public\s+|weak\s+)?"([^"]+)"', text, re.M)
            missing = [
                other
                for other in imports[path]
                if not any((Path(folder) / other).exists() for folder in [*roots, runtime])
            ]
            if missing:
                print(f"real_protos: left out {path}, which imports {missing[0]}, not to be had")
                continue
            name = module(package(text))
            modules.setdefault(name, []).append(path)
            module_of[path] = name

    include = [f"-I{root}" for root in roots] + [f"-I{runtime}"]
    mapping = ",".join(
        f"module_mapping={path}={name}"
        for path, name in module_of.items()
        if not path.startswith("google/protobuf/")
    )
    targets = []
    for name, paths in sorted(modules.items()):
        output = work / "Sources" / name
        output.mkdir(parents=True)
        subprocess.run(
            [
                PROTOC,
                f"--plugin=protoc-gen-amaru={arguments.generator}",
                f"--amaru_out={output}",
                f"--amaru_opt=file_naming=underscores,module={name},{mapping}",
                *include,
                *paths,
            ],
            check=True,
        )
        needs = sorted(
            {
                module_of[other]
                for path in paths
                for other in imports[path]
                if other in module_of and not (runtime / other).exists()
            }
            - {name}
        )
        dependencies = "".join(f', "{need}"' for need in needs)
        targets.append(
            f'    .target(name: "{name}", dependencies: ['
            f'.product(name: "Amaru", package: "amaru"){dependencies}]),'
        )
    count = len(module_of)
    print(f"real_protos: generated {count} files in {len(modules)} modules", flush=True)
    (work / "Package.swift").write_text(
        "// swift-tools-version: 6.2\n"
        "import PackageDescription\n\n"
        "let package = Package(\n"
        '  name: "real-protos",\n'
        '  products: [.library(name: "RealProtos", targets: ['
        + ", ".join(f'"{name}"' for name in sorted(modules))
        + "])],\n"
        f'  dependencies: [.package(name: "amaru", path: "{ROOT}")],\n'
        "  targets: [\n" + "\n".join(targets) + "\n  ],\n"
        "  swiftLanguageModes: [.v6]\n)\n"
    )
    subprocess.run(
        [
            *("swift", "build", "--package-path", work, "--scratch-path", arguments.scratch),
            *("--product", "RealProtos"),
        ],
        check=True,
    )
    print(f"real_protos: {count} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
