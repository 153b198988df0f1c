"""The engine `triton`, as far as it goes without its client."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from support import manifests
from support.small_model import MODEL

from checks import check_rejects
from tcsdk.engines import ENGINES, select_engine
from tcsdk.engines.triton import VARIABLE, served_graph
from tcsdk.errors import MissingRuntimeError, ModelFileError
from tcsdk.model.find import find_model


def graph_paths(model: str, precision: str) -> list[Path]:
    folder, _ = find_model(model)
    return [folder.graph_file(precision, kind) for kind in folder.roles]


def test_auto_never_takes_a_server(monkeypatch):
    monkeypatch.setenv(VARIABLE, "grpc://localhost:1")
    (row,) = (row for row in ENGINES if row.device == "triton")
    assert not row.automatic
    assert select_engine("auto", 1, [row, *ENGINES]).kind != "triton"


@pytest.mark.skipif(find_spec("tritonclient") is not None, reason="the client is installed")
def test_without_the_client_it_says_what_to_install():
    check_rejects(lambda: select_engine("triton"), MissingRuntimeError, ".[triton]")


def test_graphs_are_served_under_names_and_digests_of_their_own():
    served = [served_graph(p) for model in ("tfic", "base") for p in graph_paths(model, "int8")]
    assert [graph.name for graph in served] == [
        "tfic-analysis-int8",
        "tfic-synthesis-int8",
        "base-analysis-int8",
        "base-synthesis-int8",
    ]
    assert len({graph.digest for graph in served}) == 4


@pytest.mark.parametrize("name", ["entropy.tcsb", "other.onnx"])
def test_what_is_no_graph_is_not_served(name):
    check_rejects(lambda: served_graph(MODEL / name), ModelFileError, "expected a graph", name)


def test_a_digest_follows_the_files(tmp_path):
    manifest = manifests.read(MODEL)
    manifests.save(tmp_path, manifest)
    before = served_graph(tmp_path / "analysis.onnx")
    manifest["sha256"]["analysis.onnx"] = "0" * 64
    manifests.save(tmp_path, manifest)
    assert served_graph(tmp_path / "analysis.onnx").digest != before.digest
    assert served_graph(tmp_path / "synthesis.onnx").digest != before.digest


def test_the_package_does_not_load_the_client():
    code = "import sys, tcsdk.engines, tcsdk.encoder; print('tritonclient' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
