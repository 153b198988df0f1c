"""What `tcsdk quantize` does: a codec's checkpoint in, a folder of integers and a report out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from tcsdk.distribution import install_extra
from tcsdk.model.folder import find_model
from tcsdk.models.codecs.edge import EdgeCodec
from tcsdk.models.registry import codec_of
from tcsdk.quant.allocate.plan import Request
from tcsdk.quant.grid import MAX_BITS, MIN_BITS
from tcsdk.quant.judge.codec_objective import on_rendered_text
from tcsdk.quant.options import Options
from tcsdk.quant.pipeline import Quantiser
from tcsdk.quant.report.report import Report, sweep_table, write_atomically
from tcsdk.train.run.weights import load_origin, load_weights

WEIGHTS = "quantised.safetensors"
SWEEP = range(MAX_BITS, MIN_BITS - 1, -1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """The command's arguments.

    Attributes:
        model: id of an installed model, a checkpoint, or the folder that holds one.
        output: folder to write.
        photos: photographs for backgrounds, or None.
        pictures: for calibration; half as many are held out.
        reading: whether the reader judges as well.
        sweep: whether 8 down to 2 bits are measured too.
    """

    model: str
    output: Path
    photos: Path | None
    pictures: int
    reading: bool
    sweep: bool


def load_codec(model: str) -> EdgeCodec:
    """A codec by model id or path.

    Raises:
        FileNotFoundError: the path holds no weights.
        UnknownModelError: there is neither such a path nor such a model.
        ValueError: the weights are another net's.
    """
    path = Path(model)
    if not path.exists():
        path = find_model(model)[0].path
    codec = codec_of(load_weights(path), load_origin(path).net)
    if not isinstance(codec, EdgeCodec):
        raise ValueError(
            f"expected weights of an edge net in {path}, got those of a {type(codec).__name__}"
        )
    return codec


def quantise_model(job: Job, request: Request, options: Options) -> Report:
    """Quantise, write the folder, and return the report."""
    codec = load_codec(job.model)
    objective = on_rendered_text(job.pictures, job.photos, job.reading)
    quantiser = Quantiser(codec, objective, options)
    result = quantiser.run(request)
    report = result.report
    job.output.mkdir(parents=True, exist_ok=True)
    result.quantised.save(job.output / WEIGHTS)
    report.write(job.output)
    reports = [quantiser.run(Request(bits)).report for bits in SWEEP] if job.sweep else []
    if reports:
        write_atomically(job.output / "sweep.md", sweep_table(reports))
    _plot(report, reports, job.output)
    return report


def _plot(report: Report, reports: list[Report], folder: Path) -> None:
    """Draw what there is to draw, where matplotlib is installed."""
    try:
        from tcsdk.quant.report.plots import plot_layers, plot_sizes
    except ModuleNotFoundError as error:
        _log.warning("no plots without %s: %s", error.name, install_extra("bench"))
        return
    plot_layers(report, folder / "layers.png")
    if reports:
        plot_sizes(reports, folder / "sizes.png")
