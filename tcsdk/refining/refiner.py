"""Latents refined for a reader: what a trained encoder does for all pictures, once more for one.

The stream's format and its decoders stay as they are: of the whole numbers that could be sent, an
encoder chooses others than the nearest to what its analysis says (docs/decisions/refining.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.encode import Refinement
from tcsdk.codec.picture_analysis import PictureAnalysis
from tcsdk.codec.quality_map import Offsets, grown
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.codec.windows import Analysed, analysis_window, synthesis_window
from tcsdk.errors import EngineError
from tcsdk.model.find import find_model
from tcsdk.model.folder import CodecFolder, RecogniserFolder
from tcsdk.model.graphs import (
    CLASS_LOGITS,
    INV_GAIN,
    LINE_PIXELS,
    RECOGNITION,
    SYNTHESIS,
    X_HAT,
    Z_HAT,
    Z_INVERSE_GAIN,
    R,
)
from tcsdk.model.grids import Y_STRIDE
from tcsdk.reading.boxes import TALL, sides
from tcsdk.reading.lines import TextLine
from tcsdk.refining.differentiable import Differentiable
from tcsdk.refining.reading_worth import ReadingWorth, WantedLine
from tcsdk.refining.tile_latents import TileLatents
from tcsdk.refining.window import Window, refined
from tcsdk.refining.worth import Mask, blocks_of, pixel_worth

_FLOAT = "fp32"  # graphs in integers have no gradient
# Rows of tiles are refined together up to so many pixels, for which a gradient takes 0.6 GB.
_MOST_PIXELS = 2**20
_SEED = 1
# Of a line's least sure character: what is drawn clearly must have been there.
_SURE = 0.8


@dataclass(frozen=True)
class Refiner:
    """Refines the latents of pictures.

    Attributes:
        synthesis: Latents to pictures, and back.
        reader: Lines to logits, and back.
        characters: What the reader reads, in the order of its classes.
        halo: Pixels around an area that the synthesis sees.
        steps: How many steps are taken.
    """

    synthesis: Differentiable
    reader: Differentiable
    characters: str
    halo: int
    steps: int

    @classmethod
    def load(cls, folder: CodecFolder, threads: int, steps: int) -> Refiner:
        """Load what refining a model's latents needs.

        Args:
            folder: Of the model.
            threads: CPU threads.
            steps: How many steps are taken.

        Raises:
            EngineError: The model's latents cannot be refined.
        """
        plain = _FLOAT in folder.precisions and SYNTHESIS in folder.roles
        if not plain or folder.has_context or not folder.adaptive or folder.drawing:
            raise EngineError(
                f"expected a model to refine whose text detector says how much finer blocks are to "
                f"be, with {_FLOAT} graphs, without a context and without letters that it draws, "
                f'got {folder.family}: take "tfic"'
            )
        reads, _ = find_model("reader", _FLOAT, RECOGNITION)
        assert isinstance(reads, RecogniserFolder)
        synthesis = Differentiable(folder.graph_file(_FLOAT, SYNTHESIS), X_HAT, R, threads)
        lines = reads.graph_file(_FLOAT, RECOGNITION)
        reader = Differentiable(lines, CLASS_LOGITS, LINE_PIXELS, threads)
        return cls(synthesis, reader, reads.characters, folder.halo, steps)

    def for_lines(self, lines: Sequence[TextLine], sizes: Sizes) -> Refinement:
        """Return what refines a picture with these lines.

        Args:
            lines: Read on the picture, or known.
            sizes: As which the picture is coded and shown.
        """
        coded, shown = sizes.coded, sizes.shown
        scale = coded.width / shown.width, coded.height / shown.height
        return partial(self.refined, self.wanted(lines, scale))

    def wanted(self, lines: Sequence[TextLine], scale: tuple[float, float]) -> list[WantedLine]:
        """Return what lines of a picture are to be read as.

        Those of which whoever read them was not sure, those that stand or hang, and those with
        characters that the reader does not know have no classes: they stay as they are.

        Args:
            lines: Read on the picture, or known.
            scale: Width and height as coded over width and height as given.
        """
        class_of = {character: k + 1 for k, character in enumerate(self.characters)}
        found = []
        for line in lines:
            text = line.text.strip()
            box = np.asarray(line.polygon, np.float32) * np.asarray(scale, np.float32)
            across, down = sides(box)
            stands = len(text) > 1 and down > TALL * across
            sure = min(line.confidences, default=line.confidence) >= _SURE
            fit = sure and not stands and set(text) <= {*class_of}
            classes = tuple(class_of[each] for each in text) if fit else ()
            found.append(WantedLine(box, classes))
        return found

    def refined(
        self,
        lines: Sequence[WantedLine],
        picture: PictureAnalysis,
        tiles: Sequence[Analysed],
        offsets: Sequence[Offsets | None],
        quality: int,
    ) -> list[Analysed]:
        """Return tiles whose latents are whole numbers, int16, that cost less.

        Args:
            lines: Of the picture as coded.
            picture: Whose tiles they are.
            tiles: All of its tiles.
            offsets: Of each tile, as they will be coded.
            quality: 0..63.

        Raises:
            EngineError: The runtime failed.
        """
        latents = {
            index: TileLatents.of(picture.codec.bundle, tile, offsets[index], quality)
            for index, tile in enumerate(tiles)
        }
        result = list(tiles)
        for area in _areas(picture.grid):
            found = self._refined_in(area, picture, latents, lines, quality)
            latents |= found
            for index, tile in found.items():
                result[index] = replace(tiles[index], residual=tile.whole)
        return result

    def _refined_in(
        self,
        area: Box,
        picture: PictureAnalysis,
        latents: Mapping[int, TileLatents],
        lines: Sequence[WantedLine],
        quality: int,
    ) -> dict[int, TileLatents]:
        """Return the tiles of an area, refined; none where no line is to be read there."""
        grid, bundle = picture.grid, picture.codec.bundle
        wanted = [line for line in lines if line.classes and _lies_in(area, line.box)]
        if not wanted:
            return {}
        decoded = {index: tile.decoded() for index, tile in latents.items()}
        given, shown = synthesis_window(area, grid, self.halo, decoded)
        target = analysis_window(picture.pixels, area, self.halo)[0][0]
        corner = np.array((shown.x, shown.y), np.float32)
        read = [replace(line, box=line.box - corner) for line in wanted]
        boxes = [line.box - corner for line in lines]
        level = int(bundle.z_level_of_quality[quality])
        inputs = {
            Z_HAT: given[Z_HAT].astype(np.float32),
            INV_GAIN: given[INV_GAIN],
            Z_INVERSE_GAIN: bundle.z_inverse_gain[level].reshape(1, -1, 1, 1),
        }
        at = shown.on_grid(Y_STRIDE)
        r = given[R][0].astype(np.float32)
        rows, moves = np.zeros(r.shape, np.int16), np.zeros(r.shape, np.bool_)
        text = np.zeros(r.shape[1:], np.bool_)
        for index in grid.touching(area):
            tile, place = latents[index], _within(grid[index].on_grid(Y_STRIDE), at)
            r[place], rows[place], moves[place] = tile.r, tile.rows, tile.coded
            text[place[1:]] = tile.text
        counted = np.zeros(target.shape[1:], np.float32)
        counted[_within(area, shown)[1:]] = 1.0
        sure = blocks_of([line.box for line in read], target.shape[1:])
        moves &= ~_staying(sure, blocks_of(boxes, target.shape[1:]), text)
        rng = np.random.default_rng((_SEED, area.y))
        whole = refined(
            self.synthesis,
            Window(inputs, r, rows, moves),
            pixel_worth(target, text, boxes, counted, quality),
            ReadingWorth(self.reader, read, quality, rng),
            self.steps,
            rng,
        )
        return {
            index: replace(
                latents[index],
                whole=np.ascontiguousarray(whole[_within(grid[index].on_grid(Y_STRIDE), at)]),
            )
            for index in grid.touching(area)
        }


def _areas(grid: TileGrid) -> Iterator[Box]:
    """Yield parts of a picture that are refined at once: whole rows of tiles, from the top."""
    picture = grid.picture
    rows = max(1, _MOST_PIXELS // (picture.width * grid.side))
    for y in range(0, picture.height, rows * grid.side):
        yield Box(0, y, picture.width, rows * grid.side).overlap(picture)


def _lies_in(area: Box, box: NDArray[np.float32]) -> bool:
    x, y = box.mean(0).tolist()
    return bool(area.x <= x < area.right and area.y <= y < area.bottom)


def _staying(sure: Mask, lines: Mask, seen: Mask) -> Mask:
    """Return the blocks that stay as they are rounded: of text that nobody is sure of.

    What their pixels are worth does not keep letters legible (docs/studies/refining.md).

    Args:
        sure: (h, w), blocks of lines that are to be read.
        lines: Of all lines.
        seen: That show text by a detector.
    """
    return (grown(lines & ~sure) | (seen & ~grown(sure))) & ~sure


def _within(part: Box, whole: Box) -> tuple[slice, slice, slice]:
    """Return where a part lies in planes of a whole, on one grid."""
    y, x = part.y - whole.y, part.x - whole.x
    return slice(None), slice(y, y + part.height), slice(x, x + part.width)
