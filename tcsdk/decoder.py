"""`Decoder`: streams to pictures."""

from __future__ import annotations

import logging
import os
import threading
import warnings
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from tcsdk.arguments import flag, location, several, whole
from tcsdk.asked_region import asked_region
from tcsdk.codec.conceal import Damage, DamagedChunk
from tcsdk.codec.container import CodedLayer, Stream, split_stream
from tcsdk.codec.decode import Decoding, LayerDecoding
from tcsdk.codec.guidance import Guidance
from tcsdk.codec.tile import TileDecoder
from tcsdk.configured import Configured
from tcsdk.engines import EngineInfo, select_engine
from tcsdk.errors import CorruptStreamError
from tcsdk.images import read_bytes
from tcsdk.keywords import naming_keywords, taking
from tcsdk.many.outcome import Outcome, outcomes
from tcsdk.many.parallel import Work
from tcsdk.model.find import list_codecs, model_of_stream
from tcsdk.notes import Note
from tcsdk.timings import DecodeTimings, Stopwatch

logger = logging.getLogger("tcsdk")

# A hostile stream of some hundred bytes may declare 65535 x 65535 pixels, 13 GB decoded.
DEFAULT_MAX_PIXELS = 1 << 28
_ON_ERROR = ("raise", "conceal")
LAYERS = ("first", "base", "blend")
# What was called otherwise before 0.2: taken, with a warning, until 0.3.
_FORMER_LAYERS = {"text": "first"}


@naming_keywords()
class Decoder(Configured[dict[str, TileDecoder]]):
    """Decode streams, each with the model that it names.

    A model is loaded by the first stream that needs it and kept. The object may be used by several
    threads at once, survives `os.fork` and can be pickled. `with` closes it at the end, see
    `close`.

    Args:
        device: "auto", "cpu", "cuda:1", "tensorrt" and so on, as for `Encoder`.
        threads: CPU threads; None for all that the affinity mask and the cgroup quota allow.
        models: Folders of private models, tried before the shipped ones.
        precision: "int8" or "fp32" for instance; None for the device's default.
        on_error: "raise", or "conceal" to fill damaged tiles among sound ones from their
            neighbours, and to show the other layer, where there is one, in place of tiles or of a
            whole layer that is lost; `damage` then says what was wrong, and a line is logged.
        layers: What to show of a stream of two layers: "first" that one (the second is not even
            looked at, so a stream that ends within it decodes), "base" the second one, "blend"
            the first where text is and the second elsewhere (docs/use/layers.md). A stream of one
            layer shows that one.
        max_pixels: Most pixels to synthesise, those of the picture or of all tiles that a region
            touches, or to show; a stream that asks for more is refused before anything is
            allocated.
        batch: Most windows of equal shape to run through the graph in one call, where several
            threads ask at the same time (`decode_many`, or threads of your own). 1 is right for
            large pictures on a CPU; docs/use/serving.md has figures.
        drawing: Whether models that draw sent text into their pictures do so. False shows what is
            coded alone, also where the files that draw are missing; `notes` then says so.

    Raises:
        ModelFileError, WrongTaskError: A folder in `models` is not one, or holds no codec.
        MissingRuntimeError, DeviceError: The device cannot run here; the message says what to do.
        ValueError, TypeError: An argument is out of its range.

    Examples:
        >>> Decoder().decode("meter.tcs").shape  # doctest: +SKIP
        (256, 512, 3)
    """

    def __init__(
        self,
        device: str = "auto",
        *,
        threads: int | None = None,
        models: Iterable[str | os.PathLike[str]] = (),
        precision: str | None = None,
        on_error: str = "raise",
        layers: str = "blend",
        max_pixels: int = DEFAULT_MAX_PIXELS,
        batch: int = 1,
        drawing: bool = True,
    ) -> None:
        layers = checked_layers(layers)
        folders = several("models", models, "folders of models")
        paths = tuple(location("models", path, "paths of folders") for path in folders)
        self._arguments = {
            "device": device,
            "threads": threads,
            "models": paths,
            "precision": precision,
            "on_error": on_error,
            "layers": layers,
            "max_pixels": max_pixels,
            "batch": batch,
            "drawing": drawing,
        }
        self._drawing = flag("drawing", drawing)
        if on_error not in _ON_ERROR:
            raise ValueError(f"expected on_error as one of {_ON_ERROR}, got {on_error!r}")
        self._conceal, self._layers = on_error == "conceal", layers
        self._precision, self._max_pixels = precision, whole("max_pixels", max_pixels, 1)
        self._engine = select_engine(device, threads, batch=batch)
        self._models = list_codecs(paths)
        self._held = {}
        self._last = threading.local()

    @property
    def engine(self) -> EngineInfo:
        """What runs the graphs; its precision is "" where each model has its own default.

        A model that "auto" cannot run on it (no TensorRT plan of it, say) runs on a slower device,
        which a log line says.
        """
        return self._engine.describe(self._precision or "")

    @property
    def timings(self) -> DecodeTimings | None:
        """Milliseconds per stage of this thread's last `decode`; None before the first."""
        return getattr(self._last, "timings", None)

    @property
    def damage(self) -> tuple[Damage, ...]:
        """What was wrong with the stream of this thread's last `decode`; empty if it was sound.

        A `DamagedTile` for each tile that had to be filled in, then a `DamagedChunk` for whatever
        else was damaged, doubled, out of its order or of another stream.
        """
        return getattr(self._last, "damage", ())

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is to be said of this thread's last `decode`; () before the first.

        That sent text was not drawn, where the stream's model draws it.
        """
        return getattr(self._last, "notes", ())

    @taking()
    def decode(
        self,
        data: bytes | str | os.PathLike[str] | BinaryIO,
        *,
        region: tuple[int, int, int, int] | None = None,
    ) -> NDArray[np.uint8]:
        """Decode a stream.

        Args:
            data: The stream as bytes, path or binary file object.
            region: (x, y, width, height) in pixels of the picture as shown: decode this part
                only, from the tiles that it touches and their neighbours.

        Returns:
            (H, W, 3) uint8 RGB, or the region's size; as large as the picture was, also where
                it was coded smaller (`encode(scale=)`).

        Raises:
            BitstreamError: Not a stream, truncated, damaged, made by a newer version, or larger
                than `max_pixels` allows; one class per cause.
            BundleMismatchError: The model is here, in another version than the stream needs.
            UnknownModelError: The model is not here.
            EngineError: The runtime failed.
            OSError: The path cannot be read.
            ValueError, TypeError: The region is none, or not within the picture.
        """
        outcome = self._decode(data, region)
        self._last.timings, self._last.damage = outcome.timings, outcome.damage
        self._last.notes = outcome.notes
        return outcome.get()

    @taking()
    def decode_many(
        self,
        streams: Iterable[bytes | str | os.PathLike[str] | BinaryIO],
        *,
        region: tuple[int, int, int, int] | None = None,
        workers: int | None = None,
    ) -> Iterator[Outcome[NDArray[np.uint8]]]:
        """Decode many streams, overlapping reading, entropy decoding and graph over threads.

        Args:
            streams: Any iterable of what `decode` takes; at most `2 * workers` are taken ahead.
            region: As for `decode`, the same for all.
            workers: Streams in work at once, each tile by tile if there are several; None for
                one more than the decoder's threads, or twice the `batch` where that is more.

        Yields:
            One Outcome per stream, in order; an error of one leaves the others alone.
        """
        streams = several("streams", streams, "streams")
        workers = self._engine.workers if workers is None else whole("workers", workers, 1)
        work = Work(1, concurrent=True) if workers > 1 else None
        return outcomes(lambda data: self._decode(data, region, work), streams, workers)

    def _decode(
        self,
        data: bytes | str | os.PathLike[str] | BinaryIO,
        region: tuple[int, int, int, int] | None,
        work: Work | None = None,
    ) -> Outcome[NDArray[np.uint8]]:
        watch = Stopwatch()
        with watch.stage("parse"):
            stream = split_stream(
                read_bytes(data, "stream"),
                lenient=self._conceal,
                first_layer=self._layers == "first",
            )
            damage = [*stream.chunk_damage, *filter(None, [stream.base_damage])]
            if damage and not self._conceal:
                raise CorruptStreamError(damage[0])
            for reason in stream.chunk_damage:
                logger.warning("concealed: %s", reason)
            shown = asked_region(stream, region, self._max_pixels)
            area = stream.sizes.needed(shown)
        tiles = sum(1 for _ in stream.grid.touching(area))
        work = work or Work.on_tiles(tiles, self._engine.threads)
        pixels, lost = self._decoding(stream, work, watch).pixels_of(area)
        with watch.stage("enlarge"):
            pixels = stream.sizes.enlarged(pixels, shown)
        chunks = map(DamagedChunk, stream.chunk_damage)
        damaged = (*lost, *chunks)
        timings = watch.stop(DecodeTimings)
        return Outcome(data, pixels, timings, damaged, notes=self._notes(stream))

    def _notes(self, stream: Stream) -> tuple[Note, ...]:
        """Say what is not shown that the stream's model shows."""
        if self._drawing or stream.text is None or self._layers == "base":
            return ()
        if not self._may_draw(stream.first):
            return ()
        return (Note("drawing", "the text that was sent is not drawn into the picture"),)

    def _may_draw(self, layer: CodedLayer) -> bool:
        """Whether the model that a layer names draws sent text."""
        named = (m for m in self._models if m.wire_id == layer.wire_id)
        return any(model.drawing is not None for model in named)

    def _decoding(self, stream: Stream, work: Work, watch: Stopwatch) -> Decoding:
        def layer(coded: CodedLayer, guidance: Guidance | None = None) -> LayerDecoding:
            def load() -> TileDecoder:
                return self._codec_for(coded)

            grid = stream.grid
            return LayerDecoding(load, coded, grid, self._conceal, work, watch, guidance)

        drawn = self._drawing and self._may_draw(stream.first)
        guidance = Guidance.in_chunk(stream.text, stream.sizes.coded) if drawn else None
        return Decoding(
            first=layer(stream.first, guidance),
            base=None if stream.base is None else layer(stream.base),
            sizes=stream.sizes,
            base_damage=stream.base_damage,
            blended=self._layers == "blend",
        )

    def _codec_for(self, layer: CodedLayer) -> TileDecoder:
        """Return the model that a layer names, loaded on first use.

        Two threads may load the same model at once; one result is kept. A lock would have to
        survive a fork.
        """
        model = model_of_stream(layer.wire_id, layer.bundle, self._models)
        key, loaded = os.fspath(model.path), self._loaded
        if key not in loaded:
            engine, precision = self._engine.for_model(model, self._precision)
            codec = TileDecoder.load(model, precision, engine, drawing=self._drawing)
            loaded.setdefault(key, codec)
        return loaded[key]


def checked_layers(layers: str) -> str:
    """Return what `layers` asks for, by its present name.

    Raises:
        ValueError: There is nothing of that name.
    """
    if isinstance(layers, str) and layers in _FORMER_LAYERS:
        now = _FORMER_LAYERS[layers]
        text = f"layers={layers!r} is called {now!r} now; the former name is taken until 0.3"
        warnings.warn(text, DeprecationWarning, stacklevel=3)
        return now
    if layers not in LAYERS:
        raise ValueError(f"expected layers as one of {LAYERS}, got {layers!r}")
    return layers
