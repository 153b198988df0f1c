"""`python -m tcsdk.export CHECKPOINT`: weights to a model folder of the family that they are of."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tcsdk.errors import TcsdkError
from tcsdk.export.captioned import backbone_of, captioned_codec, write_captioned
from tcsdk.export.crops import load_crop_net, verify_crops, write_crop_folder
from tcsdk.export.drawing import verify_drawing, write_drawing
from tcsdk.export.folder import (
    TABLES,
    Checkpoint,
    entropy_bundle,
    load_checkpoint,
    name_of,
    write_folder,
)
from tcsdk.export.integer.packed_net import add_packed_nets
from tcsdk.export.tensorrt.target import add_tensorrt_graphs, left_out
from tcsdk.export.verify import Difference, verify_graphs, verify_scale_network
from tcsdk.export.verify_captioned import verify_captioned
from tcsdk.export.verify_context import verify_context_graphs
from tcsdk.models.codecs.grouped import GroupedCodec
from tcsdk.models.families import (
    DRAWING_FAMILIES,
    FAMILIES,
    PRIVATE_WIRE_ID,
    Family,
    captioned_family,
    crop_family,
    row_of,
)
from tcsdk.models.registry import CAPTIONED_NETS, CROP_NETS
from tcsdk.quant.nets.graphs import calibration_pictures
from tcsdk.quant.nets.table import integer_rules
from tcsdk.quant.ship import PICTURES, PRECISIONS, quantise_codec, quantise_crops
from tcsdk.train.run.weights import load_origin


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m tcsdk.export", description=__doc__)
    parser.add_argument(
        "checkpoint", type=Path, help="weights.safetensors, or a run's or a model's folder"
    )
    parser.add_argument(
        "--family", help="a name of your own (default: the family of the weights' recipe)"
    )
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
        help="integer forms to make beside FP32 (default: those that the family ships)",
    )
    parser.add_argument(
        "--reading",
        action=argparse.BooleanOptionalAction,
        help="judge integer forms by a reader and by where text is (default: as trained)",
    )
    parser.add_argument(
        "--text",
        type=Path,
        metavar="FOLDER",
        help="of the text encoder that a captioned net has, for its tokeniser (Hugging Face's "
        "layout, or a spaCy model's)",
    )
    parser.add_argument(
        "--verify", action="store_true", help="compare torch with what was exported"
    )
    parser.add_argument(
        "--target",
        choices=["all", "tensorrt", "libtcs"],
        default="all",
        help='"tensorrt": add the FP16 and S8S8 graphs to the model folder CHECKPOINT (a codec, or '
        'a net of crops), and stop; "libtcs": the packed nets',
    )
    return parser


def write_model(args: argparse.Namespace, checkpoint: Checkpoint, name: str, row: Family) -> int:
    """Write the model folder of a family, and with --verify compare; returns the exit code."""
    folder = args.output or Path("zoo") / name
    pictures = calibration_pictures(args.photos, TABLES * args.pictures)
    results = {}
    if args.precisions:
        reading = row.judge == "reading" if args.reading is None else args.reading
        results = quantise_codec(
            checkpoint.codec, args.precisions, args.photos, args.pictures, reading
        )
    quantised = {form: result.quantised for form, result in results.items()}
    write_folder(checkpoint, name, folder, quantised, entropy_bundle(checkpoint, name, pictures))
    for form, result in results.items():
        print("\n".join([f"{form}:", *result.report.summary()]))
    print(f"wrote {folder}, {sum(p.stat().st_size for p in folder.iterdir()):,} bytes")
    return verify(checkpoint, folder, pictures[0][None]) if args.verify else 0


def write_crops(args: argparse.Namespace) -> int:
    """Write the model folder of a net that takes crops, and with --verify compare."""
    weights = load_crop_net(args.checkpoint)
    origin = weights.origin
    name, row = crop_family(args.family, origin.net, origin.recipe)
    folder = args.output or Path("zoo") / name
    wanted = row.precisions if args.precisions is None else args.precisions
    results = quantise_crops(weights.net, wanted, args.photos) if wanted else {}
    quantised = {form: result.quantised for form, result in results.items()}
    write_crop_folder(weights, name, folder, quantised)
    for form, result in results.items():
        print("\n".join([f"{form}:", *result.report.summary()]))
    print(f"wrote {folder}, {sum(p.stat().st_size for p in folder.iterdir()):,} bytes")
    return tell(verify_crops(weights, folder)) if args.verify else 0


def write_guided(args: argparse.Namespace, net: str) -> int:
    """Write the folder of what draws sent text, and with --verify compare; the exit code."""
    family, row = next((name, row) for name, row in DRAWING_FAMILIES.items() if row.net == net)
    name = args.family or family
    folder = args.output or Path("zoo") / name
    if name != family:
        row = replace(row, wire_id=PRIVATE_WIRE_ID)
    write_drawing(args.checkpoint, name, row, folder)
    print(f"wrote {folder}, {sum(p.stat().st_size for p in folder.iterdir()):,} bytes")
    return tell(verify_drawing(folder)) if args.verify else 0


def write_told(args: argparse.Namespace, net: str) -> int:
    """Write the folder of an encoder that takes captions, and with --verify compare."""
    name, row = captioned_family(args.family, net, load_origin(args.checkpoint).recipe)
    folder = args.output or Path("zoo") / name
    results = {}
    if args.precisions:
        judge = FAMILIES[row.backbone].judge if row.backbone in FAMILIES else "distortion"
        reading = judge == "reading" if args.reading is None else args.reading
        codec = captioned_codec(args.checkpoint, backbone_of(folder, row.backbone))
        integer_rules(codec)
        results = quantise_codec(codec, args.precisions, args.photos, args.pictures, reading)
    quantised = {form: result.quantised for form, result in results.items()}
    write_captioned(args.checkpoint, name, row, folder, quantised, args.text)
    for form, result in results.items():
        print("\n".join([f"{form}:", *result.report.summary()]))
    print(f"wrote {folder}, {sum(p.stat().st_size for p in folder.iterdir()):,} bytes")
    return tell(verify_captioned(folder)) if args.verify else 0


def verify(checkpoint: Checkpoint, folder: Path, picture: NDArray[np.float32]) -> int:
    """Print how far what was exported is from torch; returns the exit code."""
    grouped = isinstance(checkpoint.codec, GroupedCodec)
    graphs = verify_context_graphs if grouped else verify_graphs
    checks = [
        *graphs(checkpoint, folder, picture),
        verify_scale_network(checkpoint, folder),
    ]
    return tell(checks)


def tell(checks: Sequence[Difference]) -> int:
    """Print comparisons; returns the exit code."""
    for check in checks:
        verdict = "ok" if check.ok else "FAILED"
        print(f"{verdict:6} {check.name}: {check.value:.6g} (limit {check.limit:g})")
    return 0 if all(check.ok for check in checks) else 1


def write_for_gpus(folder: Path) -> int:
    """Add the graphs for GPUs to a model folder; print how far they are off, and what it lacks."""
    for name, error in add_tensorrt_graphs(folder).items():
        print(f"{name}: relative error {error:.4g}")
    for precision, why in left_out(folder).items():
        print(f"no {precision}: {why}")
    return 0


def main() -> int:
    """Export, or add TensorRT's graphs to a folder; returns the exit code."""
    parser = build_parser()
    args = parser.parse_args()
    if args.target == "tensorrt":
        try:
            return write_for_gpus(args.checkpoint)
        except (TcsdkError, ValueError, OSError) as error:
            parser.error(str(error))
    if args.target == "libtcs":
        pictures = calibration_pictures(args.photos, args.pictures)
        for name, size in add_packed_nets(args.checkpoint, pictures).items():
            print(f"{name}: {size:,} bytes")
        return 0
    try:
        net = load_origin(args.checkpoint).net
        if net in CROP_NETS:
            return write_crops(args)
        if any(row.net == net for row in DRAWING_FAMILIES.values()):
            return write_guided(args, net)
        if net in CAPTIONED_NETS:
            return write_told(args, net)
        checkpoint = load_checkpoint(args.checkpoint)
        name = name_of(checkpoint, args.family)
        row = row_of(name, checkpoint.origin.net, checkpoint.origin.recipe)
        if args.precisions is None:
            args.precisions = row.precisions
        if args.precisions:
            integer_rules(checkpoint.codec)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    return write_model(args, checkpoint, name, row)


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    sys.exit(main())
