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

from benchmarks.studies.integer_scales import symbols
from tcsdk._kernels import Bundle
from tcsdk.export.folder import BUNDLE, load_checkpoint
from tcsdk.models.codecs.base import SKIP_INDEX
from tcsdk.models.codecs.likelihood import NUM_SCALES, gaussian_bits
from tcsdk.train.render import Assets, render

QUALITIES = (8, 24, 40)
SIZE = (256, 512)
BATCH, RATE, SEED = 8, 2e-3, 5


@dataclass(frozen=True)
class Latents:
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

    def forward(self, latents: Latents) -> Tensor:
        """Return indexes (N, M, h, w), not clamped."""
        seen = torch.log1p(latents.r.abs()) * anchors(latents.r) * self._context
        features = torch.cat([latents.index / NUM_SCALES, seen], 1)
        refined: Tensor = latents.index + 10.0 * self.layers(features)
        return refined


def anchors(r: Tensor) -> Tensor:
    """1 on the positions of the checkerboard that are decoded first, (h, w)."""
    rows, columns = (torch.arange(n, device=r.device) for n in r.shape[-2:])
    return ((rows[:, None] + columns) % 2 == 0).float()


def bits(latents: Latents, index: Tensor) -> Tensor:
    """Bits per picture of the coded elements that are not anchors."""
    coded = (latents.index >= SKIP_INDEX) * (1.0 - anchors(latents.r))
    each = gaussian_bits(latents.r, index.clamp(0, NUM_SCALES - 1))
    return (each * coded).sum() / len(latents.r)


def collect(folder: Path, photos: Path | None, count: int, first: int, quality: int) -> Latents:
    """Latents of `count` rendered training pictures from number `first` on."""
    codec, bundle = load_checkpoint(folder).codec, Bundle((folder / BUNDLE).read_bytes())
    level = int(bundle.z_level_of_quality[quality])
    assets = Assets.load("train", photos)
    found = []
    for i in range(first, first + count):
        picture = render(assets, np.random.default_rng((SEED, i)), SIZE).image
        x = torch.tensor(picture).permute(2, 0, 1)[None] / 255.0
        z_hat, r, _, steps = symbols(codec, bundle, x, quality)
        whole = torch.tensor(bundle.scale_indexes(z_hat.to(torch.int8).numpy(), level)).float()
        found.append((r, (whole + steps).clamp(0, NUM_SCALES - 1)))
    return Latents(*(torch.stack(part) for part in zip(*found, strict=True)))


def fit(train: Latents, context: bool, steps: int) -> Refinement:
    """Train a refinement on frozen latents."""
    torch.manual_seed(SEED)
    net = Refinement(train.r.shape[1], context)
    optimiser = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    with torch.enable_grad():
        for _ in range(steps):
            chosen = torch.randint(len(train.r), (BATCH,))
            batch = Latents(train.r[chosen], train.index[chosen])
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
