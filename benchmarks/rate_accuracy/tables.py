"""Results as Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

from benchmarks.rate_accuracy.curves import accuracy_point, bd_bytes, bytes_at, value_at
from benchmarks.rate_accuracy.rows import NAN, Row

LEVELS = (0.80, 0.90, 0.95)  # of accuracy on digits and codes, where wrong characters are compared
TITLES = {
    "accuracy": "accuracy on known lines",
    "f1": "F1 of words found and read",
    "page_accuracy": "accuracy of the whole text",
    "psnr": "PSNR",
}
SURE = {
    "figures_confident": "Substitutions in lines of digits and codes that the reader is confident "
    "of, per 1,000 characters,",
    "figures_mistaken": "Characters of such lines that are wrong or too many, of 1,000 that the "
    "reader is confident of one by one,",
}
WIDTH = 100  # columns of prose in a page
HEADLINES = {"accuracy": "accuracy", "f1": "F1", "psnr": "PSNR, dB"}  # what a set is judged by
# Column -> of lines of digits and codes, per 1,000 characters; the last of those that are certain.
FIGURES = {
    "erased": "figures_erasures",
    "substituted": "figures_substitutions",
    "confidently": "figures_confident",
    "of them new": "figures_misleading",
    "certain": "figures_certain",
    "wrong of 1,000": "figures_mistaken",
}
Cells = Sequence[Sequence[str]]


def prose(text: str) -> str:
    """A paragraph, or an item of a list, in lines of at most WIDTH columns."""
    hang = "  " if text.startswith("- ") else ""
    return textwrap.fill(
        text, WIDTH, subsequent_indent=hang, break_long_words=False, break_on_hyphens=False
    )


def markdown(header: Sequence[str], lines: Cells) -> str:
    """A table: its first column to the left, the others to the right."""
    marks = ["---", *["---:"] * (len(header) - 1)]
    return "".join(f"| {' | '.join(line)} |\n" for line in (header, marks, *lines))


def number(value: float, form: str = ".3f") -> str:
    """A number, or a dash for nan."""
    return "-" if value != value else format(value, form)


def measured(rows: Sequence[Row], measure: str) -> list[Row]:
    """Rows that have a value of a measure."""
    return [row for row in rows if (value := getattr(row, measure)) == value]


def headline(rows: Sequence[Row]) -> str:
    """The measure that a set is judged by: the first of HEADLINES that it has.

    Raises:
        ValueError: It has none of them.
    """
    for measure in HEADLINES:
        if measured(rows, measure):
            return measure
    raise ValueError(f"expected rows with one of {', '.join(HEADLINES)}, got none")


def by_codec(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows per codec, in their order."""
    return {codec: [r for r in rows if r.codec == codec] for codec in _names(rows)}


def _names(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.codec for row in rows))


def _readers(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.reader for row in rows))


def bytes_table(rows: Sequence[Row], measure: str = "accuracy") -> str:
    """Bytes that each codec needs for each reader's point; "" where nothing was measured."""
    rows = measured(rows, measure)
    if not rows:
        return ""
    codecs = [codec for codec in _names(rows) if codec != "original"]
    header, lines = ["codec"], [[codec] for codec in codecs]
    for reader in _readers(rows):
        read = [row for row in rows if row.reader == reader]
        point = accuracy_point(read, measure)
        if point <= 0:  # the reader makes nothing of the pictures themselves
            continue
        curves = by_codec(read)
        needed = {c: bytes_at(curves.get(c, []), measure, point) for c in codecs}
        header += [f"bytes at {point:.3f} of {reader}", "of AVIF's"]
        for line, codec in zip(lines, codecs, strict=True):
            text = _bytes_text(needed[codec], curves.get(codec, []), measure, point)
            line += [text, number(needed[codec] / needed.get("avif", NAN), ".2f")]
    return markdown(header, lines) if len(header) > 1 else ""


def _bytes_text(needed: float, curve: Sequence[Row], measure: str, point: float) -> str:
    if needed == needed:
        return f"{needed:.0f}"
    if not curve:
        return "-"
    smallest = min(curve, key=lambda r: r.bytes)
    above = getattr(smallest, measure) > point  # already at its lowest setting
    return f"under {smallest.bytes:.0f}" if above else "not reached"


def bd_table(rows: Sequence[Row], measure: str) -> str:
    """Per cent of bytes, row against column, at equal values; "" for fewer than two curves."""
    rows = measured(rows, measure)
    curves = {c: r for c, r in by_codec(rows).items() if len({row.setting for row in r}) > 1}
    if len(curves) < 2:
        return ""
    header, lines = ["bytes of ... against"], []
    readers = _readers(rows) if measure != "psnr" else _readers(rows)[:1]
    for reader in readers:
        for codec, curve in curves.items():
            one = [row for row in curve if row.reader == reader]
            differences = [
                bd_bytes(one, [row for row in peer if row.reader == reader], measure)
                for peer in curves.values()
            ]
            cells = [number(d, "+.0f") if d == d else "-" for d in differences]
            cells[list(curves).index(codec)] = ""
            lines.append([f"{codec} ({reader})" if len(readers) > 1 else codec, *cells])
    return markdown([*header, *curves], lines)


def wrong_table(rows: Sequence[Row], measure: str) -> str:
    """A rate of wrong figures that look right, at equal accuracy on them; "" if not measured.

    Args:
        rows: Of one set.
        measure: A key of SURE.
    """
    rows = measured(rows, measure)
    if not rows:
        return ""
    header = ["codec", "reader", *(f"at {level:.2f}" for level in LEVELS)]
    lines = [
        [
            codec,
            reader,
            *(
                number(value_at(read, measure, level, "figures_accuracy"), ".1f")
                for level in LEVELS
            ),
        ]
        for codec, curve in by_codec(rows).items()
        if codec != "original"
        for reader in _readers(rows)
        if (read := [row for row in curve if row.reader == reader])
    ]
    for whole in (row for row in rows if row.codec == "original"):
        lines.append(["original", whole.reader, *[f"{getattr(whole, measure):.1f}"] * len(LEVELS)])
    return markdown(header, lines)


def gain_table(rows: Sequence[Row]) -> str:
    """Points that read better than the picture itself, beyond the 95 % interval; "" for none."""
    better = [row for row in measured(rows, "gain") if row.codec != "original" and row.gain_low > 0]
    return (
        markdown(
            ["codec", "setting", "reader", "bytes", "accuracy", "gain", "95 %"],
            [
                [
                    r.codec,
                    r.setting,
                    r.reader,
                    f"{r.bytes:.0f}",
                    number(r.accuracy),
                    f"{r.gain:+.3f}",
                    f"{r.gain_low:+.3f} to {r.gain_high:+.3f}",
                ]
                for r in better
            ],
        )
        if better
        else ""
    )


def points_table(rows: Sequence[Row]) -> str:
    """Every operating point, one line each."""
    columns: dict[str, Callable[[Row], str]] = {
        "codec": lambda r: r.codec,
        "setting": lambda r: r.setting,
        "reader": lambda r: r.reader or "-",
        "bytes": lambda r: f"{r.bytes:.0f}",
        "bpp": lambda r: f"{r.bpp:.3f}",
        "accuracy": lambda r: with_bounds(r, "accuracy"),
        "F1": lambda r: with_bounds(r, "f1"),
        "whole text": lambda r: number(r.page_accuracy),
        "PSNR": lambda r: number(r.psnr, ".1f"),
        "MS-SSIM": lambda r: number(r.ms_ssim, ".4f"),
    }
    return markdown(list(columns), [[show(row) for show in columns.values()] for row in rows])


def figures_table(rows: Sequence[Row]) -> str:
    """What happens to digits and codes at every operating point; "" where it was not counted."""
    lines = [
        [r.codec, r.setting, r.reader, *(number(getattr(r, f), ".1f") for f in FIGURES.values())]
        for r in measured(rows, "figures_substitutions")
    ]
    return markdown(["codec", "setting", "reader", *FIGURES], lines) if lines else ""


def with_bounds(row: Row, measure: str) -> str:
    """A value with its 95 % interval, or a dash."""
    value, low, high = (getattr(row, measure + end) for end in ("", "_low", "_high"))
    return "-" if value != value else f"{value:.3f} ({low:.3f} to {high:.3f})"


def report(rows: Sequence[Row]) -> str:
    """All tables of one set, each under a line that says what it shows."""
    first = rows[0]
    share = next((r.figures_share for r in measured(rows, "figures_share")), NAN)
    known = f", {100 * share:.0f} % of the lines digits and codes" if share == share else ""
    parts = [
        prose(
            f"**{first.set}**: {first.pictures} pictures (digest {first.digest}){known}. Bytes are "
            "of whole files."
        )
        + "\n"
    ]
    for measure in ("accuracy", "f1", "page_accuracy"):
        parts += _titled(f"Bytes for the same {TITLES[measure]}:", bytes_table(rows, measure))
    for measure in TITLES:
        title = f"Mean difference of bytes at equal {TITLES[measure]}, per cent:"
        parts += _titled(title, bd_table(rows, measure))
    for measure, title in SURE.items():
        parts += _titled(f"{title} at equal accuracy on them:", wrong_table(rows, measure))
    parts += _titled("Read better than the picture itself:", gain_table(rows))
    parts += _titled("All points, 95 % intervals by bootstrap over pictures:", points_table(rows))
    parts += _titled(
        "Digits and codes at every point, per 1,000 of their characters. A substitution is "
        "confident in a line of confidence 0.9 or more, new where the original line was read "
        "without a mistake. A character is certain if its own confidence is 0.9 or more, wrong if "
        "it is another or too many:",
        figures_table(rows),
    )
    return "\n".join(parts)


def _titled(title: str, table: str) -> list[str]:
    return [f"{prose(title)}\n", table] if table else []
