"""A net of one's own touches its file, a recipe, a row and its rules; the rest of the house works.

What a new net's files would say stands here, put into the tables as those files would.
"""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn

import tcsdk
from tcsdk.export.quantise import Job, quantise_model
from tcsdk.model.read import read_model_folder
from tcsdk.models import families, registry
from tcsdk.models.codecs.base import Codec
from tcsdk.quant import Request
from tcsdk.quant.nets import table
from tcsdk.quant.nets.rules import IntegerRules, NetRules, Rule
from tcsdk.train.codec.data import DataConfig
from tcsdk.train.codec.recipe import Range, Recipe
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.trainer import Trainer
from tcsdk.train.run.weights import load_origin

pytestmark = [pytest.mark.train, pytest.mark.slow, pytest.mark.usefixtures("assets", "one_thread")]
AMPLITUDE = 8.0  # of y over means of pixels


# The net's file: means of 4x4 pixels, three colours of sixteen cells a block.
@dataclass(frozen=True)
class ToyConfig:
    latent: int = 48
    hyper: int = 8
    adaptive: bool = False
    guided: bool = False
    frame: bool = False


class ToyCodec(Codec):
    def __init__(self):
        config = ToyConfig()
        g_a = nn.Sequential(nn.Conv2d(3, 48, 16, stride=16), nn.Conv2d(48, 48, 1))
        g_s = nn.Sequential(nn.Conv2d(48, 48, 1), nn.Conv2d(48, 768, 1), nn.PixelShuffle(16))
        super().__init__(config, g_a, g_s, feature_layers=1, features=48)
        cells = torch.eye(16).reshape(16, 4, 4)
        cells = cells.repeat_interleave(4, 1).repeat_interleave(4, 2)  # (16, 16, 16)
        with torch.no_grad():
            for parameter in (*g_a.parameters(), *g_s.parameters()):
                parameter.zero_()
            for colour in range(3):
                rows = slice(16 * colour, 16 * colour + 16)
                g_a[0].weight[rows, colour] = AMPLITUDE * cells / 16
                pixels = slice(256 * colour, 256 * colour + 256)
                g_s[1].weight[pixels, rows, 0, 0] = cells.reshape(16, 256).T / AMPLITUDE
            for layer in (g_a[1], g_s[0]):
                layer.weight.copy_(torch.eye(48)[:, :, None, None])


# Its recipe, its row, its file of rules.
RECIPE = Recipe(
    name="toy",
    net="toy",
    init=None,
    background=Range(2e-4, 2e-2),
    tone=None,
    text=Range(2e-4, 2e-2),
    reading=None,
    readers=(),
    lines=0,
    legibility=False,
    exact=0,
    rate=1e-4,
    steps=3,
    data=DataConfig(crop=(64, 128), batch=2, photos=0.0),
)
ROW = families.Family("toy", 0xF0F0, ("toy",), "distortion", ("int8",))
TOY = NetRules(
    float_layers=("means.", "g_a.1.", "h_a.layers.4.", "g_s.0."),
    integers=IntegerRules(
        rules=(
            Rule("means.", 8, "minmax", True, False, "one set of int8 weights in every variant"),
            Rule("scales.", 8, "minmax", True, False, "runs in integers, from the bundle"),
            Rule("detector.", 8, None, True, False, "the objective does not see it"),
            Rule("g_a.1.", 8, None, True, True, "makes y"),
            Rule("h_a.", 8, None, True, True, "makes z"),
            Rule("g_s.0.", 8, None, True, True, "takes y_hat"),
        ),
        pictures=("g_a.0", "g_s.1"),
    ),
)


@pytest.fixture
def house(monkeypatch):
    """The tables with the toy net's entries."""
    monkeypatch.setitem(registry.NETS, "toy", ToyCodec)
    monkeypatch.setitem(RECIPES, "toy", RECIPE)
    monkeypatch.setitem(families.FAMILIES, "toy", ROW)
    monkeypatch.setitem(table.RULES, ToyCodec, TOY)


@pytest.mark.usefixtures("house")
def test_a_new_net_trains_exports_quantises_encodes_and_decodes(tmp_path):
    run, folder = tmp_path / "run", tmp_path / "toy"
    Trainer(RECIPES["toy"], run, device="cpu").run(minutes=30)
    assert load_origin(run).steps == 3
    few = {"corrections": ("bias",), "activation_clip": "minmax", "grid_loss": None}
    report = quantise_model(Job(str(run), folder, pictures=2), Request(8), few)
    assert {layer.bits for layer in report.layers} == {8.0}
    model = read_model_folder(folder)
    assert (model.family, model.wire_id) == ("toy", 0xF0F0)
    assert set(model.precisions) == {"fp32", "int8"}
    picture = np.full((100, 150, 3), 220, np.uint8)
    picture[30:70, 20:130] = (40, 90, 160)
    for precision in model.precisions:
        coded = tcsdk.Encoder(folder, precision=precision, quality=60).encode(picture)
        decoded = tcsdk.Decoder(models=[folder]).decode(coded)
        assert decoded.shape == picture.shape
        assert len(coded) < picture.size // 8
        assert np.abs(decoded.astype(int) - picture).mean() < 12  # grey would be off by 60
