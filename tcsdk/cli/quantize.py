"""`tcsdk quantize`: a model folder with weights of 2..8 bits, and a report (extra [train])."""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import fields
from pathlib import Path

from tcsdk.cli.values import bounded
from tcsdk.distribution import install_extra
from tcsdk.errors import MissingRuntimeError

# Arguments that are options of the same name.
SCALARS = "clip activations activation_clip grid_loss equalisation allocation cache".split()
LISTS = ("types", "corrections")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `quantize`."""
    parser.add_argument("model", metavar="MODEL", help="model id, weights, or their folder")
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("--bits", type=int, metavar="N", help="bits of a weight, 2..8")
    asked.add_argument("--max-mb", type=float, metavar="X", help="packed parameters, 10^6 bytes")
    asked.add_argument("--max-loss", type=float, metavar="Y", help="percent of rate")
    parser.add_argument(
        "-o", "--output", required=True, type=Path, metavar="FOLDER", help="model folder to write"
    )
    parser.add_argument(
        "-f", "--force", action="store_true", help="replace a model folder that is there"
    )
    parser.add_argument(
        "--family", metavar="NAME", help="a name of your own (default: that of the model)"
    )
    parser.add_argument(
        "--types", nargs="+", metavar="TYPE", help="layer types: conv linear attention ffn stn"
    )
    # Defaults are those of what ships: tcsdk.quant.ship.options_of.
    parser.add_argument("--clip", help="clipping of weights (default: output)")
    parser.add_argument("--activations", help="uint8, int8, or none (default: uint8)")
    parser.add_argument(
        "--activation-clip", help="clipping of inputs; best tries three for each layer (default)"
    )
    parser.add_argument(
        "--equalisation",
        type=float,
        metavar="S",
        help="share of channels' differences that moves into weights, 0..1 (default: 0.5)",
    )
    parser.add_argument(
        "--grid-loss",
        type=float,
        metavar="Y",
        help="layers whose input's and output's 8 bits cost more percent stay float "
        "(default: 0.3, where a reader judges 1)",
    )
    parser.add_argument("--allocation", help="of --bits: uniform, channel, layer (default: layer)")
    parser.add_argument(
        "--corrections", nargs="*", metavar="STEP", help="spread rounding bias tuning (all)"
    )
    parser.add_argument("--photos", type=Path, metavar="FOLDER", help="photographs for backgrounds")
    parser.add_argument(
        "--pictures", type=bounded(1, 10_000), default=24, metavar="N", help="for calibration"
    )
    parser.add_argument(
        "--reading",
        action=argparse.BooleanOptionalAction,
        help="judge by reading as well as PSNR (default: as the family was trained)",
    )
    parser.add_argument("--sweep", action="store_true", help="measure 8 down to 2 bits as well")
    parser.add_argument(
        "--cache", type=Path, metavar="FOLDER", help="keep what layers cost for the next call"
    )


class Progress(logging.Handler):
    """Says on standard error how far it is: a shipped codec takes ten minutes of a core."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        print(self.format(record), file=sys.stderr, flush=True)


def run(arguments: argparse.Namespace) -> int:
    """Quantise, print the totals and return the exit code."""
    try:
        from tcsdk.export.quantise import Job, quantise_model
        from tcsdk.quant import Request
    except ModuleNotFoundError as error:
        raise MissingRuntimeError(
            f"tcsdk quantize needs {error.name}: {install_extra('train')}"
        ) from error
    given = {name: getattr(arguments, name) for name in SCALARS}
    lists = {name: getattr(arguments, name) for name in LISTS}
    given |= {name: tuple(value) for name, value in lists.items() if value is not None}
    chosen = {name: value for name, value in given.items() if value is not None}
    if chosen.get("activations") == "none":
        chosen["activations"] = None
    request = Request(arguments.bits, arguments.max_mb, arguments.max_loss)
    job = Job(**{field.name: getattr(arguments, field.name) for field in fields(Job)})
    logger, progress = logging.getLogger("tcsdk.quant"), Progress()
    logger.setLevel(logging.INFO)
    logger.addHandler(progress)
    try:
        report = quantise_model(job, request, chosen)
    finally:
        logger.removeHandler(progress)
    print("\n".join([f"{job.output}: {report.request}", *report.summary()]))
    return 0
