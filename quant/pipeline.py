"""The whole of it: calibrate, plan the bits, clip and round, correct, tune, report."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from tcsdk.quant.allocate.allocation import Sensitivity
from tcsdk.quant.allocate.plan import ALLOCATIONS, Plan, Request, within_loss, within_megabytes
from tcsdk.quant.calibrate.calibrated import Calibrated
from tcsdk.quant.correct.correction import correct_spread, output_shift
from tcsdk.quant.correct.rounding import round_adaptively
from tcsdk.quant.correct.tuning import tune
from tcsdk.quant.grid import Reals
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.quant.integers.weights import QuantisedWeight, quantise_weight, to_rows
from tcsdk.quant.judge.objectives import Objective
from tcsdk.quant.nets.layers import Layer
from tcsdk.quant.options import Options
from tcsdk.quant.report.account import make_report
from tcsdk.quant.report.report import Report

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """A quantised net.

    Attributes:
        quantised: integers, steps and ranges: what export takes.
        net: computes with them, in torch.
        report: per layer and in all.
    """

    quantised: Quantised
    net: nn.Module
    report: Report


def quantize(
    net: nn.Module,
    objective: Objective | None = None,
    *,
    bits: int | None = None,
    max_mb: float | None = None,
    max_loss: float | None = None,
    options: Options | None = None,
) -> Result:
    """Quantise a trained net; it is left as it is.

    Args:
        net: with convolutions, linear layers or attention.
        objective: judges nets and runs them for calibration. Without one only the weights are
            quantised, to a number of bits, uncorrected and unmeasured.
        bits: of a weight, 2..8.
        max_mb: packed parameters, in units of 1,000,000 bytes; bits go where they matter.
        max_loss: in the objective's unit, on the calibration samples; likewise.
        options: how.

    Raises:
        ValueError: not one of the three, bits outside 2..8, a budget that cannot be met, an
            unknown layer type or method, an empty calibration, NaN in weights or activations.
    """
    request = Request(bits, max_mb, max_loss)
    return Quantiser(net, objective, options).run(request)


class Quantiser:
    """One net, its calibration, and as many requests as wanted.

    Args:
        net: trained; it is left as it is.
        objective: as in `quantize`.
        options: how.

    Raises:
        ValueError: as in `quantize`.
    """

    def __init__(
        self, net: nn.Module, objective: Objective | None, options: Options | None = None
    ) -> None:
        self._options = options or Options()
        _log.info("calibrating")
        self._of = Calibrated(net, objective, self._options)
        self._made: dict[tuple[str, bytes], QuantisedWeight] = {}

    def run(self, request: Request) -> Result:
        """Quantise as asked for."""
        _log.info("%s: what each layer costs, and its bits", request)
        plan = self._plan(request)
        _log.info("rounding")
        built = self._build(plan)
        _log.info("tuning")
        quantised = self._tune(built)
        _log.info("measuring")
        report = make_report(str(request), self._of, built, quantised)
        return Result(quantised, quantised.apply(self._of.net), report)

    def _plan(self, request: Request) -> Plan:
        free = self._of.free
        if request.bits is not None:
            allocate = ALLOCATIONS[self._options.allocation]
            return allocate(free, request.bits, self._sensitivity)
        if request.max_mb is not None:
            return within_megabytes(free, request.max_mb, self._sensitivity, self._packed_bytes)
        assert request.max_loss is not None
        return within_loss(free, request.max_loss, self._sensitivity, self._loss)

    def _sensitivity(self) -> Sensitivity:
        return self._of.sensitivity(self._change)

    def _change(self, layer: Layer, bits: int) -> dict[str, Tensor]:
        """What one layer's quantisation does to the net's state."""
        weight = self._weight(layer, {layer.name: bits})
        return {layer.key: weight.dequantise(), **self._bias(layer, weight)}

    def _packed_bytes(self, plan: Plan) -> int:
        weights = {
            layer.key: quantise_weight(
                layer.weight, layer.axis, self._of.bits(layer, plan), "minmax"
            )
            for layer in self._of.layers
        }
        return Quantised(weights, {}, self._rest()).packed_bytes

    def _loss(self, plan: Plan) -> float:
        objective = self._of.required("a loss")
        scores = objective.measure(self._build(plan).apply(self._of.net), "calibration")
        return objective.loss(self._of.references["calibration"], scores)

    def _rest(self) -> dict[str, Tensor]:
        quantised = {layer.key for layer in self._of.layers}
        state = self._of.net.state_dict()
        return {name: state[name] for name in state if name not in quantised}

    def _weight(self, layer: Layer, plan: Plan) -> QuantisedWeight:
        bits = self._of.bits(layer, plan)
        key = (layer.name, bits.tobytes())
        if key not in self._made:
            self._made[key] = self._make(layer, bits)
        return self._made[key]

    def _make(self, layer: Layer, bits: NDArray[np.uint8]) -> QuantisedWeight:
        rule, rows = self._of.rules[layer.name], to_rows(layer.weight, layer.axis)
        clip = rule.clip if rule and rule.clip else self._options.clip
        importance = self._importance(layer) if clip == "output" else None
        weight = quantise_weight(layer.weight, layer.axis, bits, clip, importance)
        if self._of.corrects(layer, "rounding") and layer.name in self._of.moments:
            return round_adaptively(rows, weight, self._of.moments[layer.name])
        return correct_spread(rows, weight) if self._of.corrects(layer, "spread") else weight

    def _importance(self, layer: Layer) -> Reals | None:
        """Power of the input that each weight meets, (C, n), where calibration knows it."""
        moments = self._of.moments.get(layer.name)
        if moments is None:
            return None
        power = moments.covariance.diagonal(axis1=1, axis2=2)
        return power.repeat(layer.weight.shape[layer.axis] // len(power), 0)

    def _bias(self, layer: Layer, weight: QuantisedWeight) -> dict[str, Tensor]:
        """The layer's corrected bias by its name, if it has one and is corrected."""
        name, moments = layer.bias_key, None
        if name is not None and self._of.corrects(layer, "bias"):
            moments = self._of.moments.get(layer.name)
        if name is None or moments is None:
            return {}
        shift = output_shift(to_rows(layer.weight, layer.axis), weight, moments)
        return {name: self._of.net.get_parameter(name) + shift}

    def _build(self, plan: Plan) -> Quantised:
        """Everything but tuning."""
        weights = {layer.key: self._weight(layer, plan) for layer in self._of.layers}
        rest = self._rest()
        for layer in self._of.layers:
            rest.update(self._bias(layer, weights[layer.key]))
        ranges = self._of.ranges
        return Quantised(weights, ranges.inputs, rest, ranges.outputs)

    def _tune(self, quantised: Quantised) -> Quantised:
        tunable = [layer for layer in self._of.layers if self._of.corrects(layer, "tuning")]
        if not tunable:
            return quantised
        return tune(
            quantised,
            self._of.net,
            tunable,
            self._of.required("tuning"),
            self._of.references["calibration"],
            self._options.tuning_steps,
        )
