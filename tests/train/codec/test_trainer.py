"""A run that stops and resumes ends where an uninterrupted one does."""

from dataclasses import replace

import pytest
import torch

from tcsdk.train.codec.data import DataConfig, open_batches
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.trainer import COLUMNS, Trainer
from tcsdk.train.run.resumable import learning_rate
from tcsdk.train.run.weights import WEIGHTS, Origin, load_origin, load_weights, save_weights

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("assets", "one_thread")]

TINY = DataConfig(crop=(64, 128), batch=2, fresh=1, photos=0.0)


def weights_after(folder, steps, *, resume=False, recipe=None):
    recipe = replace(recipe or RECIPES["base"], steps=steps, data=TINY)
    Trainer(recipe, folder, resume=resume).run(minutes=10)
    return load_weights(folder)


def test_resumed_run_equals_uninterrupted_one(tmp_path):
    # The rate depends on the planned length after warm-up only, and three steps are within it.
    whole = weights_after(tmp_path / "whole", 3)
    weights_after(tmp_path / "parts", 1)
    parts = weights_after(tmp_path / "parts", 3, resume=True)
    assert whole.keys() == parts.keys()
    assert load_origin(tmp_path / "parts") == Origin("edge", "base", 3, 1)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_resumed_run_asks_the_same_readers(tmp_path, monkeypatch):
    monkeypatch.setattr("tcsdk.train.codec.trainer.LOG_EVERY", 1)
    readers = (("own", 1.0), ("ppocr-detector", 1.0))
    recipe = replace(RECIPES["tfic"], init=None, readers=readers)
    whole = weights_after(tmp_path / "whole", 3, recipe=recipe)
    weights_after(tmp_path / "parts", 1, recipe=recipe)
    parts = weights_after(tmp_path / "parts", 3, resume=True, recipe=recipe)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    logs = [(tmp_path / run / "log.csv").read_text().splitlines() for run in ("whole", "parts")]
    assert logs[0][0].endswith("rate,nats_own,nats_ppocr-detector")
    asked = [[row.split(",")[-2:] for row in log] for log in logs]
    assert asked[0] == asked[1]


def test_scales_and_detector_alone_learn_from_whole_numbers(tmp_path):
    weights_after(tmp_path / "base", 1)
    recipe = replace(RECIPES["base-rates"], steps=3, data=TINY)
    Trainer(recipe, tmp_path / "rates", init=tmp_path / "base").run(minutes=10)
    before, after = (load_weights(tmp_path / run) for run in ("base", "rates"))
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith(("scales.", "detector.")) for name in changed)


def test_only_the_parts_that_a_recipe_names_learn(tmp_path):
    weights_after(tmp_path / "base", 1)
    recipe = replace(RECIPES["base"], learns=("g_s",), steps=2, data=TINY)
    Trainer(recipe, tmp_path / "after", init=tmp_path / "base").run(minutes=10)
    before, after = (load_weights(tmp_path / run) for run in ("base", "after"))
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all(name.startswith("g_s.") for name in changed)


def test_qualities_begin_as_much_coarser_as_a_recipe_says_and_once(tmp_path):
    weights_after(tmp_path / "base", 1)
    recipe = replace(RECIPES["base"], coarser=9, learns=("g_s",), data=TINY)
    for steps in (1, 2):
        run = replace(recipe, steps=steps)
        Trainer(run, tmp_path / "low", init=tmp_path / "base", resume=steps > 1).run(minutes=10)
    before, after = (load_weights(tmp_path / run)["gains.anchors"] for run in ("base", "low"))
    assert torch.equal(before - 9, after)


def test_a_new_detector_starts_anew_and_all_else_goes_on(tmp_path):
    before = weights_after(tmp_path / "base", 1)
    recipe = replace(RECIPES["tfic"], readers=(), reading=None, steps=1, rate=1e-9, data=TINY)
    Trainer(recipe, tmp_path / "tfic", init=tmp_path / "base").run(minutes=10)
    after = load_weights(tmp_path / "tfic")
    other = {name for name in after if name.startswith("detector.")}
    assert before["detector.layers.0.weight"].shape != after["detector.layers.0.weight"].shape
    assert after.keys() - other == {n for n in before if not n.startswith("detector.")}
    for name in after.keys() - other:
        torch.testing.assert_close(after[name], before[name], rtol=1e-2, atol=1e-4)


def test_weights_of_another_net_do_not_start_one(tmp_path):
    weights_after(tmp_path / "base", 1)
    wrong = {"g_a.0.weight": torch.zeros(3)}
    save_weights(tmp_path / "base" / WEIGHTS, wrong, Origin("edge", "base", 1, 1))
    with pytest.raises(RuntimeError, match=r"g_a\.0\.weight"):
        Trainer(replace(RECIPES["base"], data=TINY), tmp_path / "new", init=tmp_path / "base")


def test_no_file_of_a_checkpoint_passes_16_mib(tmp_path):
    weights_after(tmp_path, 1)
    sizes = {p.name: p.stat().st_size for p in tmp_path.iterdir()}
    assert len(sizes) >= 5
    assert max(sizes.values()) < 16 * 2**20, sizes


def test_batches_depend_on_seed_and_step_alone():
    def batches(first, count):
        source = open_batches(None, TINY, seed=3, first=first)
        try:
            return [batch for batch, _ in zip(source, range(count), strict=False)]
        finally:
            source.close()

    from_start, from_two = batches(0, 3), batches(2, 1)
    assert torch.equal(from_start[2].pictures, from_two[0].pictures)
    assert from_start[2].texts == from_two[0].texts
    assert not torch.equal(from_start[0].pictures, from_start[1].pictures)


def test_listed_lines_lie_inside_their_crops():
    source = open_batches(None, TINY, seed=5)
    try:
        found = 0
        for batch, _ in zip(source, range(30), strict=False):
            found += len(batch.texts)
            if len(batch.texts):
                assert batch.quads.min() >= 0
                assert batch.quads[..., 0].max() <= 128
                assert batch.quads[..., 1].max() <= 64
            assert batch.pictures.min() >= 0
            assert batch.pictures.max() <= 1
        assert found > 0
    finally:
        source.close()


def test_learning_rate_warms_up_and_ends_at_a_tenth():
    recipe = RECIPES["base"]
    rates = [learning_rate(recipe, s) for s in (0, recipe.warmup, recipe.steps)]
    assert rates[0] < 0.01 * recipe.rate
    assert rates[1] == pytest.approx(recipe.rate)
    assert rates[2] == pytest.approx(0.1 * recipe.rate)


def test_log_has_a_row_per_fifty_steps(tmp_path, monkeypatch):
    monkeypatch.setattr("tcsdk.train.codec.trainer.LOG_EVERY", 2)
    weights_after(tmp_path, 4)
    header, *rows = (tmp_path / "log.csv").read_text().splitlines()
    assert tuple(header.split(",")) == COLUMNS
    assert [row.split(",")[0] for row in rows] == ["2", "4"]
