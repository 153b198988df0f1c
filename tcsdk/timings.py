"""Milliseconds per stage of one call."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True)
class EncodeTimings:
    """Milliseconds of one `Encoder.encode`, in pipeline order.

    Stages add up over tiles, which several threads share, so they may exceed `total`.

    Attributes:
        image: Reading and converting the picture, and reducing it with `scale`.
        caption: Cutting the caption and making states of it, for a model that is told one.
        analysis: The analysis graph, its input's preparation included; of a model with a context
            also the graph that makes r.
        kernel: Quantisation and entropy coding.
        write: Putting the stream together.
        refine: Refining latents, with `Encoder(refine=...)`.
        verify: Reading the picture, for `text="read"` and the like too, and with
            `Encoder(verify=True)` decoding and reading what is coded. Coding again for it counts
            under analysis, kernel and write.
        total: From call to return, by the clock.
    """

    image: float
    caption: float
    analysis: float
    kernel: float
    refine: float
    write: float
    verify: float
    total: float


@dataclass(frozen=True)
class DecodeTimings:
    """Milliseconds of one `Decoder.decode`, in pipeline order.

    Stages add up over tiles, which several threads share, so they may exceed `total`.

    Attributes:
        parse: Reading the stream and checking its structure.
        model: Loading the model that the stream names; near 0 from the second stream on.
        kernel: Entropy decoding.
        synthesis: The synthesis graph, its input's preparation and the rounding to 8 bits.
        enlarge: Up to the size at which the picture is shown, where it was coded smaller.
        total: From call to return, by the clock.
    """

    parse: float
    model: float
    kernel: float
    synthesis: float
    enlarge: float
    total: float


@dataclass(frozen=True)
class CropTimings:
    """Milliseconds of one call of a `SuperResolver` or `Recognizer`.

    Attributes:
        image: Reading the crops.
        graph: The graph, with bringing crops to its size and making results of what it gives.
        total: From call to return, by the clock.
    """

    image: float
    graph: float
    total: float


Timings = TypeVar("Timings", EncodeTimings, DecodeTimings, CropTimings)


class Stopwatch:
    """Add up the time of stages that run in several threads."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._lock = threading.Lock()
        self._milliseconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent inside the `with` block to a stage."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            spent = 1000 * (time.perf_counter() - begin)
            with self._lock:
                self._milliseconds[name] = self._milliseconds.get(name, 0.0) + spent

    def stop(self, kind: Callable[..., Timings]) -> Timings:
        """Return the result; stages that did not run count 0."""
        fields = [name for name in kind.__annotations__ if name != "total"]
        stages = {name: self._milliseconds.get(name, 0.0) for name in fields}
        return kind(**stages, total=1000 * (time.perf_counter() - self._start))
