"""The C interface: a C program built against the header and the library of this checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tcsdk import __version__
from tcsdk._kernels import simd_targets

ROOT = Path(__file__).parents[2]
CASE = ROOT / "tests" / "golden" / "v0" / "lanes_1"
# Where an editable install of this Python leaves the static library.
PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
LIBRARIES = sorted(ROOT.glob(f"build/{PYTHON}-*/kernels/libtcs.a"))
COMPILERS = (("CC", "cc"), ("CXX", "c++"))


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    c_compiler, cxx_compiler = (shutil.which(os.environ.get(v, d)) for v, d in COMPILERS)
    if c_compiler is None or cxx_compiler is None:
        pytest.skip("no C and C++ compiler on this machine")
    if not LIBRARIES:
        pytest.skip("no libtcs.a: tcsdk is not installed editable")
    folder = tmp_path_factory.mktemp("c_api")
    source, include = ROOT / "kernels" / "tests" / "test_c_api.c", ROOT / "kernels" / "include"
    strict = ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    strict.append(f'-DTCS_VERSION="{__version__}"')
    compiled, linked = folder / "test_c_api.o", folder / "test_c_api"
    subprocess.run([c_compiler, *strict, f"-I{include}", "-c", source, "-o", compiled], check=True)
    subprocess.run([cxx_compiler, compiled, LIBRARIES[0], "-o", linked], check=True)
    return linked


@pytest.mark.parametrize("target", simd_targets())
def test_a_c_program_codes_and_is_refused(program, target):
    environment = {**os.environ, "TCSDK_SIMD": target}
    done = subprocess.run(
        [program, CASE], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == f"test_c_api, {target}: 0 failures\n"
