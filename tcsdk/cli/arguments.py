"""Arguments that several verbs share."""

from __future__ import annotations

import argparse
import dataclasses

from tcsdk import arguments as checks
from tcsdk.codec.quality_map import HIGHEST, LOWEST
from tcsdk.request import AUTO, QUALITIES, Request


def add_files(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the inputs: files, folders, globs, or "-"."""
    parser.add_argument(
        "inputs", nargs="+", metavar="FILE", help=f'{what}: files, folders, globs, or "-"'
    )


def add_output(parser: argparse.ArgumentParser, default: str) -> None:
    """Add where results go."""
    parser.add_argument(
        "-o", "--output", metavar="PATH", help=f'file, folder, pipe, or "-" (default: {default})'
    )
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument("-f", "--force", action="store_true", help="replace outputs that exist")
    existing.add_argument(
        "--skip-existing", action="store_true", help="leave out inputs whose outputs exist"
    )
    parser.add_argument("--quiet", action="store_true", help="print failures alone")


def add_encoding(parser: argparse.ArgumentParser) -> None:
    """Add the model and what it aims at."""
    parser.add_argument(
        "-q", "--quality", type=bounded(0, QUALITIES - 1), metavar="Q",
        help="0 (smallest) to 63 (finest); the best one allowed with --max-bytes",
    )  # fmt: skip
    parser.add_argument(
        "--max-bytes", type=bounded(1, 2**32), metavar="N", help="the best quality that fits"
    )
    parser.add_argument("--model", default="tfic", help="model id or folder (default: tfic)")
    parser.add_argument(
        "--keep", action="append", choices=("icc", "exif"), default=[], help="metadata to keep"
    )
    parser.add_argument(
        "--text-boost", type=bounded(LOWEST, HIGHEST), default=0, metavar="N",
        help="steps of about 13 %% finer where the model's detector sees text",
    )  # fmt: skip
    parser.add_argument(
        "--adaptive", action=argparse.BooleanOptionalAction, default=True,
        help="small and faint text finer, where the model says how much (default: yes)",
    )  # fmt: skip
    parser.add_argument(
        "--scale", type=scale, default=AUTO, metavar="S",
        help="code at this part of the size, and show at the full one (default: auto, by the text)",
    )  # fmt: skip
    add_page(parser)


def add_verification(parser: argparse.ArgumentParser) -> None:
    """Add the reading of results."""
    parser.add_argument(
        "--verify", action="store_true",
        help="read picture and result, and raise the quality while letters or digits differ; exit "
        "code 3 if they still do (extra [ocr])",
    )  # fmt: skip
    parser.add_argument(
        "--verify-limit", type=bounded(0, QUALITIES - 1), default=QUALITIES - 1, metavar="Q",
        help="the best quality that --verify may raise to (default: 63)",
    )  # fmt: skip
    parser.add_argument(
        "--verify-lines", metavar="REGEX",
        help="compare the lines that it finds something in, such as '[0-9]{4}' (default: all)",
    )  # fmt: skip


def add_page(parser: argparse.ArgumentParser) -> None:
    """Add which page of a file is taken."""
    parser.add_argument(
        "--page", type=bounded(1, 2**31), metavar="N",
        help="page or frame of a TIFF, GIF and so on, from 1 (default: what viewers show first)",
    )  # fmt: skip


def request_of(arguments: argparse.Namespace) -> Request:
    """Return what a verb's arguments ask for: those that have the names of a request's fields.

    Raises:
        ValueError, TypeError: One is out of its range.
    """
    names = {field.name for field in dataclasses.fields(Request)}
    return Request(**{name: v for name, v in vars(arguments).items() if name in names})


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add what runs the graphs."""
    parser.add_argument(
        "--device", default="auto", help="auto, cpu, cuda, cuda:1, tensorrt (default: auto)"
    )
    parser.add_argument(
        "--threads", type=bounded(1, 1024), metavar="N", help="CPU threads (default: all allowed)"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add machine-readable output."""
    parser.add_argument("--json", action="store_true", help="one JSON object per line")


class bounded:  # noqa: N801 - reads as a type in add_argument(type=...)
    """A whole number within bounds, for argparse."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def __call__(self, text: str) -> int:
        """Return the number or raise argparse's own error."""
        try:
            value = int(text)
        except ValueError:
            value = self.low - 1
        if not self.low <= value <= self.high:
            raise argparse.ArgumentTypeError(
                f"expected a whole number {self.low}..{self.high}, got {text!r}"
            )
        return value


def scale(text: str) -> float | str:
    """Parse a number above 0 and at most 1, or "auto", for argparse."""
    if text == AUTO:
        return text
    try:
        return checks.fraction("a part", float(text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a number above 0, at most 1, or {AUTO!r}, got {text!r}"
        ) from None


def region(text: str) -> tuple[int, int, int, int]:
    """Parse "x,y,width,height" for argparse."""
    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected x,y,width,height in pixels, got {text!r}"
        ) from None
    return x, y, width, height


def boosted_region(text: str) -> tuple[int, int, int, int, int]:
    """Parse "x,y,width,height,steps" for argparse."""
    try:
        x, y, width, height, boost = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected x,y,width,height in pixels and steps, got {text!r}"
        ) from None
    return x, y, width, height, boost
