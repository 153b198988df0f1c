"""What an encoder is told of pictures: captions worded, exchanged, and cut into weighed pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tcsdk.codec.caption import CAPTION_PIECES, piece_numbers
from tcsdk.models.codecs.base import Codec
from tcsdk.models.text.caption import Caption
from tcsdk.train.codec.captions import UNSAID, Given, exchanged, scene_caption
from tcsdk.train.codec.key_words import KeyWords, piece_weights
from tcsdk.train.codec.photo_captions import photo_captions
from tcsdk.train.codec.wordings import TELLINGS, Seen, Telling
from tcsdk.train.render import Sample


class Pieces(NamedTuple):
    """Captions of N pictures in pieces.

    Attributes:
        numbers: (N, T) int64, 0 where no piece is.
        weights: (N, T) float32, how many times a piece counts; None for once each.
    """

    numbers: Tensor
    weights: Tensor | None


@dataclass(frozen=True)
class Wording:
    """How pictures are told of.

    Attributes:
        telling: what a true caption says, and how.
        key_words: which words of a caption count more; None for none.
        pieces: of a caption at most.
    """

    telling: Telling = "scene"
    key_words: KeyWords | None = None
    pieces: int = CAPTION_PIECES

    def say(self, seen: Seen) -> str:
        """Return the true caption of a picture."""
        return TELLINGS[self.telling](seen)

    def cut(self, captions: Sequence[str]) -> Pieces:
        """Return captions as a net takes them."""
        numbers = np.stack([piece_numbers(caption, self.pieces) for caption in captions])
        if self.key_words is None:
            return Pieces(torch.from_numpy(numbers), None)
        weights = [piece_weights(caption, self.key_words, self.pieces) for caption in captions]
        return Pieces(torch.from_numpy(numbers), torch.from_numpy(np.stack(weights)))


class Said(NamedTuple):
    """What is told of a step's pictures.

    Attributes:
        pieces: told to the encoder.
        true: (N, T) int64, pieces of what the scenes say of themselves: the loss's, which is the
            same however the encoder is told.
    """

    pieces: Pieces
    true: Tensor


def tell(
    given: Given,
    wording: Wording,
    crops: Sequence[Sample],
    pictures: NDArray[np.float32],
    rng: np.random.Generator,
) -> Said:
    """Return what is told of a step's pictures; of a share of them, UNSAID, nothing.

    Args:
        given: which captions.
        wording: of the true ones.
        crops: where text is in the pictures, and what it says.
        pictures: (N, H, W, 3), 0..1, as they are coded.
        rng: source of chance.
    """
    scenes, told = [], []
    for crop, picture in zip(crops, pictures, strict=True):
        seen = _seen(crop, picture, rng)
        left_out = rng.random() < UNSAID
        scenes.append("" if left_out else seen.scene)
        told.append("" if left_out else wording.say(seen))
    pieces = wording.cut(exchanged(told, given))
    return Said(pieces, Wording().cut(scenes).numbers)


def _seen(crop: Sample, picture: NDArray[np.float32], rng: np.random.Generator) -> Seen:
    shows_text = crop.text_height > 0
    scene = scene_caption(picture, crop.lines, shows_text, rng) if shows_text.any() else ""
    written = [crop.whole_of and photo_captions(c).of(f"photos/{crop.whole_of}") for c in _COLUMNS]
    return Seen(scene, picture, crop.lines, shows_text, *(text or "" for text in written))


_COLUMNS = ("short", "long")


def states(net: Codec, pieces: Pieces) -> Caption:
    """Return captions as a net's analysis takes them.

    Args:
        net: with a text encoder of our own.
        pieces: on the net's device.
    """
    made: Caption = net.get_submodule("captions")(pieces.numbers)
    return made._replace(weights=pieces.weights)
