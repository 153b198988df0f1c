"""`tcsdk build`: engine plans ahead of time."""

from __future__ import annotations

import argparse
import sys

from tcsdk.cli.arguments import add_json
from tcsdk.cli.report import Report
from tcsdk.engines import find_row, precision_on
from tcsdk.engines.tensorrt.profiles import DEFAULT_SHAPES, NAMED, profiles_of
from tcsdk.errors import TcsdkError
from tcsdk.model.find import named_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `build`."""
    parser.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help="tfic, tfic-fp16, edsr-s, reader, or a model folder",
    )
    parser.add_argument(
        "--device", default="tensorrt", help="tensorrt or tensorrt:1 (default: tensorrt)"
    )
    parser.add_argument(
        "--shapes",
        nargs="+",
        metavar="SHAPE",
        help=f"of codecs: tile, {', '.join(NAMED)}, WIDTHxHEIGHT or BATCH@WIDTHxHEIGHT "
        f"(default: {' '.join(DEFAULT_SHAPES)})",
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Build and return the exit code."""
    row, index = find_row(arguments.device)
    if row.device != "tensorrt":
        raise ValueError(
            f"expected --device tensorrt or tensorrt:N, got {arguments.device!r}: "
            "only TensorRT has plans"
        )
    wanted = [named_model(model) for model in arguments.models]
    profiles = [profiles_of(model, arguments.shapes) for model, _ in wanted]

    from tcsdk.engines.tensorrt.engine import open_tensorrt
    from tcsdk.engines.tensorrt.plans import build_plans

    engine = open_tensorrt(index, 1)
    report = Report(len(wanted), arguments.json)
    for (model, precision), shapes in zip(wanted, profiles, strict=True):
        try:
            chosen = precision_on(row, model, precision)
            engine.check_precision(model, chosen)
            for outcome in build_plans(engine, model, chosen, shapes, Steps()):
                name = f"{model.family}-{chosen} {outcome.graph}"
                verb = "built" if outcome.built else "already there"
                text = f"{name}: {verb}, {outcome.bytes} bytes, {outcome.path}"
                record = {
                    "model": model.family,
                    "precision": chosen,
                    "graph": outcome.graph,
                    "built": outcome.built,
                    "bytes": outcome.bytes,
                    "path": str(outcome.path),
                    "shapes": list(map(str, shapes)),
                }
                report.done(text, record)
        except (TcsdkError, OSError) as error:
            report.failed(model.family, error)
    return report.exit_code()


class Steps:
    """Print TensorRT's phases on standard error: a moving line on a terminal, else one a phase."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._phase = ""

    def __call__(self, phase: str, step: int, steps: int) -> None:
        """Show that so many steps of a phase are done."""
        if self._terminal:
            end = "\n" if step >= steps else ""
            print(f"\r\033[K{phase}: {step}/{steps}", end=end, file=sys.stderr, flush=True)
        elif phase != self._phase:
            print(f"{phase}: {steps} steps", file=sys.stderr, flush=True)
        self._phase = phase
