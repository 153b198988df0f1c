"""`Recognizer`: lines of text that are cut out already, to strings."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk.arguments import location, several
from tcsdk.configured import Configured
from tcsdk.engines import EngineInfo, select_engine
from tcsdk.errors import EngineError
from tcsdk.images import load_picture
from tcsdk.model.find import find_model
from tcsdk.model.folder import RecogniserFolder
from tcsdk.model.graphs import CLASS_LOGITS, LINE_PIXELS, RECOGNITION, checked_outputs
from tcsdk.model.grids import LINE_HEIGHT
from tcsdk.reading.cutting import cut_line
from tcsdk.reading.orientation import Recognised

if TYPE_CHECKING:
    from tcsdk.engines.base import Graph
    from tcsdk.images import ImageSource

BLANK = 0  # CTC's class of no character
# Lines are filled up to a multiple of so many pixels, by their own width alone: what a line says
# does not depend on those that are read with it.
_WIDTHS = 64
_BEYOND = np.float32(0.5)  # past a line's end, as in training
_TOGETHER = 16  # lines in one call


@dataclass(frozen=True)
class _Loaded:
    graph: Graph
    characters: str


class Recognizer(Configured[_Loaded]):
    """Read lines of text with a small model of ours, on a device that has no room for an OCR.

    It reads what it is shown as one line, upright. Keep the object; it may be used by several
    threads at once, survives `os.fork` and can be pickled. `with` closes it, see `close`.

    Args:
        model: "reader" (the device chooses the precision), "reader-int8", or the path of a model
            folder of the task "recognition".
        device: As for `Encoder`.
        threads: CPU threads; None for all that the affinity mask and the cgroup quota allow.
        precision: Precision of a model given by family or path; None lets the device choose.

    Raises:
        UnknownModelError, ModelFileError: There is no such model, or a file of it is damaged.
        WrongTaskError: The model does not recognise text.
        MissingRuntimeError, DeviceError: The device cannot run here; the message says what to do.

    Examples:
        >>> Recognizer("reader-int8").recognize([crop])[0].text  # doctest: +SKIP
        '008214.3'
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = "reader",
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
        folder, named = find_model(model, precision, RECOGNITION)
        assert isinstance(folder, RecogniserFolder)  # as its task says
        self._engine, self._precision = select_engine(device, threads).for_model(folder, named)
        graph = self._engine.load(folder.graph_file(self._precision, RECOGNITION))
        self._held = _Loaded(graph, folder.characters)

    @property
    def engine(self) -> EngineInfo:
        """What runs the graph."""
        return self._engine.describe(self._precision)

    @property
    def characters(self) -> str:
        """All that it can read."""
        return self._loaded.characters

    def recognize(self, crops: Iterable[ImageSource]) -> list[Recognised]:
        """Read lines that are cut out.

        Args:
            crops: One upright line each, of any height: whatever `Encoder.encode` takes.

        Returns:
            What each says, in their order; an empty text where nothing is read.

        Raises:
            ImageError: One is no picture.
        """
        lines = []
        for crop in several("crops", crops, "pictures"):
            pixels = load_picture(crop).pixels
            height, width = pixels.shape[:2]
            whole = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
            lines.append(cut_line(pixels, whole, LINE_HEIGHT))
        return self.recognize_lines(lines)

    def recognize_lines(self, lines: Sequence[NDArray[np.uint8]]) -> list[Recognised]:
        """Read lines as `tcsdk.reading.cutting.cut_line` makes them, (32, w, 3) uint8 each."""
        loaded = self._loaded
        by_width: defaultdict[int, list[int]] = defaultdict(list)
        for index, line in enumerate(lines):
            by_width[line.shape[1] + -line.shape[1] % _WIDTHS].append(index)
        said: dict[int, Recognised] = {}
        for width, indexes in by_width.items():
            for begin in range(0, len(indexes), _TOGETHER):
                some = indexes[begin : begin + _TOGETHER]
                logits = _run(loaded.graph, [lines[k] for k in some], width)
                if logits.shape[:2] != (len(some), 1 + len(loaded.characters)):
                    raise EngineError(
                        f"expected logits of {1 + len(loaded.characters)} classes for each of "
                        f"{len(some)} lines, got {logits.shape}: the model is damaged"
                    )
                says = (_decoded(each[:, 0], loaded.characters) for each in logits)
                said |= zip(some, says, strict=True)
        return [said[k] for k in range(len(lines))]


def _run(graph: Graph, lines: list[NDArray[np.uint8]], width: int) -> NDArray[np.float32]:
    """Return the logits of lines of up to a width, (N, classes, 1, width / 4)."""
    x = np.full((len(lines), 3, LINE_HEIGHT, width), _BEYOND, np.float32)
    for place, line in zip(x, lines, strict=True):
        own = place[:, :, : line.shape[1]]
        np.multiply(line.transpose(2, 0, 1), np.float32(1 / 255), out=own)
    return checked_outputs(RECOGNITION, graph.run({LINE_PIXELS: x}))[CLASS_LOGITS]


def _decoded(logits: NDArray[np.float32], characters: str) -> Recognised:
    """Read logits (classes, steps): the likeliest class of each step, a run of one class once.

    A character is as sure as its surest step.
    """
    powers = np.exp(logits - logits.max(0))
    best, surest = logits.argmax(0), 1 / powers.sum(0)  # the likeliest class has power 1
    begins = np.flatnonzero(np.diff(best, prepend=-1))
    text, confidences = [], []
    for begin, end in zip(begins, [*begins[1:], len(best)], strict=True):
        if best[begin] != BLANK:
            text.append(characters[best[begin] - 1])
            confidences.append(float(surest[begin:end].max()))
    mean = float(np.mean(confidences)) if confidences else 0.0
    return Recognised("".join(text), mean, tuple(confidences))
