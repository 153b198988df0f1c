"""`SuperResolver`: small crops of text, enlarged so that they read."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk.arguments import location, whole
from tcsdk.configured import Configured
from tcsdk.engines import EngineInfo, select_engine
from tcsdk.errors import EngineError
from tcsdk.images import several_pictures
from tcsdk.keywords import naming_keywords
from tcsdk.many.outcome import Outcome, outcomes
from tcsdk.model.calls import CALLS, calls_of
from tcsdk.model.find import find_model
from tcsdk.model.graphs import (
    LARGE_CROPS,
    SMALL_CROPS,
    STRAIGHTENING,
    SUPER_RESOLUTION,
    checked_outputs,
)
from tcsdk.model.grids import LARGE_CROP_SIZE
from tcsdk.reading.crops import BATCH, LARGEST, Pixels, in_batches, load_crop
from tcsdk.reading.enlarging import enlarged
from tcsdk.timings import CropTimings, Stopwatch

if TYPE_CHECKING:
    from tcsdk.engines.base import Graph
    from tcsdk.images import ImageSource

_TOGETHER = CALLS[SUPER_RESOLUTION].together


@naming_keywords()
class SuperResolver(Configured["Graph"]):
    """Enlarge small crops of text.

    What it adds is what letters mostly look like: it invents. Do not show its pictures as
    evidence, and read docs/use/reading.md for how often a wrong letter comes out clear.

    Keep the object; it may be used by several threads at once, survives `os.fork` and can be
    pickled. `with` closes it, see `close`.

    Args:
        model: "edsr-s" (the device chooses the precision), "edsr-s-int8", or the path of a model
            folder of the task "super_resolution".
        device: As for `Encoder`.
        threads: CPU threads; None for all that the affinity mask and the cgroup quota allow.
        precision: Precision of a model given by family or path; None lets the device choose.

    Raises:
        UnknownModelError, ModelFileError: There is no such model, or a file of it is damaged.
        WrongTaskError: The model does not enlarge text.
        MissingRuntimeError, DeviceError: The device cannot run here; the message says what to do.

    Examples:
        >>> SuperResolver("edsr-s-int8").upscale("word.png").shape  # doctest: +SKIP
        (32, 128, 3)
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = "edsr-s",
        *,
        device: str = "auto",
        threads: int | None = None,
        precision: str | None = None,
    ) -> None:
        self._arguments = {
            "model": location("model", model, "a model's name or folder"),
            "device": device,
            "threads": threads,
            "precision": precision,
        }
        folder, named = find_model(model, precision, SUPER_RESOLUTION)
        self._engine, self._precision = select_engine(device, threads).for_model(folder, named)
        self._model = f"{folder.family}-{self._precision}"
        path = folder.graph_file(self._precision, SUPER_RESOLUTION)
        self._held = self._engine.load(path, calls_of(folder))
        self._last = threading.local()

    @property
    def model(self) -> str:
        """Family and precision of the model, such as "edsr-s-int8"."""
        return self._model

    @property
    def engine(self) -> EngineInfo:
        """What runs the graph."""
        return self._engine.describe(self._precision)

    @property
    def timings(self) -> CropTimings | None:
        """Milliseconds per stage of this thread's last call; None before the first.

        Of `upscale_many` they are those of the last batch.
        """
        return getattr(self._last, "timings", None)

    def upscale(self, crop: ImageSource, *, height: int | None = None) -> Pixels:
        """Enlarge a crop.

        Crops of up to 24 pixels of height go through the net; a bicubic filter enlarges higher
        ones. A word (up to 6 times as wide as high) is set straight too; a longer line is not.

        Args:
            crop: A word or an upright line: whatever `Encoder.encode` takes, with sides of 4 to
                8192 pixels.
            height: Of the result in pixels, 8 to 8192; None for twice the crop's.

        Returns:
            (height, w, 3) uint8 RGB, w such that letters keep their shape.

        Raises:
            ImageError: It is no picture, or too small or too large.
            EngineError: The runtime failed.
            OSError: The path cannot be read.
        """
        (outcome,) = self.upscale_many([crop], height=height)
        return outcome.get()

    def upscale_many(
        self, crops: Iterable[ImageSource], *, height: int | None = None, batch: int = BATCH
    ) -> Iterator[Outcome[Pixels]]:
        """Enlarge many crops, several in one call of the net.

        Args:
            crops: Any iterable of what `upscale` takes; at most `batch` are taken ahead.
            height: As for `upscale`.
            batch: Crops that go through the net together.

        Yields:
            One Outcome per crop, in order; an error of one leaves the others alone.
        """
        if height is not None:
            whole("height", height, 8, LARGEST)
        whole("batch", batch, 1)
        several_crops = several_pictures(crops)
        return self._outcomes(several_crops, height, batch)

    def _outcomes(
        self, crops: Iterable[ImageSource], height: int | None, batch: int
    ) -> Iterator[Outcome[Pixels]]:
        for some in in_batches(crops, batch):
            watch = Stopwatch()
            with watch.stage("image"):
                loaded = list(outcomes(_load, some, 1))
            with watch.stage("graph"):
                sound = [each.get() for each in loaded if each.error is None]
                made = iter(self.enlarged(sound, height))
            timings = self._last.timings = watch.stop(CropTimings)
            for each in loaded:
                yield each if each.error else replace(each, value=next(made), timings=timings)

    def enlarged(self, crops: list[Pixels], height: int | None = None) -> list[Pixels]:
        """Enlarge crops that are arrays already, (H, W, 3) uint8 RGB; as `upscale_many`."""
        graph = self._loaded

        def enlarge(
            parts: NDArray[np.float32], straight: NDArray[np.float32]
        ) -> NDArray[np.float32]:
            return np.concatenate(
                [
                    _run(graph, parts[i : i + _TOGETHER], straight[i : i + _TOGETHER])
                    for i in range(0, len(parts), _TOGETHER)
                ]
            )

        return enlarged(crops, enlarge, height)


def _load(source: ImageSource) -> Outcome[Pixels]:
    return Outcome(source, load_crop(source))


def _run(
    graph: Graph, parts: NDArray[np.float32], straight: NDArray[np.float32]
) -> NDArray[np.float32]:
    inputs = {SMALL_CROPS: parts, STRAIGHTENING: straight.reshape(-1, 1, 1, 1)}
    large = checked_outputs(SUPER_RESOLUTION, graph.run(inputs))[LARGE_CROPS]
    expected = (len(parts), 3, *LARGE_CROP_SIZE)
    if large.shape != expected:
        raise EngineError(f"expected crops {expected}, got {large.shape}: the model is damaged")
    return large
