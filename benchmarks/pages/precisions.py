"""The page of sizes and speeds by precision, from pytest-benchmark's JSON.

python -m benchmarks.pages.precisions bench.json
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.paths import PAGES
from benchmarks.rate_accuracy.rows import replace_file
from benchmarks.rate_accuracy.tables import prose

# Heading -> field of a benchmark's extra information, and how it is written.
COLUMNS = {
    "precision": ("precision", "{}"),
    "all files, kB": ("bytes_on_disk", "{:.0f}"),
    "stream, bytes": ("stream_bytes", "{}"),
    "encode, ms": ("encode_ms", "{:.1f}"),
    "over FP32": ("encode_over_fp32", "{:.2f}"),
    "decode, ms": ("decode_ms", "{:.1f}"),
    "over FP32 ": ("decode_over_fp32", "{:.2f}"),
}


def page(record: Mapping[str, Any]) -> str:
    """The page.

    Args:
        record: the JSON of a run of benchmarks/speed/bench_precisions.py, alone or with others.

    Raises:
        ValueError: the run had no benchmark of precisions.
    """
    rows = [b["extra_info"] for b in record["benchmarks"] if "precision" in b["extra_info"]]
    if not rows:
        raise ValueError("expected a run with benchmarks/speed/bench_precisions.py in it, got none")
    machine = record["machine_info"]
    lines = [
        f"# Precisions of `{rows[0]['model']}`, {record['datetime'][:10]}",
        prose(
            f"{machine['cpu'].get('brand_raw', machine['machine'])}, {rows[0]['threads']} cores, "
            f"Python {machine['python_version']}; medians of calls taken in turn in one process, "
            "one picture of 256x512. Made by `make bench`."
        ),
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "| --- " + "| ---: " * (len(COLUMNS) - 1) + "|",
    ]
    for row in rows:
        scaled = {**row, "bytes_on_disk": row["bytes_on_disk"] / 1000}
        cells = [form.format(scaled[field]) for field, form in COLUMNS.values()]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("record", type=Path, help="what --benchmark-json wrote")
    parser.add_argument("--output", type=Path, default=PAGES / "precisions.md")
    args = parser.parse_args(arguments)
    replace_file(args.output, page(json.loads(args.record.read_text())))
    print(f"wrote {args.output}")


if __name__ == "__main__":
    main()
