"""What a sender says of the lines of its stream, once it has read them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from tcsdk.codec.container import split_stream
from tcsdk.codec.decode import first_layer
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.sent_text import DOUBTFUL, SENT, VERIFIED, SentLine, SentText
from tcsdk.many.parallel import Work
from tcsdk.reading.comparison import agree
from tcsdk.reading.line_reading import Line, cut_and_read
from tcsdk.reading.overlaps import share_within
from tcsdk.reading.reader import Pixels, Reader
from tcsdk.reading.text import alphanumerics
from tcsdk.reading.verification import Checked, Verifier

# Lines are the same if so much of one lies in the other.
_SAME = 0.5


def stated(
    verifier: Verifier, checked: Checked, given: Sequence[SentLine], were_read: bool, work: Work
) -> SentText:
    """Say of lines what receivers will see of them.

    Where every line of the original was compared and agrees, and whoever looks for lines in the
    stream finds these and no other, one flag says so of all that is not listed, and no place is
    spent on a line whose text is not sent.

    Args:
        verifier: What read the stream.
        checked: The stream, and what came of its lines.
        given: The lines whose text is sent.
        were_read: Whether they are what is read on the original; else somebody knows them.
        work: How tiles share the CPUs with other pictures.
    """
    sizes = split_stream(checked.data, first_layer=True).sizes
    shown = partial(first_layer, verifier.codec, checked.data, work)
    if were_read:
        lines = [_of_read(line, checked) for line in given]
    else:
        pixels = shown()
        lines = [_of_known(verifier.reader, line, pixels, sizes) for line in given]
    others = [
        SentLine(None, one.polygon, _state(ok))
        for one, ok in zip(checked.lines, checked.agreed, strict=True)
        if not any(_covers(line, one) for line in lines)
    ]
    if others and _covers_all(verifier, checked) and _finds_all(verifier.reader, shown(), checked):
        return SentText(tuple(lines), verified=True)
    return SentText((*lines, *others))


def _of_read(line: SentLine, checked: Checked) -> SentLine:
    """Say of a line that was read on the original what came of it."""
    if line.polygon is None:
        return line
    known = zip(checked.lines, checked.agreed, strict=True)
    states = [_state(ok) for one, ok in known if one.polygon is line.polygon]
    return replace(line, state=states[0] if states else SENT)


def _of_known(reader: Reader, line: SentLine, pixels: Pixels, sizes: Sizes) -> SentLine:
    """Say of a line that somebody knows whether it is read so."""
    if line.text is None or line.polygon is None:
        return line
    said = cut_and_read(reader, Line.of(line.text, line.polygon, sizes), pixels).text
    return replace(line, state=_state(agree(said, line.text)))


def _covers_all(verifier: Verifier, checked: Checked) -> bool:
    """Say whether every line that receivers may see was compared, and agrees."""
    report = checked.report
    whole = verifier.as_receivers and verifier.named is None
    return whole and report.agreed and not report.unsure


def _finds_all(reader: Reader, pixels: Pixels, checked: Checked) -> bool:
    """Say whether what is found in a stream are the lines of the original, one for one."""
    said = [line for line in reader.find(pixels) if alphanumerics(line.text)]
    return len(said) == len(checked.lines) and all(
        any(
            agree(line.text, one.text) and share_within(line.polygon, one.polygon) >= _SAME
            for line in said
        )
        for one in checked.lines
    )


def _covers(line: SentLine, known: Line) -> bool:
    """Say whether a line that is sent lies where another one is."""
    return line.polygon is not None and share_within(known.polygon, line.polygon) >= _SAME


def _state(agreed: bool) -> str:
    return VERIFIED if agreed else DOUBTFUL
