"""Objectives of nets that take words: what they measure, and the rendered words that they take."""

import numpy as np
import pytest
import torch
from torch import nn

from tcsdk.models.recognition.cdistnet import CLASSES
from tcsdk.quant.judge.pair_objectives import on_rendered_crops, on_rendered_words
from tcsdk.quant.judge.word_objective import WordReading, WordSamples
from tcsdk.train.super_resolution.words import encode_words

pytestmark = pytest.mark.train


class Known(nn.Module):
    """Says the words of a list, so surely, whatever it is shown; a word wrong on request."""

    def __init__(self, texts, sure=5.0):
        super().__init__()
        self.texts, self.sure = texts, nn.Parameter(torch.tensor(sure))

    def forward(self, crops, before):
        following = encode_words(self.texts).following.clamp(min=0)
        return self.sure * nn.functional.one_hot(following, CLASSES).float()


TEXTS = ("ab1", "z")
SAMPLES = [WordSamples(torch.zeros(2, 3, 32, 128), TEXTS)]


def test_words_and_nats_are_counted():
    judge = WordReading(SAMPLES, SAMPLES)
    nats, right = judge.measure(Known(TEXTS), "held_out")
    assert right == 1.0
    assert nats == pytest.approx(np.log(1 + (CLASSES - 1) * np.exp(-5.0)), rel=1e-4)
    worse = judge.measure(Known(("ab2", "z")), "held_out")
    assert worse[1] == 0.5
    assert judge.loss(np.array([nats, right]), worse) == pytest.approx(worse[0] - nats)
    assert worse[0] > nats
    figures = judge.figures(np.array([nats, right]), worse)
    assert figures["word accuracy (%)"] == 50.0


def test_a_changed_net_is_unlike_the_float_one():
    judge = WordReading(SAMPLES, SAMPLES)
    net = Known(TEXTS)
    reference = judge.measure(net, "quick")
    assert judge.sensitivity(reference, net, Known(TEXTS)) == pytest.approx(0, abs=1e-4)
    near, far = (judge.sensitivity(reference, net, Known(TEXTS, sure)) for sure in (4.5, 2.0))
    assert 0 < near < far
    other = Known(TEXTS, 2.0)  # of another float net it is measured anew
    assert judge.sensitivity(reference, other, Known(TEXTS, 2.0)) == pytest.approx(0, abs=1e-4)


def test_tuning_has_a_gradient_and_keys_tell_words_apart():
    judge, net, changed = WordReading(SAMPLES, SAMPLES), Known(TEXTS), Known(TEXTS, 3.0)

    def part(name, *inputs):
        return changed(*inputs)

    loss = judge.training_loss(part, net, 0)
    loss.backward()
    assert changed.sure.grad != 0
    others = [WordSamples(torch.zeros(2, 3, 32, 128), ("ab1", "y"))]
    assert judge.key() != WordReading(others, others).key()
    with pytest.raises(ValueError, match="words to calibrate with"):
        WordReading([], SAMPLES)


def test_rendered_words_are_both_shots_and_held_out_ones_are_others(assets):
    judge = on_rendered_words(3, None)
    (batch,), (held_out,) = judge._batches, judge._held_out
    assert batch.crops.shape == (3, 3, 32, 128)
    assert held_out.crops.shape == (2, 3, 32, 128)
    assert all(text for text in (*batch.texts, *held_out.texts))
    assert batch.texts[:2] != held_out.texts
    assert judge.key() == on_rendered_words(3, None).key()


def test_rendered_crops_are_pairs(assets):
    judge = on_rendered_crops(2, None)
    net = nn.Upsample(scale_factor=2, mode="bilinear")
    assert 5 < float(judge.measure(net, "calibration")) < 40
