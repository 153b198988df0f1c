"""`Encoder`: pictures to streams."""

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterable, Iterator
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from tcsdk.alternatives import alternatives
from tcsdk.arguments import location, several, whole
from tcsdk.background import Background
from tcsdk.codec.quality_map import Region
from tcsdk.codec.tiles import Box
from tcsdk.configured import Configured
from tcsdk.engines import EngineInfo, select_engine
from tcsdk.given_text import LINE_STATES, check_places
from tcsdk.images import WHITE, several_pictures
from tcsdk.keywords import naming_keywords, taking
from tcsdk.loaded_encoder import Loaded, base_layer
from tcsdk.many.outcome import Outcome, outcomes
from tcsdk.many.parallel import Work
from tcsdk.model.find import find_model
from tcsdk.model.grids import DEFAULT_TILE, Z_STRIDE
from tcsdk.notes import Note
from tcsdk.packet_sizes import DEFAULT_PAYLOAD
from tcsdk.picture_encoding import PictureEncoding
from tcsdk.refining import MOST_STEPS, refiner_of
from tcsdk.request import AUTO, Request, check_quality, checked_request
from tcsdk.timings import EncodeTimings, Stopwatch
from tcsdk.verifying import HIGHEST_VERIFIED, Verifying

if TYPE_CHECKING:
    from tcsdk.images import ImageSource
    from tcsdk.reading.verification import Verification

MAX_TILE = 255 * Z_STRIDE
_MODEL = "a model's name or folder"


@naming_keywords(Request)
class Encoder(Configured[Loaded]):
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
        background: RGB seen through transparent pixels; or "drop", to send nothing but the
            `regions` that a call names: one flat colour, the mean of what they show, is coded and
            seen in the place of all else.
        base_quality: Quality of a second layer that shows what the first leaves out; None for one
            layer. The stream's first part then decodes alone: see `Decoder(layers=...)`.
        base_model: Model of that layer, as `model`.
        verify: Read the original (extra [ocr]) and what each stream shows, and code a line finer
            while it is read with other letters or digits than the original's, where the reader is
            sure of it; `verification` says what was done, and whether it `agreed`. "fast" reads
            with `FastReader`, which needs no extra and a part of the time, and knows less.
        verify_limit: The best quality that `verify` may raise a line to, 0..127; what is above 63
            is done by quality maps alone.
        verify_lines: A regular expression, such as "[0-9]{4}": lines that it finds something in are
            compared, the others may change. None for all lines.
        refine: Steps by which the latents of each picture are refined (extra [refine]), 0 for none:
            text is read on the original, as for `verify` and with its reader, or with the OCR
            (extra [ocr]) without it, and of the numbers that could be sent those are sought that
            let it be read. The same accuracy takes 5 to 29 % fewer bytes; 60 steps take seconds.
            Decoders need nothing for it (docs/use/refine.md).
        batch: Most windows of equal shape to run through the graph in one call, where several
            threads ask at the same time (`encode_many`, or threads of your own). 1 is right for
            large pictures on a CPU; docs/use/serving.md has figures.

    Raises:
        UnknownModelError, ModelFileError: There is no such model, or a file of it is damaged.
        WrongTaskError: The model is no codec.
        MissingRuntimeError, DeviceError: The device cannot run here; the message says what to do.
        ValueError, TypeError: An argument is out of its range.

    Examples:
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
        background: tuple[int, int, int] | Literal["drop"] = WHITE,
        base_quality: int | None = None,
        base_model: str | os.PathLike[str] = "base",
        verify: bool | Literal["fast"] = False,
        verify_limit: int = HIGHEST_VERIFIED,
        verify_lines: str | None = None,
        refine: int = 0,
        batch: int = 1,
    ) -> None:
        verifying = Verifying.of(verify, verify_limit, verify_lines)
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
            "verify": verifying.reader,
            "verify_limit": verify_limit,
            "verify_lines": verify_lines,
            "refine": refine,
            "batch": batch,
        }
        whole("refine", refine, 0, MOST_STEPS, what=" steps")
        tile = whole("tile", tile, Z_STRIDE, MAX_TILE, step=Z_STRIDE)
        self._background = Background.of(background)
        check_quality("quality", quality)
        check_quality("base_quality", base_quality)
        engine = select_engine(device, threads, batch=batch)
        self._folder, named = find_model(model, precision)
        self._engine, self._precision = engine.for_model(self._folder, named)
        self._quality = self._folder.default_quality if quality is None else quality
        self._held = Loaded.load(
            self._folder,
            self._precision,
            self._engine,
            base=base_layer(engine, base_model, precision, base_quality),
            verifier=verifying.verifier(self._folder, self._precision, self._engine, device),
            refiner=refiner_of(refine, self._folder, self._engine.threads, verifying.reader),
            quality=self._quality,
            tile=tile,
        )
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

    @taking()
    def encode(  # noqa: D417 - the others are explained once, in Request
        self,
        image: ImageSource,
        *,
        max_bytes: int | None = None,
        quality: int | None = None,
        small: bool = False,
        max_packets: int | None = None,
        payload: int = DEFAULT_PAYLOAD,
        step: int = 1,
        keep: Collection[str] = (),
        user: bytes | None = None,
        text: str | Iterable[Any] | None = LINE_STATES,
        text_boost: int = 0,
        regions: Iterable[Region] = (),
        qmap: NDArray[np.integer] | None = None,
        adaptive: bool = True,
        scale: float | Literal["auto"] = AUTO,
        page: int | None = None,
        caption: str | None = None,
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
            TargetTooSmallError: No quality fits `max_bytes` or `max_packets`; its `.smallest` says
                what would.
            RegionError: A region or a line of `text` lies beside the picture.
            NoDetectorError: `text_boost` with a model that has no text detector.
            NoCaptionError: A caption for a model that is told none.
            CaptionError: A caption with control characters.
            EngineError: The runtime failed.
            OSError: The path cannot be read.
            ValueError, TypeError: An argument is out of its range.
        """
        request = Request(
            max_bytes=max_bytes,
            quality=quality,
            small=small,
            max_packets=max_packets,
            payload=payload,
            step=step,
            keep=keep,
            user=user,
            text=text,
            text_boost=text_boost,
            regions=regions,
            qmap=qmap,
            adaptive=adaptive,
            scale=scale,
            page=page,
            caption=caption,
        )
        outcome = self._encode(image, request)
        self._last.timings, self._last.verification = outcome.timings, outcome.verification
        self._last.notes = outcome.notes
        return outcome.get()

    @taking()
    def encode_many(
        self,
        images: Iterable[ImageSource],
        request: Request | None = None,
        *,
        captions: Iterable[str | None] | None = None,
        workers: int | None = None,
    ) -> Iterator[Outcome[bytes]]:
        """Encode many pictures, overlapping reading, graph and entropy coding over threads.

        Args:
            images: Any iterable of what `encode` takes; at most `2 * workers` are taken ahead.
            request: What each stream is to be like; None for what `encode` does by itself.
            captions: One for each picture, None for one without, in place of the request's.
            workers: Pictures in work at once, each tile by tile if there are several; None for
                one more than the encoder's threads, or twice the `batch` where that is more.

        Yields:
            One Outcome per picture, in order; an error of one leaves the others alone.

        Raises:
            ValueError: The encoder cannot do what `request` asks for, or there are more or fewer
                captions than pictures.
        """
        asked = checked_request(request)
        images = several_pictures(images)
        workers = self._engine.workers if workers is None else whole("workers", workers, 1)
        work = Work(1, concurrent=True) if workers > 1 else None
        if captions is None:
            return outcomes(lambda image: self._encode(image, asked, work), images, workers)
        told = zip(images, several("captions", captions, "captions"), strict=True)

        def encoded(pair: tuple[ImageSource, str | None]) -> Outcome[bytes]:
            return self._encode(pair[0], asked.told(pair[1]), work)

        return outcomes(encoded, told, workers, itemgetter(0))

    def _encode(
        self, image: ImageSource, request: Request, work: Work | None = None
    ) -> Outcome[bytes]:
        watch = Stopwatch()
        self._loaded.check(request, self.model)
        self._background.check(request)
        with watch.stage("image"):
            picture = self._background.load(image, request)
            if isinstance(request.text, tuple):
                height, width = picture.pixels.shape[:2]
                check_places(request.text, Box(0, 0, width, height))
        encoding = PictureEncoding(self._loaded, picture, request, work, watch)
        coded = encoding.encoded()
        others = alternatives(picture.pixels, len(coded.data), picture.file_bytes)
        notes = picture.notes + coded.notes + others
        timings = watch.stop(EncodeTimings)
        return Outcome(image, coded.data, timings, verification=coded.verification, notes=notes)
