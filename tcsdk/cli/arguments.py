"""Arguments that several verbs share."""

from __future__ import annotations

import argparse
import dataclasses
from typing import Any

from tcsdk.cli.values import (
    background,
    bounded,
    region,
    scale,
    sent_text,
    size,
    user_bytes,
)
from tcsdk.codec.quality_map import HIGHEST, LOWEST
from tcsdk.decoder import LAYERS, Decoder, checked_layers
from tcsdk.encoder import MAX_TILE
from tcsdk.given_text import LINE_STATES
from tcsdk.images import WHITE
from tcsdk.model.grids import DEFAULT_TILE, Z_STRIDE
from tcsdk.packet_sizes import DEFAULT_PAYLOAD, MOST_PACKETS, MOST_PAYLOAD
from tcsdk.refining import MOST_STEPS
from tcsdk.request import AUTO, QUALITIES, Request
from tcsdk.shortcuts import OF_ENCODER
from tcsdk.verifying import FAST, HIGHEST_VERIFIED, MOST_VERIFIED


def add_files(parser: argparse.ArgumentParser, what: str) -> None:
    """Add the inputs: files, folders, globs, or "-"."""
    parser.add_argument(
        "inputs", nargs="+", metavar="FILE", help=f'{what}: files, folders, globs, or "-"'
    )


def add_output(parser: argparse.ArgumentParser, default: str) -> None:
    """Add where results go."""
    parser.add_argument(
        "-o", "--output", metavar="PATH", help=f'file, folder, pipe, or "-" (default: {default})'
    )
    existing = parser.add_mutually_exclusive_group()
    existing.add_argument("-f", "--force", action="store_true", help="replace outputs that exist")
    existing.add_argument(
        "--skip-existing", action="store_true", help="leave out inputs whose outputs exist"
    )
    parser.add_argument("--quiet", action="store_true", help="print failures alone")


def add_encoding(parser: argparse.ArgumentParser) -> None:
    """Add the model and what it aims at."""
    parser.add_argument(
        "-q",
        "--quality",
        type=bounded(0, QUALITIES - 1),
        metavar="Q",
        help="0 (smallest) to 63 (finest); the best one allowed with --max-bytes",
    )
    parser.add_argument(
        "--max-bytes",
        type=size,
        metavar="SIZE",
        help="the best quality that fits: 1500, 1.5k (1500 too), 2KB, 1KiB (1024), 1M",
    )
    parser.add_argument("--model", default="tfic", help="model id or folder (default: tfic)")
    parser.add_argument(
        "--keep", action="append", choices=("icc", "exif"), default=[], help="metadata to keep"
    )
    parser.add_argument(
        "--user",
        type=user_bytes,
        metavar="TEXT",
        help="text of your own to carry along, or @FILE for what is in a file",
    )
    parser.add_argument(
        "--text",
        type=sent_text,
        default=LINE_STATES,
        metavar="WHAT",
        help="text to carry along: read (all that is read; extra [ocr]), codes (lines of figures), "
        "@FILE (lines as read --json prints them, or as text), states (whether lines that --verify "
        "compared agree; the default) or none",
    )
    parser.add_argument(
        "--background",
        type=background,
        default=WHITE,
        metavar="COLOUR",
        help="seen through transparent pixels: a name, #rrggbb or R,G,B (default: white); or drop, "
        "to send nothing but what --roi names",
    )
    parser.add_argument(
        "--tile",
        type=bounded(Z_STRIDE, MAX_TILE, Z_STRIDE),
        default=DEFAULT_TILE,
        metavar="N",
        help=f"side of the tiles that decode by themselves, in pixels (default: {DEFAULT_TILE})",
    )
    parser.add_argument(
        "--text-boost",
        type=bounded(LOWEST, HIGHEST),
        default=0,
        metavar="N",
        help="steps of about 13 %% finer where the model's detector sees text",
    )
    parser.add_argument(
        "--adaptive",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="small and faint text finer, where the model says how much (default: yes)",
    )
    parser.add_argument(
        "--scale",
        type=scale,
        default=AUTO,
        metavar="S",
        help="code at this part of the size, and show at the full one (default: auto, by the text)",
    )
    add_page(parser)


def add_link(parser: argparse.ArgumentParser) -> None:
    """Add what a link takes."""
    parser.add_argument(
        "--max-packets",
        type=bounded(1, MOST_PACKETS),
        metavar="N",
        help="the best quality that fits so many packets of data: tcsdk packets split",
    )
    add_payload(parser)
    parser.add_argument(
        "--step",
        type=bounded(1, MOST_PAYLOAD),
        default=1,
        metavar="N",
        help="bytes that a packet is billed in: it then ends with its last whole step (default: 1)",
    )


def add_payload(parser: argparse.ArgumentParser) -> None:
    """Add how large a packet may be."""
    parser.add_argument(
        "--payload",
        type=bounded(4, MOST_PAYLOAD),
        default=DEFAULT_PAYLOAD,
        metavar="N",
        help=f"most bytes of a packet, its header too (default: {DEFAULT_PAYLOAD})",
    )


def add_verification(parser: argparse.ArgumentParser) -> None:
    """Add the reading of results."""
    parser.add_argument(
        "--verify",
        action="store_true",
        help="read picture and result, and code lines finer while letters or digits differ; exit "
        "code 3 if they still do (extra [ocr])",
    )
    parser.add_argument(
        "--verify-fast",
        dest="verify",
        action="store_const",
        const=FAST,
        help="the same by a small reader, in a part of the time and without an extra",
    )
    parser.add_argument(
        "--verify-limit",
        type=bounded(0, MOST_VERIFIED),
        default=HIGHEST_VERIFIED,
        metavar="Q",
        help=f"the best quality that --verify may raise lines to (default: {HIGHEST_VERIFIED})",
    )
    parser.add_argument(
        "--verify-lines",
        metavar="REGEX",
        help="compare the lines that it finds something in, such as '[0-9]{4}' (default: all)",
    )


def add_refinement(parser: argparse.ArgumentParser) -> None:
    """Add the search for numbers that are read better."""
    parser.add_argument(
        "--refine",
        type=bounded(0, MOST_STEPS),
        default=0,
        metavar="N",
        help="steps of a search for latents of which the text is read in fewer bytes, such as 60; "
        "takes seconds (extras [refine] and, without --verify-fast, [ocr]; default: 0, none)",
    )


def add_page(parser: argparse.ArgumentParser) -> None:
    """Add which page of a file is taken."""
    parser.add_argument(
        "--page",
        type=bounded(1, 2**31),
        metavar="N",
        help="page or frame of a TIFF, GIF and so on, from 1 (default: what viewers show first)",
    )


def request_of(arguments: argparse.Namespace) -> Request:
    """Return what a verb's arguments ask for: those that have the names of a request's fields.

    Raises:
        ValueError, TypeError: One is out of its range.
    """
    names = {field.name for field in dataclasses.fields(Request)}
    return Request(**{name: v for name, v in vars(arguments).items() if name in names})


def encoder_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return a verb's arguments that have the names of an `Encoder`'s, as its keywords."""
    return {name: v for name, v in vars(arguments).items() if name in OF_ENCODER}


def add_decoding(parser: argparse.ArgumentParser) -> None:
    """Add what to show of a stream, and the models to know."""
    parser.add_argument(
        "--region", type=region, metavar="X,Y,W,H", help="decode only this part, in pixels"
    )
    parser.add_argument(
        "--model", action="append", default=[], metavar="FOLDER", help="a private model to know"
    )
    parser.add_argument("--precision", help="int8, fp32, ... (default: the device's)")
    parser.add_argument(
        "--layers",
        type=checked_layers,
        choices=LAYERS,
        default="blend",
        help="what to show of a stream of two layers (default: blend)",
    )
    parser.add_argument(
        "--conceal", action="store_true", help="fill damaged tiles instead of failing"
    )
    parser.add_argument(
        "--undrawn",
        action="store_true",
        help="show what is coded alone, without the sent text that a model draws",
    )


def decoder_of(arguments: argparse.Namespace) -> Decoder:
    """Return the decoder that a verb's arguments ask for.

    Raises:
        ValueError, TcsdkError: As `Decoder` does.
    """
    return Decoder(
        arguments.device,
        threads=arguments.threads,
        models=arguments.model,
        precision=arguments.precision,
        on_error="conceal" if arguments.conceal else "raise",
        layers=arguments.layers,
        drawing=not arguments.undrawn,
    )


def add_caption(parser: argparse.ArgumentParser, captions: str) -> None:
    """Add what pictures show, for models that are told.

    Args:
        parser: Of the verb.
        captions: Where those of many pictures are.
    """
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--caption",
        metavar="TEXT",
        help="what the picture shows, for a model whose encoder is told (taco)",
    )
    which.add_argument(
        "--captions", metavar="WHERE", help=f"a caption for each picture: {captions}"
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add what runs the graphs."""
    parser.add_argument(
        "--device", default="auto", help="auto, cpu, cuda, cuda:1, tensorrt (default: auto)"
    )
    parser.add_argument(
        "--threads", type=bounded(1, 1024), metavar="N", help="CPU threads (default: all allowed)"
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add machine-readable output."""
    parser.add_argument("--json", action="store_true", help="one JSON object per line")
