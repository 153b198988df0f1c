"""Controls of drawn text: what each arm changes, and that nothing stays changed."""

import numpy as np
import pytest

import tcsdk
from benchmarks.guidance.arms import bounds
from benchmarks.sets.picture import Picture
from benchmarks.studies.guidance_controls import (
    BOOSTS,
    COARSER,
    Scene,
    coarser_arms,
    drawn_steps,
    kodak_row,
    regions_arms,
)
from tcsdk.codec import quality_map
from tcsdk.codec.sent_text import SentLine

pytestmark = pytest.mark.slow
QUALITY = 45
QUAD = np.array([(60.2, 40.0), (150.0, 40.0), (150.0, 53.5), (60.2, 53.5)], np.float32)


@pytest.fixture(scope="module")
def scene():
    """A picture of black and white blocks, with one small line."""
    blocks = np.random.default_rng(1).integers(0, 2, (32, 64, 1)) * 255
    image = np.kron(blocks, np.ones((4, 4, 3))).astype(np.uint8)
    encoders = {n: tcsdk.Encoder(f"{n}-int8", threads=1) for n in ("tfic", "textboost")}
    made = Scene(Picture("blocks", image, (), np.zeros((128, 256), bool)), encoders)
    made.__dict__["lines"] = [SentLine("Gate 24 open", QUAD, "sent")]  # no reader is needed here
    return made


def test_coarser_blocks_take_fewer_bytes_and_nothing_stays_changed(scene):
    before, steps = scene.coded("textboost", QUALITY, text=scene.lines), quality_map.DRAWN_STEPS
    arms = dict(coarser_arms(scene, QUALITY))
    assert list(arms) == [f"{steps} steps coarser" for steps in COARSER]
    assert len(arms["28 steps coarser"]) < len(arms["4 steps coarser"])
    assert arms[f"{-steps} steps coarser"] == before
    with pytest.raises(ZeroDivisionError), drawn_steps(3):
        _ = 1 / 0
    assert steps == quality_map.DRAWN_STEPS


def test_regions_spend_the_same_bytes_on_the_lines(scene):
    arms = dict(regions_arms(scene, QUALITY))
    assert len(arms) == 2 + len(BOOSTS)
    plain, finer = arms["tfic"], arms["tfic, lines 16 steps finer"]
    assert len(finer) <= len(plain)
    x, y, width, height = bounds(QUAD, scene.picture.image.shape[:2])
    part = np.s_[y : y + height, x : x + width]
    errors = [
        np.square(tcsdk.Decoder("cpu").decode(data)[part] - scene.picture.image[part].astype(float))
        for data in (plain, finer)
    ]
    assert errors[1].mean() < errors[0].mean()


def test_a_row_says_how_many_pictures_are_alike():
    row = kodak_row(16, "no text", np.array([[1, 0, 0, 0, 0], [0, -0.2, -0.01, 8, 3]], float))
    assert (row["pictures"], row["alike bit for bit"], row["lines"]) == ("2", "1", "3")
    assert (row["psnr difference, dB"], row["worst, dB"]) == ("-0.1000", "-0.2000")
