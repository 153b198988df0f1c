"""A net with what is known of it before a bit is chosen: layers, pins, inputs, patches."""

from __future__ import annotations

import copy
from functools import cached_property

from torch import nn

from .activations import ActivationRange, range_of
from .calibration import collect_inputs
from .grid import Reals
from .layers import Layer, find_layers
from .objectives import Objective, Split
from .options import ACTIVATION_CLIPS, Options
from .patches import PatchMoments, collect_moments
from .pins import pin_of
from .quantised import Quantised
from .samples import Samples
from .sensitivity import measure_sensitivity


class Calibrated:
    """A float net beside its objective; each thing is measured when first asked for.

    Args:
        net: trained; it is copied.
        objective: runs and judges it; None knows nothing but the weights.
        options: how to quantise.

    Attributes:
        net: the copy, in float.
        layers: all that are quantised.
        pins: the rule of each layer, by name, or None.
        free: layers without a rule, whose bits are chosen.

    Raises:
        ValueError: no layer of the types asked for, an empty calibration, or NaN in it.
    """

    def __init__(self, net: nn.Module, objective: Objective | None, options: Options) -> None:
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.objective, self.options = objective, options
        self.layers = find_layers(self.net, options.types)
        self.pins = {layer.name: pin_of(self.net, layer.name) for layer in self.layers}
        self.free = [layer for layer in self.layers if self.pins[layer.name] is None]
        self._sensitivity: dict[str, dict[int, float]] | None = None
        self.samples: dict[str, Samples] = {}
        if objective is not None:
            self.samples = collect_inputs(self.layers, self._run)

    def _run(self) -> None:
        self.required("calibration").calibrate(self.net)

    def required(self, purpose: str) -> Objective:
        """The objective.

        Raises:
            ValueError: there is none.
        """
        if self.objective is None:
            raise ValueError(f"expected an objective for {purpose}, got none")
        return self.objective

    @cached_property
    def references(self) -> dict[Split, Reals]:
        """Scores of the float net."""
        objective = self.required("scores")
        splits: tuple[Split, ...] = ("calibration", "held_out")
        return {split: objective.measure(self.net, split) for split in splits}

    def sensitivity(self) -> dict[str, dict[int, float]]:
        """Loss of each free layer at each width; measured once."""
        if self._sensitivity is None:
            objective = self.required("the layers' sensitivity")
            clip, cache = self.options.clip, self.options.cache
            self._sensitivity = measure_sensitivity(self.net, self.free, objective, clip, cache)
        return self._sensitivity

    def known_sensitivity(self, layer: Layer, bits: float) -> float | None:
        """Loss of a layer at so many bits, where it has been measured."""
        known = (self._sensitivity or {}).get(layer.name, {})
        return known.get(int(bits)) if bits.is_integer() else None

    def corrects(self, layer: Layer, correction: str) -> bool:
        """Whether a correction is asked for and allowed."""
        pin = self.pins[layer.name]
        allowed = self.objective is not None and (pin is None or pin.corrected)
        return allowed and correction in self.options.corrections

    @cached_property
    def inputs(self) -> dict[str, ActivationRange]:
        """Ranges of all quantised inputs; "best" tries each method with float weights."""
        if self.objective is None or self.options.activations is None:
            return {}
        if self.options.activation_clip != "best":
            return self._ranges(self.options.activations, self.options.activation_clip)
        objective, state = self.objective, dict(self.net.state_dict())
        reference = objective.measure(self.net, "quick")

        def loss(ranges: dict[str, ActivationRange]) -> float:
            simulated = Quantised({}, ranges, state).apply(self.net)
            return objective.loss(reference, objective.measure(simulated, "quick"))

        tried = [self._ranges(self.options.activations, clip) for clip in ACTIVATION_CLIPS]
        return min(tried, key=loss)

    def _ranges(self, format_name: str, clip: str) -> dict[str, ActivationRange]:
        ranges = {}
        for layer in self.layers:
            pin = self.pins[layer.name]
            if layer.name in self.samples and not (pin and pin.float_input):
                ranges[layer.name] = range_of(self.samples[layer.name], format_name, clip)
        return ranges

    @cached_property
    def moments(self) -> dict[str, PatchMoments]:
        """Of the patches of every layer whose rounding or bias is corrected."""
        wanted = [
            layer
            for layer in self.layers
            if self.corrects(layer, "rounding") or self.corrects(layer, "bias")
        ]
        return collect_moments(wanted, self.inputs, self._run, self.options.seed)
