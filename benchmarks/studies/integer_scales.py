"""What the integers of the scale network cost in bits, against its float shadow.

    python -m benchmarks.studies.integer_scales --model zoo/tfic --count 8

Ideal code lengths of the same symbols under three sets of scales: the float network's real-valued
ones, those rounded to the 64 rows, and the kernel's integers.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.sets import SETS, Folders
from benchmarks.sets.folders import add_folder_options
from tcsdk._kernels import Bundle
from tcsdk.export.folder import BUNDLE, load_checkpoint
from tcsdk.models.codecs.latents import Latents, is_coded
from tcsdk.models.codecs.likelihood import gaussian_bits

QUALITIES = (8, 24, 40, 56)


def coded_bits(r: Tensor, index: Tensor) -> float:
    """Ideal bits of r (N, M, h, w) where it is not skipped; skipped elements cost nothing."""
    return float(gaussian_bits(torch.round(r), index)[is_coded(index)].sum())


def integer_indexes(bundle: Bundle, latents: Latents, quality: int) -> Tensor:
    """The kernel's scale indexes (1, M, h, w) of one picture's latents, not clamped."""
    level = int(bundle.z_level_of_quality[quality])
    whole = bundle.scale_indexes(latents.z_hat[0].to(torch.int8).numpy(), level)
    return torch.tensor(whole).float() + latents.steps


def measure(folder: Path, count: int, folders: Folders) -> list[tuple[int, float, float, float]]:
    """Rows of quality and bits per picture under float, rounded and integer scales."""
    codec = load_checkpoint(folder).codec
    bundle = Bundle((folder / BUNDLE).read_bytes())
    made = SETS["rendered"].make(count, folders)
    pictures = [torch.tensor(p.image).permute(2, 0, 1)[None] / 255.0 for p in made]
    rows = []
    for quality in QUALITIES:
        totals = np.zeros(3)
        for x in pictures:
            latents = codec.latents(codec.analyse(x - 0.5)[0], torch.tensor([quality]))
            whole = integer_indexes(bundle, latents, quality)
            totals += [coded_bits(latents.r, i) for i in (latents.index, latents.rows, whole)]
        rows.append((quality, *(totals / len(pictures))))
    return rows


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=Path("zoo/tfic"))
    parser.add_argument("--count", type=int, default=8, help="rendered test pictures of 256x512")
    add_folder_options(parser)
    args = parser.parse_args()
    with torch.no_grad():
        rows = measure(args.model, args.count, Folders.from_options(args))
    print("| quality | float scales, bits | rounded to rows | integer network | integers cost |")
    print("|---|---|---|---|---|")
    for quality, real, rounded, whole in rows:
        cost = whole / rounded - 1
        print(f"| {quality} | {real:.0f} | {rounded:.0f} | {whole:.0f} | {cost:+.2%} |")


if __name__ == "__main__":
    main()
