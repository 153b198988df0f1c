"""Controls of sent text that is drawn: whose strings, how coarse beneath, regions instead, no text.

    python -m benchmarks.studies.guidance_controls strings [--pictures 4] [--qualities 0 16]
    python -m benchmarks.studies.guidance_controls coarser
    python -m benchmarks.studies.guidance_controls regions
    python -m benchmarks.studies.guidance_controls kodak [--pictures 12]

`strings`: what the device's reader says beside what the scenes are listed to say. `coarser`: by how
many steps blocks are coded coarser where their text is drawn; what ships was trained with 20.
`regions`: the same bytes as the codec alone, spent on the device's lines. Judges are those of
`benchmarks.studies.sent_guidance`. `kodak`: photographs, with no text and with what is read in
them. `--backbone` and `--drawing` name other models. Rows go to
benchmarks/results/sent_guidance_controls.csv and _kodak.csv; docs/studies/sent-guidance.md and
docs/results/sent-guidance.md have them.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
from numpy.typing import NDArray

import tcsdk
from benchmarks.guidance.arms import bounds
from benchmarks.paths import RESULTS
from benchmarks.rate_accuracy.matching import countable
from benchmarks.rate_accuracy.measures import ms_ssim, psnr
from benchmarks.record import record
from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from benchmarks.sets.picture import Picture
from benchmarks.studies.sent_guidance import Judges, Tally, scene_row
from tcsdk.codec import quality_map
from tcsdk.codec.sent_text import SentLine
from tcsdk.model.find import find_model

COARSER = (4, 12, 20, 28)
BOOSTS = (8, 16)
NATURAL, KODAK = 34, "kodim"  # pictures of the set, and beginning of Kodak's names in it
Coded = tuple[str, bytes]  # an arm, and its stream


@dataclass(frozen=True)
class Scene:
    """A picture, and how it is coded here.

    Attributes:
        picture: The scene.
        encoders: By family: a codec, and what draws into its pictures.
    """

    picture: Picture
    encoders: dict[str, tcsdk.Encoder]

    @property
    def backbone(self) -> str:
        """The codec."""
        return next(iter(self.encoders))

    @property
    def drawing(self) -> str:
        """What draws."""
        return list(self.encoders)[-1]

    def coded(self, model: str, quality: int, **options: object) -> bytes:
        """Return a stream at the picture's own size."""
        encode: Callable[..., bytes] = self.encoders[model].encode
        return encode(self.picture.image, quality=quality, scale=1.0, **options)

    @cached_property
    def lines(self) -> list[SentLine]:
        """What the device's reader sends."""
        text = tcsdk.inspect(self.coded(self.drawing, 0)).text
        return list(text.lines) if text else []


def strings_arms(scene: Scene, quality: int) -> Iterator[Coded]:
    """The device's strings, and the true ones at their true places."""
    yield scene.backbone, scene.coded(scene.backbone, quality)
    yield "device's strings", scene.coded(scene.drawing, quality, text=scene.lines)
    true = [(np.asarray(quad, np.float32), text) for text, quad in countable(scene.picture.words)]
    yield "true strings", scene.coded(scene.drawing, quality, text=true)


def coarser_arms(scene: Scene, quality: int) -> Iterator[Coded]:
    """Blocks whose text is drawn coded coarser by so many steps."""
    for steps in COARSER:
        with drawn_steps(steps):
            data = scene.coded(scene.drawing, quality, text=scene.lines)
        yield f"{steps} steps coarser", data


@contextmanager
def drawn_steps(coarser: int) -> Iterator[None]:
    """Let encoders code blocks coarser by so many steps where their text is drawn."""
    before = quality_map.DRAWN_STEPS
    quality_map.DRAWN_STEPS = -coarser
    try:
        yield
    finally:
        quality_map.DRAWN_STEPS = before


def regions_arms(scene: Scene, quality: int) -> Iterator[Coded]:
    """`tfic`, the same bytes with more of them for the lines, and `textboost`."""
    plain = scene.coded(scene.backbone, quality)
    yield scene.backbone, plain
    for boost in BOOSTS:
        shape = scene.picture.image.shape[:2]
        regions = [(*bounds(line.polygon, shape), boost) for line in scene.lines]
        found = scene.encoders[scene.backbone].encode(
            scene.picture.image, max_bytes=len(plain), scale=1.0, regions=regions
        )
        yield f"{scene.backbone}, lines {boost} steps finer", found
    yield scene.drawing, scene.coded(scene.drawing, quality, text=scene.lines)


ARMS = {"strings": strings_arms, "coarser": coarser_arms, "regions": regions_arms}


def scene_rows(args: argparse.Namespace, folders: Folders) -> Iterator[dict[str, str]]:
    """A row per arm and quality."""
    judges, tallies = Judges(), defaultdict[tuple[str, int], Tally](Tally)
    alike = defaultdict[tuple[str, int], list[float]](list)
    encoders, decoder = coders(args)
    pixels_of_one = 0
    for picture in SETS["scene"].make(args.pictures, folders):
        scene, pixels_of_one = Scene(picture, encoders), picture.image[..., 0].size
        for quality in args.qualities:
            for arm, data in ARMS[args.what](scene, quality):
                tally, shown = tallies[arm, quality], decoder.decode(data)
                tally.bytes.append(len(data))
                chunks = tcsdk.inspect(data).chunks
                tally.text.append(sum(c.bytes for c in chunks if c.name == "text"))
                tally.error.append(float(((shown.astype(np.float64) - picture.image) ** 2).mean()))
                alike[arm, quality].append(ms_ssim(shown, picture.image))
                judges.add(tally, picture, shown, ())
        print(picture.name, flush=True)
    for (arm, quality), tally in tallies.items():
        row = scene_row(arm, quality, tally, pixels_of_one, args)
        kept = {k: str(v) for k, v in row.items() if not k.startswith(("sent", "read", "adapt"))}
        said = {"model": " over ".join(reversed(list(encoders))), "what": args.what}
        yield {**said, **kept, "ms-ssim": f"{np.mean(alike[arm, quality]):.4f}"}


def coders(args: argparse.Namespace) -> tuple[dict[str, tcsdk.Encoder], tcsdk.Decoder]:
    """Return encoders by family, and a decoder of both."""
    names = args.backbone, args.drawing
    folders = [find_model(name)[0] for name in names]
    encoders = {
        folder.family: tcsdk.Encoder(name, device="cpu", threads=1)
        for name, folder in zip(names, folders, strict=True)
    }
    paths = [folder.path for folder in folders]
    return encoders, tcsdk.Decoder("cpu", threads=1, models=paths)


def kodak_rows(args: argparse.Namespace, folders: Folders) -> Iterator[dict[str, str]]:
    """A row per quality and way: what draws beside its codec, on photographs."""
    encoders, decoder = coders(args)
    found = defaultdict[tuple[int, str], list[tuple[float, ...]]](list)
    all_of = SETS["natural"].make(NATURAL, folders)
    for picture in islice((p for p in all_of if p.name.startswith(KODAK)), args.pictures):
        scene = Scene(picture, encoders)
        for quality in args.qualities:
            plain = scene.coded(scene.backbone, quality)
            shown = decoder.decode(plain)
            for way, lines in (("no text", None), ("what is read", scene.lines or None)):
                data = scene.coded(scene.drawing, quality, text=lines)
                own = decoder.decode(data)
                found[quality, way].append(
                    (
                        np.array_equal(own, shown),
                        psnr(own, picture.image) - psnr(shown, picture.image),
                        ms_ssim(own, picture.image) - ms_ssim(shown, picture.image),
                        len(data) - len(plain),
                        len(lines or ()),
                    )
                )
        print(picture.name, flush=True)
    for (quality, way), values in found.items():
        model = " over ".join(reversed(list(encoders)))
        yield {"model": model} | kodak_row(quality, way, np.array(values, np.float64))


def kodak_row(quality: int, way: str, values: NDArray[np.float64]) -> dict[str, str]:
    """What values (n, 5) say."""
    equal, decibels, similar, size, lines = values.T
    return {
        "text": way,
        "quality": str(quality),
        "pictures": str(len(values)),
        "alike bit for bit": str(int(equal.sum())),
        "psnr difference, dB": f"{decibels.mean():.4f}",
        "worst, dB": f"{decibels.min():.4f}",
        "ms-ssim difference": f"{similar.mean():.5f}",
        "bytes difference": f"{size.mean():.1f}",
        "lines": str(int(lines.sum())),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=(*ARMS, "kodak"))
    parser.add_argument("--pictures", type=int, default=4)
    parser.add_argument("--qualities", type=int, nargs="+", default=[0, 16])
    parser.add_argument("--backbone", default="tfic-int8", help="a codec's id or folder")
    parser.add_argument("--drawing", default="textboost-int8", help="what draws over it")
    add_folder_options(parser)
    args = parser.parse_args(arguments)
    args.adaptive = True
    kodak = args.what == "kodak"
    rows = list((kodak_rows if kodak else scene_rows)(args, Folders.from_options(args)))
    for row in rows:
        print(row)
    file = "sent_guidance_kodak.csv" if kodak else "sent_guidance_controls.csv"
    record(RESULTS / file, rows, ("model", *(("text",) if kodak else ("what", "arm")), "quality"))


if __name__ == "__main__":
    main()
