"""Pictures to calibrate with: colours that printed text seldom has."""

import pytest
import torch

from tcsdk.quant.judge.pictures import Picture, coloured

pytestmark = pytest.mark.train


def test_other_colours_are_extreme_and_the_same_each_time():
    x = 0.3 + 0.4 * torch.rand(3, 32, 48, generator=torch.Generator().manual_seed(3))
    picture = Picture(x, torch.zeros(1, 4, 2), ("text",))
    made = [coloured(picture, seed) for seed in range(8)]
    for each in made:
        assert each.x.shape == x.shape
        assert each.texts == picture.texts
        assert 0 <= float(each.x.min()) <= float(each.x.max()) <= 1
    assert min(float(each.x.min()) for each in made) == 0
    assert max(float(each.x.max()) for each in made) == 1
    assert torch.equal(coloured(picture, 5).x, made[5].x)
    assert not torch.equal(made[4].x, made[5].x)
