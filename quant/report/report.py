"""What quantisation did to each layer and to the whole net, as Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tcsdk.output import write_file


@dataclass(frozen=True)
class LayerReport:
    """One layer.

    Attributes:
        name: of its weight.
        type: conv, linear, attention, ffn, stn.
        parameters: of the weight.
        bits: of a weight, averaged over channels.
        clip: method that chose the weights' range.
        clip_value: that range's end, averaged over channels.
        sqnr: signal over quantisation noise of the weights, dB.
        input: how its input is quantised, or "float".
        sensitivity: loss when this layer alone has these bits, corrected but not tuned, in the
            objective's sensitivity unit; None where it was not measured.
        corrections: what was applied to it.
        note: what was not done as asked, and why.
    """

    name: str
    type: str
    parameters: int
    bits: float
    clip: str
    clip_value: float
    sqnr: float
    input: str
    sensitivity: float | None
    corrections: str
    note: str


@dataclass(frozen=True)
class Report:
    """The whole net.

    Attributes:
        request: what was asked for.
        layers: in the net's order.
        parameters: of the net, quantised or not.
        theoretical_megabits: bits of every quantised parameter and 32 of every other, as the
            OCR-SR paper counts, whose "MB" are these megabits.
        float_megabits: 32 bits of every parameter.
        packed_bytes: real ones: packed weights, a step per channel and all else in FP16.
        float_bytes: four of every parameter.
        loss: against the float net on held-out samples; None where nothing was measured. Below
            zero where tuning, which is a little training, gained more than the bits cost.
        untuned_loss: the same before tuning: what quantisation alone costs.
        calibration_loss: the same on the samples that it was calibrated with.
        unit: of these losses.
        sensitivity_unit: of the layers' sensitivity.
        figures: more of the objective's measures, by name.
        notes: fallbacks that concern the whole.
    """

    request: str
    layers: tuple[LayerReport, ...]
    parameters: int
    theoretical_megabits: float
    float_megabits: float
    packed_bytes: int
    float_bytes: int
    loss: float | None
    untuned_loss: float | None
    calibration_loss: float | None
    unit: str
    sensitivity_unit: str
    figures: dict[str, float]
    notes: tuple[str, ...]

    @property
    def bits(self) -> float:
        """Bits of a quantised weight, on average."""
        total = sum(layer.parameters for layer in self.layers)
        return sum(layer.bits * layer.parameters for layer in self.layers) / total

    def to_json(self) -> str:
        """The report as a JSON object."""
        return json.dumps(asdict(self), indent=1) + "\n"

    def to_markdown(self) -> str:
        """The report as a page: totals, then a row per layer."""
        rows = [
            f"| {layer.name} | {layer.type} | {layer.parameters:,} | {layer.bits:.3g} "
            f"| {layer.clip} {layer.clip_value:.3g} | {layer.sqnr:.1f} | {layer.input} "
            f"| {_number(layer.sensitivity)} | {layer.corrections} | {layer.note} |"
            for layer in self.layers
        ]
        return "\n".join(
            [
                f"# Quantisation: {self.request}",
                "",
                *self.summary(),
                "",
                "| layer | type | parameters | bits | clip | SQNR (dB) | input "
                f"| sensitivity ({self.sensitivity_unit}) | corrections | note |",
                "|---|---|---|---|---|---|---|---|---|---|",
                *rows,
                "",
            ]
        )

    def summary(self) -> list[str]:
        """The totals, a Markdown list."""
        lines = [
            f"{self.parameters:,} parameters, {self.bits:.2f} bits a quantised weight",
            f"theoretical size {self.theoretical_megabits:.2f} megabits, "
            f'{self.float_megabits:.2f} in float (the OCR-SR paper\'s "MB")',
            f"{self.packed_bytes:,} bytes packed, {self.float_bytes:,} in float",
        ]
        if self.loss is not None:
            lines.append(f"loss {self.loss:.3f} {self.unit} on held-out samples")
        if self.untuned_loss is not None:
            lines.append(f"loss {self.untuned_loss:.3f} before tuning, on the same samples")
        if self.calibration_loss is not None:
            lines.append(f"loss {self.calibration_loss:.3f} on the samples of calibration")
        lines += [f"{name}: {value:.4g}" for name, value in self.figures.items()]
        return [f"- {line}" for line in (*lines, *self.notes)]

    def write(self, folder: Path) -> None:
        """Write report.md and report.json."""
        write_file(folder / "report.md", self.to_markdown().encode())
        write_file(folder / "report.json", self.to_json().encode())


def sweep_table(reports: Sequence[Report]) -> str:
    """Totals of several reports as a Markdown table, a row each."""
    names = list(dict.fromkeys(name for report in reports for name in report.figures))
    rows = [
        f"| {r.request} | {r.theoretical_megabits:.2f} | {r.packed_bytes:,} | {_number(r.loss)} | "
        + " | ".join(_number(r.figures.get(name)) for name in names)
        + " |"
        for r in reports
    ]
    head = f"| asked for | theoretical megabits | packed bytes | loss ({reports[0].unit}) | "
    return "\n".join([head + " | ".join(names) + " |", "|---" * (4 + len(names)) + "|", *rows, ""])


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
