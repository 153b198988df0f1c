"""Weights that ship say what they are, in a file whose bytes depend on nothing else."""

import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file

from tcsdk.train.run.weights import (
    WEIGHTS,
    Origin,
    digest_of,
    load_origin,
    load_weights,
    save_weights,
    weights_bytes,
)

pytestmark = pytest.mark.train
ORIGIN = Origin("edge", "base", 7, 2, "text 0123456789abcdef")
VALUES = {"b": torch.tensor([[1.0, -2.5]]), "a": torch.arange(3.0) / 3}


def test_weights_come_back_in_fp16_with_their_origin(tmp_path):
    save_weights(tmp_path / WEIGHTS, VALUES, ORIGIN)
    for path in (tmp_path, tmp_path / WEIGHTS):
        back = load_weights(path)
        assert load_origin(path) == ORIGIN
        assert {name: value.dtype for name, value in back.items()} == dict.fromkeys(
            VALUES, torch.float32
        )
        assert all(torch.equal(back[name], VALUES[name].half().float()) for name in VALUES)
    assert {value.dtype for value in load_file(tmp_path / WEIGHTS).values()} == {torch.float16}


def test_the_same_weights_are_the_same_bytes_in_every_process():
    code = (
        "import sys, torch; from tcsdk.train.run.weights import *; sys.stdout.buffer.write("
        "weights_bytes({'b': torch.tensor([[1.0, -2.5]]), 'a': torch.arange(3.0) / 3}, "
        "Origin('edge', 'base', 7, 2, 'text 0123456789abcdef')))"
    )
    made = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout
    assert made == weights_bytes(dict(reversed(VALUES.items())), ORIGIN)


def test_the_digest_depends_on_names_and_values_alone():
    expected = digest_of(VALUES)
    assert digest_of(dict(reversed(VALUES.items()))) == expected
    assert digest_of({**VALUES, "b": VALUES["b"] + 0.25}) != expected
    assert digest_of({"c": VALUES["b"], "a": VALUES["a"]}) != expected


def test_files_that_do_not_say_where_they_come_from_are_refused(tmp_path):
    for said in (None, {"net": "edge", "recipe": "base", "steps": "many", "seed": "1"}):
        save_file(VALUES, tmp_path / WEIGHTS, said)
        with pytest.raises(ValueError, match="expected metadata net, recipe, steps, seed, parent"):
            load_origin(tmp_path)


def test_what_is_no_safetensors_file_is_refused(tmp_path):
    (tmp_path / WEIGHTS).write_bytes(b"PK\x03\x04 a pickle")
    for load in (load_weights, load_origin):
        with pytest.raises(ValueError, match="expected a safetensors file"):
            load(tmp_path)


def test_folders_without_weights_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"expected weights\.safetensors in .*, found none"):
        load_weights(tmp_path)
