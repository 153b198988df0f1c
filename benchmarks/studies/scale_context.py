"""What it costs in bits that scales are a function of z_hat alone: docs/decisions.

    python -m benchmarks.studies.scale_context --model zoo/tfic --photos FOLDER

Two small nets refine the shipped scale indexes of the same frozen symbols. The first sees the
indexes alone, and takes what more training would give. The second also sees the magnitudes of half
of the positions (a checkerboard), which a context model would have decoded before. The difference
on the other half is what the context is worth.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.studies.integer_scales import integer_indexes
from tcsdk._kernels import Bundle
from tcsdk.export.folder import BUNDLE, load_checkpoint
from tcsdk.models.codecs.latents import is_coded
from tcsdk.models.codecs.likelihood import NUM_SCALES, gaussian_bits
from tcsdk.train.render import Assets, render

QUALITIES = (8, 24, 40)
SIZE = (256, 512)
BATCH, RATE, SEED = 8, 2e-3, 5


@dataclass(frozen=True)
class Symbols:
    """Symbols of many pictures at one quality: r and its indexes, (N, M, h, w) float32."""

    r: Tensor
    index: Tensor


class Refinement(nn.Module):
    """index -> index + correction, with or without the magnitudes of the anchor positions.

    Args:
        latent: M.
        context: whether it sees |r| on the anchors.
    """

    def __init__(self, latent: int, context: bool, width: int = 128) -> None:
        super().__init__()
        self._context = context
        self.layers = nn.Sequential(
            nn.Conv2d(2 * latent, width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, width, 1),
            nn.ReLU(),
            nn.Conv2d(width, latent, 1),
        )
        last = self.layers[-1]
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def forward(self, symbols: Symbols) -> Tensor:
        """Return indexes (N, M, h, w), not clamped."""
        seen = torch.log1p(symbols.r.abs()) * anchors(symbols.r) * self._context
        features = torch.cat([symbols.index / NUM_SCALES, seen], 1)
        refined: Tensor = symbols.index + 10.0 * self.layers(features)
        return refined


def anchors(r: Tensor) -> Tensor:
    """1 on the positions of the checkerboard that are decoded first, (h, w)."""
    rows, columns = (torch.arange(n, device=r.device) for n in r.shape[-2:])
    return ((rows[:, None] + columns) % 2 == 0).float()


def bits(symbols: Symbols, index: Tensor) -> Tensor:
    """Bits per picture of the coded elements that are not anchors."""
    coded = is_coded(symbols.index) * (1.0 - anchors(symbols.r))
    each = gaussian_bits(symbols.r, index.clamp(0, NUM_SCALES - 1))
    return (each * coded).sum() / len(symbols.r)


def collect(folder: Path, photos: Path | None, count: int, first: int, quality: int) -> Symbols:
    """Symbols of `count` rendered training pictures from number `first` on."""
    codec, bundle = load_checkpoint(folder).codec, Bundle((folder / BUNDLE).read_bytes())
    assets = Assets.load("train", photos)
    found = []
    for i in range(first, first + count):
        picture = render(assets, np.random.default_rng((SEED, i)), SIZE).image
        x = torch.tensor(picture).permute(2, 0, 1)[None] / 255.0
        latents = codec.latents(codec.analyse(x - 0.5)[0], torch.tensor([quality]))
        index = integer_indexes(bundle, latents, quality).clamp(0, NUM_SCALES - 1)
        found.append((torch.round(latents.r[0]), index[0]))
    return Symbols(*(torch.stack(part) for part in zip(*found, strict=True)))


def fit(train: Symbols, context: bool, steps: int) -> Refinement:
    """Train a refinement on frozen symbols."""
    torch.manual_seed(SEED)
    net = Refinement(train.r.shape[1], context)
    optimiser = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    with torch.enable_grad():
        for _ in range(steps):
            chosen = torch.randint(len(train.r), (BATCH,))
            batch = Symbols(train.r[chosen], train.index[chosen])
            optimiser.zero_grad()
            bits(batch, net(batch)).backward()
            optimiser.step()
            schedule.step()
    return net


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Path("zoo/tfic"))
    parser.add_argument("--photos", type=Path, help="folder of photographs for backgrounds")
    parser.add_argument("--train", type=int, default=256, help="pictures to fit on")
    parser.add_argument("--test", type=int, default=48, help="pictures to count on")
    parser.add_argument("--steps", type=int, default=400)
    args = parser.parse_args()
    print("| quality | as shipped, bits | refined from z_hat | with context | context saves |")
    print("|---|---|---|---|---|")
    with torch.no_grad():
        for quality in QUALITIES:
            train = collect(args.model, args.photos, args.train, 0, quality)
            test = collect(args.model, args.photos, args.test, args.train, quality)
            shipped = bits(test, test.index).item()
            refined, informed = (
                bits(test, fit(train, context, args.steps)(test)).item()
                for context in (False, True)
            )
            saved = 1 - informed / refined
            row = f"| {quality} | {shipped:.0f} | {refined:.0f} | {informed:.0f} | {saved:.1%} |"
            print(row, flush=True)


if __name__ == "__main__":
    main()
