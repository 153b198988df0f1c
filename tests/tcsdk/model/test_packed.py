"""Models with packed weights: they run as with plain ones, and what is damaged is refused."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from support import manifests
from support.onnx_bytes import gather_model
from support.small_model import MODEL, smooth_picture

import tcsdk
from checks import check_rejects
from tcsdk.engines import select_engine
from tcsdk.engines.ort import cpu_provider, start_session
from tcsdk.errors import EngineError, ModelFileError, NewerVersionError, PackedWeightsError
from tcsdk.model.packed import packed_weights

packed = pytest.importorskip(
    "tcsdk.export.graphs.packed", reason="the export stage is not installed"
)

# Precision w6 has its weights in a packed file, int8 the same integers in a plain one.
PACKED = MODEL.parent / "small-packed"
FILE = "weights.w6.tcsw"
INPUTS = {
    "z_hat": np.ones((1, 4, 2, 3), np.float32),
    "r": np.random.default_rng(1).normal(size=(1, 8, 8, 12)).astype(np.float32),
    "inv_gain": np.ones((1, 8, 1, 1), np.float32),
    "z_inverse_gain": np.ones((1, 4, 1, 1), np.float32),
}


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(PACKED, tmp_path / "model")


def replace(folder: Path, name: str, data: bytes) -> None:
    """Change a file and its hash in the manifest."""
    (folder / name).write_bytes(data)
    manifest = manifests.read(folder)
    manifest["sha256"][name] = hashlib.sha256(data).hexdigest()
    manifests.save(folder, manifest)


@pytest.mark.parametrize("threads", [1, 2])
def test_packed_and_plain_weights_give_the_same_stream_and_picture(threads):
    picture = smooth_picture(200, 130)
    streams, pictures = [], []
    for precision in ("w6", "int8"):
        encoder = tcsdk.Encoder(PACKED, precision=precision, device="cpu", threads=threads)
        streams.append(encoder.encode(picture, quality=40))
        decoder = tcsdk.Decoder("cpu", threads=threads, models=[PACKED], precision=precision)
        pictures.append(decoder.decode(streams[0]))
    assert streams[0] == streams[1]
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert np.abs(pictures[0].astype(int) - picture).mean() < 8


def test_each_graph_gets_its_own_tensors():
    roles = ("analysis", "synthesis")
    names = {role: set(packed_weights(PACKED / f"{role}.w6.onnx")) for role in roles}
    assert names == {
        "analysis": {"forward.integers", "hyper.integers", "means.integers"},
        "synthesis": {"inverse.integers", "means.integers"},
    }
    assert packed_weights(PACKED / "analysis.int8.onnx") == {}


def test_a_session_has_weights_of_its_own(tmp_path, monkeypatch):
    """ONNX Runtime documents that it copies them; it must not read what we free."""
    expected = (np.arange(4000) % 100).astype(np.int8)
    ours = {"weights": expected.copy()}
    monkeypatch.setattr("tcsdk.engines.ort.packed_weights", lambda path: ours)
    path = tmp_path / "gather.onnx"
    path.write_bytes(gather_model(b"w.tcsw", 4000))
    session = start_session(str(path), cpu_provider(), 1)
    ours["weights"][:] = -1
    (came,) = session.run(None, {"x": np.arange(4000)})
    np.testing.assert_array_equal(came, expected)


def test_calls_beside_others_have_their_weights_too():
    graph = select_engine("cpu", 2).load(PACKED / "synthesis.w6.onnx")
    alone, beside = (graph.run(INPUTS, concurrent=concurrent) for concurrent in (False, True))
    np.testing.assert_array_equal(alone["x_hat"], beside["x_hat"])


def test_the_placement_counts_nodes_of_a_packed_graph():
    assert sum(select_engine("cpu", 1).engine.placement(PACKED / "analysis.w6.onnx").values()) > 5


def test_a_changed_packed_file_is_refused_by_its_hash(folder):
    data = bytearray((folder / FILE).read_bytes())
    data[40] ^= 1
    (folder / FILE).write_bytes(data)
    check_rejects(lambda: tcsdk.Encoder(folder), ModelFileError, FILE, "SHA-256")


def test_a_missing_packed_file_is_refused(folder):
    (folder / FILE).unlink()
    check_rejects(lambda: tcsdk.Encoder(folder), ModelFileError, FILE)
    check_rejects(
        lambda: select_engine("cpu").load(folder / "analysis.w6.onnx"),
        ModelFileError,
        FILE,
        "No such file",
    )


def test_a_damaged_packed_file_with_a_fitting_hash_is_refused(folder):
    data = bytearray((folder / FILE).read_bytes())
    data[40] ^= 1
    replace(folder, FILE, bytes(data))
    check_rejects(lambda: tcsdk.Encoder(folder), PackedWeightsError, FILE, "checksum")


def test_a_packed_file_of_a_later_version_is_named(folder):
    data = bytearray((folder / FILE).read_bytes())
    data[5] += 1
    replace(folder, FILE, bytes(data))
    check_rejects(lambda: tcsdk.Encoder(folder), NewerVersionError, FILE, "0.2")


def test_a_tensor_that_the_file_lacks_is_named(folder):
    graph = (folder / "analysis.w6.onnx").read_bytes().replace(b"hyper.integers", b"hyper.integerS")
    replace(folder, "analysis.w6.onnx", graph)
    check_rejects(lambda: tcsdk.Encoder(folder), PackedWeightsError, FILE, "'hyper.integerS'")


def test_a_tensor_of_another_shape_is_refused(folder):
    replace(folder, FILE, packed_bytes_with("inverse.integers", np.ones((3, 3), np.int8)))
    check_rejects(
        lambda: select_engine("cpu").load(folder / "synthesis.w6.onnx"),
        EngineError,
        "synthesis.w6.onnx",
    )


def packed_bytes_with(name: str, integers: np.ndarray) -> bytes:
    """The model's packed file with one tensor replaced."""
    weights = packed_weights(PACKED / "synthesis.w6.onnx") | {name: integers}
    tensors = {
        key: packed.PackedTensor(value, np.full(len(value), 8, np.uint8))
        for key, value in weights.items()
    }
    return packed.pack_weights(tensors)


def test_packed_weights_of_another_folder_are_refused(folder):
    graph = (folder / "analysis.w6.onnx").read_bytes()
    away = b"../" + FILE.encode()[3:]
    assert len(away) == len(FILE)
    (folder / "analysis.w6.onnx").write_bytes(graph.replace(FILE.encode(), away))
    check_rejects(
        lambda: select_engine("cpu").load(folder / "analysis.w6.onnx"),
        ModelFileError,
        "beside it",
        "../",
    )


@pytest.mark.parametrize("precision", ["w6", "int8"])
def test_weights_that_the_manifest_does_not_list_are_refused(folder, precision):
    manifest = manifests.read(folder)
    files = manifest["precisions"][precision]["files"]
    weights = next(name for name in files if name.startswith("weights."))
    files.remove(weights)
    manifests.save(folder, manifest)
    check_rejects(
        lambda: tcsdk.Encoder(folder, precision=precision, device="cpu"),
        ModelFileError,
        f"for precision {precision!r}",
        f"got {weights}",
    )
