"""`--verify` of an encoder that is told captions: torch against the graphs that it has itself."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import torch

from tcsdk.engines import select_engine
from tcsdk.export.captioned import captioned_codec
from tcsdk.export.graphs.caption_graphs import text_encoder
from tcsdk.export.graphs.roles import told_roles_of
from tcsdk.export.verify import Difference
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.graphs import (
    ANALYSIS,
    CAPTION,
    CAPTION_MASK,
    CAPTION_STATES,
    CAPTION_TOKENS,
    GRAPHS,
    Z_GAIN,
    Z_HAT,
    Z_INVERSE_GAIN,
    X,
)
from tcsdk.model.read import read_model_folder
from tcsdk.models.codecs.told import ToldCodec

Arrays = dict[str, np.ndarray]


def verify_captioned(folder: Path) -> list[Difference]:
    """Run the exported graphs beside torch: two pictures, one of them without a caption."""
    model, engine = cast("CaptionedCodec", read_model_folder(folder)), select_engine("cpu")
    net, rng = captioned_codec(folder, model.decodes), np.random.default_rng(0)
    words = _words(net, rng)
    states = engine.load(model.graph_file("fp32", CAPTION)).run(words)[CAPTION_STATES]
    gain = np.ones((2, model.hyper, 1, 1), np.float32)
    known: Arrays = {
        X: rng.random((2, 3, 64, 128), np.float32),
        Z_GAIN: gain,
        Z_INVERSE_GAIN: gain.copy(),
        CAPTION_STATES: states,
        CAPTION_MASK: words[CAPTION_MASK],
    }
    row = GRAPHS[model.contract(ANALYSIS)]
    feed = {name: known[name] for name in row.inputs}
    got = engine.load(model.graph_file("fp32", ANALYSIS)).run(feed)
    (said,), made = _in_torch(net, CAPTION, words), _in_torch(net, ANALYSIS, feed)
    expected = dict(zip(row.outputs, made, strict=True))
    found = [_apart(CAPTION_STATES, states, said, 1e-4), _apart(Z_HAT, got[Z_HAT], expected[Z_HAT])]
    if found[-1].value == 0:  # a z that falls the other way moves d with mu
        others = (name for name in row.outputs if name != Z_HAT)
        found += [_apart(name, got[name], expected[name], 1e-2) for name in others]
    return found


def _words(net: ToldCodec, rng: np.random.Generator) -> Arrays:
    """What the caption graph takes: of one picture half of the places, of the other none."""
    encoder = text_encoder(net)
    mask = np.zeros((2, encoder.length, 1, 1), np.float32)
    mask[0, : encoder.length // 2] = 1
    numbers = rng.integers(1, encoder.largest + 1, (2, encoder.length, encoder.parts))
    tokens = (numbers * mask[..., 0]).reshape(2, -1, 1, 1).astype(np.float32)
    return {CAPTION_TOKENS: tokens, CAPTION_MASK: mask}


def _in_torch(net: ToldCodec, role: str, feed: Arrays) -> list[np.ndarray]:
    """What a role's torch form gives."""
    module = told_roles_of(net)[role].module(net).eval()
    with torch.no_grad():
        made = module(*map(torch.from_numpy, feed.values()))
    return [tensor.numpy() for tensor in (made if isinstance(made, tuple) else (made,))]


def _apart(name: str, came: np.ndarray, expected: np.ndarray, limit: float = 1.0) -> Difference:
    worst = float(np.abs(came - expected).max())
    return Difference(f"fp32 {name}", worst, limit, worst <= limit)
