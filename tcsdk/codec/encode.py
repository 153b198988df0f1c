"""One picture on its way through graph and kernel to a stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Header, Layer
from tcsdk.codec.blending import find_threshold
from tcsdk.codec.context import Surroundings
from tcsdk.codec.guidance import Guidance
from tcsdk.codec.joining import PackedTile, join_stream
from tcsdk.codec.picture_analysis import PictureAnalysis
from tcsdk.codec.quality_map import Offsets, tile_offsets
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.text_size import TextPlanes
from tcsdk.codec.tile import TileEncoder
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.codec.windows import Analysed

# (picture, its tiles, the offsets of each, quality) -> the tiles, with other whole numbers (int16)
# than the nearest in place of their residuals.
Refinement = Callable[
    [PictureAnalysis, Sequence[Analysed], Sequence[Offsets | None], int], list[Analysed]
]


@dataclass(frozen=True)
class LayerEncoding:
    """A picture on its way to the tiles of one layer.

    Attributes:
        analysis: The picture, and what the graph says of it.
        asked: Quality offsets of the picture, or None.
        text_boost: Further steps for blocks that show text.
        adaptive: Whether blocks get the steps that the model asks for.
        raised: Further steps of the picture, or None.
        drawn: (ceil(H/16), ceil(W/16)) bool, blocks whose text is sent and drawn, or None.
        refinement: What refines the latents; None where they are rounded to nearest.
    """

    analysis: PictureAnalysis
    asked: Offsets | None = None
    text_boost: int = 0
    adaptive: bool = False
    raised: Offsets | None = None
    drawn: NDArray[np.bool_] | None = None
    refinement: Refinement | None = None
    _coded: dict[tuple[int, int], PackedTile] = field(default_factory=dict, repr=False)

    def straight(self, quality: int) -> list[PackedTile]:
        """Make the tiles once, each straight through: only payloads are kept."""
        return self.analysis.each(lambda i, tile: self._code(i, tile, quality), quality)

    def of_kept(self, quality: int) -> list[PackedTile]:
        """Make the tiles of an analysis that is kept; one whose offsets are as before is too."""
        parts = self.analysis.kept(quality)
        asked = [self._offsets(index, part) for index, part in enumerate(parts)]
        if self.refinement is not None:
            with self.analysis.watch.stage("refine"):
                parts = self.refinement(self.analysis, parts, asked, quality)

        def tile(index: int) -> PackedTile:
            offsets, known = asked[index], self._coded.get((index, quality))
            if known is None or not _equal(known.offsets, offsets):
                known = self._packed(index, parts[index], quality, offsets)
                self._coded[index, quality] = known
            return known

        return self.analysis.on_tiles(tile)

    def threshold(self, tiles: Sequence[PackedTile], quality: int) -> int:
        """Return what parts this layer's blocks of text from the others, for blending."""
        codec, grid = self.analysis.codec, self.analysis.grid
        with self.analysis.watch.stage("kernel"):
            activity = self.analysis.on_tiles(
                lambda i: codec.coded_activity(tiles[i], grid[i], quality)
            )
            return find_threshold(grid, activity)

    def _code(self, index: int, tile: Analysed, quality: int) -> PackedTile:
        return self._packed(index, tile, quality, self._offsets(index, tile))

    def _offsets(self, index: int, tile: Analysed) -> Offsets | None:
        return self._asked_in(self.analysis.grid[index], tile.text, tile.offsets)

    def _asked_in(
        self, box: Box, text: NDArray[np.bool_] | None, own: Offsets | None
    ) -> Offsets | None:
        asked, own = [self.asked, self.raised], own if self.adaptive else None
        return tile_offsets(asked, box, self.text_boost, text, own, self.drawn)

    def _packed(
        self, index: int, tile: Analysed, quality: int, offsets: Offsets | None
    ) -> PackedTile:
        analysis = self.analysis
        if tile.seen is not None:
            seen = tile.seen
            offsets_seen = self._asked_in(seen.window, seen.text, seen.own)
            around = Surroundings(analysis.grid, analysis.grid[index], offsets_seen)
            tile = analysis.predicted(tile, quality, around)
        with analysis.watch.stage("kernel"):
            return PackedTile(analysis.codec.code(tile, quality, offsets), offsets)


def _equal(one: Offsets | None, other: Offsets | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)


@dataclass(frozen=True)
class BaseLayer:
    """What makes the second layer.

    Attributes:
        codec: Graph and tables.
        quality: 0..63.
        wire_id: Number of its model.
        bundle_hash: Short hash of its entropy bundle.
    """

    codec: TileEncoder
    quality: int
    wire_id: int
    bundle_hash: int


@dataclass(frozen=True, eq=False)
class Encoding:
    """A picture at one size on its way to a stream of one or two layers.

    Attributes:
        scale: The part of its full size.
        sizes: As coded and as shown.
        first: The first layer, whose quality is asked for.
        base: The second layer at its own quality, or None.
        ancillary: Metadata chunks.
        header: Quality -> header.
        guidance: Text in the stream that the model draws, or None.
    """

    scale: float
    sizes: Sizes
    first: LayerEncoding
    base: BaseLayer | None
    ancillary: Sequence[tuple[int, bytes]]
    header: Callable[[int], Header]
    guidance: Guidance | None = None
    _made: dict[int, bytes] = field(default_factory=dict, repr=False)
    _unasked: list[Encoding] = field(default_factory=list, repr=False)
    _base_made: list[PackedTile] = field(default_factory=list, repr=False)

    @property
    def grid(self) -> TileGrid:
        """The coded picture's tiles."""
        return self.first.analysis.grid

    def straight(self, quality: int) -> bytes:
        """Make one stream, keeping nothing."""
        return self._join(quality, self.first.straight(quality))

    def stream(self, quality: int) -> bytes:
        """Return the stream of a quality: each is made once, graphs run no more than needed."""
        if quality not in self._made:
            self._made[quality] = self._join(quality, self.first.of_kept(quality))
        return self._made[quality]

    def text_planes(self, quality: int) -> TextPlanes | None:
        """Return what the detector says of the picture; None where there is none."""
        return self.first.analysis.text_planes(self.scale, quality)

    def raised(self, offsets: Offsets) -> Encoding:
        """Return the same with these offsets added, of the same analysis."""
        return replace(self, first=replace(self.first, raised=offsets), _made={}, _unasked=[])

    def unasked(self) -> Encoding:
        """Return the same without the steps that the model asks for; the same object each time."""
        if not self._unasked:
            first = replace(self.first, adaptive=False, _coded={})
            self._unasked.append(replace(self, first=first, _made={}, _unasked=[]))
        return self._unasked[0]

    def without_maps(self) -> Encoding:
        """Return the same with one quality for all blocks, of the same analysis."""
        return replace(self, first=LayerEncoding(self.first.analysis), _made={}, _unasked=[])

    def refined(self, refinement: Refinement) -> Encoding:
        """Return the same with latents that are refined, of the same analysis."""
        first = replace(self.first, refinement=refinement, _coded={})
        return replace(self, first=first, _made={}, _unasked=[])

    def _join(self, quality: int, tiles: list[PackedTile]) -> bytes:
        base = None
        if self.base is not None:
            layer = Layer(
                quality=self.base.quality,
                wire_id=self.base.wire_id,
                bundle_hash=self.base.bundle_hash,
                threshold=self.first.threshold(tiles, quality),
            )
            base = layer, self._base_tiles(self.base)
        with self.first.analysis.watch.stage("write"):
            return join_stream(self.header(quality), self.ancillary, tiles, base)

    def _base_tiles(self, base: BaseLayer) -> list[PackedTile]:
        if not self._base_made:
            analysis = replace(self.first.analysis, codec=base.codec, caption=None, _kept={})
            self._base_made.extend(LayerEncoding(analysis).straight(base.quality))
        return self._base_made
