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
from tcsdk.models.codecs.base import SKIP_INDEX, Z_LIMIT, Codec
from tcsdk.models.codecs.likelihood import LOG_SCALE_RATIO, NUM_SCALES, gaussian_bits

QUALITIES = (8, 24, 40, 56)


def symbols(codec: Codec, bundle: Bundle, x: Tensor, quality: int) -> tuple[Tensor, ...]:
    """z_hat (C_z, h, w), r (M, 4h, 4w), float indexes as r, steps (M, 1, 1) of one picture."""
    level = int(bundle.z_level_of_quality[quality])
    gain = torch.tensor(bundle.z_gain[level])[:, None, None]
    steps = torch.tensor(bundle.steps[quality].astype(np.float32))[:, None, None]
    y = codec.g_a(x - 0.5)
    z_hat = torch.round((codec.h_a(y)[0] * gain).clamp(-Z_LIMIT, Z_LIMIT))
    dequantised = (z_hat / gain)[None]
    r = torch.round((y - codec.means(dequantised))[0] * torch.exp(steps * LOG_SCALE_RATIO))
    return z_hat, r, codec.scales(dequantised)[0], steps


def coded_bits(r: Tensor, index: Tensor) -> float:
    """Ideal bits of the elements that are not skipped; skipped ones cost nothing."""
    coded = index.round() >= SKIP_INDEX
    return float(gaussian_bits(r, index)[coded].sum())


def measure(folder: Path, count: int, folders: Folders) -> list[tuple[int, float, float, float]]:
    """Rows of quality and bits per picture under float, rounded and integer scales."""
    codec = load_checkpoint(folder).codec
    bundle = Bundle((folder / BUNDLE).read_bytes())
    made = SETS["rendered"].make(count, folders)
    pictures = [torch.tensor(p.image).permute(2, 0, 1)[None] / 255.0 for p in made]
    rows = []
    for quality in QUALITIES:
        level, totals = int(bundle.z_level_of_quality[quality]), np.zeros(3)
        for x in pictures:
            z_hat, r, real, steps = symbols(codec, bundle, x, quality)
            whole = torch.tensor(bundle.scale_indexes(z_hat.to(torch.int8).numpy(), level)).float()
            indexes = (real + steps, real.round() + steps, whole + steps)
            totals += [coded_bits(r, i.clamp(0, NUM_SCALES - 1)) for i in indexes]
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
