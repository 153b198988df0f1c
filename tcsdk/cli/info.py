"""`tcsdk info`: what streams say of themselves."""

from __future__ import annotations

import argparse
import dataclasses

from tcsdk.cli.arguments import add_files, add_json
from tcsdk.cli.files import STREAMS, find_inputs
from tcsdk.cli.report import Report
from tcsdk.cli.streams import binary_input
from tcsdk.cli.words import on_one_line, quoted
from tcsdk.codec.sent_text import NOTHING, SentText
from tcsdk.errors import TcsdkError
from tcsdk.images import read_bytes
from tcsdk.inspection import LayerInfo, StreamInfo, inspect, metadata


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Fill the parser of `info`."""
    add_files(parser, "streams")
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Describe and return the exit code."""
    found = find_inputs(arguments.inputs, STREAMS)
    report = Report(len(found.inputs) + len(found.unreadable), arguments.json)
    report.found(found)
    for source in found.inputs:
        try:
            data = read_bytes(binary_input() if source.path is None else source.path, "stream")
            info, user = inspect(data), _text_of(metadata(data).user)
        except (TcsdkError, OSError) as error:
            report.failed(source, error)
        else:
            record = {"input": str(source), **dataclasses.asdict(info), "user": user}
            record["text"] = info.text and _text_record(info.text)
            report.done(_text(on_one_line(str(source)), info, user), record)
    return report.exit_code()


def _text_of(user: bytes | None) -> str | None:
    """Return the bytes that somebody has given along where they are text."""
    try:
        return None if user is None else user.decode()
    except UnicodeDecodeError:
        return None


def _text(name: str, info: StreamInfo, user: str | None) -> str:
    tiles = "1 tile" if info.tiles == 1 else f"{info.tiles} tiles of {info.tile_size} pixels"
    first = info.layers[0]
    lines = [
        f"{name}: {info.width}x{info.height}, {info.bytes} bytes, {info.bpp:.4f} bpp",
        f"  model    {_model(first)}",
        f"  quality  {first.quality}",
        f"  format   {_format(info)}",
        f"  tiles    {tiles}",
    ]
    for layer in info.layers[1:]:
        lines.append(f"  base     {_model(layer)}, quality {layer.quality}, {layer.bytes} bytes")
    if (info.coded_width, info.coded_height) != (info.width, info.height):
        lines.append(f"  coded    {info.coded_width}x{info.coded_height}, enlarged when decoded")
    kept = {"icc": info.icc_bytes, "exif": info.exif_bytes, "user": info.user_bytes}
    if any(kept.values()):
        listed = ", ".join(f"{kind} {size} bytes" for kind, size in kept.items() if size)
        lines.append(f"  kept     {listed}")
    if info.text and info.text.verified:
        lines.append("  lines    all that are not listed are verified")
    for line in info.text.lines if info.text else ():
        said = "not sent," if line.text is None else quoted(line.text)
        place = "" if line.polygon is None else " at {:.0f},{:.0f}".format(*line.polygon[0])
        state = "" if line.state == NOTHING else f", {line.state}"
        lines.append(f"  line     {said}{place}{state}")
    if user is not None:
        lines.append(f"  user     {quoted(user)}")
    return "\n".join(lines)


def _format(info: StreamInfo) -> str:
    version = "version " + ".".join(map(str, info.version))
    return "bare" if info.bare else f"{version}, small" if info.small else version


def _text_record(text: SentText) -> dict[str, object]:
    lines = [
        {
            "text": line.text,
            "polygon": None if line.polygon is None else line.polygon.round(1).tolist(),
            "state": line.state,
            "confidence": round(line.confidence, 3),
        }
        for line in text.lines
    ]
    return {"verified": text.verified, "lines": lines}


def _model(layer: LayerInfo) -> str:
    family = layer.family or f"not installed (wire id {layer.wire_id:#06x})"
    return f"{family}, bundle {layer.bundle or 'not named'}"
