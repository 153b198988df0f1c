"""One picture on its way to a stream: the sizes it may have, and which of them is taken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Header, bundle_check, parse
from tcsdk.codec.automatic_scale import best_stream, halvings, scale_for_quality
from tcsdk.codec.captioning import CaptionStates
from tcsdk.codec.encode import Encoding, LayerEncoding
from tcsdk.codec.guidance import Guidance
from tcsdk.codec.joining import metadata_chunks
from tcsdk.codec.picture_analysis import PictureAnalysis
from tcsdk.codec.quality_map import asked_offsets
from tcsdk.codec.rate_search import qualities_between
from tcsdk.codec.resampling import Sizes, reduced, resized, small_size
from tcsdk.codec.tiles import TileGrid
from tcsdk.errors import TargetTooSmallError
from tcsdk.images import Picture
from tcsdk.loaded_encoder import Loaded
from tcsdk.many.parallel import Work
from tcsdk.model.graphs import CAPTION
from tcsdk.model.grids import DEFAULT_TILE
from tcsdk.notes import Note
from tcsdk.picture_text import PictureText
from tcsdk.request import AUTO, QUALITIES, Request
from tcsdk.timings import Stopwatch

if TYPE_CHECKING:
    from tcsdk.reading.verification import Checked, Verification


_REFINED = 4  # streams that are refined at most while a target is looked for


@dataclass(frozen=True)
class Coded:
    """A stream, and what there is to say of it.

    Attributes:
        data: The stream.
        verification: What `verify` did; None without it.
        notes: What was left out of it.
    """

    data: bytes
    verification: Verification | None = None
    notes: tuple[Note, ...] = ()


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

    def encoded(self) -> Coded:
        """Return the stream, and what there is to say of it.

        Raises:
            TargetTooSmallError: Nothing fits `max_bytes`.
        """
        coded = self._coded()
        return replace(coded, notes=(*self._shortened(), *coded.notes))

    def _coded(self) -> Coded:
        most = self.request.most_bytes
        if most is None:
            return self._of_quality()
        try:
            return self._within(most)
        except TargetTooSmallError:
            if not self._text.lines and not self._text.is_stated:
                raise
        silent = replace(self, request=replace(self.request, text=None), _at={})
        coded = silent._within(most)
        what = "the text, which was" if self._text.lines else "the states of its lines, which were"
        beside = f"no picture fits max_bytes={most} beside {what} left out"
        return replace(coded, notes=(Note("text", beside),))

    def at(self, scale: float) -> Encoding:
        """Return the picture at a part of its size; each is prepared once."""
        if scale not in self._at:
            self._at[scale] = self._prepared(scale)
        return self._at[scale]

    def _prepared(self, scale: float) -> Encoding:
        loaded, request = self.loaded, self.request
        with self.watch.stage("image"):
            pixels = self._reduced(scale)
        sizes = Sizes.of(_size(pixels), _size(self.picture.pixels))
        grid = TileGrid(sizes.coded.width, sizes.coded.height, loaded.tile)
        text = self._text.chunks(sizes)
        drawn = text[0][1] if text and loaded.draws else None
        guidance = Guidance.in_chunk(drawn, sizes.coded)
        blocks = guidance.blocks(loaded.atlas) if guidance and loaded.atlas else None
        return Encoding(
            scale=sizes.coded.width / sizes.shown.width if request.small else scale,
            sizes=sizes,
            first=LayerEncoding(
                PictureAnalysis(
                    loaded.codec,
                    pixels,
                    grid,
                    self._work_on(len(grid)),
                    self.watch,
                    self._caption,
                ),
                asked_offsets(sizes, request.qmap, request.regions),
                request.text_boost,
                request.adaptive,
                drawn=blocks,
            ),
            base=loaded.base,
            ancillary=[
                *metadata_chunks(self.picture, request.keep, request.user),
                *text,
            ],
            header=lambda quality: self._header(sizes, quality),
            guidance=guidance,
        )

    def _reduced(self, scale: float) -> NDArray[np.uint8]:
        pixels = self.picture.pixels
        if not self.request.small:
            return reduced(pixels, scale)
        return resized(pixels, *small_size(_size(pixels), scale))

    @cached_property
    def _text(self) -> PictureText:
        """What text may be sent beside the picture."""
        return PictureText(self.loaded, self.picture.pixels, self.request, self.watch)

    @cached_property
    def _caption(self) -> CaptionStates | None:
        """What the caption says, as the graph takes it."""
        captioner, caption = self.loaded.codec.captioner, self.request.caption
        if captioner is None or caption is None:
            return None
        with self.watch.stage(CAPTION):
            return captioner.states(caption, concurrent=self._work_on(1).concurrent)

    def _shortened(self) -> tuple[Note, ...]:
        """Say that a caption is longer than what the model takes of one."""
        if self._caption is None or not self._caption.left_out:
            return ()
        left_out, most = self._caption.left_out, self._caption.mask.shape[1]
        text = f"the model takes {most} tokens of a caption; its last {left_out} are left out"
        return (Note("caption", text),)

    def _within(self, max_bytes: int) -> Coded:
        """Make the best stream that fits, and read it if that is wanted."""
        asked, verifier = self.request.quality, self.loaded.verifier
        highest, target = QUALITIES - 1 if asked is None else asked, max_bytes
        while True:
            scales, advice = self._scales(), self._advice()
            encoding, quality = best_stream(self.at, scales, target, highest, advice)
            assert isinstance(encoding, Encoding)
            data = self._refined_within(encoding, quality, target, highest)
            if verifier is None:
                return Coded(data)
            header = parse(data, first_layer=True)[0]
            work = self._work_on(header.tiles)
            checked = verifier.fitted(
                self.picture.pixels, self._text.found, data, header.quality, work, self.watch
            )
            coded = self._stated(checked, work)
            if len(coded.data) <= max_bytes:
                return coded
            target -= len(coded.data) - max_bytes  # for what the states of the lines take

    def _of_quality(self) -> Coded:
        """Make the stream of the quality asked for, its lines raised if that is wanted."""
        asked, verifier = self.request.quality, self.loaded.verifier
        quality = self.loaded.quality if asked is None else asked
        scales = self._scales()
        chosen = scale_for_quality(self.at, scales, quality)
        if verifier is None:
            encoding = self._refined(self.at(chosen))
            once = len(scales) == 1 and self.loaded.refiner is None
            return Coded((encoding.straight if once else encoding.stream)(quality))
        # Where not all lines agree, the next larger and the next smaller one get their chance.
        larger = [scale for scale in scales if scale > chosen][-1:]
        others = [*larger, *[scale for scale in scales if scale < chosen][:1]]
        encodings = (self._refined(self.at(scale)) for scale in (chosen, *others))
        pixels = self.picture.pixels
        checked = verifier.raised(pixels, self._text.found, encodings, quality, self.watch)
        return self._stated(checked, self._work_on(parse(checked.data, first_layer=True)[0].tiles))

    def _refined(self, encoding: Encoding) -> Encoding:
        """Return the same with latents that are refined, where that is wanted."""
        refiner = self.loaded.refiner
        if refiner is None:
            return encoding
        return encoding.refined(refiner.for_lines(self._text.known, encoding.sizes))

    def _refined_within(self, encoding: Encoding, quality: int, most: int, highest: int) -> bytes:
        """Return a stream of at most so many bytes, refined where that is wanted.

        Refining takes seconds: the search begins at the quality that fits without, and goes on
        where sizes say.
        """
        if self.loaded.refiner is None:
            return encoding.stream(quality)
        refined, sizes, tried = self._refined(encoding), dict[int, int](), quality
        while tried not in sizes and len(sizes) < _REFINED:
            sizes[tried] = len(refined.stream(tried))
            tried = min(max(tried + qualities_between(sizes[tried], most), 0), highest)
        fits = [each for each, size in sizes.items() if size <= most]
        return refined.stream(max(fits)) if fits else encoding.stream(quality)

    def _stated(self, checked: Checked, work: Work) -> Coded:
        """Put into a stream what came of its lines, if that is wanted."""
        return Coded(self._text.stated(checked, work), checked.report)

    def _work_on(self, tiles: int) -> Work:
        return self.work or Work.on_tiles(tiles, self.loaded.threads)

    def _scales(self) -> list[float]:
        """Return the sizes to choose from; one where the caller chose, or no other can be."""
        request = self.request
        if request.scale != AUTO:
            return [request.scale]
        fixed = request.qmap is not None or self.loaded.base is not None
        return [1.0] if fixed else halvings(*_size(self.picture.pixels))

    def _advice(self) -> str:
        """Say which of what was asked for makes streams larger."""
        request = self.request
        rows = {
            "scale='auto' or a smaller number": request.scale != AUTO,
            "small=True": self._could_be_small,
            "no qmap=": request.qmap is not None,
            "no base_quality=": self.loaded.base is not None,
            "no keep=": bool(request.keep),
            "no user=": bool(request.user),
            "no text=": bool(self._text.lines),
        }
        words = [word for word, holds in rows.items() if holds]
        return "; what would take less: " + ", ".join(words) if words else ""

    @property
    def _could_be_small(self) -> bool:
        request, loaded = self.request, self.loaded
        extras = request.small or request.keep or request.user or loaded.base is not None
        return not extras and loaded.tile == DEFAULT_TILE

    def _header(self, sizes: Sizes, quality: int) -> Header:
        loaded, small = self.loaded, self.request.small
        return Header(
            width=sizes.coded.width,
            height=sizes.coded.height,
            shown=(sizes.shown.width, sizes.shown.height),
            quality=quality,
            wire_id=loaded.wire_id,
            bundle_hash=0 if small else loaded.bundle_hash,
            bundle_check=bundle_check(loaded.bundle_hash) if small else 0,
            tile=loaded.tile,
            small=small,
            layered=loaded.base is not None,
        )


def _size(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]
