"""What can be told of a picture, and which words of it count more."""

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest

from tcsdk.codec.caption import CAPTION_PIECES, caption_pieces, caption_words
from tcsdk.train.codec.captions import COLOURS
from tcsdk.train.codec.key_words import (
    COMMON,
    WEIGHT,
    document_shares,
    name_keys,
    piece_weights,
    tfidf_keys,
)
from tcsdk.train.codec.named_entities import named_entities
from tcsdk.train.codec.photo_captions import COLUMNS, photo_captions
from tcsdk.train.codec.wordings import TELLINGS, Seen, Telling, at_length, by_rule
from tcsdk.train.render import Line

pytestmark = pytest.mark.train
SIZE = (90, 120)
CAPTIONS = [text for column in COLUMNS for text in photo_captions(column).by_name.values()]


def photograph() -> Seen:
    """White above, black below."""
    picture = np.ones((*SIZE, 3), np.float32)
    picture[45:] = 0.0
    nothing = np.zeros(SIZE, bool)
    return Seen("", picture, (), nothing, "The moon over a hill", "The full moon, over a dark hill")


def scene(count: int = 5) -> Seen:
    picture = np.broadcast_to(np.float32(COLOURS["yellow"]), (*SIZE, 3)).copy()
    lines = []
    for n in range(count):
        top, bottom = 16 * n, 16 * n + 8 + n
        lines.append(
            Line(f"LINE {n}", np.float32([(5, top), (50, top), (50, bottom), (5, bottom)]))
        )
        picture[top + 2 : top + 4, 10:40] = COLOURS["red"]
    return Seen('the words "LINE 4" at the bottom left', picture, lines, np.zeros(SIZE, bool))


def key_words_of(caption: str, find: Callable[[str], list[bool]]) -> set[str]:
    return {word for word, key in zip(caption_words(caption), find(caption), strict=True) if key}


def test_every_telling_has_its_row():
    assert set(TELLINGS) == set(get_args(Telling))


def test_a_photograph_is_told_by_hand_by_rule_as_key_words_and_at_length():
    said = {telling: tell(photograph()) for telling, tell in TELLINGS.items()}
    assert said["scene"] == ""
    assert said["hand"] == "The moon over a hill"
    assert said["keywords"] == "moon, hill"
    assert said["long"] == "The full moon, over a dark hill"
    for part in ("a varied", "white at the top", "black at the bottom"):
        assert part in said["rule"]


def test_a_scene_describes_itself_as_key_words_without_what_holds_them():
    said = {telling: tell(scene()) for telling, tell in TELLINGS.items()}
    assert said["scene"] == said["hand"] == said["rule"]
    assert said["keywords"] == 'words, "LINE 4", bottom, left'
    assert all(f'"LINE {n}"' in said["long"] for n in range(5))


def test_what_cannot_be_told_is_an_empty_caption():
    nothing = Seen("", photograph().picture, (), np.zeros(SIZE, bool))
    assert {tell(nothing) for tell in TELLINGS.values()} == {""}


def test_a_rules_caption_fits_the_text_encoder_and_a_long_one_does_not():
    picture = np.broadcast_to(np.float32(COLOURS["light green"]), (*SIZE, 3))
    seen = Seen("", picture, (), np.zeros(SIZE, bool), "Grass", "Grass")
    assert len(caption_pieces(by_rule(seen))) <= CAPTION_PIECES
    assert CAPTION_PIECES < len(caption_pieces(at_length(scene()))) <= 512


@pytest.mark.parametrize(
    ("caption", "keys"),
    [
        ("An American player with the number 21", {"American", "21"}),
        ("The moon. A hill before Rome", {"Rome"}),
        ('"the Total 7" is written in red', {"the", "Total", "7"}),
        ("Dense short grass", set()),
        # As spaCy says, of captions of photographs.
        ("Yellow sand dunes under a blue sky", set()),
        ("A statue on horseback before a French imperial palace", {"French"}),
    ],
)
def test_names_figures_and_what_is_written_are_key_words(caption, keys):
    assert key_words_of(caption, name_keys) == keys


def test_rare_words_are_key_words_by_tfidf_and_common_ones_are_none():
    keys = key_words_of("A long white bus on the crossing of a city", tfidf_keys)
    assert keys == {"bus", "crossing", "city"}
    assert not keys & COMMON
    assert document_shares()["a"] > document_shares()["white"] > document_shares()["city"]


def test_shares_are_of_training_photographs_and_of_scenes():
    assert "zebra" not in document_shares()  # of a picture that is for measuring
    assert document_shares()["reads"] > 0.05


@pytest.mark.parametrize("kind", ["tfidf", "names"])
def test_weights_lie_on_the_pieces_of_their_words(kind):
    weights = piece_weights("Seen at Neuschwanstein in 1886", kind, 12)
    pieces = caption_pieces("Seen at Neuschwanstein in 1886")
    assert pieces == ["seen", "at", "neusch", "wanste", "in", "in", "1886"]
    assert weights[2:5].tolist() == [WEIGHT] * 3
    assert weights[[1, 5]].tolist() == [1.0, 1.0]
    assert weights[7:].tolist() == [1.0] * 5


def test_words_and_pieces_of_all_captions_agree():
    for caption in CAPTIONS:
        words = caption_words(caption)
        assert [p for word in words for p in caption_pieces(word)] == caption_pieces(caption)


def test_entities_that_are_kept_are_in_their_captions():
    kept = {caption: said for caption, said in named_entities().items() if said}
    assert kept.keys() <= set(CAPTIONS)
    assert len(kept) > 200
    assert all(entity in caption for caption, said in kept.items() for entity in said)
    for caption, said in kept.items():
        assert sum(name_keys(caption)) >= len(said) > 0
