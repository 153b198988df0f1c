"""Training of the map of pictures and captions."""

from dataclasses import replace
from importlib.util import find_spec

import pytest
import torch

from tcsdk.train.codec.features import PACKAGE
from tcsdk.train.codec.joint_map import JOINT_MAP
from tcsdk.train.joint.training import JointRecipe, JointTrainer
from tcsdk.train.run.weights import load_origin, load_weights

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(find_spec(PACKAGE) is None, reason=f"needs {PACKAGE}"),
    pytest.mark.usefixtures("assets", "one_thread"),
]


def recipe(steps: int) -> JointRecipe:
    own = JointRecipe()
    data = replace(own.data, crop=(64, 128), batch=4, fresh=2)
    return replace(own, steps=steps, warmup=10, data=data)


def test_a_resumed_training_is_the_one_that_never_stopped(tmp_path):
    # Within warm-up the rate does not depend on the length.
    JointTrainer(recipe(4), tmp_path / "whole").run(5)
    JointTrainer(recipe(2), tmp_path / "parts").run(5)
    JointTrainer(recipe(4), tmp_path / "parts", resume=True).run(5)
    whole, parts = (load_weights(tmp_path / name) for name in ("whole", "parts"))
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert load_origin(tmp_path / "whole").net == JOINT_MAP


def test_data_without_captions_are_refused(tmp_path):
    own = recipe(1)
    with pytest.raises(ValueError, match="expected crops with captions"):
        JointTrainer(replace(own, data=replace(own.data, captions=None)), tmp_path).run(5)
