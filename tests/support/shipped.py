"""Shipped codecs as torch nets."""

from __future__ import annotations

from tcsdk.model.find import find_model
from tcsdk.models.codecs.base import Codec
from tcsdk.models.registry import codec_of
from tcsdk.train.run.weights import load_origin, load_weights


def shipped_codec(family: str) -> Codec:
    """The float net of a shipped family, in evaluation mode."""
    folder = find_model(family)[0].path
    return codec_of(load_weights(folder), load_origin(folder).net)
