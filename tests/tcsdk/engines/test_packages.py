"""Which runtimes are installed: the wrong Python's are told from none."""

from __future__ import annotations

import sys
from importlib import machinery

import pytest

from checks import check_rejects
from tcsdk.engines.cuda import import_cuda
from tcsdk.engines.packages import foreign_build
from tcsdk.engines.tensorrt.engine import import_tensorrt
from tcsdk.errors import MissingRuntimeError

# 3.10 is JetPack 6's.
OTHER = "cpython-39" if sys.version_info[:2] == (3, 10) else "cpython-310"
OURS = next(s for s in machinery.EXTENSION_SUFFIXES if s.count(".") > 1)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a package whose __init__ imports its extension module, found before all others."""
    monkeypatch.syspath_prepend(tmp_path)
    roots: set[str] = set()

    def loaded() -> list[str]:
        return [name for name in sys.modules if name.split(".")[0] in roots]

    def install(package: str, *files: str) -> None:
        roots.add(package.split(".")[0])
        folder = tmp_path.joinpath(*package.split("."))
        (folder / "inner").mkdir(parents=True)
        (folder / "__init__.py").write_text("from .inner import extension\n")
        for file in files:
            (folder / "inner" / file).write_bytes(b"")
        for name in loaded():
            monkeypatch.delitem(sys.modules, name)

    yield install
    for name in loaded():  # those of the tests; monkeypatch then puts the real ones back
        del sys.modules[name]


def test_a_package_for_another_python_is_named_with_both_versions(installed):
    installed("runtime_x", f"extension.{OTHER}-x86_64-linux-gnu.so", "libcore.so", "notes.txt")
    said = foreign_build("runtime_x")
    assert OTHER in said
    assert f"Python {sys.version_info[0]}.{sys.version_info[1]}" in said


@pytest.mark.parametrize(
    "files",
    [(), ("libcore.so",), (f"extension{OURS}",), (f"extension{OURS}", f"other.{OTHER}-x86.so")],
)
def test_a_package_for_this_python_is_not_accused(installed, files):
    installed("runtime_y", *files)
    assert foreign_build("runtime_y") == ""


def test_a_package_that_is_not_there_is_not_accused(monkeypatch):
    assert foreign_build("no_such_package") == ""
    assert foreign_build("no_such_package.inside") == ""
    monkeypatch.setitem(sys.modules, "blocked_package", None)
    assert foreign_build("blocked_package") == ""


def test_tensorrt_of_another_python_says_so_and_what_to_install(installed):
    installed("tensorrt", f"extension.{OTHER}-aarch64-linux-gnu.so")
    check_rejects(
        import_tensorrt,
        MissingRuntimeError,
        "was built for",
        "this is Python",
        "python3-libnvinfer",
    )


def test_cuda_python_of_another_python_says_so_and_what_to_install(installed):
    installed("cuda.bindings", f"extension.{OTHER}-x86_64-linux-gnu.so")
    check_rejects(lambda: import_cuda("trt"), MissingRuntimeError, "was built for", ".[trt]")
