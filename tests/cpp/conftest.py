"""The C++ programs: tcs on the installed wheel's ONNX Runtime, and tcs_recode.

They are built in build/, like the other programs of this project: the next run compiles only what
has changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE, BUILD = ROOT / "examples" / "cpp", ROOT / "build"
AARCH64, QEMU = "aarch64-linux-gnu", "qemu-aarch64"
# ONNX Runtime's headers are in no wheel: this names their folder where the system has none.
HEADERS = "TCSDK_ORT_INCLUDE"

Run = Callable[..., subprocess.CompletedProcess[str]]


def need(*programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def build(folder: Path, *options: str) -> Path:
    """Configure and build with warnings as errors; returns the folder."""
    need("cmake", "c++")
    forget = ["-UORT_LIBRARY", "-UORT_INCLUDE_DIR"]  # found in an earlier ORT_ROOT
    strict = ["-DTCS_WERROR=ON", "-DTCS_CHECKS=ON"]
    configure = ["cmake", "-S", SOURCE, "-B", folder, *forget, *strict]
    done = subprocess.run([*configure, *options], capture_output=True, text=True, check=False)
    if "NLOHMANN_JSON_INCLUDE_DIR" in done.stderr:
        pytest.skip("nlohmann/json.hpp is not installed (Debian: nlohmann-json3-dev)")
    assert done.returncode == 0, done.stderr
    done = subprocess.run(["cmake", "--build", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def runner(folder: Path, *command: object) -> Run:
    """Return what runs a command in a folder, with further arguments."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        words = [*map(str, command), *map(str, arguments)]
        return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)

    return run


@dataclass(frozen=True)
class Programs:
    """What was built for this machine.

    Attributes:
        folder: Of the programs.
        without_engine: Why tcs is not among them; "" where it is.
    """

    folder: Path
    without_engine: str


@pytest.fixture(scope="session")
def programs() -> Programs:
    root = BUILD / "ort"
    include = os.environ.get(HEADERS)
    named = ["--include", include] if include else []
    done = subprocess.run(
        [sys.executable, SOURCE / "ort_root.py", root, *named],
        capture_output=True,
        text=True,
        check=False,
    )
    engine, reason = [f"-DORT_ROOT={root}", "-DTCS_ORT=ON"], ""
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1]
        engine, reason = ["-DTCS_ORT=OFF"], f"{said} (or in the environment variable {HEADERS})"
    return Programs(build(BUILD / "cpp", *engine), reason)


@pytest.fixture(scope="session")
def aarch64_parts() -> Path:
    """What needs no engine, for AArch64."""
    need(f"{AARCH64}-g++", QEMU)
    return build(
        BUILD / "cpp-aarch64",
        "-DTCS_ORT=OFF",
        "-DCMAKE_SYSTEM_NAME=Linux",
        "-DCMAKE_SYSTEM_PROCESSOR=aarch64",
        f"-DCMAKE_C_COMPILER={AARCH64}-gcc",
        f"-DCMAKE_CXX_COMPILER={AARCH64}-g++",
        "-DCMAKE_EXE_LINKER_FLAGS=-static",
    )


@pytest.fixture
def tcs(programs, tmp_path) -> Run:
    """Run tcs in an empty folder."""
    if programs.without_engine:
        pytest.skip(programs.without_engine)
    return runner(tmp_path, programs.folder / "tcs")


@pytest.fixture
def recode(programs, tmp_path) -> Run:
    """Run tcs_recode in an empty folder."""
    return runner(tmp_path, programs.folder / "tcs_recode")
