from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from support import manifests
from support.small_model import MODEL, SMALL_PICTURE, file_of

import tcsdk
from tcsdk.cli import main


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def zoo(tmp_path_factory, monkeypatch):
    """A zoo that holds the small model under the default family's name."""
    folder = tmp_path_factory.mktemp("zoo")
    shutil.copytree(MODEL, folder / "tfic")
    manifests.edit(folder / "tfic", family="tfic")
    monkeypatch.setattr("tcsdk.model.find._ZOO", (folder,))
    return folder


@pytest.fixture
def run(capsys, monkeypatch, tmp_path) -> Callable[..., Ran]:
    """Run the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Ran:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            code = stopped.code
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return call


@pytest.fixture
def photo(tmp_path):
    """A picture file beside which streams go."""
    (tmp_path / "photo.png").write_bytes(file_of(SMALL_PICTURE))
    return tmp_path / "photo.png"


@pytest.fixture
def stream(tmp_path):
    """A stream of the same picture."""
    (tmp_path / "there.tcs").write_bytes(tcsdk.Encoder(MODEL, quality=40).encode(SMALL_PICTURE))
    return tmp_path / "there.tcs"
