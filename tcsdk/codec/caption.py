"""Cut a caption into pieces whose numbers our own text encoder knows, without a vocabulary.

A piece's number is a hash of it: two pieces in four thousand may share one, nothing is unknown, and
there is no file to ship.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CAPTION_PIECES = 38  # as TACO's captions have tokens at most
NUM_PIECES = 4096  # numbers of pieces; 0 is no piece
_LONGEST = 6  # characters of a piece
_WORDS = re.compile(r"[^\W\d_]+|\d+|\S")


@dataclass(frozen=True)
class Tokens:
    """A caption in tokens.

    Attributes:
        numbers: (T,) int64, or (T, K) where a token has several; above 0 where a token is, 0
            behind the last.
        count: Tokens of the whole caption; what is beyond T is left out.
    """

    numbers: NDArray[np.int64]
    count: int


def caption_words(caption: str) -> list[str]:
    """Return the words of a caption that are cut into pieces: letters, figures or one sign.

    Args:
        caption: Any text.

    Examples:
        >>> caption_words("Meter shows 00482,7")
        ['Meter', 'shows', '00482', ',', '7']
    """
    return _WORDS.findall(caption)


def caption_pieces(caption: str) -> list[str]:
    """Return the pieces of a caption: letters, figures or one sign, 6 characters at most.

    Args:
        caption: Any text; its case does not matter.

    Examples:
        >>> caption_pieces("Meter shows 00482,7")
        ['meter', 'shows', '00482', ',', '7']
    """
    words = caption_words(caption.casefold())
    return [word[at : at + _LONGEST] for word in words for at in range(0, len(word), _LONGEST)]


def piece_numbers(caption: str, length: int = CAPTION_PIECES) -> NDArray[np.int64]:
    """Return the numbers of a caption's pieces, (length,) int64, 0 behind the last.

    Args:
        caption: Any text; what is longer is cut off, of an empty one all numbers are 0.
        length: Pieces that are kept.
    """
    numbers = np.zeros(length, np.int64)
    for at, piece in enumerate(caption_pieces(caption)[:length]):
        numbers[at] = 1 + zlib.crc32(piece.encode()) % (NUM_PIECES - 1)
    return numbers


def piece_tokens(caption: str, length: int = CAPTION_PIECES) -> Tokens:
    """Cut a caption into the tokens of our own text encoder.

    Args:
        caption: Any text.
        length: Pieces that are kept.
    """
    return Tokens(piece_numbers(caption, length), len(caption_pieces(caption)))
