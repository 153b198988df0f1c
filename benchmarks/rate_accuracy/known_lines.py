"""What is read at the known places of a picture, and how much of it is right."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from benchmarks.codecs import Pixels
from benchmarks.rate_accuracy.measures import compare
from benchmarks.readers import Reader, Reading, cut
from benchmarks.sets.picture import KnownLine


def read_known(reader: Reader, lines: Sequence[KnownLine], shown: Pixels) -> list[Reading]:
    """What a reader says of each line of a picture (H, W, 3) uint8."""
    image = Image.fromarray(shown)
    return reader.read_lines([cut(image, line.quad) for line in lines])


def known_accuracies(
    reader: Reader, lines: Sequence[KnownLine], shown: Pixels, caseless: bool = False
) -> list[float]:
    """Accuracy of each line, 0..1.

    Args:
        reader: that reads.
        lines: at their places.
        shown: (H, W, 3) uint8.
        caseless: whether letters count as equal in either case.
    """
    readings = read_known(reader, lines, shown)
    return [
        compare(line.text, reading.text, caseless).accuracy
        for line, reading in zip(lines, readings, strict=True)
    ]
