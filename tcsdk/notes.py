"""What is said of a picture beside its result: left out, guessed, better done otherwise."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from dataclasses import dataclass

logger = logging.getLogger("tcsdk")


@dataclass(frozen=True)
class Note:
    """One thing that a caller may want to know; the picture was done all the same.

    Attributes:
        kind: "pages" (others of the file were left out), "transparency" (the background shows),
            "depth" (how dark or bright is a guess), "colours" (a profile could not be used or
            kept), "size" (the file was no larger than the stream), "lossless" (a PNG is no larger),
            "flat" (a screen or page, which others code better), "end" (a JPEG file without its end
            marker), "text" (what was to be sent does not fit), "drawing" (what was sent is not
            drawn), "caption" (it is longer than what the model takes of one) or "metadata" (EXIF
            that cannot be read or kept, or what a stream kept and a decoded file cannot hold).
        text: One line for people.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


def log_notes(source: object, notes: Iterable[Note]) -> None:
    """Log what there is to say of a picture, for calls that return nothing to say it with."""
    name = source if isinstance(source, (str, os.PathLike)) else "picture"
    for note in notes:
        logger.warning("%s: note: %s", name, note)
