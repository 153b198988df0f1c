"""Models of other tasks: listed, found for what they do, and refused by what cannot run them."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from support import manifests
from support.small_model import MODEL

import tcsdk
from checks import check_rejects
from tcsdk.cli import main
from tcsdk.engines import select_engine
from tcsdk.engines.ort_cuda import IDENTITY
from tcsdk.errors import ModelFileError, UnknownModelError, WrongTaskError
from tcsdk.model.find import find_model, list_codecs, list_models
from tcsdk.model.folder import CodecFolder
from tcsdk.model.graphs import RECOGNITION
from tcsdk.model.manifest import read_manifest, write_manifest
from tcsdk.model.read import read_model_folder

GRAPH = "recognition.onnx"
FIELDS = {
    "task": "recognition",
    "family": "reader",
    "licence": "Apache-2.0",
    "characters": "ab",
    "default_precision": {"cpu": "fp32"},
    "precisions": {"fp32": {"recognition": GRAPH, "files": [GRAPH]}},
}


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """A zoo of a codec and a recogniser."""
    shutil.copytree(MODEL, tmp_path / "zoo" / "small")
    reader = tmp_path / "zoo" / "reader"
    reader.mkdir()
    (reader / GRAPH).write_bytes(IDENTITY)
    write_manifest(reader, FIELDS, [GRAPH])
    monkeypatch.setattr("tcsdk.model.find._ZOO", (tmp_path / "zoo",))
    return tmp_path / "zoo"


def test_a_recogniser_is_listed_among_the_models(zoo, capsys):
    assert [(m.family, m.task) for m in list_models()] == [
        ("reader", "recognition"),
        ("small", "codec"),
    ]
    assert main(["models", "--json"]) == 0
    reader, small = map(json.loads, capsys.readouterr().out.splitlines())
    assert (reader["ids"], reader["task"]) == (["reader-fp32"], "recognition")
    assert (small["task"], small["wire_id"]) == ("codec", 0xF0F0)
    assert "wire_id" not in reader
    assert main(["models"]) == 0
    assert "recognition of lines, " in capsys.readouterr().out


@pytest.mark.parametrize(
    "use",
    [
        lambda zoo: tcsdk.Encoder(zoo / "reader"),
        lambda zoo: tcsdk.Encoder("reader"),
        lambda zoo: tcsdk.Encoder("reader-fp32"),
        lambda zoo: tcsdk.Encoder("small", base_model="reader", base_quality=3),
        lambda zoo: tcsdk.Decoder(models=[zoo / "reader"]),
        lambda zoo: find_model(zoo / "reader"),
    ],
)
def test_what_codes_pictures_refuses_a_recogniser_by_name(zoo, use):
    words = ("'codec'", "reader", "a recogniser", "'recognition'", "tcsdk.Recognizer runs it")
    check_rejects(lambda: use(zoo), WrongTaskError, *words)


def test_a_codec_is_refused_where_a_recogniser_is_wanted(zoo):
    words = ("'recognition'", "small", "a codec", "tcsdk.Decoder")
    check_rejects(lambda: find_model("small", task=RECOGNITION), WrongTaskError, *words)


def test_the_command_line_says_wrong_use(zoo, tmp_path, capsys):
    assert main(["encode", "a.png", "--model", "reader"]) == 2
    assert "WrongTaskError" in capsys.readouterr().err


def test_a_decoder_knows_codecs_alone(zoo):
    assert [model.family for model in list_codecs()] == ["small"]
    data = tcsdk.Encoder("small").encode(np.zeros((64, 64, 3), np.uint8))
    assert tcsdk.Decoder().decode(data).shape == (64, 64, 3)
    assert tcsdk.inspect(data).family == "small"


def test_a_recogniser_is_found_for_its_task_and_its_graph_runs(zoo):
    model, precision = find_model("reader-fp32", task=RECOGNITION)
    assert (precision, model.roles) == ("fp32", (RECOGNITION,))
    assert not isinstance(model, CodecFolder)
    graph = select_engine("cpu", 1).load(model.graph_file("fp32", RECOGNITION))
    assert graph.run({"x": np.float32([3])}) == {"y": np.float32([3])}


def test_doctor_checks_its_files(zoo, capsys):
    assert main(["doctor", "--device", "cpu", "--threads", "1", "--json"]) == 0
    findings = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (reader,) = [f for f in findings if (f["topic"], f["about"]) == ("model", "reader")]
    assert "recognition, files sound" in reader["text"]


def test_a_recogniser_has_no_fields_of_a_codec(zoo):
    more = {**FIELDS, "wire_id": 3}
    check_rejects(lambda: write_manifest(zoo / "reader", more, [GRAPH]), ModelFileError, "wire_id")
    less = {**FIELDS, "precisions": {"fp32": {"files": [GRAPH]}}}
    check_rejects(
        lambda: write_manifest(zoo / "reader", less, [GRAPH]), ModelFileError, "recognition of"
    )
    assert read_manifest(zoo / "reader")["family"] == "reader"  # refused, the old one stays


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("halo", 128),
        ("adaptive", True),
        ("default_quality", 31),
        ("licence", "MIT"),
        ("family", "other"),
        ("default_precision", {"cpu": "int8"}),
        ("remark", "new"),
    ],
)
def test_a_value_that_was_changed_by_hand_is_noticed(tmp_path, field, value):
    folder = shutil.copytree(MODEL, tmp_path / "model")
    changed = {**manifests.read(folder), field: value}
    (folder / "manifest.json").write_text(json.dumps(changed))
    check_rejects(lambda: read_model_folder(folder), ModelFileError, "digest", "was changed")


def test_a_manifest_without_a_digest_is_refused(tmp_path):
    folder = shutil.copytree(MODEL, tmp_path / "model")
    manifest = manifests.read(folder)
    del manifest["digest"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    check_rejects(lambda: read_model_folder(folder), ModelFileError, "digest", "got nothing")


def test_folders_of_format_1_are_codecs(tmp_path):
    folder = shutil.copytree(MODEL, tmp_path / "model")
    old = manifests.read(folder) | {"format": 1, "pad": 64, "halo": 128}
    for name in ("task", "digest", "detects_text", "adaptive"):
        del old[name]
    (folder / "manifest.json").write_text(json.dumps(old))
    model, _ = find_model(folder)
    assert (model.task, model.halo, model.adaptive) == ("codec", 128, False)
    assert tcsdk.Encoder(folder).model == "small-fp32"


def test_a_folder_is_written_as_it_was_read(tmp_path):
    folder = shutil.copytree(MODEL, tmp_path / "model")
    before = (folder / "manifest.json").read_bytes()
    manifest = read_manifest(folder)
    write_manifest(folder, manifest, manifest["sha256"])
    assert (folder / "manifest.json").read_bytes() == before


@pytest.mark.usefixtures("zoo")
def test_who_asks_for_a_name_that_there_is_not_is_told_models_of_the_task_alone():
    with pytest.raises(UnknownModelError, match=r"one of: small, small-\w+(, small-\w+)*\. "):
        find_model("tfic")
    with pytest.raises(UnknownModelError, match=r"one of: reader, reader-fp32\. "):
        find_model("tfic", task="recognition")


def test_an_unknown_task_is_refused(tmp_path):
    folder = shutil.copytree(MODEL, tmp_path / "model")
    manifests.edit(folder, task="painting")
    check_rejects(lambda: read_model_folder(folder), ModelFileError, "'recognition'", "'painting'")
    assert issubclass(WrongTaskError, UnknownModelError)
