"""Packed weights of a graph, unpacked into memory (docs/reference/packed-weights.md)."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import external_initializers, unpack_weights
from tcsdk.errors import ModelFileError, NewerVersionError, PackedWeightsError
from tcsdk.model.manifest import PACKED_SUFFIX


def packed_weights(graph: Path) -> dict[str, NDArray[np.int8]]:
    """Unpack the weights that a graph refers to in packed files beside it.

    Args:
        graph: The ONNX file.

    Returns:
        Name of the initializer -> (C_out, ...) int8; empty where the graph refers to none.

    Raises:
        ModelFileError: A packed file cannot be read or lies in another folder.
        PackedWeightsError: It is damaged, or lacks a tensor that the graph refers to, or the graph
            refers to one twice.
        NewerVersionError: It was made by a later version.
    """
    names = defaultdict(list)
    for name, location in _references(graph):
        if location.endswith(PACKED_SUFFIX):
            names[location].append(name)
    weights: dict[str, NDArray[np.int8]] = {}
    for location, wanted in names.items():
        if Path(location).name != location:
            raise ModelFileError(
                f"{graph}: expected packed weights in a file beside it, got {location!r}"
            )
        try:
            weights |= unpack_weights(graph.with_name(location).read_bytes(), wanted)
        except OSError as error:
            raise ModelFileError(
                f"model file {graph.with_name(location)}: {error.strerror}"
            ) from error
        except (PackedWeightsError, NewerVersionError) as error:
            raise type(error)(f"{graph.with_name(location)}: {error}") from error
    return weights


def _references(graph: Path) -> list[tuple[str, str]]:
    """Initializers in other files; none where the graph is damaged, which the runtime explains."""
    try:
        return external_initializers(graph.read_bytes())
    except (OSError, PackedWeightsError):
        return []
