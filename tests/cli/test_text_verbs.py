"""Text that goes along with a picture, on the command line."""

from __future__ import annotations

import json

import numpy as np
import pytest
from support.fake_reader import FakeReader, line
from support.small_model import file_of, smooth_picture

import tcsdk
from tcsdk.reading.reader import PPOCRReader

PICTURE = smooth_picture(300, 200)
METER = line("00482176", 10, width=101)


@pytest.fixture
def photo(tmp_path):
    (tmp_path / "photo.png").write_bytes(file_of(PICTURE))
    return tmp_path / "photo.png"


@pytest.fixture
def reading(monkeypatch):
    pytest.importorskip("rapidocr", reason="needs the [ocr] extra")
    reader = FakeReader(PICTURE, [METER])
    monkeypatch.setattr(PPOCRReader, "find", lambda self, pixels: [METER])
    monkeypatch.setattr(PPOCRReader, "read", lambda self, *asked: reader.read(*asked))


def lines_of(path):
    return [(line.text, line.state) for line in tcsdk.inspect(path).text.lines]


def test_lines_come_from_a_file_in_either_form(run, photo):
    stream = photo.with_suffix(".tcs")
    photo.with_name("lines.txt").write_text("00482.7\n\n  Zähler 7 \n", encoding="utf-8")
    assert run("encode", "photo.png", "--text", "@lines.txt").code == 0
    assert lines_of(stream) == [("00482.7", "sent"), ("Zähler 7", "sent")]
    read = {"lines": [{"text": "A 12", "polygon": METER.polygon.tolist(), "confidence": 0.9}]}
    for content in (read, read["lines"]):
        photo.with_name("lines.json").write_text(json.dumps(content))
        assert run("encode", "photo.png", "-f", "--text", "@lines.json").code == 0
        assert lines_of(stream) == [("A 12", "sent")]
        assert tcsdk.inspect(stream).text.lines[0].polygon is not None


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("all", "expected read, codes, states, none or @FILE, got 'all'"),
        ("@none.txt", "cannot read none.txt"),
        ("@number.json", "a list of lines"),
        ("@corners.json", "four of x, y in pixels"),
        ("@broken.json", "broken.json:"),
    ],
)
def test_what_is_no_text_is_wrong_use(run, photo, what, words):
    photo.with_name("number.json").write_text("[7]")
    photo.with_name("corners.json").write_text('[{"text": "A", "polygon": [[1, 2]]}]')
    photo.with_name("broken.json").write_text("[{")
    done = run("encode", "photo.png", "--text", what)
    assert done.code == 2
    assert words in done.err


def test_lines_are_about_one_picture(run, photo):
    photo.with_name("other.png").write_bytes(photo.read_bytes())
    photo.with_name("lines.txt").write_text("7")
    done = run("encode", "photo.png", "other.png", "--text", "@lines.txt")
    assert done.code == 2
    assert "one picture that --text @FILE is about, got 2" in done.err


def test_what_is_read_says_where_it_is_from(run, photo, reading):
    assert run("encode", "photo.png", "--text", "codes", "--verify").code == 0
    assert run("read", "photo.tcs").out == (
        '"00482176"  [sent, verified]\n"00482176"  [seen, verified]\n'
    )
    (record,) = map(json.loads, run("read", "photo.tcs", "--json").out.splitlines())
    assert [(r["source"], r["trust"], r["against"]) for r in record["lines"]] == [
        ("sent", "verified", ""),
        ("seen", "verified", ""),
    ]
    assert run("read", "photo.png").out == "00482176\n"


def test_a_disagreement_is_shown(run, photo, reading):
    photo.with_name("lines.json").write_text(
        json.dumps([{"text": "0048\x1b[2J", "polygon": METER.polygon.tolist()}])
    )
    assert run("encode", "photo.png", "--text", "@lines.json").code == 0
    out = run("read", "photo.tcs").out
    assert '"0048\\u001b[2J"  [sent; seen is "00482176"]' in out
    assert '"00482176"  [seen, doubtful; sent is "0048\\u001b[2J"]' in out
    assert "\x1b" not in out + run("info", "photo.tcs").out


def test_info_lists_what_was_sent(run, photo, reading):
    assert run("encode", "photo.png", "--verify").code == 0
    assert "lines    all that are not listed are verified" in run("info", "photo.tcs").out
    (record,) = map(json.loads, run("info", "photo.tcs", "--json").out.splitlines())
    assert record["text"] == {"verified": True, "lines": []}
    assert run("encode", "photo.png", "-f", "--verify", "--verify-lines", "[0-9]").code == 0
    assert "line     not sent, at " in run("info", "photo.tcs").out
    assert "verified" in run("info", "photo.tcs").out
    (record,) = map(json.loads, run("info", "photo.tcs", "--json").out.splitlines())
    (said,) = record["text"]["lines"]
    assert (said["text"], said["state"]) == (None, "verified")
    assert np.shape(said["polygon"]) == (4, 2)
    assert run("encode", "photo.png", "-f", "--verify", "--text", "none").code == 0
    (record,) = map(json.loads, run("info", "photo.tcs", "--json").out.splitlines())
    assert record["text"] is None


def test_a_batch_refuses_lines_of_one_picture(run, photo):
    photo.with_name("lines.txt").write_text("7")
    done = run("batch", "photo.png", "-o", "out", "--text", "@lines.txt")
    assert done.code == 2
    assert "--text" in done.err
