"""`python -m tcsdk.export CHECKPOINT FAMILY`: torch weights to a model folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from tcsdk.export.folder import load_checkpoint, write_folder
from tcsdk.export.tensorrt.target import add_tensorrt_graphs
from tcsdk.export.verify import verify_graphs, verify_scale_network
from tcsdk.quant.nets.graphs import calibration_pictures
from tcsdk.quant.ship import PICTURES, PRECISIONS, SHIPPED, has_rules, quantise_codec
from tcsdk.train.codec.recipes import RECIPES

TABLES = 5  # from 48 pictures alone z_hat takes 1 % more than from 200


def trained_with_reader(family: str) -> bool:
    """Whether the recipe of a family, where it has one, asks a reader."""
    return family in RECIPES and RECIPES[family].reading is not None


def main() -> int:
    """Export, and with --verify compare; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tcsdk.export", description=__doc__)
    parser.add_argument(
        "checkpoint", type=Path, help="a run's folder or weights.pt, or a model folder"
    )
    parser.add_argument("family", help='a family such as "tfic", or a name of your own')
    parser.add_argument("-o", "--output", type=Path, help="model folder (default: zoo/FAMILY)")
    parser.add_argument("--photos", type=Path, help="photographs for calibration backgrounds")
    parser.add_argument(
        "--pictures",
        type=int,
        default=PICTURES,
        help=f"calibration pictures; {TABLES} times as many make the entropy tables",
    )
    parser.add_argument(
        "--precisions",
        nargs="*",
        choices=list(PRECISIONS),
        default=list(SHIPPED),
        help=f"integer forms to make beside FP32 (default: {' '.join(SHIPPED)})",
    )
    parser.add_argument(
        "--reading",
        action=argparse.BooleanOptionalAction,
        help="judge integer forms by a reader and by where text is (default: as trained)",
    )
    parser.add_argument(
        "--verify", action="store_true", help="compare torch with what was exported"
    )
    parser.add_argument(
        "--target",
        choices=["all", "tensorrt"],
        default="all",
        help='"tensorrt": add the FP16 and S8S8 graphs to the model folder CHECKPOINT, and stop',
    )
    args = parser.parse_args()
    if args.target == "tensorrt":
        for name, error in add_tensorrt_graphs(args.checkpoint).items():
            print(f"{name}: relative error {error:.4g}")
        return 0
    folder = args.output or Path("zoo") / args.family
    checkpoint = load_checkpoint(args.checkpoint)
    pictures = calibration_pictures(args.photos, TABLES * args.pictures)
    names = args.precisions if has_rules(checkpoint.codec) else []
    if names != args.precisions:
        print("FP32 alone: quant/nets/pins.py has no rules for integer forms of this net")
    results = {}
    if names:
        reading = trained_with_reader(args.family) if args.reading is None else args.reading
        results = quantise_codec(checkpoint.codec, names, args.photos, args.pictures, reading)
    quantised = {name: result.quantised for name, result in results.items()}
    write_folder(checkpoint, args.family, folder, quantised, pictures)
    for name, result in results.items():
        print("\n".join([f"{name}:", *result.report.summary()]))
    print(f"wrote {folder}, {sum(p.stat().st_size for p in folder.iterdir()):,} bytes")
    if not args.verify:
        return 0
    checks = [
        *verify_graphs(checkpoint, folder, pictures[0][None]),
        verify_scale_network(checkpoint, folder),
    ]
    for check in checks:
        verdict = "ok" if check.ok else "FAILED"
        print(f"{verdict:6} {check.name}: {check.value:.6g} (limit {check.limit:g})")
    return 0 if all(check.ok for check in checks) else 1


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    sys.exit(main())
