"""The integer precisions of a shipped model, by name: what `python -m tcsdk.export` asks for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from tcsdk.models.codecs.base import Codec
from tcsdk.models.recognition.cdistnet import Cdistnet
from tcsdk.models.recognition.reader import Reader
from tcsdk.models.super_resolution.edsr import Edsr
from tcsdk.models.super_resolution.tbsrn import Tbsrn
from tcsdk.quant.allocate.plan import Request
from tcsdk.quant.judge.codec_objective import on_rendered_text
from tcsdk.quant.judge.line_objective import on_rendered_lines
from tcsdk.quant.judge.objectives import Objective
from tcsdk.quant.judge.pair_objectives import on_rendered_crops, on_rendered_words
from tcsdk.quant.nets.table import integer_rules
from tcsdk.quant.options import Options
from tcsdk.quant.pipeline import Quantiser, Result

# Bits of a weight on average; activations have 8 in all of them.
PRECISIONS = {"int8": 8, "w4": 4, "w3": 3}
OPTIONS = Options(
    clip="output", activation_clip="best", grid_loss=0.3, equalisation=0.5, allocation="layer"
)
# Codecs that are judged by a reader as well are for small devices: more is done in integers.
GRID_LOSS_READING = 1.0
PICTURES = 48
# No grid of these nets' layers costs much, and their integers lose little as they are: what takes
# most of the time is left out.
CROP_OPTIONS = replace(
    OPTIONS, activation_clip="mse", grid_loss=None, corrections=("spread", "bias")
)


@dataclass(frozen=True)
class CropJudge:
    """What the integer forms of a net that takes crops are judged on.

    Attributes:
        make: the objective, of so many samples for calibration and photographs or None.
        samples: of these so many.
        options: how.
    """

    make: Callable[[int, Path | None], Objective]
    samples: int
    options: Options = CROP_OPTIONS


CROP_JUDGES: dict[type[nn.Module], CropJudge] = {
    Reader: CropJudge(on_rendered_lines, 192),
    # It has a hundred layers: what each costs at each width would take ten minutes of a core.
    Cdistnet: CropJudge(on_rendered_words, 96, replace(CROP_OPTIONS, allocation="uniform")),
    Edsr: CropJudge(on_rendered_crops, 96),
    Tbsrn: CropJudge(on_rendered_crops, 96),
}
_log = logging.getLogger(__name__)


def options_of(reading: bool) -> Options:
    """How codecs are quantised that ship: judged by a reader as well, or not."""
    return replace(OPTIONS, grid_loss=GRID_LOSS_READING) if reading else OPTIONS


def quantise_codec(
    codec: Codec,
    names: Collection[str],
    photos: Path | None = None,
    pictures: int = PICTURES,
    reading: bool = False,
) -> dict[str, Result]:
    """Quantise a codec to several precisions from one calibration.

    Args:
        codec: trained; left as it is.
        names: of PRECISIONS.
        photos: photographs for backgrounds of the calibration pictures, or None.
        pictures: for calibration; half as many others, with unseen fonts, measure the loss.
        reading: whether a reader judges beside PSNR, as it should where one was in the training.

    Raises:
        ValueError: a name is unknown, the codec was never trained, or its net has no rules.
    """
    _check(codec, names)
    return _results(codec, names, on_rendered_text(pictures, photos, reading), options_of(reading))


def quantise_crops(
    net: nn.Module, names: Collection[str], photos: Path | None = None, samples: int | None = None
) -> dict[str, Result]:
    """Quantise a net that takes crops to several precisions from one calibration.

    Args:
        net: trained, its normalisations folded; left as it is.
        names: of PRECISIONS.
        photos: photographs for backgrounds of the calibration pictures, or None.
        samples: for calibration, None for as many as what ships; half as many others, with unseen
            fonts, measure the loss.

    Raises:
        ValueError: a name is unknown, or nothing says how the net is judged.
    """
    _check(net, names)
    return _results(net, names, crop_objective(net, photos, samples), crop_judge(net).options)


def crop_objective(
    net: nn.Module, photos: Path | None = None, samples: int | None = None
) -> Objective:
    """Return what the integer forms of a net that takes crops are judged by."""
    judge = crop_judge(net)
    return judge.make(samples or judge.samples, photos)


def crop_judge(net: nn.Module) -> CropJudge:
    """Return the row of a net that takes crops."""
    return next(row for kind, row in CROP_JUDGES.items() if isinstance(net, kind))


def _check(net: nn.Module, names: Collection[str]) -> None:
    unknown = [name for name in names if name not in PRECISIONS]
    if unknown:
        raise ValueError(f"expected precisions of {', '.join(PRECISIONS)}, got {unknown}")
    integer_rules(net)


def _results(
    net: nn.Module, names: Collection[str], objective: Objective, options: Options
) -> dict[str, Result]:
    quantiser = Quantiser(net, objective, options)
    results = {}
    for name in names:
        results[name] = quantiser.run(Request(PRECISIONS[name]))
        _log.info("%s: %s", name, "; ".join(results[name].report.summary()))
    return results
