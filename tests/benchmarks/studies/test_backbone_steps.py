"""A student that starts at principal components learns what its teacher gives."""

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


def test_a_student_learns_in_few_steps():
    seen = pictures(24)
    learner, generator = Learner(RECIPES[STUDENT], ZOO, seen), torch.Generator().manual_seed(1)
    before = learner.apart(seen[:4])
    for _ in range(12):
        spent = learner.step(plain(seen[:4]), qualities(4, generator, 1), 1e-3)
    after = learner.apart(seen[:4])
    assert len(spent) == 3
    assert after[0] < before[0]
    assert after[1] > before[1]
