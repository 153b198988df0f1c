"""What is said of a picture beside its stream: what was left out, guessed or better done else."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """One thing that a caller may want to know; the picture was encoded all the same.

    Attributes:
        kind: "pages" (others of the file were left out), "transparency" (the background shows),
            "depth" (how dark or bright is a guess), "colours" (a profile could not be used or
            kept), "size" (the file was smaller than its stream) or "flat" (a picture of few
            colours, which others code better).
        text: One line for people.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text
