"""What sent text draws into crops, and the stage that learns of it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tcsdk.codec.quality_map import DRAWN_STEPS
from tcsdk.train.codec.data import DataConfig, open_batches
from tcsdk.train.codec.guidance import DeviceReader, drawn_blocks, guidance_of
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.trainer import Trainer
from tcsdk.train.render import Line
from tcsdk.train.render.atlas import FONT
from tcsdk.train.run.weights import load_weights

pytestmark = [
    pytest.mark.train,
    pytest.mark.usefixtures("assets", "one_thread"),
    pytest.mark.skipif(not FONT.is_file(), reason="needs Debian's fonts-dejavu-core"),
]
TINY = DataConfig(crop=(64, 128), batch=2, photos=0.0, guided=True)
LINE = Line("Total 48.20 EUR", np.float32([(10, 20), (106, 20), (106, 32), (10, 32)]))
EXACT = DeviceReader(missed=0.0, mistaken=0.0, shift=0.0, turned=0.0)


def test_a_readers_line_is_drawn_over_the_ink():
    letters, reach = guidance_of([LINE], (64, 128), np.random.default_rng(1), EXACT)
    inside = np.zeros((64, 128), bool)
    inside[16:36, 2:114] = True
    assert letters[18:34, 12:104].mean() > 25
    assert letters[~inside].sum() == 0
    assert reach[26, 20:100].min() == 255


def test_a_reader_errs_as_often_as_it_is_said():
    reader, rng = DeviceReader(missed=0.3, mistaken=0.1), np.random.default_rng(2)
    read = [reader.read(LINE, rng) for _ in range(400)]
    texts = [each[0] for each in read if each is not None]
    assert 0.2 < 1 - len(texts) / 400 < 0.4
    assert 0.6 < np.mean([text != LINE.text for text in texts]) < 0.95
    boxes = np.stack([each[1] for each in read if each is not None])
    heights = np.linalg.norm(boxes[:, 3] - boxes[:, 0], axis=1)
    assert 14 < heights.mean() < 17  # over ink of 10 pixels


def test_what_is_missed_or_too_large_draws_nothing():
    blind = DeviceReader(missed=1.0)
    assert guidance_of([LINE], (64, 128), np.random.default_rng(1), blind).sum() == 0
    large = Line("A", np.float32([(10, 5), (60, 5), (60, 55), (10, 55)]))
    assert guidance_of([large], (64, 128), np.random.default_rng(1), EXACT).sum() == 0


def test_batches_are_alike_on_every_run():
    def first() -> torch.Tensor:
        batches = open_batches(None, TINY, seed=3)
        try:
            return next(iter(batches)).guidance
        finally:
            batches.close()

    one, other = first(), first()
    assert one.shape == (2, 2, 64, 128)
    assert torch.equal(one, other)


def test_blocks_of_which_a_quarter_is_drawn_into_are_coded_coarser():
    guidance = torch.zeros(1, 2, 32, 48)
    guidance[:, 1, :8, :16] = 1.0
    guidance[:, 1, :4, 32:] = 0.9  # beyond a line's edge
    assert DRAWN_STEPS < 0
    assert drawn_blocks(guidance)[0, 0].tolist() == [[True, False, False], [False] * 3]


def test_the_fusion_block_alone_learns_and_all_else_stays_to_the_bit(tmp_path):
    base = replace(RECIPES["base"], steps=1, data=replace(TINY, guided=False), net="edge-adaptive")
    Trainer(base, tmp_path / "tfic").run(minutes=10)
    recipe = replace(RECIPES["textboost"], steps=3, data=TINY, readers=(("own", 1.0),))
    Trainer(recipe, tmp_path / "textboost", init=tmp_path / "tfic").run(minutes=10)
    before, after = (load_weights(tmp_path / run) for run in ("tfic", "textboost"))
    own = {name for name in after if name.startswith("fusion.")}
    assert after.keys() - own == before.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)
    (log,) = (tmp_path / "textboost").glob("log.csv")
    assert log.is_file()
