"""examples/cpp/ort_root.py: headers and library in one folder, or the reason why not."""

from __future__ import annotations

import pytest
from support.scripts import load_script

from checks import check_rejects

pytest.importorskip("onnxruntime")


@pytest.fixture(scope="module")
def tool():
    return load_script("examples/cpp/ort_root.py")


@pytest.fixture
def library(tool):
    """The library of the installed wheel; older wheels had it within their module."""
    try:
        return tool.find_library()
    except tool.OrtRootError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def headers(tmp_path, tool):
    """Return what writes headers of a version."""

    def make(version: int):
        folder = tmp_path / "include" / "onnxruntime"
        folder.mkdir(parents=True)
        (folder / tool.HEADER).write_text("")
        (folder / "onnxruntime_c_api.h").write_text(f"#define ORT_API_VERSION {version}\n")
        return tmp_path / "include"

    return make


def test_headers_and_library_are_linked_again_and_again(tool, library, headers, tmp_path):
    include = headers(17)
    for _ in range(2):
        tool.make_root(tmp_path / "root", include)
    assert (tmp_path / "root" / "include" / tool.HEADER).is_file()
    linked = tmp_path / "root" / "lib" / "libonnxruntime.so"
    assert linked.resolve() == library.resolve()


@pytest.mark.usefixtures("library")
def test_newer_headers_are_refused(tool, headers, tmp_path):
    include = headers(9999)
    check_rejects(
        lambda: tool.make_root(tmp_path / "root", include), tool.OrtRootError, "1.9999", "at most"
    )
    assert not (tmp_path / "root").exists()


def test_missing_headers_are_named(tool, tmp_path):
    check_rejects(
        lambda: tool.make_root(tmp_path / "root", tmp_path), tool.OrtRootError, "libonnxruntime-dev"
    )
