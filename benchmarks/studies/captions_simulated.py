"""Trained nets beside each other in torch, without streams: told otherwise, or not to be exported.

    python -m benchmarks.studies.captions_simulated RUNS --over taco-encoder taco-open
    python -m benchmarks.studies.captions_simulated RUNS --over taco-hand taco-hand:rule \
      taco-hand:keywords taco-hand:shuffled taco-hand:constant

RUNS is that of benchmarks.studies.captions_trained, which tells a net what its training told it,
and leaves out `taco-open`, whose decoder is its own. Here a net codes each picture and decodes it
itself; bytes are what its entropy model says of the whole numbers, with no header and no quality
map. Those of a stream are some per cent fewer, as an encoder rounds more to zero. The net `--over`
is measured alike. A name behind a colon is what one net is told in place of what its training told
it: another wording, as the paper's Table 3 compares captions by people and by nets, or captions
that know nothing. Rows go to captions_simulated_pictures.csv and captions_simulated.csv, as the
others' do.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.record import record
from benchmarks.sets.captioned import CAPTIONED_SETS, Told
from benchmarks.sets.folders import Folders
from benchmarks.studies.captions import ALL, as_text, distance_from, psnr
from benchmarks.studies.captions_trained import (
    BY_PAIR,
    BY_STREAM,
    Net,
    add_options,
    trained_nets,
)
from benchmarks.studies.paired_seeds import SeedStream, seed_comparisons
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.gains import whole_steps
from tcsdk.models.registry import codec_of
from tcsdk.models.text.caption import Caption
from tcsdk.train.codec.captions import GIVEN, Given
from tcsdk.train.codec.features import Classifier
from tcsdk.train.codec.told import Pieces, states
from tcsdk.train.codec.told_as import told_as
from tcsdk.train.codec.wordings import TELLINGS, Telling
from tcsdk.train.run.weights import load_origin, load_weights

STREAMS, COMPARISONS = "captions_simulated_pictures.csv", "captions_simulated.csv"
MULTIPLE = 64  # of it a picture's sides are coded


def coded(
    net: Codec, pixels: NDArray[np.uint8], caption: Caption, quality: int
) -> tuple[float, NDArray[np.uint8]]:
    """Return how many bytes a picture comes to, and the picture that is decoded.

    Args:
        net: in evaluation mode.
        pixels: (H, W, 3), its sides repeated to whole blocks.
        caption: of this picture.
        quality: 0..63.
    """
    height, width = pixels.shape[:2]
    x = torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255
    x = nn.functional.pad(x, (0, -width % MULTIPLE, 0, -height % MULTIPLE), mode="replicate")
    with torch.inference_mode():
        y, features = net.analyse(x - 0.5, caption)
        asked = net.detect(features)[1]
        offsets = None if asked is None else whole_steps(asked)
        made = net.code(y, torch.tensor([quality]), whole=True, offsets=offsets)
        seen = net.synthesise(made.y_hat)[0, :, :height, :width].clamp(0, 1)
    bits = made.r_bits + made.z_bits
    return float(bits) / 8, (seen * 255).round().byte().permute(1, 2, 0).numpy()


@dataclass(frozen=True)
class Condition:
    """A recipe's net, and what it is told.

    Attributes:
        name: such as "taco-hand" or "taco-hand:rule".
        recipe: of the net.
        telling: what true captions say; None for what they said in the training.
        given: which captions; None for those of the training.
    """

    name: str
    recipe: str
    telling: Telling | None = None
    given: Given | None = None

    @classmethod
    def named(cls, name: str) -> Condition:
        """Return the condition of a name.

        Raises:
            ValueError: nets are not told what stands behind the colon.
        """
        recipe, _, otherwise = name.partition(":")
        telling = next((t for t in TELLINGS if t == otherwise), None)
        given = next((g for g in GIVEN if g == otherwise), None)
        if otherwise and not (telling or given):
            known = ", ".join([*TELLINGS, *GIVEN])
            raise ValueError(f"expected one of {known} behind the colon, got {name!r}")
        return cls(name, recipe, telling, given)


def streams(
    net: Net,
    condition: Condition,
    name: str,
    pictures: Sequence[Told],
    qualities: Sequence[int],
) -> Iterator[SeedStream]:
    """Code each picture at each quality.

    Args:
        net: with its weights.
        condition: what it is told.
        name: of the pictures.
        pictures: with what can be told of them.
        qualities: 0..63.
    """
    made = codec_of(load_weights(net.folder), load_origin(net.folder).net)
    seen = [picture.seen for picture in pictures]
    pieces = told_as(net.recipe, seen, condition.given, condition.telling)
    classifier = Classifier.load()
    for at, picture in enumerate(pictures):
        with torch.inference_mode():
            caption = states(made, _row(pieces, at))
        apart = distance_from(classifier, picture.pixels)
        for quality in qualities:
            size, decoded = coded(made, picture.pixels, caption, quality)
            scores = psnr(picture.pixels, decoded), apart(decoded)
            given = condition.given or net.given
            row = (picture.name, quality, given, round(size), *scores)
            yield SeedStream(condition.name, name, *row, net.seed, net.weights)


def _row(pieces: Pieces, at: int) -> Pieces:
    def one(part: Tensor) -> Tensor:
        return part[at : at + 1]

    return Pieces(one(pieces.numbers), None if pieces.weights is None else one(pieces.weights))


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser)
    parser.add_argument("recipes", nargs="+", help="compared: RECIPE, or RECIPE:TOLD")
    parser.add_argument("--over", required=True, help="what they are compared with, likewise")
    args = parser.parse_args(arguments)
    if args.threads:
        torch.set_num_threads(args.threads)
    try:
        wanted = [Condition.named(name) for name in dict.fromkeys([args.over, *args.recipes])]
    except ValueError as error:
        parser.error(str(error))
    nets = list(trained_nets(args.runs))
    if missing := {each.recipe for each in wanted} - {net.recipe for net in nets}:
        parser.error(f"expected trainings of {', '.join(sorted(missing))} in {args.runs}, got none")
    for name in args.sets:
        pictures = CAPTIONED_SETS[name](args.count, Folders.from_options(args))
        rows = [
            row
            for condition in wanted
            for net in nets
            if net.recipe == condition.recipe
            for row in streams(net, condition, name, pictures, args.qualities)
        ]
        record(args.results / STREAMS, [as_text(row) for row in rows], BY_STREAM)
        compared = list(seed_comparisons(rows, args.over))
        record(args.results / COMPARISONS, [as_text(row) for row in compared], BY_PAIR)
        for row in compared:
            if row.quality == ALL:
                print(" ".join(map(str, astuple(row))), flush=True)


if __name__ == "__main__":
    main()
