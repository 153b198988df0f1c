"""The tables of the page of sent text that guides: rates, ablation, regions, strings, trust."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchmarks.guidance.arms import ROI, TRUE, WRONG
from benchmarks.guidance.curves import (
    MEASURES,
    Rows,
    apart,
    at_rate,
    codec_of,
    curve,
    of,
)
from benchmarks.guidance.plots import READING, codecs_of
from benchmarks.guidance.rows import ALONE
from benchmarks.guidance.tally import READERS
from benchmarks.rate_accuracy.rows import NAN
from benchmarks.rate_accuracy.tables import markdown, number
from benchmarks.record import value

RATES = (0.0225, 0.025, 0.033)  # where the paper has its numbers
RATE = 0.025  # of the ablation
NOT_MEASURED = "not measured"
# What of TextBoost a family has -> how its name goes on behind that of the whole.
STEPS = {
    "the backbone": None,
    "fusion alone": "-plain",
    "fusion and L_gc, as published": "-published",
    "the same and readers in the loss": "",
}
# Family of the backbone -> of the whole.
BACKBONES = {"elic-s": "textboost-elic", "tcm-s": "textboost-tcm", "tfic": "textboost"}
TITLES = [title for title, _ in MEASURES.values()]


def points_table(rows: Rows) -> str:
    """Every row as it is."""
    lines = [
        [
            row["codec"],
            row["setting"] or "-",
            *(number(value(row, k), form) for k, form in (("bytes", ".0f"), ("bpp", ".4f"))),
            number(value(row, "text_bytes"), ".0f"),
            *(_cell(row, measure) for measure in MEASURES),
        ]
        for row in rows
    ]
    return markdown(["codec", "setting", "bytes", "bits/px", "of them text", *TITLES], lines)


def _cell(row: Mapping[str, str], measure: str) -> str:
    shown = number(value(row, measure), MEASURES[measure][1])
    low, high = (row.get(measure + end, "") for end in ("_low", "_high"))
    return f"{shown} ({float(low):.2f} to {float(high):.2f})" if low and high else shown


def rates_table(rows: Rows) -> str:
    """What codecs give at the paper's rates, by interpolation; "" where none spends so little."""
    lines = []
    for rate in RATES:
        for codec in codecs_of(rows):
            cells = _at(rows, codec, rate)
            if any(cell != "-" for cell in cells):
                lines.append([f"{rate:g}", codec, *cells])
    return markdown(["bits/px", "codec", *TITLES], lines) if lines else ""


def _at(rows: Rows, codec: str, rate: float) -> list[str]:
    return [number(at_rate(curve(rows, codec, m), rate), form) for m, (_, form) in MEASURES.items()]


def ablation_table(rows: Rows, backbones: Mapping[str, str] = BACKBONES) -> str:
    """A line per backbone and step of TextBoost; what has no rows is said to have none.

    Args:
        rows: Of one set.
        backbones: Family of the backbone -> of the whole.
    """
    lines = []
    for backbone, whole in backbones.items():
        base = codec_of(rows, backbone)
        for step, ending in STEPS.items():
            family = backbone if ending is None else whole + ending
            codec = codec_of(rows, family)
            if codec is None:
                lines.append([family, step, NOT_MEASURED, *["-"] * (len(MEASURES) + 2)])
                continue
            gains = [
                number(100 * _gain(rows, codec, base, reader), "+.0f")
                for reader in ("ppocr", "english_g2")
            ]
            lines.append([family, step, "measured", *_at(rows, codec, RATE), *gains])
    head = ["family", "has", "rows", *TITLES, "ppocr over backbone, %", "english_g2, %"]
    return markdown(head, lines)


def _gain(rows: Rows, codec: str, base: str | None, measure: str) -> float:
    """By which part a measure is more than the backbone's at RATE; nan where either has none."""
    if base is None or base == codec:
        return NAN
    own, other = (at_rate(curve(rows, c, measure), RATE) for c in (codec, base))
    return own / other - 1 if other else NAN


def regions_table(rows: Rows) -> str:
    """What finer lines change at equal bits, and what drawing does; "" without such codecs."""
    lines = []
    for codec in (c for c in codecs_of(rows) if c.endswith(f", {ROI}")):
        plain = codec.removesuffix(f", {ROI}")
        family, _, precision = plain.rpartition("-")
        drawn = f"{BACKBONES.get(family, '')}-{precision}"
        for other in (codec, drawn):
            if not of(rows, other):
                continue
            cells = [
                number(apart(rows, other, plain, m), f"+{form}")
                for m, (_, form) in MEASURES.items()
            ]
            lines.append([f"{other} over {plain}", *cells])
    return markdown(["codec", *TITLES], lines) if lines else ""


def strings_table(rows: Rows) -> str:
    """Whose strings are sent, at equal quality; "" where there were no controls."""
    controls = [row for row in rows if row["codec"].endswith((f", {TRUE}", f", {WRONG}"))]
    models = dict.fromkeys((row["codec"].partition(", ")[0], row["setting"]) for row in controls)
    lines = []
    for model, setting in models:
        for codec, title in (
            (model, "the device's"),
            (f"{model}, {TRUE}", "the listed ones"),
            (f"{model}, {WRONG}", "a fifth of the words wrong"),
            (f"{model}, {ALONE}", "the device's without a picture"),
        ):
            found = [r for r in of(rows, codec) if r["setting"] in (setting, "")]
            lines += [
                [model, title, row["setting"] or "-", number(value(row, "bytes"), ".0f")]
                + [number(value(row, m), MEASURES[m][1]) for m in READING]
                for row in found
            ]
    titles = [MEASURES[m][0] for m in READING]
    return markdown(["model", "strings", "quality", "bytes", *titles], lines) if lines else ""


UNGUIDED = {"true": "the true word", "sent": "as sent", "other": "another", "nothing": "nothing"}


def trust_table(trust: Rows) -> str:
    """What becomes of words that are sent wrong."""
    header = ["model", "quality", "sent wrong", *(f"{reader} reads" for reader in READERS)]
    header += [f"without drawing: {title}" for title in UNGUIDED.values()]
    header += ["flagged", *(f"{r}, not flagged" for r in READERS), "right lines flagged"]
    return markdown(header, list(_trust_lines(trust)))


def _trust_lines(trust: Rows) -> Iterator[Sequence[str]]:
    for row in trust:
        yield [
            row["codec"],
            row["setting"],
            row["wrong"],
            *(row[f"read_{reader}"] for reader in READERS),
            *(row[f"unguided_{what}"] for what in UNGUIDED),
            row["flagged"],
            *(_share(row[f"sure_{reader}"], row["wrong"]) for reader in READERS),
            f"{row['right_flagged']} of {row['right_lines']}",
        ]


def _share(part: str, whole: str) -> str:
    return f"{part} ({int(part) / int(whole):.2f})" if int(whole) else part
