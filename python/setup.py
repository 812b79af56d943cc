# SPDX-License-Identifier: Apache-2.0
"""Builds the extension with Swift: `pip install -e python`, `pip wheel python`."""

import shutil
import subprocess
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parent.parent


class BuildSwift(build_ext):
    """Has the project's own script make the library, and puts it where the package is built."""

    def build_extension(self, ext: Extension) -> None:
        library = ROOT / "python/amaru/_native.abi3.so"
        subprocess.run([ROOT / "scripts/python_native.sh"], check=True)
        place = Path(self.get_ext_fullpath(ext.name))
        if place.resolve() != library:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(library, place)


setup(
    ext_modules=[Extension("amaru._native", sources=[], py_limited_api=True)],
    cmdclass={"build_ext": BuildSwift},
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
