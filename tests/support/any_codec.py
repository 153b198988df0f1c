"""An objective for codecs of weights by chance."""

from __future__ import annotations

from typing import Any

from tcsdk.quant import RateDistortion


class AnyCodec(RateDistortion):
    """Runs codecs that were never trained, whose curves say nothing."""

    def loss(self, reference: Any, scores: Any) -> float:
        return 0.0

    def figures(self, reference: Any, scores: Any) -> dict[str, float]:
        return {}
