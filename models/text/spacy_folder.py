"""Text encoders out of a folder of a small spaCy model, such as en_core_web_sm.

Files alone are read, by the package `msgpack`; spaCy is not needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tcsdk.codec.spacy_rows import ATTRIBUTES, Table
from tcsdk.models.text.spacy import SpacyConfig, SpacyText

NET = Path("tok2vec", "model")
_LAYERS = ("extract_features", "hashembed", "maxout", "layernorm", "expand_window")
Weights = dict[str, Tensor]


@dataclass(frozen=True)
class SpacyNet:
    """The net of a folder.

    Attributes:
        tables: that words are looked up in.
        embeds: vectors of each, (rows, channels).
        maxouts: weights `W` (channels, pieces, given) and `b` of each layer, the mixing one first.
        norms: weights `G` and `b` of the normalisation behind each.
    """

    tables: tuple[Table, ...]
    embeds: tuple[Tensor, ...]
    maxouts: tuple[Weights, ...]
    norms: tuple[Weights, ...]

    @property
    def config(self) -> SpacyConfig:
        """Its widths."""
        channels, pieces, _ = self.maxouts[0]["W"].shape
        rows = tuple(len(vectors) for vectors in self.embeds)
        return SpacyConfig(rows, channels, pieces, len(self.maxouts) - 1)

    @property
    def state(self) -> Weights:
        """Its weights by the names of a `SpacyText`."""
        state = {"rows.weight": torch.cat(self.embeds)}
        names = ["mix", *(f"layers.{n}" for n in range(len(self.maxouts) - 1))]
        for name, maxout, norm in zip(names, self.maxouts, self.norms, strict=True):
            state[f"{name}.linear.weight"] = maxout["W"].flatten(0, 1)
            state[f"{name}.linear.bias"] = maxout["b"].flatten()
            state[f"{name}.norm.weight"], state[f"{name}.norm.bias"] = norm["G"], norm["b"]
        return state


def spacy_text_of(folder: Path, length: int) -> SpacyText:
    """Return a text encoder with the weights of a folder, in evaluation mode.

    Args:
        folder: of a spaCy model, unpacked: with config.cfg, tok2vec/ and tokenizer.
        length: words of a caption at most.

    Raises:
        FileNotFoundError: a file is missing.
        ModuleNotFoundError: `msgpack` is not installed.
        ValueError: a file is damaged, or its net is of another kind.
    """
    net = spacy_net(folder)
    made = SpacyText(net.config, length)
    try:
        made.load_state_dict(net.state)
    except RuntimeError as error:
        raise ValueError(f"{folder / NET}: expected {net.config} throughout, got others") from error
    return made.eval().requires_grad_(False)


def spacy_net(folder: Path) -> SpacyNet:
    """Return the net of a folder.

    Args:
        folder: as of `spacy_text_of`.

    Raises:
        FileNotFoundError, ModuleNotFoundError, ValueError: as of `spacy_text_of`.
    """
    said = read_packed(folder / NET)
    try:
        return _net(said)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ValueError(
            f"{folder / NET}: expected the net of a small spaCy model, tables of "
            f"{', '.join(ATTRIBUTES)} without word vectors and maxouts over one word on each side, "
            f"got another: {error!r}"
        ) from error


def _net(said: dict[str, Any]) -> SpacyNet:
    kinds: dict[str, list[tuple[dict[str, Any], Weights]]] = {name: [] for name in _LAYERS}
    for node, attributes, params in zip(said["nodes"], said["attrs"], said["params"], strict=True):
        if node["name"] in kinds:
            values = {name: unpacked(value) for name, value in attributes.items()}
            weights = {name: torch.from_numpy(value) for name, value in params.items()}
            kinds[node["name"]].append((values, weights))
        elif node["name"] == "static_vectors":
            raise ValueError("word vectors")
    names = kinds["extract_features"][0][0]["columns"]
    embeds = sorted(kinds["hashembed"], key=lambda layer: layer[0]["column"])
    windows = {values["window_size"] for values, _ in kinds["expand_window"]}
    if windows != {1} or not ATTRIBUTES.keys() >= set(names):
        raise ValueError(f"{names}, windows of {windows}")
    tables = [
        Table(name, len(weights["E"]), values["seed"])
        for name, (values, weights) in zip(names, embeds, strict=True)
    ]
    return SpacyNet(
        tuple(tables),
        tuple(weights["E"] for _, weights in embeds),
        *(tuple(weights for _, weights in kinds[name]) for name in ("maxout", "layernorm")),
    )


def read_packed(file: Path) -> dict[str, Any]:
    """Return what a file of spaCy's says.

    Args:
        file: msgpack, an object.

    Raises:
        FileNotFoundError: there is none.
        ModuleNotFoundError: `msgpack` is not installed.
        ValueError: it is something else.
    """
    data = file.read_bytes()
    try:
        said = unpacked(data)
    except ValueError as error:
        raise ValueError(f"{file}: expected msgpack, got others: {error}") from error
    if not isinstance(said, dict):
        raise ValueError(f"{file}: expected an object in msgpack, got {type(said).__name__}")
    return said


def unpacked(data: bytes) -> Any:
    """Return what msgpack says, arrays as spaCy packs them as such."""
    from msgpack import unpackb

    return unpackb(data, strict_map_key=False, object_hook=_array)


def _array(said: dict[Any, Any]) -> Any:
    if b"nd" not in said:
        return said
    return np.frombuffer(said[b"data"], said[b"type"]).reshape(said[b"shape"]).astype(np.float32)
