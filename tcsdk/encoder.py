"""`Encoder`: pictures to streams."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Header, parse
from tcsdk.alternatives import alternatives
from tcsdk.arguments import colour, expression, flag, location, whole
from tcsdk.codec.automatic_scale import best_stream, halvings, scale_for_quality
from tcsdk.codec.container import check_bare, metadata_chunks, size_chunks
from tcsdk.codec.encode import BaseLayer, Encoding, LayerEncoding
from tcsdk.codec.picture_analysis import PictureAnalysis
from tcsdk.codec.quality_map import Region, asked_offsets
from tcsdk.codec.resampling import Sizes, reduced
from tcsdk.codec.tile import TileEncoder
from tcsdk.codec.tiles import TileGrid
from tcsdk.configured import Configured
from tcsdk.engines import ChosenEngine, EngineInfo, select_engine
from tcsdk.errors import NoDetectorError
from tcsdk.images import WHITE, Picture, load_picture, several_pictures
from tcsdk.many.outcome import Outcome, outcomes
from tcsdk.many.parallel import Work
from tcsdk.model.find import find_model
from tcsdk.model.grids import DEFAULT_TILE, Z_STRIDE
from tcsdk.notes import Note
from tcsdk.request import AUTO, QUALITIES, Request, checked_request
from tcsdk.timings import EncodeTimings, Stopwatch

if TYPE_CHECKING:
    from tcsdk.images import ImageSource
    from tcsdk.reading.verification import Verification, Verifier

MAX_TILE = 255 * Z_STRIDE
_MODEL = "a model's name or folder"
Scales = Callable[[float], Encoding]


@dataclass(frozen=True)
class _Loaded:
    """What an encoder holds until it is closed: the model, a second layer's, what verifies."""

    codec: TileEncoder
    base: BaseLayer | None
    verifier: Verifier | None


class Encoder(Configured[_Loaded]):
    """Encode pictures with one model on one device.

    Loading takes some hundred milliseconds: keep the object. It may be used by several threads at
    once, survives `os.fork` (the child loads the graph again on first use) and can be pickled.
    `with` closes it at the end, see `close`.

    Args:
        model: "tfic" (the device chooses the precision), "tfic-int8", "tfic-fp32", or the path of
            a model folder.
        quality: 0 (smallest) to 63 (finest); None for the model's own default.
        device: "auto", "cpu", "cuda", "cuda:1", "tensorrt" or "tensorrt:1", or "triton" for the
            server at $TCSDK_TRITON (docs/use/serving.md). "auto" may step down
            to a slower device, which `engine` and one log line say; a named device that cannot
            run raises.
        threads: CPU threads; None for all that the affinity mask and the cgroup quota allow.
        precision: Precision of a model given by family or path; None lets the device choose.
        tile: Side of the independently decodable tiles, a multiple of 64 up to 16320 pixels.
        background: RGB seen through transparent pixels.
        base_quality: Quality of a second layer that shows what the first leaves out; None for one
            layer. The stream's first part then decodes alone: see `Decoder(layers=...)`.
        base_model: Model of that layer, as `model`.
        verify: Decode every stream, read it and the original (extra [ocr]), and raise the quality
            while a line that the original shows clearly is read with other letters or digits;
            `verification` says what was done, and whether it `agreed`. Takes as long as reading
            for the original and for each quality tried, up to eleven times in all.
        verify_limit: The best quality that `verify` may raise to.
        verify_lines: A regular expression, such as "[0-9]{4}": lines that it finds something in are
            compared, the others may change. None for all lines.
        batch: Most windows of equal shape to run through the graph in one call, where several
            threads ask at the same time (`encode_many`, or threads of your own). 1 is right for
            large pictures on a CPU; docs/use/serving.md has figures.

    Raises:
        UnknownModelError, ModelFileError: There is no such model, or a file of it is damaged.
        WrongTaskError: The model is no codec.
        MissingRuntimeError, DeviceError: The device cannot run here; the message says what to do.
        ValueError, TypeError: An argument is out of its range.

    Example:
        >>> encoder = Encoder("tfic-int8", quality=20)  # doctest: +SKIP
        >>> len(encoder.encode("meter.png"))  # doctest: +SKIP
        612
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = "tfic",
        *,
        quality: int | None = None,
        device: str = "auto",
        threads: int | None = None,
        precision: str | None = None,
        tile: int = DEFAULT_TILE,
        background: tuple[int, int, int] = WHITE,
        base_quality: int | None = None,
        base_model: str | os.PathLike[str] = "base",
        verify: bool = False,
        verify_limit: int = QUALITIES - 1,
        verify_lines: str | None = None,
        batch: int = 1,
    ) -> None:
        self._arguments = {
            "model": location("model", model, _MODEL),
            "quality": quality,
            "device": device,
            "threads": threads,
            "precision": precision,
            "tile": tile,
            "background": background,
            "base_quality": base_quality,
            "base_model": location("base_model", base_model, _MODEL),
            "verify": flag("verify", verify),
            "verify_limit": verify_limit,
            "verify_lines": verify_lines,
            "batch": batch,
        }
        self._tile = whole("tile", tile, Z_STRIDE, MAX_TILE, step=Z_STRIDE)
        self._background = colour("background", background)
        _check_qualities(quality=quality, base_quality=base_quality, verify_limit=verify_limit)
        lines = None if verify_lines is None else expression("verify_lines", verify_lines)
        if lines and not verify:
            raise ValueError(f"verify_lines={verify_lines!r} is about verify=True, which is off")
        engine = select_engine(device, threads, batch=batch)
        self._folder, named = find_model(model, precision)
        self._engine, self._precision = engine.for_model(self._folder, named)
        self._quality = self._folder.default_quality if quality is None else quality
        verifier = self._new_verifier(device, verify_limit, lines) if verify else None
        codec = TileEncoder.load(self._folder, self._precision, self._engine)
        base = None
        if base_quality is not None:
            base = _base_layer(engine, base_model, precision, base_quality)
        self._held = _Loaded(codec, base, verifier)
        self._last = threading.local()

    @property
    def model(self) -> str:
        """Family and precision of the model, such as "tfic-int8"."""
        return f"{self._folder.family}-{self._precision}"

    @property
    def quality(self) -> int:
        """The quality of calls that name none."""
        return self._quality

    @property
    def engine(self) -> EngineInfo:
        """What runs the graph."""
        return self._engine.describe(self._precision)

    @property
    def timings(self) -> EncodeTimings | None:
        """Milliseconds per stage of this thread's last `encode`; None before the first."""
        return getattr(self._last, "timings", None)

    @property
    def verification(self) -> Verification | None:
        """What `verify` did in this thread's last `encode`; None without it."""
        return getattr(self._last, "verification", None)

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is to be said of this thread's last `encode`; () before the first.

        What was left out of the picture or guessed, and where another format is the better choice.
        """
        return getattr(self._last, "notes", ())

    def encode(  # noqa: D417 - the others are explained once, in Request
        self,
        image: ImageSource,
        *,
        max_bytes: int | None = None,
        quality: int | None = None,
        bare: bool = False,
        keep: Collection[str] = (),
        user: bytes | None = None,
        text_boost: int = 0,
        regions: Iterable[Region] = (),
        qmap: NDArray[np.integer] | None = None,
        adaptive: bool = True,
        scale: float | Literal["auto"] = AUTO,
        page: int | None = None,
    ) -> bytes:
        """Encode a picture.

        Args:
            image: A path, the bytes of a picture file, a binary file object, a PIL image, or a
                uint8 array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).

        The other arguments are those of `tcsdk.Request`, which explains them.

        Returns:
            The stream.

        Raises:
            ImageError: Not a picture, or one that cannot be coded.
            TargetTooSmallError: No quality fits `max_bytes`; its `.smallest` says what would.
            NoDetectorError: `text_boost` with a model that has no text detector.
            EngineError: The runtime failed.
            OSError: The path cannot be read.
            ValueError, TypeError: An argument is out of its range.
        """
        request = Request(
            max_bytes=max_bytes, quality=quality, bare=bare, keep=keep, user=user,
            text_boost=text_boost, regions=regions, qmap=qmap, adaptive=adaptive, scale=scale,
            page=page,
        )  # fmt: skip
        outcome = self._encode(image, request)
        self._last.timings, self._last.verification = outcome.timings, outcome.verification
        self._last.notes = outcome.notes
        return outcome.get()

    def encode_many(
        self,
        images: Iterable[ImageSource],
        request: Request | None = None,
        *,
        workers: int | None = None,
    ) -> Iterator[Outcome[bytes]]:
        """Encode many pictures, overlapping reading, graph and entropy coding over threads.

        Args:
            images: Any iterable of what `encode` takes; at most `2 * workers` are taken ahead.
            request: What each stream is to be like; None for what `encode` does by itself.
            workers: Pictures in work at once, each tile by tile if there are several; None for
                one more than the encoder's threads, or twice the `batch` where that is more.

        Yields:
            One Outcome per picture, in order; an error of one leaves the others alone.

        Raises:
            ValueError: The encoder cannot do what `request` asks for.
        """
        asked = checked_request(request)
        images = several_pictures(images)
        workers = self._engine.workers if workers is None else whole("workers", workers, 1)
        work = Work(1, concurrent=True) if workers > 1 else None
        return outcomes(lambda image: self._encode(image, asked, work), images, workers)

    def _encode(
        self, image: ImageSource, request: Request, work: Work | None = None
    ) -> Outcome[bytes]:
        watch = Stopwatch()
        self._check(request)
        with watch.stage("image"):
            picture = load_picture(
                image, background=self._background, keep=request.keep, page=request.page
            )

        @cache
        def at(scale: float) -> Encoding:
            return self._encoding(picture, request, scale, work, watch)

        if request.max_bytes is not None:
            data, verification = self._within(at, picture.pixels, request, request.max_bytes, watch)
        else:
            data, verification = self._of_quality(at, picture.pixels, request, watch)
        notes = picture.notes + alternatives(picture.pixels, len(data), picture.file_bytes)
        timings = watch.stop(EncodeTimings)
        return Outcome(image, data, timings, verification=verification, notes=notes)

    def _encoding(
        self, picture: Picture, request: Request, scale: float, work: Work | None, watch: Stopwatch
    ) -> Encoding:
        """Prepare a picture for being coded at a part of its size."""
        with watch.stage("image"):
            pixels = reduced(picture.pixels, scale)
        sizes = Sizes.of(_size(pixels), _size(picture.pixels))
        grid = TileGrid(sizes.coded.width, sizes.coded.height, self._tile)
        work = work or Work.on_tiles(len(grid), self._engine.threads)
        return Encoding(
            scale=scale,
            first=LayerEncoding(
                PictureAnalysis(self._loaded.codec, pixels, grid, work, watch),
                asked_offsets(sizes, request.qmap, request.regions),
                request.text_boost,
                request.adaptive and not request.bare,
            ),
            base=self._loaded.base,
            ancillary=[
                *size_chunks(sizes),
                *metadata_chunks(picture, request.keep, request.user),
            ],
            header=lambda quality: self._header(grid, quality, request.bare),
        )

    def _check(self, request: Request) -> None:
        """Refuse what this encoder cannot do, before a picture is read."""
        reduces = request.scale != AUTO and request.scale < 1.0
        layered = self._loaded.base is not None
        extras = bool(request.keep or request.user or request.has_offsets or layered or reduces)
        check_bare(request.bare, self._tile, extras)
        if request.text_boost and not self._loaded.codec.detects_text:
            raise NoDetectorError(
                f"model {self.model} has no text detector, so text_boost={request.text_boost} "
                "cannot know where text is; leave it out, give regions= or qmap=, or take a model "
                "that has one (tcsdk models)"
            )

    def _within(
        self,
        at: Scales,
        pixels: NDArray[np.uint8],
        request: Request,
        max_bytes: int,
        watch: Stopwatch,
    ) -> tuple[bytes, Verification | None]:
        """Make the best stream that fits, and read it if that is wanted."""
        highest = QUALITIES - 1 if request.quality is None else request.quality
        scales, advice = self._scales(pixels, request), self._advice(request)
        data = best_stream(at, scales, max_bytes, highest, advice)
        if self._loaded.verifier is None:
            return data, None
        quality = parse(data, first_layer=True)[0].quality
        return data, self._loaded.verifier.fitted(pixels, data, quality, watch)

    def _of_quality(
        self, at: Scales, pixels: NDArray[np.uint8], request: Request, watch: Stopwatch
    ) -> tuple[bytes, Verification | None]:
        """Make the stream of the quality asked for, or of one that reads as the picture does."""
        quality = self._quality if request.quality is None else request.quality
        scales = self._scales(pixels, request)
        chosen = scale_for_quality(at, scales, quality)
        if self._loaded.verifier is None:
            make = at(chosen).stream if len(scales) > 1 else at(chosen).straight
            return make(quality), None
        # Where no quality agrees, the next larger and the next smaller one get their chance.
        larger = [scale for scale in scales if scale > chosen][-1:]
        others = [*larger, *[scale for scale in scales if scale < chosen][:1]]
        makes = (at(scale).stream for scale in (chosen, *others))
        return self._loaded.verifier.raised(pixels, makes, quality, watch)

    def _scales(self, pixels: NDArray[np.uint8], request: Request) -> list[float]:
        """Return the sizes to choose from; one where the caller chose, or no other can be."""
        if request.scale != AUTO:
            return [request.scale]
        fixed = request.bare or request.qmap is not None or self._loaded.base is not None
        return [1.0] if fixed else halvings(*_size(pixels))

    def _advice(self, request: Request) -> str:
        """Say which of what was asked for makes streams larger."""
        rows = {
            "scale='auto' or a smaller number": request.scale != AUTO,
            "no bare=True, so that scale= can be less than 1": request.bare,
            "no qmap=": request.qmap is not None,
            "no base_quality=": self._loaded.base is not None,
            "no keep=": bool(request.keep),
            "no user=": bool(request.user),
        }
        words = [word for word, holds in rows.items() if holds]
        return "; what would take less: " + ", ".join(words) if words else ""

    def _new_verifier(self, device: str, highest: int, lines: re.Pattern[str] | None) -> Verifier:
        from tcsdk.decoder import Decoder
        from tcsdk.reading.verification import Verifier, check_reader

        check_reader()
        decoder = Decoder(
            device,
            threads=self._engine.threads,
            models=[self._folder.path],
            precision=self._precision,
            layers="first",
        )
        return Verifier(decoder, highest, lines)

    def _header(self, grid: TileGrid, quality: int, bare: bool) -> Header:
        return Header(
            width=grid.width,
            height=grid.height,
            quality=quality,
            wire_id=self._folder.wire_id,
            bundle_hash=0 if bare else self._folder.bundle_hash,
            tile=grid.side,
            bare=bare,
            layered=self._loaded.base is not None,
        )


def _size(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def _base_layer(
    engine: ChosenEngine, model: str | os.PathLike[str], precision: str | None, quality: int
) -> BaseLayer:
    folder, named = find_model(model)
    runs, chosen = engine.for_model(folder, named or precision)
    codec = TileEncoder.load(folder, chosen, runs)
    return BaseLayer(codec, quality, folder.wire_id, folder.bundle_hash)


def _check_qualities(**qualities: int | None) -> None:
    for name, quality in qualities.items():
        if quality is not None:
            whole(name, quality, 0, QUALITIES - 1)
