"""Nets that were trained with true, false or no captions, or otherwise, beside each other.

    python -m benchmarks.studies.captions_trained RUNS --codec zoo/tfic [--over taco-true]

RUNS has a folder for each seed and in it one for each training (`python -m tcsdk.train RECIPE
--runs RUNS/SEED --seed SEED`); one counts when a file `done` lies in it. Each net is exported into
a temporary folder and codes each picture with the caption that its training gave, in its wording;
the codec decodes. Whole streams, scale 1. A row of captions_trained_pictures.csv is a stream, not
measured again while its net's weights are the same. One of captions_trained.csv says how a net
differs from the net `--over`, paired by seed and picture (benchmarks/studies/paired_seeds.py), with
verdicts as in benchmarks.studies.captions: "equivalent" is an interval within +-1 % of the bytes.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import torch

import tcsdk
from benchmarks.paths import RESULTS
from benchmarks.record import record
from benchmarks.sets.captioned import CAPTIONED_SETS, Told
from benchmarks.sets.folders import Folders, add_folder_options
from benchmarks.studies.captions import ALL, as_text, distance_from, psnr
from benchmarks.studies.paired_seeds import SeedComparison, SeedStream, seed_comparisons
from benchmarks.studies.weighed import WeighedEncoder
from tcsdk.export.captioned import write_captioned
from tcsdk.models.families import CaptionedFamily
from tcsdk.train.codec.captions import Given, exchanged
from tcsdk.train.codec.features import Classifier
from tcsdk.train.codec.recipes import RECIPES
from tcsdk.train.codec.wordings import TELLINGS
from tcsdk.train.run.weights import digest_of, load_origin, load_weights

STREAMS, COMPARISONS = "captions_trained_pictures.csv", "captions_trained.csv"
BY_STREAM = ("pictures", "model", "seed", "picture", "quality")
BY_PAIR = ("pictures", "model", "over", "seeds", "quality", "measure")
QUALITIES = (4, 20, 36)
SETS = ("rendered", "natural-short")
DONE = "done"  # a file beside the weights of a training that is over


@dataclass(frozen=True)
class Net:
    """A trained net.

    Attributes:
        folder: Of its weights.
        recipe: Of its training.
        seed: Of its training.
        given: The captions that its training gave.
        weights: Their digest.
    """

    folder: Path
    recipe: str
    seed: int
    given: Given
    weights: str

    @property
    def unfit(self) -> str:
        """Why no encoder over the codec can be made of it; "" for one that can."""
        learns = RECIPES[self.recipe].learns
        return "its decoder learnt too" if learns is None else ""

    def captions(self, pictures: Sequence[Told]) -> list[str]:
        """Return what it is told of pictures: as `tcsdk.train.codec.told_as`, in text."""
        telling = TELLINGS[RECIPES[self.recipe].data.wording.telling]
        return exchanged([telling(picture.seen) for picture in pictures], self.given)

    def encoder(self, folder: Path) -> tcsdk.Encoder:
        """Return what encodes with it, exported to a folder, weighing words as its training did."""
        key_words = RECIPES[self.recipe].data.wording.key_words
        if key_words is None:
            return tcsdk.Encoder(folder, device="cpu", precision="fp32")
        return WeighedEncoder(folder, key_words)


def trained_nets(runs: Path) -> Iterator[Net]:
    """Yield the nets whose trainings are over, by seed and recipe.

    Args:
        runs: Folder of a folder for each seed.

    Raises:
        ValueError: A training's recipe gives no captions, or is not known.
    """
    for done in sorted(runs.glob(f"*/*/{DONE}")):
        folder, origin = done.parent, load_origin(done.parent)
        recipe = RECIPES.get(origin.recipe)
        if recipe is None or recipe.data.captions is None:
            raise ValueError(f"expected weights of a recipe with captions, got {origin.recipe}")
        weights = digest_of(load_weights(folder)).hex()[:16]
        yield Net(folder, origin.recipe, origin.seed, recipe.data.captions, weights)


def streams(
    net: Net, codec: Path, name: str, pictures: Sequence[Told], qualities: Sequence[int]
) -> Iterator[SeedStream]:
    """Code each picture at each quality with the caption that the net's training gave.

    Args:
        net: Exported anew, into a temporary folder.
        codec: Folder of the codec that its training began with.
        name: Of the pictures.
        pictures: With captions.
        qualities: 0..63.

    Raises:
        ValueError: The net is not over this codec.
    """
    row = CaptionedFamily(load_origin(net.folder).net, (net.recipe,), codec.name)
    classifier = Classifier.load()
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / codec.name).symlink_to(codec.resolve())
        folder = Path(temporary) / net.recipe
        write_captioned(net.folder, net.recipe, row, folder)
        encoder = net.encoder(folder)
        decoder = tcsdk.Decoder("cpu", precision="fp32", models=[codec])
        for picture, caption in zip(pictures, net.captions(pictures), strict=True):
            apart = distance_from(classifier, picture.pixels)
            for quality in qualities:
                data = encoder.encode(
                    picture.pixels, quality=quality, caption=caption or None, scale=1.0, text=None
                )
                seen = decoder.decode(data)
                scores = psnr(picture.pixels, seen), apart(seen)
                coded = (picture.name, quality, net.given, len(data), *scores)
                yield SeedStream(net.recipe, name, *coded, net.seed, net.weights)


def recorded(file: Path) -> list[SeedStream]:
    """Return the streams of a CSV; none where there is no file."""
    if not file.is_file():
        return []
    with file.open(newline="") as opened:
        return [
            SeedStream(
                *(row[name] for name in ("model", "pictures", "picture")),
                int(row["quality"]),
                row["given"],
                int(row["bytes"]),
                float(row["psnr"]),
                float(row["distance"]),
                int(row["seed"]),
                row["weights"],
            )
            for row in csv.DictReader(opened)
        ]


def measure(
    nets: Sequence[Net],
    codec: Path,
    name: str,
    pictures: Sequence[Told],
    qualities: Sequence[int],
    results: Path,
) -> list[SeedStream]:
    """Code with every net whose streams are not recorded; return all of these nets and pictures."""
    wanted = {(picture.name, quality) for picture in pictures for quality in qualities}
    found = []
    for net in nets:
        own = [
            row
            for row in recorded(results / STREAMS)
            if (row.pictures, row.model, row.seed, row.weights)
            == (name, net.recipe, net.seed, net.weights)
            and (row.picture, row.quality) in wanted
        ]
        if len(own) < len(wanted):
            made = [as_text(row) for row in streams(net, codec, name, pictures, qualities)]
            record(results / STREAMS, made, BY_STREAM)
            print(f"{name}: {net.recipe}, seed {net.seed}: {len(made)} streams", flush=True)
        found.append((net.recipe, net.seed))
    return [
        row
        for row in recorded(results / STREAMS)
        if row.pictures == name
        and (row.model, row.seed) in found
        and (row.picture, row.quality) in wanted
    ]


def write(rows: Sequence[SeedStream], over: str, results: Path) -> list[SeedComparison]:
    """Write how the nets of one set compare; returns it."""
    compared = list(seed_comparisons(rows, over))
    if compared:
        record(results / COMPARISONS, [as_text(row) for row in compared], BY_PAIR)
    return compared


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add where nets lie, on which pictures they are measured, and where rows go."""
    parser.add_argument("runs", type=Path, help="folder of SEED/RECIPE/weights.safetensors")
    parser.add_argument("--sets", nargs="+", choices=CAPTIONED_SETS, default=list(SETS))
    parser.add_argument("--count", type=int, default=34, help="pictures of a set (default: 34)")
    parser.add_argument("--qualities", nargs="+", type=int, default=QUALITIES)
    parser.add_argument("--threads", type=int, help="torch's threads (default: torch's own)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the tables")
    add_folder_options(parser)


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("--codec", type=Path, default=Path("zoo/tfic"), help="that decodes")
    parser.add_argument("--over", default="taco-true", help="recipe that others are compared with")
    parser.add_argument("--recipes", nargs="+", help="of these alone (default: all that are done)")
    args = parser.parse_args(arguments)
    if args.threads:
        torch.set_num_threads(args.threads)
    kept = {*args.recipes, args.over} if args.recipes else None
    nets = []
    for net in trained_nets(args.runs):
        if net.unfit:
            print(f"left out: {net.recipe}, seed {net.seed}: {net.unfit}")
        elif kept is None or net.recipe in kept:
            nets.append(net)
    for name in args.sets:
        pictures = CAPTIONED_SETS[name](args.count, Folders.from_options(args))
        rows = measure(nets, args.codec, name, pictures, args.qualities, args.results)
        for row in write(rows, args.over, args.results):
            if row.quality == ALL:
                print(" ".join(map(str, astuple(row))), flush=True)


if __name__ == "__main__":
    main()
