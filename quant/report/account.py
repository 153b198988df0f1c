"""The account of a quantised net: what each layer became, what all of it costs."""

from __future__ import annotations

import numpy as np

from tcsdk.quant.calibrate.calibrated import Calibrated
from tcsdk.quant.integers.activations import ActivationRange
from tcsdk.quant.integers.quantised import Quantised
from tcsdk.quant.integers.weights import QuantisedWeight, limits_of, to_rows
from tcsdk.quant.judge.objectives import Split
from tcsdk.quant.nets.layers import Layer
from tcsdk.quant.report.report import LayerReport, Report

NO_NOISE = 200.0  # dB, of a weight that its grid holds exactly


def sqnr(layer: Layer, weight: QuantisedWeight) -> float:
    """Signal over quantisation noise of a weight, dB."""
    rows = to_rows(layer.weight, layer.axis)
    noise = np.square(rows - weight.integers * weight.step[:, None].astype(np.float64)).sum()
    power = np.square(rows).sum()
    return float(min(NO_NOISE, 10 * np.log10(max(power, 1e-300) / max(noise, 1e-300))))


def _input(range_: ActivationRange | None) -> str:
    if range_ is None:
        return "float"
    each = " by channel" if range_.scales else ""
    return f"{range_.format} {range_.low:.3g}..{range_.high:.3g} {range_.clip}{each}"


def _note(of: Calibrated, layer: Layer, quantised: Quantised) -> str:
    rule, notes = of.rules[layer.name], []
    if rule is not None:
        notes.append(rule.reason)
    if of.objective is not None and layer.name not in of.samples:
        notes.append("calibration never ran it: weights alone")
    if layer.name in of.costly:
        cost = f"{of.costly[layer.name]:.2g} {of.required('costs').sensitivity_unit}"
        notes.append(f"float arithmetic: its 8-bit grids alone cost {cost}")
    range_ = quantised.inputs.get(layer.name)
    if range_ is not None and range_.clip == "constant":
        notes.append("constant input: its range is from zero to that value")
    wants = of.corrects(layer, "rounding") and layer.name in of.samples
    if wants and layer.name not in of.moments:
        notes.append("no patches for this kind of layer: rounded to the nearest")
    return "; ".join(notes)


def _corrections(of: Calibrated, layer: Layer, tuned: bool) -> str:
    patched = bool(of.samples) and layer.name in of.moments
    applied = {
        "spread": not (patched and of.corrects(layer, "rounding")),
        "rounding": patched,
        "bias": patched and layer.bias_key is not None,
        "tuning": tuned,
    }
    return " ".join(name for name in applied if applied[name] and of.corrects(layer, name))


def _layer_report(of: Calibrated, layer: Layer, quantised: Quantised, tuned: bool) -> LayerReport:
    weight, rule = quantised.weights[layer.key], of.rules[layer.name]
    ends = weight.step * limits_of(weight.bits)[:, 0]
    return LayerReport(
        name=layer.key,
        type=layer.type,
        parameters=layer.weight.numel(),
        bits=float(weight.bits.mean()),
        clip=rule.clip if rule and rule.clip else of.options.clip,
        clip_value=float(ends.mean()),
        sqnr=sqnr(layer, weight),
        input=_input(quantised.inputs.get(layer.name)),
        sensitivity=of.known_sensitivity(layer, float(weight.bits.mean())),
        corrections=_corrections(of, layer, tuned),
        note=_note(of, layer, quantised),
    )


def make_report(request: str, of: Calibrated, built: Quantised, quantised: Quantised) -> Report:
    """Measure a quantised net on held-out samples and write down what it is.

    Args:
        request: what was asked for.
        of: the float net.
        built: what it became before tuning.
        quantised: the same after tuning, or `built` itself where that was not kept.
    """
    tuned = quantised is not built
    parameters = sum(tensor.numel() for tensor in of.net.state_dict().values())
    quantised_bits = sum(
        int(w.bits.sum()) * w.integers.shape[1] for w in quantised.weights.values()
    )
    free = sum(tensor.numel() for tensor in quantised.rest.values())
    losses, figures = _losses(of, quantised)
    untuned = _losses(of, built)[0].get("held_out") if tuned else losses.get("held_out")
    return Report(
        request=request,
        layers=tuple(_layer_report(of, layer, quantised, tuned) for layer in of.layers),
        parameters=parameters,
        theoretical_megabits=(quantised_bits + 32 * free) / 1e6,
        float_megabits=32 * parameters / 1e6,
        packed_bytes=quantised.packed_bytes,
        float_bytes=4 * parameters,
        loss=losses.get("held_out"),
        untuned_loss=untuned,
        calibration_loss=losses.get("calibration"),
        unit=of.objective.unit if of.objective else "",
        sensitivity_unit=of.objective.sensitivity_unit if of.objective else "not measured",
        figures=figures,
        notes=_notes(of, tuned),
    )


def _losses(of: Calibrated, quantised: Quantised) -> tuple[dict[Split, float], dict[str, float]]:
    """Losses by split, and the held-out figures; nothing without an objective."""
    losses: dict[Split, float] = {}
    figures: dict[str, float] = {}
    if of.objective is None:
        return losses, figures
    simulated = quantised.apply(of.net)
    for split, reference in of.references.items():
        scores = of.objective.measure(simulated, split)
        losses[split] = of.objective.loss(reference, scores)
        if split == "held_out":
            figures = of.objective.figures(reference, scores)
    return losses, figures


def _notes(of: Calibrated, tuned: bool) -> tuple[str, ...]:
    notes = []
    if of.objective is None:
        notes.append("no objective: weights alone, uncorrected and unmeasured")
    elif "tuning" in of.options.corrections and not tuned:
        notes.append("tuning found nothing better and was not kept")
    if of.costly:
        notes.append(f"float arithmetic where 8-bit grids cost too much: {', '.join(of.costly)}")
    return tuple(notes)
