"""What a caller wants of one picture's stream."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.quality_map import Region


@dataclass(frozen=True)
class Request:
    """What one call of `encode` asks for; its arguments are explained there."""

    max_bytes: int | None
    quality: int | None
    bare: bool
    keep: Collection[str]
    user: bytes | None
    text_boost: int
    regions: tuple[Region, ...]
    qmap: NDArray[np.integer] | None
    adaptive: bool
    scale: float

    @property
    def has_offsets(self) -> bool:
        """Whether some blocks are to have another quality than the rest."""
        return bool(self.text_boost or self.regions) or self.qmap is not None
