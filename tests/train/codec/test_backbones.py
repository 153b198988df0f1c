"""TextBoost's backbones: a teacher's transforms, then a context of their own, then letters."""

from dataclasses import replace

import pytest
import torch

from tcsdk.export.folder import load_checkpoint, name_of
from tcsdk.models.registry import NETS, codec_of
from tcsdk.train.codec.data import DataConfig
from tcsdk.train.codec.distil import LEARNT
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.trainer import Trainer
from tcsdk.train.run.weights import WEIGHTS, Origin, load_origin, load_weights, save_weights

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("assets", "one_thread")]
TINY = DataConfig(crop=(64, 128), batch=2, fresh=1, photos=0.0)


def short(name, steps):
    return replace(RECIPES[name], steps=steps, warmup=1, data=TINY)


def changed(before, after):
    return {n.split(".")[0] for n in before if not torch.equal(before[n], after[n])}


@pytest.fixture
def base(tmp_path):
    """Weights of `base`, as a teacher."""
    torch.manual_seed(1)
    folder, state = tmp_path / "base", NETS["edge"]().state_dict()
    folder.mkdir()
    save_weights(folder / WEIGHTS, state, Origin("edge", "base", 9, 1))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("net", "drawing"), [("elic-s", "textboost-elic"), ("tcm-s", "textboost-tcm")]
)
def test_each_stage_teaches_its_own_parts(base, tmp_path, net, drawing):
    student = tmp_path / "student"
    Trainer(short(f"student-{net}", 1), student, teacher=base).run(minutes=10)
    before = load_weights(student)
    Trainer(short(f"student-{net}", 2), student, teacher=base, resume=True).run(minutes=10)
    assert load_origin(student).steps == 2
    taught, lent = load_weights(student), load_weights(base)
    assert changed(before, taught) == set(LEARNT)
    shared = {name for name in taught if not name.startswith((*LEARNT, "grouped."))}
    assert all(torch.equal(taught[name], lent[name]) for name in shared)

    codec = tmp_path / net
    Trainer(short(net, 2), codec, init=student).run(minutes=10)
    trained = load_weights(codec)
    assert {"grouped", "g_a", "g_s", "means", "scales"} <= changed(taught, trained)
    assert name_of(load_checkpoint(codec), None) == net

    drawn = replace(short(drawing, 1), data=replace(TINY, guided=True), reading=None, readers=())
    Trainer(drawn, tmp_path / drawing, init=codec).run(minutes=10)
    after = load_weights(tmp_path / drawing)
    assert {name.split(".")[0] for name in after.keys() - trained.keys()} == {"fusion"}
    assert changed(trained, after) == set()
    assert codec_of(after, f"{net}-guided").fusion is not None


def trained_drawing(name, codec, folder, steps=3):
    data = replace(TINY, guided=True, batch=2)
    recipe = replace(
        RECIPES[name], steps=steps, warmup=1, average=0.0, data=data, net="edge-guided"
    )
    Trainer(recipe, folder, init=codec).run(minutes=10)
    return load_weights(folder)


def test_an_ablation_differs_in_its_loss_alone_and_no_reader_is_asked(tmp_path):
    codec = tmp_path / "codec"
    codec.mkdir()
    torch.manual_seed(2)
    save_weights(codec / WEIGHTS, NETS["edge"]().state_dict(), Origin("edge", "base", 1, 1))
    plain = trained_drawing("textboost-elic-plain", codec, tmp_path / "plain")
    published = trained_drawing("textboost-elic-published", codec, tmp_path / "published")
    assert changed(plain, published) == {"fusion"}
    own = RECIPES["textboost-elic"]
    for name, consistency in (("plain", None), ("published", 10.0)):
        row = RECIPES[f"textboost-elic-{name}"]
        assert (row.readers, row.lines, row.consistency) == ((), 0, consistency)
        assert (row.net, row.learns, row.data, row.steps) == (
            own.net,
            own.learns,
            own.data,
            own.steps,
        )
