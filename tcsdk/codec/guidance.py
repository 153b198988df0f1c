"""Sent text that guides what is shown: its lines drawn, and a net that paints them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tcsdk import _kernels
from tcsdk._kernels import GlyphAtlas
from tcsdk.codec.fitting import fitted_parts
from tcsdk.codec.quality_map import DRAWN_SHARE
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.sent_text import SentLine, places_of, ratio_of
from tcsdk.codec.tiles import Box
from tcsdk.engines import ChosenEngine, Graph, select_engine
from tcsdk.model.folder import CodecFolder, Drawing
from tcsdk.model.graphs import FUSION, GUIDANCE, X_FUSED, X_HAT, checked_outputs
from tcsdk.model.grids import Y_STRIDE, ceil_div

Floats = NDArray[np.float32]
_SEEN = 3  # pixels around a place that the net looks at: three convolutions of 3x3
_BAND = 64  # rows that are painted at once: lines of text are wide and low
# Plans and served graphs are those of the codec; the net itself has 5,559 numbers.
_RUN_BESIDE = ("cpu", "cuda")
_FORM = "fp32"  # of the net, whatever the codec's


@dataclass(frozen=True, eq=False)
class Guidance:
    """Lines that were sent with a picture, as they are drawn.

    Attributes:
        strings: What each says.
        places: (n, 5) int32, where: as `tcsdk._kernels.SentText` has them.
        picture: The picture as coded.
    """

    strings: Sequence[str]
    places: NDArray[np.int32] = field(repr=False)
    picture: Box

    @classmethod
    def in_chunk(cls, payload: bytes | memoryview | None, picture: Box) -> Guidance | None:
        """Read the payload of a text chunk; None where it has no line of known place and text.

        Raises:
            BitstreamError: The chunk is damaged, or of a newer version.
        """
        if payload is None:
            return None
        said = _kernels.decode_text(payload)
        placed = zip(said.strings, said.placed, strict=True)
        kept = [k for k, (string, known) in enumerate(placed) if string and known]
        strings = [said.strings[k] or "" for k in kept]
        return cls(strings, np.ascontiguousarray(said.places[kept]), picture) if kept else None

    def drawn(self, atlas: GlyphAtlas, box: Box) -> NDArray[np.uint8] | None:
        """Draw a part of the picture: (2, h, w) uint8, ink and reach; None where nothing is."""
        corner = (box.x, box.y, box.width, box.height)
        size = self.picture.width, self.picture.height
        return _kernels.draw_guidance(atlas, self.strings, self.places, *size, corner)

    def blocks(self, atlas: GlyphAtlas) -> NDArray[np.bool_] | None:
        """Return the blocks of the picture that lines lie on, (ceil(h/16), ceil(w/16)); or None."""
        drawn = self.drawn(atlas, self.picture)
        if drawn is None:
            return None
        height, width = (ceil_div(side, Y_STRIDE) for side in drawn.shape[1:])
        inside = np.zeros((height * Y_STRIDE, width * Y_STRIDE), np.float32)
        inside[: drawn.shape[1], : drawn.shape[2]] = drawn[1] == 255
        shares = inside.reshape(height, Y_STRIDE, width, Y_STRIDE).mean(axis=(1, 3))
        return np.asarray(shares >= DRAWN_SHARE)


def fitted_lines(
    atlas: GlyphAtlas, lines: Sequence[SentLine], sizes: Sizes, *, alone: bool
) -> tuple[SentLine, ...]:
    """Return lines as they are sent: those that guide cut at spaces, so that their places fit.

    Args:
        atlas: Letters.
        lines: What was read, or what somebody knows.
        sizes: Of the picture.
        alone: Leave out lines that guide nothing.
    """
    sent: list[SentLine] = []
    for line in lines:
        parts = _parts(atlas, line, sizes)
        if parts or not alone:
            sent += parts or [line]
    return tuple(sent)


def _parts(atlas: GlyphAtlas, line: SentLine, sizes: Sizes) -> list[SentLine]:
    """Return the parts of a line that guides; none of another, or where it has no known place."""
    if line.text is None or line.polygon is None:
        return []
    coded, ratio = sizes.coded, ratio_of(sizes)
    (guides,) = _kernels.which_guide(
        [line.text], places_of([line], sizes), coded.width, coded.height
    )
    if not guides:
        return []
    corners = line.polygon.astype(np.float64) * ratio
    return [
        replace(line, text=text, polygon=np.asarray(part / ratio, np.float32))
        if text != line.text
        else line
        for text, part in fitted_parts(atlas, line.text, corners)
    ]


@dataclass(frozen=True)
class Painter:
    """Paints what sent text draws into decoded pictures.

    Attributes:
        atlas: Letters.
        fusion: The net.
        frame: Whether it paints all of a picture that has guidance, not where lines reach alone.
    """

    atlas: GlyphAtlas
    fusion: Graph
    frame: bool = False

    @classmethod
    def load(cls, drawing: Drawing, engine: ChosenEngine) -> Painter:
        """Load what a model draws with.

        Raises:
            ModelFileError, GlyphAtlasError: A file of it is missing or damaged.
        """
        runs = engine
        if engine.kind not in _RUN_BESIDE:
            runs = select_engine("cpu", engine.threads)
        folder = drawing.folder
        net = runs.load(folder.graph_file(_FORM, FUSION))
        return cls(folder.load_atlas(), net, folder.frame)

    def paint(
        self, x_hat: Floats, window: Box, part: Box, guidance: Guidance, *, concurrent: bool
    ) -> Floats:
        """Return a window of the picture with the text painted into a part of it.

        Args:
            x_hat: (1, 3, h, w) float32 in 0..1, the window; left as it is.
            window: Where it lies; x, y, width and height multiples of 64.
            part: What is looked at; the rest of the window may stay without text.
            guidance: The lines.
            concurrent: Other windows are painted at the same time.

        Raises:
            EngineError: The runtime failed.
        """
        box = part.grown(_SEEN, window)
        drawn = guidance.drawn(self.atlas, box)
        if drawn is None and not self.frame:
            return x_hat
        if drawn is None:
            drawn = np.zeros((2, box.height, box.width), np.uint8)
        shown = np.ones_like(drawn[1]) if self.frame else drawn[1]
        painted: Floats = x_hat.copy()
        for area in _areas(shown, box, part):
            seen = area.grown(_SEEN, window)
            planes = _cut(drawn, seen, box)[None].astype(np.float32) / np.float32(255)
            feed = {X_HAT: np.ascontiguousarray(_cut(x_hat[0], seen, window))[None]}
            outputs = self.fusion.run({**feed, GUIDANCE: planes}, concurrent=concurrent)
            fused = checked_outputs(FUSION, outputs)[X_FUSED][0]
            _cut(painted[0], area, window)[...] = _cut(fused, area, seen)
        return painted


def painter_of(model: CodecFolder, engine: ChosenEngine) -> Painter | None:
    """Load what a model draws sent text with; None for one that draws none."""
    return None if model.drawing is None else Painter.load(model.drawing, engine)


def _areas(reach: NDArray[np.uint8], box: Box, part: Box) -> Iterator[Box]:
    """Yield the rows of a part in bands, each as wide as something is painted in it.

    Args:
        reach: (h, w), of a box.
        box: Where that lies.
        part: Within the box.
    """
    for top in range(part.y, part.bottom, _BAND):
        band = Box(part.x, top, part.width, min(_BAND, part.bottom - top))
        inside = _cut(reach[None], band, box)[0]
        rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
        if rows.size:
            left, first = int(columns[0]), int(rows[0])
            width, height = int(columns[-1]) - left + 1, int(rows[-1]) - first + 1
            yield Box(band.x + left, band.y + first, width, height)


def _cut(planes: NDArray[np.generic], area: Box, box: Box) -> NDArray[np.generic]:
    """Return the view of an area of planes (C, h, w) that show a box."""
    left, top = area.x - box.x, area.y - box.y
    return planes[:, top : top + area.height, left : left + area.width]
