"""Pictures of a set damaged by the kinds of damage in turn."""

from __future__ import annotations

import numpy as np

from tcsdk.train.render.damage import KINDS, Pixels


def damage(index: int, image: Pixels, rng: np.random.Generator) -> tuple[str, Pixels]:
    """Damage picture number `index` of a set by the kind whose turn it is; its name, the result."""
    kind = KINDS[index % len(KINDS)]
    return kind.__name__.replace("_", "-"), kind(image, image, rng)[1]
