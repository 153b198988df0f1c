"""The constraints of `make test-minima` are the bounds that pyproject.toml declares."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from structure.syntax import ROOT

pytest.importorskip("tomllib", reason="the script needs Python 3.11")
SCRIPT = ROOT / "tests" / "support" / "minima.py"


def constraints(*arguments):
    """What the script prints of the repository's own file."""
    command = [sys.executable, str(SCRIPT), str(ROOT / "pyproject.toml"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_every_dependency_is_held_at_its_least_version():
    told = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lines = constraints("cpu", "ocr", "test")
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    assert len(lines) == len(set(lines))
    for name in ("numpy", "Pillow", "onnxruntime", "rapidocr", "hypothesis"):
        (held,) = [line for line in lines if line.startswith(f"{name}==")]
        assert held.replace("==", ">=") in told


def test_what_building_needs_comes_alone():
    names = [line.partition("==")[0] for line in constraints("--build")]
    assert names == ["scikit-build-core", "pybind11"]


def test_a_requirement_without_a_bound_is_refused():
    from support.minima import minima

    assert list(minima(["rapidocr>=3.10,<3.11", "ray[data]>=2.40"])) == [
        "rapidocr==3.10", "ray==2.40",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="expected a requirement such as"):
        list(minima(["numpy"]))
