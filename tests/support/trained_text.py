"""Captioned nets over the shipped codec whose text encoder is a tiny one that others trained."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from support.captioned_model import ZOO

from tcsdk.models import registry
from tcsdk.models.codecs import caption_encoder, edge
from tcsdk.models.codecs.caption_encoder import TextRow
from tcsdk.models.codecs.edge import CAPTIONED, EdgeCodec
from tcsdk.models.families import CaptionedFamily
from tcsdk.train.codec.text_start import started
from tcsdk.train.run.weights import Origin, save_weights

NET, LENGTH = "edge-captioned-tiny", 8
ROW = CaptionedFamily(NET, ("mine",), "tfic")


@contextmanager
def known(row: TextRow) -> Iterator[None]:
    """Let `NET` be a net with this text encoder, for captions of `LENGTH` tokens."""
    config = replace(
        CAPTIONED,
        adapter=replace(edge.ADAPTER, tokens=row.channels),
        text="tiny",
        caption_tokens=LENGTH,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(caption_encoder.TEXT_ENCODERS, "tiny", row)
        patch.setitem(registry.NETS, NET, partial(EdgeCodec, config))
        yield


def run_beside_codec(zoo: Path, text: Path, gamma: float) -> Path:
    """Write weights whose adapter, by chance, lets captions in, and the codec beside them.

    Args:
        zoo: folder to write into.
        text: folder of the text encoder, whose row is known.
        gamma: of the adapter.
    """
    shutil.copytree(ZOO / "tfic", zoo / "tfic")
    weights = started(ZOO / "tfic", text, NET)
    for name, value in weights.items():
        if name.endswith("gamma"):
            value.fill_(gamma)
    save_weights(zoo / "run.safetensors", weights, Origin(NET, "mine", 0, 0))
    return zoo / "run.safetensors"
