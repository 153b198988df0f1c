"""The character model's training: what it draws, what it sees, and that its file is its net."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
import torch

from kernels import reference_strings
from tcsdk.train.text.model_file import model_bytes
from tcsdk.train.text.net import FLAGS, SHAPES, Shape, TextNet
from tcsdk.train.text.strings import TIERS, Words, draw_page, receipt
from tcsdk.train.text.strings import Speaker as Spoken
from tcsdk.train.text.symbols import PAD, STATES, STYLES, SYMBOLS, Word, symbols_of, walk
from tcsdk.train.text.training import count_cases, train

pytestmark = pytest.mark.train
WORDS = Words((("alpha", "beta", "exit"), *[("gamma", "of")] * (len(TIERS) - 1)))
SMALL = Shape(depth=4, embedding=6, first=24, second=12)
TEXT = "Größe 12 ABC-d\n’x 3.5 €, McDonald"  # noqa: RUF001


def test_pages_come_again_by_their_seed():
    one, two = ([draw_page(random.Random(7), WORDS) for _ in range(20)] for _ in range(2))
    assert one == two
    assert len({len(page) for page in (draw_page(random.Random(n), WORDS) for n in range(50))}) > 3


def test_a_receipts_total_is_said_twice_or_more():
    dice = random.Random(1)
    lines = receipt(dice, Spoken(dice, WORDS))
    total = next(after for line, after in pairwise(lines) if "otal" in line.title())
    assert lines.count(total) >= 2


def test_symbols_are_those_of_the_specification():
    assert symbols_of(TEXT) == [reference_strings.symbol_of(letter)[0] for letter in TEXT] + [0]


def test_states_of_words_are_those_of_the_specification():
    ours, theirs = (
        Word(),
        reference_strings.Strings(reference_strings.Model(reference_strings.MODEL.read_bytes())),
    )
    for letter in TEXT:
        symbol, upper = reference_strings.symbol_of(letter)
        ours.step(symbol, upper)
        theirs.step(symbol, upper)
        assert (ours.state, ours.style) == (theirs.state, theirs.style), letter


def test_a_walk_sees_what_came_before():
    before, state, style, length, symbol, upper = walk(["aB"], 3)[1]
    assert (before, length, symbol, upper) == ([PAD, PAD, 1], 1, 2, True)
    assert (state, style) == (7, 0)


def test_the_file_is_the_net():
    torch.manual_seed(3)
    net = TextNet(SMALL)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(1.5).add_(torch.randn_like(parameter) * 0.05)
    model = reference_strings.Model(model_bytes(net, np.ones((STATES * STYLES, 2), np.int64)))
    string = [8, 5, 12, 12, 15]
    flags = torch.tensor([[7, STATES + 1, STATES + STYLES + 5]])
    logits = net(torch.tensor([string[-4:]]), flags)[0].detach().numpy()
    expected = 2.0 ** (logits - logits.max())
    weights = np.array(model.weights(string, 7, 1)) / 65535
    assert len(weights) == SYMBOLS
    assert np.allclose(weights, expected, rtol=0.02, atol=1e-3)


def test_sizes_of_the_files_are_as_named():
    for kilobytes, shape in SHAPES.items():
        size = len(model_bytes(TextNet(shape), np.ones((STATES * STYLES, 2), np.int64)))
        assert 0.8 * kilobytes < size / 1024 <= kilobytes, shape
    assert FLAGS == 29


def test_a_training_learns_and_comes_again():
    nets = [train(SMALL, WORDS, 60, 256, 1e-2, 5) for _ in range(2)]
    assert nets[0][1] < 5.0  # bits a symbol; 6.3 would know nothing
    for one, two in zip(nets[0][0].parameters(), nets[1][0].parameters(), strict=True):
        assert torch.equal(one, two)


def test_capitals_are_counted_by_state():
    counts = count_cases(WORDS, 300, 3)
    assert counts.shape == (STATES * STYLES, 2)
    small, capitals = 7 * STYLES, 5 * STYLES
    assert counts[small : small + STYLES, 0].sum() > 50 * counts[small : small + STYLES, 1].sum()
    assert counts[capitals : capitals + STYLES, 1].sum() > 500
