"""`tcsdk packets split` and `join`."""

from __future__ import annotations

import io
import json
import sys

import pytest

from tcsdk import packets, text_forms

STREAM = b"\xf4TC" + bytes(range(1, 128)) * 4


@pytest.fixture
def meter(tmp_path):
    """A stream, or what looks like one."""
    (tmp_path / "meter.tcs").write_bytes(STREAM)
    return tmp_path / "meter.tcs"


def test_packets_are_files_and_any_of_them_make_the_stream(run, meter, tmp_path):
    done = run("packets", "split", meter, "--payload", 222, "--parity", 0.5)
    assert done.code == 0, done.err
    assert "5 packets of at most" in done.out
    files = sorted(tmp_path.glob("meter.*.pkt"))
    assert [file.name for file in files] == [f"meter.{n:03d}.pkt" for n in range(5)]
    assert [file.read_bytes() for file in files] == packets.split(STREAM, 222, 0.5)
    done = run("packets", "join", files[4], files[1], files[2], "-o", "back.tcs")
    assert done.code == 0, done.err
    assert (tmp_path / "back.tcs").read_bytes() == STREAM


def test_a_folder_of_packets_is_joined_and_an_empty_one_is_named(run, meter, tmp_path):
    done = run("packets", "split", meter, "-o", "sent", "--payload", 222, "--parity", 0.5)
    assert done.code == 0, done.err
    (tmp_path / "sent" / "meter.001.pkt").unlink()
    (tmp_path / "empty").mkdir()
    done = run("packets", "join", "sent", "empty", "-o", "back.tcs")
    assert done.code == 1
    assert "empty" in done.err
    assert "expected packets NAME.pkt in the folder, found none" in done.err
    assert (tmp_path / "back.tcs").read_bytes() == STREAM


@pytest.mark.parametrize("form", text_forms.FORMS)
def test_packets_are_lines_for_links_that_carry_text(run, meter, tmp_path, form):
    done = run("packets", "split", meter, "--form", form, "-o", "lines.txt", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["packets"] == 4
    lines = (tmp_path / "lines.txt").read_text().splitlines()
    assert [text_forms.decode(line, form) for line in lines] == packets.split(STREAM)
    (tmp_path / "lines.txt").write_text("\n".join(lines[:0:-1]))
    done = run("packets", "join", "lines.txt", "--form", form)
    assert done.code == 0, done.err
    assert (tmp_path / "joined.tcs").read_bytes() == STREAM


def test_lines_go_through_pipes(monkeypatch, capsysbinary):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(STREAM)))
    from tcsdk.cli import main

    assert main(["packets", "split", "-", "--form", "z85", "--parity", "0"]) == 0
    lines = capsysbinary.readouterr().out
    assert len(lines.splitlines()) == 3
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    assert main(["packets", "join", "-", "--form", "z85", "-o", "-"]) == 0
    assert capsysbinary.readouterr().out == STREAM


def test_a_packet_of_parity_stands_for_one_of_those_that_are_missing(run, meter):
    run("packets", "split", meter, "--parity", 1)
    done = run("packets", "join", "meter.003.pkt")
    assert "1 of 3 packets are here, missing: 2 more, such as 0, 1, 2" in done.err


def test_what_is_missing_and_what_is_no_packet_is_named(run, meter, tmp_path):
    run("packets", "split", meter, "--parity", 0)
    (tmp_path / "other.pkt").write_bytes(b"\x01")
    done = run("packets", "join", "meter.000.pkt", "meter.002.pkt", "other.pkt")
    assert done.code == 1
    assert "2 of 3 packets are here, missing: 1" in done.err
    assert "other.pkt: TruncatedStreamError" in done.err
    assert not (tmp_path / "joined.tcs").exists()


def test_a_preview_comes_out_of_the_first_packet(run, meter, tmp_path):
    (tmp_path / "small.tcs").write_bytes(bytes(range(40, 90)))
    done = run("packets", "split", meter, "--preview", "small.tcs", "--parity", 0)
    assert done.code == 0, done.err
    joined = packets.Joiner().add((tmp_path / "meter.000.pkt").read_bytes())
    assert joined.preview == bytes(range(40, 90))


def test_files_that_exist_are_kept_unless_forced(run, meter, tmp_path):
    (tmp_path / "meter.001.pkt").write_bytes(b"mine")
    done = run("packets", "split", meter)
    assert done.code == 1
    assert "meter.001.pkt exists" in done.err
    assert [file.name for file in tmp_path.glob("*.pkt")] == ["meter.001.pkt"]
    assert run("packets", "split", meter, "--force").code == 0
    assert (tmp_path / "meter.001.pkt").read_bytes() != b"mine"


def test_several_streams_get_numbered_names(run, meter, tmp_path):
    (tmp_path / "b.tcs").write_bytes(STREAM[::-1])
    for name in ("meter.tcs", "b.tcs"):
        run("packets", "split", name, "--parity", 0)
    done = run("packets", "join", *sorted(tmp_path.glob("*.pkt")), "-o", "all.tcs")
    assert done.code == 0, done.err
    assert (tmp_path / "all.tcs").read_bytes() == STREAM[::-1]
    assert (tmp_path / "all.1.tcs").read_bytes() == STREAM


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--parity", "much"), "'0.99 at 0.2'"),
        (("--payload", "4"), "larger payload"),
        (("--payload", "9999"), "4..4096"),
        (("--form", "hex"), "base91"),
    ],
)
def test_wrong_use_is_code_2_and_a_message(run, meter, arguments, word):
    done = run("packets", "split", meter, *arguments)
    assert done.code == 2
    assert word in done.err


def test_encode_aims_at_packets(run, photo, tmp_path):
    options = ("--small", "--max-packets", 2, "--payload", 100)
    done = run("encode", photo, "-o", "small.tcs", *options)
    assert done.code == 0, done.err
    stream = (tmp_path / "small.tcs").read_bytes()
    assert len(packets.split(stream, 100, 0)) <= 2
