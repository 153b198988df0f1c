import math

import pytest
import torch

from tcsdk.models.recognition.cdistnet import BEGIN, CLASSES, END, LONGEST
from tcsdk.train.super_resolution.words import (
    CLASS_OF,
    IGNORED,
    confusion_weights,
    counted,
    decode_words,
    encode_words,
    word_nats,
)

pytestmark = pytest.mark.train


def test_letters_and_digits_alone_count_and_without_case():
    assert counted("B-8 Café.") == "b8caf"
    assert len(counted("x" * 40)) == LONGEST


def test_words_are_framed_and_padded():
    words = encode_words(["A1", "b"])
    a, b, one = CLASS_OF["a"], CLASS_OF["b"], CLASS_OF["1"]
    assert words.before.tolist() == [[BEGIN, a, one], [BEGIN, b, END]]
    assert words.following.tolist() == [[a, one, END], [b, END, IGNORED]]


def test_what_was_encoded_decodes():
    words = encode_words(["Exit", "42"])
    assert decode_words(words.before[:, 1:]) == ["exit", "42"]
    assert decode_words(torch.tensor([[END, 3]])) == [""]


def test_nats_are_the_mean_over_characters_and_ends():
    words = encode_words(["ab", "c"])
    logits = torch.zeros(2, 3, CLASSES)
    assert word_nats(logits, words.following).item() == pytest.approx(math.log(CLASSES))
    logits[0, 0, CLASS_OF["a"]] = 50.0
    expected = 4 / 5 * math.log(CLASSES)
    assert word_nats(logits, words.following).item() == pytest.approx(expected, abs=1e-5)


def test_look_alikes_must_be_told_apart_more_surely():
    weights = confusion_weights(3.0)
    assert weights[CLASS_OF["8"], CLASS_OF["b"]] == weights[CLASS_OF["b"], CLASS_OF["8"]] == 3
    assert weights[CLASS_OF["8"], CLASS_OF["8"]] == weights[CLASS_OF["8"], CLASS_OF["7"]] == 1
    following = encode_words(["8"]).following
    unsure = torch.full((1, 2, CLASSES), -20.0)
    unsure[0, 1, END] = 20.0
    unsure[0, 0, [CLASS_OF["8"], CLASS_OF["b"]]] = 0.0
    # Of 8 and b, alike sure: 1 of 2 shares, and 1 of 4 where b counts three times.
    plain, harder = (2 * word_nats(unsure, following, w).item() for w in (None, weights))
    assert plain == pytest.approx(math.log(2), abs=1e-4)
    assert harder == pytest.approx(math.log(4), abs=1e-4)
