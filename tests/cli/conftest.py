from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from support import manifests
from support.small_model import MODEL

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
