"""`tcsdk models`: the models installed here."""

from __future__ import annotations

import argparse
import json
from typing import Any

from tcsdk.cli.arguments import add_json
from tcsdk.model.captioned import CaptionedCodec
from tcsdk.model.find import list_models
from tcsdk.model.folder import CodecFolder, ModelFolder, RecogniserFolder, bundle_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `models`."""
    parser.add_argument(
        "folders", nargs="*", metavar="FOLDER", help="private models to list as well"
    )
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """List and return the exit code."""
    models = list_models(arguments.folders)
    for model in models:
        record = _record(model)
        print(json.dumps(record) if arguments.json else _text(record))
    if not models:
        print("no model is installed")
    return 0


def _record(model: ModelFolder) -> dict[str, Any]:
    record = {
        "family": model.family,
        "ids": [f"{model.family}-{precision}" for precision in model.precisions],
        "task": model.task,
        "bytes": model.size,
        "licence": model.licence,
        "path": str(model.path),
    }
    if isinstance(model, RecogniserFolder):
        record |= {"reads": model.reads, "characters": model.characters}
    if isinstance(model, CodecFolder):
        record |= {
            "wire_id": model.wire_id,
            "bundle": bundle_name(model.bundle_hash),
            "default_quality": model.default_quality,
            "detects_text": model.detects_text,
            "adaptive": model.adaptive,
            "draws_text": model.drawing is not None,
            "takes_captions": isinstance(model, CaptionedCodec),
        }
    return record


def _text(record: dict[str, Any]) -> str:
    details = "{task}"
    if "wire_id" in record:
        details += ", wire id {wire_id:#06x}, bundle {bundle}"
    if "reads" in record:
        details += " of {reads}"
    details += ", {bytes} bytes, {licence}, {path}"
    if record.get("detects_text"):
        details += ", finds text"
    if record.get("adaptive"):
        details += ", codes small and faint text finer"
    if record.get("draws_text"):
        details += ", draws sent text"
    if record.get("takes_captions"):
        details += ", encodes with captions"
    return f"{record['family']:<12} {' '.join(record['ids'])}\n{'':<12} {details.format(**record)}"
