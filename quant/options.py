"""How to quantise: every choice that is not the size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tcsdk.quant.allocate.plan import check_allocation
from tcsdk.quant.clip.clipping import clipper
from tcsdk.quant.correct.tuning import STEPS
from tcsdk.quant.integers.activations import check_format
from tcsdk.quant.nets.layers import TYPES, check_types

# In the order of work. "spread" is for layers that are not rounded adaptively.
CORRECTIONS = ("spread", "rounding", "bias", "tuning")
# What clips activations when the objective chooses ("best"), for each layer by itself.
ACTIVATION_CLIPS = ("mse", "percentile", "minmax")


@dataclass(frozen=True)
class Options:
    """How to quantise.

    Attributes:
        types: layer types whose weights and inputs are quantised; others stay float.
        clip: method for weights, a key of tcsdk.quant.clip.clipping.METHODS.
        activations: "uint8", "int8", or None for weights alone.
        activation_clip: method for inputs, or "best": for each layer the one that costs it least.
        grid_loss: a layer whose input's and output's grids alone cost more, in the objective's
            sensitivity unit, keeps float arithmetic; None takes whatever they cost.
        equalisation: how much of the channels' differences in range moves from inputs into
            weights, 0..1.
        allocation: of the bits asked for: "uniform", "channel" or "layer".
        corrections: of CORRECTIONS.
        tuning_steps: of the last correction.
        cache: folder for sensitivity passes, or None.
        seed: of what is sampled.
    """

    types: tuple[str, ...] = tuple(TYPES)
    clip: str = "output"
    activations: str | None = "uint8"
    activation_clip: str = "best"
    grid_loss: float | None = None
    equalisation: float = 0.0
    allocation: str = "uniform"
    corrections: tuple[str, ...] = CORRECTIONS
    tuning_steps: int = STEPS
    cache: Path | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        check_types(self.types)
        clipper(self.clip)
        if self.activation_clip != "best":
            clipper(self.activation_clip)
        if self.activations is not None:
            check_format(self.activations)
        if self.grid_loss is not None and not self.grid_loss > 0:
            raise ValueError(f"expected a grid loss above 0, got {self.grid_loss}")
        if not 0 <= self.equalisation <= 1:
            raise ValueError(f"expected an equalisation of 0..1, got {self.equalisation}")
        check_allocation(self.allocation)
        unknown = [name for name in self.corrections if name not in CORRECTIONS]
        if unknown:
            raise ValueError(f"expected corrections of {', '.join(CORRECTIONS)}, got {unknown}")
