"""`Recognizer`: lines or words that are cut out already, to strings."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tcsdk.arguments import location, several, whole
from tcsdk.configured import Configured
from tcsdk.engines import EngineInfo, select_engine
from tcsdk.errors import ImageError
from tcsdk.images import several_pictures
from tcsdk.keywords import naming_keywords
from tcsdk.many.outcome import Outcome, outcomes
from tcsdk.model.calls import calls_of
from tcsdk.model.find import find_model
from tcsdk.model.folder import RecogniserFolder
from tcsdk.model.graphs import RECOGNITION
from tcsdk.model.grids import LINE_HEIGHT, WORD_SIZE
from tcsdk.model.tasks import LINES, WORDS
from tcsdk.reading.crops import BATCH, Pixels, in_batches, load_crop, resized
from tcsdk.reading.cutting import cut_line
from tcsdk.reading.line_classes import read_lines
from tcsdk.reading.orientation import Recognised
from tcsdk.reading.word_classes import read_words
from tcsdk.timings import CropTimings, Stopwatch

if TYPE_CHECKING:
    from tcsdk.engines.base import Graph
    from tcsdk.images import ImageSource

# Width per height beyond which a crop is no word: of 25 characters none is wider than it is high.
_LONGEST_WORD = 25


@dataclass(frozen=True)
class _Kind:
    """What a recogniser reads.

    Attributes:
        prepare: Brings a crop to the size that the graph takes.
        read: (graph, crops of that size, the model's characters, those wanted) -> what they say.
    """

    prepare: Callable[[Pixels], Pixels]
    read: Callable[[Graph, Sequence[Pixels], str, str], list[Recognised]]


def _line(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    whole_crop = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return cut_line(pixels, whole_crop, LINE_HEIGHT)


def _word(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    if width > _LONGEST_WORD * height:
        raise ImageError(
            f"expected a word, at most {_LONGEST_WORD} times as wide as high, got {width}x{height}:"
            " cut the line into words, or take a model that reads lines"
        )
    return resized(pixels, *WORD_SIZE)


_KINDS = {LINES: _Kind(_line, read_lines), WORDS: _Kind(_word, read_words)}


@dataclass(frozen=True)
class _Loaded:
    graph: Graph
    characters: str
    kind: _Kind


@naming_keywords()
class Recognizer(Configured[_Loaded]):
    """Read lines or words of text with a small model of ours.

    What it is shown is one upright line, or one upright word, as the model says: `reads`. Keep the
    object; it may be used by several threads at once, survives `os.fork` and can be pickled.
    `with` closes it, see `close`.

    Args:
        model: "reader" (lines; the device chooses the precision), "reader-int8", "cdistnet-s"
            (words), or the path of a model folder of the task "recognition".
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
        self._folder = folder
        path = folder.graph_file(self._precision, RECOGNITION)
        graph = self._engine.load(path, calls_of(folder))
        self._held = _Loaded(graph, folder.characters, _KINDS[folder.reads])
        self._last = threading.local()

    @property
    def model(self) -> str:
        """Family and precision of the model, such as "reader-int8"."""
        return f"{self._folder.family}-{self._precision}"

    @property
    def engine(self) -> EngineInfo:
        """What runs the graph."""
        return self._engine.describe(self._precision)

    @property
    def reads(self) -> str:
        """What it takes a crop for: "lines" or "words"."""
        return self._folder.reads

    @property
    def characters(self) -> str:
        """All that it can read."""
        return self._folder.characters

    @property
    def timings(self) -> CropTimings | None:
        """Milliseconds per stage of this thread's last batch of crops; None before the first."""
        return getattr(self._last, "timings", None)

    def recognize(
        self, crops: Iterable[ImageSource], *, characters: str | None = None
    ) -> list[Recognised]:
        """Read what is cut out.

        Args:
            crops: One upright line or word each: whatever `Encoder.encode` takes, with sides of 4
                to 8192 pixels.
            characters: Those that may be read, such as "0123456789" of a meter; None for all.

        Returns:
            What each says, in their order; an empty text where nothing is read.

        Raises:
            ImageError: One is no picture, is too small or too large, or is too long for a word.
            ValueError: The model lacks one of the characters.
        """
        wanted = self._wanted(characters)
        read = self._outcomes(several("crops", crops, "pictures"), wanted, BATCH)
        return [outcome.get() for outcome in read]

    def recognize_many(
        self,
        crops: Iterable[ImageSource],
        *,
        characters: str | None = None,
        batch: int = BATCH,
    ) -> Iterator[Outcome[Recognised]]:
        """Read many crops, several in one call of the graph.

        Args:
            crops: Any iterable of what `recognize` takes; at most `batch` are taken ahead.
            characters: As for `recognize`.
            batch: Crops that are read together; what one says does not depend on the others.

        Yields:
            One Outcome per crop, in order; an error of one leaves the others alone.

        Raises:
            ValueError: The model lacks one of the characters.
        """
        whole("batch", batch, 1)
        return self._outcomes(several_pictures(crops), self._wanted(characters), batch)

    def recognize_lines(self, lines: Sequence[NDArray[np.uint8]]) -> list[Recognised]:
        """Read lines as `tcsdk.reading.cutting.cut_line` makes them, (32, w, 3) uint8 each.

        A model that reads words takes each for a word.
        """
        loaded = self._loaded
        prepared = [_word(line) for line in lines] if self.reads == WORDS else lines
        return loaded.kind.read(loaded.graph, prepared, loaded.characters, loaded.characters)

    def _wanted(self, characters: str | None) -> str:
        """Return the characters that may be read."""
        known = self.characters
        if characters is None:
            return known
        if not isinstance(characters, str) or not characters:
            raise ValueError(
                f"expected characters as a text of those that may be read, got {characters!r}"
            )
        lacking = "".join(dict.fromkeys(c for c in characters if c not in known))
        if lacking:
            raise ValueError(
                f"expected characters that {self.model} reads ({known}), got {lacking!r}"
            )
        return characters

    def _outcomes(
        self, crops: Iterable[ImageSource], wanted: str, batch: int
    ) -> Iterator[Outcome[Recognised]]:
        loaded = self._loaded

        def prepared(source: ImageSource) -> Outcome[Pixels]:
            return Outcome(source, loaded.kind.prepare(load_crop(source)))

        for some in in_batches(crops, batch):
            watch = Stopwatch()
            with watch.stage("image"):
                ready = list(outcomes(prepared, some, 1))
            sound = [each.get() for each in ready if each.error is None]
            with watch.stage("graph"):
                said = iter(loaded.kind.read(loaded.graph, sound, loaded.characters, wanted))
            timings = self._last.timings = watch.stop(CropTimings)
            for each in ready:
                error = each.error
                value = None if error else next(said)
                yield Outcome(each.source, value, None if error else timings, error=error)
