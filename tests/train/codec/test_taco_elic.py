"""TACO on `elic-s`: the encoder alone learns; its pair of controls differs in captions alone."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from tcsdk.train.codec.features import PACKAGE
from tcsdk.train.codec.joint_map import JointMap
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.trainer import Trainer
from tcsdk.train.run.weights import Origin, load_origin, load_weights, save_weights

pytestmark = pytest.mark.train
ELIC = Path(__file__).parents[3] / "zoo" / "elic-s"
LEARNT = {"g_a", "h_a", "detector", "adapter", "captions"}


def test_it_weighs_squared_errors_as_its_codec_and_leaves_the_gains():
    own, codec = RECIPES["taco-elic"], RECIPES["elic-s"]
    for weight in ("background", "tone", "text", "legibility", "qualities", "reading", "exact"):
        assert getattr(own, weight) == getattr(codec, weight)
    assert (own.coarser, own.init, set(own.learns)) == (0, "elic-s", LEARNT)
    assert own.data.photos == codec.data.photos


def test_its_terms_are_worth_less_where_rates_are_lower():
    own, edge = RECIPES["taco-elic"], RECIPES["taco"]
    for term in ("features", "joint"):
        mine, theirs = getattr(own, term), getattr(edge, term)
        assert mine.low < theirs.low
        assert mine.high < theirs.high


def test_its_controls_differ_in_captions_alone():
    true, constant = RECIPES["taco-elic-true"], RECIPES["taco-elic-constant"]
    assert (true.data.captions, constant.data.captions) == ("true", "constant")
    data = replace(true.data, captions="constant")
    assert replace(true, name=constant.name, data=data) == constant
    assert true.init == "taco-elic"


@pytest.mark.skipif(find_spec(PACKAGE) is None, reason=f"needs {PACKAGE}")
@pytest.mark.usefixtures("assets", "one_thread")
def test_all_that_decodes_stands_still(tmp_path):
    torch.manual_seed(0)
    joint = tmp_path / "joint.safetensors"
    save_weights(joint, JointMap().state_dict(), Origin("joint-map", "joint-map", 0, 0))
    data = replace(RECIPES["taco-elic"].data, crop=(64, 128), batch=2, photos=0.0)
    recipe = replace(RECIPES["taco-elic"], steps=2, warmup=1, average=0.0, data=data)
    Trainer(recipe, tmp_path / "run", init=ELIC, joint=joint).run(5)
    before, after = load_weights(ELIC), load_weights(tmp_path / "run")
    unlike = {n.split(".")[0] for n, v in after.items() if not torch.equal(v, before.get(n, v + 1))}
    assert unlike == LEARNT
    assert load_origin(tmp_path / "run").net == "elic-s-captioned"
