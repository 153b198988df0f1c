"""A captioned encoder over the shipped codec, with weights by chance, written once per session."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch

from tcsdk.export.captioned import write_captioned
from tcsdk.models.families import CAPTIONED_FAMILIES
from tcsdk.models.registry import NETS
from tcsdk.train.run.weights import Origin, load_weights, save_weights

ZOO = Path(__file__).parents[2] / "zoo"
ROW = CAPTIONED_FAMILIES["taco"]


def random_weights(file: Path, recipe: str = "taco", gamma: float = 1.0) -> Path:
    """Write weights of a net over the shipped codec whose adapter is by chance, and open."""
    torch.manual_seed(3)
    state = NETS[ROW.net]().state_dict() | load_weights(ZOO / "tfic")
    for name, value in state.items():
        if name.endswith("gamma"):
            value.fill_(gamma)
    save_weights(file, state, Origin(ROW.net, recipe, 7, 1))
    return file


def captioned_zoo(folder: Path, name: str = "taco") -> Path:
    """Write a zoo of the shipped codec and such an encoder; returns its folder."""
    shutil.copytree(ZOO / "tfic", folder / "zoo" / "tfic")
    write_captioned(random_weights(folder / "run.safetensors"), name, ROW, folder / "zoo" / name)
    return folder / "zoo"
