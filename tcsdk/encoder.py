"""`Encoder`: pictures to streams."""

from __future__ import annotations

import operator
import os
import threading
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk._kernels import Header
from tcsdk.codec import TileEncoder
from tcsdk.configured import Configured
from tcsdk.encoding import Encoding
from tcsdk.engines import EngineInfo, select_engine
from tcsdk.images import WHITE, load_picture
from tcsdk.many import Outcome, outcomes
from tcsdk.model import find_model
from tcsdk.parallel import Work
from tcsdk.stream import check_bare, metadata_chunks, split_quality_map
from tcsdk.tiles import DEFAULT_TILE, Z_STRIDE, TileGrid
from tcsdk.timings import EncodeTimings, Stopwatch

if TYPE_CHECKING:
    from tcsdk.images import ImageSource

QUALITIES = 64
_MAX_TILE = 255 * Z_STRIDE


@dataclass(frozen=True)
class _Request:
    """What one call of `encode` asks for; see there."""

    max_bytes: int | None
    quality: int | None
    bare: bool
    keep: Collection[str]
    user: bytes | None
    roi: NDArray[np.integer] | None


class Encoder(Configured):
    """Encode pictures with one model on one device.

    Loading takes some hundred milliseconds: keep the object. It may be used by several threads at
    once, survives `os.fork` (the child loads the graph again on first use) and can be pickled.

    Args:
        model: "tfic" (the device chooses the precision), "tfic-int8", "tfic-fp32", or the path of
            a model folder.
        quality: 0 (smallest) to 63 (finest); None for the model's own default.
        device: "auto", "cpu", "cuda" or "cuda:1". "auto" may step down to a slower device, which
            `engine` and one log line say; a named device that cannot run raises.
        threads: CPU threads; None for all that the affinity mask and the cgroup quota allow.
        precision: Precision of a model given by family or path; None lets the device choose.
        tile: Side of the independently decodable tiles, a multiple of 64 up to 16320 pixels.
        background: RGB seen through transparent pixels.

    Raises:
        UnknownModelError, ModelFileError: There is no such model, or a file of it is damaged.
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
    ) -> None:
        self._arguments = {
            "model": os.fspath(model),
            "quality": quality,
            "device": device,
            "threads": threads,
            "precision": precision,
            "tile": tile,
            "background": background,
        }
        if tile % Z_STRIDE or not Z_STRIDE <= tile <= _MAX_TILE:
            raise ValueError(f"expected tile as a multiple of 64, 64..{_MAX_TILE}, got {tile}")
        self._tile, self._background = tile, background
        self._engine = select_engine(device, threads)
        self._folder, precision = find_model(model, precision)
        self._precision = self._folder.precision_for(self._engine.kind, precision)
        self._quality = _checked_quality(
            self._folder.default_quality if quality is None else quality
        )
        self._codec = TileEncoder.load(self._folder, self._precision, self._engine)
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

    def encode(
        self,
        image: ImageSource,
        *,
        max_bytes: int | None = None,
        quality: int | None = None,
        bare: bool = False,
        keep: Collection[str] = (),
        user: bytes | None = None,
        roi: NDArray[np.integer] | None = None,
    ) -> bytes:
        """Encode a picture.

        Args:
            image: A path, the bytes of a picture file, a binary file object, a PIL image, or a
                uint8 array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4).
            max_bytes: Take the best quality whose stream is no larger. `quality`, if given too,
                is the best one allowed.
            quality: 0..63, instead of the encoder's own.
            bare: Leave out checksums and all but 8 bytes of the header, for links with an
                integrity check of their own. Carries no metadata and no `roi`.
            keep: What to keep of the source file's metadata: "icc", "exif" or both.
            user: Bytes of your own to carry along.
            roi: (ceil(H/16), ceil(W/16)) integers: offsets to the quality of each block of the
                upright picture, in steps of about 13 % of the quantiser; positive is finer.

        Returns:
            The stream.

        Raises:
            ImageError: Not a picture, or one that cannot be coded.
            TargetTooSmallError: No quality fits `max_bytes`; its `.smallest` says what would.
            EngineError: The runtime failed.
            OSError: The path cannot be read.
            ValueError, TypeError: An argument is out of its range.
        """
        request = _Request(max_bytes, quality, bare, keep, user, roi)
        data, self._last.timings = self._encode(image, request)
        return data

    def encode_many(
        self,
        images: Iterable[ImageSource],
        *,
        workers: int | None = None,
        max_bytes: int | None = None,
        quality: int | None = None,
        bare: bool = False,
        keep: Collection[str] = (),
        user: bytes | None = None,
    ) -> Iterator[Outcome[bytes]]:
        """Encode many pictures, overlapping reading, graph and entropy coding over threads.

        Args:
            images: Any iterable of what `encode` takes; at most `2 * workers` are taken ahead.
            workers: Pictures in work at once, each tile by tile if there are several; None for
                one more than the encoder's threads.
            max_bytes: As for `encode`, and so the rest; the same for all pictures.
            quality: 0..63.
            bare: Shortest header.
            keep: Metadata to keep.
            user: Bytes to carry along.

        Yields:
            One Outcome per picture, in order; an error of one leaves the others alone.
        """
        request = _Request(max_bytes, quality, bare, keep, user, None)

        def encode(image: ImageSource) -> Outcome[bytes]:
            return Outcome(image, *self._encode(image, request, work))

        workers = workers or self._engine.threads + 1
        work = Work(1, concurrent=True) if workers > 1 else None
        return outcomes(encode, images, workers)

    def _encode(
        self, image: ImageSource, request: _Request, work: Work | None = None
    ) -> tuple[bytes, EncodeTimings]:
        watch = Stopwatch()
        check_bare(
            request.bare, self._tile, bool(request.keep or request.user or request.roi is not None)
        )
        with watch.stage("image"):
            picture = load_picture(image, background=self._background, metadata=bool(request.keep))
        height, width = picture.pixels.shape[:2]
        grid = TileGrid(width, height, self._tile)
        encoding = Encoding(
            codec=self._codec,
            pixels=picture.pixels,
            grid=grid,
            maps=split_quality_map(request.roi, grid),
            ancillary=metadata_chunks(picture, request.keep, request.user),
            header=lambda quality: self._header(grid, quality, request.bare),
            work=work or Work.on_tiles(len(grid), self._engine.threads),
            watch=watch,
        )
        if request.max_bytes is None:
            data = encoding.at_quality(
                self._quality if request.quality is None else _checked_quality(request.quality)
            )
        else:
            highest = QUALITIES - 1 if request.quality is None else request.quality
            data = encoding.within(request.max_bytes, _checked_quality(highest))
        return data, watch.stop(EncodeTimings)

    def _header(self, grid: TileGrid, quality: int, bare: bool) -> Header:
        return Header(
            width=grid.width,
            height=grid.height,
            quality=quality,
            wire_id=self._folder.wire_id,
            bundle_hash=0 if bare else self._folder.bundle_hash,
            tile=grid.side,
            bare=bare,
        )


def _checked_quality(quality: int) -> int:
    if not 0 <= operator.index(quality) < QUALITIES:
        raise ValueError(f"expected quality 0..{QUALITIES - 1}, got {quality}")
    return operator.index(quality)
