"""Plots of a report: error by layer, and loss against size over several reports."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from tcsdk.output import write_file
from tcsdk.quant.report.report import Report

BD_RATE = "BD-rate, PSNR (%)"


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=120, format="png")
    write_file(path, buffer.getvalue())


def plot_layers(report: Report, path: Path) -> None:
    """Error of each layer's weights, and sensitivity where it was measured, to a PNG."""
    names = [layer.name.removesuffix(".weight") for layer in report.layers]
    figure = Figure((8, 1.5 + 0.16 * len(names)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    places = range(len(names))
    left.barh(places, [layer.sqnr for layer in report.layers])
    left.set(yticks=places, yticklabels=names, xlabel="SQNR of the weights (dB)")
    left.tick_params(axis="y", labelsize=6)
    left.invert_yaxis()
    right.barh(places, [layer.sensitivity or 0.0 for layer in report.layers])
    right.set(xlabel=f"loss alone ({report.sensitivity_unit})")
    for place, layer in zip(places, report.layers, strict=True):
        left.text(0, place, f" {layer.bits:.3g} bit", fontsize=5, va="center", color="white")
    figure.suptitle(report.request)
    _save(figure, path)


def plot_sizes(reports: Sequence[Report], path: Path) -> None:
    """Loss, and BD-rate where there is one, against packed size, to a PNG."""
    figure = Figure((6, 4), layout="constrained")
    axes = figure.subplots()
    measured = [(r, r.loss) for r in reports if r.loss is not None]
    bd_rates = [(r, r.figures[BD_RATE]) for r, _ in measured if BD_RATE in r.figures]
    for name, points in ((f"loss, {reports[0].unit}", measured), (BD_RATE, bd_rates)):
        if points:
            sizes = [report.packed_bytes / 1e6 for report, _ in points]
            axes.plot(sizes, [loss for _, loss in points], "o-", label=name)
    for report, loss in measured:
        axes.annotate(report.request, (report.packed_bytes / 1e6, loss), fontsize=7)
    axes.set(xlabel="packed parameters (MB)", ylabel="loss", yscale="symlog")
    axes.grid(visible=True, alpha=0.3)
    axes.legend()
    _save(figure, path)
