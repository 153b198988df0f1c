"""One stream on its way through kernel and graph to a picture."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tcsdk.codec.blending import REACH, BlendMask, activity, blend
from tcsdk.codec.conceal import DamagedTile, fill_lost_tiles
from tcsdk.codec.container import CodedLayer, read_quality_map, split_stream
from tcsdk.codec.guidance import Guidance
from tcsdk.codec.resampling import Sizes
from tcsdk.codec.tile import TileDecoder
from tcsdk.codec.tile_rows import TileRows, synthesised_rows
from tcsdk.codec.tiles import Box, TileGrid
from tcsdk.codec.windows import Decoded, crop_synthesis
from tcsdk.engines.base import RowsGraph
from tcsdk.errors import BitstreamError, CorruptStreamError
from tcsdk.many.parallel import Work, ordered_map
from tcsdk.model.graphs import SYNTHESIS
from tcsdk.model.grids import Y_STRIDE
from tcsdk.timings import Stopwatch

logger = logging.getLogger("tcsdk")


@dataclass(frozen=True)
class Latents:
    """What the kernel decoded of a layer.

    Attributes:
        tiles: Index -> latents of all tiles needed, lost ones filled in; empty where no tile of
            the layer is sound.
        lost: Index -> what is wrong with it, of the tiles that were lost.
        rows: Pixels of rows of tiles and what they show, where the graph makes them so.
    """

    tiles: Mapping[int, Decoded]
    lost: Mapping[int, str]
    rows: TileRows[tuple[NDArray[np.uint8], Box]] | None = None


@dataclass(frozen=True)
class LayerDecoding:
    """A layer and what decodes it.

    Attributes:
        load: Returns tables and graph; called when first needed.
        layer: Its tiles.
        grid: Where they lie.
        conceal: Whether damaged tiles are filled in.
        work: How many tiles at once, and whether other pictures are in work too.
        watch: Adds up the time per stage.
        guidance: Text that was sent with the picture; None where there is none for this layer.
    """

    load: Callable[[], TileDecoder]
    layer: CodedLayer
    grid: TileGrid
    conceal: bool
    work: Work
    watch: Stopwatch
    guidance: Guidance | None = None

    @cached_property
    def codec(self) -> TileDecoder:
        """Tables and graph."""
        with self.watch.stage("model"):
            return self.load()

    def latents_of(self, area: Box) -> Latents:
        """Decode the tiles that an area needs: those it touches and their neighbours.

        Raises:
            BitstreamError: One of them is damaged, unless that is to be concealed.
        """
        reach = max(self.codec.halo, REACH)
        shown = self.grid.touching(area)
        needed = sorted({i for tile in shown for i in self.grid.around(tile, reach)})
        results = ordered_map(self._unpack, needed, self.work.workers)
        unpacked = dict(zip(needed, results, strict=True))
        sound = {index: tile for index, tile in unpacked.items() if isinstance(tile, Decoded)}
        lost = {index: tile for index, tile in unpacked.items() if isinstance(tile, str)}
        if lost and not sound:
            sound = self._any_sound_tile()
        tiles = fill_lost_tiles(sound, self.grid, lost) if sound else {}
        return Latents(tiles, lost, self._rows(area, tiles) if tiles else None)

    def _rows(
        self, area: Box, tiles: Mapping[int, Decoded]
    ) -> TileRows[tuple[NDArray[np.uint8], Box]] | None:
        graph, whole = self.codec.synthesis, self.grid.covering(area)
        if not isinstance(graph, RowsGraph):
            return None
        beside, quality = self.work.pictures_beside, self.layer.quality
        made = synthesised_rows(
            self.codec, graph, whole, self.grid, tiles, quality, concurrent=beside
        )
        return TileRows(self.grid, whole, made)

    def pixels_of(self, index: int, part: Box, latents: Latents) -> NDArray[np.uint8]:
        """Return a part of a tile, (part.height, part.width, 3) uint8."""
        with self.watch.stage(SYNTHESIS):
            if latents.rows is not None:
                pixels, made = latents.rows.of(index)
                return crop_synthesis(pixels, part, made)
            return self.codec.synthesise(
                self.grid[index],
                self.grid,
                latents.tiles,
                self.layer.quality,
                part,
                concurrent=self.work.concurrent,
                guidance=self.guidance,
            )

    def _any_sound_tile(self) -> dict[int, Decoded]:
        """Return the first tile of the picture that is sound, if any, to conceal from."""
        for index in range(len(self.grid)):
            tile = self._unpack(index)
            if isinstance(tile, Decoded):
                return {index: tile}
        return {}

    def _unpack(self, index: int) -> Decoded | str:
        """Decode a tile's latents, or say what is wrong with it if that is to be concealed."""
        with self.watch.stage("kernel"):
            try:
                return self._decoded(index)
            except BitstreamError as error:
                if not self.conceal:
                    raise
                return str(error)

    def _decoded(self, index: int) -> Decoded:
        coded = self.layer.tiles[index]
        if coded.damage:
            raise CorruptStreamError(coded.damage)
        box, quality = self.grid[index], self.layer.quality
        size = box.on_grid(Y_STRIDE)
        try:
            roi = read_quality_map(coded, size.height, size.width)
            return self.codec.unpack(coded.payload, box, quality, roi)
        except BitstreamError as error:
            raise type(error)(f"{self.layer.name}tile {index}: {error}") from error


@dataclass(frozen=True)
class Decoding:
    """A stream taken apart and what decodes its layers.

    Attributes:
        first: The first layer.
        base: The second one, or None for the first alone.
        sizes: Of the picture.
        base_damage: Why there is no second layer where one was asked for; "" else.
        blended: Show the first layer where text is, not only where the second one is lost.
    """

    first: LayerDecoding
    base: LayerDecoding | None
    sizes: Sizes
    base_damage: str
    blended: bool

    def pixels_of(self, area: Box) -> tuple[NDArray[np.uint8], tuple[DamagedTile, ...]]:
        """Decode a part of the coded picture.

        Args:
            area: The part; a region decodes the tiles that it touches and their neighbours.

        Returns:
            (area.height, area.width, 3) uint8 RGB, and the tiles that were filled in.

        Raises:
            BitstreamError: A tile that is needed is damaged (when concealing: all tiles are).
        """
        first = base = Latents({}, {})
        if self.base is None or self.blended:
            first = self.first.latents_of(area)
        if self.base is not None:
            base = self.base.latents_of(area)
            if base.lost and not self.blended:
                first = self.first.latents_of(area)
        if not first.tiles and not base.tiles:
            raise CorruptStreamError(
                f"no tile is sound, nothing can be concealed: {next(iter(first.lost.values()))}"
            )
        out = self._painted(area, first, base)
        return out, self._damage(area, first, base)

    def _painted(self, area: Box, first: Latents, base: Latents) -> NDArray[np.uint8]:
        grid, mask = self.first.grid, self._mask(area, first, base)
        out = np.empty((area.height, area.width, 3), np.uint8)

        def paint(index: int) -> None:
            part = grid[index].overlap(area)
            top, left = part.y - area.y, part.x - area.x
            out[top : top + part.height, left : left + part.width] = self._shown(
                index, part, first, base, mask
            )

        for _ in ordered_map(paint, grid.touching(area), self.first.work.workers):
            pass
        return out

    def _mask(self, area: Box, first: Latents, base: Latents) -> BlendMask | None:
        """Return how the layers mix, or None where one of them shows alone."""
        if self.base is None or not first.tiles or not base.tiles:
            return None
        counts = {}
        if self.blended:
            counts = {index: activity(tile.r) for index, tile in first.tiles.items()}
        threshold = self.base.layer.threshold
        return BlendMask(self.first.grid, area, counts, threshold, first.lost, base.lost)

    def _shown(
        self, index: int, part: Box, first: Latents, base: Latents, mask: BlendMask | None
    ) -> NDArray[np.uint8]:
        """Return a tile's part of the picture, from the layers that have a share in it."""
        if self.base is None or not base.tiles:
            return self.first.pixels_of(index, part, first)
        if mask is None:
            return self.base.pixels_of(index, part, base)
        share = mask.of(part)
        if not share.any():
            return self.base.pixels_of(index, part, base)
        if (share == 1).all():
            return self.first.pixels_of(index, part, first)
        over, under = (
            self.first.pixels_of(index, part, first),
            self.base.pixels_of(index, part, base),
        )
        return blend(over, under, share)

    def _damage(self, area: Box, first: Latents, base: Latents) -> tuple[DamagedTile, ...]:
        """Say which tiles were lost, and log it."""
        grid = self.first.grid
        lost_base = dict(base.lost)
        if self.base_damage:
            lost_base = dict.fromkeys(grid.touching(area), self.base_damage)
        damage = tuple(
            DamagedTile(index, (box.x, box.y, box.width, box.height), reason, layer)
            for layer, lost in enumerate((first.lost, lost_base))
            for index, reason in sorted(lost.items())
            for box in [self.sizes.to_shown(grid[index])]
        )
        for item in damage:
            logger.warning("concealed, layer %d: %s", item.layer, item.reason)
        return damage


def first_layer(codec: TileDecoder, data: bytes, work: Work) -> NDArray[np.uint8]:
    """Decode the first layer of a sound stream whose model is at hand.

    Args:
        codec: The model.
        data: The stream.
        work: How tiles share the CPUs.

    Returns:
        (H, W, 3) uint8 RGB, of the picture as shown.
    """
    stream = split_stream(data, first_layer=True)
    guidance = Guidance.in_chunk(stream.text, stream.sizes.coded) if codec.painter else None
    layer = LayerDecoding(
        lambda: codec, stream.first, stream.grid, False, work, Stopwatch(), guidance
    )
    decoding = Decoding(layer, None, stream.sizes, base_damage="", blended=False)
    shown = stream.sizes.shown
    pixels, _ = decoding.pixels_of(stream.sizes.needed(shown))
    return stream.sizes.enlarged(pixels, shown)
