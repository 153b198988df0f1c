"""Whether a caption's content does anything: one trained encoder, captions exchanged.

    python -m benchmarks.studies.captions zoo/taco [--sets natural-short rendered] [--count 34]

Each picture is coded with its own caption, another picture's, one for all and none, and by the
codec whose decoder the encoder uses ("codec"); whole streams, decoded, at scale 1. Pictures and
qualities are the same for all, so differences are taken picture by picture. A row of
captions_pictures.csv is a stream, one of captions.csv a comparison: the difference of bytes in per
cent, of PSNR in dB and of the feature distance (EfficientNet-Lite0) in per cent at each quality,
and over all qualities the bytes at equal feature distance and at equal PSNR (Bjontegaard's), each
with its 95 % interval by bootstrap over pictures. A difference of bytes is "equivalent" where its
interval lies within +-1 %, "different" where it does not hold 0, else "inconclusive".
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.curves import bjontegaard
from benchmarks.rate_accuracy.measures import interval
from benchmarks.record import record
from benchmarks.sets.captioned import CAPTIONED_SETS, Told
from benchmarks.sets.folders import Folders, add_folder_options
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.find import find_model
from tcsdk.train.codec.captions import GIVEN, Given
from tcsdk.train.codec.features import Classifier, features_apart

QUALITIES = (4, 12, 20, 28, 36)
CODEC = "codec"  # the codec's own encoder, in the place of a caption
MARGIN = 1.0  # per cent of bytes that count as nothing
PAIRS = (
    ("true", "constant"),
    ("true", "shuffled"),
    ("true", "none"),
    ("constant", "none"),
    ("true", CODEC),
)
ALL = "all"


@dataclass(frozen=True)
class Stream:
    """What one picture with one caption came to."""

    model: str
    pictures: str
    picture: str
    quality: int
    given: str
    bytes: int
    psnr: float
    distance: float


@dataclass(frozen=True)
class Comparison:
    """How two captions differ, over pictures."""

    model: str
    pictures: str
    given: str
    over: str
    quality: str
    measure: str
    count: int
    difference: float
    low: float
    high: float
    verdict: str


def streams(
    folder: Path, name: str, pictures: Sequence[Told], qualities: Sequence[int]
) -> Iterator[Stream]:
    """Code each picture at each quality with each caption.

    Args:
        folder: Of a captioned encoder.
        name: Of the pictures.
        pictures: With captions.
        qualities: 0..63.

    Raises:
        ValueError: The model takes no captions.
    """
    model, _ = find_model(folder)
    if not isinstance(model, CaptionedCodec):
        raise ValueError(f"expected an encoder that takes captions at {folder}, got {model.family}")
    told = tcsdk.Encoder(folder, device="cpu", precision="fp32")
    codec = tcsdk.Encoder(model.decodes.path, device="cpu", precision="fp32")
    decoder = tcsdk.Decoder("cpu", precision="fp32", models=[model.decodes.path])
    classifier = Classifier.load()
    for picture in pictures:
        calls, apart = _calls(told, codec, picture), distance_from(classifier, picture.pixels)
        for quality in qualities:
            for given, encode in calls.items():
                data = encode(quality)
                seen = decoder.decode(data)
                scores = psnr(picture.pixels, seen), apart(seen)
                yield Stream(told.model, name, picture.name, quality, given, len(data), *scores)


def _calls(
    told: tcsdk.Encoder, codec: tcsdk.Encoder, picture: Told
) -> dict[str, Callable[[int], bytes]]:
    """What is given -> quality -> stream."""
    options: dict[str, Any] = {"scale": 1.0, "text": None}

    def with_caption(given: Given) -> Callable[[int], bytes]:
        caption = picture.captions[given]
        return lambda q: told.encode(picture.pixels, quality=q, caption=caption, **options)

    calls: dict[str, Callable[[int], bytes]] = {given: with_caption(given) for given in GIVEN}
    return calls | {CODEC: lambda q: codec.encode(picture.pixels, quality=q, **options)}


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio, dB."""
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def distance_from(
    classifier: Classifier, one: NDArray[np.uint8]
) -> Callable[[NDArray[np.uint8]], float]:
    """Return what gives the feature distance of a picture (H, W, 3) from others of its shape."""
    told = _features(classifier, one)
    return lambda other: float(features_apart(told, _features(classifier, other))[0])


def _features(classifier: Classifier, pixels: NDArray[np.uint8]) -> list[torch.Tensor]:
    with torch.no_grad():
        planes = torch.from_numpy(pixels.transpose(2, 0, 1)[None].astype(np.float32) / 255)
        return classifier.features(planes)


def comparisons(rows: Sequence[Stream]) -> Iterator[Comparison]:
    """Compare captions pair by pair, each picture with itself.

    Args:
        rows: Of one model and one set.
    """
    of = {(row.picture, row.quality, row.given): row for row in rows}
    pictures = sorted({row.picture for row in rows})
    qualities = sorted({row.quality for row in rows})
    for pair in PAIRS:
        for quality in qualities:
            sides = [[of[picture, quality, given] for picture in pictures] for given in pair]
            for measure, compare in AT_A_QUALITY.items():
                yield _compared(rows[0], pair, str(quality), measure, *compare(*sides))
        if len(qualities) < 2:
            continue
        for measure, value in AT_EQUAL.items():
            found = np.array(
                [
                    bjontegaard(
                        *(
                            [(of[p, q, given].bytes, value(of[p, q, given])) for q in qualities]
                            for given in pair
                        )
                    )
                    for p in pictures
                ]
            )
            kept = found[np.isfinite(found)]
            yield _compared(rows[0], pair, ALL, measure, kept, np.ones(len(kept)))


def _ratio(name: str) -> Callable[..., tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Per cent by which the sum of a measure differs."""

    def compare(
        one: Sequence[Stream], other: Sequence[Stream]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        a, b = (np.array([getattr(row, name) for row in side], np.float64) for side in (one, other))
        return 100 * (a - b), b

    return compare


def _decibels(
    one: Sequence[Stream], other: Sequence[Stream]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    gained = [a.psnr - b.psnr for a, b in zip(one, other, strict=True)]
    return np.array(gained), np.ones(len(gained))


# Measure -> (numerators, denominators) by picture, whose sums' ratio is the difference.
AT_A_QUALITY = {"bytes_%": _ratio("bytes"), "psnr_dB": _decibels, "distance_%": _ratio("distance")}
# Measure -> what is made equal; more of it is better.
AT_EQUAL: dict[str, Callable[[Stream], float]] = {
    "bytes_at_equal_distance_%": lambda row: -row.distance,
    "bytes_at_equal_psnr_%": lambda row: row.psnr,
}


def _compared(
    row: Stream,
    pair: tuple[str, str],
    quality: str,
    measure: str,
    above: NDArray[np.float64],
    below: NDArray[np.float64],
) -> Comparison:
    low, high = interval(above, below)
    value = float(above.sum() / below.sum()) if below.any() else float("nan")
    said = verdict(low, high) if measure.startswith("bytes") else ""
    return Comparison(
        row.model, row.pictures, *pair, quality, measure, len(above), value, low, high, said
    )


def verdict(low: float, high: float) -> str:
    """Say what an interval of a difference of bytes in per cent says."""
    if low >= -MARGIN and high <= MARGIN:
        return "equivalent"
    return "different" if low > 0 or high < 0 else "inconclusive"


def as_text(row: Stream | Comparison) -> dict[str, str]:
    """A row of a CSV, numbers of four decimals."""
    return {
        name: f"{value:.4f}" if isinstance(value, float) else str(value)
        for name, value in asdict(row).items()
    }


def write(rows: Sequence[Stream], results: Path) -> list[Comparison]:
    """Write both tables of one set; returns the comparisons."""
    compared = list(comparisons(rows))
    by_stream = ("model", "pictures", "picture", "quality", "given")
    record(results / "captions_pictures.csv", [as_text(row) for row in rows], by_stream)
    by_pair = ("model", "pictures", "given", "over", "quality", "measure")
    record(results / "captions.csv", [as_text(row) for row in compared], by_pair)
    return compared


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "model", type=Path, help="folder of a captioned encoder, its codec beside it"
    )
    parser.add_argument("--sets", nargs="+", choices=CAPTIONED_SETS, default=list(CAPTIONED_SETS))
    parser.add_argument("--count", type=int, default=34, help="pictures of a set (default: 34)")
    parser.add_argument("--qualities", nargs="+", type=int, default=QUALITIES)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the tables")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    for name in args.sets:
        pictures = CAPTIONED_SETS[name](args.count, Folders.from_options(args))
        rows = list(streams(args.model, name, pictures, args.qualities))
        for row in write(rows, args.results):
            if row.quality == ALL:
                print(" ".join(map(str, astuple(row))), flush=True)


if __name__ == "__main__":
    main()
