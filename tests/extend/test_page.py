"""The net that the page on adding a model shows is one."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import nn

from tcsdk.models.codecs.base import Codec

pytestmark = pytest.mark.train
PAGE = Path(__file__).parents[2] / "docs" / "extend" / "add-a-model.md"


def test_the_net_of_the_page_codes_a_picture():
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (shown,) = [block for block in blocks if "(Codec)" in block]
    names = {"dataclass": dataclass, "nn": nn, "Codec": Codec}
    exec(shown, names)
    net = names["MineCodec"]().eval()
    with torch.no_grad():
        made = net(torch.rand(1, 3, 64, 128), torch.tensor([20]))
    assert made.x_hat.shape == (1, 3, 64, 128)
    assert made.r_bits > 0
