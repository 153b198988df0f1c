"""Golden texts (`v0.4-text`), and payloads of text chunks that are refused.

A case holds `case.txt`, `payload.bin` and `lines.txt`: for each line, in ASCII and parted by
spaces, whether it has a place (1 or 0); x, y, height, length, angle; state; confidence; whether it
has a string; and the string's UTF-8 in hexadecimal digits, or - for an empty one or none.

Payloads come from the reference in Python (tests/kernels/reference_text.py), not from libtcs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from kernels.reference_coding import Chance, Writer
from kernels.reference_places import OffsetCoder, Offsets, Place
from kernels.reference_text import Line

from kernels import reference_strings
from kernels import reference_text as reference

Row = tuple[str, str, str, bytes]  # file, how it is read, error, bytes
MODEL = reference_strings.Model(reference_strings.MODEL.read_bytes())
SENT, DOUBTFUL, VERIFIED = 3, 2, 1


def sent(text: str, *place: int) -> Line:
    """A line that is sent and sure."""
    return Line(text, Place(*place) if place else None, SENT, 7)


RECEIPT = """
BÄCKEREI HOFFMANN|Hauptstraße 17b|Tel. 030 1234567|Brot|3.20|2 Brezel|1.80|Kaffee|2.40|3.20|Summe|
7.40|MwSt 7%|0.48|Bar|10.00|Rückgeld|2.60|12.03.2026 08:14|Vielen Dank!
"""
TEXTS: dict[str, tuple[bool, list[Line]]] = {
    "empty": (True, []),
    "nothing": (False, [Line("", None, 0, 0), Line(None, None, 0, 0)]),
    "meter": (False, [sent("00073810", 75, 54, 15, 20, 0)]),
    "scene": (
        True,
        [
            sent("EXIT", 12, 20, 17, 22, 0),
            sent("Parking", 31, 20, 15, 22, 0),
            sent("to the Library", 12, 29, 13, 24, 254),
            sent("24/7", 200, 3, 20, 25, 4),
            sent("NO 17", 203, 15, 12, 18, 64),
        ],
    ),
    "receipt": (False, [sent(text.strip()) for text in RECEIPT.split("|")]),
    "states": (
        True,
        [Line(None, Place(n, 4 * n, 14, 22, 0), n % 4, 0) for n in range(9)]
        + [Line("a", None, state, sure) for state in range(4) for sure in (0, 3, 7)],
    ),
    "unicode": (
        False,
        [
            Line(text, None, VERIFIED, 4)
            for text in ("Größe 5 m²", "Привет мир", "漢字かな交じり", "😀\0\n", "£3 €4 20°C")
        ],
    ),
    "places": (
        False,
        [
            Line("far", Place(32767, -32768, 0, 50, 255), DOUBTFUL, 1),
            Line("far", Place(-32768, 32767, 50, 0, 128), DOUBTFUL, 1),
            Line(None, Place(-5, -7, 14, 21, 250), VERIFIED, 0),
            Line("behind", Place(30, -7, 14, 21, 250), DOUBTFUL, 0),
            Line("", Place(-5, 3, 13, 19, 252), SENT, 7),
        ],
    ),
}


def row_of(line: Line) -> str:
    """A line of lines.txt."""
    place = line.place or Place()
    numbers = (line.place is not None, *place, line.state, line.confidence, line.string is not None)
    return (
        " ".join(str(int(n)) for n in numbers) + f" {(line.string or '').encode().hex() or '-'}\n"
    )


def write_texts(folder: Path) -> None:
    """Write all cases into a new folder."""
    for name, (verified, lines) in TEXTS.items():
        case = folder / name
        case.mkdir(parents=True)
        rows = "".join(row_of(line) for line in lines)
        (case / "lines.txt").write_text(rows, encoding="ascii", newline="\n")
        keys = f"verified={int(verified)}\nlines={len(lines)}\n"
        (case / "case.txt").write_text(keys, encoding="ascii", newline="\n")
        (case / "payload.bin").write_bytes(reference.encode(MODEL, verified, lines))


def escape(same_page: bool, same_plane: bool | None, *raws: tuple[int, int]) -> bytes:
    """A line whose one character is a code point in parts, valid or not."""
    out, strings, string = Writer(), reference_strings.Strings(MODEL), []
    out.raw(1, 1)
    reference.LineCoder().parts(out, Line(""))
    strings.symbol(out, string, reference_strings.ESCAPE)
    strings.step(reference_strings.ESCAPE, upper=False)
    out.bit(Chance(), same_page)
    if same_plane is not None:
        out.bit(Chance(), same_plane)
    for bits, value in raws:
        out.raw(bits, value)
    strings.symbol(out, string, reference_strings.END)
    reference.raw_claims(out, sent(""))
    out.raw(1)
    return out.finish()


def placed(*lines: Offsets) -> bytes:
    """Lines without strings at some offsets, valid or not."""
    out, fields, offsets = Writer(), reference.LineCoder(), OffsetCoder()
    reference.code_count(out, len(lines))
    for n, line in enumerate(lines):
        fields.parts(out, Line(None, Place()))
        fields.claims(out, Line(None, Place(), VERIFIED))
        offsets.sizes(out, line, first=n == 0, with_string=False)
    for line in lines:
        OffsetCoder.low_bits(out, line)
    out.raw(1)
    return out.finish()


def raws(*bits: int) -> bytes:
    """Raw bits and nothing else."""
    out = Writer()
    for bit in bits:
        out.raw(1, bit)
    return out.finish()


def long_claims() -> bytes:
    """An empty string that is sent and sure, in the spelling of other claims."""
    out = Writer()
    out.raw(1, 1)
    reference.LineCoder().parts(out, Line(""))
    reference_strings.Strings(MODEL).symbol(out, [], reference_strings.END)
    for bits, value in ((1, 0), (2, SENT), (3, 7), (1, 0)):
        out.raw(bits, value)
    return out.finish()


def text_rows() -> Iterator[Row]:
    """Payloads that are refused."""
    how, wrong, limit = "text", "CorruptStreamError", "StreamLimitError"
    meter = reference.encode(MODEL, False, [sent("00073810", 75, 54, 15, 20, 0)])
    yield "text_none.bin", how, wrong, b""
    yield "text_zero.bin", how, wrong, b"\x00"
    yield "text_long_state.bin", how, wrong, b"\x0f\x00"
    yield "text_cut.bin", how, wrong, meter[:-1]
    yield "text_word_gone.bin", how, wrong, meter[:-2]
    yield "text_word_more.bin", how, wrong, meter + b"\x00\x01"
    yield "text_bit.bin", how, wrong, meter[:4] + bytes([meter[4] ^ 1]) + meter[5:]
    yield "text_runs_dry.bin", how, wrong, b"\x03"
    yield "text_later.bin", how, "NewerVersionError", raws(0, 1, *[1] * 11, 0)
    many = raws(0, 1, *[1] * 10, 0, 1, *[0] * 11)
    yield "text_4096_lines.bin", how, limit, many

    yield "text_claims_long.bin", how, wrong, long_claims()
    whole = escape(True, None, (5, 1))
    assert reference.decode(MODEL, whole)[1][0].string == "\x01"
    yield "text_escaped_letter.bin", how, wrong, escape(False, True, (7, 3), (5, 1))
    yield "text_surrogate.bin", how, wrong, escape(False, False, (9, 13), (7, 64), (5, 0))
    yield "text_plane_beyond.bin", how, wrong, escape(False, False, (9, 272), (7, 0), (5, 0))
    yield "text_plane_again.bin", how, wrong, escape(False, False, (9, 0), (7, 4), (5, 0))
    yield "text_page_again.bin", how, wrong, escape(False, True, (7, 0), (5, 1))
    yield "text_x_beyond.bin", how, wrong, placed(Offsets(False, 32768, 0, 0, 0, 0))
    yield "text_y_beyond.bin", how, wrong, placed(Offsets(False, 0, -32769, 0, 0, 0))
    yield "text_height_beyond.bin", how, wrong, placed(Offsets(False, 0, 0, 37, 0, 0))
    yield "text_length_below.bin", how, wrong, placed(Offsets(False, 0, 0, 0, -21, 0))
    yield "text_angle_beyond.bin", how, wrong, placed(Offsets(False, 0, 0, 0, 0, 64))
    first = Offsets(False, 10, 10, 0, 0, 0)
    yield "text_row_farther.bin", how, wrong, placed(first, Offsets(True, -19, 8, 0, 0, 0))
    yield "text_new_row_farther.bin", how, wrong, placed(first, Offsets(False, 19, -8, 0, 0, 0))
