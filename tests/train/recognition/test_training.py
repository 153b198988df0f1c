"""Our reader's training: softened pictures stay pictures, and a resumed run is an unbroken one."""

import pytest
import torch

from tcsdk.train.codec.data import DataConfig
from tcsdk.train.readers import LineBatch, LineReader
from tcsdk.train.readers.own import OWN_READER, WEIGHTS, OwnReader
from tcsdk.train.recognition.evaluation import accuracy, evaluate
from tcsdk.train.recognition.training import OwnRecipe, OwnTrainer, readable, soften
from tcsdk.train.run.weights import load_origin, load_weights

pytestmark = [pytest.mark.train, pytest.mark.usefixtures("assets", "one_thread")]

TINY = DataConfig(crop=(64, 192), batch=3, fresh=1, photos=0.0)


def weights_after(folder, steps, *, resume=False):
    recipe = OwnRecipe(steps=steps, data=TINY)
    OwnTrainer(recipe, folder, resume=resume).run(minutes=10)
    return load_weights(folder)


def test_resumed_training_equals_uninterrupted_one(tmp_path):
    whole = weights_after(tmp_path / "whole", 3)
    weights_after(tmp_path / "parts", 1)
    parts = weights_after(tmp_path / "parts", 3, resume=True)
    assert all(torch.equal(whole[name], parts[name]) for name in whole)
    assert any(name.endswith("running_var") for name in whole)
    OwnReader(parts)  # they fit the reader
    assert load_origin(tmp_path / "parts").net == OWN_READER


def test_training_reads_the_same_lines_better(tmp_path):
    trainer = OwnTrainer(OwnRecipe(steps=1000, warmup=5, data=TINY), tmp_path)
    batch = next(iter(trainer._batches))
    trainer._batches.close()
    lines = readable(LineBatch(batch.picture_of_line, batch.quads, batch.texts))
    for _ in range(25):
        trainer._learn(batch.pictures, lines)
    losses = trainer._log.values
    assert losses[-1] < 0.5 * losses[0]


def test_softened_pictures_depend_on_the_seed_alone():
    pictures = torch.rand(6, 3, 64, 96)
    quads = torch.tensor([[[4, 4], [60, 4], [60, 24], [4, 24]]]).float()
    lines = LineBatch(torch.tensor([0]), quads, ("x",))
    first, again, other = (soften(pictures, lines, (seed,)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.shape == pictures.shape
    assert first.min() >= 0
    assert first.max() <= 1


def test_accuracy_counts_edits_of_alphanumerics():
    assert accuracy("Room 12", "Room-12!") == 1.0
    assert accuracy("Room 12", "Roam 1") == pytest.approx(1 - 2 / 6)
    assert accuracy("12", "") == 0.0


class Truth(LineReader):
    """Knows nothing: reads `what` everywhere."""

    height = 32

    def __init__(self, what):
        super().__init__(["", "x"])
        self._what = what

    def log_probabilities(self, lines):
        return torch.full((4, len(lines), 2), -1.0)

    def read(self, pictures, lines):
        return [self._what or text for text in lines.texts]


def test_evaluation_tells_a_perfect_reader_from_a_blind_one():
    found = evaluate({"perfect": Truth(None), "blind": Truth("~")}, 8, None)
    clean, soft, lines = found["perfect"]
    assert (clean, soft) == (1.0, 1.0)
    assert lines > 8
    assert found["blind"][0] < 0.1


def test_shipped_reader_reads_the_test_split():
    clean, soft, _ = evaluate({"own": OwnReader()}, 40, None)["own"]
    assert clean > 0.85
    assert clean > soft > 0.6


def test_the_shipped_reader_says_what_it_is():
    origin = load_origin(WEIGHTS)
    assert (origin.net, origin.recipe) == (OWN_READER, OWN_READER)
