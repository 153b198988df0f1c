"""Text that a stream carries beside its picture: lines read or known, and their states."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tcsdk import _kernels
from tcsdk._kernels import Chunk
from tcsdk.codec.container import ChunkType, sound_payload
from tcsdk.codec.resampling import Sizes

NOTHING: Final = "none"
VERIFIED: Final = "verified"
DOUBTFUL: Final = "doubtful"
SENT: Final = "sent"
# As the chunk numbers them.
STATES = (NOTHING, VERIFIED, DOUBTFUL, SENT)
_SURENESS = 7  # the confidence that is 1.0


@dataclass(frozen=True, eq=False)
class SentLine:
    """A line of text that a stream carries, or what it says of one that is only seen.

    Attributes:
        text: What the line says, as its sender read or knew it; None where that was not sent.
        polygon: (4, 2) float32, its corners x, y in pixels of the picture as shown, clockwise from
            the top left of the text; None where its place was not sent.
        state: What the sender says of the picture in that place: "verified" (it reads as the
            original did), "doubtful" (it does not), "sent" (it was not looked at, and `text` says
            what was there), or "none".
        confidence: That of the sender's reader in eighths, 0..1; 1 where the text was known.
    """

    text: str | None
    polygon: NDArray[np.float32] | None
    state: str
    confidence: float = 1.0


@dataclass(frozen=True)
class SentText:
    """The text chunk of a stream.

    Attributes:
        lines: In the sender's order.
        verified: Whether lines of the picture that are not listed read as the original did.
    """

    lines: tuple[SentLine, ...] = field(default=())
    verified: bool = False


def text_chunk(text: SentText, sizes: Sizes) -> tuple[int, bytes]:
    """Return the chunk of a text, type and payload.

    Raises:
        StreamLimitError: More lines or characters than a chunk may have.
    """
    lines = text.lines
    confidences = [
        round(_SURENESS * line.confidence) if line.text is not None else 0 for line in lines
    ]
    payload = _kernels.encode_text(
        [line.text for line in lines],
        places=_places(lines, sizes),
        placed=np.array([line.polygon is not None for line in lines], np.bool_),
        states=np.array([STATES.index(line.state) for line in lines], np.uint8),
        confidences=np.array(confidences, np.uint8),
        verified=text.verified,
    )
    return int(ChunkType.TEXT), payload


def sent_text_of(data: bytes, sizes: Sizes) -> SentText | None:
    """Read the text chunk of a stream, or return None where it has none.

    Args:
        data: The stream.
        sizes: Of its picture.

    Raises:
        BitstreamError: The chunk is damaged, or of a newer version.
    """
    return sent_text_in(data, _kernels.parse(data, first_layer=True)[1], sizes)


def sent_text_in(data: bytes, chunks: Iterable[Chunk], sizes: Sizes) -> SentText | None:
    """Read the text chunk among those of a stream, as `sent_text_of`."""
    found = [chunk for chunk in chunks if chunk.type in (ChunkType.TEXT, ChunkType.NEEDED_TEXT)]
    if not found:
        return None
    payload = sound_payload(data, found[0])
    said = _kernels.decode_text(payload)
    corners = (_kernels.corners_of_places(said.places) / _ratio(sizes)).astype(np.float32)
    lines = tuple(
        SentLine(
            string,
            corners[k] if said.placed[k] else None,
            STATES[said.states[k]],
            float(said.confidences[k]) / _SURENESS,
        )
        for k, string in enumerate(said.strings)
    )
    return SentText(lines, said.verified)


def as_sent(polygon: NDArray[np.float32], sizes: Sizes) -> NDArray[np.float32]:
    """Return the corners of a line as receivers will have them: on the grid of the format."""
    places = _kernels.places_of_corners((polygon * _ratio(sizes))[None].astype(np.float64))
    corners = _kernels.corners_of_places(places)[0] / _ratio(sizes)
    return np.asarray(corners, np.float32)


def _places(lines: Sequence[SentLine], sizes: Sizes) -> NDArray[np.int32]:
    places = np.zeros((len(lines), 5), np.int32)
    for k, line in enumerate(lines):
        if line.polygon is not None:
            corners = (line.polygon * _ratio(sizes)).astype(np.float64)
            places[k] = _kernels.places_of_corners(corners[None])[0]
    return places


def _ratio(sizes: Sizes) -> NDArray[np.float64]:
    """Return how many coded pixels a shown one is, across and down."""
    return np.array(
        [sizes.coded.width / sizes.shown.width, sizes.coded.height / sizes.shown.height]
    )
