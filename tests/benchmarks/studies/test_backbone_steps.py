"""A student that starts at principal components begins nearer to its teacher, and learns."""

from pathlib import Path

import pytest
import torch

from benchmarks.studies.backbone_steps import STUDENT, Learner, plain, qualities
from tcsdk.train.codec.recipes import RECIPES

pytestmark = [pytest.mark.train, pytest.mark.slow, pytest.mark.usefixtures("one_thread")]
ZOO = Path(__file__).parents[3] / "zoo"


def pictures(count):
    coarse = torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(2))
    return torch.nn.functional.interpolate(coarse, size=(64, 64), mode="bicubic").clamp(0, 1)


def test_a_student_begins_nearer_and_learns():
    recipe, seen = RECIPES[STUDENT], pictures(24)
    random, started = Learner(recipe, ZOO), Learner(recipe, ZOO, seen)
    assert started.apart(seen[:4])[1] > random.apart(seen[:4])[1] + 3
    before, generator = started.apart(seen[:4])[0], torch.Generator().manual_seed(1)
    for _ in range(8):
        spent = started.step(plain(seen[:4]), qualities(4, generator, 1), 1e-3)
    assert len(spent) == 3
    assert started.apart(seen[:4])[0] < 0.9 * before
