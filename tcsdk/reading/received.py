"""What a receiver reads: lines that were sent, lines that are seen, and what to trust of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tcsdk.codec.resampling import Sizes
from tcsdk.codec.sent_text import DOUBTFUL, SENT, VERIFIED, SentLine, SentText
from tcsdk.reading.comparison import agree
from tcsdk.reading.line_reading import Line, cut_and_read
from tcsdk.reading.lines import UNVERIFIED, TextLine
from tcsdk.reading.order import reading_order
from tcsdk.reading.overlaps import share_within
from tcsdk.reading.reader import Pixels, Reader
from tcsdk.reading.trust import Calibrated, doubted

# Of a line that is found, as much has to lie in the place of one that was sent for it to be that.
_WITHIN = 0.5
_NOWHERE = np.zeros((0, 2), np.float32)


def received(
    reader: Reader, pixels: Pixels, text: SentText, sizes: Sizes, calibrated: Calibrated | None
) -> list[TextLine]:
    """Return the lines of a stream, those sent apart from those seen.

    What lies in the place of a line that was sent is read there, as its sender did: what is found
    by itself in that place is left out.

    Args:
        reader: Reads the picture.
        pixels: The decoded picture.
        text: What was sent with it.
        sizes: Of the picture.
        calibrated: How sure the reader has to be of what nobody has verified; None where that is
            not known.

    Returns:
        Row by row as most of the text lies, a line that was sent before what is seen in its place;
        first those that were sent without a place.
    """
    places = [line for line in text.lines if line.polygon is not None]
    trust = VERIFIED if text.verified else UNVERIFIED
    everything = reader.find(pixels)
    elsewhere = (
        replace(line, trust=trust)
        for line in everything
        if not any(_is_in(line, place) for place in places)
    )
    found = doubted(elsewhere, calibrated)
    pairs = [_pair(line, _seen(reader, pixels, line, sizes, everything)) for line in text.lines]
    placed = [[line] for line in found]
    placed += [pair for pair in pairs if pair and pair[0].polygon.size]
    order = reading_order([lines[0].polygon for lines in placed])
    nowhere = [pair for pair in pairs if pair and not pair[0].polygon.size]
    return [line for lines in (*nowhere, *(placed[k] for k in order)) for line in lines]


def _is_in(line: TextLine, place: SentLine) -> bool:
    return place.polygon is not None and share_within(line.polygon, place.polygon) >= _WITHIN


def _seen(
    reader: Reader, pixels: Pixels, line: SentLine, sizes: Sizes, found: Sequence[TextLine]
) -> TextLine | None:
    """Return what is seen in the place of a line; None where nothing is, or it has none.

    A place is larger than its line, so that what stands beside it may be read as a sign. The line
    is shown as it was found by itself, where that has the same letters and digits.
    """
    if line.polygon is None:
        return None
    at = Line.of(line.text or "", line.polygon, sizes)
    if not at.area.width or not at.area.height:
        return None
    said = cut_and_read(reader, at, pixels)
    if not said.text.strip():
        return None
    alike = [one for one in found if _is_in(one, line) and agree(one.text, said.text)]
    shown = alike[0] if alike else said
    return TextLine(shown.text, line.polygon, shown.confidence, shown.confidences)


def _pair(line: SentLine, seen: TextLine | None) -> list[TextLine]:
    """Return a line as it was sent, if its text was, and as it is seen, if it is."""
    lines = []
    differs = line.text is not None and seen is not None and not agree(seen.text, line.text)
    if line.text is not None:
        polygon = _NOWHERE if line.polygon is None else line.polygon
        trust = VERIFIED if line.state == VERIFIED else SENT
        against = seen.text if seen is not None and differs else ""
        lines.append(TextLine(line.text, polygon, line.confidence, (), SENT, trust, against))
    if seen is not None:
        trust = line.state if line.state in (VERIFIED, DOUBTFUL) else UNVERIFIED
        against = line.text if line.text is not None and differs else ""
        lines.append(replace(seen, trust=DOUBTFUL if differs else trust, against=against))
    return lines
