"""`encode` and `decode`."""

from __future__ import annotations

import json
import os
import sys
import threading

import numpy as np
import pytest
from PIL import Image
from support.small_model import MODEL, file_of, opened, psnr, skip_unless_written, smooth_picture
from support.small_model import SMALL_PICTURE as PICTURE

import tcsdk


def test_a_picture_goes_to_a_stream_beside_it_and_back(run, photo, tmp_path):
    assert run("encode", "photo.png", "-q", 40).code == 0
    back = run("decode", "photo.tcs", "-o", "back.png")
    assert back.code == 0
    assert "back.png" in back.out
    assert psnr(opened(tmp_path / "back.png"), PICTURE) > 24


def test_json_has_one_object_per_file(run, photo):
    photo.with_name("b.jpg").write_bytes(file_of(PICTURE, "JPEG"))
    done = run("encode", "photo.png", "b.jpg", "--json", "--model", "tfic-int8", "-q", 9)
    first, second = (json.loads(line) for line in done.out.splitlines())
    data = photo.with_suffix(".tcs").read_bytes()
    assert first.pop("ms") > 0
    assert first == {
        "input": "photo.png",
        "output": "photo.tcs",
        "input_bytes": photo.stat().st_size,
        "bytes": len(data),
        "ratio": round(photo.stat().st_size / len(data), 2),
        "bpp": round(8 * len(data) / 10800, 5),
        "width": 120,
        "height": 90,
        "coded_width": 120,
        "coded_height": 90,
        "model": "tfic-int8",
        "quality": 9,
        "notes": [],
    }
    assert second["output"] == "b.tcs"
    record = json.loads(run("decode", "photo.tcs", "-o", "x.png", "--json").out)
    assert record.pop("ms") > 0
    assert record == {
        "input": "photo.tcs",
        "output": "x.png",
        "bytes": len(data),
        "bpp": round(8 * len(data) / 10800, 5),
        "width": 120,
        "height": 90,
        "model": "tfic",
        "quality": 9,
        "concealed": [],
        "concealed_base": [],
        "damaged_chunks": [],
        "notes": [],
    }


def test_the_ratio_to_the_input_is_said_where_the_input_has_a_size(run, photo, tmp_path):
    said = run("encode", "photo.png").out
    sizes = photo.stat().st_size, photo.with_suffix(".tcs").stat().st_size
    assert f" {sizes[1]} bytes ({sizes[0] / sizes[1]:.1f}:1), " in said
    photo.with_name("b.png").write_bytes(photo.read_bytes())
    several = run("encode", "photo.png", "b.png", "-f").out.splitlines()[-1]
    assert f", {2 * sizes[1]:,} bytes ({sizes[0] / sizes[1]:.1f}:1), " in several
    assert ":1)" not in run("decode", "photo.tcs", "b.tcs", "-o", "back/").out
    os.mkfifo(tmp_path / "pipe")
    feeder = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[photo.read_bytes()])
    feeder.start()
    record = json.loads(run("encode", "pipe", "-o", "piped.tcs", "--json").out)
    feeder.join()
    assert (record["input_bytes"], record["ratio"], record["bytes"]) == (None, None, sizes[1])


def test_bytes_of_the_user_are_carried_and_shown(run, photo):
    assert run("encode", "photo.png", "--user", "gate 7 \u2713").code == 0
    assert tcsdk.metadata(photo.with_suffix(".tcs")).user == "gate 7 \u2713".encode()
    assert '  user     "gate 7 \u2713"' in run("info", "photo.tcs").out
    assert json.loads(run("info", "photo.tcs", "--json").out)["user"] == "gate 7 \u2713"
    photo.with_name("note").write_bytes(b"\x1b[2J\xff")
    run("encode", "photo.png", "--user", "@note", "-f")
    assert tcsdk.metadata(photo.with_suffix(".tcs")).user == b"\x1b[2J\xff"
    assert "  user  " not in run("info", "photo.tcs").out
    assert json.loads(run("info", "photo.tcs", "--json").out)["user"] is None


def test_a_text_of_a_stranger_cannot_steer_the_terminal(run, photo):
    run("encode", "photo.png", "--user", "\x1b[2Jred\n" + 300 * "x")
    assert '"\\u001b[2Jred\\nxx' in (said := run("info", "photo.tcs").out)
    assert "\x1b" not in said
    assert 'xxx..."' in said


def test_transparent_pixels_show_the_background(run, photo, tmp_path):
    clear = np.zeros((64, 64, 4), np.uint8)
    Image.fromarray(clear).save(tmp_path / "clear.png")
    for colour in ("navy", "#000080", "0,0,128"):
        assert run("encode", "clear.png", "--background", colour, "-f").code == 0
        expected = tcsdk.Encoder(MODEL, background=(0, 0, 128)).encode(clear)
        decoded = tcsdk.Decoder(models=[MODEL])
        np.testing.assert_array_equal(
            decoded.decode(tmp_path / "clear.tcs"), decoded.decode(expected)
        )


def test_the_side_of_tiles_is_chosen(run, photo):
    assert run("encode", "photo.png", "--tile", 64).code == 0
    assert tcsdk.inspect(photo.with_suffix(".tcs")).tiles == 4


def test_max_bytes_bounds_the_file(run, photo):
    assert run("encode", "photo.png", "--max-bytes", 260).code == 0
    assert photo.with_suffix(".tcs").stat().st_size <= 260
    assert run("encode", "photo.png", "-o", "k.tcs", "--max-bytes", "0.26k").code == 0
    assert photo.with_name("k.tcs").read_bytes() == photo.with_suffix(".tcs").read_bytes()
    failed = run("encode", "photo.png", "--max-bytes", 20, "-f")
    assert failed.code == 1
    assert failed.err.count("\n") == 1
    assert "smallest" in failed.err


def test_folders_keep_their_structure(run, tmp_path):
    for name in ("in/a.png", "in/deep/er/b.JPG", "in/notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file_of(PICTURE, "JPEG" if name.endswith("JPG") else "PNG"))
    assert run("encode", "in", "-o", "out").code == 0
    made = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.glob("out/**/*.*"))
    assert made == ["out/a.tcs", "out/deep/er/b.tcs"]
    assert run("decode", "out", "-o", "back/").code == 0
    assert (tmp_path / "back/deep/er/b.png").is_file()


def test_globs_are_expanded(run, photo, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "c.png").write_bytes(photo.read_bytes())
    assert run("encode", "**/*.png", "-o", "out/").code == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["c.tcs", "photo.tcs"]


def test_one_bad_file_leaves_the_others_alone(run, photo, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    done = run("encode", "bad.png", "none.png", "photo.png")
    assert done.code == 1
    assert photo.with_suffix(".tcs").is_file()
    lines = done.err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["bad.png", "none.png"]
    assert "ImageError" in lines[0]
    assert "No such file" in lines[1]
    assert not (tmp_path / "bad.tcs").exists()


def test_a_region_is_decoded_alone(run, stream, tmp_path):
    assert run("decode", "there.tcs", "--region", "5,6,30,20", "-o", "part.png").code == 0
    whole = tcsdk.Decoder(models=[MODEL]).decode(stream)
    np.testing.assert_array_equal(opened(tmp_path / "part.png"), whole[6:26, 5:35])


def test_a_region_that_leaves_one_picture_does_not_end_the_others(run, photo, tmp_path):
    small = smooth_picture(40, 30)
    (tmp_path / "a-small.png").write_bytes(file_of(small))
    done = run("encode", "a-small.png", "photo.png", "-o", "out/", "--roi", "60,50,30,20,4")
    assert done.code == 1
    assert "a-small.png: RegionError: expected a region within 40x30" in done.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["photo.tcs"]
    (tmp_path / "out" / "a-small.tcs").write_bytes(tcsdk.Encoder(MODEL).encode(small))
    done = run("decode", "out", "-o", "back/", "--region", "60,50,30,20")
    assert done.code == 1
    assert "RegionError" in done.err
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["photo.png"]


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif", ".tif", ".bmp"])
def test_the_suffix_of_the_output_chooses_the_format(run, stream, tmp_path, suffix):
    skip_unless_written(suffix)
    assert run("decode", "there.tcs", "-o", f"x{suffix}").code == 0
    assert opened(tmp_path / f"x{suffix}").shape == PICTURE.shape


def test_kept_metadata_comes_back(run, tmp_path):
    icc = b"\0" * 16 + b"RGB " + b"\0" * 108
    (tmp_path / "p.png").write_bytes(file_of(PICTURE, icc_profile=icc))
    assert run("encode", "p.png", "--keep", "icc").code == 0
    assert run("decode", "p.tcs", "-o", "q.png").code == 0
    with Image.open(tmp_path / "q.png") as image:
        assert image.info["icc_profile"] == icc
    done = run("decode", "p.tcs", "-o", "q.bmp")
    assert done.code == 0
    assert done.err.startswith("p.tcs: note: .bmp cannot hold the colour profile")


def test_damage_is_an_error_or_concealed_when_asked(run, tmp_path):
    data = bytearray(tcsdk.Encoder(MODEL, tile=64).encode(PICTURE))
    data[-1] ^= 1
    (tmp_path / "d.tcs").write_bytes(data)
    failed = run("decode", "d.tcs", "-o", "d.png")
    assert failed.code == 1
    assert "CorruptStreamError: tile 3" in failed.err
    assert not (tmp_path / "d.png").exists()
    (record,) = map(
        json.loads, run("decode", "d.tcs", "-o", "d.png", "--conceal", "--json").out.splitlines()
    )
    assert (record["concealed"], record["damaged_chunks"]) == ([3], [])
    assert (tmp_path / "d.png").is_file()


def test_damage_beside_the_tiles_is_told(run, tmp_path):
    data = bytearray(tcsdk.encode(PICTURE, model=MODEL, user=b"us"))
    data[data.index(b"us")] ^= 1
    (tmp_path / "d.tcs").write_bytes(data)
    assert "0x83" in run("decode", "d.tcs", "-o", "d.png").err
    (line,) = run("decode", "d.tcs", "-o", "d.png", "--conceal", "--json").out.splitlines()
    record = json.loads(line)
    assert record["concealed"] == []
    assert ["0x83" in reason for reason in record["damaged_chunks"]] == [True]
    line = run("decode", "d.tcs", "-o", "d.png", "--conceal", "--force").out
    assert "1 other damaged chunks" in line


@pytest.mark.parametrize(
    "arguments",
    [
        ("encode",),
        ("encode", "photo.png", "-q", "64"),
        ("encode", "photo.png", "-q", "high"),
        ("encode", "photo.png", "--max-bytes", "0"),
        ("encode", "photo.png", "--threads", "0"),
        ("encode", "photo.png", "--max-bytes", "a lot"),
        ("encode", "photo.png", "--tile", "100"),
        ("encode", "photo.png", "--background", "no colour"),
        ("encode", "photo.png", "--user", "@no-such-file"),
        ("encode", "photo.png", "--device", "gpu"),
        ("encode", "photo.png", "--model", "none-such"),
        ("encode", "*.none"),
        ("encode", "empty"),
        ("encode", "photo.png", "photo.png", "-o", "-"),
        ("encode", "photo.png", "--small", "--keep", "exif"),
        ("decode", "there.tcs", "--region", "1,2,3"),
        ("decode", "there.tcs", "-o", "x.gif"),
        ("nonsense",),
    ],
)
def test_wrong_use_is_code_2_and_a_message(run, photo, stream, tmp_path, arguments):
    (tmp_path / "empty").mkdir()
    done = run(*arguments)
    assert done.code == 2, done
    assert done.err
    assert "Traceback" not in done.err
    assert not list(tmp_path.glob("x.*"))


def test_progress_shows_on_a_terminal_only(run, photo, monkeypatch):
    photo.with_name("b.png").write_bytes(photo.read_bytes())
    assert "[" not in run("encode", "photo.png", "b.png", "-f").err
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    shown = run("encode", "photo.png", "b.png", "-f")
    assert "2/2" in shown.err
    assert shown.out.count("\n") == 3
    assert "2 of 2 done, " in shown.out.splitlines()[-1]
    assert "[" not in run("encode", "photo.png", "b.png", "-f", "--quiet").err
    assert "/1" not in run("encode", "photo.png", "-f").err


def test_a_picture_is_coded_at_a_part_of_its_size(run, photo):
    assert run("encode", "photo.png", "--scale", "0.5").code == 0
    assert "120x90" in (said := run("info", "photo.tcs").out)
    assert "coded    60x45" in said
    back = json.loads(run("decode", "photo.tcs", "-o", "back.png", "--json").out)
    assert (back["width"], back["height"]) == (120, 90)
    assert opened(photo.with_name("back.png")).shape == PICTURE.shape


@pytest.mark.parametrize("scale", ["0", "1.1", "half", "nan"])
def test_scales_out_of_range_are_refused(run, photo, scale):
    refused = run("encode", "photo.png", "--scale", scale)
    assert refused.code == 2
    assert "above 0, at most 1" in refused.err


@pytest.mark.parametrize("mark", ["\n", "\r", "\x1b[31m", "\u2028"])
def test_a_name_that_would_end_its_line_is_printed_on_it(run, photo, mark):
    name = f"a{mark}b"
    photo.rename(photo.with_name(f"{name}.png"))
    shown = mark.encode("unicode_escape").decode()
    done = run("encode", f"{name}.png")
    assert done.out.startswith(f"a{shown}b.png -> a{shown}b.tcs  ")
    assert len(done.out.splitlines()) == 1
    assert run("info", f"{name}.tcs").out.startswith(f"a{shown}b.tcs: ")
    assert run("decode", f"{name}.tcs", "-f").out.startswith(f"a{shown}b.tcs -> ")
    assert run("encode", f"{name}.tcs", "-o", "x.tcs").err.startswith(f"a{shown}b.tcs: Image")
    (record,) = map(json.loads, run("info", f"{name}.tcs", "--json").out.splitlines())
    assert record["input"] == f"{name}.tcs"


def test_refining_without_its_package_names_the_extra(run, photo, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx.shape_inference", None)
    ran = run("encode", "photo.png", "--refine", "4")
    assert ran.code == 1
    assert "--refine 4" in ran.err
    assert "[refine]" in ran.err


def test_refining_takes_no_more_steps_than_there_are(run, photo):
    ran = run("encode", "photo.png", "--refine", "1001")
    assert ran.code == 2
    assert "0..1000" in ran.err
