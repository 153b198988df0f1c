from __future__ import annotations

import hashlib
import shutil

import pytest
from support import manifests
from support.small_model import MODEL

import tcsdk
from checks import check_rejects
from tcsdk._kernels import bundle_check
from tcsdk.errors import (
    BundleMismatchError,
    CorruptStreamError,
    ModelFileError,
    UnknownModelError,
)
from tcsdk.model.find import find_model, list_models, model_of_stream
from tcsdk.model.read import read_model_folder
from tcsdk.model.said_bundle import SaidBundle


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(MODEL, tmp_path / "model")


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """A zoo of two families."""
    for family, wire_id in (("small", 0xF0F0), ("small-two", 0xF0F1)):
        shutil.copytree(MODEL, tmp_path / "zoo" / family)
        manifests.edit(tmp_path / "zoo" / family, family=family, wire_id=wire_id)
    monkeypatch.setattr("tcsdk.model.find._ZOO", (tmp_path / "none", tmp_path / "zoo"))
    return tmp_path / "zoo"


def test_the_manifest_says_the_bundles_hash():
    model = read_model_folder(MODEL)
    digest = hashlib.sha256((MODEL / "entropy.tcsb").read_bytes()).digest()
    assert model.bundle_hash == int.from_bytes(digest[:4], "little")
    assert model.load_bundle().short_hash == model.bundle_hash
    assert model.size == sum(file.stat().st_size for file in MODEL.iterdir())


def test_ids_name_families_and_precisions(zoo):
    assert [m.family for m in list_models()] == ["small", "small-two"]
    assert find_model("small")[1] is None
    assert find_model("small-int8")[1] == "int8"
    two, precision = find_model("small-two-fp32")
    assert (two.family, precision) == ("small-two", "fp32")
    assert tcsdk.Encoder("small").model == "small-fp32"
    assert tcsdk.Encoder("small-int8").model == "small-int8"
    assert tcsdk.Encoder(zoo / "small", precision="int8").model == "small-int8"


def test_private_models_are_listed_first(zoo):
    assert list_models([MODEL])[0].path == MODEL


def test_an_unknown_id_lists_what_there_is(zoo):
    check_rejects(lambda: find_model("tfic-int9"), UnknownModelError, "tfic-int9", "small-two-fp32")


def test_an_unknown_precision_lists_what_there_is(zoo):
    check_rejects(
        lambda: tcsdk.Encoder("small", precision="w4"), UnknownModelError, "w4", "fp32, int8"
    )


def test_contradicting_precisions_are_refused(zoo):
    check_rejects(lambda: find_model("small-int8", "fp32"), ValueError, "contradict")


@pytest.mark.parametrize("name", ["analysis.onnx", "entropy.tcsb"])
def test_an_encoder_refuses_a_changed_file(folder, name):
    data = bytearray((folder / name).read_bytes())
    data[-1] ^= 1
    (folder / name).write_bytes(data)
    check_rejects(lambda: tcsdk.Encoder(folder), ModelFileError, name, "SHA-256")


@pytest.mark.parametrize("name", ["analysis.onnx", "entropy.tcsb", "manifest.json"])
def test_an_encoder_names_a_missing_file(folder, name):
    (folder / name).unlink()
    check_rejects(lambda: tcsdk.Encoder(folder), ModelFileError, name, "No such file")


def test_an_encoder_needs_no_file_of_the_decoder(folder):
    (folder / "synthesis.onnx").unlink()
    assert tcsdk.Encoder(folder).model == "small-fp32"


def test_damaged_manifests_are_refused(folder):
    (folder / "manifest.json").write_text("{")
    check_rejects(lambda: read_model_folder(folder), ModelFileError, "damaged manifest")
    (folder / "manifest.json").write_text('{"format": 1}')
    check_rejects(lambda: read_model_folder(folder), ModelFileError, "family")
    (folder / "manifest.json").write_text('{"format": 2}')
    check_rejects(
        lambda: read_model_folder(folder), ModelFileError, "task as 'codec' or", "nothing"
    )
    (folder / "manifest.json").write_text('{"format": 3}')
    check_rejects(lambda: read_model_folder(folder), ModelFileError, "format 1 or 2", "got 3")


def test_a_halo_off_the_grid_is_refused(folder):
    manifests.edit(folder, halo=32)
    check_rejects(lambda: read_model_folder(folder), ModelFileError, "multiple of 64")


ROW = {"analysis": "analysis.onnx", "synthesis": "synthesis.onnx", "files": ["analysis.onnx"]}
GRAPHS = ["analysis.onnx", "synthesis.onnx"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"precisions": {}}, ["precisions as an object of at least one precision", "got {}"]),
        ({"precisions": {"fp32": {}}}, ["analysis of precision 'fp32'", "got nothing"]),
        ({"precisions": {"fp32": ROW | {"synthesis": 3}}}, ["synthesis of precision", "got 3"]),
        ({"precisions": {"fp32": ROW | {"files": "a"}}}, ["files of precision 'fp32'", "got 'a'"]),
        ({"precisions": {"fp32": ROW}}, ["'synthesis.onnx' among the files of precision 'fp32'"]),
        ({"default_precision": {"cpu": "w4"}}, ["of 'cpu' as 'fp32' or 'int8'", "got 'w4'"]),
        ({"default_precision": ["fp32"]}, ["default_precision", "got ['fp32']"]),
        ({"bundle": None}, ["bundle as the plain name of a file", "got None"]),
        ({"bundle": "other.tcsb"}, ["bundle 'other.tcsb' among the names in sha256"]),
        ({"wire_id": "1"}, ["wire_id as a whole number 0..65535", "got '1'"]),
        ({"wire_id": 1 << 16}, ["wire_id", "got 65536"]),
        ({"hyper": True}, ["hyper", "got True"]),
        ({"halo": -64}, ["halo", "multiple of 64", "got -64"]),
        ({"halo": 64.0}, ["halo", "got 64.0"]),
        ({"default_quality": 64}, ["default_quality as a whole number 0..63", "got 64"]),
        ({"family": ""}, ["family as a text", "got ''"]),
        ({"sha256": {"entropy.tcsb": "12"}}, ["sha256", "64 hex digits"]),
    ],
)
def test_wrong_fields_are_refused_with_what_was_expected(folder, fields, words):
    manifests.edit(folder, **fields)
    check_rejects(lambda: read_model_folder(folder), ModelFileError, "damaged manifest", *words)


@pytest.mark.parametrize(
    "field",
    "task family wire_id latent hyper halo default_quality licence bundle precisions "
    "default_precision sha256".split(),
)
def test_missing_fields_are_refused_by_name(folder, field):
    manifest = manifests.read(folder)
    del manifest[field]
    manifests.save(folder, manifest)
    check_rejects(
        lambda: read_model_folder(folder), ModelFileError, f"expected {field} as", "got nothing"
    )


@pytest.mark.parametrize("text", ["[]", "3", "[" * 200_000, "\xff"])
def test_manifests_that_are_no_objects_are_refused(folder, text):
    (folder / "manifest.json").write_text(text, encoding="latin-1")
    check_rejects(lambda: read_model_folder(folder), ModelFileError, "damaged manifest")


@pytest.mark.parametrize(
    "name", ["../a", "a/b", "/etc/passwd", "..", ".", "", "a\\b", "a\0b", "a\nb", "\ud800"]
)
@pytest.mark.parametrize("place", ["bundle", "analysis", "synthesis", "files", "sha256"])
def test_names_that_may_lead_out_of_the_folder_are_refused(folder, monkeypatch, name, place):
    row = {"analysis": GRAPHS[0], "synthesis": GRAPHS[1], "files": GRAPHS}
    digests = manifests.read(folder)["sha256"]
    if place == "bundle":
        manifests.edit(folder, bundle=name, sha256=digests)
    elif place == "sha256":
        manifests.edit(folder, sha256=digests | {name: digests["entropy.tcsb"]})
    else:
        manifests.edit(
            folder,
            precisions={"fp32": row | {place: [*GRAPHS, name] if place == "files" else name}},
        )
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: pytest.fail(f"{path} was opened"))
    check_rejects(lambda: tcsdk.Encoder(folder), ModelFileError, place, "plain")


@pytest.mark.parametrize("field", ["wire_id", "latent", "hyper"])
def test_a_manifest_of_another_bundle_is_refused(folder, field):
    came = manifests.read(folder)[field]
    manifests.edit(folder, **{field: came + 1})
    model = read_model_folder(folder)
    words = (f"expected {field} {came} as in entropy.tcsb", f"got {came + 1}")
    check_rejects(model.load_bundle, ModelFileError, *words)
    check_rejects(lambda: tcsdk.Encoder(folder), ModelFileError, *words)


def test_a_stream_finds_its_model_by_wire_id_and_bundle():
    models = (read_model_folder(MODEL),)
    known = models[0].bundle_hash
    check = bundle_check(known)
    for said in (SaidBundle(known), SaidBundle(), SaidBundle(check=check)):
        assert model_of_stream(0xF0F0, said, models) is models[0]

    def find(wire_id, said):
        return lambda: model_of_stream(wire_id, said, models)

    check_rejects(find(1, SaidBundle(known)), UnknownModelError, "0x0001", "small")
    name = (known ^ 1).to_bytes(4, "little").hex()
    check_rejects(find(0xF0F0, SaidBundle(known ^ 1)), BundleMismatchError, name)
    check_rejects(find(0xF0F0, SaidBundle(check=check ^ 1)), CorruptStreamError, "another release")
    check_rejects(find(1, SaidBundle(check=check)), UnknownModelError, "0x0001", "small")
