"""What the two-graph form costs against the published context, in bits, on any trained codec.

    python -m benchmarks.studies.context_bits --model zoo/base --photos FOLDER

Published codecs take scales from the context too; here they come of z_hat alone, so that a decoder
has all of r before it asks for a mean. The scales' half of the context is fitted to the frozen
symbols of a codec: the network that predicts its means, or ELIC's where it has none, with y_hat of
earlier groups and of anchors before it. A second one of the same shape sees zeros in their place,
and takes what more training would give. The difference is what the two-graph form costs. Of a codec
with a context also: what its means' half saves.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from tcsdk.export.folder import load_checkpoint
from tcsdk.models.codecs.base import Codec
from tcsdk.models.codecs.context import HyperContext
from tcsdk.models.codecs.elic import ElicConfig
from tcsdk.models.codecs.elic_context import ElicNetwork
from tcsdk.models.codecs.gains import z_level
from tcsdk.models.codecs.grouped import GroupedCodec, GroupNetwork
from tcsdk.models.codecs.latents import is_coded
from tcsdk.models.codecs.likelihood import NUM_SCALES, gaussian_bits
from tcsdk.models.codecs.tcm import TcmConfig
from tcsdk.models.codecs.tcm_context import TcmNetwork
from tcsdk.train.render import Assets, render

BATCH, RATE, SEED = 4, 1e-3, 5
UNIT = 8.0  # scale steps that the network's numbers are in


@dataclass(frozen=True)
class Symbols:
    """Symbols of pictures at one quality, (N, M, h, w) float32 each.

    Attributes:
        r: whole numbers.
        index: their scale indexes, from z_hat.
        y_hat: what a decoder makes of them.
        z_bits: of a picture, on average.
        plain: bits of r of a picture where means come of z_hat alone; None without a context.
    """

    r: Tensor
    index: Tensor
    y_hat: Tensor
    z_bits: float
    plain: float | None

    def bits(self, index: Tensor) -> Tensor:
        """Bits of r of a picture under scale indexes; what z_hat's index skips is not coded."""
        each = gaussian_bits(self.r, index.clamp(0, NUM_SCALES - 1))
        return (each * is_coded(self.index)).sum() / len(self.r)

    def some(self, chosen: Tensor) -> Symbols:
        """Those of a few pictures."""
        return Symbols(self.r[chosen], self.index[chosen], self.y_hat[chosen], 0.0, None)


def network_of(codec: Codec) -> nn.Module:
    """Return the context of the published kind, untrained: of the codec's own kind, or ELIC's."""
    c = codec.config
    if isinstance(c, TcmConfig):
        return TcmNetwork(c.latent, c.groups, c.context, c.inner)
    if isinstance(c, ElicConfig):
        return ElicNetwork(c.latent, c.groups, c.context)
    parts = [c.latent // 24, c.latent // 24, c.latent // 12, c.latent // 6]
    return ElicNetwork(c.latent, (*parts, c.latent - sum(parts)), ElicConfig().context)


def refined(network: GroupNetwork, symbols: Symbols, informed: bool) -> Tensor:
    """Return scale indexes (N, M, h, w), group by group from what is decoded before, or from z_hat.

    Args:
        network: predicts the groups.
        symbols: the indexes of z_hat, and y_hat.
        informed: whether y_hat is seen.
    """
    known = symbols.y_hat * informed
    hyper, first, made = symbols.index / UNIT, 0, list[Tensor]()
    for number, width in enumerate(network.groups):
        group = network.enter(number, hyper, known[:, :first])
        own = known[:, first : first + width]
        made.append(group.mean(network.steps - 1, own) * UNIT)
        first += width
    return torch.cat(made, 1)


def collect(codec: Codec, draw: Callable[[int], Tensor], numbers: range, quality: int) -> Symbols:
    """Return the symbols of pictures by their numbers."""
    found, z_bits, plain = [], 0.0, 0.0
    level = z_level(torch.tensor([quality]))
    for number in numbers:
        y = codec.analyse(draw(number)[None] - 0.5)[0]
        latents = codec.latents(y, torch.tensor([quality]))
        r = torch.round(latents.r)
        found.append((r[0], latents.index[0], latents.decode(latents.r_hat)[0]))
        z_bits += codec.prior.bits(latents.z_hat, level).sum().item()
        z = latents.z_hat / codec.gains.z_gain_at(torch.tensor([quality]))
        alone = torch.round(
            (y - HyperContext(codec.means)(z, lambda mu, place: mu).mu) * latents.gain
        )
        plain += (gaussian_bits(alone, latents.index) * latents.coded).sum().item()
    count = len(numbers)
    r, index, y_hat = (torch.stack(part) for part in zip(*found, strict=True))
    grouped = isinstance(codec, GroupedCodec)
    return Symbols(r, index, y_hat, z_bits / count, plain / count if grouped else None)


def fit(codec: Codec, train: Symbols, informed: bool, steps: int) -> nn.Module:
    """Return a network fitted to frozen symbols."""
    torch.manual_seed(SEED)
    network = network_of(codec)
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    with torch.enable_grad():
        for _ in range(steps):
            batch = train.some(torch.randint(len(train.r), (BATCH,)))
            optimiser.zero_grad()
            batch.bits(refined(network, batch, informed)).backward()
            optimiser.step()
            schedule.step()
    return network.eval()


def drawer(photos: Path | None, size: tuple[int, int]) -> Callable[[int], Tensor]:
    """Return what draws rendered training pictures by their numbers, (3, H, W) float32 in 0..1."""
    assets = Assets.load("train", photos)

    def draw(number: int) -> Tensor:
        picture = render(assets, np.random.default_rng((SEED, number)), size).image
        return torch.tensor(picture).permute(2, 0, 1) / 255.0

    return draw


def row(codec: Codec, train: Symbols, test: Symbols, steps: int) -> list[str]:
    """Return the cells of a quality: bits of a picture, and what they say."""
    as_is = test.bits(test.index).item()
    alone, informed = (
        test.bits(refined(fit(codec, train, seen, steps), test, seen)).item()
        for seen in (False, True)
    )
    cost = (alone - informed) / (informed + test.z_bits)
    saved = "none" if test.plain is None else f"{1 - as_is / test.plain:.1%}"
    numbers = (test.z_bits, as_is, alone, informed)
    return [*(f"{number:.0f}" for number in numbers), f"{cost:.1%}", saved]


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Path("zoo/base"), help="folder or run")
    parser.add_argument("--photos", type=Path, help="folder of photographs for backgrounds")
    parser.add_argument("--qualities", type=int, nargs="+", default=[8, 24, 40])
    parser.add_argument("--size", type=int, nargs=2, default=[256, 512])
    parser.add_argument("--train", type=int, default=256, help="pictures to fit on")
    parser.add_argument("--test", type=int, default=48, help="pictures to count on")
    parser.add_argument("--steps", type=int, default=400)
    args = parser.parse_args()
    codec, draw = load_checkpoint(args.model).codec, drawer(args.photos, tuple(args.size))
    print(
        "| quality | z, bits | r, bits | refined from z_hat | with the published context "
        "| cost of two graphs | means' context saves |"
    )
    print("|---|---|---|---|---|---|---|")
    with torch.no_grad():
        for quality in args.qualities:
            train = collect(codec, draw, range(args.train), quality)
            test = collect(codec, draw, range(args.train, args.train + args.test), quality)
            print(f"| {quality} | {' | '.join(row(codec, train, test, args.steps))} |", flush=True)


if __name__ == "__main__":
    main()
