"""The card of an encoder that is told captions."""

import shutil

import pytest
import torch
from support.small_model import CAPTIONED, MODEL

from benchmarks.pages.caption_card import NOTES, card, main
from benchmarks.studies.captions import CODEC, PAIRS, Stream, write
from checks import check_rejects
from tcsdk.train.run.weights import WEIGHTS, Origin, save_weights


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(MODEL, tmp_path / "zoo" / "small-model")
    shutil.copytree(CAPTIONED, tmp_path / "zoo" / "small-captioned")
    weights = tmp_path / "zoo" / "small-captioned" / WEIGHTS
    save_weights(weights, {"a": torch.zeros(1)}, Origin("edge-captioned", "taco", 1200, 7))
    return tmp_path / "zoo" / "small-captioned"


def test_a_card_says_what_was_not_measured(folder, tmp_path):
    text = card(folder, tmp_path)
    assert "# small-captioned" in text
    assert "1,200 steps, seed 7" in text
    assert "up to 4 tokens of 2 channels" in text
    assert "Not measured yet." in text


def test_a_card_has_a_row_for_each_comparison_and_keeps_notes(folder, tmp_path):
    sizes = dict.fromkeys(("true", "shuffled", "constant", "none", CODEC), 1.0) | {"true": 0.9}
    rows = [
        Stream("small-captioned-fp32", "s", str(p), q, given, round(100 * q * size), q, 1 / q)
        for p in range(8)
        for q in (10, 20, 30)
        for given, size in sizes.items()
    ]
    write(rows, tmp_path)
    (folder / "card.md").write_text(f"# old\n\n{NOTES}\nKept.\n")
    main([str(folder), "--results", str(tmp_path)])
    text = (folder / "card.md").read_text()
    assert text.count("| s |") == len(PAIRS)
    assert "| s | true against constant | -10.00 % (-10.00 to -10.00, n 8): different |" in text
    assert text.endswith(f"{NOTES}\nKept.\n")
    main([str(folder), "--results", str(tmp_path)])
    assert (folder / "card.md").read_text() == text
    assert max(map(len, text.splitlines()[:14])) <= 100


def test_other_models_have_no_such_card(tmp_path):
    check_rejects(lambda: card(MODEL, tmp_path), ValueError, "small")
