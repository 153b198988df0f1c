"""A net with what is known of it before a bit is chosen: layers, rules, inputs, patches."""

from __future__ import annotations

import copy
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from torch import nn

from tcsdk.quant.allocate.plan import Plan
from tcsdk.quant.allocate.sensitivity import Change, measure_sensitivity
from tcsdk.quant.calibrate.calibration import collect_inputs, collect_outputs
from tcsdk.quant.calibrate.equalisation import equalised
from tcsdk.quant.calibrate.patches import PatchMoments, collect_moments
from tcsdk.quant.clip.samples import Samples
from tcsdk.quant.grid import Reals
from tcsdk.quant.integers.activations import ActivationRange, range_of
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.quant.judge.objectives import Objective, Split
from tcsdk.quant.nets.layers import Layer, find_layers
from tcsdk.quant.nets.rules import IntegerRules, Rule
from tcsdk.quant.nets.table import rules_of
from tcsdk.quant.options import ACTIVATION_CLIPS, Options


@dataclass(frozen=True)
class Ranges:
    """Grids of what flows between layers.

    Attributes:
        inputs: of layers' inputs, by layer name.
        outputs: of outputs that are terms of sums.
    """

    inputs: dict[str, ActivationRange]
    outputs: dict[str, ActivationRange]

    @staticmethod
    def union(parts: Iterable[Ranges]) -> Ranges:
        """Those of all parts."""
        inputs: dict[str, ActivationRange] = {}
        outputs: dict[str, ActivationRange] = {}
        for part in parts:
            inputs.update(part.inputs)
            outputs.update(part.outputs)
        return Ranges(inputs, outputs)

    def of(self, names: Container[str]) -> Ranges:
        """Those of the layers with these names."""
        return Ranges(
            {name: range_ for name, range_ in self.inputs.items() if name in names},
            {name: range_ for name, range_ in self.outputs.items() if name in names},
        )


class Calibrated:
    """A float net beside its objective; each thing is measured when first asked for.

    Args:
        net: trained; it is copied.
        objective: runs and judges it; None knows nothing but the weights.
        options: how to quantise.

    Attributes:
        net: the copy, in float, equalised.
        layers: all that are quantised.
        rules: of the layers, by name; None for those that have none.
        free: layers whose bits no rule fixes.

    Raises:
        ValueError: no layer of the types asked for, an empty calibration, or NaN in it.
    """

    def __init__(self, net: nn.Module, objective: Objective | None, options: Options) -> None:
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.objective, self.options = objective, options
        if objective is not None:
            self.net = equalised(self.net, objective.calibrate, options.equalisation)
        self._net_rules = rules_of(self.net).integers or IntegerRules()
        found = find_layers(self.net, options.types)
        self.layers = [la for la in found if not f"{la.name}.".startswith(self._net_rules.floats)]
        self.rules: dict[str, Rule | None] = {
            layer.name: self._net_rules.rule_of(layer.name) for layer in self.layers
        }
        self.free = [layer for layer in self.layers if self._fixed_bits(layer) is None]
        self._sensitivity: dict[str, dict[int, float]] | None = None
        self.samples: dict[str, Samples] = {}
        self._output_samples: dict[str, Samples] = {}
        if objective is not None:
            self.samples = collect_inputs(self.layers, self._run)
            summed = self._net_rules.rounded(self.layers)
            self._output_samples = collect_outputs(summed, self._run, self._net_rules.rectified)

    def _fixed_bits(self, layer: Layer) -> int | None:
        rule = self.rules[layer.name]
        return None if rule is None else rule.bits

    def bits(self, layer: Layer, plan: Plan) -> NDArray[np.uint8]:
        """Bits of each output channel, (C,): a rule's, or the plan's."""
        fixed = self._fixed_bits(layer)
        bits = np.asarray(plan[layer.name] if fixed is None else fixed, np.uint8)
        return np.broadcast_to(bits, layer.weight.shape[layer.axis])

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

    def sensitivity(self, change: Change) -> dict[str, dict[int, float]]:
        """Loss of each free layer at each width, quantised by `change`; measured once."""
        if self._sensitivity is None:
            objective, options = self.required("the layers' sensitivity"), self.options
            corrections = [name for name in options.corrections if name != "tuning"]
            grids = options.activations, options.activation_clip, options.grid_loss
            how = repr((options.clip, *grids, corrections, options.seed))
            self._sensitivity = measure_sensitivity(
                self.net, self.free, objective, change, how, options.cache
            )
        return self._sensitivity

    def known_sensitivity(self, layer: Layer, bits: float) -> float | None:
        """Loss of a layer at so many bits, where it has been measured."""
        known = (self._sensitivity or {}).get(layer.name, {})
        return known.get(int(bits)) if bits.is_integer() else None

    def corrects(self, layer: Layer, correction: str) -> bool:
        """Whether a correction is asked for and allowed."""
        rule = self.rules[layer.name]
        allowed = self.objective is not None and (rule is None or rule.corrected)
        return allowed and correction in self.options.corrections

    @cached_property
    def ranges(self) -> Ranges:
        """Grids of all quantised activations, without those of costly layers."""
        return Ranges.union(grids for name, grids in self._grids.items() if name not in self.costly)

    @cached_property
    def costly(self) -> dict[str, float]:
        """Loss of each layer whose grids alone cost more than the options allow.

        Their arithmetic stays float.
        """
        limit = self.options.grid_loss
        if limit is None:
            return {}
        costs = {name: self._cost(grids) for name, grids in self._grids.items()}
        return {name: cost for name, cost in costs.items() if cost > limit}

    @cached_property
    def _grids(self) -> dict[str, Ranges]:
        """Grids of each layer, by the method asked for or by the one that costs it least."""
        if self.objective is None or self.options.activations is None:
            return {}
        format_name, clip = self.options.activations, self.options.activation_clip
        clips = ACTIVATION_CLIPS if clip == "best" else (clip,)
        tried = [self._ranges(format_name, clip) for clip in clips]
        if clip == "best" and self._net_rules.pictures is not None:
            # What is cut off before the picture is a colour, and rare ones cost a mean nothing.
            whole = self._ranges(format_name, "minmax").of({self._net_rules.pictures[1]})
            tried = [replace(ranges, inputs={**ranges.inputs, **whole.inputs}) for ranges in tried]
        candidates = {
            name: [ranges.of({name}) for ranges in tried]
            for name in {**tried[0].inputs, **tried[0].outputs}
        }
        return {
            name: min(grids, key=self._cost) if len(grids) > 1 else grids[0]
            for name, grids in candidates.items()
        }

    def _cost(self, ranges: Ranges) -> float:
        objective = self.required("what grids cost")
        return objective.sensitivity(self._quick_reference, self.net, self._simulate(ranges))

    @cached_property
    def _quick_reference(self) -> Reals:
        return self.required("scores").measure(self.net, "quick")

    def _simulate(self, ranges: Ranges) -> nn.Module:
        """The net with these grids and float weights."""
        state = dict(self.net.state_dict())
        return Quantised({}, ranges.inputs, state, ranges.outputs).apply(self.net)

    def _ranges(self, format_name: str, clip: str) -> Ranges:
        inputs = {
            layer.name: range_of(self.samples[layer.name], format_name, clip)
            for layer in self.layers
            if layer.name in self.samples and not self._takes_float(layer)
        }
        outputs = {
            name: range_of(samples, format_name, clip)
            for name, samples in self._output_samples.items()
        }
        return Ranges(inputs, outputs)

    def _takes_float(self, layer: Layer) -> bool:
        rule, pictures = self.rules[layer.name], self._net_rules.pictures
        takes_picture = pictures is not None and layer.name == pictures[0]
        return takes_picture or (rule is not None and rule.float_input)

    @cached_property
    def moments(self) -> dict[str, PatchMoments]:
        """Of the patches of every layer whose rounding or bias is corrected."""
        wanted = [
            layer
            for layer in self.layers
            if self.corrects(layer, "rounding") or self.corrects(layer, "bias")
        ]
        if not wanted:
            return {}
        return collect_moments(wanted, self.ranges.inputs, self._run, self.options.seed)
