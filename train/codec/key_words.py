"""Words of a caption that count 1.5 times: by TF-IDF, or the named entities in it.

The third study of TACO (CSEN 342 report, "Improved Caption/Word Encoding") finds key words by
TF-IDF and by spaCy's named entities. It weighs a caption's tokens in a sum; attentions are such
sums, and there a token counts as 1.5 of it would (tcsdk.models.codecs.text_adapter). Its way, to
multiply states of tokens, TACO's attentions undo but for a little: they normalise what they are
told, and 1.5 times a state moves its key by some 4 %, not 50
(tests/models/codecs/test_caption_takers.py).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from itertools import cycle
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.caption import caption_pieces, caption_words
from tcsdk.train.codec.captions import COLOURS, WORDINGS
from tcsdk.train.codec.named_entities import named_entities
from tcsdk.train.codec.photo_captions import COLUMNS, photo_captions

KeyWords = Literal["tfidf", "names"]
WEIGHT = 1.5
KEY_SHARE = 0.5  # of a caption's words that are not COMMON: those with the highest TF-IDF
# Words that hold a sentence together.
COMMON = frozenset(
    "a an the and or but as of in on at to from by with without into onto over under above below "
    "behind before beside between among through across along around against near inside outside "
    "up down out off for while where which who whose that this these those there here it its is "
    "are was were be being has have their his her he she they one some each other both all".split()
)
ENDS = frozenset(".!?;:")  # of sentences
_TRAINING = "photos/"  # of the files that captions are of


@cache
def document_shares() -> dict[str, float]:
    """Return in which share of captions a word occurs, by the word in small letters.

    They are those of the training photographs, short and long, and one of a scene for each.
    """
    written = [
        caption
        for column in COLUMNS
        for name, caption in photo_captions(column).by_name.items()
        if name.startswith(_TRAINING)
    ]
    rows = zip(written, cycle(WORDINGS), cycle(COLOURS), cycle(reversed(COLOURS)), strict=False)
    scenes = (
        wording.format(text="", place="at the top left", ink=ink, paper=paper)
        + f"; a plain {paper} background"
        for _, wording, ink, paper in rows
    )
    documents = [*written, *scenes]
    found = Counter(word for text in documents for word in set(caption_words(text.casefold())))
    return {word: count / len(documents) for word, count in found.items()}


def tfidf_keys(caption: str) -> list[bool]:
    """Return which words of a caption, as `caption_words` gives them, are so by TF-IDF."""
    small = [word.casefold() for word in caption_words(caption)]
    counts = Counter(small)
    rarest = 1e-3  # less than one in all captions
    scores = {
        word: count * -math.log(max(document_shares().get(word, 0.0), rarest))
        for word, count in counts.items()
        if word.isalnum() and word not in COMMON
    }
    best = sorted(scores, key=lambda word: -scores[word])[: math.ceil(KEY_SHARE * len(scores))]
    return [word in best for word in small]


def name_keys(caption: str) -> list[bool]:
    """Return which words of a caption, as `caption_words` gives them, are of a named entity.

    Those of the photographs' captions are spaCy's. Of other captions, a scene's, words that are
    written in the picture, figures, and names by a rule: a capital that begins no sentence.
    """
    words = caption_words(caption)
    if caption not in named_entities():
        return _names_by_rule(words)
    keys = [False] * len(words)
    for entity in map(caption_words, named_entities()[caption]):
        for at in range(len(words) - len(entity) + 1):
            if words[at : at + len(entity)] == entity:
                keys[at : at + len(entity)] = [word.isalnum() for word in entity]
    return keys


def _names_by_rule(words: Sequence[str]) -> list[bool]:
    keys, quoted, begins = [], False, True
    for word in words:
        quoted ^= word == '"'
        named = word[0].isupper() and not begins
        keys.append(word.isalnum() and (quoted or named or word.isdigit()))
        begins = word in ENDS or (begins and not word.isalnum())
    return keys


FINDERS: dict[KeyWords, Callable[[str], list[bool]]] = {
    "tfidf": tfidf_keys,
    "names": name_keys,
}


def piece_weights(caption: str, key_words: KeyWords, length: int) -> NDArray[np.float32]:
    """Return how many times each piece of a caption counts, (length,): WEIGHT or 1.

    Args:
        caption: any text.
        key_words: which of its words are.
        length: pieces that are kept.
    """
    weights = np.ones(length, np.float32)
    at = 0
    for word, key in zip(caption_words(caption), FINDERS[key_words](caption), strict=True):
        after = at + len(caption_pieces(word))
        weights[at:after] = WEIGHT if key else 1.0
        at = after
    return weights
