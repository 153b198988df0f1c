"""One picture on its way to a stream: the sizes it may have, and which of them is taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Header, parse
from tcsdk.codec.automatic_scale import best_stream, halvings, scale_for_quality
from tcsdk.codec.container import metadata_chunks
from tcsdk.codec.encode import BaseLayer, Encoding, LayerEncoding
from tcsdk.codec.picture_analysis import PictureAnalysis
from tcsdk.codec.quality_map import asked_offsets
from tcsdk.codec.resampling import Sizes, reduced
from tcsdk.codec.tile import TileEncoder
from tcsdk.codec.tiles import TileGrid
from tcsdk.images import Picture
from tcsdk.many.parallel import Work
from tcsdk.request import AUTO, QUALITIES, Request
from tcsdk.timings import Stopwatch

if TYPE_CHECKING:
    from tcsdk.reading.verification import Verification, Verifier


@dataclass(frozen=True)
class Loaded:
    """What an encoder holds until it is closed, and how it codes.

    Attributes:
        codec: Graph and tables of the first layer.
        base: The second layer, or None.
        verifier: What reads streams again, or None.
        wire_id: Number of the first layer's model.
        bundle_hash: Short hash of its entropy bundle.
        quality: Of requests that name none.
        tile: Side of tiles, pixels.
        threads: That the engine has.
    """

    codec: TileEncoder
    base: BaseLayer | None
    verifier: Verifier | None
    wire_id: int
    bundle_hash: int
    quality: int
    tile: int
    threads: int


@dataclass(frozen=True, eq=False)
class PictureEncoding:
    """A picture, and what its stream is to be like.

    Attributes:
        loaded: What encodes it.
        picture: The picture.
        request: What is asked for.
        work: How tiles share the CPUs with other pictures; None where there are none.
        watch: Adds up the time per stage.
    """

    loaded: Loaded
    picture: Picture
    request: Request
    work: Work | None
    watch: Stopwatch
    _at: dict[float, Encoding] = field(default_factory=dict, repr=False)

    def encoded(self) -> tuple[bytes, Verification | None]:
        """Return the stream, and what was verified.

        Raises:
            TargetTooSmallError: Nothing fits `max_bytes`.
        """
        if self.request.max_bytes is None:
            return self._of_quality()
        return self._within(self.request.max_bytes)

    def at(self, scale: float) -> Encoding:
        """Return the picture at a part of its size; each is prepared once."""
        if scale not in self._at:
            self._at[scale] = self._prepared(scale)
        return self._at[scale]

    def _prepared(self, scale: float) -> Encoding:
        loaded, request = self.loaded, self.request
        with self.watch.stage("image"):
            pixels = reduced(self.picture.pixels, scale)
        sizes = Sizes.of(_size(pixels), _size(self.picture.pixels))
        grid = TileGrid(sizes.coded.width, sizes.coded.height, loaded.tile)
        return Encoding(
            scale=scale,
            sizes=sizes,
            first=LayerEncoding(
                PictureAnalysis(loaded.codec, pixels, grid, self._work_on(len(grid)), self.watch),
                asked_offsets(sizes, request.qmap, request.regions),
                request.text_boost,
                request.adaptive and not request.bare,
            ),
            base=loaded.base,
            ancillary=metadata_chunks(self.picture, request.keep, request.user),
            header=lambda quality: self._header(sizes, quality),
        )

    def _within(self, max_bytes: int) -> tuple[bytes, Verification | None]:
        """Make the best stream that fits, and read it if that is wanted."""
        asked, verifier = self.request.quality, self.loaded.verifier
        highest = QUALITIES - 1 if asked is None else asked
        data = best_stream(self.at, self._scales(), max_bytes, highest, self._advice())
        if verifier is None:
            return data, None
        header = parse(data, first_layer=True)[0]
        work = self._work_on(header.tiles)
        return data, verifier.fitted(self.picture.pixels, data, header.quality, work, self.watch)

    def _of_quality(self) -> tuple[bytes, Verification | None]:
        """Make the stream of the quality asked for, or of one that reads as the picture does."""
        asked, verifier = self.request.quality, self.loaded.verifier
        quality = self.loaded.quality if asked is None else asked
        scales = self._scales()
        chosen = scale_for_quality(self.at, scales, quality)
        if verifier is None:
            encoding = self.at(chosen)
            return (encoding.stream if len(scales) > 1 else encoding.straight)(quality), None
        # Where not all lines agree, the next larger and the next smaller one get their chance.
        larger = [scale for scale in scales if scale > chosen][-1:]
        others = [*larger, *[scale for scale in scales if scale < chosen][:1]]
        encodings = map(self.at, (chosen, *others))
        return verifier.raised(self.picture.pixels, encodings, quality, self.watch)

    def _work_on(self, tiles: int) -> Work:
        return self.work or Work.on_tiles(tiles, self.loaded.threads)

    def _scales(self) -> list[float]:
        """Return the sizes to choose from; one where the caller chose, or no other can be."""
        request = self.request
        if request.scale != AUTO:
            return [request.scale]
        fixed = request.bare or request.qmap is not None or self.loaded.base is not None
        return [1.0] if fixed else halvings(*_size(self.picture.pixels))

    def _advice(self) -> str:
        """Say which of what was asked for makes streams larger."""
        request = self.request
        rows = {
            "scale='auto' or a smaller number": request.scale != AUTO,
            "no bare=True, so that scale= can be less than 1": request.bare,
            "no qmap=": request.qmap is not None,
            "no base_quality=": self.loaded.base is not None,
            "no keep=": bool(request.keep),
            "no user=": bool(request.user),
        }
        words = [word for word, holds in rows.items() if holds]
        return "; what would take less: " + ", ".join(words) if words else ""

    def _header(self, sizes: Sizes, quality: int) -> Header:
        loaded, bare = self.loaded, self.request.bare
        return Header(
            width=sizes.coded.width,
            height=sizes.coded.height,
            shown=(sizes.shown.width, sizes.shown.height),
            quality=quality,
            wire_id=loaded.wire_id,
            bundle_hash=0 if bare else loaded.bundle_hash,
            tile=loaded.tile,
            bare=bare,
            layered=loaded.base is not None,
        )


def _size(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]
