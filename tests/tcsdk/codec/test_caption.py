import subprocess
import sys

import pytest

from tcsdk.codec.caption import CAPTION_PIECES, NUM_PIECES, caption_pieces, piece_numbers


def test_words_figures_and_signs_are_pieces():
    assert caption_pieces("Price: 48.20 EUR") == ["price", ":", "48", ".", "20", "eur"]


def test_long_words_are_cut_and_none_of_them_is_lost():
    assert "".join(caption_pieces("Donaudampfschiff")) == "donaudampfschiff"
    assert max(map(len, caption_pieces("Donaudampfschiff 12345678901"))) == 6


@pytest.mark.parametrize("caption", ["", "  \n"])
def test_an_empty_caption_has_no_piece(caption):
    assert not piece_numbers(caption).any()


def test_a_long_caption_keeps_its_beginning():
    long = "a very long caption " * 50
    assert piece_numbers(long).shape == (CAPTION_PIECES,)
    assert (piece_numbers(long)[:4] == piece_numbers("a very long caption")[:4]).all()
    assert (piece_numbers(long) > 0).all()


@pytest.mark.parametrize("caption", ["Straße 5", "電車 _", "é"])
def test_any_script_has_numbers_of_pieces(caption):
    numbers = piece_numbers(caption)
    assert numbers.any()
    assert (numbers < NUM_PIECES).all()


def test_numbers_are_the_same_in_another_process():
    """Python's own hash is not."""
    code = "from tcsdk.codec.caption import piece_numbers; print(*piece_numbers('red car', 3))"
    came = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert came.stdout.split() == [str(n) for n in piece_numbers("red car", 3)]
