"""What a stream says of the quality of its blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.container import read_quality_map, split_stream
from tcsdk.model.grids import Y_STRIDE


def offsets_of(data: bytes) -> NDArray[np.int64]:
    """The quality offsets of a whole picture, put together from its tiles."""
    stream = split_stream(data)
    whole = stream.grid.picture.on_grid(Y_STRIDE)
    out = np.zeros((whole.height, whole.width), np.int64)
    for index, tile in enumerate(stream.first.tiles):
        at = stream.grid[index].on_grid(Y_STRIDE)
        part = read_quality_map(tile, at.height, at.width)
        if part is not None:
            out[at.y : at.bottom, at.x : at.right] = part
    return out
