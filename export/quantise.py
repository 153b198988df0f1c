"""What `tcsdk quantize` does: a model or a checkpoint in, a model folder of integers out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tcsdk.distribution import install_extra
from tcsdk.errors import OutputError
from tcsdk.export.crops import load_crop_net, write_crop_folder
from tcsdk.export.folder import (
    TABLES,
    Checkpoint,
    entropy_bundle,
    load_checkpoint,
    name_of,
    write_folder,
)
from tcsdk.model.find import named_model
from tcsdk.model.folder import CodecFolder
from tcsdk.model.manifest import MANIFEST
from tcsdk.model.read import read_model_folder
from tcsdk.models.families import DRAWING_FAMILIES, crop_family, row_of
from tcsdk.models.registry import CAPTIONED_NETS, CROP_NETS
from tcsdk.output import write_file
from tcsdk.quant.allocate.plan import Request
from tcsdk.quant.grid import MAX_BITS, MIN_BITS
from tcsdk.quant.judge.codec_objective import on_rendered_text
from tcsdk.quant.nets.graphs import calibration_pictures
from tcsdk.quant.nets.table import integer_rules
from tcsdk.quant.options import Options
from tcsdk.quant.pipeline import Quantiser, Result
from tcsdk.quant.report.report import Report, sweep_table
from tcsdk.quant.ship import crop_judge, crop_objective, options_of
from tcsdk.train.run.weights import load_origin

REPORT = "report"  # folder of it, inside the model folder
CROPS = 4  # for each picture
SWEEP = range(MAX_BITS, MIN_BITS - 1, -1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """The command's arguments.

    Attributes:
        model: id of an installed model, or the path of weights or of the folder that holds them.
        output: model folder to write.
        family: a name of one's own; None for that of the model or of the weights' recipe.
        photos: photographs for backgrounds, or None.
        pictures: for calibration, of nets that take crops CROPS times as many of these; half as
            many are held out.
        reading: whether a reader judges as well; None for what the family says.
        sweep: whether 8 down to 2 bits are measured too.
        force: whether a model folder that is there may be replaced.
    """

    model: str
    output: Path
    family: str | None = None
    photos: Path | None = None
    pictures: int = 24
    reading: bool | None = None
    sweep: bool = False
    force: bool = False


def quantise_model(job: Job, request: Request, chosen: Mapping[str, Any]) -> Report:
    """Quantise, write the model folder with the report in it, and return the report.

    Args:
        job: the command's arguments.
        request: the size.
        chosen: fields of Options that differ from those of what ships.

    Raises:
        OutputError: the output is there and must not be replaced.
        FileNotFoundError: the path holds no weights.
        UnknownModelError: there is neither such a path nor such a model.
        ValueError: an option is none, the net has no rules for integers, or stands beside a codec.
    """
    Options(**chosen)  # raises before anything is looked for
    _refuse_other_folders(job)
    source = Path(job.model) if Path(job.model).exists() else named_model(job.model)[0].path
    net = load_origin(source).net
    _refuse_parts(net)
    quantise = _quantise_crops if net in CROP_NETS else _quantise_codec
    report, reports = quantise(job, request, chosen, source)
    _write_report(report, reports, job.output / REPORT)
    return report


Reports = tuple[Report, list[Report]]  # of what was asked for, and of the sweep


def _quantise_crops(job: Job, request: Request, chosen: Mapping[str, Any], source: Path) -> Reports:
    """Quantise a net that takes crops, and write its model folder."""
    weights = load_crop_net(source)
    own = read_model_folder(source).family if (source / MANIFEST).is_file() else None
    origin = weights.origin
    name, _ = crop_family(job.family or own, origin.net, origin.recipe)
    options = replace(crop_judge(weights.net).options, **chosen)
    integer_rules(weights.net)
    objective = crop_objective(weights.net, job.photos, CROPS * job.pictures)
    quantiser = Quantiser(weights.net, objective, options)
    result = quantiser.run(request)
    reports = _sweep(quantiser, job)
    write_crop_folder(weights, name, job.output, {form_of(request, result): result.quantised})
    return result.report, reports


def _quantise_codec(job: Job, request: Request, chosen: Mapping[str, Any], source: Path) -> Reports:
    """Quantise a codec, and write its model folder."""
    checkpoint = load_checkpoint(source)
    name = _name_of(checkpoint, source, job.family)
    row = row_of(name, checkpoint.origin.net, checkpoint.origin.recipe)
    reading = row.judge == "reading" if job.reading is None else job.reading
    options = replace(options_of(reading), **chosen)
    integer_rules(checkpoint.codec)
    quantiser = Quantiser(
        checkpoint.codec, on_rendered_text(job.pictures, job.photos, reading), options
    )
    result = quantiser.run(request)
    reports = _sweep(quantiser, job)
    bundle = _shipped_bundle(source, name)
    if bundle is None:
        pictures = calibration_pictures(job.photos, TABLES * job.pictures)
        bundle = entropy_bundle(checkpoint, name, pictures)
    forms = {form_of(request, result): result.quantised}
    write_folder(checkpoint, name, job.output, forms, bundle)
    return result.report, reports


def _sweep(quantiser: Quantiser, job: Job) -> list[Report]:
    """Reports of 8 down to 2 bits, where they are asked for."""
    return [quantiser.run(Request(bits)).report for bits in SWEEP] if job.sweep else []


def form_of(request: Request, result: Result) -> str:
    """Return the name of a precision: "int8", or "w" and the bits of a weight."""
    if all(int(weight.bits.min()) == MAX_BITS for weight in result.quantised.weights.values()):
        return "int8"
    return f"w{request.bits or round(result.report.bits)}"


def _refuse_parts(net: str) -> None:
    """Refuse what has no decoder of its own: folders of such nets hold a part of one."""
    if net in CAPTIONED_NETS or any(row.net == net for row in DRAWING_FAMILIES.values()):
        raise ValueError(
            f"expected a codec or a net that takes crops, got {net}, which stands beside a codec: "
            "python -m tcsdk.export writes its folder, integers of an encoder by --precisions"
        )


def _refuse_other_folders(job: Job) -> None:
    if not job.output.exists() or (job.output.is_dir() and not any(job.output.iterdir())):
        return
    if not (job.output / MANIFEST).is_file():
        raise OutputError(
            f"expected a new folder or a model's at {job.output}, got something else: name another "
            "with -o"
        )
    if not job.force:
        raise OutputError(f"{job.output} exists; name another folder with -o, or use --force")


def _name_of(checkpoint: Checkpoint, source: Path, given: str | None) -> str:
    """The name asked for, else the model folder's own, else that of the weights' recipe."""
    if given is None and (source / MANIFEST).is_file():
        return read_model_folder(source).family
    return name_of(checkpoint, given)


def _shipped_bundle(source: Path, name: str) -> bytes | None:
    """The entropy bundle of a model folder, so that streams of all its precisions are alike."""
    if not (source / MANIFEST).is_file():
        return None
    model = read_model_folder(source)
    if not isinstance(model, CodecFolder) or model.family != name:
        return None
    return model.read_checked(model.bundle_file)


def _write_report(report: Report, reports: list[Report], folder: Path) -> None:
    """Write report.md and report.json, and what else there is; plots where matplotlib is there."""
    folder.mkdir(exist_ok=True)
    report.write(folder)
    if reports:
        write_file(folder / "sweep.md", sweep_table(reports).encode())
    try:
        from tcsdk.quant.report.plots import plot_layers, plot_sizes
    except ModuleNotFoundError as error:
        _log.warning("no plots without %s: %s", error.name, install_extra("bench"))
        return
    plot_layers(report, folder / "layers.png")
    if reports:
        plot_sizes(reports, folder / "sizes.png")
