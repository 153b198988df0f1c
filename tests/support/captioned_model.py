"""A captioned encoder over a shipped codec, with weights by chance, written once per session."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch

from tcsdk.export.captioned import write_captioned
from tcsdk.models.families import CAPTIONED_FAMILIES, CaptionedFamily
from tcsdk.models.registry import NETS
from tcsdk.train.run.weights import Origin, load_weights, save_weights

ZOO = Path(__file__).parents[2] / "zoo"
ROW = CAPTIONED_FAMILIES["taco"]


def random_weights(
    file: Path, recipe: str = "taco", gamma: float = 1.0, row: CaptionedFamily = ROW
) -> Path:
    """Write weights of a net over a shipped codec whose adapter is by chance, and open."""
    torch.manual_seed(3)
    state = NETS[row.net]().state_dict() | load_weights(ZOO / row.backbone)
    for name, value in state.items():
        if name.endswith("gamma"):
            value.fill_(gamma)
    save_weights(file, state, Origin(row.net, recipe, 7, 1))
    return file


def captioned_zoo(folder: Path, name: str = "taco") -> Path:
    """Write a zoo of a shipped codec and an encoder of a family over it; returns its folder."""
    row = CAPTIONED_FAMILIES[name]
    shutil.copytree(ZOO / row.backbone, folder / "zoo" / row.backbone)
    weights = random_weights(folder / "run.safetensors", name, row=row)
    write_captioned(weights, name, row, folder / "zoo" / name)
    return folder / "zoo"
