"""What a picture is coded by: other codecs, our models, and the controls of those that draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

import tcsdk
from benchmarks.codecs import PEERS, Pixels, Point, points
from benchmarks.guidance.models import Model
from benchmarks.guidance.wrong_words import swap
from benchmarks.rate_accuracy.matching import countable
from benchmarks.sets import Picture
from tcsdk.codec.sent_text import SentLine

BOOST = 8  # steps by which lines are coded finer as regions: steps of the quantiser 2.7 times finer
ROI, TRUE, WRONG = "roi", "true strings", "wrong strings"
PEER_POINTS = 3  # coarsest settings of a codec that is no model


@dataclass(frozen=True)
class Arm:
    """One way to code one picture; its stream is made once.

    Attributes:
        codec, version, setting: As of a Point.
        make: Makes the stream.
        decode: The stream to (H, W, 3) uint8.
        model: Whose streams carry text that is looked at by itself; None elsewhere.
    """

    codec: str
    version: str
    setting: str
    make: Callable[[], bytes] = field(repr=False)
    decode: Callable[[bytes], Pixels] = field(repr=False)
    model: Model | None = field(default=None, repr=False)

    @cached_property
    def data(self) -> bytes:
        """The stream."""
        return self.make()

    @property
    def point(self) -> Point:
        """The same for `benchmarks.rate_accuracy`."""
        return Point(self.codec, self.version, self.setting, lambda _: self.data, self.decode)


@dataclass(frozen=True)
class Plan:
    """What is coded, in the order of the rows.

    Attributes:
        peers: Codecs that are no models of ours, with their points.
        models: Ours, those that draw among them.
        qualities: Of every model.
        regions: Models that are coded once more, with finer lines.
        controls: Qualities of the controls of models that draw.
    """

    peers: Sequence[Point]
    models: Sequence[Model]
    qualities: Sequence[int]
    regions: Sequence[Model] = ()
    controls: Sequence[int] = ()

    def arms(self, picture: Picture) -> Iterator[Arm]:
        """Every arm of a picture, the picture itself first."""
        for point in (*points("original"), *self.peers):
            yield _peer(point, picture)
        for model in self.models:
            for quality in sorted({*self.qualities, *(self.controls if model.draws else ())}):
                yield _plain(model, picture, quality, quality in self.controls)
        regions = cache(lambda: lines_of(picture))  # read once, if at all
        for model in self.regions:
            for quality in self.qualities:
                yield _coded(model, picture, quality, ROI, False, text=None, regions=regions)
        for model in (model for model in self.models if model.draws):
            for quality in self.controls:
                yield from _controls(model, picture, quality)


def split(names: Iterable[str], peer_points: int) -> tuple[list[Point], list[Model]]:
    """Sort names into other codecs' coarsest points and our models.

    Raises:
        MissingToolError: A program or package that a peer needs is not installed.
        UnknownModelError: Neither a peer nor a model.
    """
    peers: list[Point] = []
    models = []
    for name in names:
        if name.partition("@")[0] in PEERS:
            peers += points(name)[:peer_points]
        else:
            models.append(Model.find(name))
    return peers, models


def _peer(point: Point, picture: Picture) -> Arm:
    if point.decode is None:
        raise ValueError(f"expected a codec of pictures, got {point.codec}")
    return Arm(
        point.codec,
        point.version,
        point.setting,
        lambda: point.encode(picture.image),
        point.decode,
    )


def _coded(
    model: Model, picture: Picture, quality: int, arm: str, looked_at: bool, **options: object
) -> Arm:
    """An arm of a model; options that need a reader are given as functions."""

    def make() -> bytes:
        given = {key: value() if callable(value) else value for key, value in options.items()}
        encode: Callable[..., bytes] = model.encoder.encode
        return encode(picture.image, quality=quality, scale=1.0, **given)

    codec = f"{model.name}, {arm}" if arm else model.name
    seen_by = model if looked_at else None
    return Arm(codec, model.version, f"q{quality}", make, model.decoder.decode, seen_by)


def _plain(model: Model, picture: Picture, quality: int, looked_at: bool) -> Arm:
    def text() -> list[SentLine] | None:
        return model.sent(picture) or None

    return _coded(model, picture, quality, "", looked_at and model.draws, text=text)


def _controls(model: Model, picture: Picture, quality: int) -> Iterator[Arm]:
    """The true strings at their true places, and the device's with a fifth of the words wrong."""

    def true() -> list[tuple[object, str]]:
        return [(np.asarray(quad, np.float32), text) for text, quad in countable(picture.words)]

    def wrong() -> list[SentLine] | None:
        return swap(model.sent(picture), seed_of(picture))[0] or None

    yield _coded(model, picture, quality, TRUE, False, text=true)
    yield _coded(model, picture, quality, WRONG, True, text=wrong)


def seed_of(picture: Picture) -> int:
    """The number that says which letters of a picture's words are sent wrong."""
    return int(picture.digest, 16)


def lines_of(picture: Picture) -> list[tuple[int, ...]]:
    """Return what the device's reader finds as regions that are coded finer."""
    quads = [line.polygon for line in tcsdk.read(picture.image)]
    return [(*bounds(quad, picture.image.shape[:2]), BOOST) for quad in quads]


def bounds(quad: object, shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The rectangle around a quad, (x, y, width, height), within a picture of a shape (H, W)."""
    corners, limits = np.asarray(quad), np.array(shape[::-1])
    low = np.clip(np.floor(corners.min(0)), 0, limits - 1).astype(int)
    high = np.clip(np.ceil(corners.max(0)), low + 1, limits).astype(int)
    x, y, width, height = (*low.tolist(), *(high - low).tolist())
    return x, y, width, height
