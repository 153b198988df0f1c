"""Values on the command line: text to what a verb takes, or argparse's own error.

Each says what was expected and what came, as tcsdk/arguments.py does for callers from Python.
"""

from __future__ import annotations

import argparse
import json
import os
import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

from tcsdk import arguments as checks
from tcsdk.background import DROP
from tcsdk.codec.sent_text import SentLine
from tcsdk.given_text import WORDS, given_lines
from tcsdk.request import AUTO

_FACTORS = {"": 1, "k": 1000, "m": 1000**2, "ki": 1024, "mi": 1024**2}
_MOST_BYTES = 2**32


class bounded:  # noqa: N801 - reads as a type in add_argument(type=...)
    """A whole number within bounds, a multiple of `step`."""

    def __init__(self, low: int, high: int, step: int = 1) -> None:
        self.low, self.high, self.step = low, high, step

    def __call__(self, text: str) -> int:
        """Return the number or raise argparse's own error."""
        try:
            value = int(text)
        except ValueError:
            value = self.low - 1
        if not self.low <= value <= self.high or value % self.step:
            multiple = f", a multiple of {self.step}" if self.step > 1 else ""
            raise argparse.ArgumentTypeError(
                f"expected a whole number {self.low}..{self.high}{multiple}, got {text!r}"
            )
        return value


def size(text: str) -> int:
    """Parse bytes: "1500", "1.5k", "2KB", "1KiB".

    k and M are powers of 1000, as links are measured: read so, a bound is never larger than who
    meant 1024 has room for. Ki and Mi are powers of 1024. Parts of a byte that these make are left
    out; without a factor there are none to give.
    """
    match = re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*([kKmM]i?)?[bB]?\s*", text, re.ASCII)
    factor = _FACTORS[(match[2] or "").lower()] if match else 0
    asked = Decimal(match[1]) * factor if match else Decimal(0)
    value = 0 if factor == 1 and asked % 1 else int(asked)
    if not 1 <= value <= _MOST_BYTES:
        raise argparse.ArgumentTypeError(
            f"expected bytes as a number 1..{_MOST_BYTES}, such as 1500, 1.5k, 2KB or 1KiB, "
            f"got {text!r}"
        )
    return value


def background(text: str) -> tuple[int, int, int] | str:
    """Parse a colour, or "drop"."""
    return text if text == DROP else colour(text)


def colour(text: str) -> tuple[int, int, int]:
    """Parse "white", "#ffffff" or "255,255,255"."""
    try:
        if "," in text and "(" not in text:
            return checks.colour("a colour", tuple(int(part) for part in text.split(",")))
        from PIL import ImageColor

        red, green, blue = ImageColor.getrgb(text)[:3]
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a colour as a name, #rrggbb or R,G,B of 0..255, got {text!r}"
        ) from None
    return red, green, blue


def user_bytes(text: str) -> bytes:
    """Return a text as the terminal sent it, or what is in the file of "@FILE"."""
    if not text.startswith("@"):
        return os.fsencode(text)
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot read {text[1:]}: {error.strerror}") from None


def sent_text(text: str) -> str | tuple[SentLine, ...] | None:
    """Return which text to send: a word for it, "none", or the lines of the file of "@FILE".

    The file is the JSON that `tcsdk read --json` prints of one picture, the list of its lines, or
    text, each line of which is one whose place is not known.
    """
    if text in WORDS:
        return text
    if text == "none":
        return None
    if not text.startswith("@"):
        raise argparse.ArgumentTypeError(
            f"expected {', '.join(WORDS)}, none or @FILE, got {text!r}"
        )
    try:
        return _lines_of(Path(text[1:]).read_text(encoding="utf-8"))
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot read {text[1:]}: {error.strerror}") from None
    except (ValueError, TypeError) as error:
        raise argparse.ArgumentTypeError(f"{text[1:]}: {error}") from None


def _lines_of(content: str) -> tuple[SentLine, ...]:
    if not content.lstrip().startswith(("{", "[")):
        return given_lines([line.strip() for line in content.splitlines() if line.strip()])
    read = json.loads(content)
    lines = read.get("lines") if isinstance(read, dict) else read
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise ValueError('expected a list of lines as {"text": ..., "polygon": ...}, or "lines"')
    given = [
        SimpleNamespace(
            text=line.get("text"),
            polygon=line.get("polygon") or None,
            confidence=line.get("confidence", 1.0),
        )
        for line in lines
    ]
    return given_lines(given)


def scale(text: str) -> float | str:
    """Parse a number above 0 and at most 1, or "auto"."""
    if text == AUTO:
        return text
    try:
        return checks.fraction("a part", float(text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected a number above 0, at most 1, or {AUTO!r}, got {text!r}"
        ) from None


def region(text: str) -> tuple[int, int, int, int]:
    """Parse "x,y,width,height"."""
    try:
        x, y, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected x,y,width,height in pixels, got {text!r}"
        ) from None
    return x, y, width, height


def boosted_region(text: str) -> tuple[int, int, int, int, int]:
    """Parse "x,y,width,height,steps"."""
    try:
        x, y, width, height, boost = (int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected x,y,width,height in pixels and steps, got {text!r}"
        ) from None
    return x, y, width, height, boost
