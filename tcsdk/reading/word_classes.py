"""Words through a graph that reads them, a character after the other, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk.errors import EngineError
from tcsdk.model.calls import CALLS
from tcsdk.model.graphs import (
    CHARACTER_LOGITS,
    CLASS_BIAS,
    WORD_PIXELS,
    WORD_RECOGNITION,
    checked_outputs,
)
from tcsdk.reading.crops import as_floats
from tcsdk.reading.orientation import Recognised

if TYPE_CHECKING:
    from tcsdk.engines.base import Graph

_SIGNS = 2  # classes behind the characters: before a word, and its end
_TOGETHER = CALLS[WORD_RECOGNITION].together
_NEVER = -1e4  # added to the logits of characters that are not to be read


def read_words(
    graph: Graph, words: Sequence[NDArray[np.uint8]], characters: str, wanted: str
) -> list[Recognised]:
    """Read words.

    Args:
        graph: Of the role `recognition`, of a model that reads words.
        words: (32, 128, 3) uint8 each.
        characters: The model's.
        wanted: Those of them that may be read.
    """
    classes = len(characters) + _SIGNS
    bias = np.zeros((1, classes, 1, 1), np.float32)
    bias[0, [k for k, c in enumerate(characters) if c not in wanted]] = _NEVER
    bias[0, len(characters)] = _NEVER  # what is before a word is in none
    said = []
    for begin in range(0, len(words), _TOGETHER):
        some = words[begin : begin + _TOGETHER]
        inputs = {WORD_PIXELS: as_floats(some), CLASS_BIAS: np.repeat(bias, len(some), 0)}
        logits = checked_outputs(WORD_RECOGNITION, graph.run(inputs))[CHARACTER_LOGITS]
        if logits.shape[:2] != (len(some), classes):
            raise EngineError(
                f"expected logits of {classes} classes for each of {len(some)} words, got "
                f"{logits.shape}: the model is damaged"
            )
        said += [decoded(each[:, 0], characters) for each in logits]
    return said


def decoded(logits: NDArray[np.float32], characters: str) -> Recognised:
    """Read logits (classes, places): the likeliest class of each, up to the word's end."""
    powers = np.exp(logits - logits.max(0))
    best, sure = logits.argmax(0), 1 / powers.sum(0)  # the likeliest class has power 1
    (ends,) = np.nonzero(best >= len(characters))
    length = int(ends[0]) if len(ends) else len(best)
    confidences = tuple(sure[:length].tolist())
    mean = float(np.mean(confidences)) if confidences else 0.0
    return Recognised("".join(characters[k] for k in best[:length]), mean, confidences)
